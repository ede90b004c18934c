//! Wire messages of DID Exchange.

use picomesh_did_resolver::Did;
use picomesh_didcomm::{Attachment, Message, MessageType, Version};
use serde_json::{Value, json};

use super::{Error, PROTOCOL};
use crate::body;

const DOCUMENT: &str = "did_doc~attach";
const ROTATION: &str = "did_rotate~attach";

/// `request`: the DID that I want to use with you.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// For people, not to be trusted. RFC 0023: required on the wire, may be empty.
    pub label: String,
    /// For programs: what this is about.
    pub goal_code: Option<String>,
    /// For people: what this is about.
    pub goal: Option<String>,
    /// The DID.
    pub did: Did,
    /// Its document, signed by a key of its own, unless the DID can be resolved.
    pub document: Option<Attachment>,
}

/// `response`: the DID that I will use with you.
#[derive(Clone, Debug, PartialEq)]
pub struct Response {
    /// The DID.
    pub did: Did,
    /// What shows that the inviter chose it.
    pub proof: Proof,
}

/// How a response shows that the inviter chose the DID.
#[derive(Clone, Debug, PartialEq)]
pub enum Proof {
    /// `did_doc~attach`: its document, signed by the invitation key.
    Document(Attachment),
    /// `did_rotate~attach` (1.1): the DID itself, signed by the invitation key.
    Rotation(Attachment),
    /// None: the DID is the one of the invitation.
    SameDid,
}

/// `complete`: I have your response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Complete;

impl Request {
    /// Reads a request of 1.x.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn read(message: &Message) -> Result<Self, Error> {
        let fields = Fields::of(message, "request")?;
        Ok(Self {
            // Absent with some agents, although RFC 0023 requires it.
            label: fields.text("label")?.unwrap_or_default(),
            goal_code: fields.text("goal_code")?,
            goal: fields.text("goal")?,
            did: fields.did()?,
            document: fields.attachment(DOCUMENT)?,
        })
    }

    /// The message that carries this request, with its thread written out as ACA-Py wants it.
    #[must_use]
    pub fn to_message(&self, id: &str, pthid: &str, minor: u16) -> Message {
        let mut message = begin(id, "request", minor, id, pthid);
        let fields = &mut message.body;
        fields.insert("label".to_owned(), json!(self.label));
        fields.insert("did".to_owned(), json!(self.did));
        if let Some(goal_code) = &self.goal_code {
            fields.insert("goal_code".to_owned(), json!(goal_code));
        }
        if let Some(goal) = &self.goal {
            fields.insert("goal".to_owned(), json!(goal));
        }
        if let Some(document) = &self.document {
            fields.insert(DOCUMENT.to_owned(), document.to_v1());
        }
        message
    }
}

impl Response {
    /// Reads a response of 1.x.
    ///
    /// # Errors
    /// [`Error::Malformed`].
    pub fn read(message: &Message) -> Result<Self, Error> {
        let fields = Fields::of(message, "response")?;
        // The RFC's example has both; the document says more and both are signed alike.
        let proof = match (fields.attachment(DOCUMENT)?, fields.attachment(ROTATION)?) {
            (Some(document), _) => Proof::Document(document),
            (None, Some(rotation)) => Proof::Rotation(rotation),
            (None, None) => Proof::SameDid,
        };
        Ok(Self { did: fields.did()?, proof })
    }

    /// The message that carries this response. ACA-Py copies the `pthid` from here into its
    /// `complete`, so it is written although RFC 0023 asks for the `thid` alone.
    #[must_use]
    pub fn to_message(&self, id: &str, thid: &str, pthid: &str, minor: u16) -> Message {
        let mut message = begin(id, "response", minor, thid, pthid);
        message.body.insert("did".to_owned(), json!(self.did));
        let (name, attachment) = match &self.proof {
            Proof::Document(document) => (DOCUMENT, document),
            Proof::Rotation(rotation) => (ROTATION, rotation),
            Proof::SameDid => return message,
        };
        message.body.insert(name.to_owned(), attachment.to_v1());
        message
    }
}

impl Complete {
    /// Reads a `complete` of 1.x; its thread is checked by the responder.
    ///
    /// # Errors
    /// [`Error::Malformed`] when it is another message.
    pub fn read(message: &Message) -> Result<Self, Error> {
        Fields::of(message, "complete").map(|_| Self)
    }

    /// The message.
    #[must_use]
    pub fn to_message(self, id: &str, thid: &str, pthid: &str, minor: u16) -> Message {
        begin(id, "complete", minor, thid, pthid)
    }
}

fn begin(id: &str, name: &str, minor: u16, thid: &str, pthid: &str) -> Message {
    let mut message = Message::new(Version::V1, id, MessageType::new(PROTOCOL, (1, minor), name));
    message.thid = Some(thid.to_owned());
    message.pthid = Some(pthid.to_owned());
    message
}

/// The body of a message that was found to be the expected one.
struct Fields<'a> {
    message: &'a Message,
    name: &'static str,
}

impl<'a> Fields<'a> {
    fn of(message: &'a Message, name: &'static str) -> Result<Self, Error> {
        let is_first_generation = message.version == Version::V1;
        if is_first_generation && message.kind.is(PROTOCOL, 1) && message.kind.name == name {
            return Ok(Self { message, name });
        }
        let reason = format!("type is {}", message.kind);
        Err(Error::Malformed { message: name, reason })
    }

    fn malformed(&self, reason: String) -> Error {
        Error::Malformed { message: self.name, reason }
    }

    fn field(&self, name: &str) -> Option<&Value> {
        self.message.body.get(name).filter(|value| !value.is_null())
    }

    fn text(&self, name: &str) -> Result<Option<String>, Error> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let not_text = || self.malformed(format!("`{name}` is not a string"));
        self.field(name).map(|value| text(value).ok_or_else(not_text)).transpose()
    }

    fn did(&self) -> Result<Did, Error> {
        let did = self.text("did")?.ok_or_else(|| self.malformed("no `did`".to_owned()))?;
        Did::try_from(did).map_err(|error| self.malformed(error.to_string()))
    }

    fn attachment(&self, name: &str) -> Result<Option<Attachment>, Error> {
        let read = |field| body::attachment(field).map_err(|reason| self.malformed(reason));
        self.field(name).map(read).transpose()
    }
}
