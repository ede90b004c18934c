//! `/p/{sid}`: one address for every wallet, and what a QR code holds.
//!
//! Source: RFC 0434 §URL Shortening: whoever asks for JSON gets the invitation, a program that
//! does not is redirected to the URL that carries it. A browser gets a page that says what to do.
//! The invitation stands in the QR code itself only while the code stays easy to scan.

use super::call::Call;
use super::page;
use super::{Doors, answer};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use minijinja::context;
use serde_json::{Value, json};
use warp::http::StatusCode;
use warp::http::header::ACCEPT;
use warp::reply::Response;

/// Bytes of a QR code that every camera reads from a screen; beyond, it holds the short URL.
const SCAN_BYTES_MAX: usize = 600;

/// The ways to an invitation.
pub(super) struct Invitation {
    /// The URL that carries it.
    pub(super) https: String,
    /// The same for a wallet on this device.
    pub(super) deep: String,
    /// What the QR code holds.
    pub(super) scan: String,
}

impl Invitation {
    /// `None` when there is no invitation any more.
    pub(super) fn of(doors: &Doors, sid: &str, invitation: &Value) -> Option<Self> {
        if !invitation.is_object() {
            return None;
        }
        let carried = URL_SAFE_NO_PAD.encode(invitation.to_string());
        let short = format!("{}/p/{sid}", doors.issuer);
        let https = format!("{short}?oob={carried}");
        let scan = if https.len() <= SCAN_BYTES_MAX { https.clone() } else { short };
        Some(Self { deep: format!("didcomm://?oob={carried}"), https, scan })
    }
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asker {
    Wallet,
    Browser,
    Program,
}

/// `GET /p/{sid}`. The first device that takes the invitation is the only one (bad-input row 95).
pub(super) async fn open(doors: &Doors, call: &Call, sid: &str) -> Response {
    let asker = asker(call.headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()));
    let device = call.address().text();
    let args = json!({ "sid": sid, "device": device });
    let mut found = match doors.ask("invitation", args.clone()).await {
        Ok(found) => found,
        Err(no) if asker == Asker::Browser => return page::no(doors, &no),
        Err(no) => return answer::json(no.status, &json!({ "error": "not_found" })),
    };
    let is_redirected = call.query.split('&').any(|pair| pair.starts_with("oob="));
    if asker == Asker::Browser || (asker == Asker::Program && is_redirected) {
        return how_to(doors, sid, &found);
    }
    if found["is_scanned"] == json!(false) {
        // Lost against another device: then it is not open for us any more.
        if let Err(no) = doors.event("scanned", args).await {
            tracing::debug!(?no, "a scan came too late");
            found["is_open"] = json!(false);
        }
    }
    let open = found["is_open"] == json!(true);
    match (Invitation::of(doors, sid, &found["invitation"]).filter(|_| open), asker) {
        (None, _) => {
            let error = json!({ "error": "gone", "error_description":
                "the invitation is used, over, or was opened by another device" });
            answer::json(StatusCode::GONE, &error)
        }
        (Some(_), Asker::Wallet) => answer::json(StatusCode::OK, &found["invitation"]),
        (Some(invitation), Asker::Browser | Asker::Program) => answer::found(&invitation.https),
    }
}

/// For a person who opened the link in a browser: what it is, and the way into a wallet.
fn how_to(doors: &Doors, sid: &str, found: &Value) -> Response {
    let invitation = Invitation::of(doors, sid, &found["invitation"]);
    let values = context! {
        client_name => found["client_name"].as_str(),
        policy_name => found["policy_name"].as_str(),
        match_number => found["match_number"].as_u64(),
        is_open => found["is_open"] == json!(true),
        deep => invitation.as_ref().map(|invitation| invitation.deep.clone()),
        https => invitation.as_ref().map(|invitation| invitation.https.clone()),
    };
    doors.templates.page(StatusCode::OK, "wallet.html", values)
}

/// By the first media type that says something, in the order of the header.
fn asker(accept: Option<&str>) -> Asker {
    for range in accept.unwrap_or_default().split(',') {
        let essence = range.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "text/html" | "application/xhtml+xml" => return Asker::Browser,
            "application/json" | "application/ssi-agent-wire" => return Asker::Wallet,
            other if other.starts_with("application/didcomm-") => return Asker::Wallet,
            _ => {}
        }
    }
    Asker::Program
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    #[test]
    fn wallets_browsers_and_programs_are_told_apart() {
        let chromium = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        let cases = [
            (Some(chromium), Asker::Browser),
            (Some("application/json"), Asker::Wallet),
            (Some("Application/JSON; charset=utf-8, */*"), Asker::Wallet),
            (Some("application/didcomm-envelope-enc"), Asker::Wallet),
            (Some("application/didcomm-plain+json"), Asker::Wallet),
            (Some("*/*"), Asker::Program),
            (Some(""), Asker::Program),
            (None, Asker::Program),
        ];
        for (accept, expected) in cases {
            assert_eq!(asker(accept), expected, "{accept:?}");
        }
    }
}
