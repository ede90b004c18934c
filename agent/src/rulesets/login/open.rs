//! A relying party asks: the authorization request becomes a session, or an error.

use super::authority::Authority;
use super::session::{self, Login};
use super::{clients, now, own, proof, required};
use picomesh_login::authorize::{self, Refusal};
use picomesh_login::limits::AUTHORIZE_BYTES_MAX;
use picomesh_login::page::Fault as PageFault;
use picomesh_login::session::{Effect, Opening};
use picomesh_login::{Client, Parameters, Policy, Session};
use picomesh_pico::{Context, Event, Fault};
use serde_json::json;

/// `login:open` {parameters, cookie}: directive `opened` {sid}, `respond` or `page` {fault}.
pub(super) fn open(
    authority: &Authority,
    context: &mut Context,
    event: &Event,
) -> Result<(), Fault> {
    own(event)?;
    let provider = authority.provider(context)?;
    let raw = required(event, "parameters")?.as_bytes();
    let Ok(parameters) = Parameters::parse(raw, AUTHORIZE_BYTES_MAX) else {
        page(context, PageFault::Malformed);
        return Ok(());
    };
    let client = match authorize::client_id(&parameters) {
        Ok(id) => clients::find_client(context, id)?,
        Err(_) => None,
    };
    let policies = policies(context, client.as_ref())?;
    let request = authorize::parse(&parameters, client.as_ref(), &policies, &provider);
    let (request, client) = match (request, client) {
        (Ok(request), Some(client)) => (request, client),
        (Err(Refusal::Respond(response)), _) => {
            session::respond(context, &response);
            return Ok(());
        }
        (Err(Refusal::Page(fault)), _) => {
            page(context, fault);
            return Ok(());
        }
        (Ok(_), None) => return Err(Fault::Broken("a request without a client".into())),
    };
    let policy = policies.into_iter().find(|policy| policy.id == request.policy());
    let policy = policy.ok_or_else(|| Fault::Broken("a request without a policy".into()))?;
    let mut opening = Opening {
        id: context.entropy().bytes(),
        challenge: context.entropy().bytes(),
        cookie: required(event, "cookie")?,
        invitation_id: String::new(),
        thid: context.fresh_uuid(),
    };
    let at = now(context);
    let open = |opening| {
        Session::open(request.clone(), &client, &policy, &provider, opening, at)
            .map_err(session::refused)
    };
    // The invitation gets its id where it is made, and what it asks for is said by the session:
    // so the session is drafted, and then opened with the same random numbers.
    let drafted = open(opening.clone())?;
    let wanted = drafted.effects.iter().find_map(|effect| match effect {
        Effect::RequestProof(wanted) => Some(wanted),
        Effect::Check { .. }
        | Effect::CloseInvitation { .. }
        | Effect::StoreCode { .. }
        | Effect::Respond(_)
        | _ => None,
    });
    let wanted = wanted.ok_or_else(|| Fault::Broken("a session without a request".into()))?;
    let asked = proof::ask(context, wanted, &client, &policy)?;
    opening.invitation_id.clone_from(&asked.invitation_id);
    let opened = open(opening)?.session;
    session::index(context, &opened)?;
    let mut login = Login::new(opened, &client, &policy, asked);
    login.save(context)?;
    context.directive("opened", json!({ "sid": login.session.id() }));
    Ok(())
}

/// The policies that the client may use and that are there.
fn policies(context: &Context, client: Option<&Client>) -> Result<Vec<Policy>, Fault> {
    let ids = client.map(|client| client.policies.as_slice()).unwrap_or_default();
    let found: Result<Vec<Option<Policy>>, Fault> =
        ids.iter().map(|id| clients::find_policy(context, id)).collect();
    Ok(found?.into_iter().flatten().collect())
}

fn page(context: &mut Context, fault: PageFault) {
    context.directive("page", json!({ "fault": fault, "text": fault.to_string() }));
}
