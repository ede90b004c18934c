//! Two picos get to know each other and talk.

use super::*;
use crate::rulesets::Setting;
use picomesh_pico::{EventPattern, Fault, Native, QueryPattern, Registry, Rid};
use serde_json::{Map, Value, json};

const NOW: i64 = 1_796_094_509_000;

fn setting() -> Setting {
    Setting {
        endpoint: "https://agent.example/didcomm".parse().unwrap(),
        public_url: "https://agent.example/".parse().unwrap(),
        label: "Test".into(),
    }
}

/// A ruleset of the engine's own, which governs the pico.
fn governed(registry: Registry) -> Registry {
    let native = Native::new(Rid::literal("io.picolabs.wrangler"), "Governs.").rule(
        "install",
        "wrangler",
        "install",
        |_, _| Ok(()),
    );
    registry.with_standard(native)
}

fn make(pico: &mut Bench, is_invite: bool) -> String {
    let (document, _) = pico.run(NOW, move |context| generate_did(context, &setting(), is_invite));
    document.unwrap()["id"].as_str().unwrap().to_owned()
}

fn know(pico: &mut Bench, theirs: &str, mine: &str) {
    let (theirs, mine) = (theirs.to_owned(), mine.to_owned());
    let (done, _) = pico.run(NOW, move |context| {
        store_did_doc(context, &json!(theirs))?;
        map_did(context, &theirs, &mine)?;
        Ok(Value::Null)
    });
    done.unwrap();
}

/// Packs a message from one to the other.
fn write(
    pico: &mut Bench,
    mine: &str,
    theirs: &str,
    kind: &str,
    body: Value,
) -> Map<String, Value> {
    let (mine, theirs, kind) = (mine.to_owned(), theirs.to_owned(), kind.to_owned());
    let (packed, _) = pico.run(NOW, move |context| {
        let options = json!({ "type": kind, "from": mine, "to": [theirs], "body": body });
        let message = generate_message(context, options.as_object().unwrap())?;
        pack(context, message.as_object().unwrap(), &mine, &theirs)
    });
    packed.unwrap().as_object().unwrap().clone()
}

fn take(pico: &mut Bench, packed: &Map<String, Value>) -> Result<Value, Fault> {
    let packed = packed.clone();
    pico.run(NOW, move |context| route(context, &packed)).0
}

/// Two picos that know each other.
fn pair() -> (Bench, String, Bench, String) {
    let (mut a, mut b) = (Bench::new("a", governed), Bench::new("b", governed));
    let (a_did, b_did) = (make(&mut a, false), make(&mut b, false));
    know(&mut a, &b_did, &a_did);
    know(&mut b, &a_did, &b_did);
    (a, a_did, b, b_did)
}

fn event(domain: &str) -> Value {
    json!({ "domain": domain, "name": "install", "attrs": { "x": 1 } })
}

#[test]
fn an_event_from_a_peer_is_taken_and_one_from_a_stranger_is_not() {
    let (mut a, a_did, mut b, b_did) = pair();
    let packed = write(&mut a, &a_did, &b_did, EVENT, event("lamp"));
    assert_eq!(take(&mut b, &packed), Ok(Value::Null));

    let mut stranger = Bench::new("s", governed);
    let s_did = make(&mut stranger, false);
    know(&mut stranger, &b_did, &s_did);
    let packed = write(&mut stranger, &s_did, &b_did, EVENT, event("lamp"));
    assert!(take(&mut b, &packed).is_err());
}

#[test]
fn a_plain_message_does_nothing() {
    let (_, a_did, mut b, b_did) = pair();
    let plain = json!({
        "id": "1", "typ": "application/didcomm-plain+json", "type": EVENT,
        "from": a_did, "to": [b_did], "body": event("lamp"),
    });
    assert!(take(&mut b, plain.as_object().unwrap()).is_err());
    assert!(take(&mut b, &Map::new()).is_err());
}

#[test]
fn the_policy_of_the_channel_holds_for_what_is_inside() {
    let (mut a, a_did, mut b, b_did) = pair();
    let lamp = write(&mut a, &a_did, &b_did, EVENT, event("lamp"));
    let govern = write(&mut a, &a_did, &b_did, EVENT, event("wrangler"));
    assert!(take(&mut b, &govern).is_err(), "what governs the pico needs a word of its own");

    let mut channel = b.channels().find(|one| one.did.as_ref() == Some(&b_did)).unwrap().clone();
    let pattern = |domain: &str| EventPattern { domain: domain.into(), name: "*".into() };
    channel.event_policy.allow.push(pattern("wrangler"));
    b.channel_put(channel.clone());
    assert!(take(&mut b, &govern).is_ok());
    assert!(take(&mut b, &lamp).is_err(), "not among what is allowed");

    channel.event_policy.allow.push(pattern("*"));
    channel.event_policy.deny.push(pattern("lamp"));
    b.channel_put(channel.clone());
    assert!(take(&mut b, &lamp).is_err(), "denied");

    channel.event_policy.allow.clear();
    b.channel_put(channel);
    assert!(take(&mut b, &govern).is_err(), "the channel takes no messages at all");
}

#[test]
fn queries_are_held_to_the_policy_too() {
    let (_, a_did, mut b, b_did) = pair();
    let admitted = |b: &mut Bench, rid: &str, name: &str| {
        let args = json!({ "sender": a_did, "mine": b_did, "rid": rid, "name": name });
        b.run(NOW, move |context| admit(context, &args)).0.unwrap()
    };
    assert_eq!(admitted(&mut b, "lamp", "state"), "yes");
    assert_eq!(admitted(&mut b, "io.picolabs.wrangler", "channels"), "no");
    assert_eq!(admitted(&mut b, "io.picolabs.wrangler", "name"), "yes");
    let mut channel = b.channels().find(|one| one.did.as_ref() == Some(&b_did)).unwrap().clone();
    let pattern = QueryPattern { rid: "io.picolabs.wrangler".into(), name: "channels".into() };
    channel.query_policy.allow.push(pattern);
    b.channel_put(channel);
    assert_eq!(admitted(&mut b, "io.picolabs.wrangler", "channels"), "yes");
    assert_eq!(admitted(&mut b, "lamp", "state"), "no");
}

///   inviter                         invitee
///      | ------- invitation ---------> |
///      | <---------- ping ------------ |   to the DID of the invitation
///      | --- response, from_prior ---> |   from a new one
///      | <---------- event ----------- |   to the new one: the old one goes
#[test]
fn the_did_of_an_invitation_is_replaced_at_first_use() {
    let (mut a, mut b) = (Bench::new("a", governed), Bench::new("b", governed));
    let invite = make(&mut a, true);
    let b_did = make(&mut b, false);
    know(&mut b, &invite, &b_did);
    let eci = a.channels().next().unwrap().eci.clone();

    let (mine, theirs) = (invite.clone(), b_did.clone());
    let (done, _) = a.run(NOW, move |context| {
        rotate_invite_did(context, &setting(), Some(&eci), &mine, &theirs)?;
        rotate_invite_did(context, &setting(), Some(&eci), &mine, "did:example:late")?;
        Ok(Value::Null)
    });
    done.unwrap();
    let new = a.entity("didMap")[&b_did].as_str().unwrap().to_owned();
    assert_ne!(new, invite);
    assert_eq!(a.entity("didMap").as_object().unwrap().len(), 1, "only the first one");

    let packed =
        write(&mut a, &new, &b_did, "https://didcomm.org/trust_ping/2.0/ping_response", json!({}));
    assert_eq!(take(&mut b, &packed), Ok(Value::Null));
    assert_eq!(b.entity("didMap"), json!({ &new: b_did }));
    assert!(b.entity("didDocs").get(&new).is_some() && b.entity("didDocs").get(&invite).is_none());

    let packed = write(&mut b, &b_did, &new, EVENT, event("lamp"));
    assert_eq!(take(&mut a, &packed), Ok(Value::Null));
    assert_eq!(a.entity("pendingRotations"), json!({}));
    assert_eq!(a.channels().count(), 1, "the channel of the invitation is gone");
}

#[test]
fn what_is_sent_is_a_job_without_keys_in_it() {
    let (mut a, a_did, _, b_did) = pair();
    let (mine, theirs) = (a_did.clone(), b_did.clone());
    let (done, outcome) = a.run(NOW, move |context| {
        send(context, &theirs, &json!({ "id": "1", "type": EVENT, "from": mine, "body": {} }))
    });
    done.unwrap();
    let jobs: Vec<&picomesh_pico::Job> = outcome
        .changes
        .iter()
        .filter_map(|change| match change {
            picomesh_pico::Change::Job(job) => Some(job),
            picomesh_pico::Change::Entity { .. }
            | picomesh_pico::Change::Channel { .. }
            | picomesh_pico::Change::Did(_)
            | picomesh_pico::Change::Child(_)
            | picomesh_pico::Change::DeletePico(_)
            | picomesh_pico::Change::Name(_)
            | picomesh_pico::Change::Ruleset { .. }
            | picomesh_pico::Change::Schedule { .. }
            | picomesh_pico::Change::Seen(_)
            | picomesh_pico::Change::JobDone(_) => None,
        })
        .collect();
    assert_eq!(jobs.len(), 1);
    assert_eq!(jobs[0].kind, "dido");
    assert!(
        jobs[0].body["endpoint"].as_str().unwrap().starts_with("https://agent.example/sky/event/c")
    );
    assert_eq!(jobs[0].body["document"], Value::Null);
    for name in ["didDocs", "didMap"] {
        assert!(!a.entity(name).to_string().contains("\"d\""), "{name} holds no private key");
    }
    let (nothing, outcome) =
        a.run(NOW, |context| send(context, "did:example:nobody", &json!({ "from": "x" })));
    assert_eq!((nothing, outcome.changes.len()), (Ok(Value::Null), 0));
}

#[test]
fn a_message_has_the_fields_of_the_reference() {
    let mut a = Bench::new("a", governed);
    let (message, _) = a.run(NOW, |context| {
        let options = json!({ "type": "t", "body": { "k": 1 }, "expires_time": 100 });
        generate_message(context, options.as_object().unwrap())
    });
    let message = message.unwrap();
    let names: Vec<&str> = message.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "id",
            "typ",
            "type",
            "body",
            "from",
            "to",
            "thid",
            "pthid",
            "created_time",
            "attachments",
            "expires_time"
        ]
    );
    assert_eq!(message["expires_time"], 1_796_094_609);
}
