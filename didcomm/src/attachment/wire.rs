//! The two spellings of an attachment.

use serde_json::{Map, Value};

use super::{Attachment, AttachmentData};
use crate::Error;

/// How one generation spells the fields that differ.
pub(super) struct Spelling {
    id: &'static str,
    media_type: &'static str,
}

/// RFC 0017.
pub(super) const V1: Spelling = Spelling { id: "@id", media_type: "mime-type" };
/// DIDComm v2 §Attachments.
pub(super) const V2: Spelling = Spelling { id: "id", media_type: "media_type" };

pub(super) fn read(value: &Value, spelling: &Spelling) -> Result<Attachment, Error> {
    let fields = value.as_object().ok_or(Error::Attachment("not an object"))?;
    let data =
        fields.get("data").and_then(Value::as_object).ok_or(Error::Attachment("no `data`"))?;
    Ok(Attachment {
        id: text(fields, spelling.id)?,
        description: text(fields, "description")?,
        filename: text(fields, "filename")?,
        media_type: text(fields, spelling.media_type)?,
        format: text(fields, "format")?,
        lastmod_time: fields.get("lastmod_time").filter(|value| !value.is_null()).cloned(),
        byte_count: fields.get("byte_count").and_then(Value::as_u64),
        data: AttachmentData {
            base64: text(data, "base64")?,
            json: data.get("json").cloned(),
            jws: data.get("jws").filter(|value| !value.is_null()).cloned(),
            links: links(data)?,
            sha256: text(data, "sha256")?,
            hash: text(data, "hash")?,
        },
    })
}

pub(super) fn write(attachment: &Attachment, spelling: &Spelling) -> Value {
    let mut data = Map::new();
    put(&mut data, "base64", &attachment.data.base64);
    put(&mut data, "json", &attachment.data.json);
    put(&mut data, "jws", &attachment.data.jws);
    put(&mut data, "sha256", &attachment.data.sha256);
    put(&mut data, "hash", &attachment.data.hash);
    if !attachment.data.links.is_empty() {
        data.insert("links".to_owned(), attachment.data.links.clone().into());
    }
    let mut fields = Map::new();
    put(&mut fields, spelling.id, &attachment.id);
    put(&mut fields, "description", &attachment.description);
    put(&mut fields, "filename", &attachment.filename);
    put(&mut fields, spelling.media_type, &attachment.media_type);
    put(&mut fields, "format", &attachment.format);
    put(&mut fields, "lastmod_time", &attachment.lastmod_time);
    put(&mut fields, "byte_count", &attachment.byte_count);
    fields.insert("data".to_owned(), Value::Object(data));
    Value::Object(fields)
}

fn text(fields: &Map<String, Value>, key: &str) -> Result<Option<String>, Error> {
    match fields.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Error::Attachment("a field is not a string")),
    }
}

fn links(data: &Map<String, Value>) -> Result<Vec<String>, Error> {
    let Some(links) = data.get("links").filter(|value| !value.is_null()) else {
        return Ok(Vec::new());
    };
    let links = links.as_array().ok_or(Error::Attachment("`links` is not a list"))?;
    let texts = links.iter().map(|link| link.as_str().map(str::to_owned));
    texts.collect::<Option<_>>().ok_or(Error::Attachment("a link is not a string"))
}

fn put<T: Clone + Into<Value>>(fields: &mut Map<String, Value>, key: &str, value: &Option<T>) {
    if let Some(value) = value {
        fields.insert(key.to_owned(), value.clone().into());
    }
}

/// `#[serde(with = "picomesh_didcomm::attachment::serde_v1")]` for a list of v1 attachments.
pub mod serde_v1 {
    use serde::{Deserialize, Deserializer, Serializer, de, ser::SerializeSeq};
    use serde_json::Value;

    use crate::Attachment;
    use crate::attachment::ATTACHMENTS_MAX;

    /// Writes the list in the v1 form.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(
        attachments: &[Attachment],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(attachments.len()))?;
        for attachment in attachments {
            list.serialize_element(&attachment.to_v1())?;
        }
        list.end()
    }

    /// Reads the list in the v1 form.
    ///
    /// # Errors
    /// When it is not a list of at most [`ATTACHMENTS_MAX`] attachments.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Attachment>, D::Error> {
        let items = Vec::<Value>::deserialize(deserializer)?;
        if items.len() > ATTACHMENTS_MAX {
            return Err(de::Error::custom("too many attachments"));
        }
        items.iter().map(|item| Attachment::from_v1(item).map_err(de::Error::custom)).collect()
    }
}

/// `#[serde(default, with = "...::serde_v1_option", skip_serializing_if = "Option::is_none")]`
/// for at most one v1 attachment.
pub mod serde_v1_option {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
    use serde_json::Value;

    use crate::Attachment;

    /// Writes the attachment in the v1 form, or `null`.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(
        attachment: &Option<Attachment>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        attachment.as_ref().map(Attachment::to_v1).serialize(serializer)
    }

    /// Reads the attachment in the v1 form.
    ///
    /// # Errors
    /// When it is something else.
    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Attachment>, D::Error> {
        let value = Option::<Value>::deserialize(deserializer)?;
        value.map(|value| Attachment::from_v1(&value).map_err(de::Error::custom)).transpose()
    }
}
