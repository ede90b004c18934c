//! The DIDComm v2 form: headers beside `body` and `attachments`.
//!
//! Source: DIDComm v2 §Message Headers, §Attachments, extension return_route.

use serde_json::{Map, Value};

use super::{
    ID_BYTES_MAX, Message, PTHID_BYTES_MAX, ReturnRoute, TO_MAX, Version, malformed, take_id,
    take_string, take_type,
};
use crate::attachment::ATTACHMENTS_MAX;
use crate::{Attachment, Error};

/// The media type of a plaintext message (DIDComm v2 §Media Types).
const TYP: &str = "application/didcomm-plain+json";

pub(super) fn read(mut fields: Map<String, Value>) -> Result<Message, Error> {
    let kind = take_type(&mut fields, "type")?;
    let id = take_id(&mut fields, "id", ID_BYTES_MAX)?.ok_or(Error::Id("id"))?;
    let mut message = Message::new(Version::V2, id, kind);
    if take_string(&mut fields, "typ")?.is_some_and(|typ| !is_plain(&typ)) {
        return Err(Error::Unsupported("typ"));
    }
    message.thid = take_id(&mut fields, "thid", ID_BYTES_MAX)?;
    message.pthid = take_id(&mut fields, "pthid", PTHID_BYTES_MAX)?;
    message.from = take_string(&mut fields, "from")?;
    message.to = take_to(&mut fields)?;
    message.created_time = take_time(&mut fields, "created_time")?;
    message.expires_time = take_time(&mut fields, "expires_time")?;
    message.from_prior = take_string(&mut fields, "from_prior")?;
    let thread = take_id(&mut fields, "return_route_thread", ID_BYTES_MAX)?;
    let word = take_string(&mut fields, "return_route")?;
    message.return_route = word.map(|word| ReturnRoute::from_word(&word, thread));
    message.body = match fields.remove("body") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(body)) => body,
        Some(_) => return Err(malformed("`body` is not an object".to_owned())),
    };
    message.attachments = match fields.remove("attachments") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) if items.len() <= ATTACHMENTS_MAX => {
            items.iter().map(Attachment::from_v2).collect::<Result<_, _>>()?
        }
        Some(_) => return Err(Error::Attachment("not a list, or too long a list")),
    };
    message.decorators = fields;
    Ok(message)
}

pub(super) fn write(message: &Message) -> Map<String, Value> {
    let mut fields = message.decorators.clone();
    let mut set = |key: &str, value: Value| fields.insert(key.to_owned(), value);
    set("id", message.id.clone().into());
    set("typ", TYP.into());
    set("type", message.kind.to_string().into());
    set("body", Value::Object(message.body.clone()));
    for (key, value) in [
        ("thid", &message.thid),
        ("pthid", &message.pthid),
        ("from", &message.from),
        ("from_prior", &message.from_prior),
    ] {
        if let Some(value) = value {
            set(key, value.clone().into());
        }
    }
    for (key, value) in
        [("created_time", message.created_time), ("expires_time", message.expires_time)]
    {
        if let Some(value) = value {
            set(key, value.into());
        }
    }
    if !message.to.is_empty() {
        set("to", message.to.clone().into());
    }
    if let Some(route) = &message.return_route {
        set("return_route", route.word().into());
        if let ReturnRoute::Thread(Some(thread)) = route {
            set("return_route_thread", thread.clone().into());
        }
    }
    if !message.attachments.is_empty() {
        let items = message.attachments.iter().map(Attachment::to_v2).collect();
        set("attachments", Value::Array(items));
    }
    fields
}

/// RFC 7515 §4.1.9: `application/` may be left out.
fn is_plain(typ: &str) -> bool {
    typ == TYP || TYP.strip_prefix("application/") == Some(typ)
}

fn take_to(fields: &mut Map<String, Value>) -> Result<Vec<String>, Error> {
    let items = match fields.remove("to") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(items)) if items.len() <= TO_MAX => items,
        Some(_) => {
            return Err(malformed("`to` is not a list, or too long a list".to_owned()));
        }
    };
    let texts = items.into_iter().map(|item| match item {
        Value::String(text) => Some(text),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            None
        }
    });
    texts.collect::<Option<_>>().ok_or_else(|| malformed("`to` names no DIDs".to_owned()))
}

/// UTC seconds as a whole number (v2 §Message Headers).
fn take_time(fields: &mut Map<String, Value>, key: &'static str) -> Result<Option<u64>, Error> {
    match fields.remove(key) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value.as_u64().map(Some).ok_or(Error::Time(key)),
    }
}
