//! Verification: every check is made and reported, and none is skipped because another failed.
//!
//! Source: VCDM 1.1 §6.3 and Appendix A, Data Integrity 1.0 §4.4, `promises` P26.
//!
//! Absent on purpose: resolution (documents are given), status lists (a credential with a status
//! is not valid unless the policy says to ignore it), schemas.

use ed25519_dalek::Signature;
use serde_json::{Map, Value};

use crate::exchange::{self, Definition};
use crate::report::HOLDER_CHECK;
use crate::suite::Suite;
use crate::{Contexts, Documents, Error, PRESENTATION_CREDENTIALS_MAX, Report, limits, vcdm};

/// Seconds that clocks may differ.
pub const CLOCK_LEEWAY_SECONDS: i64 = 60;

/// What the verifier demands beyond the cryptography.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The DIDs that may issue; `None`: anyone. The report then says so.
    pub trusted_issuers: Option<Vec<String>>,
    /// Every subject of every credential is the one who presents. On by default.
    pub require_holder_binding: bool,
    /// Accept credentials whose status we cannot tell. Off by default: fail closed.
    pub ignore_status: bool,
    /// The suites to accept; by default all.
    pub suites: Vec<Suite>,
    /// Seconds that clocks may differ, [`CLOCK_LEEWAY_SECONDS`] by default.
    pub clock_leeway_seconds: i64,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            trusted_issuers: None,
            require_holder_binding: true,
            ignore_status: false,
            suites: Suite::ALL.to_vec(),
            clock_leeway_seconds: CLOCK_LEEWAY_SECONDS,
        }
    }
}

/// What a presentation must answer to.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The challenge of our request.
    pub challenge: &'a str,
    /// The domain of our request; a presentation for another or, if `None`, for any is refused.
    pub domain: Option<&'a str>,
    /// The definition of our request, if it had one.
    pub definition: Option<&'a Definition>,
}

/// The outcome of one check, with words either way.
type Outcome = Result<String, String>;

/// Verifies one credential. `now` is Unix time in seconds.
pub fn verify_credential(
    credential: &Value,
    documents: &Documents,
    now: i64,
    policy: &Policy,
    contexts: &Contexts,
) -> Report {
    let mut report = Report::of_credential();
    let verification = Verification { documents, now, policy, contexts };
    verification.credential(credential, None, &mut report);
    report
}

/// Verifies a presentation and each credential in it. `now` is Unix time in seconds.
pub fn verify_presentation(
    presentation: &Value,
    expected: &Expected<'_>,
    documents: &Documents,
    now: i64,
    policy: &Policy,
    contexts: &Contexts,
) -> Report {
    let credentials = vcdm::credentials(presentation);
    // Beyond the limit the structure check fails; there is no need to look at all of them.
    let credentials = &credentials[..credentials.len().min(PRESENTATION_CREDENTIALS_MAX)];
    let mut report = Report::of_presentation(credentials.len());
    let verification = Verification { documents, now, policy, contexts };
    let holder = verification.presentation(presentation, expected, &mut report);
    for (index, credential) in credentials.iter().enumerate() {
        verification.credential(credential, Some(index), &mut report);
        let outcome = verification.holder(credential, holder);
        report.record(Some(index), HOLDER_CHECK, outcome);
    }
    report
}

struct Verification<'a> {
    documents: &'a Documents,
    now: i64,
    policy: &'a Policy,
    contexts: &'a Contexts,
}

impl Verification<'_> {
    fn credential(&self, credential: &Value, at: Option<usize>, report: &mut Report) {
        let bounded = words(limits::check(credential));
        let structure = bounded.clone().and_then(|_| {
            words(vcdm::credential_structure(credential))?;
            words(vcdm::proof(credential).map(|_| ()))
        });
        report.record(at, "structure", structure.clone());
        let context = bounded.clone().and_then(|_| words(self.contexts.check(credential)));
        report.record(at, "context", context.clone());
        let signature = bounded
            .and(structure)
            .and(context)
            .and_then(|_| self.signature(credential, "assertionMethod"));
        report.record(at, "signature", signature);
        let proof = vcdm::proof(credential);
        let with_proof = |check: &dyn Fn(&Map<String, Value>) -> Outcome| match &proof {
            Ok(proof) => check(proof),
            Err(error) => Err(error.to_string()),
        };
        report.record(at, "proof-purpose", with_proof(&|proof| purpose(proof, "assertionMethod")));
        report.record(at, "proof-time", with_proof(&|proof| self.proof_time(proof)));
        report.record(at, "issuer", with_proof(&|proof| self.issuer(credential, proof)));
        report.record(at, "issued", self.issued(credential));
        report.record(at, "expired", self.expired(credential));
        report.record(at, "status", self.status(credential));
    }

    /// Records the checks of the presentation itself; the DID that signed it, if it says one.
    fn presentation<'p>(
        &self,
        presentation: &'p Value,
        expected: &Expected<'_>,
        report: &mut Report,
    ) -> Option<&'p str> {
        let bounded = words(limits::check(presentation));
        let structure = bounded.clone().and_then(|_| {
            words(vcdm::presentation_structure(presentation))?;
            words(vcdm::proof(presentation).map(|_| ()))
        });
        report.record(None, "presentation-structure", structure.clone());
        let context = bounded.clone().and_then(|_| words(self.contexts.check(presentation)));
        report.record(None, "presentation-context", context.clone());
        let signature = bounded
            .clone()
            .and(structure)
            .and(context)
            .and_then(|_| self.signature(presentation, "authentication"));
        report.record(None, "presentation-signature", signature);
        let proof = vcdm::proof(presentation);
        let with_proof = |check: &dyn Fn(&Map<String, Value>) -> Outcome| match &proof {
            Ok(proof) => check(proof),
            Err(error) => Err(error.to_string()),
        };
        report.record(None, "proof-purpose", with_proof(&|proof| purpose(proof, "authentication")));
        report.record(None, "proof-time", with_proof(&|proof| self.proof_time(proof)));
        report.record(None, "challenge", with_proof(&|proof| challenge(proof, expected)));
        report.record(None, "domain", with_proof(&|proof| domain(proof, expected)));
        let holder = with_proof(&|proof| presenter(presentation, proof));
        report.record(None, "presentation-holder", holder);
        let submission = bounded.and_then(|_| self.submission(presentation, expected));
        report.record(None, "submission", submission);
        proof.ok().and_then(verification_method).map(vcdm::did_of)
    }

    fn signature(&self, document: &Value, purpose: &str) -> Outcome {
        let proof = vcdm::proof(document).map_err(|error| error.to_string())?;
        let suite = Suite::of_proof(proof).map_err(|error| error.to_string())?;
        if !self.policy.suites.contains(&suite) {
            return Err(format!("{} is not accepted here", suite.name()));
        }
        let method = verification_method(proof).ok_or("no verification method")?;
        let key = self.documents.key(method, purpose)?;
        let described = |error: Error| format!("{}: {error}", error.code());
        let hashes = suite.hash(document, proof, self.contexts).map_err(described)?;
        let (input, signature) = suite.read(proof, &hashes).map_err(described)?;
        key.verify_strict(&input, &Signature::from_bytes(&signature))
            .map_err(|_| format!("the signature is not by {method} over this document"))?;
        Ok(format!("{} by {method}", suite.name()))
    }

    fn proof_time(&self, proof: &Map<String, Value>) -> Outcome {
        let leeway = self.policy.clock_leeway_seconds;
        match proof.get("created") {
            Some(created) => {
                let created = vcdm::seconds(created, "created").map_err(|e| e.to_string())?;
                if created > self.now.saturating_add(leeway) {
                    return Err("created in the future".into());
                }
            }
            // Optional in Data Integrity 1.0 §2.1 alone.
            None if proof.contains_key("cryptosuite") => {}
            None => return Err("no created".into()),
        }
        if let Some(expires) = proof.get("expires") {
            let expires = vcdm::seconds(expires, "expires").map_err(|e| e.to_string())?;
            if expires.saturating_add(leeway) < self.now {
                return Err("the proof expired".into());
            }
        }
        Ok("in time".into())
    }

    fn issuer(&self, credential: &Value, proof: &Map<String, Value>) -> Outcome {
        let issuer = vcdm::issuer(credential).ok_or("no issuer")?;
        let method = verification_method(proof).ok_or("no verification method")?;
        if vcdm::did_of(method) != issuer {
            return Err(format!("{issuer} does not control {method}"));
        }
        match &self.policy.trusted_issuers {
            None => Ok(format!("{issuer}, any issuer is accepted")),
            Some(trusted) if trusted.iter().any(|did| did == issuer) => Ok(issuer.to_owned()),
            Some(_) => Err(format!("{issuer} is not trusted")),
        }
    }

    fn issued(&self, credential: &Value) -> Outcome {
        for member in ["issuanceDate", "validFrom"] {
            let Some(value) = credential.get(member) else {
                continue;
            };
            let from = vcdm::seconds(value, "issuance").map_err(|error| error.to_string())?;
            if from > self.now.saturating_add(self.policy.clock_leeway_seconds) {
                return Err(format!("{member} is in the future"));
            }
        }
        Ok("in force".into())
    }

    fn expired(&self, credential: &Value) -> Outcome {
        for member in ["expirationDate", "validUntil"] {
            let Some(value) = credential.get(member) else {
                continue;
            };
            let until = vcdm::seconds(value, "expiry").map_err(|error| error.to_string())?;
            if until.saturating_add(self.policy.clock_leeway_seconds) < self.now {
                return Err(format!("{member} is past"));
            }
        }
        Ok("not expired".into())
    }

    fn status(&self, credential: &Value) -> Outcome {
        match (credential.get("credentialStatus"), self.policy.ignore_status) {
            (None, _) => Ok("has no status".into()),
            (Some(_), true) => Ok("ignored, as the policy says".into()),
            (Some(_), false) => Err("status-unknown".into()),
        }
    }

    fn holder(&self, credential: &Value, holder: Option<&str>) -> Outcome {
        if !self.policy.require_holder_binding {
            return Ok("not demanded by the policy".into());
        }
        let holder = holder.ok_or("nobody signed the presentation")?;
        let subjects = vcdm::each(credential.get("credentialSubject"));
        let bound = |subject: &Value| subject.get("id").and_then(Value::as_str) == Some(holder);
        if subjects.is_empty() || !subjects.iter().all(bound) {
            return Err(format!("{holder} is not the subject"));
        }
        Ok(format!("about {holder}"))
    }

    fn submission(&self, presentation: &Value, expected: &Expected<'_>) -> Outcome {
        if vcdm::credentials(presentation).is_empty() {
            return Err("no credential".into());
        }
        let Some(definition) = expected.definition else {
            return Ok("nothing defined".into());
        };
        exchange::check_submission(definition, presentation, self.contexts)
            .map(|()| format!("satisfies {}", definition.id))
            .map_err(|error| error.to_string())
    }
}

fn words(result: Result<(), Error>) -> Outcome {
    match result {
        Ok(()) => Ok("well-formed".into()),
        Err(error) => Err(format!("{}: {error}", error.code())),
    }
}

fn verification_method(proof: &Map<String, Value>) -> Option<&str> {
    proof.get("verificationMethod").and_then(Value::as_str)
}

fn purpose(proof: &Map<String, Value>, expected: &str) -> Outcome {
    match proof.get("proofPurpose").and_then(Value::as_str) {
        Some(purpose) if purpose == expected => Ok(purpose.to_owned()),
        Some(purpose) => Err(format!("{purpose} instead of {expected}")),
        None => Err("no proof purpose".into()),
    }
}

fn challenge(proof: &Map<String, Value>, expected: &Expected<'_>) -> Outcome {
    if expected.challenge.is_empty() {
        return Err("none was given, so any presentation could be replayed".into());
    }
    match proof.get("challenge").and_then(Value::as_str) {
        Some(challenge) if challenge == expected.challenge => Ok("ours".into()),
        Some(_) => Err("another challenge than ours".into()),
        None => Err("no challenge".into()),
    }
}

fn domain(proof: &Map<String, Value>, expected: &Expected<'_>) -> Outcome {
    match (proof.get("domain"), expected.domain) {
        (None, None) => Ok("none".into()),
        (Some(Value::String(domain)), Some(ours)) if domain == ours => Ok("ours".into()),
        (None, Some(_)) => Err("no domain".into()),
        (Some(_), _) => Err("another domain than ours".into()),
    }
}

/// The presentation names nobody, or the one who signed it.
fn presenter(presentation: &Value, proof: &Map<String, Value>) -> Outcome {
    let signer = verification_method(proof).map(vcdm::did_of).ok_or("no verification method")?;
    match presentation.get("holder").map(vcdm::id_of) {
        None => Ok(format!("{signer}, by signature")),
        Some(Some(holder)) if holder == signer => Ok(holder.to_owned()),
        Some(_) => Err(format!("the holder is not {signer}, who signed")),
    }
}
