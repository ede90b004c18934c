//! Who may connect: T-D9 and T-D10.

use picomesh_did_resolver::legacy;
use picomesh_protocols::did_exchange::{sign_document, sign_rotation};
use picomesh_tests::peer::{Peer, connection, connections, fresh_id, invite};
use picomesh_tests::{Home, eventually, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;

/// Those who want to use one invitation.
const CROWD: usize = 100;

// T-D9 and row 46: a single-use invitation, many receivers at once.
on_both_engines!(a_crowd_gets_one_connection, engine => {
    for protocol in ["didexchange/1.1", "connections/1.0", "out-of-band/2.0"] {
        let home = Home::new(engine).await;
        let agent = home.start().await;
        let pico = agent.create_pico("bob").await;
        let invited = invite(&agent, &pico, protocol).await;
        let pthid = &invited["invitation_id"];
        let crowd = futures::future::join_all((0..CROWD).map(|_| Peer::new())).await;
        let attempts = crowd.iter().map(async |peer| {
            let envelope = match protocol {
                "out-of-band/2.0" => peer.pack_v2(invited["did"].as_str().unwrap(), &json!({
                    "type": "https://didcomm.org/trust-ping/2.0/ping", "pthid": pthid,
                    "body": { "response_requested": true },
                })),
                _ => peer.pack_v1(invited["verkey"].as_str().unwrap(), &request(peer, protocol, pthid)),
            };
            peer.post(&agent, envelope).await.status
        });
        let statuses = futures::future::join_all(attempts).await;
        assert!(statuses.iter().all(|status| *status == 202), "{statuses:?}");
        let all = connections(&agent, &pico).await;
        assert_eq!(all.as_array().unwrap().len(), 1, "{protocol}");
        // One hears yes, the others hear no.
        let answered = async |name: &str| {
            crowd.iter().filter(|peer| !peer.messages_named(name).is_empty()).count()
        };
        let yes = if protocol == "out-of-band/2.0" { "ping-response" } else { "/response" };
        eventually("one yes", async || (answered(yes).await == 1).then_some(())).await;
        if protocol == "didexchange/1.1" {
            eventually("99 no", async || {
                let no = answered("problem_report").await + answered("problem-report").await;
                (no == CROWD - 1).then_some(())
            }).await;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(answered(yes).await, 1, "{protocol}");
        agent.stop().await;
    }
});

fn request(peer: &Peer, protocol: &str, pthid: &Value) -> Value {
    let id = fresh_id();
    let mut request = json!({
        "@type": format!("https://didcomm.org/{protocol}/request"), "@id": id,
        "~thread": { "thid": id, "pthid": pthid }, "label": "peer",
    });
    if protocol == "connections/1.0" {
        let did = &bs58::encode(&peer.key.verifying_key().as_bytes()[..16]).into_string();
        request["connection"] = json!({ "DID": did, "DIDDoc": {
            "@context": "https://w3id.org/did/v1", "id": did,
            "publicKey": [{
                "id": format!("{did}#1"), "type": "Ed25519VerificationKey2018", "controller": did,
                "publicKeyBase58": peer.verkey,
            }],
            "authentication": [],
            "service": [{
                "id": format!("{did};indy"), "type": "IndyAgent", "priority": 0,
                "recipientKeys": [peer.verkey], "serviceEndpoint": peer.ear.url,
            }],
        } });
    } else {
        request["did"] = json!(peer.did_v1);
    }
    request
}

// T-D10, our invitation: a request for a DID whose key the sender does not have.
on_both_engines!(a_request_is_made_with_ones_own_key, engine => {
    let home = Home::new(engine).await;
    let agent = home.start().await;
    let pico = agent.create_pico("bob").await;
    let (alice, mallory) = (Peer::new().await, Peer::new().await);
    let invited = invite(&agent, &pico, "didexchange/1.1").await;
    let (to, pthid) = (invited["verkey"].as_str().unwrap(), &invited["invitation_id"]);
    let waiting = invited["connection_id"].as_str().unwrap();
    let before = connection(&agent, &pico, waiting).await;
    // A DID that nobody can resolve: its document comes along, signed.
    let public = |peer: &Peer| peer.key.verifying_key().to_bytes();
    let did = |peer: &Peer| legacy::did_from_verkey(&public(peer));
    let document = |peer: &Peer| legacy::document(did(peer), &public(peer), &peer.ear.url, &[]);
    let signed = |by: &Peer, of: &Peer| sign_document(&document(of), "d", &by.key).to_v1();
    let mut unsigned = signed(&alice, &alice);
    unsigned["data"].as_object_mut().unwrap().remove("jws");
    let (alices, mallorys) = (did(&alice).to_string(), did(&mallory).to_string());
    for (what, did, attached) in [
        ("Alice's DID", &alice.did_v1, None),
        ("Alice's DID and document", &alices, Some(signed(&alice, &alice))),
        ("Alice's document, Mallory's signature", &alices, Some(signed(&mallory, &alice))),
        ("Alice's document, unsigned", &alices, Some(unsigned)),
        ("her DID, Alice's document", &mallorys, Some(signed(&mallory, &alice))),
        ("Alice's DID, her document", &alices, Some(signed(&mallory, &mallory))),
        ("her DID and document, Alice's signature", &mallorys, Some(signed(&alice, &mallory))),
    ] {
        let mut request = request(&mallory, "didexchange/1.0", pthid);
        request["did"] = json!(did);
        if let Some(attached) = attached {
            request["did_doc~attach"] = attached;
        }
        let reply = mallory.post(&agent, mallory.pack_v1(to, &request)).await;
        assert_eq!(reply.status, 202, "{what}");
        assert_eq!(connection(&agent, &pico, waiting).await, before, "{what}");
    }
    // The invitation is as good as before.
    let mut honest = request(&alice, "didexchange/1.0", pthid);
    (honest["did"], honest["did_doc~attach"]) = (json!(alices), signed(&alice, &alice));
    alice.post(&agent, alice.pack_v1(to, &honest)).await;
    let now = connection(&agent, &pico, waiting).await;
    assert_eq!((&now["state"], &now["their_did"]), (&json!("response-sent"), &json!(alices)));
    agent.stop().await;
});

// T-D10, their invitation: a response that the inviter's key does not stand behind.
on_both_engines!(a_response_is_the_inviters, engine => {
    let home = Home::new(engine).await;
    let agent = home.start().await;
    let pico = agent.create_pico("bob").await;
    for case in 0..4 {
        let (inviter, mallory) = (Peer::new().await, Peer::new().await);
        let key = picomesh_did_resolver::method::key::from_ed25519(
            inviter.key.verifying_key().as_bytes());
        let invitation = json!({
            "@type": "https://didcomm.org/out-of-band/1.1/invitation", "@id": fresh_id(),
            "handshake_protocols": ["https://didcomm.org/didexchange/1.1"],
            "services": [{
                "id": "#inline", "type": "did-communication", "recipientKeys": [key],
                "serviceEndpoint": inviter.ear.url,
            }],
        });
        let attrs = json!({ "invitation": invitation });
        let command = ("connections", "receive_invitation");
        let begun = agent.directive(&pico, command, attrs, "connection").await;
        let id = begun["id"].as_str().unwrap();
        let (bob, request) = eventually("the request", async || {
            inviter.messages().into_iter().find(|(_, message)| message["did"].is_string())
        }).await;
        let mut response = json!({
            "@type": "https://didcomm.org/didexchange/1.1/response", "@id": fresh_id(),
            "~thread": { "thid": request["@id"] }, "did": mallory.did_v1,
        });
        let did = mallory.did_v1.parse().unwrap();
        let document = picomesh_did_resolver::resolve_local(&did).unwrap().unwrap();
        match case {
            0 => {}
            1 => response["did_rotate~attach"] = sign_rotation(&did, "r", &mallory.key).to_v1(),
            2 => response["did_doc~attach"] = sign_document(&document, "d", &mallory.key).to_v1(),
            _ => {
                let inviters = inviter.did_v1.parse().unwrap();
                response["did_rotate~attach"] = sign_rotation(&inviters, "r", &inviter.key).to_v1();
            }
        }
        let reply = mallory.post(&agent, mallory.pack_v1(&bob, &response)).await;
        assert_eq!(reply.status, 202);
        let now = connection(&agent, &pico, id).await;
        assert_ne!(now["state"], "completed", "case {case}: {now}");
        assert_eq!(now["their_did"], begun["their_did"], "case {case}");
        let report = eventually("a refusal", async || {
            let reports = inviter.messages_named("problem_report");
            reports.into_iter().chain(inviter.messages_named("problem-report")).next()
        }).await;
        assert!(report.to_string().contains("response_not_accepted"), "{report}");
        // The inviter's own answer still counts.
        let did = inviter.did_v1.parse().unwrap();
        let honest = json!({
            "@type": "https://didcomm.org/didexchange/1.1/response", "@id": fresh_id(),
            "~thread": { "thid": request["@id"] }, "did": inviter.did_v1,
            "did_rotate~attach": sign_rotation(&did, "r", &inviter.key).to_v1(),
        });
        inviter.post(&agent, inviter.pack_v1(&bob, &honest)).await;
        assert_eq!(connection(&agent, &pico, id).await["state"], "completed", "case {case}");
    }
    agent.stop().await;
});
