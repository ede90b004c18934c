//! What the pages show: values for the agent's templates, and the state for a script.
//!
//! Source: login flow step 3 and bad-input row 95 of the design.
//!
//! Absent on purpose: HTML, translations, the QR code.

use serde::Serialize;

use crate::authorize::{Mode, Response};
use crate::client::Client;
use crate::policy::Policy;
use crate::session::Session;

/// Why a user who came here by a link cannot go on; status 400, no redirect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fault {
    /// The request cannot be read at all.
    #[error("the request is not well formed")]
    Malformed,
    /// `client_id` is missing, repeated or unknown.
    #[error("the application is not registered here")]
    UnknownClient,
    /// The client was switched off.
    #[error("the application is switched off")]
    DisabledClient,
    /// `redirect_uri` is missing, repeated or not registered.
    #[error("the address to return to is not registered for the application")]
    UnknownRedirect,
    /// `state` is repeated, too long or has control characters.
    #[error("the request carries a state that cannot be returned")]
    BadState,
    /// The logout request is not one that we may follow.
    #[error("the request to log out is not valid")]
    BadLogout,
}

/// The page with the QR code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Login {
    /// Who asks.
    pub client_name: String,
    /// For what.
    pub policy_name: String,
    /// Two digits that the wallet shows too.
    pub match_number: u8,
    /// Unix seconds.
    pub expires_at: u64,
    /// How far it is.
    pub status: Status,
}

impl Login {
    /// The page of a session.
    #[must_use]
    pub fn of(session: &Session, client: &Client, policy: &Policy) -> Self {
        Self {
            client_name: client.name.clone(),
            policy_name: policy.name.clone(),
            match_number: session.match_number(),
            expires_at: session.deadline(),
            status: Status::of(session),
        }
    }
}

/// One event of the page's stream, or one answer to a poll. No claims, no code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// The session's state, as in [`crate::session::State::name`].
    pub state: &'static str,
    /// Whether nothing more will come.
    pub is_over: bool,
    /// Why it failed, for the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Status {
    /// The status of a session.
    #[must_use]
    pub fn of(session: &Session) -> Self {
        Self {
            state: session.state().name(),
            is_over: session.state().is_over(),
            reason: session.state().reason().map(ToString::to_string),
        }
    }
}

/// A page that posts a form by itself, for `response_mode=form_post`.
///
/// The template must escape the values, and must allow no other script than its own.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct FormPost {
    /// Where the form goes.
    pub action: String,
    /// Hidden fields.
    pub fields: Vec<(&'static str, String)>,
}

impl FormPost {
    /// The page for a response; none if it is a redirect.
    #[must_use]
    pub fn of(response: &Response) -> Option<Self> {
        (response.mode == Mode::FormPost).then(|| Self {
            action: response.redirect_uri.clone(),
            fields: response.parameters.clone(),
        })
    }
}
