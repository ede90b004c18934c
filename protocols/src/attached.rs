//! Attachments with a named format, as the credential protocols carry them.
//!
//! Source: RFC 0453 §Message Attachments, RFC 0454 §Messages, RFC 0017. In v1 a `formats` list
//! stands beside a field such as `offers~attach`; in DIDComm v2 the attachments are the message's
//! own and may name their format themselves.
//!
//! Absent on purpose: any knowledge of a format, and content that is not inline JSON: every format
//! of both registries is JSON, and a link is never fetched.

use picomesh_didcomm::{Attachment, Message, Version};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Most attachments in one message of a credential protocol; each is another format of one thing.
pub const FORMATS_MAX: usize = 16;
/// Longest name of a format.
pub const FORMAT_BYTES_MAX: usize = 255;

/// One attachment: its format and its content, opaque to this crate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attached {
    /// The format with its version, e.g. `aries/ld-proof-vc-detail@v1.0`.
    pub format: String,
    /// The content; `null` where a proposal only names a format (RFC 0454 §Propose Presentation).
    pub content: Value,
}

impl Attached {
    /// An attachment of `format`.
    pub fn new(format: impl Into<String>, content: Value) -> Self {
        Self { format: format.into(), content }
    }

    /// What stands before the first slash of the format: who defined it.
    ///
    /// A format changes its name from message to message (`aries/ld-proof-vc-detail@v1.0` is
    /// answered by `aries/ld-proof-vc@v1.0`), its family does not.
    #[must_use]
    pub fn family(&self) -> &str {
        self.format.split_once('/').map_or(self.format.as_str(), |(family, _)| family)
    }
}

/// Whether every attachment of `answer` belongs to a family that `asked` names.
pub(crate) fn answers(answer: &[Attached], asked: &[Attached]) -> bool {
    !answer.is_empty()
        && answer.iter().all(|one| asked.iter().any(|other| other.family() == one.family()))
}

/// Why attachments cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// The list of formats or its pairing with the attachments.
    Body(String),
    /// The content of an attachment.
    Attachment(String),
}

/// An entry of `formats`.
#[derive(Serialize, Deserialize)]
struct Format {
    #[serde(skip_serializing_if = "Option::is_none")]
    attach_id: Option<String>,
    format: String,
}

/// Reads the attachments of `message`, in v1 from `field`, each with its format.
pub(crate) fn read(message: &Message, field: &str) -> Result<Vec<Attached>, Unreadable> {
    let formats = formats(message)?;
    let attachments = attachments(message, field)?;
    if formats.len() > FORMATS_MAX || attachments.len() > FORMATS_MAX {
        return Err(Unreadable::Body(format!("more than {FORMATS_MAX} formats")));
    }
    // DIDComm v2: the attachment may name its format itself.
    if formats.is_empty() && message.version == Version::V2 {
        return attachments.iter().map(self_named).collect();
    }
    if formats.len() != attachments.len() {
        return Err(Unreadable::Body("`formats` and attachments differ in length".to_owned()));
    }
    formats.iter().map(|format| paired(format, &attachments)).collect()
}

/// As [`read`]; formats that name no attachment are kept with content `null`.
pub(crate) fn read_optional(message: &Message, field: &str) -> Result<Vec<Attached>, Unreadable> {
    let formats = formats(message)?;
    if attachments(message, field)?.is_empty()
        && formats.len() <= FORMATS_MAX
        && formats.iter().all(|format| format.attach_id.is_none())
    {
        return formats
            .into_iter()
            .map(|one| Ok(Attached::new(named(&one.format)?, Value::Null)))
            .collect();
    }
    read(message, field)
}

/// Writes `attached` into `message`, in v1 as `field`.
///
/// The content goes out as `json`: it needs no base64, of which agents read different alphabets.
pub(crate) fn write(message: &mut Message, field: &str, attached: &[Attached]) {
    let (mut formats, mut attachments) = (Vec::new(), Vec::new());
    for (index, one) in attached.iter().enumerate() {
        if one.content.is_null() {
            formats.push(json!({ "format": one.format }));
            continue;
        }
        let id = format!("attachment-{index}");
        formats.push(json!({ "attach_id": id, "format": one.format }));
        attachments.push(Attachment::from_json(id, "application/json", one.content.clone()));
    }
    message.body.insert("formats".to_owned(), Value::Array(formats));
    match message.version {
        Version::V1 => {
            let list = attachments.iter().map(Attachment::to_v1).collect();
            message.body.insert(field.to_owned(), Value::Array(list));
        }
        Version::V2 => message.attachments = attachments,
    }
}

fn formats(message: &Message) -> Result<Vec<Format>, Unreadable> {
    match message.body.get("formats") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(list) => Vec::<Format>::deserialize(list)
            .map_err(|error| Unreadable::Body(format!("`formats`: {error}"))),
    }
}

fn attachments(message: &Message, field: &str) -> Result<Vec<Attachment>, Unreadable> {
    if message.version == Version::V2 {
        return Ok(message.attachments.clone());
    }
    match message.body.get(field) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(list)) if list.len() <= FORMATS_MAX => list
            .iter()
            .map(|one| Attachment::from_v1(one).map_err(|error| unreadable(&error)))
            .collect(),
        Some(_) => Err(Unreadable::Body(format!("`{field}` is not a list within the limit"))),
    }
}

fn paired(format: &Format, attachments: &[Attachment]) -> Result<Attached, Unreadable> {
    let id = format.attach_id.as_deref();
    let mut found = attachments.iter().filter(|one| id.is_some() && one.id.as_deref() == id);
    match (found.next(), found.next()) {
        (Some(attachment), None) => content(&format.format, attachment),
        (Some(_), Some(_)) => Err(Unreadable::Body("two attachments with one id".to_owned())),
        (None, _) => Err(Unreadable::Body("a format without its attachment".to_owned())),
    }
}

fn self_named(attachment: &Attachment) -> Result<Attached, Unreadable> {
    match &attachment.format {
        Some(format) => content(format, attachment),
        None => Err(Unreadable::Body("an attachment without format".to_owned())),
    }
}

fn content(format: &str, attachment: &Attachment) -> Result<Attached, Unreadable> {
    let content = attachment.json().map_err(|error| unreadable(&error))?;
    if content.is_null() {
        return Err(Unreadable::Attachment("content is null".to_owned()));
    }
    Ok(Attached::new(named(format)?, content))
}

fn named(format: &str) -> Result<&str, Unreadable> {
    if format.is_empty() || format.len() > FORMAT_BYTES_MAX {
        return Err(Unreadable::Body("a format without a usable name".to_owned()));
    }
    Ok(format)
}

fn unreadable(error: &picomesh_didcomm::Error) -> Unreadable {
    Unreadable::Attachment(error.to_string())
}
