//! Envelopes that are not to be opened: T-D13 to T-D16.

use picomesh_didcomm::envelope::{v1, v2};
use picomesh_pico::PicoId;
use picomesh_tests::jose::{Lie, base64url, outside};
use picomesh_tests::peer::{Peer, Reply, agreement, fresh_id, text_v1, text_v2, texts, verkey};
use picomesh_tests::{Home, TestAgent, on_both_engines};
use rand_core::OsRng;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

async fn start(engine: picomesh_tests::Engine) -> (Home, TestAgent, PicoId, Peer) {
    let home = Home::new(engine).await;
    let agent = home.start().await;
    let pico = agent.create_pico("bob").await;
    (home, agent, pico, Peer::new().await)
}

fn undecryptable() -> Reply {
    Reply { status: 400, body: r#"{"error":"undecryptable"}"#.into() }
}

// T-D13: forwards to ourselves are followed a few steps.
on_both_engines!(forwards_inside_forwards_end, engine => {
    let (_home, agent, pico, peer) = start(engine).await;
    let (one, two) = (peer.connect_v1(&agent, &pico).await, peer.connect_v2(&agent, &pico).await);
    let wrapped_v1 = |mut envelope: Vec<u8>, layers: usize| {
        for _ in 0..layers {
            let forward = v1::forward(&one.theirs, &envelope, &fresh_id()).unwrap();
            envelope = v1::pack(&forward, &[verkey(&one.theirs)], None, &mut OsRng).unwrap();
        }
        envelope
    };
    let wrapped_v2 = |mut envelope: Vec<u8>, layers: usize| {
        for _ in 0..layers {
            let forward = v2::forward(&two.theirs, &envelope, &fresh_id(), &two.theirs).unwrap();
            envelope = Lie::anonymous().encrypt(&forward, &agreement(&two.theirs).recipient());
        }
        envelope
    };
    for (layers, status) in [(1, 202), (7, 202), (8, 400), (15, 400)] {
        let text = |generation: u8| format!("{generation} through {layers}");
        let first = wrapped_v1(peer.pack_v1(&one.theirs, &text_v1(&text(1))), layers);
        let second = wrapped_v2(peer.pack_v2(&two.theirs, &text_v2(&text(2))), layers);
        for (envelope, text) in [(first, text(1)), (second, text(2))] {
            let reply = peer.post(&agent, envelope).await;
            assert_eq!(reply.status, status, "{text}: {reply:?}");
            let is_there = texts(&agent, &pico).await.contains(&text);
            assert_eq!(is_there, status == 202, "{text}");
        }
    }
    // For somebody else: we are no mediator, and say nothing about it.
    let elsewhere = peer.pack_v1(&peer.verkey, &text_v1("elsewhere"));
    let forward = v1::forward(&peer.verkey, &elsewhere, &fresh_id()).unwrap();
    for sender in [None, Some(&peer.key)] {
        let envelope = v1::pack(&forward, &[verkey(&one.theirs)], sender, &mut OsRng).unwrap();
        assert_eq!(peer.post(&agent, envelope).await, undecryptable());
    }
    // A forward with nothing in it, and one that leads to its own text again.
    for inner in [json!({}), json!([]), json!("x"), Value::Null] {
        let forward = json!({
            "@type": "https://didcomm.org/routing/1.0/forward", "@id": fresh_id(),
            "to": one.theirs, "msg": inner,
        });
        assert_eq!(peer.post(&agent, peer.pack_v1(&one.theirs, &forward)).await.status, 400);
    }
    agent.stop().await;
});

// T-D14 and rows 16 to 18: too many recipients cost nothing.
on_both_engines!(many_recipients_are_refused_before_any_work, engine => {
    let (_home, agent, pico, peer) = start(engine).await;
    let (one, two) = (peer.connect_v1(&agent, &pico).await, peer.connect_v2(&agent, &pico).await);
    let honest = peer.pack_v2(&two.theirs, &text_v2("x"));
    let entry = serde_json::from_slice::<Value>(&honest).unwrap()["recipients"][0].clone();
    let crowd: Vec<Value> = (0..10_000).map(|n| {
        let mut entry = entry.clone();
        entry["header"]["kid"] = json!(format!("did:example:{n}#1"));
        entry
    }).collect();
    let many = outside(&honest, json!({ "recipients": crowd }));
    let entry = json!({
        "encrypted_key": base64url([0; 48]),
        "header": { "kid": one.theirs, "sender": base64url([0; 92]), "iv": base64url([0; 24]) },
    });
    let header = |recipients: Vec<Value>| json!({ "protected": base64url(json!({
        "enc": "xchacha20poly1305_ietf", "typ": "JWM/1.0", "alg": "Authcrypt",
        "recipients": recipients,
    }).to_string()) });
    let first = peer.pack_v1(&one.theirs, &text_v1("x"));
    let small = json!({ "encrypted_key": "", "header": { "kid": one.theirs } });
    for envelope in [many, outside(&first, header(vec![small; 10_000]))] {
        let started = Instant::now();
        let reply = peer.post(&agent, envelope).await;
        assert_eq!((reply.status, reply.body.as_str()), (400, r#"{"error":"too-many"}"#));
        assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    }
    for recipients in [vec![], vec![entry.clone(), entry]] {
        let reply = peer.post(&agent, outside(&first, header(recipients))).await;
        assert_eq!(reply.status, 400, "{reply:?}");
    }
    assert_eq!(peer.post(&agent, outside(&honest, json!({ "recipients": [] }))).await.status, 400);
    agent.stop().await;
});

/// The honest ciphertext, the last byte of a field turned over.
fn flipped(envelope: &[u8], field: &str) -> Vec<u8> {
    let fields: Value = serde_json::from_slice(envelope).unwrap();
    let text = fields[field].as_str().unwrap();
    let first = if text.starts_with('A') { "B" } else { "A" };
    outside(envelope, json!({ field: format!("{first}{}", &text[1..]) }))
}

// T-D15 and T-D16: whatever does not open says the same, whether the key is ours or nobody's.
on_both_engines!(what_does_not_open_says_nothing, engine => {
    let (_home, agent, pico, peer) = start(engine).await;
    let (one, two) = (peer.connect_v1(&agent, &pico).await, peer.connect_v2(&agent, &pico).await);
    let bob = agreement(&two.theirs);
    let first = peer.pack_v1(&one.theirs, &text_v1("no"));
    let second = peer.pack_v2(&two.theirs, &text_v2("no"));
    let (nobody, kid, secret) = (Peer::new().await, peer.kid(), peer.secret);
    let content = peer.addressed(&two.theirs, &text_v2("no"));
    let mut cases = vec![
        ("v1: no such key", peer.pack_v1(&nobody.verkey, &text_v1("no"))),
        ("v1: tag", flipped(&first, "tag")),
        ("v1: text", flipped(&first, "ciphertext")),
        ("v1: nonce", flipped(&first, "iv")),
        ("v2: no such key", peer.pack_v2(&nobody.did, &text_v2("no"))),
        ("v2: tag", flipped(&second, "tag")),
        ("v2: text", flipped(&second, "ciphertext")),
        ("v2: nonce", flipped(&second, "iv")),
        ("v2: another's key", Lie::from(&nobody.kid(), secret)
            .encrypt(content.as_bytes(), &bob.recipient())),
        ("v2: a sender that does not resolve", Lie::from("did:example:nobody#1", secret)
            .encrypt(content.as_bytes(), &bob.recipient())),
    ];
    let x25519 = |x: [u8; 32]| json!({ "kty": "OKP", "crv": "X25519", "x": base64url(x) });
    let near_p = |lowest: u8| {
        let mut x = [0xff; 32];
        (x[0], x[31]) = (lowest, 0x7f);
        x
    };
    let mut one_point = [0; 32];
    one_point[0] = 1;
    let eight = "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800";
    let eight: [u8; 32] = hex::decode(eight).unwrap().try_into().unwrap();
    let p256 = |x: [u8; 32], y: [u8; 32]| {
        json!({ "kty": "EC", "crv": "P-256", "x": base64url(x), "y": base64url(y) })
    };
    for (what, epk) in [
        ("v2: point 0", x25519([0; 32])),
        ("v2: point 1", x25519(one_point)),
        ("v2: point of order 8", x25519(eight)),
        ("v2: p - 1", x25519(near_p(0xec))),
        ("v2: p", x25519(near_p(0xed))),
        ("v2: p + 1", x25519(near_p(0xee))),
        ("v2: off the curve", p256([1; 32], [1; 32])),
        ("v2: infinity", p256([0; 32], [0; 32])),
        ("v2: x above p", p256([0xff; 32], [1; 32])),
        ("v2: 31 bytes", json!({ "kty": "OKP", "crv": "X25519", "x": base64url([9; 31]) })),
    ] {
        for lie in [Lie::anonymous(), Lie::from(&kid, secret)] {
            let lie = Lie { epk: Some(epk.clone()), ..lie };
            cases.push((what, lie.encrypt(content.as_bytes(), &bob.recipient())));
        }
    }
    for (what, envelope) in cases {
        assert_eq!(peer.post(&agent, envelope).await, undecryptable(), "{what}");
    }
    assert_eq!(texts(&agent, &pico).await, Vec::<String>::new());
    assert_eq!(peer.post(&agent, second).await.status, 202);
    agent.stop().await;
});
