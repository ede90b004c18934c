//! Who says so: T-D1 to T-D7.

use picomesh_pico::PicoId;
use picomesh_tests::jose::{self, Lie};
use picomesh_tests::peer::{Link, Peer, agreement, connection, invite, text_v1, text_v2, texts};
use picomesh_tests::{Home, TestAgent, on_both_engines};
use serde_json::{Value, json};

/// Repeats of one message.
const REPEATS: usize = 200;

/// A pico that is connected with Alice and with Mallory.
struct World {
    agent: TestAgent,
    pico: PicoId,
    alice: Peer,
    mallory: Peer,
    to_alice: Link,
    to_mallory: Link,
    _home: Home,
}

impl World {
    async fn start(engine: picomesh_tests::Engine, generation: u8) -> Self {
        let home = Home::new(engine).await;
        let agent = home.start().await;
        let pico = agent.create_pico("bob").await;
        let (alice, mallory) = (Peer::new().await, Peer::new().await);
        let (to_alice, to_mallory) = if generation == 1 {
            (alice.connect_v1(&agent, &pico).await, mallory.connect_v1(&agent, &pico).await)
        } else {
            (alice.connect_v2(&agent, &pico).await, mallory.connect_v2(&agent, &pico).await)
        };
        Self { agent, pico, alice, mallory, to_alice, to_mallory, _home: home }
    }

    async fn texts(&self) -> Vec<String> {
        texts(&self.agent, &self.pico).await
    }

    /// Everything that is kept of the connection with Alice.
    async fn alices(&self) -> Value {
        connection(&self.agent, &self.pico, &self.to_alice.id).await
    }

    /// The texts on the connection with Alice.
    async fn alices_texts(&self) -> Value {
        let args = json!({ "connection": self.to_alice.id });
        self.agent.query(&self.pico, "picomesh.basic-message", "messages", args).await
    }

    /// Posts an envelope that must be refused, without a trace.
    async fn refused(&self, what: &str, envelope: Vec<u8>) {
        let before = (self.alices().await, self.texts().await);
        let reply = self.mallory.post(&self.agent, envelope).await;
        assert_eq!(reply.status, 400, "{what}: {reply:?}");
        assert_eq!((self.alices().await, self.texts().await), before, "{what}");
    }
}

// T-D1: what Alice signed for somebody else does not speak to Bob.
on_both_engines!(a_signed_message_is_not_passed_on, engine => {
    let world = World::start(engine, 2).await;
    let World { alice, mallory, .. } = &world;
    // Mallory was written to, signed; she passes it on to Bob's key for Alice, and to her own.
    for to in [&world.to_alice.theirs, &world.to_mallory.theirs] {
        let bob = agreement(to);
        for stated in [json!([mallory.did]), json!([])] {
            let mut message = text_v2("I owe you 100");
            message["to"] = stated;
            let signed = alice.addressed(to, &message);
            let signed = jose::sign(signed.as_bytes(), &alice.signing_kid(), &alice.key);
            let anonymous = Lie::anonymous().encrypt(&signed, &bob.recipient());
            world.refused("signed, anonymous", anonymous).await;
            let kid = mallory.kid();
            let lie = Lie::from(&kid, mallory.secret);
            world.refused("signed, by Mallory", lie.encrypt(&signed, &bob.recipient())).await;
        }
        // Signed for Bob, but sent by nobody: a signature alone acts as no peer.
        let signed = alice.addressed(to, &text_v2("for Bob, from nobody"));
        let signed = jose::sign(signed.as_bytes(), &alice.signing_kid(), &alice.key);
        let envelope = Lie::anonymous().encrypt(&signed, &bob.recipient());
        mallory.post(&world.agent, envelope).await;
    }
    assert_eq!(world.texts().await, Vec::<String>::new());
    world.agent.stop().await;
});

// T-D2: the sending key decides; what the plaintext says of thread and sender does not.
on_both_engines!(a_plaintext_does_not_choose_its_sender, engine => {
    let world = World::start(engine, 1).await;
    let before = world.alices().await;
    let thid = before["thid"].as_str().unwrap();
    let stranger = Peer::new().await;
    let thread = json!({ "thid": thid, "pthid": before["invitation_id"] });
    for (kind, more) in [
        ("basicmessage/1.0/message", json!({ "content": "from Alice", "sent_time": "2024-01-01T00:00:00Z" })),
        ("didexchange/1.1/complete", json!({})),
        ("didexchange/1.1/response", json!({ "did": world.mallory.did_v1 })),
        ("didexchange/1.1/request", json!({ "did": world.mallory.did_v1, "label": "m" })),
        ("didexchange/1.1/problem-report", json!({ "problem-code": "request_not_accepted" })),
        ("didexchange/1.1/problem_report",
            json!({ "description": { "code": "request_rejected", "en": "" } })),
        ("notification/1.0/problem-report", json!({ "description": { "code": "x", "en": "" } })),
        ("connections/1.0/response", json!({})),
        ("trust_ping/1.0/ping", json!({ "response_requested": true })),
    ] {
        for (sender, to) in [
            (&world.mallory, &world.to_mallory.theirs),
            (&world.mallory, &world.to_alice.theirs),
            (&stranger, &world.to_alice.theirs),
        ] {
            let mut message = json!({
                "@type": format!("https://didcomm.org/{kind}"),
                "@id": picomesh_tests::peer::fresh_id(), "~thread": thread,
                "from": world.alice.did_v1, "sender": world.alice.verkey,
            });
            message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            sender.post(&world.agent, sender.pack_v1(to, &message)).await;
            assert_eq!(world.alices().await, before, "{kind}");
        }
    }
    assert_eq!(world.alices_texts().await, json!([]));
    // The one that Mallory sent on her own connection is hers; the others are nobody's.
    assert_eq!(world.texts().await, ["from Alice"]);
    world.agent.stop().await;
});

// T-D3: `from`, `skid` and `apu` name one key, which the sender's document has for agreement.
on_both_engines!(an_envelope_does_not_choose_its_sender, engine => {
    let world = World::start(engine, 2).await;
    let World { alice, mallory, .. } = &world;
    for to in [&world.to_mallory.theirs, &world.to_alice.theirs] {
        let bob = agreement(to);
        let honest = mallory.addressed(to, &text_v2("no"));
        let mut claim = text_v2("no");
        claim["from"] = json!(alice.did);
        let claimed = mallory.addressed(to, &claim);
        let mut unsaid: Value = serde_json::from_str(&honest).unwrap();
        unsaid.as_object_mut().unwrap().remove("from");
        let (mine, hers) = (mallory.kid(), alice.kid());
        let unlisted = format!("{}#key-9", mallory.did);
        let signing = mallory.signing_kid();
        let lie = |skid, apu| Lie { skid, apu, ..Lie::from(&mine, mallory.secret) };
        for (what, lie, plaintext) in [
            ("from is not skid", lie(Some(&mine), Some(&mine)), claimed.clone()),
            ("from is missing", lie(Some(&mine), Some(&mine)), unsaid.to_string()),
            ("skid is not apu", lie(Some(&hers), Some(&mine)), claimed.clone()),
            ("apu is not skid", lie(Some(&mine), Some(&hers)), honest.clone()),
            ("skid is missing", lie(None, Some(&mine)), honest.clone()),
            ("both are missing", lie(None, None), honest.clone()),
            ("the key is Alice's", lie(Some(&hers), Some(&hers)), claimed.clone()),
            ("the key is unlisted", lie(Some(&unlisted), Some(&unlisted)), honest.clone()),
            ("the key signs", lie(Some(&signing), Some(&signing)), honest.clone()),
            ("anonymous with from", Lie::anonymous(), claimed.clone()),
        ] {
            let envelope = lie.encrypt(plaintext.as_bytes(), &bob.recipient());
            world.refused(what, envelope).await;
        }
    }
    // The packer of lies can tell the truth.
    let to = &world.to_mallory.theirs;
    let reply = mallory.post(&world.agent, mallory.pack_v2(to, &text_v2("yes"))).await;
    assert_eq!((reply.status, world.texts().await), (202, vec!["yes".to_owned()]));
    world.agent.stop().await;
});

// T-D4: signer, sender and `from` are one.
on_both_engines!(signer_sender_and_from_are_one, engine => {
    let world = World::start(engine, 2).await;
    let peers = [&world.alice, &world.mallory];
    let to = [&world.to_alice.theirs, &world.to_mallory.theirs];
    let mut expected = vec![];
    for (s, signer) in peers.iter().enumerate() {
        for (e, sender) in peers.iter().enumerate() {
            for (f, from) in peers.iter().enumerate() {
                let content = format!("{s}{e}{f}");
                let mut message = text_v2(&content);
                message["from"] = json!(from.did);
                let message = sender.addressed(to[e], &message);
                let signed = jose::sign(message.as_bytes(), &signer.signing_kid(), &signer.key);
                let kid = sender.kid();
                let lie = Lie::from(&kid, sender.secret);
                let lie = lie.encrypt(&signed, &agreement(to[e]).recipient());
                let reply = world.mallory.post(&world.agent, lie).await;
                let is_one = s == e && e == f;
                assert_eq!(reply.status, if is_one { 202 } else { 400 }, "{content}");
                if is_one {
                    expected.push(content);
                }
            }
        }
    }
    assert_eq!(world.texts().await, expected);
    world.agent.stop().await;
});

// T-D5: the same bytes, and the same plaintext packed again, act once.
on_both_engines!(what_is_said_again_acts_once, engine => {
    for generation in [1, 2] {
        let world = World::start(engine, generation).await;
        let to = &world.to_alice.theirs;
        let pack = |text: &Value| match generation {
            1 => world.alice.pack_v1(to, text),
            _ => world.alice.pack_v2(to, text),
        };
        let text = |content: &str| if generation == 1 { text_v1(content) } else { text_v2(content) };
        let once = pack(&text("once"));
        let again = text("again");
        let copies = (0..REPEATS).map(|_| world.alice.post(&world.agent, once.clone()));
        let packed_again = (0..REPEATS).map(|_| world.alice.post(&world.agent, pack(&again)));
        let replies = futures::future::join_all(copies.chain(packed_again)).await;
        assert!(replies.iter().all(|reply| reply.status == 202));
        let mut texts = world.texts().await;
        texts.sort();
        assert_eq!(texts, ["again", "once"]);
        world.agent.stop().await;
    }
});

// T-D6: the first message with an id wins.
on_both_engines!(an_id_is_used_once, engine => {
    let world = World::start(engine, 2).await;
    let to = &world.to_alice.theirs;
    let (mut first, mut second) = (text_v2("first"), text_v2("second"));
    (first["id"], second["id"]) = (json!("same"), json!("same"));
    for message in [&first, &second] {
        let reply = world.alice.post(&world.agent, world.alice.pack_v2(to, message)).await;
        assert_eq!(reply.status, 202);
    }
    assert_eq!(world.texts().await, ["first"]);
    world.agent.stop().await;
});

// T-D7: Mallory cannot use up an id that Alice will use, not even at the same DID of ours.
on_both_engines!(an_id_belongs_to_its_sender, engine => {
    let world = World::start(engine, 2).await;
    let command = ("connections", "create_invitation");
    let asked = json!({ "protocol": "out-of-band/2.0", "multi_use": true });
    let invited = world.agent.directive(&world.pico, command, asked, "invitation").await;
    let to = invited["did"].as_str().unwrap();
    let (alice, mallory) = (Peer::new().await, Peer::new().await);
    for peer in [&mallory, &alice] {
        let mut text = text_v2(if peer.did == alice.did { "Alice's" } else { "Mallory's" });
        text["pthid"] = invited["invitation_id"].clone();
        text["id"] = json!("predictable");
        let reply = peer.post(&world.agent, peer.pack_v2(to, &text)).await;
        assert_eq!(reply.status, 202);
    }
    assert_eq!(world.texts().await, ["Mallory's", "Alice's"]);
    // Of v1, where each peer has a key of ours to itself: an invitation's key is everybody's.
    let invited = invite(&world.agent, &world.pico, "didexchange/1.1").await;
    assert!(invited["verkey"].is_string());
    world.agent.stop().await;
});
