//! `/login/{sid}`: the page with the QR code, and the two ways to leave it.

use super::call::{Call, No};
use super::wallet::Invitation;
use super::{Doors, authorize, qr};
use minijinja::context;
use picomesh_login::Parameters;
use picomesh_login::limits::FORM_BYTES_MAX;
use serde_json::{Value, json};
use warp::http::StatusCode;
use warp::reply::Response;

impl Doors {
    /// Unix seconds, by the clock of the picos.
    pub(super) fn now(&self) -> u64 {
        u64::try_from(self.agent.engine.clock().now() / 1000).unwrap_or(0)
    }
}

/// `GET /login/{sid}`, for the browser that asked; 403 for every other.
pub(super) async fn page(doors: &Doors, call: &Call, sid: &str) -> Response {
    let cookie = doors.cookie.read(&call.headers);
    let found = match doors.ask("session", json!({ "sid": sid, "cookie": cookie })).await {
        Ok(found) => found,
        Err(no) => return self::no(doors, &no),
    };
    let (page, state) = (&found["page"], text(&found["page"]["status"]["state"]));
    let invitation = Invitation::of(doors, sid, &found["invitation"]);
    let code = invitation.as_ref().and_then(|invitation| qr::svg(&invitation.scan));
    let left = page["expires_at"].as_u64().unwrap_or(0);
    let left = left.saturating_sub(found["now"].as_u64().unwrap_or(0));
    let values = context! {
        sid,
        state,
        words => words(&page["status"]),
        client_name => text(&page["client_name"]),
        policy_name => text(&page["policy_name"]),
        match_number => page["match_number"].as_u64(),
        seconds_left => left,
        is_over => page["status"]["is_over"] == json!(true),
        has_failed => state == "refused" || state == "expired",
        form_token => text(&found["form_token"]),
        qr => code.map(minijinja::Value::from_safe_string),
        scan => invitation.as_ref().map(|invitation| invitation.scan.clone()),
        https => invitation.as_ref().map(|invitation| invitation.https.clone()),
        deep => invitation.as_ref().map(|invitation| invitation.deep.clone()),
    };
    doors.templates.page(StatusCode::OK, "login.html", values)
}

/// `POST /login/{sid}/continue` and `…/cancel`: sends the browser that asked back, once.
///
/// The form carries a token, so that no other site can post it in the user's name (bad-input
/// row 83); without it, or from another browser, 403.
pub(super) async fn leave(doors: &Doors, call: &Call, sid: &str, event: &str) -> Response {
    let form = call.form().and_then(|form| Parameters::parse(form.as_bytes(), FORM_BYTES_MAX).ok());
    let token = form.as_ref().and_then(|form| form.one("token").ok().flatten());
    let cookie = doors.cookie.read(&call.headers);
    let attrs = json!({ "sid": sid, "cookie": cookie, "token": token.unwrap_or_default() });
    match doors.event(event, attrs).await {
        Ok(answer) => authorize::respond_or_fault(doors, &answer),
        Err(no) => self::no(doors, &no),
    }
}

/// How far it is, for people.
pub(super) fn words(status: &Value) -> String {
    let reason = text(&status["reason"]);
    match text(&status["state"]) {
        "awaiting_scan" => "Waiting for your wallet.".into(),
        "awaiting_presentation" => "Your wallet has opened the request. Go on there.".into(),
        "awaiting_check" => "Your wallet has answered. Checking the proof.".into(),
        "verified" => "The proof is good. You are being sent back.".into(),
        "completed" => "You are logged in. You may close this page.".into(),
        _ if reason.is_empty() => "This login has ended.".into(),
        _ => format!("This login has ended: {reason}."),
    }
}

/// A page with a message.
pub(super) fn message(doors: &Doors, status: StatusCode, title: &str, text: &str) -> Response {
    doors.templates.page(status, "message.html", context! { title, text })
}

/// The page for what the ruleset did not do.
pub(super) fn no(doors: &Doors, no: &No) -> Response {
    let (title, text) = match no.status {
        StatusCode::FORBIDDEN => (
            "Not in this browser",
            "This login was begun in another browser, or its cookie is gone. Go back to the \
             application and begin again.",
        ),
        StatusCode::NOT_FOUND => (
            "No such login",
            "This login does not exist, or it ended some time ago. Go back to the application \
             and begin again.",
        ),
        StatusCode::CONFLICT => (
            "Not now",
            "This login cannot go on this way: it is finished already, or the proof is still \
             to come.",
        ),
        StatusCode::GONE => ("Too late", "The time for this login is over. Begin again."),
        StatusCode::SERVICE_UNAVAILABLE => {
            ("Not now", "Logins cannot be served at the moment. Try again in a few seconds.")
        }
        _ => ("Something went wrong", "This did not work. Go back and try again."),
    };
    message(doors, no.status, title, text)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
