//! Authorization codes: made once, good once, for one client.
//!
//! Source: RFC 6749 §4.1.2 and §4.1.3, RFC 7636 §4.6, RFC 9700 §2.1.1; promise P24.
//!
//! Absent on purpose: the code itself. The store keeps its [`Fingerprint`] as the key of a
//! [`Record`], so whoever reads the store can redeem nothing.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::client::Client;
use crate::error::{Code, Refused};
use crate::limits::CODE_SECONDS;
use crate::pkce::Challenge;
use crate::secret::{Fingerprint, Private};

/// What a login gave; ID token, access token and userinfo are made of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The user, pairwise.
    pub sub: String,
    /// The login, for logout.
    pub sid: String,
    /// From the request, echoed in the ID token.
    pub nonce: Option<String>,
    /// What was granted of the scope.
    pub scope: Vec<String>,
    /// The policy's class.
    pub acr: String,
    /// When the proof was verified, Unix seconds.
    pub auth_time: u64,
    /// The policy that was met.
    pub policy: String,
    /// Who issued what was presented.
    pub issuers: Vec<String>,
    /// Types of what was presented.
    pub types: Vec<String>,
    /// The mapped claims.
    pub claims: Private<Map<String, Value>>,
}

/// A code, as it is stored under its fingerprint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) code_challenge: Challenge,
    pub(crate) expires_at: u64,
    pub(crate) used_for: Option<Fingerprint>,
    pub(crate) grant: Grant,
}

/// Why a code is not redeemed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{refused}")]
pub struct NotRedeemed {
    /// For the client.
    #[source]
    pub refused: Refused,
    /// The access token of the first use: revoke it, somebody else holds the code too.
    pub revoke: Option<Fingerprint>,
}

impl From<Refused> for NotRedeemed {
    fn from(refused: Refused) -> Self {
        Self { refused, revoke: None }
    }
}

impl Record {
    pub(crate) fn new(
        client_id: String,
        redirect_uri: String,
        code_challenge: Challenge,
        grant: Grant,
        now: u64,
    ) -> Self {
        let expires_at = now.saturating_add(CODE_SECONDS);
        Self { client_id, redirect_uri, code_challenge, expires_at, used_for: None, grant }
    }

    /// When the code stops working, Unix seconds. Keep the record for the life of an access
    /// token longer, so that a late replay still revokes.
    #[must_use]
    pub fn expires_at(&self) -> u64 {
        self.expires_at
    }

    /// Whether it was redeemed.
    #[must_use]
    pub fn is_used(&self) -> bool {
        self.used_for.is_some()
    }

    /// Marks the code as used for `access_token`, if client, redirect URI, verifier and time fit.
    ///
    /// The caller stores the record and the token in one transaction, conditional on the record
    /// being unused still: two uses at once must not both win.
    pub fn redeem(
        mut self,
        client: &Client,
        redirect_uri: &str,
        code_verifier: &str,
        access_token: Fingerprint,
        now: u64,
    ) -> Result<Self, NotRedeemed> {
        // First, so that another client learns nothing and revokes nothing.
        if self.client_id != client.id {
            return Err(Refused::unknown_code().into());
        }
        if self.is_used() {
            let refused = Refused::new(Code::InvalidGrant, "the code was used before");
            return Err(NotRedeemed { refused, revoke: self.used_for });
        }
        let refuse = |description| Err(Refused::new(Code::InvalidGrant, description).into());
        if now >= self.expires_at {
            return refuse("the code is expired");
        }
        if self.redirect_uri != redirect_uri {
            return refuse("redirect_uri is not that of the authorization request");
        }
        if !self.code_challenge.is_met_by(code_verifier) {
            return refuse("code_verifier does not meet the code_challenge");
        }
        self.used_for = Some(access_token);
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    const VERIFIER: &str = fixture::VERIFIER;
    const URI: &str = "https://shop.example/cb";

    fn record() -> Record {
        let challenge = Challenge::parse(fixture::CHALLENGE).unwrap();
        Record::new("shop".into(), URI.into(), challenge, fixture::grant(), 1000)
    }

    fn token() -> Fingerprint {
        Fingerprint::of("access")
    }

    #[test]
    fn a_code_is_good_once_and_the_replay_revokes() {
        let client = fixture::client();
        let used = record().redeem(&client, URI, VERIFIER, token(), 1059).unwrap();
        let replay = used.redeem(&client, URI, VERIFIER, Fingerprint::of("2"), 1059).unwrap_err();
        assert_eq!(replay.refused.code, Code::InvalidGrant);
        assert_eq!(replay.revoke, Some(token()));
    }

    #[test]
    fn a_late_replay_revokes_too() {
        let client = fixture::client();
        let used = record().redeem(&client, URI, VERIFIER, token(), 1000).unwrap();
        let replay = used.redeem(&client, URI, "", token(), 9999).unwrap_err();
        assert_eq!(replay.revoke, Some(token()));
    }

    #[test]
    fn the_replay_by_another_client_revokes_nothing() {
        let other = Client { id: "other".into(), ..fixture::client() };
        let used = record().redeem(&fixture::client(), URI, VERIFIER, token(), 1000).unwrap();
        let replay = used.redeem(&other, URI, VERIFIER, token(), 1000).unwrap_err();
        assert_eq!((replay.refused, replay.revoke), (Refused::unknown_code(), None));
    }

    /// Bad-input rows 90 and 92.
    #[test]
    fn a_code_is_bound_to_client_uri_verifier_and_time() {
        let client = fixture::client();
        let other = Client { id: "other".into(), ..client.clone() };
        let wrong = VERIFIER.replace('d', "e");
        let short = &VERIFIER[..42];
        let cases: [(&Client, &str, &str, u64); 7] = [
            (&other, URI, VERIFIER, 1000),
            (&client, "https://shop.example/cb/", VERIFIER, 1000),
            (&client, "https://shop.example/cb2", VERIFIER, 1000),
            (&client, URI, &wrong, 1000),
            (&client, URI, short, 1000),
            (&client, URI, fixture::CHALLENGE, 1000),
            (&client, URI, VERIFIER, 1060),
        ];
        for (client, uri, verifier, now) in cases {
            let error = record().redeem(client, uri, verifier, token(), now).unwrap_err();
            assert_eq!((error.refused.code, error.revoke), (Code::InvalidGrant, None));
        }
    }

    #[test]
    fn a_record_survives_the_store_and_refuses_what_it_does_not_know() {
        let mut stored = serde_json::to_value(record()).unwrap();
        assert_eq!(serde_json::from_value::<Record>(stored.clone()).unwrap(), record());
        stored["colour"] = "red".into();
        assert!(serde_json::from_value::<Record>(stored).is_err());
    }
}
