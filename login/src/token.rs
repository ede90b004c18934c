//! The token endpoint: a code becomes an ID token and an access token.
//!
//! Source: OIDC Core §2 (claims), §3.1.3 (exchange, `at_hash`), RFC 6749 §4.1.3 and §5.1,
//! RFC 8176 §1 (`amr`).
//!
//! Absent on purpose: refresh tokens (`grant_types_supported` says so): a login is as old as
//! its proof, and a fresh one costs a fresh proof. Access tokens are opaque and only open
//! userinfo.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256, Sha512};

use crate::client::Client;
use crate::code::{Grant, NotRedeemed, Record};
use crate::error::{Code, Refused};
use crate::keys::{self, Algorithm};
use crate::limits::{ACCESS_TOKEN_SECONDS, ID_TOKEN_SECONDS};
use crate::parameters::Parameters;
use crate::provider::Provider;
use crate::secret::{self, Entropy, Fingerprint, Private, base64url};

/// The form of a token request, after the client has authenticated.
#[derive(Clone)]
pub struct Request {
    code: String,
    redirect_uri: String,
    code_verifier: String,
}

impl Request {
    /// Reads the form.
    pub fn parse(form: &Parameters) -> Result<Self, Refused> {
        let read = |name| {
            let value = form.one(name);
            let value = value.map_err(|_| {
                Refused::new(Code::InvalidRequest, "a parameter occurs more than once")
            })?;
            Ok(value.map(str::to_owned))
        };
        let need =
            |name, missing| read(name)?.ok_or_else(|| Refused::new(Code::InvalidRequest, missing));
        if need("grant_type", "grant_type is missing")? != "authorization_code" {
            let description = "only authorization_code is served";
            return Err(Refused::new(Code::UnsupportedGrantType, description));
        }
        Ok(Self {
            code: need("code", "code is missing")?,
            redirect_uri: need("redirect_uri", "redirect_uri is missing")?,
            code_verifier: need("code_verifier", "code_verifier is missing")?,
        })
    }

    /// The key of the code's record in the store.
    #[must_use]
    pub fn code(&self) -> Fingerprint {
        Fingerprint::of(&self.code)
    }
}

/// An access token, as it is stored under its fingerprint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    pub(crate) client_id: String,
    pub(crate) sid: String,
    pub(crate) sub: String,
    pub(crate) claims: Private<Map<String, Value>>,
    pub(crate) expires_at: u64,
}

impl Access {
    /// When it stops working, Unix seconds.
    #[must_use]
    pub fn expires_at(&self) -> u64 {
        self.expires_at
    }

    /// The client that it was given to.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The login that it came from; a logout revokes by it.
    #[must_use]
    pub fn sid(&self) -> &str {
        &self.sid
    }
}

/// A redeemed code.
pub struct Exchanged {
    /// The record, now used: store it, conditional on its being unused.
    pub record: Record,
    /// The key of `access` in the store.
    pub access_token: Fingerprint,
    /// To store in the same transaction.
    pub access: Access,
    /// The answer, with both tokens in clear: for the client alone, `Cache-Control: no-store`.
    pub body: Value,
}

/// Why there are no tokens.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The client's fault.
    #[error(transparent)]
    NotRedeemed(#[from] NotRedeemed),
    /// Ours: no key for the client's algorithm. The client reads `server_error`.
    #[error(transparent)]
    Keys(#[from] keys::Error),
}

impl Error {
    /// For the client.
    #[must_use]
    pub fn refused(&self) -> Refused {
        match self {
            Self::NotRedeemed(error) => error.refused.clone(),
            Self::Keys(_) => Refused::new(Code::ServerError, "the provider cannot sign"),
        }
    }

    /// The access token to revoke, as its code was used twice.
    #[must_use]
    pub fn revoke(&self) -> Option<Fingerprint> {
        match self {
            Self::NotRedeemed(error) => error.revoke,
            Self::Keys(_) => None,
        }
    }
}

/// Redeems a code for the client that authenticated.
pub fn exchange(
    record: Record,
    request: &Request,
    client: &Client,
    provider: &Provider,
    entropy: &Entropy,
    now: u64,
) -> Result<Exchanged, Error> {
    let token = secret::text(entropy);
    let access_token = Fingerprint::of(&token);
    let (redirect_uri, verifier) = (&request.redirect_uri, &request.code_verifier);
    let record = record.redeem(client, redirect_uri, verifier, access_token, now)?;
    let grant = &record.grant;
    let claims = id_token_claims(grant, client, provider, &token, now);
    let id_token = provider.keys.signer(client.id_token_alg)?.sign(&claims)?;
    let access = Access {
        client_id: client.id.clone(),
        sid: grant.sid.clone(),
        sub: grant.sub.clone(),
        claims: grant.claims.clone(),
        expires_at: now.saturating_add(ACCESS_TOKEN_SECONDS),
    };
    let body = json!({
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": ACCESS_TOKEN_SECONDS,
        "scope": grant.scope.join(" "),
        "id_token": id_token,
    });
    Ok(Exchanged { record, access_token, access, body })
}

/// The claims of an ID token. The mapped ones go in first, so that none can stand in for ours.
fn id_token_claims(
    grant: &Grant,
    client: &Client,
    provider: &Provider,
    access_token: &str,
    now: u64,
) -> Value {
    let mut claims = grant.claims.0.clone();
    let own = [
        ("iss", json!(provider.issuer.as_str())),
        ("sub", json!(grant.sub)),
        ("aud", json!(client.id)),
        ("azp", json!(client.id)),
        ("iat", json!(now)),
        ("exp", json!(now.saturating_add(ID_TOKEN_SECONDS))),
        ("auth_time", json!(grant.auth_time)),
        ("acr", json!(grant.acr)),
        ("amr", json!(["vc"])),
        ("sid", json!(grant.sid)),
        ("at_hash", json!(at_hash(client.id_token_alg, access_token))),
        (
            "vp",
            json!({
                "policy": grant.policy,
                "issuers": grant.issuers,
                "types": grant.types,
                "checked_at": grant.auth_time,
            }),
        ),
    ];
    claims.extend(own.map(|(name, value)| (name.to_owned(), value)));
    if let Some(nonce) = &grant.nonce {
        claims.insert("nonce".into(), json!(nonce));
    }
    Value::Object(claims)
}

/// OIDC Core §3.1.3.6: the left half of the hash that belongs to the algorithm. Ed25519 hashes
/// with SHA-512 (RFC 8032 §5.1).
fn at_hash(algorithm: Algorithm, access_token: &str) -> String {
    match algorithm {
        Algorithm::Es256 | Algorithm::Rs256 => {
            base64url(&Sha256::digest(access_token.as_bytes())[..16])
        }
        Algorithm::EdDsa => base64url(&Sha512::digest(access_token.as_bytes())[..32]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::FORM_BYTES_MAX;

    /// OIDC Core appendix A.3.
    #[test]
    fn at_hash_is_that_of_the_specification() {
        let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        assert_eq!(at_hash(Algorithm::Rs256, token), "77QmUPtjPfzWtF2AnpK9RQ");
        assert_eq!(at_hash(Algorithm::EdDsa, token).len(), 43);
    }

    #[test]
    fn a_form_with_a_fault_is_refused() {
        let cases = [
            ("", Code::InvalidRequest),
            ("grant_type=refresh_token&refresh_token=x", Code::UnsupportedGrantType),
            ("grant_type=client_credentials", Code::UnsupportedGrantType),
            ("grant_type=authorization_code", Code::InvalidRequest),
            ("grant_type=authorization_code&code=c&redirect_uri=r", Code::InvalidRequest),
            ("grant_type=authorization_code&code=c&code_verifier=v", Code::InvalidRequest),
            (
                "grant_type=authorization_code&code=c&code=c&redirect_uri=r&code_verifier=v",
                Code::InvalidRequest,
            ),
        ];
        for (form, code) in cases {
            let form = Parameters::parse(form.as_bytes(), FORM_BYTES_MAX).unwrap();
            assert_eq!(Request::parse(&form).err().unwrap().code, code, "{form:?}");
        }
    }
}
