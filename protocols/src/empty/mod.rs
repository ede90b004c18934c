//! Empty 1.0: a message that says nothing, to carry headers.
//!
//! Source: DIDComm Messaging §The Empty Message. It carries a thread, a rotation (`from_prior`) or
//! an ack header when there is nothing else to say.
//!
//! Absent on purpose: a role; whoever gets one looks at its headers only.

use picomesh_didcomm::{Message, MessageType, Version};

use crate::{Error, error::expect_kind};

/// An empty message, on `thid` if it belongs to a thread.
///
/// The specification knows it for DIDComm v2 only.
#[must_use]
pub fn message(id: impl Into<String>, thid: Option<&str>) -> Message {
    let kind = MessageType::new("empty", (1, 0), "empty");
    let mut message = Message::new(Version::V2, id, kind);
    message.thid = thid.map(str::to_owned);
    message
}

/// Refuses what is not an empty message.
///
/// # Errors
/// [`Error::Malformed`] when it is another message, or one of DIDComm v1.
pub fn check(message: &Message) -> Result<(), Error> {
    if message.version == Version::V1 {
        let reason = "only DIDComm v2 has it".to_owned();
        return Err(Error::Malformed { message: "empty", reason });
    }
    expect_kind(message, "empty", 1, "empty")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_message_has_a_thread_and_an_empty_body() {
        let empty = message("e1", Some("t1"));
        let read = Message::parse(&empty.to_bytes()).unwrap();
        check(&read).unwrap();
        assert_eq!(read.thread_id(), "t1");
        assert!(read.body.is_empty());
    }

    #[test]
    fn other_messages_are_refused() {
        for text in [
            r#"{"type":"https://didcomm.org/empty/2.0/empty","id":"e","body":{}}"#,
            r#"{"type":"https://didcomm.org/empty/1.0/full","id":"e","body":{}}"#,
            r#"{"@type":"https://didcomm.org/empty/1.0/empty","@id":"e"}"#,
        ] {
            let other = Message::parse(text.as_bytes()).unwrap();
            assert!(check(&other).is_err(), "{text}");
        }
    }
}
