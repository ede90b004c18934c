//! DIDComm v2 over HTTP: two processes of ours, and one with the PyPI package `didcomm`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends with the reason")]

use picomesh_interop::{Api, DidcommPeer, Pico, Picomesh};
use serde_json::{Value, json};

const OUT_OF_BAND: &str = "out-of-band/2.0";
const PING_SECONDS_MAX: u64 = 20;

#[tokio::test]
async fn two_of_our_processes_connect_and_ping() {
    let (alice, bob) = tokio::join!(Picomesh::start(""), Picomesh::start(""));
    let (alice, bob) = (alice.unwrap(), bob.unwrap());
    let inviter = Pico::create(&alice, "alice").await.unwrap();
    let invitee = Pico::create(&bob, "bob").await.unwrap();

    let invitation = inviter.invite(OUT_OF_BAND).await.unwrap();
    let to_alice = invitee.accept(&invitation).await.unwrap();
    invitee.completed(&to_alice).await.unwrap();
    invitee.ping(&to_alice).await.unwrap();
    let to_bob = inviter.connected(&invitation).await.unwrap();
    inviter.ping(&to_bob).await.unwrap();
    invitee.send_message(&to_alice, "hello from bob").await.unwrap();
    inviter.message_received("hello from bob").await.unwrap();
}

/// A trust ping 2.0 that answers an invitation, packed by the peer as `request` says.
async fn ping_by(
    peer: &mut DidcommPeer,
    did: &str,
    invitation: &Value,
    id: &str,
    mut request: Value,
) -> Value {
    let message = json!({
        "id": id,
        "type": "https://didcomm.org/trust-ping/2.0/ping",
        "from": did,
        "to": [invitation["from"]],
        "pthid": invitation["id"],
        "body": { "response_requested": true },
    });
    request["op"] = json!("pack");
    request["from"] = json!(did);
    request["to"] = invitation["from"].clone();
    request["message"] = message;
    peer.ask(request).await.unwrap()
}

#[tokio::test]
async fn the_python_package_pings_and_opens_the_answer() {
    let picomesh = Picomesh::start("").await.unwrap();
    let pico = Pico::create(&picomesh, "ours").await.unwrap();
    let invitation = pico.invite(OUT_OF_BAND).await.unwrap();
    let mut peer = DidcommPeer::start().unwrap();
    let did = peer.new_did().await.unwrap();

    // Where the invitation's DID says, which the peer resolves by foreign code.
    let inviter = json!({ "op": "resolve", "did": invitation["from"] });
    let document = peer.ask(inviter).await.unwrap();
    let endpoint = document["service"][0]["serviceEndpoint"]["uri"].as_str().unwrap().to_owned();
    let door = Api::new(&endpoint).unwrap();

    for (id, request) in [
        ("plain", json!({ "mode": "authcrypt" })),
        ("hidden", json!({ "mode": "authcrypt", "hide": true })),
        ("signed", json!({ "mode": "authcrypt", "sign": did })),
    ] {
        let envelope = ping_by(&mut peer, &did, &invitation, id, request).await;
        let (media_type, packed) = (&envelope["media_type"], &envelope["packed"]);
        let answer = door
            .post_bytes("", media_type.as_str().unwrap(), packed.as_str().unwrap().to_owned())
            .await
            .unwrap();
        assert_eq!(answer.0, 202, "{id}: {answer:?}");
        let response = peer.receive(PING_SECONDS_MAX).await.unwrap();
        let kind = "https://didcomm.org/trust-ping/2.0/ping-response";
        assert_eq!(response["message"]["type"], kind, "{response}");
        assert_eq!(response["metadata"]["authenticated"], true, "{response}");
    }
}

#[tokio::test]
async fn what_proves_no_sender_does_not_act() {
    let picomesh = Picomesh::start("").await.unwrap();
    let pico = Pico::create(&picomesh, "ours").await.unwrap();
    let invitation = pico.invite(OUT_OF_BAND).await.unwrap();
    let mut peer = DidcommPeer::start().unwrap();
    let did = peer.new_did().await.unwrap();
    for mode in ["anoncrypt", "signed"] {
        let envelope = ping_by(&mut peer, &did, &invitation, mode, json!({ "mode": mode })).await;
        let media_type = envelope["media_type"].as_str().unwrap();
        let packed = envelope["packed"].as_str().unwrap().to_owned();
        picomesh.api.post_bytes("/didcomm", media_type, packed).await.unwrap();
    }
    let silence = peer.receive(3).await.unwrap_err().to_string();
    assert!(silence.contains("no envelope came"), "{silence}");
}
