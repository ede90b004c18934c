//! The one wire message. v1 keeps the time in the body and the language in `~l10n`; v2 has headers
//! for both.

use picomesh_didcomm::{Message, MessageType, Version};
use serde_json::{Value, json};

use crate::{Error, error::expect_kind, time};

/// `message`: a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BasicMessage {
    /// The text.
    pub content: String,
    /// When the sender says it was written, seconds since 1970.
    pub sent_time: Option<u64>,
    /// Language tag of the text (`en`).
    pub locale: Option<String>,
}

impl BasicMessage {
    /// Reads a basic message of either generation.
    ///
    /// A `sent_time` that is no time is dropped, not refused: agents write many forms.
    ///
    /// # Errors
    /// [`Error::Malformed`] when it is another message or has no text as `content`.
    pub fn read(message: &Message) -> Result<Self, Error> {
        expect_kind(message, "basicmessage", major(message.version), "message")?;
        let text = |field: Option<&Value>| field.and_then(Value::as_str).map(str::to_owned);
        let content = text(message.body.get("content")).ok_or_else(|| Error::Malformed {
            message: "message",
            reason: "`content` is not a string".to_owned(),
        })?;
        let decorators = &message.decorators;
        let (sent_time, locale) = match message.version {
            Version::V1 => {
                let sent = message.body.get("sent_time").and_then(Value::as_str);
                let l10n = decorators.get("~l10n").and_then(|l10n| l10n.get("locale"));
                (sent.and_then(time::from_iso), text(l10n))
            }
            Version::V2 => (message.created_time, text(decorators.get("lang"))),
        };
        Ok(Self { content, sent_time, locale })
    }

    /// The message that carries this text.
    #[must_use]
    pub fn to_message(&self, version: Version, id: impl Into<String>) -> Message {
        let kind = MessageType::new("basicmessage", (major(version), 0), "message");
        let mut message = Message::new(version, id, kind);
        message.body.insert("content".to_owned(), json!(self.content));
        match version {
            Version::V1 => {
                if let Some(sent) = self.sent_time.and_then(time::to_iso) {
                    message.body.insert("sent_time".to_owned(), json!(sent));
                }
                if let Some(locale) = &self.locale {
                    let l10n = json!({ "locale": locale });
                    message.decorators.insert("~l10n".to_owned(), l10n);
                }
            }
            Version::V2 => {
                message.created_time = self.sent_time;
                if let Some(locale) = &self.locale {
                    message.decorators.insert("lang".to_owned(), json!(locale));
                }
            }
        }
        message
    }
}

fn major(version: Version) -> u16 {
    match version {
        Version::V1 => 1,
        Version::V2 => 2,
    }
}
