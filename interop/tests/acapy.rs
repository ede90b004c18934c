//! Our pico and a real ACA-Py agent: connections, messages, credentials, presentations.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends with the reason")]

use picomesh_interop::residence::{self, SIGNATURE};
use picomesh_interop::{Acapy, Pico, Picomesh};
use serde_json::Value;

const HANDSHAKES: [&str; 2] = ["didexchange/1.0", "didexchange/1.1"];

async fn both() -> (Picomesh, Pico, Acapy) {
    let (picomesh, acapy) = tokio::join!(Picomesh::start(""), Acapy::start("acapy"));
    let picomesh = picomesh.unwrap();
    let pico = Pico::create(&picomesh, "ours").await.unwrap();
    (picomesh, pico, acapy.unwrap())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}"))
}

/// Ping and basic message, from each side to the other.
async fn talk(pico: &Pico, ours: &str, acapy: &Acapy, theirs: &str) {
    acapy.ping(theirs).await.unwrap();
    pico.ping(ours).await.unwrap();
    acapy.send_message(theirs, "Guten Tag, pico").await.unwrap();
    pico.message_received("Guten Tag, pico").await.unwrap();
    pico.send_message(ours, "Grüezi, ACA-Py").await.unwrap();
    acapy.message_received("Grüezi, ACA-Py").await.unwrap();
}

/// Our pico invites; the ids of the connection on both sides.
async fn connect(pico: &Pico, acapy: &Acapy) -> (String, String) {
    let invitation = pico.invite("didexchange/1.1").await.unwrap();
    acapy.receive_invitation(&invitation).await.unwrap();
    let ours = pico.connected(&invitation).await.unwrap();
    let theirs = acapy.connected(text(&invitation["@id"])).await.unwrap();
    (ours, theirs)
}

#[tokio::test]
async fn acapy_invites_and_both_talk() {
    let (_picomesh, pico, acapy) = both().await;
    for handshake in HANDSHAKES {
        let protocol = format!("https://didcomm.org/{handshake}");
        let invitation = acapy.create_invitation(&[&protocol]).await.unwrap()["invitation"].take();
        let ours = pico.accept(&invitation).await.unwrap();
        let theirs = acapy.connected(text(&invitation["@id"])).await.unwrap();
        pico.completed(&ours).await.unwrap();
        talk(&pico, &ours, &acapy, &theirs).await;
    }
}

#[tokio::test]
async fn our_pico_invites_and_both_talk() {
    let (picomesh, pico, acapy) = both().await;
    for handshake in HANDSHAKES {
        let invitation = pico.invite(handshake).await.unwrap();
        acapy.receive_invitation(&invitation).await.unwrap();
        let ours = pico.connected(&invitation).await.unwrap();
        let theirs = acapy.connected(text(&invitation["@id"])).await.unwrap();
        talk(&pico, &ours, &acapy, &theirs).await;
    }
    // A kill and a new start change nothing for the peer.
    let invitation = pico.invite("didexchange/1.1").await.unwrap();
    let picomesh = picomesh.restart().await.unwrap();
    let pico = pico.of(&picomesh);
    acapy.receive_invitation(&invitation).await.unwrap();
    let ours = pico.connected(&invitation).await.unwrap();
    let theirs = acapy.connected(text(&invitation["@id"])).await.unwrap();
    talk(&pico, &ours, &acapy, &theirs).await;
}

#[tokio::test]
async fn our_pico_issues_to_acapy_and_verifies_it() {
    let (_picomesh, pico, acapy) = both().await;
    let (ours, _) = connect(&pico, &acapy).await;
    let issuer = pico.create_did_key().await.unwrap();
    let holder = acapy.create_did_key().await.unwrap();

    let credential = residence::credential(&issuer, &holder);
    let exchange = pico.offer_credential(&ours, &credential, SIGNATURE).await.unwrap();
    pico.credential_done(&exchange).await.unwrap();
    let held = acapy.credentials().await.unwrap();
    assert_eq!(held.len(), 1);
    assert_eq!(held[0]["issuer_id"], issuer, "{held:?}");

    let request = pico.request_presentation(&ours, &residence::request()).await.unwrap();
    let record = pico.presentation_done(&request).await.unwrap();
    assert_eq!(record["report"]["verified"], true, "{record}");

    // ACA-Py leaves the domain out of its proof; whoever asked for one must not accept that.
    let mut with_domain = residence::request();
    with_domain["options"]["domain"] = "interop.example".into();
    let request = pico.request_presentation(&ours, &with_domain).await.unwrap();
    let refusal = pico.presentation_done(&request).await.unwrap_err().to_string();
    assert!(refusal.contains(r#""name":"domain","passed":false"#), "{refusal}");
}

#[tokio::test]
async fn acapy_issues_to_our_pico_and_verifies_it() {
    let (_picomesh, pico, acapy) = both().await;
    pico.accept_everything().await.unwrap();
    let (_, theirs) = connect(&pico, &acapy).await;
    let issuer = acapy.create_did_key().await.unwrap();
    let holder = pico.create_did_key().await.unwrap();

    let credential = residence::credential(&issuer, &holder);
    let offer = acapy.offer_credential(&theirs, &credential, SIGNATURE).await.unwrap();
    acapy.credential_done(text(&offer["thread_id"])).await.unwrap();
    assert_eq!(pico.credentials().await.unwrap().len(), 1);

    let request = acapy.request_presentation(&theirs, &residence::request()).await.unwrap();
    let record = acapy.presentation_done(text(&request["thread_id"])).await.unwrap();
    assert_eq!(record["verified"], "true", "{record}");

    // The same without a connection, as in a login: the request comes with the invitation.
    let invitation = acapy.invite_to_present(&residence::request()).await.unwrap();
    pico.receive_invitation(&invitation["invitation"]).await.unwrap();
    let record = acapy.presentation_done(text(&invitation["thread_id"])).await.unwrap();
    assert_eq!(record["verified"], "true", "{record}");
}
