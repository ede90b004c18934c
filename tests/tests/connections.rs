//! Connections between two agents, over real sockets and on real databases.

#![allow(clippy::unwrap_used, clippy::panic)]

use picomesh_pico::PicoId;
use picomesh_tests::{Home, TestAgent, eventually, on_both_engines};
use serde_json::{Value, json};

const CONNECTIONS: &str = "picomesh.connections";

async fn connection(agent: &TestAgent, pico: &PicoId, id: &str) -> Value {
    agent.query(pico, CONNECTIONS, "connection", json!({ "id": id })).await
}

async fn completed(agent: &TestAgent, pico: &PicoId) -> Value {
    eventually("a completed connection", async || {
        let args = json!({ "state": "completed" });
        let found = agent.query(pico, CONNECTIONS, "connections", args).await;
        found.get(0).cloned()
    })
    .await
}

async fn invite(agent: &TestAgent, pico: &PicoId, attrs: Value) -> Value {
    agent.directive(pico, ("connections", "create_invitation"), attrs, "invitation").await
}

async fn receive(agent: &TestAgent, pico: &PicoId, attrs: Value) -> Value {
    agent.directive(pico, ("connections", "receive_invitation"), attrs, "connection").await
}

/// Two agents with a pico each, connected by `protocol`.
struct Pair {
    faber: TestAgent,
    faber_pico: PicoId,
    alice: TestAgent,
    alice_pico: PicoId,
}

impl Pair {
    async fn start(homes: &(Home, Home)) -> Self {
        let (faber, alice) = (homes.0.start().await, homes.1.start().await);
        let faber_pico = faber.create_pico("faber").await;
        let alice_pico = alice.create_pico("alice").await;
        Self { faber, faber_pico, alice, alice_pico }
    }

    async fn connect(&self, protocol: &str) -> (Value, Value) {
        let invitation =
            invite(&self.faber, &self.faber_pico, json!({ "protocol": protocol })).await;
        let url = json!({ "url": invitation["url"] });
        receive(&self.alice, &self.alice_pico, url).await;
        let theirs = completed(&self.alice, &self.alice_pico).await;
        let ours = completed(&self.faber, &self.faber_pico).await;
        (ours, theirs)
    }

    async fn stop(self) {
        self.faber.stop().await;
        self.alice.stop().await;
    }
}

async fn a_ping_and_a_text_pass(pair: &Pair, ours: &Value, theirs: &Value) {
    for (agent, pico, connection) in
        [(&pair.faber, &pair.faber_pico, ours), (&pair.alice, &pair.alice_pico, theirs)]
    {
        let attrs = json!({ "connection": connection["id"] });
        agent.directive(pico, ("trust_ping", "send"), attrs, "ping").await;
        eventually("an answered ping", async || {
            let pings = agent.query(pico, "picomesh.trust-ping", "pings", json!({})).await;
            (pings["answered"] == 1).then_some(())
        })
        .await;
    }
    let attrs = json!({ "connection": ours["id"], "content": "Hello, Alice." });
    pair.faber.directive(&pair.faber_pico, ("basic_message", "send"), attrs, "message").await;
    eventually("a text", async || {
        let args = json!({ "connection": theirs["id"] });
        let pico = &pair.alice_pico;
        let texts = pair.alice.query(pico, "picomesh.basic-message", "messages", args).await;
        (texts[0]["content"] == "Hello, Alice.").then_some(())
    })
    .await;
    let attrs = json!({ "connection": theirs["id"], "query": "https://didcomm.org/trust*" });
    let pico = &pair.alice_pico;
    pair.alice.directive(pico, ("discover_features", "query"), attrs, "query").await;
    eventually("disclosed features", async || {
        let args = json!({ "connection": theirs["id"] });
        let told = pair.alice.query(pico, "picomesh.discover-features", "features", args).await;
        (told["features"].as_array()?.len() == 2).then_some(())
    })
    .await;
}

async fn connect_and_talk(engine: picomesh_tests::Engine, protocol: &str) {
    let homes = (Home::new(engine).await, Home::new(engine).await);
    let pair = Pair::start(&homes).await;
    let (ours, theirs) = pair.connect(protocol).await;
    assert_eq!(ours["protocol"], protocol);
    assert_eq!(theirs["protocol"], protocol);
    a_ping_and_a_text_pass(&pair, &ours, &theirs).await;
    pair.stop().await;
}

on_both_engines!(two_agents_connect_by_did_exchange_1_1, engine => {
    connect_and_talk(engine, "didexchange/1.1").await;
});

on_both_engines!(two_agents_connect_by_did_exchange_1_0, engine => {
    connect_and_talk(engine, "didexchange/1.0").await;
});

on_both_engines!(two_agents_connect_by_connections_1_0, engine => {
    connect_and_talk(engine, "connections/1.0").await;
});

on_both_engines!(two_agents_connect_by_out_of_band_2_0, engine => {
    connect_and_talk(engine, "out-of-band/2.0").await;
});

// Attack T-D9, row 46: one receiver is let in, the others are told.
on_both_engines!(a_single_use_invitation_makes_one_connection, engine => {
    let homes = (Home::new(engine).await, Home::new(engine).await);
    let pair = Pair::start(&homes).await;
    let invitation = invite(&pair.faber, &pair.faber_pico, json!({})).await;
    let url = json!({ "url": invitation["url"] });
    let attempts = (0..8).map(|_| receive(&pair.alice, &pair.alice_pico, url.clone()));
    let begun = futures::future::join_all(attempts).await;
    let mut states = Vec::new();
    for one in &begun {
        let state = eventually("an end", async || {
            let id = one["id"].as_str().unwrap();
            let now = connection(&pair.alice, &pair.alice_pico, id).await;
            let state = now["state"].as_str().unwrap().to_owned();
            ["completed", "abandoned"].contains(&state.as_str()).then_some((state, now))
        }).await;
        states.push(state);
    }
    let completed = states.iter().filter(|(state, _)| state == "completed").count();
    assert_eq!(completed, 1);
    let problem = states.iter().find_map(|(_, now)| now["problem"].as_str()).unwrap();
    assert!(problem.starts_with("request_not_accepted"), "{problem}");
    let all = pair.faber.query(&pair.faber_pico, CONNECTIONS, "connections", json!({})).await;
    assert_eq!(all.as_array().unwrap().len(), 1);
    pair.stop().await;
});

on_both_engines!(a_multi_use_invitation_makes_many_connections, engine => {
    let homes = (Home::new(engine).await, Home::new(engine).await);
    let pair = Pair::start(&homes).await;
    let attrs = json!({ "multi_use": true, "alias": "fair" });
    let invitation = invite(&pair.faber, &pair.faber_pico, attrs).await;
    assert!(invitation["connection_id"].is_null());
    for _ in 0..3 {
        let url = json!({ "url": invitation["url"] });
        receive(&pair.alice, &pair.alice_pico, url).await;
    }
    eventually("three connections", async || {
        let args = json!({ "state": "completed" });
        let all = pair.faber.query(&pair.faber_pico, CONNECTIONS, "connections", args).await;
        let all = all.as_array()?;
        (all.len() == 3 && all.iter().all(|one| one["alias"] == "fair")).then_some(())
    }).await;
    pair.stop().await;
});

on_both_engines!(owners_who_are_asked_decide, engine => {
    let homes = (Home::new(engine).await, Home::new(engine).await);
    let pair = Pair::start(&homes).await;
    let attrs = json!({ "auto_accept": false });
    let invitation = invite(&pair.faber, &pair.faber_pico, attrs).await;
    let waiting = invitation["connection_id"].as_str().unwrap();
    let attrs = json!({ "url": invitation["url"], "auto_accept": false });
    let theirs = receive(&pair.alice, &pair.alice_pico, attrs).await;
    assert_eq!(theirs["state"], "invitation-received");

    let id = json!({ "id": theirs["id"] });
    let command = ("connections", "accept_invitation");
    pair.alice.directive(&pair.alice_pico, command, id, "connection").await;
    eventually("a request", async || {
        let now = connection(&pair.faber, &pair.faber_pico, waiting).await;
        (now["state"] == "request-received").then_some(())
    }).await;
    let command = ("connections", "accept_request");
    let id = json!({ "id": waiting });
    pair.faber.directive(&pair.faber_pico, command, id, "connection").await;
    assert_eq!(completed(&pair.alice, &pair.alice_pico).await["id"], theirs["id"]);
    pair.stop().await;
});

on_both_engines!(a_refused_request_is_told, engine => {
    let homes = (Home::new(engine).await, Home::new(engine).await);
    let pair = Pair::start(&homes).await;
    let attrs = json!({ "auto_accept": false });
    let invitation = invite(&pair.faber, &pair.faber_pico, attrs).await;
    let waiting = invitation["connection_id"].as_str().unwrap();
    let url = json!({ "url": invitation["url"] });
    let theirs = receive(&pair.alice, &pair.alice_pico, url).await;
    eventually("a request", async || {
        let now = connection(&pair.faber, &pair.faber_pico, waiting).await;
        (now["state"] == "request-received").then_some(())
    }).await;
    let attrs = json!({ "id": waiting, "reason": "Not today." });
    let command = ("connections", "reject");
    pair.faber.directive(&pair.faber_pico, command, attrs, "connection").await;
    let id = theirs["id"].as_str().unwrap();
    eventually("the end", async || {
        let now = connection(&pair.alice, &pair.alice_pico, id).await;
        (now["problem"] == "request_not_accepted: Not today.").then_some(())
    }).await;
    pair.stop().await;
});

// RFC 0434 §Reuse Messages: an invitation with a known DID needs no second handshake.
on_both_engines!(a_connection_is_used_again, engine => {
    let homes = (Home::new(engine).await, Home::new(engine).await);
    let pair = Pair::start(&homes).await;
    let (ours, theirs) = pair.connect("didexchange/1.1").await;
    let did = ours["my_did"].clone();
    let attrs = json!({ "use_did": did, "multi_use": true });
    let first = invite(&pair.faber, &pair.faber_pico, attrs).await;
    let url = json!({ "url": first["url"] });
    let one = receive(&pair.alice, &pair.alice_pico, url.clone()).await;
    assert_ne!(one["id"], theirs["id"]);
    eventually("the second connection", async || {
        let id = one["id"].as_str().unwrap();
        let now = connection(&pair.alice, &pair.alice_pico, id).await;
        (now["state"] == "completed").then_some(())
    }).await;
    let again = receive(&pair.alice, &pair.alice_pico, url).await;
    assert_eq!(again["id"], one["id"]);
    pair.stop().await;
});

on_both_engines!(a_deleted_connection_is_a_strangers, engine => {
    let homes = (Home::new(engine).await, Home::new(engine).await);
    let pair = Pair::start(&homes).await;
    let (ours, theirs) = pair.connect("didexchange/1.1").await;
    let id = json!({ "id": ours["id"] });
    pair.faber.directive(&pair.faber_pico, ("connections", "delete"), id, "deleted").await;
    let attrs = json!({ "connection": theirs["id"], "content": "Anybody there?" });
    pair.alice.directive(&pair.alice_pico, ("basic_message", "send"), attrs, "message").await;
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let rid = "picomesh.basic-message";
    let texts = pair.faber.query(&pair.faber_pico, rid, "messages", json!({})).await;
    assert_eq!(texts, json!([]));
    pair.stop().await;
});

// Rows 45 and 47: nothing is stored for an invitation that cannot be answered.
on_both_engines!(hostile_invitations_leave_nothing, engine => {
    let home = Home::new(engine).await;
    let agent = home.start().await;
    let pico = agent.create_pico("alice").await;
    let invitation = |services: Value| json!({
        "@type": "https://didcomm.org/out-of-band/1.1/invitation", "@id": "i1",
        "handshake_protocols": ["https://didcomm.org/didexchange/1.1"], "services": services,
    });
    let key = "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH";
    let mut expired = invitation(json!([{
        "id": "#inline", "type": "did-communication", "recipientKeys": [key],
        "serviceEndpoint": "https://agent.example",
    }]));
    expired["~timing"] = json!({ "expires_time": "2020-01-01T00:00:00Z" });
    for attrs in [
        json!({}),
        json!({ "url": "https://x.example/?oob=%21" }),
        json!({ "url": "https://x.example/" }),
        json!({ "invitation": invitation(json!([])) }),
        json!({ "invitation": invitation(json!([{
            "id": "#inline", "recipientKeys": [key], "serviceEndpoint": "javascript:alert(1)",
        }])) }),
        json!({ "invitation": expired }),
    ] {
        let answer = agent.event(&pico, "connections", "receive_invitation", attrs.clone()).await;
        let fault = answer.fault.unwrap_or_else(|| panic!("{attrs} was taken"));
        assert!(format!("{:?}", fault.fault).contains("invalid"), "{fault:?}");
    }
    let all = agent.query(&pico, CONNECTIONS, "connections", json!({})).await;
    assert_eq!(all, json!([]));
    agent.stop().await;
});

// Decision 12: a message acts only as far as its channel's policy allows.
on_both_engines!(a_channel_may_forbid_messages, engine => {
    let homes = (Home::new(engine).await, Home::new(engine).await);
    let pair = Pair::start(&homes).await;
    let (ours, theirs) = pair.connect("didexchange/1.1").await;
    let (faber, pico) = (&pair.faber, &pair.faber_pico);
    let channels = faber.query(pico, "picomesh.pico", "channels", json!({})).await;
    let mut channels = channels.as_array().unwrap().iter();
    let channel = channels.find(|channel| channel["did"] == ours["my_did"]).unwrap();
    let deny = [json!({ "domain": "didcomm_basicmessage", "name": "*" })];
    let policy = json!({ "eci": channel["eci"], "event_policy": { "allow": [], "deny": deny } });
    faber.directive(pico, ("pico", "update_channel"), policy, "channel").await;
    let text = json!({ "connection": theirs["id"], "content": "Let me in." });
    let alice = &pair.alice_pico;
    pair.alice.directive(alice, ("basic_message", "send"), text, "message").await;
    let ping = json!({ "connection": theirs["id"] });
    pair.alice.directive(alice, ("trust_ping", "send"), ping, "ping").await;
    eventually("a ping that is allowed", async || {
        let pings = pair.alice.query(alice, "picomesh.trust-ping", "pings", json!({})).await;
        (pings["answered"] == 1).then_some(())
    })
    .await;
    let texts = faber.query(pico, "picomesh.basic-message", "messages", json!({})).await;
    assert_eq!(texts, json!([]));
    pair.stop().await;
});
