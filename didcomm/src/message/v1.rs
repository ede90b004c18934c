//! The Aries form: `@type`, `@id`, and decorators beside the fields.
//!
//! Sources: RFC 0020, RFC 0008 §Thread object, RFC 0011, RFC 0092 §~transport.

use serde_json::{Map, Value};

use super::{
    ID_BYTES_MAX, Message, PTHID_BYTES_MAX, ReturnRoute, Version, malformed, take_id, take_string,
    take_type,
};
use crate::Error;

const THREAD: &str = "~thread";
const TRANSPORT: &str = "~transport";

pub(super) fn read(mut fields: Map<String, Value>) -> Result<Message, Error> {
    let kind = take_type(&mut fields, "@type")?;
    let id = take_id(&mut fields, "@id", ID_BYTES_MAX)?.ok_or(Error::Id("@id"))?;
    let mut message = Message::new(Version::V1, id, kind);
    for (key, value) in fields {
        if key.starts_with('~') {
            message.decorators.insert(key, value);
        } else {
            message.body.insert(key, value);
        }
    }
    if let Some(mut thread) = take_object(&mut message.decorators, THREAD)? {
        message.thid = take_id(&mut thread, "thid", ID_BYTES_MAX)?;
        message.pthid = take_id(&mut thread, "pthid", PTHID_BYTES_MAX)?;
        keep_rest(&mut message.decorators, THREAD, thread);
    }
    if let Some(mut transport) = take_object(&mut message.decorators, TRANSPORT)? {
        let word = take_string(&mut transport, "return_route")?;
        let thread = take_id(&mut transport, "return_route_thread", ID_BYTES_MAX)?;
        message.return_route = word.map(|word| ReturnRoute::from_word(&word, thread));
        keep_rest(&mut message.decorators, TRANSPORT, transport);
    }
    Ok(message)
}

pub(super) fn write(message: &Message) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("@type".to_owned(), message.kind.to_string().into());
    fields.insert("@id".to_owned(), message.id.clone().into());
    fields.extend(message.body.iter().map(|(key, value)| (key.clone(), value.clone())));
    fields.extend(message.decorators.iter().map(|(key, value)| (key.clone(), value.clone())));
    for (key, value) in [("thid", &message.thid), ("pthid", &message.pthid)] {
        if let Some(value) = value {
            set(&mut fields, THREAD, key, value);
        }
    }
    if let Some(route) = &message.return_route {
        set(&mut fields, TRANSPORT, "return_route", route.word());
        if let ReturnRoute::Thread(Some(thread)) = route {
            set(&mut fields, TRANSPORT, "return_route_thread", thread);
        }
    }
    fields
}

impl ReturnRoute {
    /// RFC 0092: an unknown or missing word means `none`.
    pub(super) fn from_word(word: &str, thread: Option<String>) -> Self {
        match word {
            "all" => Self::All,
            "thread" => Self::Thread(thread),
            _ => Self::None,
        }
    }

    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::All => "all",
            Self::Thread(_) => "thread",
        }
    }
}

fn take_object(
    fields: &mut Map<String, Value>,
    key: &str,
) -> Result<Option<Map<String, Value>>, Error> {
    match fields.remove(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(map)) => Ok(Some(map)),
        Some(_) => Err(malformed(format!("`{key}` is not an object"))),
    }
}

/// What we do not interpret (`sender_order`, ...) stays beside the message.
fn keep_rest(decorators: &mut Map<String, Value>, key: &str, rest: Map<String, Value>) {
    if !rest.is_empty() {
        decorators.insert(key.to_owned(), Value::Object(rest));
    }
}

fn set(fields: &mut Map<String, Value>, decorator: &str, key: &str, value: &str) {
    let entry = fields.entry(decorator).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(map) = entry {
        map.insert(key.to_owned(), value.into());
    }
}
