//! Vectors and refusals of Basic Message.

use picomesh_didcomm::{Message, Version};

use super::*;
use crate::Error;

#[test]
fn the_example_of_rfc_0095_is_read() {
    let message = Message::parse(include_bytes!("vectors/rfc0095-message.json")).unwrap();
    let read = BasicMessage::read(&message).unwrap();
    assert_eq!(read.content, "Your hovercraft is full of eels.");
    assert_eq!(read.sent_time, Some(1_547_577_721));
    assert_eq!(read.locale.as_deref(), Some("en"));
}

#[test]
fn the_example_of_version_2_is_read() {
    let message = Message::parse(include_bytes!("vectors/didcomm-v2-message.json")).unwrap();
    let read = BasicMessage::read(&message).unwrap();
    assert_eq!(read.content, "Your hovercraft is full of eels.");
    assert_eq!(read.sent_time, Some(1_547_577_721));
}

#[test]
fn what_is_written_is_read_back_in_both_generations() {
    let sent = BasicMessage {
        content: "a \u{0} b \u{1f40d}".to_owned(),
        sent_time: Some(1_700_000_000),
        locale: Some("de".to_owned()),
    };
    for version in [Version::V1, Version::V2] {
        let bytes = sent.to_message(version, "m1").to_bytes();
        let read = BasicMessage::read(&Message::parse(&bytes).unwrap()).unwrap();
        assert_eq!(read, sent);
    }
}

#[test]
fn malformed_messages_are_refused() {
    for text in [
        r#"{"@type":"https://didcomm.org/basicmessage/1.0/message","@id":"m"}"#,
        r#"{"@type":"https://didcomm.org/basicmessage/1.0/message","@id":"m","content":["x"]}"#,
        r#"{"@type":"https://didcomm.org/basicmessage/1.0/other","@id":"m","content":"x"}"#,
        r#"{"@type":"https://didcomm.org/basicmessage/2.0/message","@id":"m","content":"x"}"#,
        r#"{"type":"https://didcomm.org/basicmessage/2.0/message","id":"m","body":{"content":null}}"#,
    ] {
        let message = Message::parse(text.as_bytes()).unwrap();
        let refused = BasicMessage::read(&message).unwrap_err();
        assert!(matches!(refused, Error::Malformed { .. }), "{text}");
    }
}

#[test]
fn a_time_that_is_none_does_not_lose_the_text() {
    let text = r#"{"@type":"https://didcomm.org/basicmessage/1.0/message","@id":"m",
        "content":"x","sent_time":"soon"}"#;
    let read = BasicMessage::read(&Message::parse(text.as_bytes()).unwrap()).unwrap();
    assert_eq!((read.content.as_str(), read.sent_time), ("x", None));
}
