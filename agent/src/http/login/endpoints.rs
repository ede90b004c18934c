//! What programs call: discovery, JWK set, token, userinfo.
//!
//! These, and no others, may be called by pages of any origin (CORS): they know no cookie.

use super::Doors;
use super::answer::{self, cors};
use super::call::{Call, No};
use picomesh_login::client_auth::Presented;
use picomesh_login::error::Refused;
use picomesh_login::limits::FORM_BYTES_MAX;
use picomesh_login::token::Access;
use picomesh_login::{Parameters, userinfo};
use serde_json::{Value, json};
use warp::http::{Method, StatusCode};
use warp::reply::Response;

/// `GET /.well-known/openid-configuration`, OIDC Discovery §4. 503 until there are keys.
pub(super) async fn discovery(doors: &Doors) -> Response {
    about(doors, "discovery").await
}

/// `GET /jwks`, RFC 7517 §5.
pub(super) async fn jwks(doors: &Doors) -> Response {
    about(doors, "jwks").await
}

async fn about(doors: &Doors, query: &str) -> Response {
    cors(match doors.ask(query, json!({})).await {
        Ok(document) => answer::public_json(&document),
        Err(no) => failed(&no),
    })
}

/// A fault of ours, in the words of OAuth.
fn failed(no: &No) -> Response {
    let error = match no.status {
        StatusCode::SERVICE_UNAVAILABLE => "temporarily_unavailable",
        _ => "server_error",
    };
    answer::json(no.status, &json!({ "error": error }))
}

/// `POST /token`, OIDC Core §3.1.3. Nothing may stand in the query: it ends up in logs.
pub(super) async fn token(doors: &Doors, call: &Call) -> Response {
    let (now, address) = (doors.now(), call.address());
    let form = match (call.query.is_empty(), call.form()) {
        (false, _) => return cors(refused(&Refused::unknown_client())),
        (true, None) => return cors(not_a_form()),
        (true, Some(form)) => form,
    };
    let client = Parameters::parse(form.as_bytes(), FORM_BYTES_MAX)
        .ok()
        .and_then(|form| Presented::parse(call.authorization(), &form).ok());
    let client = client.as_ref().map(Presented::client_id).unwrap_or_default();
    if let Err(seconds) = doors.limits.may_try(client, &address, now) {
        let body = json!({ "error": "temporarily_unavailable",
            "error_description": "too many failed authentications" });
        let response = answer::json(StatusCode::TOO_MANY_REQUESTS, &body);
        return cors(answer::retry_after(response, seconds));
    }
    let attrs = json!({ "form": form, "authorization": call.authorization() });
    let told = match doors.event("token", attrs).await {
        Ok(told) => told,
        Err(no) => return cors(failed(&no)),
    };
    let token = told.directive("token").unwrap_or(&Value::Null);
    let status = token["status"].as_u64().and_then(|status| u16::try_from(status).ok());
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if status == StatusCode::UNAUTHORIZED {
        doors.limits.failed(client, &address, now);
    }
    let response = answer::json(status, &token["body"]);
    cors(match token["www_authenticate"].as_str() {
        Some(challenge) => answer::challenge(response, challenge),
        None => response,
    })
}

fn refused(refused: &Refused) -> Response {
    let status = StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let response = answer::json(status, &refused.body());
    match refused.www_authenticate() {
        Some(challenge) => answer::challenge(response, challenge),
        None => response,
    }
}

fn not_a_form() -> Response {
    let body = json!({ "error": "invalid_request",
        "error_description": "the body must be application/x-www-form-urlencoded" });
    answer::json(StatusCode::BAD_REQUEST, &body)
}

/// `GET|POST /userinfo`, OIDC Core §5.3.
pub(super) async fn userinfo(doors: &Doors, call: &Call) -> Response {
    cors(match claims(doors, call).await {
        Ok(claims) => answer::json(StatusCode::OK, &claims),
        Err(NoClaims::Refused(error)) => {
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::UNAUTHORIZED);
            let body = match &error {
                userinfo::Error::Absent => json!({}),
                userinfo::Error::Refused(refused) => refused.body(),
            };
            answer::challenge(answer::json(status, &body), &error.www_authenticate())
        }
        Err(NoClaims::Fault(no)) => failed(&no),
    })
}

enum NoClaims {
    Refused(userinfo::Error),
    Fault(No),
}

async fn claims(doors: &Doors, call: &Call) -> Result<Value, NoClaims> {
    let form = match call.form().filter(|_| call.method == Method::POST) {
        Some(form) => Parameters::parse(form.as_bytes(), FORM_BYTES_MAX).ok(),
        None => None,
    };
    let token = userinfo::bearer(call.authorization(), form.as_ref());
    let token = token.map_err(NoClaims::Refused)?;
    let access = doors.ask("access", json!({ "token": token })).await.map_err(NoClaims::Fault)?;
    let broken = |_| NoClaims::Fault(No { status: StatusCode::INTERNAL_SERVER_ERROR });
    let access: Option<Access> = serde_json::from_value(access).map_err(broken)?;
    userinfo::claims(access.as_ref(), doors.now()).map_err(NoClaims::Refused)
}
