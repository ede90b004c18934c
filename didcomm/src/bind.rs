//! The one place where a plaintext's claims are held against the key that sent the envelope.
//!
//! Source: DIDComm v2 §Message Layer Addressing Consistency; RFC 0019 §Authcrypt; attacks T-D1 to
//! T-D4 of this project.
//!
//! An envelope proves a key. The plaintext claims a sender (`from`), a thread and, through it, a
//! connection. Nothing acts on those claims before [`bind`] has agreed.
//!
//! Absent on purpose: the look-up of connection and thread, which is the caller's, and the check of
//! `from_prior`: whoever verified a rotation passes the new DID as that of the peer.

use crate::envelope::v2::{did_of, is_same_did};
use crate::envelope::{v1, v2};
use crate::{Message, Version};

/// How far in the future `created_time` may lie: clocks differ.
pub const CLOCK_SKEW_SECONDS_MAX: u64 = 600;

/// The key that authenticated an envelope.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Sender {
    /// v1: an Ed25519 verkey.
    Verkey([u8; 32]),
    /// v2: a key agreement key of a DID's document.
    Did {
        /// The DID.
        did: String,
        /// The DID URL of the key.
        kid: String,
    },
}

/// What an envelope proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The generation of the envelope.
    pub version: Version,
    /// Who authenticated it; `None` for anoncrypt, signed only, and plaintext.
    pub sender: Option<Sender>,
    /// The key of ours that opened it: base58 verkey (v1) or DID URL (v2).
    pub recipient_kid: Option<String>,
    /// The DID URL of the key that signed the plaintext (v2).
    pub signed_by: Option<String>,
}

impl Proof {
    /// A plaintext that came without any envelope proves nothing.
    #[must_use]
    pub fn nothing(version: Version) -> Self {
        Self { version, sender: None, recipient_kid: None, signed_by: None }
    }
}

impl From<&v1::Opened> for Proof {
    fn from(opened: &v1::Opened) -> Self {
        Self {
            version: Version::V1,
            sender: opened.sender.map(Sender::Verkey),
            recipient_kid: Some(opened.recipient.clone()),
            signed_by: None,
        }
    }
}

impl From<&v2::Opened> for Proof {
    fn from(opened: &v2::Opened) -> Self {
        let sender = opened.sender_did.clone().zip(opened.sender_kid.clone());
        Self {
            version: Version::V2,
            sender: sender.map(|(did, kid)| Sender::Did { did, kid }),
            recipient_kid: opened.recipient_kid.clone(),
            signed_by: opened.signed_by.clone(),
        }
    }
}

/// The other end of a connection or of a thread, as we know it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Peer {
    /// Their DID on this connection.
    pub did: Option<String>,
    /// Their Ed25519 verkeys on this connection (v1).
    pub verkeys: Vec<[u8; 32]>,
}

impl Peer {
    /// Whether this key speaks for the peer.
    #[must_use]
    pub fn is(&self, sender: &Sender) -> bool {
        match sender {
            Sender::Verkey(verkey) => self.verkeys.contains(verkey),
            Sender::Did { did, .. } => {
                self.did.as_deref().is_some_and(|known| is_same_did(known, did))
            }
        }
    }
}

/// Who a message really comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticated {
    /// The sender; `None` means anonymous: such a message may not touch any state.
    pub sender: Option<Sender>,
    /// Who signed the plaintext for anyone to see. A signature alone does not make a sender: it
    /// may have been made for somebody else.
    pub signed_by: Option<String>,
    /// Whether the sender is the peer that the caller named.
    pub is_peer: bool,
}

/// Why a message is not what its envelope proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// A plaintext of one generation in an envelope of the other.
    #[error("message and envelope are of different generations")]
    Generation,
    /// `from` is missing, or not the DID of the key that sent it.
    #[error("`from` is not the sender")]
    From,
    /// The signer is not the sender.
    #[error("the signer is not the sender")]
    Signer,
    /// `to` does not name us: the message was made for somebody else.
    #[error("`to` does not name us")]
    To,
    /// The sender is not the other end of the connection or thread.
    #[error("the sender is not the peer")]
    Peer,
    /// `expires_time` has passed.
    #[error("expired")]
    Expired,
    /// `created_time` lies in the future.
    #[error("made in the future")]
    Future,
}

impl Refusal {
    /// Code for the peer, where one may be told; the others are answered with silence.
    #[must_use]
    pub fn problem_code(self) -> Option<&'static str> {
        match self {
            Self::Expired | Self::Future => Some("e.p.req.time"),
            Self::To => Some("e.p.trust"),
            Self::Generation | Self::From | Self::Signer | Self::Peer => None,
        }
    }
}

/// Holds a message against what its envelope proved.
///
/// `my_did` is the DID of the channel that it reached (v2; without it, the DID of the key that
/// opened the envelope counts). `peer` is the other end of the connection or thread that the
/// message would act on, `None` when it is to act on none. `now` in seconds since 1970.
///
/// # Errors
/// [`Refusal`]: drop the message, no state may change.
pub fn bind(
    message: &Message,
    proof: &Proof,
    my_did: Option<&str>,
    peer: Option<&Peer>,
    now: u64,
) -> Result<Authenticated, Refusal> {
    if message.version != proof.version {
        return Err(Refusal::Generation);
    }
    if proof.version == Version::V2 {
        check_from(message, proof)?;
        check_to(message, proof, my_did)?;
        check_time(message, now)?;
    }
    let is_peer = match (peer, &proof.sender) {
        (None, _) => false,
        (Some(peer), Some(sender)) if peer.is(sender) => true,
        (Some(_), Some(_) | None) => return Err(Refusal::Peer),
    };
    Ok(Authenticated { sender: proof.sender.clone(), signed_by: proof.signed_by.clone(), is_peer })
}

/// `from`, sender and signer are one DID; an unproven `from` is a lie until shown otherwise.
fn check_from(message: &Message, proof: &Proof) -> Result<(), Refusal> {
    let sender = match &proof.sender {
        Some(Sender::Did { did, .. }) => Some(did.as_str()),
        Some(Sender::Verkey(_)) => return Err(Refusal::Generation),
        None => None,
    };
    let signer = proof.signed_by.as_deref().map(did_of);
    if let (Some(sender), Some(signer)) = (sender, signer)
        && !is_same_did(sender, signer)
    {
        return Err(Refusal::Signer);
    }
    match (sender.or(signer), message.from.as_deref()) {
        (Some(proven), Some(from)) if is_same_did(proven, from) => Ok(()),
        (None, None) => Ok(()),
        (Some(_) | None, Some(_) | None) => Err(Refusal::From),
    }
}

/// `to` names us if it names anyone; what is signed must name us, since a signature travels.
fn check_to(message: &Message, proof: &Proof, my_did: Option<&str>) -> Result<(), Refusal> {
    let opened_by = proof.recipient_kid.as_deref().map(did_of);
    if let (Some(mine), Some(opened_by)) = (my_did, opened_by)
        && !is_same_did(mine, opened_by)
    {
        return Err(Refusal::To);
    }
    if message.to.is_empty() && proof.signed_by.is_none() {
        return Ok(());
    }
    let mine = my_did.or(opened_by).ok_or(Refusal::To)?;
    if message.to.iter().any(|to| is_same_did(to, mine)) { Ok(()) } else { Err(Refusal::To) }
}

fn check_time(message: &Message, now: u64) -> Result<(), Refusal> {
    if message.expires_time.is_some_and(|expires| expires < now) {
        return Err(Refusal::Expired);
    }
    let latest = now.saturating_add(CLOCK_SKEW_SECONDS_MAX);
    if message.created_time.is_some_and(|created| created > latest) {
        return Err(Refusal::Future);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
