//! How the messages of issue credential 2.0 are written and read.
//!
//! Source: RFC 0453 §Messages; RFC 0317 for `~please_ack`. Unknown fields are ignored and higher
//! minor versions accepted, as RFC 0003 §Semver Rules asks.
//!
//! Absent on purpose: `~timing`; whether a message is too old is decided before it comes here.

use picomesh_didcomm::{self as didcomm, MessageType, Version};
use serde::Deserialize;
use serde_json::{Value, json};

use super::messages::{Attribute, Credential, Message, Offer, Preview, Proposal, Request};
use super::{Error, PROTOCOL, VERSION};
use crate::ack::{Ack, Status};
use crate::attached::{self, Attached};
use crate::body;
use crate::problem::{Problem, ask_for_ack, asks_for_ack};

/// Most attributes of a preview.
pub const PREVIEW_ATTRIBUTES_MAX: usize = 500;

const FILTERS: &str = "filters~attach";
const OFFERS: &str = "offers~attach";
const REQUESTS: &str = "requests~attach";
const CREDENTIALS: &str = "credentials~attach";

/// The fields of all four messages, attachments apart.
#[derive(Deserialize)]
struct Fields {
    goal_code: Option<String>,
    comment: Option<String>,
    replacement_id: Option<String>,
    credential_preview: Option<WirePreview>,
}

#[derive(Deserialize)]
struct WirePreview {
    attributes: Vec<WireAttribute>,
}

#[derive(Deserialize)]
struct WireAttribute {
    name: String,
    #[serde(rename = "mime-type")]
    mime_type: Option<String>,
    value: String,
}

impl Message {
    /// Reads a message of this protocol; any minor version of major 2.
    ///
    /// # Errors
    /// [`Error::Type`] for another message, [`Error::Malformed`] and [`Error::Attachment`] for
    /// one that does not say what it must.
    pub fn read(message: &didcomm::Message) -> Result<Self, Error> {
        if !message.kind.is(PROTOCOL, VERSION.0) {
            return Err(Error::Type);
        }
        Ok(match message.kind.name.as_str() {
            "propose-credential" => Self::Propose(proposal(message)?),
            "offer-credential" => Self::Offer(offer(message)?),
            "request-credential" => Self::Request(request(message)?),
            "issue-credential" => Self::Issue(credential(message)?),
            "ack" => Self::Ack(ack(message)?),
            "problem-report" => Self::Problem(Problem::read(message)),
            _ => return Err(Error::Type),
        })
    }

    /// Writes the message; `thid` is `None` for the message that opens its thread.
    #[must_use]
    pub fn write(
        &self,
        version: Version,
        id: impl Into<String>,
        thid: Option<&str>,
    ) -> didcomm::Message {
        let kind = MessageType::new(PROTOCOL, VERSION, self.name());
        let mut message = didcomm::Message::new(version, id, kind);
        message.thid = thid.map(str::to_owned);
        match self {
            Self::Propose(proposal) => {
                texts(&mut message, &proposal.goal_code, &proposal.comment);
                put_preview(&mut message, proposal.preview.as_ref());
                attached::write(&mut message, FILTERS, &proposal.attached);
            }
            Self::Offer(offer) => {
                texts(&mut message, &offer.goal_code, &offer.comment);
                text(&mut message, "replacement_id", &offer.replacement_id);
                put_preview(&mut message, offer.preview.as_ref());
                attached::write(&mut message, OFFERS, &offer.attached);
            }
            Self::Request(request) => {
                texts(&mut message, &request.goal_code, &request.comment);
                attached::write(&mut message, REQUESTS, &request.attached);
            }
            Self::Issue(issued) => {
                texts(&mut message, &issued.goal_code, &issued.comment);
                text(&mut message, "replacement_id", &issued.replacement_id);
                attached::write(&mut message, CREDENTIALS, &issued.attached);
                if issued.please_ack {
                    ask_for_ack(&mut message);
                }
            }
            Self::Ack(status) => message = body::write(message, &Ack { status: *status }),
            Self::Problem(problem) => message.body = problem.body(version),
        }
        message
    }
}

fn proposal(message: &didcomm::Message) -> Result<Proposal, Error> {
    let Fields { goal_code, comment, credential_preview, .. } =
        fields("propose-credential", message)?;
    let preview = credential_preview.map(preview).transpose()?;
    let attached = some("propose-credential", message, FILTERS)?;
    Ok(Proposal { goal_code, comment, preview, attached })
}

fn offer(message: &didcomm::Message) -> Result<Offer, Error> {
    let Fields { goal_code, comment, replacement_id, credential_preview } =
        fields("offer-credential", message)?;
    let preview = credential_preview.map(preview).transpose()?;
    let attached = some("offer-credential", message, OFFERS)?;
    Ok(Offer { goal_code, comment, preview, replacement_id, attached })
}

fn request(message: &didcomm::Message) -> Result<Request, Error> {
    let Fields { goal_code, comment, .. } = fields("request-credential", message)?;
    let attached = some("request-credential", message, REQUESTS)?;
    Ok(Request { goal_code, comment, attached })
}

fn credential(message: &didcomm::Message) -> Result<Credential, Error> {
    let Fields { goal_code, comment, replacement_id, .. } = fields("issue-credential", message)?;
    let please_ack = asks_for_ack(message);
    let attached = some("issue-credential", message, CREDENTIALS)?;
    Ok(Credential { goal_code, comment, replacement_id, please_ack, attached })
}

fn ack(message: &didcomm::Message) -> Result<Status, Error> {
    body::read::<Ack>(message).map(|ack| ack.status).map_err(|why| Error::malformed("ack", why))
}

fn fields(name: &'static str, message: &didcomm::Message) -> Result<Fields, Error> {
    Fields::deserialize(&message.body).map_err(|error| Error::malformed(name, error.to_string()))
}

/// The attachments, at least one.
fn some(
    name: &'static str,
    message: &didcomm::Message,
    field: &str,
) -> Result<Vec<Attached>, Error> {
    let attached =
        attached::read(message, field).map_err(|error| Error::unreadable(name, error))?;
    if attached.is_empty() {
        return Err(Error::malformed(name, "no attachment".to_owned()));
    }
    Ok(attached)
}

fn preview(wire: WirePreview) -> Result<Preview, Error> {
    if wire.attributes.len() > PREVIEW_ATTRIBUTES_MAX {
        let why = format!("more than {PREVIEW_ATTRIBUTES_MAX} attributes");
        return Err(Error::malformed("credential-preview", why));
    }
    let attributes = wire
        .attributes
        .into_iter()
        .map(|WireAttribute { name, mime_type, value }| Attribute { name, mime_type, value })
        .collect();
    Ok(Preview { attributes })
}

fn texts(message: &mut didcomm::Message, goal_code: &Option<String>, comment: &Option<String>) {
    text(message, "goal_code", goal_code);
    text(message, "comment", comment);
}

fn text(message: &mut didcomm::Message, key: &str, text: &Option<String>) {
    if let Some(text) = text {
        message.body.insert(key.to_owned(), json!(text));
    }
}

fn put_preview(message: &mut didcomm::Message, preview: Option<&Preview>) {
    if let Some(preview) = preview {
        message.body.insert("credential_preview".to_owned(), written(preview));
    }
}

fn written(preview: &Preview) -> Value {
    let attributes: Vec<Value> = preview
        .attributes
        .iter()
        .map(|one| match &one.mime_type {
            Some(kind) => json!({ "name": one.name, "mime-type": kind, "value": one.value }),
            None => json!({ "name": one.name, "value": one.value }),
        })
        .collect();
    let kind = MessageType::new(PROTOCOL, VERSION, "credential-preview").to_string();
    json!({ "@type": kind, "attributes": attributes })
}
