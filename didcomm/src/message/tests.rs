//! Both forms read and written, and what is refused (bad inputs 29-31, 33, 35-37).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::*;

fn parse(value: &Value) -> Result<Message, Error> {
    Message::parse(value.to_string().as_bytes())
}

fn v1() -> Value {
    json!({
        "@type": "https://didcomm.org/basicmessage/1.0/message",
        "@id": "m1",
        "~thread": {"thid": "t1", "pthid": "p1", "sender_order": 3},
        "~transport": {"return_route": "thread", "return_route_thread": "t9"},
        "~l10n": {"locale": "de"},
        "content": "Grüezi\u{0}",
        "offers~attach": [{"@id": "a"}],
        "from": "a field like any other"
    })
}

fn v2() -> Value {
    json!({
        "id": "m1",
        "typ": "application/didcomm-plain+json",
        "type": "https://didcomm.org/basicmessage/2.0/message",
        "thid": "t1",
        "pthid": "p1",
        "from": "did:example:alice",
        "to": ["did:example:bob"],
        "created_time": 1_516_269_022,
        "expires_time": 1_516_385_931,
        "return_route": "all",
        "lang": "de",
        "body": {"content": "x", "n": 1.5},
        "attachments": [{"id": "a", "data": {"json": {"b": 1}}}]
    })
}

#[test]
fn a_v1_message_comes_out_as_it_went_in() {
    let message = parse(&v1()).unwrap();
    assert_eq!(message.version, Version::V1);
    assert_eq!(message.thread_id(), "t1");
    assert_eq!(message.pthid.as_deref(), Some("p1"));
    assert_eq!(message.return_route, Some(ReturnRoute::Thread(Some("t9".to_owned()))));
    assert_eq!(message.body["content"], "Grüezi\u{0}");
    assert_eq!(message.from, None);
    assert_eq!(message.decorators.keys().collect::<Vec<_>>(), ["~l10n", "~thread"]);
    assert_eq!(Value::Object(message.to_fields()), v1());
    assert_eq!(Message::parse(&message.to_bytes()).unwrap(), message);
}

#[test]
fn a_v2_message_comes_out_as_it_went_in() {
    let message = parse(&v2()).unwrap();
    assert_eq!(message.version, Version::V2);
    assert_eq!(message.to, ["did:example:bob"]);
    assert_eq!(message.decorators["lang"], "de");
    assert_eq!(message.return_route, Some(ReturnRoute::All));
    assert_eq!(Value::Object(message.to_fields()), v2());
    assert_eq!(Message::parse(&message.to_bytes()).unwrap(), message);
}

#[test]
fn a_reply_stays_on_the_thread() {
    let first = Message::new(Version::V2, "m1", MessageType::new("trust-ping", (2, 0), "ping"));
    let kind = MessageType::new("trust-ping", (2, 0), "ping-response");
    let reply = first.reply("m2", kind);
    assert_eq!((reply.thid.as_deref(), reply.version), (Some("m1"), Version::V2));
    let again = reply.reply("m3", MessageType::new("trust-ping", (2, 0), "ping"));
    assert_eq!(again.thread_id(), "m1");
}

#[test]
fn a_typed_body_goes_both_ways() {
    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Ping {
        response_requested: bool,
    }
    let kind = MessageType::new("trust_ping", (1, 0), "ping");
    let ping = Message::new(Version::V1, "m1", kind);
    let ping = ping.with_body(&Ping { response_requested: true }).unwrap();
    assert!(ping.body_as::<Ping>().unwrap().response_requested);
    let empty = ping.clone().with_body(&json!({})).unwrap();
    assert!(matches!(empty.body_as::<Ping>(), Err(Error::Malformed { .. })));
    assert_eq!(ping.with_body(&7), Err(Error::Misuse("a body is a JSON object")));
}

#[test]
fn a_bad_id_is_refused() {
    let long = "x".repeat(256);
    for id in [json!(""), json!(7), json!(long), json!("a\u{0}b"), Value::Null, json!(["m1"])] {
        for (mut message, key) in [(v1(), "@id"), (v2(), "id")] {
            message[key] = id.clone();
            assert_eq!(parse(&message), Err(Error::Id(key)), "{id}");
        }
        if id.is_null() {
            continue;
        }
        let mut message = v2();
        message["thid"] = id.clone();
        assert_eq!(parse(&message), Err(Error::Id("thid")), "{id}");
        let mut message = v1();
        message["~thread"]["thid"] = id.clone();
        assert_eq!(parse(&message), Err(Error::Id("thid")), "{id}");
    }
    let mut message = v1();
    message["@id"] = json!("x".repeat(255));
    assert!(parse(&message).is_ok());
}

#[test]
fn a_bad_type_is_refused() {
    for kind in [json!("ping"), json!(1), json!(null), json!("")] {
        for (mut message, key) in [(v1(), "@type"), (v2(), "type")] {
            message[key] = kind.clone();
            assert_eq!(parse(&message), Err(Error::Type), "{kind}");
        }
    }
    assert_eq!(Message::parse(b"{}"), Err(Error::Type));
}

#[test]
fn a_time_that_is_no_count_of_seconds_is_refused() {
    for time in [json!("1516269022"), json!(-1), json!(1.5), json!([1])] {
        for key in ["created_time", "expires_time"] {
            let mut message = v2();
            message[key] = time.clone();
            assert_eq!(parse(&message), Err(Error::Time(key)), "{time}");
        }
    }
    let bytes = v2().to_string().replace("1516385931", "1e30");
    assert_eq!(Message::parse(bytes.as_bytes()), Err(Error::Time("expires_time")));
}

#[test]
fn fields_of_the_wrong_shape_are_refused() {
    for (key, value) in [
        ("from", json!(1)),
        ("to", json!("did:example:bob")),
        ("to", json!([1])),
        ("to", json!(vec!["did:example:bob"; 51])),
        ("body", json!([])),
        ("typ", json!("application/didcomm-encrypted+json")),
        ("attachments", json!({})),
        ("attachments", json!(vec![json!({"data": {"json": 1}}); 101])),
        ("from_prior", json!({})),
        ("return_route", json!(1)),
    ] {
        let mut message = v2();
        message[key] = value.clone();
        assert!(parse(&message).is_err(), "{key} {value}");
    }
    for (key, value) in [("~thread", json!("t")), ("~transport", json!([]))] {
        let mut message = v1();
        message[key] = value.clone();
        assert!(parse(&message).is_err(), "{key} {value}");
    }
}

#[test]
fn unclear_json_is_refused_in_the_body_too() {
    let text = v2().to_string();
    for (old, new) in [
        ("\"content\":\"x\"", "\"content\":\"x\",\"content\":\"y\""),
        ("\"content\":\"x\"", "\"content\":\"\\ud800\""),
        ("1.5", "18446744073709551616"),
        ("1.5", "1e400"),
    ] {
        assert!(text.contains(old));
        assert!(Message::parse(text.replace(old, new).as_bytes()).is_err(), "{new}");
    }
    let exact = text.replace("1.5", "18446744073709551615");
    let message = Message::parse(exact.as_bytes()).unwrap();
    assert_eq!(message.body["n"], json!(u64::MAX));
}
