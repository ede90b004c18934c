//! What rulesets do with the messages of peers: problem reports, strangers, floods.

#![allow(clippy::unwrap_used, clippy::panic, clippy::wildcard_enum_match_arm)]

use super::connection::{self, Connection, Route};
use super::{Setting, registry};
use picomesh_pico::{
    Change, Context, Event, Fault, Job, Key, Loaded, Native, Origin, Outcome, Pico, PicoId,
    Progress, Registry, Rid, State, Turn,
};
use serde_json::{Map, Value, json};

const MINE: &str = "AKnL4NNf3DGWZJS6cPknBuEGnVsV4A4m5tgebLHaRSZ9";
const THEIRS: &str = "9hSR6S7WPtxmTojgo6GG3k4yDPecgJY292j7xrsUGWBu";
const STRANGER: &str = "GyGKxMyg1p9SsHfm15MkNUu1u9TN2JtTspcdmrtGUdse";
const MY_DID: &str = "did:example:mine";
const THEIR_DID: &str = "did:example:theirs";

fn setting() -> Setting {
    Setting {
        endpoint: "https://agent.example/didcomm".parse().unwrap(),
        public_url: "https://agent.example/".parse().unwrap(),
        label: "Test".into(),
    }
}

/// A pico with one connection of each generation.
fn pico() -> State {
    let mut state = State::new(Pico {
        id: PicoId::parse("p").unwrap(),
        parent: None,
        name: "p".into(),
        version: 0,
        rulesets: vec![],
    });
    let set_up = |context: &mut Context, _: &Event| -> Result<(), Fault> {
        connection::save(context, &connected(1, MINE, THEIRS))?;
        connection::save(context, &connected(2, MY_DID, THEIR_DID))
    };
    let rid = Rid::literal(connection::RID);
    let native = Native::new(rid, "Sets up.").rule("set_up", "test", "set_up", set_up);
    let registry = Registry::default().with_standard(native);
    let outcome = take(&mut state, &registry, &event("test", "set_up", Map::new(), Origin::Engine));
    assert_eq!(outcome.fired, 1);
    state
}

fn connected(generation: u8, mine: &str, theirs: &str) -> Connection {
    let route = Route {
        endpoint: "https://peer.example/".into(),
        recipient_keys: vec![THEIRS.into()],
        routing_keys: vec![],
    };
    Connection {
        id: format!("c{generation}"),
        state: "completed".into(),
        role: "inviter".into(),
        protocol: "didexchange/1.1".into(),
        generation,
        my_did: Some(MY_DID.into()),
        my_key: Some(mine.into()),
        their_did: Some(THEIR_DID.into()),
        their_document: None,
        their_keys: vec![theirs.into()],
        route: (generation == 1).then_some(route),
        their_label: None,
        alias: None,
        invitation_id: None,
        thid: None,
        problem: None,
        created_at: 0,
        updated_at: 0,
    }
}

fn event(domain: &str, name: &str, attrs: Map<String, Value>, origin: Origin) -> Event {
    let (domain, name) = (domain.into(), name.into());
    Event {
        id: "e".into(),
        domain,
        name,
        attrs,
        origin,
        eci: None,
        once: None,
        for_rid: None,
        at: None,
    }
}

/// Runs a turn to its end; what was never written is not there.
fn take(state: &mut State, registry: &Registry, event: &Event) -> Outcome {
    let mut turn = Turn::new(state, event, 1_700_000_000_000, [7; 32]);
    loop {
        match turn.run(state, registry) {
            Progress::Done(outcome) => {
                state.put_links(turn.into_links());
                state.apply(&outcome.changes);
                return outcome;
            }
            Progress::Load(key) => {
                let loaded = match &key {
                    Key::Entity(..) => Loaded::Entity(None),
                    Key::Seen(_) => Loaded::Seen(false),
                    other => panic!("nobody has {other:?}"),
                };
                state.insert(key, loaded);
            }
            other => panic!("{other:?}"),
        }
    }
}

/// A message of a peer as the door hands it over.
fn arrive(state: &mut State, sender: &str, message: Value) -> Outcome {
    let parsed =
        picomesh_didcomm::Message::from_fields(message.as_object().unwrap().clone()).unwrap();
    let kind = parsed.kind;
    let attrs = json!({
        "message": message, "my_did": MY_DID, "recipient_kid": MINE, "sender": sender,
    });
    let domain = format!("didcomm_{}", kind.protocol.replace('-', "_"));
    let name = kind.name.replace('-', "_");
    let attrs = attrs.as_object().unwrap().clone();
    take(state, &registry(setting()), &event(&domain, &name, attrs, Origin::Peer))
}

fn sent(outcome: &Outcome) -> Vec<Value> {
    let jobs = outcome.changes.iter().filter_map(|change| match change {
        Change::Job(Job { kind, body, .. }) if kind == "deliver" => Some(body["message"].clone()),
        _ => None,
    });
    jobs.collect()
}

fn v1(kind: &str) -> Value {
    json!({ "@type": format!("https://didcomm.org/{kind}"), "@id": "m1" })
}

fn v2(kind: &str) -> Value {
    json!({ "type": format!("https://didcomm.org/{kind}"), "id": "m1", "body": {} })
}

#[test]
fn a_ping_of_a_connection_is_answered() {
    for (sender, ping) in
        [(THEIRS, v1("trust_ping/1.0/ping")), (THEIR_DID, v2("trust-ping/2.0/ping"))]
    {
        let outcome = arrive(&mut pico(), sender, ping);
        assert!(outcome.fault.is_none(), "{outcome:?}");
        let [answer] = &sent(&outcome)[..] else { panic!("one answer") };
        let thid = answer["thid"].as_str().or(answer["~thread"]["thid"].as_str());
        assert_eq!(thid, Some("m1"));
    }
}

/// Rows 30 and 31: the sender learns that nobody here takes such a message.
#[test]
fn an_unknown_type_is_reported() {
    let [report] = &sent(&arrive(&mut pico(), THEIRS, v1("tictactoe/1.0/move")))[..] else {
        panic!("one report")
    };
    assert_eq!(report["description"]["code"], "message-parse-failure");
    assert_eq!(report["~thread"]["thid"], "m1");
    let outcome = arrive(&mut pico(), THEIR_DID, v2("trust-ping/99.0/ping"));
    let [report] = &sent(&outcome)[..] else { panic!("one report: {outcome:?}") };
    assert_eq!(report["pthid"], "m1");
    let code = report["body"]["code"].as_str().unwrap();
    assert!(code.starts_with("e.p.msg"), "{code}");
}

#[test]
fn a_malformed_body_is_reported() {
    let mut ping = v1("trust_ping/1.0/ping");
    ping["response_requested"] = json!("yes");
    let outcome = arrive(&mut pico(), THEIRS, ping);
    assert!(matches!(outcome.fault.as_ref().unwrap().fault, Fault::Refused { .. }));
    let [report] = &sent(&outcome)[..] else { panic!("one report") };
    assert_eq!(report["description"]["code"], "message-parse-failure");
}

/// Row 39 and attack T-D17: no report about a report, an ack, or from a stranger's report.
#[test]
fn nothing_answers_a_report_or_an_ack() {
    let mut report = v1("notification/1.0/problem-report");
    report["description"] = json!({ "code": "x", "en": "y" });
    let mut report_2 = v2("report-problem/2.0/problem-report");
    report_2["pthid"] = json!("t9");
    report_2["body"] = json!({ "code": "e.p.msg" });
    let adopted = v1("tictactoe/1.0/problem-report");
    let empty = v1("report-problem/1.0/problem-report");
    for message in [report, adopted, empty, v1("notification/1.0/ack"), v1("tictactoe/1.0/ack")] {
        for sender in [THEIRS, STRANGER] {
            assert_eq!(sent(&arrive(&mut pico(), sender, message.clone())), [] as [Value; 0]);
        }
    }
    for sender in [THEIR_DID, "did:example:stranger"] {
        assert_eq!(sent(&arrive(&mut pico(), sender, report_2.clone())), [] as [Value; 0]);
    }
}

/// Attack T-D2: a thread or a name in the message leads a stranger nowhere.
#[test]
fn a_strangers_message_changes_nothing() {
    let mut text = v1("basicmessage/1.0/message");
    text["content"] = json!("I am your old friend.");
    text["~thread"] = json!({ "thid": "c1", "pthid": "c1" });
    for message in [text, v1("trust_ping/1.0/ping"), v1("discover-features/2.0/queries")] {
        let outcome = arrive(&mut pico(), STRANGER, message);
        assert!(matches!(outcome.fault.as_ref().unwrap().fault, Fault::Refused { .. }));
        let writes = outcome.changes.iter().any(|change| matches!(change, Change::Entity { .. }));
        assert!(!writes && sent(&outcome).is_empty(), "{outcome:?}");
    }
}

/// Row 48 and attack T-D10 at the door of a pico: a handshake that nobody invited.
#[test]
fn handshakes_that_nobody_began_are_refused() {
    let mut request = v1("didexchange/1.1/request");
    request["~thread"] = json!({ "pthid": "no-such-invitation" });
    request["did"] = json!("did:example:stranger");
    request["label"] = json!("Mallory");
    let mut response = v1("didexchange/1.1/response");
    response["~thread"] = json!({ "thid": "c1" });
    response["did"] = json!("did:example:stranger");
    let complete = v1("didexchange/1.1/complete");
    for (message, code) in [
        (request, "request_not_accepted"),
        (response, "response_not_accepted"),
        (complete, "e.p.trust.stranger"),
    ] {
        let outcome = arrive(&mut pico(), STRANGER, message);
        let Fault::Refused { code: told, .. } = &outcome.fault.as_ref().unwrap().fault else {
            panic!("refused")
        };
        assert_eq!(told, code);
        assert!(sent(&outcome).is_empty());
    }
}

/// Only the operator and rules of the pico give commands; a channel or a peer does not.
#[test]
fn commands_of_others_are_refused() {
    for (domain, name) in [
        ("connections", "create_invitation"),
        ("connections", "receive_invitation"),
        ("connections", "delete"),
        ("connections", "resolved"),
        ("trust_ping", "send"),
        ("basic_message", "send"),
        ("discover_features", "query"),
    ] {
        for origin in [Origin::Channel, Origin::Peer] {
            let attrs = json!({ "id": "c1", "connection": "c1", "content": "x" });
            let attrs = attrs.as_object().unwrap().clone();
            let outcome =
                take(&mut pico(), &registry(setting()), &event(domain, name, attrs, origin));
            let writes = outcome.changes.iter().any(|c| !matches!(c, Change::Seen(_)));
            assert!(outcome.fault.is_some() && !writes, "{domain}:{name}");
        }
    }
}

#[test]
fn texts_are_kept_in_a_ring() {
    let mut state = pico();
    for _ in 0..3 {
        let mut text = v1("basicmessage/1.0/message");
        text["content"] = json!("Hello.");
        let outcome = arrive(&mut state, THEIRS, text);
        assert!(outcome.fault.is_none(), "{:?}", outcome.fault);
    }
    let rid = Rid::literal("picomesh.basic-message");
    let counter = state.loaded(&Key::Entity(rid, "ring/messages".into()));
    let Some(Loaded::Entity(Some(bytes))) = counter else { panic!("a counter") };
    assert_eq!(**bytes, *b"3");
}
