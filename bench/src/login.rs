//! Logins from the authorization request to the ID token, with a pico of ours as wallet.

use crate::Options;
use crate::credentials::{credential, did, hold_without_asking};
use crate::http::{Answer, Http};
use crate::pair::{Pair, text, until};
use crate::report::{Report, Running, load};
use bytes::Bytes;
use hyper::Method;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// Wallets that log in at the same time, and as many clients.
const WALLETS: usize = 16;
/// Where the code goes; nobody listens there.
const REDIRECT_URI: &str = "http://127.0.0.1:9/callback";
/// A PKCE pair (RFC 7636, appendix B).
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

pub(crate) async fn measure(options: &Options, report: &mut Report) {
    let pair = Arc::new(Pair::start(options).await);
    let wallets = Arc::new(prepare(&pair).await);
    let running = Running::start(&[&pair.a, &pair.b]);
    let both = pair.clone();
    let latencies = load(WALLETS, options.seconds, move |n| {
        let (pair, wallets) = (both.clone(), wallets.clone());
        async move { log_in(&pair.a.http, &pair.b.http, &wallets[n % WALLETS]).await }
    })
    .await;
    let what = "login, from authorize to the ID token, a pico of ours as wallet";
    report.rate(what, &running, &[&pair.a, &pair.b], latencies.len(), latencies);
}

/// Process A issues a credential to each wallet of process B and is the provider.
async fn prepare(pair: &Pair) -> Vec<String> {
    let (mut wallets, mut issuers) = (vec![], vec![]);
    for n in 0..WALLETS {
        let link = pair.link("didexchange/1.1").await;
        let (issuer, holder) = (did(&pair.a, &link.a_pico).await, did(&pair.b, &link.b_pico).await);
        hold_without_asking(pair, &link).await;
        let offer = json!({
            "connection": link.a_connection,
            "credential": credential(&issuer, &holder, n),
            "options": { "proofType": "Ed25519Signature2018" },
        });
        let exchanges = format!("/v1/picos/{}/credential-exchanges", link.a_pico);
        let made = pair.a.http.post(&format!("{exchanges}/offer"), &offer).await;
        until(&pair.a, &format!("{exchanges}/{}", text(&made, "id")), "done").await;
        let path = format!("/v1/picos/{}/presentation-settings", link.b_pico);
        let body = json!({ "auto_present": true }).to_string().into();
        let json = [("content-type", "application/json")];
        pair.b.http.call(Method::PUT, &path, &json, body).await;
        issuers.push(issuer);
        wallets.push(link.b_pico);
    }
    pair.a.http.post("/v1/login/policies", &policy(&issuers)).await;
    pair.a.http.post("/v1/login/clients", &client()).await;
    while pair.a.http.call(Method::GET, "/jwks", &[], Bytes::new()).await.status != 200 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    wallets
}

fn policy(issuers: &[String]) -> Value {
    json!({
        "id": "resident",
        "name": "Permanent resident",
        "presentation_definition": {
            "id": "5e1b5fd0-6a0f-4c43-8e4b-1f1f3d4f5a02",
            "input_descriptors": [{
                "id": "resident",
                "schema": [
                    { "uri": "https://www.w3.org/2018/credentials#VerifiableCredential" },
                    { "uri": "https://w3id.org/citizenship#PermanentResident" },
                ],
                "constraints": { "fields": [{ "path": ["$.credentialSubject.givenName"] }] },
            }],
        },
        "trusted_issuers": issuers,
        "claims": { "given_name": { "path": "$.credentialSubject.givenName" } },
        "subject": "holder_did",
    })
}

fn client() -> Value {
    json!({
        "client_id": "bench",
        "client_name": "Bench",
        "redirect_uris": [REDIRECT_URI],
        "policies": ["resident"],
        "token_endpoint_auth_method": "none",
        "id_token_signed_response_alg": "ES256",
    })
}

/// One login: what a browser, a wallet and a web application do.
async fn log_in(op: &Http, wallet: &Http, pico: &str) {
    let authorize = format!(
        "/authorize?response_type=code&client_id=bench&scope=openid%20policy:resident&state=s\
         &nonce=n&code_challenge={CHALLENGE}&code_challenge_method=S256&redirect_uri={}",
        "http%3A%2F%2F127.0.0.1%3A9%2Fcallback"
    );
    let opened = op.call(Method::GET, &authorize, &[], Bytes::new()).await;
    let page = must(&opened, opened.location.clone());
    let cookie = must(&opened, opened.cookie.clone());
    let cookie = [("cookie", cookie.split(';').next().unwrap_or(""))];
    let shown = op.call(Method::GET, &page, &cookie, Bytes::new()).await;
    let html = String::from_utf8_lossy(&shown.body).into_owned();
    let url = attribute(&html, "data-oob");
    wallet.post(&format!("/v1/picos/{pico}/invitations/receive"), &json!({ "url": url })).await;
    loop {
        let status = op.call(Method::GET, &format!("{page}/status"), &cookie, Bytes::new()).await;
        let status: Value = serde_json::from_slice(&status.body).expect("a status");
        match status["state"].as_str() {
            Some("verified") => break,
            Some("refused" | "expired") => panic!("the login failed: {status}"),
            _ => tokio::time::sleep(Duration::from_millis(15)).await,
        }
    }
    let token = attribute(&html, "name=\"token\" value");
    let form = [("content-type", "application/x-www-form-urlencoded"), cookie[0]];
    let path = format!("{page}/continue");
    let done = op.call(Method::POST, &path, &form, format!("token={token}").into()).await;
    let back = must(&done, done.location.clone());
    let code = back.split(['?', '&']).find_map(|part| part.strip_prefix("code="));
    let body = format!(
        "grant_type=authorization_code&client_id=bench&code={}&code_verifier={VERIFIER}\
         &redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcallback",
        code.unwrap_or("")
    );
    let redeemed = op.call(Method::POST, "/token", &form[..1], body.into()).await;
    let tokens: Value = serde_json::from_slice(&redeemed.body).expect("tokens");
    assert!(tokens["id_token"].is_string(), "{tokens}");
}

fn must(answer: &Answer, value: Option<String>) -> String {
    value.unwrap_or_else(|| panic!("{}: {}", answer.status, String::from_utf8_lossy(&answer.body)))
}

fn attribute(html: &str, name: &str) -> String {
    let value = html.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split_once('"'));
    let (value, _) = value.unwrap_or_else(|| panic!("{name} in {html}"));
    value.replace("&#x2f;", "/").replace("&amp;", "&")
}
