//! The peers among themselves: if one of these fails, the fault is not ours.

use picomesh_interop::residence::{self, SIGNATURE};
use picomesh_interop::{Acapy, Browser, DidcommPeer, Library, RelyingParty, decode_qr};
use serde_json::{Value, json};

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

#[tokio::test]
async fn two_acapy_agents_issue_and_verify() {
    let (issuer, holder) = tokio::join!(Acapy::start("issuer"), Acapy::start("holder"));
    let (issuer, holder) = (issuer.unwrap(), holder.unwrap());

    let invitation = issuer.create_invitation(&["https://didcomm.org/didexchange/1.1"]).await;
    let invitation = invitation.unwrap()["invitation"].take();
    holder.receive_invitation(&invitation).await.unwrap();
    let to_holder = issuer.connected(text(&invitation["@id"])).await.unwrap();
    let to_issuer = holder.connected(text(&invitation["@id"])).await.unwrap();
    holder.ping(&to_issuer).await.unwrap();
    holder.send_message(&to_issuer, "good day").await.unwrap();
    issuer.message_received("good day").await.unwrap();

    let issuer_did = issuer.create_did_key().await.unwrap();
    let holder_did = holder.create_did_key().await.unwrap();
    let credential = residence::credential(&issuer_did, &holder_did);
    let offer = issuer.offer_credential(&to_holder, &credential, SIGNATURE).await.unwrap();
    holder.credential_done(text(&offer["thread_id"])).await.unwrap();
    assert_eq!(holder.credentials().await.unwrap().len(), 1);

    let request = issuer.request_presentation(&to_holder, &residence::request()).await.unwrap();
    let record = issuer.presentation_done(text(&request["thread_id"])).await.unwrap();
    assert_eq!(record["verified"], "true", "{record}");

    // As in a login: no connection, the request comes with the invitation.
    let invitation = issuer.invite_to_present(&residence::request()).await.unwrap();
    holder.receive_invitation(&invitation["invitation"]).await.unwrap();
    let record = issuer.presentation_done(text(&invitation["thread_id"])).await.unwrap();
    assert_eq!(record["verified"], "true", "{record}");
}

#[tokio::test]
async fn the_browser_paints_a_qr_code_that_is_read_back() {
    let link = "http://127.0.0.1:3000/p/abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
    let svg = qrcode::QrCode::new(link).unwrap().render::<qrcode::render::svg::Color>().build();
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    std::fs::write(&page, format!("<h1>scan me</h1>{svg}")).unwrap();

    let browser = Browser::start().await.unwrap();
    browser.open(&format!("file://{}", page.display())).await.unwrap();
    assert_eq!(browser.text_of("h1", 5).await.unwrap(), "scan me");
    assert_eq!(browser.qr_code(10).await.unwrap(), link);
    assert!(decode_qr(&browser.screenshot().await.unwrap()).unwrap().len() == 1);
}

#[tokio::test]
async fn both_web_applications_start_with_nobody_logged_in() {
    let browser = Browser::start().await.unwrap();
    for library in [Library::Authlib, Library::OpenidClient] {
        let (port, _) = RelyingParty::reserve().unwrap();
        let provider = "http://127.0.0.1:9"; // nobody
        let application =
            RelyingParty::start(library, port, provider, ("id", "secret"), "openid").await.unwrap();
        browser.open(&application.home_url()).await.unwrap();
        assert!(browser.source().await.unwrap().contains("{}"));
        browser.open(&application.login_url()).await.unwrap();
        browser.text_of("#failed", 10).await.unwrap();
    }
}

#[tokio::test]
async fn the_didcomm_package_opens_what_it_packed() {
    let mut peer = DidcommPeer::start().unwrap();
    let alice = peer.new_did().await.unwrap();
    let bob = peer.new_did().await.unwrap();
    let message = json!({
        "id": "1", "type": "https://didcomm.org/trust-ping/2.0/ping",
        "from": alice, "to": [bob], "body": { "response_requested": true },
    });
    for (mode, encrypted, authenticated) in
        [("authcrypt", true, true), ("anoncrypt", true, false), ("signed", false, true)]
    {
        let mut envelope = peer
            .ask(json!({
                "op": "pack", "mode": mode, "message": message, "from": alice, "to": bob,
            }))
            .await
            .unwrap();
        envelope["op"] = json!("unpack");
        let opened = peer.ask(envelope).await.unwrap();
        assert_eq!(opened["message"]["body"]["response_requested"], true, "{mode}");
        assert_eq!(opened["metadata"]["encrypted"], encrypted, "{mode}");
        assert_eq!(opened["metadata"]["authenticated"], authenticated, "{mode}");
    }
}
