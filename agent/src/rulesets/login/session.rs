//! A login under way: loading, moving and showing it.

use super::authority::Authority;
use super::due::{self, Due};
use super::{fingerprint_text, now, own, proof, required, state_note};
use picomesh_login::authorize::Response;
use picomesh_login::page::{FormPost, Status};
use picomesh_login::policy::Reason;
use picomesh_login::session::{self, Effect, Input, Scanner, State, Step};
use picomesh_login::{Client, Fingerprint, Policy, Provider, Session, limits};
use picomesh_pico::{Context, Event, Fault};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// How long a session that is over still says so to its page.
const OVER_SECONDS: u64 = 300;
/// Characters of a session's id.
const ID_CHARS: usize = 43;

/// A session with what belongs to it, as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Login {
    pub(super) session: Session,
    pub(super) client_name: String,
    pub(super) policy_name: String,
    /// The exchange of present-proof that asks for the proof, until it is forgotten.
    exchange: Option<String>,
    /// For the wallet; gone once the session is over.
    pub(super) invitation: Option<Value>,
    /// Where its row among the due ones stands.
    due_at: u64,
}

impl Login {
    pub(super) fn new(
        session: Session,
        client: &Client,
        policy: &Policy,
        asked: proof::Asked,
    ) -> Self {
        Self {
            session,
            client_name: client.name.clone(),
            policy_name: policy.name.clone(),
            exchange: Some(asked.exchange),
            invitation: Some(asked.invitation),
            due_at: 0,
        }
    }

    /// Stores it, with the time at which it ends or is forgotten, and tells its page.
    pub(super) fn save(&mut self, context: &mut Context) -> Result<(), Fault> {
        let sid = self.session.id().to_owned();
        let is_over = self.session.state().is_over();
        if is_over {
            self.invitation = None;
        }
        let (due_at, due) = match is_over {
            true => {
                let due = Due::Forget {
                    names: vec![session_name(&sid), thread_name(self.session.thid())],
                    exchange: self.exchange.clone(),
                    invitation: Some(self.session.invitation_id().to_owned()),
                };
                (now(context).saturating_add(OVER_SECONDS), due)
            }
            false => (self.session.deadline(), Due::End { session: sid.clone() }),
        };
        if self.due_at != due_at {
            if self.due_at != 0 {
                due::delete(context, self.due_at, &sid)?;
            }
            due::put(context, due_at, &sid, &due)?;
            self.due_at = due_at;
        }
        context.put(&session_name(&sid), self)?;
        context.directive(&state_note(&sid), json!({}));
        Ok(())
    }

    /// Takes a step and stores what comes out; the answer for the browser, if there is one.
    pub(super) fn step(
        &mut self,
        context: &mut Context,
        provider: &Provider,
        input: Input,
    ) -> Result<Option<Response>, Fault> {
        let step = self.session.clone().step(input, provider, now(context)).map_err(refused)?;
        self.take(context, step)
    }

    fn take(&mut self, context: &mut Context, step: Step) -> Result<Option<Response>, Fault> {
        self.session = step.session;
        let mut response = None;
        for effect in step.effects {
            match effect {
                Effect::CloseInvitation { .. } => self.close(context)?,
                Effect::StoreCode { code, record } => {
                    let name = format!("code/{}", fingerprint_text(&code));
                    context.put(&name, &record)?;
                    // Longer than it is good for: a late replay still revokes.
                    let at = record.expires_at().saturating_add(limits::ACCESS_TOKEN_SECONDS);
                    due::put(context, at, &fingerprint_text(&code), &Due::forget(vec![name]))?;
                }
                Effect::Respond(answer) => response = Some(answer),
                // Asked for when it was opened; present-proof checks what comes.
                Effect::RequestProof(_) | Effect::Check { .. } => {}
                other => return Err(Fault::Broken(format!("an effect nobody takes: {other:?}"))),
            }
        }
        self.save(context)?;
        Ok(response)
    }

    /// Nobody may answer any more. An exchange that was answered stays until its last message is
    /// likely to have gone out, and the key of the invitation with it.
    fn close(&mut self, context: &mut Context) -> Result<(), Fault> {
        let is_unanswered = match self.session.state().reason() {
            Some(reason) => matches!(reason, Reason::Cancelled | Reason::TimedOut),
            None => false,
        };
        match self.exchange.take_if(|_| is_unanswered) {
            Some(exchange) => proof::forget_exchange(context, &exchange),
            None => Ok(()),
        }
    }

    /// Ends it if its time is over, before anything else happens to it.
    pub(super) fn end_if_late(
        &mut self,
        context: &mut Context,
        provider: &Provider,
    ) -> Result<(), Fault> {
        if self.is_late(now(context)) {
            self.step(context, provider, Input::TimedOut)?;
        }
        Ok(())
    }

    pub(super) fn is_late(&self, now: u64) -> bool {
        !self.session.state().is_over() && now >= self.session.deadline()
    }

    /// The state as the page may know it, also between the deadline and the sweep.
    pub(super) fn status(&self, now: u64) -> Status {
        match self.is_late(now) {
            true => Status {
                state: State::Expired {}.name(),
                is_over: true,
                reason: State::Expired {}.reason().map(ToString::to_string),
            },
            false => Status::of(&self.session),
        }
    }
}

fn session_name(sid: &str) -> String {
    format!("session/{sid}")
}

fn thread_name(thid: &str) -> String {
    format!("thread/{}", fingerprint_text(&Fingerprint::of(thid)))
}

/// A login by the id in a URL.
pub(super) fn load(context: &Context, sid: &str) -> Result<Login, Fault> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let missing = || Fault::not_found("login");
    if sid.len() != ID_CHARS || !sid.bytes().all(is_plain) {
        return Err(missing());
    }
    context.entity(&session_name(sid))?.ok_or_else(missing)
}

/// Makes a login findable by the thread of its proof.
pub(super) fn index(context: &mut Context, session: &Session) -> Result<(), Fault> {
    context.put(&thread_name(session.thid()), session.id())
}

/// The login of a thread, if it is one of ours.
pub(super) fn by_thread(context: &Context, thid: &str) -> Result<Option<Login>, Fault> {
    match context.entity::<String>(&thread_name(thid))? {
        Some(sid) => context.entity(&session_name(&sid)),
        None => Ok(None),
    }
}

/// Why a step was refused, for the door.
pub(super) fn refused(error: session::Error) -> Fault {
    let code = match &error {
        session::Error::WrongBrowser => "forbidden",
        session::Error::Expired => "gone",
        session::Error::Misuse(what) => return Fault::Broken((*what).to_owned()),
        session::Error::WrongThread
        | session::Error::OtherWallet
        | session::Error::Unexpected { .. }
        | _ => "conflict",
    };
    Fault::refused(code, error.to_string())
}

/// Directive `respond`: where the browser goes, or which form it posts.
pub(super) fn respond(context: &mut Context, response: &Response) {
    let answer = match FormPost::of(response) {
        Some(form) => json!({ "form": form }),
        None => json!({ "location": response.location() }),
    };
    context.directive("respond", answer);
}

/// `login:scanned` {sid, device}: somebody opened the invitation by its short URL.
pub(super) fn scanned(
    authority: &Authority,
    context: &mut Context,
    event: &Event,
) -> Result<(), Fault> {
    own(event)?;
    let provider = authority.provider(context)?;
    let mut login = load(context, required(event, "sid")?)?;
    login.end_if_late(context, &provider)?;
    let device = Fingerprint::of(required(event, "device")?);
    login.step(context, &provider, Input::Scanned(Scanner::Device(device)))?;
    Ok(())
}

/// `login:continue` {sid, cookie, token}: the browser moves on, to success or to failure.
pub(super) fn go_on(
    authority: &Authority,
    context: &mut Context,
    event: &Event,
) -> Result<(), Fault> {
    let (provider, mut login) = from_page(authority, context, event)?;
    let cookie = required(event, "cookie")?.to_owned();
    let response = match login.session.state().reason() {
        Some(_) => Some(login.session.failure(&cookie, &provider).map_err(refused)?),
        None => {
            let entropy = context.entropy().bytes();
            login.step(context, &provider, Input::Continued { cookie, entropy })?
        }
    };
    if let Some(response) = response {
        respond(context, &response);
    }
    Ok(())
}

/// `login:cancel` {sid, cookie, token}: the user gives up.
pub(super) fn cancel(
    authority: &Authority,
    context: &mut Context,
    event: &Event,
) -> Result<(), Fault> {
    let (provider, mut login) = from_page(authority, context, event)?;
    let cookie = required(event, "cookie")?.to_owned();
    let response = match login.session.state().reason() {
        Some(_) => Some(login.session.failure(&cookie, &provider).map_err(refused)?),
        None => login.step(context, &provider, Input::Cancelled { cookie })?,
    };
    if let Some(response) = response {
        respond(context, &response);
    }
    Ok(())
}

/// The login of a form, after cookie and form token were found to be its own.
fn from_page(
    authority: &Authority,
    context: &mut Context,
    event: &Event,
) -> Result<(std::sync::Arc<Provider>, Login), Fault> {
    own(event)?;
    let provider = authority.provider(context)?;
    let mut login = load(context, required(event, "sid")?)?;
    let (cookie, token) = (required(event, "cookie")?, required(event, "token")?);
    if !login.session.is_form_token(cookie, token) {
        return Err(refused(session::Error::WrongBrowser));
    }
    login.end_if_late(context, &provider)?;
    Ok((provider, login))
}

/// The time of a session is over.
pub(super) fn end(authority: &Authority, context: &mut Context, sid: &str) -> Result<(), Fault> {
    let provider = authority.provider(context)?;
    let Some(mut login) = context.entity::<Login>(&session_name(sid))? else {
        return Ok(());
    };
    // The row that brought us here is gone.
    login.due_at = 0;
    match login.is_late(now(context)) {
        true => login.step(context, &provider, Input::TimedOut).map(drop),
        false => login.save(context),
    }
}
