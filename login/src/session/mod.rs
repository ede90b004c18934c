//! A login session: from the request of a relying party to a code for it.
//!
//! ```text
//! AwaitingScan ── Scanned ──> AwaitingPresentation
//!      └────────── Presented ────────┴──> AwaitingCheck ── Verified ──> Verified
//!                                              │                           │
//!  any of these ── TimedOut ──> Expired        └── Failed ──> Refused   Continued
//!  any of these ── Cancelled, Declined ──> Refused                         │
//!                                                                      Completed
//! ```
//!
//! Source: OIDC Core §3.1.2.3 to §3.1.2.5, promise P24, bad-input rows 92, 93 and 95.
//! Bound at birth: the browser (by its cookie), the challenge, the DIDComm thread. Bound at the
//! first scan: the wallet. One success, one code.
//!
//! Absent on purpose: DIDComm messages and the check itself; both are effects. A session says
//! nothing about another one, so two tabs are two sessions.

mod effect;
mod input;
mod step;

use serde::{Deserialize, Serialize};

use crate::authorize::Request;
use crate::client::Client;
use crate::policy::{Policy, Proof, Reason};
use crate::provider::Provider;
use crate::secret::{self, Entropy, Fingerprint};

pub use effect::{Effect, ProofRequest};
pub use input::{Input, Scanner};

/// One login. Stored as it is; an unknown member in the store is an error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    id: String,
    request: Request,
    sector: String,
    browser: Fingerprint,
    challenge: String,
    #[serde(default)]
    domain: Option<String>,
    invitation_id: String,
    thid: String,
    match_number: u8,
    expires_at: u64,
    state: State,
}

/// What the session awaits or how it ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case", deny_unknown_fields)]
pub enum State {
    /// Nobody has opened the invitation.
    AwaitingScan {},
    /// Somebody has, and nobody else may answer.
    AwaitingPresentation {
        /// Who opened it.
        scanner: Scanner,
    },
    /// The wallet has answered; the check is under way.
    AwaitingCheck {
        /// The key that sent the presentation.
        wallet: String,
        /// When it came, Unix seconds.
        since: u64,
    },
    /// The proof holds; the browser may move on.
    Verified {
        /// What was proven.
        proof: Box<Proof>,
        /// When, Unix seconds: `auth_time`.
        at: u64,
    },
    /// The browser got its code. What was proven is forgotten here.
    Completed {
        /// The code, as the store knows it.
        code: Fingerprint,
    },
    /// It failed.
    Refused {
        /// Why.
        reason: Reason,
    },
    /// Nobody came in time.
    Expired {},
}

/// Why an input is refused; the session stays as it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The message belongs to another thread.
    #[error("the message is not of this session's thread")]
    WrongThread,
    /// Somebody else opened the invitation first.
    #[error("another wallet opened this invitation")]
    OtherWallet,
    /// The browser is not the one that asked: 403, and nothing is revealed.
    #[error("this is not the browser that asked")]
    WrongBrowser,
    /// The deadline has passed.
    #[error("the session is expired")]
    Expired,
    /// A legal input at the wrong time.
    #[error("{input} is not allowed in state {state}")]
    Unexpected {
        /// The input.
        input: &'static str,
        /// The state.
        state: &'static str,
    },
    /// Our own caller broke the contract.
    #[error("{0}")]
    Misuse(&'static str),
}

/// The next session, and what is to be done.
#[must_use]
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// To store.
    pub session: Session,
    /// To do, once it is stored.
    pub effects: Vec<Effect>,
}

/// What a new session needs from its caller.
#[derive(Clone)]
pub struct Opening<'a> {
    /// The id of the session, fresh. It stands in the page's URL.
    pub id: Entropy,
    /// The challenge for the proof, fresh.
    pub challenge: Entropy,
    /// The value of the browser's cookie: 256 bits, never shown to a script.
    pub cookie: &'a str,
    /// `@id` of the invitation, fresh.
    pub invitation_id: String,
    /// `@id` of the proof request, fresh.
    pub thid: String,
}

impl Session {
    /// Opens a session for a request that [`crate::authorize::parse`] returned.
    pub fn open(
        request: Request,
        client: &Client,
        policy: &Policy,
        provider: &Provider,
        opening: Opening<'_>,
        now: u64,
    ) -> Result<Step, Error> {
        if request.client_id != client.id || request.policy != policy.id {
            return Err(Error::Misuse("the request is of another client or policy"));
        }
        // 43 characters of base64url are 256 bits; less would be a cookie that can be guessed.
        if opening.cookie.len() < 43 {
            return Err(Error::Misuse("the browser's cookie is too short"));
        }
        let session = Self {
            id: secret::text(&opening.id),
            request,
            sector: client.sector.clone(),
            browser: Fingerprint::of(opening.cookie),
            challenge: secret::uuid(&opening.challenge),
            domain: policy.binds_domain.then(|| provider.issuer.as_str().to_owned()),
            invitation_id: opening.invitation_id,
            thid: opening.thid,
            match_number: match_number(&opening.challenge),
            expires_at: now.saturating_add(policy.session_seconds),
            state: State::AwaitingScan {},
        };
        let request = ProofRequest {
            invitation_id: session.invitation_id.clone(),
            thid: session.thid.clone(),
            presentation_definition: policy.presentation_definition.clone(),
            challenge: session.challenge.clone(),
            domain: session.domain.clone(),
            comment: format!(
                "{} asks for: {}. Go on only if the page shows the number {}.",
                client.name, policy.name, session.match_number
            ),
            expires_at: session.expires_at,
        };
        Ok(Step { session, effects: vec![Effect::RequestProof(Box::new(request))] })
    }

    /// The id, 43 characters, as it stands in the page's URL.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The request that it serves.
    #[must_use]
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// `@id` of its invitation.
    #[must_use]
    pub fn invitation_id(&self) -> &str {
        &self.invitation_id
    }

    /// `@id` of its proof request.
    #[must_use]
    pub fn thid(&self) -> &str {
        &self.thid
    }

    /// What it awaits or how it ended.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Two digits, shown by the page and by the wallet.
    #[must_use]
    pub fn match_number(&self) -> u8 {
        self.match_number
    }

    /// What every form of the page carries beside the cookie, so that no other site can post it
    /// in the user's name (bad-input row 83).
    #[must_use]
    pub fn form_token(&self, cookie: &str) -> String {
        secret::text(Fingerprint::of(&format!("form\0{cookie}\0{}", self.id)).as_bytes())
    }

    /// Whether cookie and form token belong to this session and to each other.
    #[must_use]
    pub fn is_form_token(&self, cookie: &str, token: &str) -> bool {
        let expected = Fingerprint::of(&self.form_token(cookie));
        self.is_of_browser(cookie) && expected.matches(token)
    }

    /// Whether this cookie is that of the browser that asked; every door of the page asks this.
    #[must_use]
    pub fn is_of_browser(&self, cookie: &str) -> bool {
        self.browser.matches(cookie)
    }
}

impl State {
    /// The name, as it is stored and as the page's script sees it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::AwaitingScan {} => "awaiting_scan",
            Self::AwaitingPresentation { .. } => "awaiting_presentation",
            Self::AwaitingCheck { .. } => "awaiting_check",
            Self::Verified { .. } => "verified",
            Self::Completed { .. } => "completed",
            Self::Refused { .. } => "refused",
            Self::Expired {} => "expired",
        }
    }

    /// Whether nothing more can happen.
    #[must_use]
    pub fn is_over(&self) -> bool {
        match self {
            Self::Completed { .. } | Self::Refused { .. } | Self::Expired {} => true,
            Self::AwaitingScan {}
            | Self::AwaitingPresentation { .. }
            | Self::AwaitingCheck { .. }
            | Self::Verified { .. } => false,
        }
    }

    /// Why it failed, if it did.
    #[must_use]
    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Refused { reason } => Some(reason),
            Self::Expired {} => Some(&Reason::TimedOut),
            Self::AwaitingScan {}
            | Self::AwaitingPresentation { .. }
            | Self::AwaitingCheck { .. }
            | Self::Verified { .. }
            | Self::Completed { .. } => None,
        }
    }
}

/// 10 to 99. It keeps people from mixing up pages; it is no secret, so a small bias is nothing.
fn match_number(entropy: &Entropy) -> u8 {
    10 + entropy[0] % 90
}

#[cfg(test)]
mod tests;
