//! A person logs in to a web application with a credential: unmodified OpenID libraries, a real
//! browser that paints the QR code, and ACA-Py as the wallet that scans it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends with the reason")]

use picomesh_interop::residence::{self, SIGNATURE};
use picomesh_interop::{Acapy, Browser, Library, Pico, Picomesh, RelyingParty, invitation_of};
use serde_json::{Value, json};

const SECRET: &str = "an-interop-secret-of-more-than-32-characters";
const BASIC_RS256: (&str, &str) = ("client_secret_basic", "RS256");
const PAGE_SECONDS_MAX: u64 = 20;
const LOGIN_SECONDS_MAX: u64 = 30;

/// ACA-Py with a credential that a pico of ours issued; and the issuer's DID.
async fn wallet_with_credential(picomesh: &Picomesh) -> (Acapy, String) {
    let pico = Pico::create(picomesh, "issuer").await.unwrap();
    let wallet = Acapy::start("wallet").await.unwrap();
    let invitation = pico.invite("didexchange/1.1").await.unwrap();
    wallet.receive_invitation(&invitation).await.unwrap();
    let connection = pico.connected(&invitation).await.unwrap();
    let issuer = pico.create_did_key().await.unwrap();
    let holder = wallet.create_did_key().await.unwrap();
    let credential = residence::credential(&issuer, &holder);
    let exchange = pico.offer_credential(&connection, &credential, SIGNATURE).await.unwrap();
    pico.credential_done(&exchange).await.unwrap();
    (wallet, issuer)
}

async fn register_policy(picomesh: &Picomesh, issuer: &str) {
    let policy = json!({
        "id": "resident",
        "name": "Permanent resident",
        "presentation_definition": residence::presentation_definition(),
        "trusted_issuers": [issuer],
        "claims": { "given_name": "$.credentialSubject.givenName" },
        "subject": "holder_did",
        // ACA-Py signs no domain.
        "binds_domain": false,
    });
    picomesh.api.post("/v1/login/policies", &policy).await.unwrap();
}

/// With how the application authenticates, and what its ID tokens are signed with.
async fn register_client(
    picomesh: &Picomesh,
    id: &str,
    redirect_uri: &str,
    (method, algorithm): (&str, &str),
) {
    let client = json!({
        "client_id": id,
        "client_name": format!("Web application {id}"),
        "client_secret": SECRET,
        "redirect_uris": [redirect_uri],
        "sector_identifier": id,
        "token_endpoint_auth_method": method,
        "id_token_signed_response_alg": algorithm,
        "policies": ["resident"],
    });
    picomesh.api.post("/v1/login/clients", &client).await.unwrap();
}

/// One login in a browser of its own; what the application knows afterwards.
async fn log_in(application: &RelyingParty, wallet: &Acapy) -> Value {
    let browser = Browser::start().await.unwrap();
    browser.open(&application.login_url()).await.unwrap();
    let scanned = browser.qr_code(PAGE_SECONDS_MAX).await.unwrap();
    let invitation = invitation_of(&scanned).await.unwrap();
    wallet.receive_invitation(&invitation).await.unwrap();
    browser.text_of("#logged-in", LOGIN_SECONDS_MAX).await.unwrap();
    browser.open(&application.home_url()).await.unwrap();
    let page = browser.text_of("body", PAGE_SECONDS_MAX).await.unwrap();
    serde_json::from_str(&page).unwrap_or_else(|error| panic!("{error} in {page}"))
}

#[tokio::test]
async fn acapy_logs_its_holder_in_through_two_openid_libraries() {
    let picomesh = Picomesh::start("").await.unwrap();
    let (wallet, issuer) = wallet_with_credential(&picomesh).await;
    register_policy(&picomesh, &issuer).await;

    let mut subjects = Vec::new();
    for (library, id, kind) in [
        (Library::Authlib, "authlib", BASIC_RS256),
        (Library::OpenidClient, "openid-client", ("client_secret_post", "ES256")),
    ] {
        let (port, base) = RelyingParty::reserve().unwrap();
        register_client(&picomesh, id, &RelyingParty::redirect_uri(&base), kind).await;
        let scope = "openid policy:resident";
        let application =
            RelyingParty::start(library, port, picomesh.url(), (id, SECRET), scope).await.unwrap();

        let first = log_in(&application, &wallet).await;
        assert_eq!(first["id_token"]["given_name"], "Ada", "{first}");
        assert_eq!(first["id_token"]["iss"], picomesh.url(), "{first}");
        assert_eq!(first["userinfo"]["sub"], first["id_token"]["sub"], "{first}");
        let second = log_in(&application, &wallet).await;
        assert_eq!(second["id_token"]["sub"], first["id_token"]["sub"]);
        subjects.push(first["id_token"]["sub"].clone());
    }
    assert_ne!(subjects[0], subjects[1], "two applications must not share a subject");
}

#[tokio::test]
async fn a_credential_of_another_issuer_does_not_log_in() {
    let picomesh = Picomesh::start("").await.unwrap();
    let (wallet, _) = wallet_with_credential(&picomesh).await;
    let stranger = Pico::create(&picomesh, "stranger").await.unwrap();
    register_policy(&picomesh, &stranger.create_did_key().await.unwrap()).await;
    let (port, base) = RelyingParty::reserve().unwrap();
    register_client(&picomesh, "authlib", &RelyingParty::redirect_uri(&base), BASIC_RS256).await;
    let application = RelyingParty::start(
        Library::Authlib,
        port,
        picomesh.url(),
        ("authlib", SECRET),
        "openid policy:resident",
    )
    .await
    .unwrap();

    let browser = Browser::start().await.unwrap();
    browser.open(&application.login_url()).await.unwrap();
    let scanned = browser.qr_code(PAGE_SECONDS_MAX).await.unwrap();
    wallet.receive_invitation(&invitation_of(&scanned).await.unwrap()).await.unwrap();
    let words = browser.text_of("#login[data-state=refused] #status", LOGIN_SECONDS_MAX).await;
    assert!(words.as_ref().is_ok_and(|words| words.contains("issuer")), "{words:?}");
    assert!(browser.url().await.unwrap().starts_with(picomesh.url()), "it left the page");
    browser.open(&application.home_url()).await.unwrap();
    assert_eq!(browser.text_of("body", PAGE_SECONDS_MAX).await.unwrap().trim(), "{}");
}
