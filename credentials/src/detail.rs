//! The attachment of issue-credential for JSON-LD credentials: what is offered or requested, and
//! how it is to be signed.
//!
//! Source: RFC 0593 (`aries/ld-proof-vc-detail@v1.0`).
//!
//! Absent on purpose: `credentialStatus` of our own making. An offer that asks for one is
//! understood, but we issue none.

use serde_json::{Map, Value, json};

use crate::sign::{Signer, issue_with};
use crate::suite::Suite;
use crate::{Contexts, Error, limits, vcdm};

/// The format of the detail in a proposal, offer or request.
pub const DETAIL_FORMAT: &str = "aries/ld-proof-vc-detail@v1.0";
/// The format of the issued credential.
pub const CREDENTIAL_FORMAT: &str = "aries/ld-proof-vc@v1.0";

/// A credential to be, and the options of its proof.
#[derive(Clone, Debug, PartialEq)]
pub struct CredentialDetail {
    /// The credential without a proof.
    pub credential: Value,
    /// How it is to be signed.
    pub options: Options,
}

/// RFC 0593 §Detail, `options`.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// `proofType`; without one, what ACA-Py assumes.
    pub suite: Suite,
    /// `created`, an RFC 3339 time.
    pub created: Option<String>,
    /// `domain`.
    pub domain: Option<String>,
    /// `challenge`.
    pub challenge: Option<String>,
    /// `credentialStatus`: its type, as the peer wrote it.
    pub credential_status: Option<Value>,
}

impl CredentialDetail {
    /// A detail with no options but the suite.
    pub fn new(credential: Value, suite: Suite) -> Self {
        let options = Options {
            suite,
            created: None,
            domain: None,
            challenge: None,
            credential_status: None,
        };
        Self { credential, options }
    }

    /// Reads a detail. The credential may still lack what the issuer fills in.
    pub fn parse(value: &Value) -> Result<Self, Error> {
        limits::check(value)?;
        let credential = value.get("credential").filter(|credential| credential.is_object());
        let credential = credential.ok_or_else(|| Error::malformed("detail", "no credential"))?;
        if credential.get("proof").is_some() {
            return Err(Error::malformed("detail", "the credential is signed already"));
        }
        let options = value.get("options").and_then(Value::as_object);
        let options = options.ok_or_else(|| Error::malformed("detail", "no options"))?;
        let text = |key| match options.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(Error::malformed("options", format!("{key} is not a string"))),
        };
        let suite = match text("proofType")? {
            None => Suite::Ed25519Signature2018,
            Some(name) => Suite::from_name(&name)
                .ok_or_else(|| Error::Unsupported(format!("proofType {name}")))?,
        };
        if let Some(purpose) = text("proofPurpose")?.filter(|purpose| purpose != "assertionMethod")
        {
            return Err(Error::Unsupported(format!("proofPurpose {purpose}")));
        }
        let created = text("created")?;
        if let Some(created) = &created {
            vcdm::seconds(&created.as_str().into(), "created")?;
        }
        let (domain, challenge) = (text("domain")?, text("challenge")?);
        let credential_status = options.get("credentialStatus").filter(|s| !s.is_null()).cloned();
        let options = Options { suite, created, domain, challenge, credential_status };
        Ok(Self { credential: credential.clone(), options })
    }

    /// The attachment.
    pub fn to_json(&self) -> Value {
        let mut options = Map::new();
        options.insert("proofType".into(), self.options.suite.name().into());
        options.insert("proofPurpose".into(), "assertionMethod".into());
        let texts = [
            ("created", &self.options.created),
            ("domain", &self.options.domain),
            ("challenge", &self.options.challenge),
        ];
        for (key, text) in texts {
            if let Some(text) = text {
                options.insert(key.into(), text.as_str().into());
            }
        }
        if let Some(status) = &self.options.credential_status {
            options.insert("credentialStatus".into(), status.clone());
        }
        json!({ "credential": self.credential, "options": options })
    }

    /// Issues what was requested. `now` is an RFC 3339 time, used unless `created` was requested.
    pub fn issue(
        &self,
        signer: &Signer<'_>,
        now: &str,
        contexts: &Contexts,
    ) -> Result<Value, Error> {
        let Options { suite, created, domain, challenge, credential_status } = &self.options;
        if credential_status.is_some() {
            return Err(Error::Unsupported("issuing with a credentialStatus".into()));
        }
        let mut config = json!({ "proofPurpose": "assertionMethod" });
        for (member, text) in [("challenge", challenge), ("domain", domain)] {
            if let Some(text) = text {
                config[member] = text.as_str().into();
            }
        }
        let created = created.as_deref().unwrap_or(now);
        issue_with(self.credential.clone(), *suite, signer, created, config, contexts)
    }

    /// Whether two details, of an offer and of the request that answers it, agree: the same
    /// credential and the same options. The holder may add the id of the subject.
    pub fn check_request(&self, request: &Self) -> Result<(), Error> {
        if self.options != request.options {
            return Err(differs("options"));
        }
        let (mut offered, mut requested) = (self.credential.clone(), request.credential.clone());
        let subject = |credential: &Value| credential.pointer("/credentialSubject/id").is_some();
        if !subject(&offered)
            && subject(&requested)
            && let Some(subject) = requested["credentialSubject"].as_object_mut()
        {
            subject.remove("id");
        }
        normalize(&mut offered);
        normalize(&mut requested);
        if offered == requested { Ok(()) } else { Err(differs("credential")) }
    }
}

/// Whether an issued credential is the one that was agreed on.
///
/// Every member is as agreed; the issuer may add the proof, the context of its suite, and a
/// status if one was agreed on. The signature is for [`crate::verify_credential`].
pub fn check_issued(detail: &CredentialDetail, credential: &Value) -> Result<(), Error> {
    limits::check(credential)?;
    let options = &detail.options;
    let proof = vcdm::proof(credential)?;
    if Suite::of_proof(proof)? != options.suite {
        return Err(differs("proof.type"));
    }
    if proof.get("proofPurpose").and_then(Value::as_str) != Some("assertionMethod") {
        return Err(differs("proof.proofPurpose"));
    }
    let agreed = [
        ("created", &options.created),
        ("domain", &options.domain),
        ("challenge", &options.challenge),
    ];
    for (member, agreed) in agreed {
        let found = proof.get(member).and_then(Value::as_str);
        let same = match (member, agreed, found) {
            (_, None, _) => true,
            ("created", Some(agreed), Some(found)) => same_instant(agreed, found),
            (_, Some(agreed), found) => found == Some(agreed),
        };
        if !same {
            return Err(differs(&format!("proof.{member}")));
        }
    }
    let (mut expected, mut issued) = (detail.credential.clone(), credential.clone());
    if let (Some(map), Some(wanted)) = (issued.as_object_mut(), expected.as_object()) {
        map.remove("proof");
        if options.credential_status.is_some() && !wanted.contains_key("credentialStatus") {
            map.remove("credentialStatus");
        }
    }
    let context = options.suite.context(&expected);
    if let (Some(context), Some(Value::Array(urls))) = (context, issued.get_mut("@context"))
        && urls.last().and_then(Value::as_str) == Some(context)
    {
        urls.pop();
    }
    normalize(&mut expected);
    normalize(&mut issued);
    match first_difference(&expected, &issued) {
        None => Ok(()),
        Some(path) => Err(differs(&path)),
    }
}

/// One form for what may be written as a value or as an array of one.
fn normalize(credential: &mut Value) {
    for member in ["@context", "type", "credentialSubject"] {
        if let Some(value) = credential.get_mut(member)
            && !value.is_array()
        {
            *value = Value::Array(vec![value.take()]);
        }
    }
    if let Some(map) = credential.as_object_mut() {
        map.retain(|_, value| !value.is_null());
        for member in ["issuanceDate", "expirationDate", "validFrom", "validUntil"] {
            if let Some(value) = map.get_mut(member)
                && let Ok(seconds) = vcdm::seconds(value, "date")
            {
                *value = seconds.into();
            }
        }
    }
}

fn first_difference(expected: &Value, issued: &Value) -> Option<String> {
    let (Some(a), Some(b)) = (expected.as_object(), issued.as_object()) else {
        return (expected != issued).then(|| "credential".to_owned());
    };
    let keys = a.keys().chain(b.keys());
    keys.into_iter().find(|key| a.get(*key) != b.get(*key)).cloned()
}

fn same_instant(a: &str, b: &str) -> bool {
    let seconds = |text: &str| vcdm::seconds(&text.into(), "created").ok();
    seconds(a).is_some() && seconds(a) == seconds(b)
}

fn differs(what: &str) -> Error {
    Error::Differs { what: what.to_owned() }
}
