//! JSON-LD credentials: offered, requested, issued, checked and stored between two processes.

use crate::Options;
use crate::pair::{Link, Pair, text, until};
use crate::report::{Report, Running, load};
use serde_json::{Value, json};
use std::sync::Arc;

/// Issuers with a holder each, and as many clients.
const LINKS: usize = 32;

pub(crate) async fn measure(options: &Options, report: &mut Report) {
    let pair = Arc::new(Pair::start(options).await);
    let mut links = vec![];
    for _ in 0..LINKS {
        let link = pair.link("didexchange/1.1").await;
        let issuer = did(&pair.a, &link.a_pico).await;
        let holder = did(&pair.b, &link.b_pico).await;
        hold_without_asking(&pair, &link).await;
        links.push((link, issuer, holder));
    }
    let links = Arc::new(links);
    let running = Running::start(&[&pair.a, &pair.b]);
    let both = pair.clone();
    let latencies = load(LINKS, options.seconds, move |n| {
        let (pair, links) = (both.clone(), links.clone());
        async move {
            let (link, issuer, holder) = &links[n % LINKS];
            let offer = json!({
                "connection": link.a_connection,
                "credential": credential(issuer, holder, n),
                "options": { "proofType": "Ed25519Signature2018" },
            });
            let exchanges = format!("/v1/picos/{}/credential-exchanges", link.a_pico);
            let made = pair.a.http.post(&format!("{exchanges}/offer"), &offer).await;
            until(&pair.a, &format!("{exchanges}/{}", text(&made, "id")), "done").await;
        }
    })
    .await;
    let what = "credential (Ed25519Signature2018) offered, requested, issued, checked, stored";
    report.rate(what, &running, &[&pair.a, &pair.b], latencies.len(), latencies);
}

/// A DID of the pico that issues or holds.
pub(crate) async fn did(process: &crate::process::Process, pico: &str) -> String {
    let made = process.http.post(&format!("/v1/picos/{pico}/dids"), &json!({})).await;
    text(&made, "did")
}

/// The holder accepts what its issuer offers.
pub(crate) async fn hold_without_asking(pair: &Pair, link: &Link) {
    let path = format!("/v1/picos/{}/credential-settings", link.b_pico);
    let settings = json!({ "auto_accept_offers": true, "auto_store": true });
    let body = settings.to_string().into();
    let json = [("content-type", "application/json")];
    let answer = pair.b.http.call(hyper::Method::PUT, &path, &json, body).await;
    assert!(answer.status < 300, "{path}: {}", answer.status);
}

/// A credential of the size that is usual.
pub(crate) fn credential(issuer: &str, holder: &str, n: usize) -> Value {
    json!({
        "@context": [
            "https://www.w3.org/2018/credentials/v1",
            "https://w3id.org/citizenship/v1",
        ],
        "id": format!("urn:uuid:00000000-0000-4000-8000-{n:012x}"),
        "type": ["VerifiableCredential", "PermanentResident"],
        "issuer": issuer,
        "issuanceDate": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "id": holder,
            "type": ["PermanentResident"],
            "givenName": "Alice",
            "familyName": "Example",
            "birthCountry": "Bahamas",
            "birthDate": "1958-07-17",
        },
    })
}
