//! What is handed out: tokens for a code, claims for a token; and what a logout takes back.

use super::authority::Authority;
use super::due::{self, Due};
use super::{clients, fingerprint_text, now, own, required};
use picomesh_login::client_auth::Presented;
use picomesh_login::error::Refused;
use picomesh_login::limits::{AUTHORIZE_BYTES_MAX, FORM_BYTES_MAX};
use picomesh_login::page::Fault as PageFault;
use picomesh_login::token::{self, Access, Exchanged};
use picomesh_login::{Fingerprint, Parameters, code, logout};
use picomesh_pico::{Context, Event, Fault};
use serde_json::{Map, Value, json};

/// Why no token is handed out.
enum No {
    /// The client's fault; the access token of a first use may have to go.
    Client(Refused, Option<Fingerprint>),
    /// The turn cannot go on.
    Turn(Fault),
}

impl From<Refused> for No {
    fn from(refused: Refused) -> Self {
        Self::Client(refused, None)
    }
}

impl From<Fault> for No {
    fn from(fault: Fault) -> Self {
        Self::Turn(fault)
    }
}

/// `login:token` {form, authorization?}: directive `token` {status, body, www_authenticate?}.
///
/// A refusal is an answer and no fault: a code that comes twice must take its token away, and
/// that must be committed.
pub(super) fn token(
    authority: &Authority,
    context: &mut Context,
    event: &Event,
) -> Result<(), Fault> {
    own(event)?;
    let answer = match exchange(authority, context, event) {
        Ok(body) => json!({ "status": 200, "body": body }),
        Err(No::Client(refused, revoke)) => {
            if let Some(access) = revoke {
                context.delete(&access_name(&access))?;
            }
            json!({
                "status": refused.status(),
                "body": refused.body(),
                "www_authenticate": refused.www_authenticate(),
            })
        }
        Err(No::Turn(fault)) => return Err(fault),
    };
    context.directive("token", answer);
    Ok(())
}

fn exchange(authority: &Authority, context: &mut Context, event: &Event) -> Result<Value, No> {
    let provider = authority.provider(context)?;
    let form = Parameters::parse(required(event, "form")?.as_bytes(), FORM_BYTES_MAX);
    // No form at all proves nothing: the same words as for an unknown client.
    let form = form.map_err(|_| Refused::unknown_client())?;
    let presented = Presented::parse(event.text("authorization"), &form)?;
    let client = clients::find_client(context, presented.client_id())?;
    let client = client.ok_or_else(Refused::unknown_client)?;
    presented.verify(&client)?;
    let request = token::Request::parse(&form)?;
    let code_name = format!("code/{}", fingerprint_text(&request.code()));
    let record: Option<code::Record> = context.entity(&code_name)?;
    let record = record.ok_or_else(Refused::unknown_code)?;
    let entropy = context.entropy().bytes();
    let exchanged = token::exchange(record, &request, &client, &provider, &entropy, now(context));
    let Exchanged { record, access_token, access, body } =
        exchanged.map_err(|error| No::Client(error.refused(), error.revoke()))?;
    context.put(&code_name, &record)?;
    let (name, logout) = (access_name(&access_token), logout_name(access.sid()));
    context.put(&name, &access)?;
    context.put(&logout, &name)?;
    let due = Due::forget(vec![name, logout]);
    due::put(context, access.expires_at(), &fingerprint_text(&access_token), &due)?;
    Ok(body)
}

fn access_name(token: &Fingerprint) -> String {
    format!("access/{}", fingerprint_text(token))
}

fn logout_name(sid: &str) -> String {
    format!("logout/{sid}")
}

/// Query `access` {token: fingerprint}: what the access token opens; `null` when it is unknown.
pub(super) fn access(
    _: &Authority,
    context: &mut Context,
    args: &Map<String, Value>,
) -> Result<Value, Fault> {
    let token = args.get("token").cloned().unwrap_or_default();
    let token: Fingerprint = serde_json::from_value(token)
        .map_err(|_| Fault::refused("invalid", "token must be a fingerprint"))?;
    let access: Option<Access> = context.entity(&access_name(&token))?;
    serde_json::to_value(access).map_err(|error| Fault::Broken(error.to_string()))
}

/// `login:end_session` {parameters}: directive `logout` {location} or `page` {fault}.
pub(super) fn end_session(
    authority: &Authority,
    context: &mut Context,
    event: &Event,
) -> Result<(), Fault> {
    own(event)?;
    let provider = authority.provider(context)?;
    let raw = required(event, "parameters")?.as_bytes();
    let parameters = Parameters::parse(raw, AUTHORIZE_BYTES_MAX);
    let request = parameters.map_err(|_| PageFault::Malformed);
    let request = request.and_then(|parameters| logout::parse(&parameters, &provider));
    let outcome = match request {
        Ok(request) => {
            let client = match request.client_id() {
                Some(id) => clients::find_client(context, id)?,
                None => None,
            };
            request.decide(client.as_ref())
        }
        Err(fault) => Err(fault),
    };
    match outcome {
        Ok(outcome) => {
            if let Some(sid) = &outcome.revoke_sid {
                revoke(context, sid)?;
            }
            context.directive("logout", json!({ "location": outcome.location }));
        }
        Err(fault) => {
            context.directive("page", json!({ "fault": fault, "text": fault.to_string() }));
        }
    }
    Ok(())
}

/// The hint was signed by us, so its `sid` is one that we made.
fn revoke(context: &mut Context, sid: &str) -> Result<(), Fault> {
    let logout = logout_name(sid);
    if let Some(access) = context.entity::<String>(&logout)? {
        context.delete(&access)?;
        context.delete(&logout)?;
    }
    Ok(())
}
