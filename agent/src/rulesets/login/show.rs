//! What is shown of a login: to its browser, and to whoever opens its short URL.

use super::authority::Authority;
use super::now;
use super::session::{Login, load, refused};
use picomesh_login::Fingerprint;
use picomesh_login::page;
use picomesh_login::session::{self, Scanner, State};
use picomesh_pico::{Context, Fault};
use serde_json::{Map, Value, json};

/// Query `session` {sid, cookie}: all that the page shows, for the browser that asked.
pub(super) fn page(
    _: &Authority,
    context: &mut Context,
    args: &Map<String, Value>,
) -> Result<Value, Fault> {
    let (login, cookie) = of_browser(context, args)?;
    let page = page::Login {
        client_name: login.client_name.clone(),
        policy_name: login.policy_name.clone(),
        match_number: login.session.match_number(),
        expires_at: login.session.deadline(),
        status: login.status(now(context)),
    };
    Ok(json!({
        "page": page,
        "now": now(context),
        "form_token": login.session.form_token(cookie),
        "invitation": login.invitation,
    }))
}

/// Query `status` {sid, cookie}: how far it is, for the browser that asked.
pub(super) fn status(
    _: &Authority,
    context: &mut Context,
    args: &Map<String, Value>,
) -> Result<Value, Fault> {
    let (login, _) = of_browser(context, args)?;
    let now = now(context);
    Ok(json!({
        "status": login.status(now),
        "seconds_left": login.session.deadline().saturating_sub(now),
    }))
}

/// Query `invitation` {sid, device}: what the short URL opens. `is_open` says whether this device
/// may still have it.
pub(super) fn invitation(
    _: &Authority,
    context: &mut Context,
    args: &Map<String, Value>,
) -> Result<Value, Fault> {
    let login = load(context, text(args, "sid"))?;
    let device = Scanner::Device(Fingerprint::of(text(args, "device")));
    let is_open = !login.is_late(now(context))
        && match login.session.state() {
            State::AwaitingScan {} => true,
            State::AwaitingPresentation { scanner } => *scanner == device,
            State::AwaitingCheck { .. }
            | State::Verified { .. }
            | State::Completed { .. }
            | State::Refused { .. }
            | State::Expired {} => false,
        };
    Ok(json!({
        "client_name": login.client_name,
        "policy_name": login.policy_name,
        "match_number": login.session.match_number(),
        "is_open": is_open,
        "is_scanned": !matches!(login.session.state(), State::AwaitingScan {}),
        "invitation": login.invitation.filter(|_| is_open),
    }))
}

fn of_browser<'a>(
    context: &Context,
    args: &'a Map<String, Value>,
) -> Result<(Login, &'a str), Fault> {
    let (login, cookie) = (load(context, text(args, "sid"))?, text(args, "cookie"));
    match login.session.is_of_browser(cookie) {
        true => Ok((login, cookie)),
        false => Err(refused(session::Error::WrongBrowser)),
    }
}

fn text<'a>(args: &'a Map<String, Value>, name: &str) -> &'a str {
    args.get(name).and_then(Value::as_str).unwrap_or_default()
}
