//! Whether what was proven is enough, and what it says.
//!
//! Source: login flow step 4 of the design: the signature, nonce, validity, revocation and
//! holder binding are checked before; here issuer trust, session binding and required claims.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{Policy, Subject};
use crate::error::Code;
use crate::limits::{CLAIMS_BYTES_MAX, CREDENTIALS_MAX, STABLE_ID_BYTES_MAX};
use crate::path::Path;
use crate::secret::Private;

/// A presentation of which every check passed (promise P26): only then may it be built.
#[derive(Clone, Debug, PartialEq)]
pub struct Presentation {
    /// The challenge that its proof covers.
    pub challenge: String,
    /// The domain that its proof covers, if it names one.
    pub domain: Option<String>,
    /// The DID that proved to hold the credentials.
    pub holder: String,
    /// In the order of the presentation.
    pub credentials: Vec<ProvenCredential>,
}

/// A credential of which every check passed.
#[derive(Clone, Debug, PartialEq)]
pub struct ProvenCredential {
    /// The DID that signed it.
    pub issuer: String,
    /// Its `type`.
    pub types: Vec<String>,
    /// The document, `$` of every path.
    pub document: Private<Value>,
}

/// What a login has proven. Comes out of [`Policy::accept`] alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    pub(crate) policy: String,
    pub(crate) acr: String,
    pub(crate) challenge: String,
    pub(crate) domain: Option<String>,
    pub(crate) stable_id: Private<Option<String>>,
    pub(crate) issuers: Vec<String>,
    pub(crate) types: Vec<String>,
    pub(crate) claims: Private<Map<String, Value>>,
}

/// Why a login ended without success.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// A check of the presentation failed: signature, validity, revocation, holder, …
    #[error("the presentation is not valid: {0}")]
    InvalidPresentation(String),
    /// The presentation was made for another session or another verifier.
    #[error("the presentation was not made for this login")]
    OtherSession,
    /// No credential, or more than [`CREDENTIALS_MAX`].
    #[error("the presentation holds no credential or too many")]
    CredentialCount,
    /// A credential is from nobody that the policy trusts.
    #[error("a credential is from an issuer that is not trusted here")]
    UntrustedIssuer,
    /// A required claim is in none of the credentials.
    #[error("the credential does not say `{0}`")]
    MissingClaim(String),
    /// The claims are too large for a token.
    #[error("the credential says too much")]
    TooLarge,
    /// The value that identifies the user is missing, or no text or number.
    #[error("the credential does not identify its holder")]
    NoSubject,
    /// `id_token_hint` named somebody else.
    #[error("another user was expected")]
    OtherUser,
    /// The user said no, in the wallet.
    #[error("the wallet declined")]
    Declined,
    /// The user said no, on the page.
    #[error("the login was cancelled")]
    Cancelled,
    /// A DID or a status list could not be had.
    #[error("the presentation cannot be checked at the moment")]
    Unavailable,
    /// The wallet took too long.
    #[error("the login took too long")]
    TimedOut,
}

impl Reason {
    /// The code for the relying party, which learns no more than that.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::OtherUser => Code::LoginRequired,
            Self::Unavailable => Code::TemporarilyUnavailable,
            Self::InvalidPresentation(_)
            | Self::OtherSession
            | Self::CredentialCount
            | Self::UntrustedIssuer
            | Self::MissingClaim(_)
            | Self::TooLarge
            | Self::NoSubject
            | Self::Declined
            | Self::Cancelled
            | Self::TimedOut => Code::AccessDenied,
        }
    }
}

impl Policy {
    /// Judges a presentation that is cryptographically sound.
    ///
    /// Every credential must be from a trusted issuer, also one that nothing is read from: a
    /// wallet must not mix in what it wrote itself. The first credential that has a claim gives
    /// it.
    pub fn accept(&self, presentation: &Presentation) -> Result<Proof, Reason> {
        let credentials = &presentation.credentials;
        if credentials.is_empty() || credentials.len() > CREDENTIALS_MAX {
            return Err(Reason::CredentialCount);
        }
        if !credentials.iter().all(|credential| self.trusted_issuers.contains(&credential.issuer)) {
            return Err(Reason::UntrustedIssuer);
        }
        let mut claims = Map::new();
        for (name, source) in &self.claims {
            match find(credentials, &source.path) {
                Some((_, value)) => {
                    claims.insert(name.clone(), value.clone());
                }
                None if source.optional => {}
                None => return Err(Reason::MissingClaim(name.clone())),
            }
        }
        if json!(claims).to_string().len() > CLAIMS_BYTES_MAX {
            return Err(Reason::TooLarge);
        }
        Ok(Proof {
            policy: self.id.clone(),
            acr: self.acr.clone(),
            challenge: presentation.challenge.clone(),
            domain: presentation.domain.clone(),
            stable_id: Private(self.stable_id(presentation)?),
            issuers: unique(credentials.iter().map(|credential| &credential.issuer)),
            types: unique(credentials.iter().flat_map(|credential| &credential.types)),
            claims: Private(claims),
        })
    }

    /// What identifies the user; the issuer is part of it, as two issuers may count alike.
    fn stable_id(&self, presentation: &Presentation) -> Result<Option<String>, Reason> {
        let id = match &self.subject {
            Subject::Claim(path) => {
                let (credential, value) =
                    find(&presentation.credentials, path).ok_or(Reason::NoSubject)?;
                let value = match value {
                    Value::String(text) if !text.is_empty() => value,
                    Value::Number(_) => value,
                    Value::String(_)
                    | Value::Null
                    | Value::Bool(_)
                    | Value::Array(_)
                    | Value::Object(_) => return Err(Reason::NoSubject),
                };
                json!(["claim", credential.issuer, path.as_str(), value]).to_string()
            }
            Subject::HolderDid if presentation.holder.is_empty() => return Err(Reason::NoSubject),
            Subject::HolderDid => json!(["holder", presentation.holder]).to_string(),
            Subject::Ephemeral => return Ok(None),
        };
        match id.len() <= STABLE_ID_BYTES_MAX {
            true => Ok(Some(id)),
            false => Err(Reason::TooLarge),
        }
    }
}

fn find<'a>(
    credentials: &'a [ProvenCredential],
    path: &Path,
) -> Option<(&'a ProvenCredential, &'a Value)> {
    let value = |credential: &'a ProvenCredential| {
        let value = path.select(&credential.document).filter(|value| !value.is_null())?;
        Some((credential, value))
    };
    credentials.iter().find_map(value)
}

fn unique<'a>(texts: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut seen = Vec::new();
    for text in texts {
        if !seen.contains(text) {
            seen.push(text.clone());
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(subject: Value) -> Policy {
        Policy::read(json!({
            "id": "staff",
            "name": "Staff card",
            "presentation_definition": {"id": "d", "input_descriptors": [{"id": "card"}]},
            "trusted_issuers": ["did:x:a", "did:x:b"],
            "claims": {
                "name": "$.credentialSubject.name",
                "email": {"path": "$.credentialSubject.email", "optional": true},
            },
            "subject": subject,
        }))
        .unwrap()
    }

    fn presentation(issuer: &str, subject: Value) -> Presentation {
        Presentation {
            challenge: "c".into(),
            domain: Some("d".into()),
            holder: "did:x:holder".into(),
            credentials: vec![ProvenCredential {
                issuer: issuer.into(),
                types: vec!["VerifiableCredential".into(), "Staff".into()],
                document: Private(json!({ "credentialSubject": subject })),
            }],
        }
    }

    #[test]
    fn claims_are_read_from_trusted_credentials() {
        let policy = policy(json!({"claim": "$.credentialSubject.number"}));
        let proof = policy.accept(&presentation("did:x:a", json!({"name": "Eve", "number": 7})));
        let proof = proof.unwrap();
        assert_eq!(Value::Object(proof.claims.0), json!({"name": "Eve"}));
        assert_eq!(proof.types, ["VerifiableCredential", "Staff"]);
        let expected = r#"["claim","did:x:a","$.credentialSubject.number",7]"#;
        assert_eq!(proof.stable_id.as_deref(), Some(expected));
    }

    #[test]
    fn the_same_number_from_two_issuers_is_two_users() {
        let policy = policy(json!({"claim": "$.credentialSubject.number"}));
        let subject = json!({"name": "Eve", "number": "7"});
        let one = policy.accept(&presentation("did:x:a", subject.clone())).unwrap();
        let two = policy.accept(&presentation("did:x:b", subject)).unwrap();
        assert_ne!(one.stable_id, two.stable_id);
    }

    #[test]
    fn the_holder_or_nobody_may_be_the_subject() {
        let subject = json!({"name": "Eve"});
        let proof = policy(json!("holder_did")).accept(&presentation("did:x:a", subject.clone()));
        assert_eq!(proof.unwrap().stable_id.as_deref(), Some(r#"["holder","did:x:holder"]"#));
        let proof = policy(json!("ephemeral")).accept(&presentation("did:x:a", subject));
        assert_eq!(proof.unwrap().stable_id.0, None);
    }

    #[test]
    fn what_is_not_enough_is_refused_with_a_reason() {
        let policy = policy(json!({"claim": "$.credentialSubject.number"}));
        let good = json!({"name": "Eve", "number": 7});
        let mut mixed = presentation("did:x:a", good.clone());
        mixed.credentials.extend(presentation("did:x:evil", good.clone()).credentials);
        let mut many = presentation("did:x:a", good.clone());
        many.credentials = vec![many.credentials[0].clone(); CREDENTIALS_MAX + 1];
        let none = Presentation { credentials: vec![], ..many.clone() };
        let big = "x".repeat(CLAIMS_BYTES_MAX);
        let cases = [
            (presentation("did:x:evil", good), Reason::UntrustedIssuer),
            (mixed, Reason::UntrustedIssuer),
            (many, Reason::CredentialCount),
            (none, Reason::CredentialCount),
            (presentation("did:x:a", json!({"number": 7})), Reason::MissingClaim("name".into())),
            (
                presentation("did:x:a", json!({"name": null, "number": 7})),
                Reason::MissingClaim("name".into()),
            ),
            (presentation("did:x:a", json!({"name": "Eve"})), Reason::NoSubject),
            (presentation("did:x:a", json!({"name": "E", "number": ""})), Reason::NoSubject),
            (presentation("did:x:a", json!({"name": "E", "number": [7]})), Reason::NoSubject),
            (presentation("did:x:a", json!({"name": big, "number": 7})), Reason::TooLarge),
            (presentation("did:x:a", json!({"name": "E", "number": big})), Reason::TooLarge),
        ];
        for (presentation, reason) in cases {
            assert_eq!(policy.accept(&presentation), Err(reason));
        }
    }
}
