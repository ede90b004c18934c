//! `/authorize` and `/end_session`: a relying party sends the browser here.

use super::call::{Call, No};
use super::{Doors, answer, page};
use crate::engine::Answer;
use minijinja::context;
use serde_json::{Value, json};
use warp::http::StatusCode;
use warp::reply::Response;

/// `GET|POST /authorize`: opens a session and sends the browser to its page.
///
/// Source: OIDC Core §3.1.2. An error goes to the redirect URI if that one is trusted; if not,
/// it is a page with status 400. Errors: 429 too many logins, 503 not ready.
pub(super) async fn authorize(doors: &Doors, call: &Call) -> Response {
    if let Err(seconds) = doors.limits.login(&call.address(), doors.now()) {
        let text = "Too many logins were begun from your network. Wait a moment and try again.";
        let response = page::message(doors, StatusCode::TOO_MANY_REQUESTS, "Too many logins", text);
        return answer::retry_after(response, seconds);
    }
    let cookie = doors.cookie.read_or_make(&call.headers);
    // A body that is no form says as much as a query that cannot be read.
    let parameters = call.parameters().unwrap_or("%");
    let attrs = json!({ "parameters": parameters, "cookie": cookie });
    let answer = match doors.event("open", attrs).await {
        Ok(answer) => answer,
        Err(no) => return page::no(doors, &no),
    };
    if let Some(sid) = answer.directive("opened").and_then(|opened| opened["sid"].as_str()) {
        let mut response = answer::see_other(&format!("{}/login/{sid}", doors.issuer));
        doors.cookie.give(&mut response, &cookie);
        return response;
    }
    respond_or_fault(doors, &answer)
}

/// `GET|POST /end_session`: revokes the access token of a login and sends the browser back.
///
/// Source: RP-Initiated Logout 1.0 §2.
pub(super) async fn end_session(doors: &Doors, call: &Call) -> Response {
    let parameters = call.parameters().unwrap_or("%");
    let answer = match doors.event("end_session", json!({ "parameters": parameters })).await {
        Ok(answer) => answer,
        Err(no) => return page::no(doors, &no),
    };
    match answer.directive("logout").map(|logout| &logout["location"]) {
        Some(Value::String(location)) => answer::see_other(location),
        Some(_) => doors.templates.page(StatusCode::OK, "goodbye.html", context! {}),
        None => respond_or_fault(doors, &answer),
    }
}

/// An answer for the relying party, through the browser; or a page that says why there is none.
pub(super) fn respond_or_fault(doors: &Doors, answer: &Answer) -> Response {
    if let Some(respond) = answer.directive("respond") {
        return match respond["location"].as_str() {
            Some(location) => answer::see_other(location),
            None => {
                let form = &respond["form"];
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                let fields = form["fields"].as_array().into_iter().flatten();
                let fields: Vec<Vec<String>> =
                    fields.map(|field| vec![text(&field[0]), text(&field[1])]).collect();
                let values = context! { action => text(&form["action"]), fields };
                doors.templates.page(StatusCode::OK, "form.html", values)
            }
        };
    }
    match answer.directive("page").and_then(|page| page["text"].as_str()) {
        Some(text) => {
            let text = format!(
                "You came here by a link that is not right: {text}. Go back to the application \
                 and try again; if that does not help, tell those who run it."
            );
            page::message(doors, StatusCode::BAD_REQUEST, "This login cannot begin", &text)
        }
        None => page::no(doors, &No { status: StatusCode::INTERNAL_SERVER_ERROR }),
    }
}
