//! What one provider is: its name, its keys, its secret.
//!
//! Source: OIDC Core §8.1 (the secret behind `sub`), §10 (keys).
//!
//! Absent on purpose: storage and rotation schedules; the agent builds this value at start.

use zeroize::Zeroizing;

use crate::issuer::Issuer;
use crate::keys::KeySet;
use crate::secret::Entropy;

/// One OpenID provider.
pub struct Provider {
    /// `iss`, and the prefix of every endpoint.
    pub issuer: Issuer,
    /// Signing keys; RS256 must be among them, as OIDC Core §15.1 demands it.
    pub keys: KeySet,
    /// Behind every `sub`. Whoever changes it turns every user into a stranger.
    pub subject_secret: Zeroizing<Entropy>,
}
