//! `POST /didcomm`: the door for envelopes.

use super::body_limited;
use crate::assemble::Agent;
use crate::engine::EngineError;
use crate::receive::ReceiveError;
use bytes::Bytes;
use picomesh_didcomm::Error;
use serde_json::json;
use warp::http::StatusCode;
use warp::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use warp::reply::Response;
use warp::{Filter, Rejection, Reply};

/// Media types of envelopes: RFC 0044, and DIDComm v2 §Media Types. Parameters are ignored.
const MEDIA_TYPES: [&str; 4] = [
    "application/didcomm-encrypted+json",
    "application/didcomm-envelope-enc",
    "application/ssi-agent-wire",
    "application/json",
];

/// `POST /didcomm`: takes one envelope; 202 means that its effects are on disk.
///
/// Source: DIDComm v2 §Transports, RFC 0025. Errors: 400 not an envelope for us, 413 too
/// large, 415 another media type, 503 try again.
pub fn didcomm(
    agent: Agent,
    bytes_max: usize,
) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone {
    warp::path!("didcomm")
        .and(warp::post())
        .and(warp::header::optional::<String>("content-type"))
        .and(body_limited(bytes_max))
        .then(move |media_type: Option<String>, envelope: Bytes| {
            let agent = agent.clone();
            async move {
                if !is_envelope(media_type.as_deref()) {
                    return refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type");
                }
                take(&agent, &envelope).await
            }
        })
}

/// Takes an envelope that came by whatever path, and answers as this door does.
pub(super) async fn take(agent: &Agent, envelope: &[u8]) -> Response {
    match agent.receiver.receive(envelope).await {
        Ok(None) => StatusCode::ACCEPTED.into_response(),
        Ok(Some(answer)) => {
            let media_type = HeaderValue::from_static(answer.media_type);
            let mut response = Response::new(answer.envelope.into());
            response.headers_mut().insert(CONTENT_TYPE, media_type);
            response
        }
        Err(error) => refused(&error),
    }
}

fn is_envelope(media_type: Option<&str>) -> bool {
    let essence = media_type.unwrap_or("").split(';').next().unwrap_or("").trim();
    MEDIA_TYPES.iter().any(|known| known.eq_ignore_ascii_case(essence))
}

/// One text for everything that could tell a stranger about our keys.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named must not be told apart from outside"
)]
fn refused(error: &ReceiveError) -> Response {
    match error {
        ReceiveError::Envelope(inner) => {
            tracing::info!(reason = %inner, "an envelope was refused");
            match inner {
                Error::Empty => refuse(StatusCode::BAD_REQUEST, "empty"),
                Error::TooLarge { .. } => refuse(StatusCode::PAYLOAD_TOO_LARGE, "too-large"),
                Error::Json(_) | Error::Malformed { .. } | Error::Envelope(_) => {
                    refuse(StatusCode::BAD_REQUEST, "malformed")
                }
                Error::TooDeep => refuse(StatusCode::BAD_REQUEST, "too-deep"),
                Error::DuplicateKey => refuse(StatusCode::BAD_REQUEST, "duplicate-key"),
                Error::Unsupported(_) => refuse(StatusCode::BAD_REQUEST, "unsupported"),
                Error::TooManyRecipients | Error::TooManyLayers => {
                    refuse(StatusCode::BAD_REQUEST, "too-many")
                }
                _ => refuse(StatusCode::BAD_REQUEST, "undecryptable"),
            }
        }
        ReceiveError::Refused(reason) => {
            tracing::info!(%reason, "a message was refused");
            refuse(StatusCode::BAD_REQUEST, "undecryptable")
        }
        ReceiveError::Engine(EngineError::NoPico(_) | EngineError::NoChannel(_)) => {
            refuse(StatusCode::BAD_REQUEST, "undecryptable")
        }
        ReceiveError::Engine(error) => {
            tracing::warn!(%error, "a message was not taken");
            let mut response = refuse(StatusCode::SERVICE_UNAVAILABLE, "unavailable");
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
            response
        }
    }
}

fn refuse(status: StatusCode, error: &'static str) -> Response {
    let mut response = Response::new(json!({ "error": error }).to_string().into());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
