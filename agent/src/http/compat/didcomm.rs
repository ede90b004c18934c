//! DIDComm on the paths of pico-engine: envelopes for `dido:didcommv2_message`.
//!
//! The DIDs that pico-engine makes name such a path as their endpoint. What is posted there goes
//! the way of `/didcomm`: opened, bound to its sender, handed to the pico that owns the key. The
//! event itself is never raised from outside, so nothing that is not encrypted acts.
//!
//! Media types of DIDComm are answered as on `/didcomm`; `application/json`, which pico-engine
//! sends, in the words of pico-engine.

use super::input::{DIDCOMM_TYPES, Request};
use super::route::Target;
use super::{Doors, answer};
use crate::http::didcomm;
use serde_json::{Value, json};
use warp::http::StatusCode;
use warp::reply::Response;

/// Whether this is an envelope for a pico.
pub(super) fn is_envelope(request: &Request, target: &Target) -> bool {
    if target.domain.trim() != "dido" || target.name.trim() != "didcommv2_message" {
        return false;
    }
    DIDCOMM_TYPES.contains(&request.media_type().as_str()) || looks_encrypted(request)
}

/// JWE in its JSON form (RFC 7516 §7.2), for both generations of DIDComm.
fn looks_encrypted(request: &Request) -> bool {
    let Ok(body) = &request.body else { return false };
    let Ok(Value::Object(fields)) = serde_json::from_slice(body) else { return false };
    fields.contains_key("ciphertext") && fields.contains_key("protected")
}

/// Takes an envelope in.
pub(super) async fn take(doors: &Doors, request: &Request, target: &Target) -> Response {
    if let Err(text) = doors.known_channel(&target.eci).await {
        return answer::error(request, &text);
    }
    let Ok(body) = &request.body else {
        return answer::error(request, "PayloadTooLargeError: request entity too large");
    };
    let taken = didcomm::take(&doors.agent, body).await;
    if DIDCOMM_TYPES.contains(&request.media_type().as_str()) {
        return taken;
    }
    match taken.status() {
        StatusCode::ACCEPTED => {
            let id = doors.fresh_id();
            answer::value(request, &json!({ "eid": id, "directives": [] }))
        }
        StatusCode::OK => taken,
        _ => answer::error(request, "Error: the message was not taken"),
    }
}
