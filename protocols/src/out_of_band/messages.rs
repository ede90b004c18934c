//! Wire messages of Out-of-Band 1.x. The invitation is also part of stored states.

use picomesh_didcomm::{Attachment, Message, MessageType, Version};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Error, Handshake, Service};
use crate::{body, time};

/// Most entries of `services`.
pub const SERVICES_MAX: usize = 16;
/// Most entries of `requests~attach`.
pub const REQUESTS_MAX: usize = 8;
/// The highest minor version that we speak.
const MINOR: u16 = 1;
const PROTOCOL: &str = "out-of-band";
/// Fields of [`Invitation`] that stand outside the body of the wire message.
const OUTSIDE_BODY: [&str; 3] = ["id", "minor", "expires_time"];

/// `invitation`: who I am, where to answer, and what I would like to do.
///
/// ACA-Py takes `goal` only together with `goal_code`; give both or none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Invitation {
    /// The message id: the `pthid` of every answer.
    #[serde(default)]
    pub id: String,
    /// The minor version that it is written in.
    #[serde(default)]
    pub minor: u16,
    /// From `~timing`, seconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_time: Option<u64>,
    /// For people; not to be trusted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// For programs: what this is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal_code: Option<String>,
    /// For people: what this is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<String>,
    /// Media types and profiles that the sender takes, best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accept: Vec<String>,
    /// Handshakes that the sender takes, best first, as they came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub handshake_protocols: Vec<String>,
    /// Requests to answer, best first, in the v1 form of attachments.
    #[serde(default, rename = "requests~attach", skip_serializing_if = "Vec::is_empty")]
    pub requests: Vec<Value>,
    /// Where to answer, best first; kinds that we do not know are left out.
    #[serde(default)]
    pub services: Vec<Service>,
}

impl Invitation {
    /// An invitation that offers nothing yet.
    #[must_use]
    pub fn new(id: impl Into<String>, services: Vec<Service>) -> Self {
        Self {
            id: id.into(),
            minor: MINOR,
            expires_time: None,
            label: None,
            goal_code: None,
            goal: None,
            accept: Vec::new(),
            handshake_protocols: Vec::new(),
            requests: Vec::new(),
            services,
        }
    }

    /// The same invitation, offering these handshakes.
    #[must_use]
    pub fn with_handshakes(mut self, handshakes: &[Handshake]) -> Self {
        self.handshake_protocols =
            handshakes.iter().map(|handshake| handshake.uri().to_owned()).collect();
        self
    }

    /// The same invitation, with one more request to answer.
    #[must_use]
    pub fn with_request(mut self, request: &Message) -> Self {
        let id = format!("request-{}", self.requests.len());
        let content = Value::Object(request.to_fields());
        self.requests.push(Attachment::from_json(id, "application/json", content).to_v1());
        self
    }

    /// Reads an invitation of 1.x and checks all of it.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::NoService`], [`Error::NothingOffered`].
    pub fn read(message: &Message) -> Result<Self, Error> {
        let malformed = |reason: String| Error::Malformed { message: "invitation", reason };
        expect(message, "invitation")?;
        let services = read_services(&message.body)?;
        // Kinds of services that we skip need not have the fields of ours.
        let mut fields = message.body.clone();
        fields.remove("services");
        // Some agents write null for what is absent.
        fields.retain(|_, value| !value.is_null());
        let mut invitation: Self =
            serde_json::from_value(Value::Object(fields)).map_err(|e| malformed(e.to_string()))?;
        invitation.id.clone_from(&message.id);
        invitation.minor = body::answer_minor(message.kind.minor, MINOR);
        invitation.expires_time = expires_time(message);
        invitation.services = services;
        if invitation.requests.len() > REQUESTS_MAX {
            return Err(malformed(format!("more than {REQUESTS_MAX} requests")));
        }
        if invitation.handshake().is_none() && invitation.messages().is_empty() {
            return Err(Error::NothingOffered);
        }
        Ok(invitation)
    }

    /// The message that carries this invitation.
    #[must_use]
    pub fn to_message(&self) -> Message {
        let kind = MessageType::new(PROTOCOL, (1, self.minor), "invitation");
        let mut message = body::write(Message::new(Version::V1, &self.id, kind), self);
        for field in OUTSIDE_BODY {
            message.body.remove(field);
        }
        if let Some(expires) = self.expires_time.and_then(time::to_iso) {
            let timing = json!({ "expires_time": expires });
            message.decorators.insert("~timing".to_owned(), timing);
        }
        message
    }

    /// The first handshake of the sender's list that we know.
    #[must_use]
    pub fn handshake(&self) -> Option<Handshake> {
        self.handshake_protocols.iter().find_map(|uri| uri.parse().ok())
    }

    /// The attached requests that are messages, in the sender's order.
    ///
    /// A linked request is left out: nothing is fetched on behalf of a stranger.
    #[must_use]
    pub fn messages(&self) -> Vec<Message> {
        self.requests.iter().filter_map(attached_message).collect()
    }

    /// Whether it is past its time at `now`, seconds since 1970.
    #[must_use]
    pub fn is_expired(&self, now: u64) -> bool {
        self.expires_time.is_some_and(|expires| expires <= now)
    }
}

/// `handshake-reuse` and `handshake-reuse-accepted`: we know each other already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reuse {
    /// The receiver asks.
    Asked,
    /// The sender agrees.
    Accepted,
}

impl Reuse {
    fn name(self) -> &'static str {
        match self {
            Self::Asked => "handshake-reuse",
            Self::Accepted => "handshake-reuse-accepted",
        }
    }

    /// Checks that a message is this one and returns its thread and the invitation's id.
    ///
    /// # Errors
    /// [`Error::Malformed`] when it is another message or has no `pthid`.
    pub fn read(self, message: &Message) -> Result<(&str, &str), Error> {
        expect(message, self.name())?;
        let pthid = message.pthid.as_deref().ok_or_else(|| Error::Malformed {
            message: self.name(),
            reason: "no pthid".to_owned(),
        })?;
        Ok((message.thread_id(), pthid))
    }

    /// The message, with the thread that ACA-Py wants written out.
    #[must_use]
    pub fn to_message(self, id: &str, thid: &str, pthid: &str, minor: u16) -> Message {
        let kind = MessageType::new(PROTOCOL, (1, minor), self.name());
        let mut message = Message::new(Version::V1, id, kind);
        message.thid = Some(thid.to_owned());
        message.pthid = Some(pthid.to_owned());
        message
    }
}

fn expect(message: &Message, name: &'static str) -> Result<(), Error> {
    let is_first_generation = message.version == Version::V1;
    if is_first_generation && message.kind.is(PROTOCOL, 1) && message.kind.name == name {
        return Ok(());
    }
    Err(Error::Malformed { message: name, reason: format!("type is {}", message.kind) })
}

fn read_services(body: &Map<String, Value>) -> Result<Vec<Service>, Error> {
    let malformed = |reason: String| Error::Malformed { message: "invitation", reason };
    let entries = body.get("services").and_then(Value::as_array).ok_or(Error::NoService)?;
    if entries.len() > SERVICES_MAX {
        return Err(malformed(format!("more than {SERVICES_MAX} services")));
    }
    let services: Result<Vec<_>, String> = entries.iter().map(Service::read).collect();
    let services: Vec<Service> = services.map_err(malformed)?.into_iter().flatten().collect();
    if services.is_empty() { Err(Error::NoService) } else { Ok(services) }
}

/// `~timing.expires_time` (RFC 0032); what is no time sets no limit.
fn expires_time(message: &Message) -> Option<u64> {
    let timing = message.decorators.get("~timing")?;
    time::from_iso(timing.get("expires_time")?.as_str()?)
}

fn attached_message(request: &Value) -> Option<Message> {
    let content = Attachment::from_v1(request).ok()?.json().ok()?;
    match content {
        Value::Object(fields) => Message::from_fields(fields).ok(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            None
        }
    }
}
