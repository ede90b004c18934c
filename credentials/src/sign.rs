//! Signing: a credential by its issuer, a presentation by its holder.
//!
//! Source: Data Integrity 1.0 §4.2 (Add Proof), VCDM 1.1 §4.7 and §4.10.
//!
//! Absent on purpose: keys at rest, resolution, the clock. Who calls knows that the key belongs to
//! the verification method; where the DID itself says so (did:key), it is checked.

use ed25519_dalek::{Signer as _, SigningKey};
use serde_json::{Map, Value, json};

use crate::suite::Suite;
use crate::{CREDENTIALS_V1, CREDENTIALS_V2, Contexts, Error, limits, vcdm};

/// Characters of a challenge or domain.
pub const CHALLENGE_CHARS_MAX: usize = 1_024;

/// The key that signs, and where others find its public half.
pub struct Signer<'a> {
    /// The private key.
    pub key: &'a SigningKey,
    /// An absolute DID URL, e.g. `did:key:z6Mk…#z6Mk…`.
    pub verification_method: String,
}

impl Signer<'_> {
    /// The DID that signs.
    pub fn did(&self) -> &str {
        vcdm::did_of(&self.verification_method)
    }

    fn check(&self) -> Result<(), Error> {
        let (did, fragment) = self.verification_method.split_once('#').unwrap_or_default();
        if fragment.is_empty() || !did.starts_with("did:") {
            return Err(Error::Misuse("the verification method is no absolute DID URL".into()));
        }
        let key = picomesh_did_resolver::PublicKey::Ed25519(self.key.verifying_key().to_bytes());
        if did.starts_with("did:key:") && did != format!("did:key:{}", key.to_multibase()) {
            return Err(Error::Misuse("the key is not that of the verification method".into()));
        }
        Ok(())
    }
}

/// Signs a credential with purpose `assertionMethod`.
///
/// `created` is an RFC 3339 time. The context of the suite is added where it is missing. Refused:
/// terms and contexts that we do not know, an issuer who is not the controller of the
/// verification method, a credential that is already signed or not one of the data model.
pub fn issue(
    credential: Value,
    suite: Suite,
    signer: &Signer<'_>,
    created: &str,
    contexts: &Contexts,
) -> Result<Value, Error> {
    let config = json!({ "proofPurpose": "assertionMethod" });
    issue_with(credential, suite, signer, created, config, contexts)
}

/// As [`issue`], with the purpose and further members of the proof given.
pub(crate) fn issue_with(
    credential: Value,
    suite: Suite,
    signer: &Signer<'_>,
    created: &str,
    config: Value,
    contexts: &Contexts,
) -> Result<Value, Error> {
    limits::check(&credential)?;
    vcdm::credential_structure(&credential)?;
    if vcdm::issuer(&credential) != Some(signer.did()) {
        return Err(Error::Misuse("the issuer does not control the verification method".into()));
    }
    secure(credential, suite, signer, created, config, contexts)
}

/// What a presentation is made of.
#[derive(Clone, Debug, Default)]
pub struct Presentation<'a> {
    /// Signed credentials.
    pub credentials: Vec<Value>,
    /// The presentation submission (see [`crate::exchange`]), if a definition asked.
    pub submission: Option<Value>,
    /// Writes `holder`; must then be the DID that signs. ACA-Py leaves it out.
    pub holder: Option<&'a str>,
    /// What the verifier gave to make this presentation its own.
    pub challenge: &'a str,
    /// The verifier's domain, if it gave one.
    pub domain: Option<&'a str>,
}

/// Makes a presentation and signs it with purpose `authentication`.
///
/// `created` is an RFC 3339 time. VCDM 2.0 if a credential is, else VCDM 1.1.
pub fn present(
    presentation: Presentation<'_>,
    suite: Suite,
    signer: &Signer<'_>,
    created: &str,
    contexts: &Contexts,
) -> Result<Value, Error> {
    let Presentation { credentials, submission, holder, challenge, domain } = presentation;
    if challenge.is_empty() {
        return Err(Error::Misuse("a presentation without a challenge can be replayed".into()));
    }
    if holder.is_some_and(|holder| holder != signer.did()) {
        return Err(Error::Misuse("the holder does not control the verification method".into()));
    }
    // Only the context of VCDM 2.0 lets a credential of either version be inside.
    let v2 = credentials.iter().any(|credential| !vcdm::is_v1(credential));
    let base = if v2 { CREDENTIALS_V2 } else { CREDENTIALS_V1 };
    let mut document = json!({
        "@context": [base],
        "type": ["VerifiablePresentation"],
        "verifiableCredential": credentials,
    });
    if let Some(holder) = holder {
        document["holder"] = holder.into();
    }
    if let Some(submission) = submission {
        // RFC 0510 §Presentation, as ACA-Py and Credo write it.
        document["@context"] = json!([base, crate::PRESENTATION_SUBMISSION_V1]);
        document["type"] = json!(["VerifiablePresentation", "PresentationSubmission"]);
        document["presentation_submission"] = submission;
    }
    limits::check(&document)?;
    vcdm::presentation_structure(&document)?;
    let mut config = json!({ "proofPurpose": "authentication", "challenge": challenge });
    if let Some(domain) = domain {
        config["domain"] = domain.into();
    }
    secure(document, suite, signer, created, config, contexts)
}

/// Adds the proof; `config` brings purpose, challenge and domain.
fn secure(
    mut document: Value,
    suite: Suite,
    signer: &Signer<'_>,
    created: &str,
    mut config: Value,
    contexts: &Contexts,
) -> Result<Value, Error> {
    signer.check()?;
    if document.get("proof").is_some() {
        return Err(Error::Misuse("the document is signed already".into()));
    }
    for member in ["challenge", "domain"] {
        let text = config.get(member).and_then(Value::as_str).unwrap_or_default();
        if text.len() > CHALLENGE_CHARS_MAX {
            return Err(Error::TooLarge("CHALLENGE_CHARS_MAX"));
        }
    }
    vcdm::seconds(&created.into(), "created")?;
    if let Some(url) = suite.context(&document) {
        let mut urls = vcdm::each(document.get("@context")).to_vec();
        urls.push(url.into());
        document["@context"] = urls.into();
    }
    contexts.check(&document)?;
    config["type"] = suite.kind().into();
    config["created"] = created.into();
    config["verificationMethod"] = signer.verification_method.as_str().into();
    match suite {
        Suite::Ed25519Signature2018 | Suite::Ed25519Signature2020 => {}
        Suite::EddsaRdfc2022 => config["cryptosuite"] = suite.name().into(),
        Suite::EddsaJcs2022 => {
            config["cryptosuite"] = suite.name().into();
            // DI EdDSA §3.3.1 step 2: the proof carries the contexts of the document.
            config["@context"] = document["@context"].clone();
        }
    }
    let mut proof: Map<String, Value> = config.as_object().cloned().unwrap_or_default();
    let hashes = suite.hash(&document, &proof, contexts)?;
    let (input, header) = suite.signing_input(&hashes);
    suite.write(&mut proof, &header, &signer.key.sign(&input).to_bytes());
    document["proof"] = Value::Object(proof);
    Ok(document)
}
