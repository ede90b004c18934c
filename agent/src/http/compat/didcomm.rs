//! DIDComm on the paths of pico-engine: envelopes for `dido:didcommv2_message`.
//!
//! The DIDs that pico-engine makes name such a path as their endpoint, and so do those that
//! programs here make: see [`crate::krl::dido`]. An envelope for any other key goes the way of
//! `/didcomm`. Either way it is opened and bound to its sender; nothing that is not encrypted acts.
//!
//! Media types of DIDComm are then answered as on `/didcomm`; `application/json`, which
//! pico-engine sends, in the words of pico-engine.

use super::input::{DIDCOMM_TYPES, Request};
use super::route::Target;
use super::{Doors, answer};
use crate::http::didcomm;
use crate::krl::dido::Taken;
use picomesh_pico::Eci;
use serde_json::{Value, json};
use warp::http::header::CONTENT_TYPE;
use warp::http::{HeaderValue, StatusCode};
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
    let Ok(eci) = Eci::parse(target.eci.trim()) else {
        return receive(doors, request, body).await;
    };
    match doors.agent.dido.take(&eci, body).await {
        Ok(Taken::Directives { eid, directives }) => {
            answer::value(request, &super::directives(&eid, &directives))
        }
        Ok(Taken::Envelope { body, media_type }) => {
            let mut response = Response::new(body.into());
            let media_type = HeaderValue::from_static(media_type);
            response.headers_mut().insert(CONTENT_TYPE, media_type);
            response
        }
        Ok(Taken::NotOurs) => receive(doors, request, body).await,
        Err(text) => answer::error(request, &text),
    }
}

/// Hands an envelope to the connections of its pico, as `/didcomm` does.
async fn receive(doors: &Doors, request: &Request, body: &[u8]) -> Response {
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
