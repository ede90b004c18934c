//! What a session wants done.

use serde_json::Value;

use crate::authorize::Response;
use crate::code::Record;
use crate::secret::{Fingerprint, Private};

/// What the agent is to do.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Effect {
    /// Invite a wallet to this proof.
    RequestProof(Box<ProofRequest>),
    /// Check the presentation; the answer returns as [`Verified`](super::Input::Verified)
    /// or [`Failed`](super::Input::Failed).
    Check {
        /// As it came from the wallet.
        presentation: Private<Value>,
        /// That its proof must cover.
        challenge: String,
        /// That its proof must cover, if it must cover one.
        domain: Option<String>,
        /// The policy to judge it by.
        policy: String,
    },
    /// The invitation is of no use any more.
    CloseInvitation {
        /// Which.
        invitation_id: String,
    },
    /// Keep a code, in the transaction that keeps the session.
    StoreCode {
        /// The key of the record.
        code: Fingerprint,
        /// The record.
        record: Box<Record>,
    },
    /// Send this browser to the relying party, after the commit.
    Respond(Response),
}

/// What a wallet is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct ProofRequest {
    /// `@id` of the out-of-band invitation, and `pthid` of what follows.
    pub invitation_id: String,
    /// `@id` of the request, and `thid` of what follows.
    pub thid: String,
    /// From the policy.
    pub presentation_definition: Value,
    /// That the proof must cover.
    pub challenge: String,
    /// That the proof must cover: the issuer identifier, if the policy binds it.
    pub domain: Option<String>,
    /// For the user of the wallet: who asks, for what, and the match number.
    pub comment: String,
    /// Unix seconds.
    pub expires_at: u64,
}
