//! Bad inputs at the doors of a whole agent: rows of the list of hostile inputs.
//!
//! Absent on purpose: what stands nearer to the code. Rows 9 to 15, 23, 24 and 26 in the crate
//! `didcomm`; 2, 78, 85 and 86 for the server alone in `agent/src/http/tests.rs`; 77 to 81 for the
//! admin API in `agent/src/http/admin/tests`; 16 to 18 and 22 among the attacks.

#![allow(clippy::unwrap_used, clippy::panic)]

mod admin;
mod start;

use picomesh_pico::PicoId;
use picomesh_tests::jose::{self, Lie, base64url, outside};
use picomesh_tests::peer::{Ear, Link, Peer, agreement, fresh_id, text_v1, text_v2, texts};
use picomesh_tests::{Engine, Home, TestAgent, eventually, on_both_engines};
use serde_json::{Value, json};

/// A pico that is connected with a peer by both generations.
struct World {
    agent: TestAgent,
    pico: PicoId,
    peer: Peer,
    one: Link,
    two: Link,
    _home: Home,
}

impl World {
    async fn start(engine: Engine) -> Self {
        let home = Home::new(engine).await;
        let agent = home.start().await;
        let pico = agent.create_pico("bob").await;
        let peer = Peer::new().await;
        let one = peer.connect_v1(&agent, &pico).await;
        let two = peer.connect_v2(&agent, &pico).await;
        Self { agent, pico, peer, one, two, _home: home }
    }

    /// Posts bytes; the status and the word for the error.
    async fn post(&self, media_type: &str, body: impl Into<Vec<u8>>) -> (u16, String) {
        let reply = self.peer.post_as(&self.agent, media_type, body.into()).await;
        let body: Value = serde_json::from_str(&reply.body).unwrap_or_default();
        let word = body["error"].as_str().or(body["type"].as_str()).unwrap_or_default();
        (reply.status, word.rsplit(':').next().unwrap().to_owned())
    }

    async fn envelope(&self, body: impl Into<Vec<u8>>) -> (u16, String) {
        self.post("application/didcomm-encrypted+json", body).await
    }

    /// Posts a v2 plaintext that need not be one, encrypted by the peer.
    async fn plaintext(&self, plaintext: &str) -> (u16, String) {
        let kid = self.peer.kid();
        let bob = agreement(&self.two.theirs);
        let lie = Lie::from(&kid, self.peer.secret);
        self.envelope(lie.encrypt(plaintext.as_bytes(), &bob.recipient())).await
    }

    async fn texts(&self) -> Vec<String> {
        texts(&self.agent, &self.pico).await
    }

    /// The code of the report about a message.
    async fn reported(&self, id: &str) -> String {
        eventually(&format!("a report about {id}"), async || {
            let reports = self.peer.messages_named("problem-report");
            let about = |report: &&Value| {
                report["pthid"] == json!(id) || report["~thread"]["thid"] == json!(id)
            };
            let report = reports.iter().find(about)?;
            let code = report["body"]["code"].as_str().or(report["description"]["code"].as_str());
            Some(code.unwrap().to_owned())
        })
        .await
    }
}

fn is(status: u16, word: &str) -> (u16, String) {
    (status, word.to_owned())
}

// Rows 1 to 8: bytes that are no envelope.
on_both_engines!(what_is_no_envelope_is_refused, engine => {
    let world = World::start(engine).await;
    let honest = |text: &str| world.peer.pack_v2(&world.two.theirs, &text_v2(text));
    let envelope = String::from_utf8(honest("row 5")).unwrap();
    assert_eq!(world.envelope("").await, is(400, "empty"));
    assert_eq!(world.envelope(vec![b'x'; 2_097_153]).await, is(413, "too-large"));
    assert_eq!(world.envelope(vec![b' '; 2_097_152]).await.0, 400);
    for media_type in ["text/plain", "application/x-www-form-urlencoded", "", "application/didcomm"] {
        assert_eq!(world.post(media_type, honest("row 3")).await, is(415, "unsupported-media-type"));
    }
    for media_type in [
        "application/didcomm-encrypted+json; charset=x", "application/didcomm-envelope-enc",
        "Application/SSI-Agent-Wire", "application/json",
    ] {
        assert_eq!(world.post(media_type, honest("row 4")).await.0, 202, "{media_type}");
    }
    for bad in ["{", "nothing", "[]", "\"x\"", "{} {}", "{\"a\":1,}", &envelope[..envelope.len() - 2]] {
        assert_eq!(world.envelope(bad).await, is(400, "malformed"), "{bad}");
    }
    assert_eq!(world.envelope(*b"{\"protected\":\"\xff\"}").await, is(400, "malformed"));
    for depth in [128, 100_000] {
        let nested = format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(world.envelope(nested).await, is(400, "too-deep"), "{depth}");
    }
    let twice = envelope.replacen('{', "{\"protected\":\"e30\",", 1);
    assert_eq!(world.envelope(twice).await, is(400, "duplicate-key"));
    let header = base64url("{\"alg\":\"none\",\"alg\":\"ECDH-ES+A256KW\"}");
    let twice = outside(envelope.as_bytes(), json!({ "protected": header }));
    assert_eq!(world.envelope(twice).await, is(400, "duplicate-key"));
    assert_eq!(world.texts().await, vec!["row 4"; 4]);
    // Row 36: half a character.
    let surrogate = envelope.replacen('{', "{\"x\":\"\\ud800\",", 1);
    assert_eq!(world.envelope(surrogate).await, is(400, "malformed"));
    world.agent.stop().await;
});

// Rows 19, 20, 25: headers of DIDComm v2 that the specification does not allow. No fetch.
on_both_engines!(forbidden_headers_are_refused, engine => {
    let world = World::start(engine).await;
    let (kid, ear) = (world.peer.kid(), Ear::new().await);
    let bob = agreement(&world.two.theirs);
    let text = world.peer.addressed(&world.two.theirs, &text_v2("no"));
    for header in [
        json!({ "enc": "A256GCM" }), json!({ "enc": "A128CBC-HS256" }), json!({ "enc": "none" }),
        json!({ "alg": "none" }), json!({ "alg": "ECDH-1PU+A128KW" }), json!({ "alg": "PBES2-HS512+A256KW" }),
        json!({ "apv": base64url([0; 32]) }), json!({ "apv": null }), json!({ "typ": "JWM/1.0" }),
        json!({ "crit": ["exp"], "exp": 1 }), json!({ "zip": "DEF" }), json!({ "p2c": 1_000_000_000 }),
        json!({ "jku": ear.url }), json!({ "x5u": ear.url }),
    ] {
        for lie in [Lie::from(&kid, world.peer.secret), Lie::anonymous()] {
            let lie = Lie { header: header.clone(), ..lie };
            let (status, _) = world.envelope(lie.encrypt(text.as_bytes(), &bob.recipient())).await;
            assert_eq!(status, 400, "{header}");
        }
    }
    assert_eq!((world.texts().await, ear.accepted()), (vec![], 0));
    world.agent.stop().await;
});

// Rows 26 to 28: signatures and layers.
on_both_engines!(bad_signatures_and_layers_are_refused, engine => {
    let world = World::start(engine).await;
    let World { peer, two, .. } = &world;
    let (kid, signing, bob) = (peer.kid(), peer.signing_kid(), agreement(&two.theirs));
    let lie = Lie::from(&kid, peer.secret);
    let text = peer.addressed(&two.theirs, &text_v2("signed"));
    let signed = jose::sign(text.as_bytes(), &signing, &peer.key);
    let fields: Value = serde_json::from_slice(&signed).unwrap();
    let with_header = |header: Value| {
        let mut fields = fields.clone();
        fields["signatures"][0]["protected"] = json!(base64url(header.to_string()));
        fields.to_string().into_bytes()
    };
    let typ = "application/didcomm-signed+json";
    let mut two_signatures = fields.clone();
    let mut bad = fields["signatures"][0].clone();
    bad["signature"] = json!(base64url([7; 64]));
    two_signatures["signatures"].as_array_mut().unwrap().push(bad);
    let mut es256 = with_header(json!({ "typ": typ, "alg": "ES256" }));
    es256 = outside(&es256, json!({ "payload": fields["payload"] }));
    for (what, signed) in [
        ("none", with_header(json!({ "typ": typ, "alg": "none" }))),
        ("HS256", with_header(json!({ "typ": typ, "alg": "HS256" }))),
        ("ES256 by an Ed25519 key", es256),
        ("another key", jose::sign(text.as_bytes(), &kid, &peer.key)),
        ("two, one bad", two_signatures.to_string().into_bytes()),
        ("no signature", outside(&signed, json!({ "signatures": [] }))),
        ("other text", outside(&signed, json!({ "payload": base64url(text.replace("signed", "other")) }))),
    ] {
        assert_eq!(world.envelope(lie.encrypt(&signed, &bob.recipient())).await.0, 400, "{what}");
        assert_eq!(world.envelope(signed).await.0, 400, "{what}, readable by all");
    }
    let mut layers = text.clone().into_bytes();
    for depth in 1..=6 {
        layers = lie.encrypt(&layers, &bob.recipient());
        if depth > 1 {
            assert_eq!(world.envelope(layers.clone()).await.0, 400, "{depth} layers");
        }
    }
    assert_eq!(world.texts().await, Vec::<String>::new());
    // Signed in authcrypt in anoncrypt is the most that the specification allows.
    let deepest = lie.encrypt(&signed, &bob.recipient());
    let deepest = Lie::anonymous().encrypt(&deepest, &bob.recipient());
    assert_eq!(world.envelope(deepest).await.0, 202);
    assert_eq!(world.texts().await, ["signed"]);
    // A plaintext without any envelope never acts.
    assert_eq!(world.envelope(text).await, is(400, "undecryptable"));
    world.agent.stop().await;
});

// Rows 29 to 34: messages of a known sender that are not to be taken; the sender is told.
on_both_engines!(messages_out_of_order_are_reported, engine => {
    let world = World::start(engine).await;
    let World { peer, one, two, .. } = &world;
    let message = |more: Value| {
        let mut message = text_v2("no");
        message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        peer.addressed(&two.theirs, &message)
    };
    for id in [json!(null), json!(""), json!("x".repeat(256)), json!(7), json!("a\u{0}b"), json!([])] {
        assert_eq!(world.plaintext(&message(json!({ "id": id }))).await.0, 400, "{id}");
    }
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    for (more, code) in [
        (json!({ "type": "https://didcomm.org/unheard/1.0/of" }), "e.p.msg.unsupported-type"),
        (
            json!({ "type": "https://didcomm.org/basicmessage/99.0/message" }),
            "e.p.msg.unsupported-type",
        ),
        (json!({ "expires_time": now - 60 }), "e.p.req.time"),
        (json!({ "created_time": now + 86_400 }), "e.p.req.time"),
        (json!({ "expires_time": "tomorrow" }), "e.p.msg"),
        (json!({ "expires_time": -1 }), "e.p.msg"),
        (json!({ "expires_time": 1e30 }), "e.p.msg"),
        (json!({ "created_time": [] }), "e.p.msg"),
        (json!({ "to": ["did:example:carol"] }), "e.p.trust"),
        (json!({ "body": [] }), "e.p.msg"),
        (json!({ "attachments": "x" }), "e.p.msg.attachment"),
    ] {
        let id = fresh_id();
        let mut more = more;
        more["id"] = json!(id);
        let text = message(more.clone());
        assert_eq!(world.plaintext(&text).await, is(202, ""), "{more}");
        assert_eq!(world.reported(&id).await, code, "{more}");
    }
    // Of v1, in its own words; and once, however often it comes.
    let mut bad = text_v1("no");
    bad["~thread"] = json!({ "thid": 7 });
    for _ in 0..3 {
        assert_eq!(world.envelope(peer.pack_v1(&one.theirs, &bad)).await.0, 202);
    }
    let id = bad["@id"].as_str().unwrap().to_owned();
    assert_eq!(world.reported(&id).await, "message-parse-failure");
    // Its id is not used up: mended, the message is taken.
    bad.as_object_mut().unwrap().remove("~thread");
    bad["content"] = json!("mended");
    assert_eq!(world.envelope(peer.pack_v1(&one.theirs, &bad)).await.0, 202);
    let known = json!({ "@type": "https://didcomm.org/basicmessage/1.9/message" });
    let mut newer = text_v1("a later minor version");
    newer.as_object_mut().unwrap().extend(known.as_object().unwrap().clone());
    assert_eq!(world.envelope(peer.pack_v1(&one.theirs, &newer)).await.0, 202);
    assert_eq!(world.texts().await, ["mended", "a later minor version"]);
    let reports = peer.messages_named("problem-report");
    let about = reports.iter().filter(|report| report["~thread"]["thid"] == json!(id)).count();
    assert_eq!(about, 1);
    // A stranger, or nobody, hears nothing at all.
    let nobody = Lie::anonymous();
    let text = json!({ "id": "n", "type": "https://didcomm.org/basicmessage/2.0/message", "body": [] });
    let bob = agreement(&two.theirs);
    let envelope = nobody.encrypt(text.to_string().as_bytes(), &bob.recipient());
    assert_eq!(world.envelope(envelope).await.0, 400);
    world.agent.stop().await;
});

// Rows 35, 37: texts and numbers that databases and parsers are fond of changing.
on_both_engines!(odd_characters_and_numbers_are_kept_or_refused, engine => {
    let world = World::start(engine).await;
    let World { peer, two, .. } = &world;
    let texts = ["nul \u{0} nul", "\u{feff}\u{202e}\u{10ffff}", "'; DROP TABLE pico; --", "{{7*7}} %s $1"];
    for text in texts {
        assert_eq!(world.envelope(peer.pack_v2(&two.theirs, &text_v2(text))).await.0, 202);
    }
    assert_eq!(world.texts().await, texts);
    let honest = peer.addressed(&two.theirs, &text_v2("number"));
    for (number, status) in [("1e400", 400), ("-1e400", 400), ("01", 400), ("NaN", 400), ("\"\\ud800\"", 400)] {
        let text = honest.replacen("\"content\"", &format!("\"odd\":{number},\"content\""), 1);
        assert_eq!(world.plaintext(&text).await.0, status, "{number}");
    }
    // 2^64 and 2^53 + 1 come out as they went in, or not at all: here, beside what is kept.
    for number in ["18446744073709551616", "9007199254740993", "-0", "0.1000000000000000055511151231"] {
        let text = honest.replacen("\"content\"", &format!("\"odd\":{number},\"content\""), 1);
        assert!([202, 400].contains(&world.plaintext(&text).await.0), "{number}");
    }
    // Keys twice in the plaintext are nobody's.
    let twice = honest.replacen("\"content\"", "\"content\":\"a\",\"content\"", 1);
    assert_eq!(world.plaintext(&twice).await.0, 400);
    world.agent.stop().await;
});

// Row 38: attachments are checked before anybody reads them, and fetched never.
on_both_engines!(bad_attachments_are_refused, engine => {
    let world = World::start(engine).await;
    let World { peer, two, .. } = &world;
    let ear = Ear::new().await;
    for data in [
        json!({ "base64": "!!" }),
        json!({ "base64": base64url("{}"), "json": {}, "hash": "x" }),
        json!({ "links": [ear.url], "hash": "zQmAAAA" }),
        json!({ "links": ["http://169.254.169.254/"], "hash": "zQmAAAA" }),
        json!({}),
    ] {
        let offer = json!({
            "type": "https://didcomm.org/issue-credential/3.0/offer-credential", "body": {},
            "attachments": [{ "id": "a", "data": data }],
        });
        let (status, _) = world.envelope(peer.pack_v2(&two.theirs, &offer)).await;
        assert!([202, 400].contains(&status), "{status} {data}");
        let all = world.agent.query(&world.pico, "picomesh.issue-credential", "exchanges", json!({}));
        assert_eq!(all.await["exchanges"], json!([]), "{data}");
    }
    assert_eq!(ear.accepted(), 0);
    world.agent.stop().await;
});
