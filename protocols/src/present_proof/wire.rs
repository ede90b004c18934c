//! How the messages of present proof 2.0 are written and read.
//!
//! Source: RFC 0454 §Messages; RFC 0317 for `~please_ack`. Unknown fields are ignored and higher
//! minor versions accepted, as RFC 0003 §Semver Rules asks.
//!
//! Absent on purpose: `~timing`; whether a message is too old is decided before it comes here.

use picomesh_didcomm::{self as didcomm, MessageType, Version};
use serde::Deserialize;
use serde_json::{Value, json};

use super::messages::{Message, Presentation, Proposal, Request};
use super::{Error, PROTOCOL, VERSION};
use crate::ack::{Ack, Status};
use crate::attached::{self, Attached, Unreadable};
use crate::body;
use crate::problem::{Problem, ask_for_ack, asks_for_ack};

const PROPOSALS: &str = "proposals~attach";
/// As the example of RFC 0510 writes it.
const PROPOSAL: &str = "proposal~attach";
const REQUESTS: &str = "request_presentations~attach";
const PRESENTATIONS: &str = "presentations~attach";

/// The fields of all three messages, attachments apart.
#[derive(Deserialize)]
struct Fields {
    goal_code: Option<String>,
    comment: Option<String>,
    will_confirm: Option<bool>,
    last_presentation: Option<bool>,
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
            "propose-presentation" => Self::Propose(proposal(message)?),
            "request-presentation" => Self::Request(request(message)?),
            "presentation" => Self::Presentation(presentation(message)?),
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
                attached::write(&mut message, PROPOSALS, &proposal.attached);
            }
            Self::Request(request) => {
                texts(&mut message, &request.goal_code, &request.comment);
                message.body.insert("will_confirm".to_owned(), json!(request.will_confirm));
                attached::write(&mut message, REQUESTS, &request.attached);
            }
            Self::Presentation(presentation) => {
                texts(&mut message, &presentation.goal_code, &presentation.comment);
                attached::write(&mut message, PRESENTATIONS, &presentation.attached);
                if presentation.please_ack {
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
    const NAME: &str = "propose-presentation";
    let Fields { goal_code, comment, .. } = fields(NAME, message)?;
    let field = if message.body.contains_key(PROPOSALS) { PROPOSALS } else { PROPOSAL };
    let attached = some(NAME, attached::read_optional(message, field))?;
    Ok(Proposal { goal_code, comment, attached })
}

fn request(message: &didcomm::Message) -> Result<Request, Error> {
    const NAME: &str = "request-presentation";
    let Fields { goal_code, comment, will_confirm, .. } = fields(NAME, message)?;
    let attached = some(NAME, attached::read(message, REQUESTS))?;
    // RFC 0454 §Request Presentation: absent means `false`.
    Ok(Request { goal_code, comment, will_confirm: will_confirm.unwrap_or(false), attached })
}

fn presentation(message: &didcomm::Message) -> Result<Presentation, Error> {
    const NAME: &str = "presentation";
    let Fields { goal_code, comment, last_presentation, .. } = fields(NAME, message)?;
    // We never ask for several, so the first must be the last (RFC 0454 before 20240311).
    if last_presentation == Some(false) {
        return Err(Error::malformed(NAME, "not the last presentation".to_owned()));
    }
    let attached = some(NAME, attached::read(message, PRESENTATIONS))?;
    Ok(Presentation { goal_code, comment, please_ack: asks_for_ack(message), attached })
}

/// ACA-Py's ack knows a `verification_result`, so an ack may say that nothing was verified, where
/// RFC 0454 §Problem Report asks for a problem report; that must never read as success.
fn ack(message: &didcomm::Message) -> Result<Status, Error> {
    let Ack { status } = body::read(message).map_err(|why| Error::malformed("ack", why))?;
    let verified = match message.body.get("verification_result") {
        None | Some(Value::Null | Value::Bool(true)) => true,
        Some(other) => other.as_str() == Some("true"),
    };
    Ok(if verified { status } else { Status::Fail })
}

fn fields(name: &'static str, message: &didcomm::Message) -> Result<Fields, Error> {
    Fields::deserialize(&message.body).map_err(|error| Error::malformed(name, error.to_string()))
}

/// The attachments, at least one.
fn some(
    name: &'static str,
    attached: Result<Vec<Attached>, Unreadable>,
) -> Result<Vec<Attached>, Error> {
    let attached = attached.map_err(|error| Error::unreadable(name, error))?;
    if attached.is_empty() {
        return Err(Error::malformed(name, "no format".to_owned()));
    }
    Ok(attached)
}

fn texts(message: &mut didcomm::Message, goal_code: &Option<String>, comment: &Option<String>) {
    for (key, text) in [("goal_code", goal_code), ("comment", comment)] {
        if let Some(text) = text {
            message.body.insert(key.to_owned(), json!(text));
        }
    }
}
