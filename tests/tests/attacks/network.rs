//! Whom a peer makes us call (T-D18), and whom it keeps waiting (P14).

use picomesh_agent::config::AllowPrivate;
use picomesh_didcomm::envelope::v2;
use picomesh_tests::jose::Lie;
use picomesh_tests::peer::{Ear, Peer, agreement, fresh_id, invite, text_v2};
use picomesh_tests::{Home, eventually, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;

/// Texts for each peer.
const TEXTS: usize = 20;

/// Invitations that lead to a port of this machine, under all its names.
fn invitations(port: u16) -> Vec<Value> {
    let hosts = [
        "127.0.0.1",
        "localhost",
        "localhost.",
        "x.localhost",
        "2130706433",
        "0x7f.1",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "user@127.0.0.1",
    ];
    let urls = hosts
        .iter()
        .flat_map(|host| ["http", "https"].map(|scheme| format!("{scheme}://{host}:{port}/")));
    let inline = urls.map(|url| {
        json!({
            "id": "#inline", "type": "did-communication", "serviceEndpoint": url,
            "recipientKeys": ["did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH"],
        })
    });
    let dids = ["127.0.0.1", "localhost", "localhost.", "2130706433"]
        .map(|host| json!(format!("did:web:{host}%3A{port}")));
    inline.chain(dids).map(|service| json!({
        "@type": "https://didcomm.org/out-of-band/1.1/invitation", "@id": fresh_id(),
        "handshake_protocols": ["https://didcomm.org/didexchange/1.1"], "services": [service],
    })).collect()
}

// T-D18: no connection is opened to our own network, whoever names it.
on_both_engines!(a_peer_does_not_make_us_call_ourselves, engine => {
    for allow in [AllowPrivate::No, AllowPrivate::Loopback] {
        let home = Home::new(engine).await;
        let mut config = home.config();
        config.allow_private_addresses = allow;
        let agent = home.start_with(config).await;
        let pico = agent.create_pico("bob").await;
        let ear = Ear::new().await;
        let port = ear.url.rsplit(':').next().unwrap().parse().unwrap();
        for invitation in invitations(port) {
            let attrs = json!({ "invitation": invitation });
            agent.event(&pico, "connections", "receive_invitation", attrs).await;
        }
        // A peer whose document says that it listens there, invites us, and asks for an answer.
        let peer = Peer::with_endpoint(Ear::new().await, &ear.url).await;
        let invitation = json!({
            "type": "https://didcomm.org/out-of-band/2.0/invitation", "id": fresh_id(),
            "from": peer.did, "body": {},
        });
        let attrs = json!({ "invitation": invitation });
        agent.event(&pico, "connections", "receive_invitation", attrs).await;
        let link = peer.connect_v2(&agent, &pico).await;
        let ping = json!({
            "type": "https://didcomm.org/trust-ping/2.0/ping", "body": { "response_requested": true },
        });
        assert_eq!(peer.post(&agent, peer.pack_v2(&link.theirs, &ping)).await.status, 202);
        // A sender who publishes its keys there.
        let skid = format!("did:web:127.0.0.1%3A{port}#key");
        let bob = agreement(&link.theirs);
        let lie = Lie::from(&skid, peer.secret);
        let text = peer.addressed(&link.theirs, &text_v2("x"));
        assert_eq!(peer.post(&agent, lie.encrypt(text.as_bytes(), &bob.recipient())).await.status, 400);
        // A mediator that is there.
        let forward = v2::forward(&skid, &peer.pack_v2(&link.theirs, &text_v2("x")), "f", &link.theirs);
        let forward = Lie::anonymous().encrypt(&forward.unwrap(), &bob.recipient());
        peer.post(&agent, forward).await;
        match allow {
            AllowPrivate::No => {
                tokio::time::sleep(Duration::from_millis(1500)).await;
                assert_eq!((ear.accepted(), peer.ear.accepted()), (0, 0));
            }
            // The same calls are made where the operator allows them: the test can see.
            AllowPrivate::Loopback | AllowPrivate::All => {
                eventually("calls", async || (ear.accepted() > 10).then_some(())).await;
            }
        }
        agent.stop().await;
    }
});

// P14: peers that never answer hold four deliveries each, and nobody else.
on_both_engines!(a_silent_peer_delays_nobody, engine => {
    let home = Home::new(engine).await;
    let agent = home.start().await;
    let pico = agent.create_pico("bob").await;
    let healthy = Peer::new().await;
    let to_healthy = healthy.connect_v1(&agent, &pico).await;
    let mut silent = vec![];
    for _ in 0..5 {
        let peer = Peer::at(Ear::answering("").await).await;
        let link = peer.connect_v2(&agent, &pico).await;
        silent.push((peer, link));
    }
    let links = silent.iter().map(|(_, link)| link).chain([&to_healthy]);
    for link in links {
        for n in 0..TEXTS {
            let attrs = json!({ "connection": link.id, "content": format!("text {n}") });
            agent.directive(&pico, ("basic_message", "send"), attrs, "message").await;
        }
    }
    eventually("all texts at the healthy peer", async || {
        (healthy.messages_named("basicmessage/1.0/message").len() == TEXTS).then_some(())
    }).await;
    for (peer, _) in &silent {
        assert!((1..=4).contains(&peer.ear.heard().len()), "{}", peer.ear.heard().len());
    }
    // Nor does it delay what comes in.
    let invited = invite(&agent, &pico, "didexchange/1.1").await;
    assert!(invited["url"].is_string());
    agent.stop().await;
});
