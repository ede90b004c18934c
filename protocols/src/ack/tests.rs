//! Vectors and refusals of Ack.

use picomesh_didcomm::{Message, MessageType, Version};

use super::*;
use crate::Error;

/// RFC 0015 §Explicit ACKs.
const RFC_0015: &str = r#"{
  "@type": "https://didcomm.org/notification/1.0/ack",
  "@id": "06d474e0-20d3-4cbf-bea6-6ba7e1891240",
  "status": "OK",
  "~thread": {
    "thid": "b271c889-a306-4737-81e6-6b2f2f8062ae",
    "sender_order": 4,
    "received_orders": {"did:sov:abcxyz": 3}
  }
}"#;

#[test]
fn the_example_of_rfc_0015_is_read() {
    let message = Message::parse(RFC_0015.as_bytes()).unwrap();
    assert_eq!(Ack::read(&message).unwrap(), Ack::ok());
    assert_eq!(message.thread_id(), "b271c889-a306-4737-81e6-6b2f2f8062ae");
}

#[test]
fn an_ack_answers_on_the_thread_and_may_be_adopted() {
    let kind = MessageType::new("issue-credential", (2, 0), "issue-credential");
    let acked = Message::new(Version::V1, "i1", kind);
    let ack = Ack::ok().reply_adopted(&acked, "a1", "issue-credential", (2, 0));
    assert_eq!(ack.kind.to_string(), "https://didcomm.org/issue-credential/2.0/ack");
    assert_eq!(ack.thread_id(), "i1");
    Ack::read_adopted(&ack, "issue-credential", 2).unwrap();
    assert!(matches!(Ack::read(&ack), Err(Error::Malformed { .. })));
    Ack::read(&Ack::ok().reply_to(&acked, "a2")).unwrap();
}

#[test]
fn malformed_acks_are_refused() {
    for text in [
        r#"{"@type":"https://didcomm.org/notification/1.0/ack","@id":"a"}"#,
        r#"{"@type":"https://didcomm.org/notification/1.0/ack","@id":"a","status":"MAYBE"}"#,
        r#"{"@type":"https://didcomm.org/notification/1.0/ack","@id":"a","status":true}"#,
        r#"{"@type":"https://didcomm.org/notification/2.0/ack","@id":"a","status":"OK"}"#,
        r#"{"@type":"https://didcomm.org/notification/1.0/nack","@id":"a","status":"OK"}"#,
    ] {
        let message = Message::parse(text.as_bytes()).unwrap();
        assert!(matches!(Ack::read(&message), Err(Error::Malformed { .. })), "{text}");
    }
}
