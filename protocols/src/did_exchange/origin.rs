//! The invitation that a request answers.

use picomesh_did_resolver::Did;
use serde::{Deserialize, Serialize};

use crate::peer::key_text;

/// An explicit invitation, or the public DID that is one (RFC 0023 §Implicit and Explicit
/// Invitations), as far as this protocol needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The id of the invitation; for an implicit one the DID, or the DID URL of its service.
    pub pthid: String,
    /// The DID of the inviter, when the invitation names one.
    pub did: Option<Did>,
    /// The keys of the invitation as did:key: the response has to be signed by one of them.
    pub keys: Vec<String>,
    /// The minor version of DID Exchange to speak: what both sides know.
    pub minor: u16,
}

impl Origin {
    /// An explicit invitation with service keys written out or resolved.
    #[must_use]
    pub fn explicit(pthid: &str, did: Option<Did>, keys: &[[u8; 32]], minor: u16) -> Self {
        Self {
            pthid: pthid.to_owned(),
            did,
            keys: keys.iter().map(key_text).collect(),
            minor: minor.min(super::MINOR),
        }
    }

    /// A public DID, whose `service` (a DID URL; the DID itself if none is known) and keys were
    /// resolved.
    #[must_use]
    pub fn implicit(did: Did, service: Option<&str>, keys: &[[u8; 32]]) -> Self {
        let pthid = service.unwrap_or(did.as_str()).to_owned();
        Self::explicit(&pthid, Some(did), keys, super::MINOR)
    }

    /// Whether this key is one of the invitation.
    pub(super) fn has_key(&self, key: &[u8; 32]) -> bool {
        self.keys.contains(&key_text(key))
    }
}
