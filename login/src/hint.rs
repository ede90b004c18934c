//! `id_token_hint`: an ID token of ours that comes back to say who is meant.
//!
//! Source: OIDC Core §3.1.2.1 (authorize), RP-Initiated Logout 1.0 §2 (an expired one is fine).
//!
//! Absent on purpose: encrypted hints, and hints signed by anyone but us.

use serde::Deserialize;

use crate::keys::{JwtError, open};
use crate::provider::Provider;

/// What a genuine hint says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Hint {
    iss: String,
    /// The user, pairwise.
    pub(crate) sub: String,
    /// The client that it was made for.
    pub(crate) aud: String,
    /// The login that it came from.
    #[serde(default)]
    pub(crate) sid: Option<String>,
}

/// Reads a hint that this provider signed, expired or not.
pub(crate) fn read(provider: &Provider, token: &str) -> Result<Hint, JwtError> {
    let hint: Hint = open(&provider.keys, token)?;
    match hint.iss == provider.issuer.as_str() {
        true => Ok(hint),
        false => Err(JwtError::Malformed),
    }
}
