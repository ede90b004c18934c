//! One pico issues another a credential (RFC 0453 with RFC 0593, Ed25519Signature2020).
//!
//! ```text
//! cargo run -p picomesh-examples --bin issue
//! ```
//!
//! Everything is a command to a pico or a query of a ruleset; the admin API does the same over
//! HTTP (`docs/guides/issue-a-credential.md`).

use crate::place::{Place, Problem, text};
use picomesh_pico::PicoId;
use serde_json::{Value, json};
use std::path::Path;

const EXCHANGES: &str = "picomesh.issue-credential";
const HELD: &str = "picomesh.credentials";

/// A university issues Alice her degree; returns the credential as she holds it.
///
/// # Errors
/// When a step does not come true.
pub async fn run(data: &Path) -> Result<Value, Problem> {
    let place = Place::open(data, |registry| registry).await?;
    let (university, _) = place.pico("University").await?;
    let (alice, _) = place.pico("Alice").await?;
    let (to_alice, _) = place.connect(&university, &alice).await?;
    let (issuer, holder) = (did(&place, &university).await?, did(&place, &alice).await?);

    let offer = json!({
        "connection": to_alice,
        "credential": degree(&issuer, &holder),
        "options": { "proofType": "Ed25519Signature2020" },
        "comment": "Your degree",
    });
    let begun =
        place.command(&university, "issue_credential:send_offer", offer, "exchange").await?;

    // Alice sees what she is offered before she agrees.
    let offered = |all: &Value| all["exchanges"][0]["state"] == "offer-received";
    let seen = place.until(&alice, (EXCHANGES, "exchanges", json!({})), offered).await?;
    let accept = json!({ "id": text(&seen["exchanges"][0], "id")? });
    place.command(&alice, "issue_credential:accept_offer", accept, "exchange").await?;

    let asked = (EXCHANGES, "exchange", json!({ "id": begun["id"] }));
    place.until(&university, asked, |exchange| exchange["state"] == "done").await?;
    let is_there = |held: &Value| held["credentials"][0].is_object();
    let held = place.until(&alice, (HELD, "credentials", json!({})), is_there).await?;
    place.close().await;
    Ok(held["credentials"][0]["credential"].clone())
}

async fn did(place: &Place, pico: &PicoId) -> Result<String, Problem> {
    text(&place.command(pico, "credentials:create_did", json!({}), "did").await?, "did")
}

fn degree(issuer: &str, holder: &str) -> Value {
    json!({
        "@context": [
            "https://www.w3.org/2018/credentials/v1",
            "https://www.w3.org/2018/credentials/examples/v1",
        ],
        "type": ["VerifiableCredential", "UniversityDegreeCredential"],
        "issuer": issuer,
        "issuanceDate": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "id": holder,
            "degree": { "type": "BachelorDegree", "name": "Bachelor of Arts" },
        },
    })
}
