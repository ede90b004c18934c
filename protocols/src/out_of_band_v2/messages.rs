//! The wire message of Out-of-Band 2.0. It is also part of stored states.

use picomesh_did_resolver::Did;
use picomesh_didcomm::{Attachment, Message, MessageType, Version};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Error;

/// Most attachments of an invitation.
pub const ATTACHMENTS_MAX: usize = 8;

/// `invitation`: write to me.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invitation {
    /// The message id: the `pthid` of every answer.
    pub id: String,
    /// The DID to write to.
    pub from: Did,
    /// Until when, seconds since 1970.
    pub expires_time: Option<u64>,
    /// For programs: what this is about.
    pub goal_code: Option<String>,
    /// For people: what this is about.
    pub goal: Option<String>,
    /// Profiles that the sender takes, best first.
    pub accept: Vec<String>,
    /// Requests to answer, best first, in the v2 form of attachments.
    pub attachments: Vec<Value>,
}

impl Invitation {
    /// An invitation to write to `from` with DIDComm v2, for no stated reason.
    #[must_use]
    pub fn new(id: impl Into<String>, from: Did) -> Self {
        Self {
            id: id.into(),
            from,
            expires_time: None,
            goal_code: None,
            goal: None,
            accept: vec!["didcomm/v2".to_owned()],
            attachments: Vec::new(),
        }
    }

    /// The same invitation, with one more request to answer.
    #[must_use]
    pub fn with_request(mut self, request: &Message) -> Self {
        let id = format!("request-{}", self.attachments.len());
        let content = Value::Object(request.to_fields());
        let attachment = Attachment::from_json(id, "application/didcomm-plain+json", content);
        self.attachments.push(attachment.to_v2());
        self
    }

    /// Reads an invitation of 2.x and checks all of it.
    ///
    /// # Errors
    /// [`Error::Malformed`] when it is another message, `from` is no DID, or it is above the limits;
    /// [`Error::NothingOffered`] when `accept` is there without `didcomm/v2`.
    pub fn read(message: &Message) -> Result<Self, Error> {
        let malformed =
            |reason: &str| Error::Malformed { message: "invitation", reason: reason.to_owned() };
        let kind = &message.kind;
        if message.version != Version::V2 || !kind.is("out-of-band", 2) || kind.name != "invitation"
        {
            return Err(malformed("another message"));
        }
        let from = message.from.as_deref().ok_or_else(|| malformed("no `from`"))?;
        // `from` may be a DID URL by mistake of its sender; a DID has no fragment.
        let from = Did::try_from(from).map_err(|_| malformed("`from` is not a DID"))?;
        if from.is_unqualified() {
            return Err(malformed("`from` is not a DID"));
        }
        if message.attachments.len() > ATTACHMENTS_MAX {
            return Err(malformed("too many attachments"));
        }
        let body: Body = crate::body::read(message).map_err(|reason| malformed(&reason))?;
        let accept = body.accept.unwrap_or_default();
        // DIDComm v2 §Out Of Band: absent `accept` leaves the choice to the receiver.
        if !accept.is_empty() && !accept.iter().any(|profile| profile.starts_with("didcomm/v2")) {
            return Err(Error::NothingOffered);
        }
        Ok(Self {
            id: message.id.clone(),
            from,
            expires_time: message.expires_time,
            goal_code: body.goal_code,
            goal: body.goal,
            accept,
            attachments: message.attachments.iter().map(Attachment::to_v2).collect(),
        })
    }

    /// The message that carries this invitation.
    #[must_use]
    pub fn to_message(&self) -> Message {
        let kind = MessageType::new("out-of-band", (2, 0), "invitation");
        let mut message = Message::new(Version::V2, &self.id, kind);
        message.from = Some(self.from.to_string());
        message.expires_time = self.expires_time;
        let fields = [
            ("goal_code", self.goal_code.as_ref().map(|code| json!(code))),
            ("goal", self.goal.as_ref().map(|goal| json!(goal))),
            ("accept", (!self.accept.is_empty()).then(|| json!(self.accept))),
        ];
        for (name, value) in fields {
            if let Some(value) = value {
                message.body.insert(name.to_owned(), value);
            }
        }
        let attachments = self.attachments.iter();
        message.attachments = attachments.filter_map(|a| Attachment::from_v2(a).ok()).collect();
        message
    }

    /// The attached requests that are messages, in the sender's order; links are left out.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        let content = |attachment| Attachment::from_v2(attachment).ok()?.json().ok();
        let contents = self.attachments.iter().filter_map(content);
        contents.filter_map(|json| Message::from_fields(json.as_object()?.clone()).ok()).collect()
    }

    /// Whether it is past its time at `now`, seconds since 1970.
    #[must_use]
    pub fn is_expired(&self, now: u64) -> bool {
        self.expires_time.is_some_and(|expires| expires <= now)
    }
}

#[derive(Deserialize)]
struct Body {
    goal_code: Option<String>,
    goal: Option<String>,
    accept: Option<Vec<String>>,
}
