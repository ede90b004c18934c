//! The parts of a credential or presentation that we read, and what must hold of them.
//!
//! Source: VC Data Model 1.1 §4, VC Data Model 2.0 §4.
//!
//! An RDF suite signs IRIs and not the JSON around them. Whoever holds a document may write
//! `expirationDate` as `https://www.w3.org/2018/credentials#expirationDate`, or move it into
//! another object with the id of the credential: the signature stays valid and a reader of JSON
//! no longer sees it. [`structure`] refuses such spellings, for every suite alike.

use chrono::DateTime;
use serde_json::{Map, Value};

use crate::{
    CREDENTIAL_SUBJECTS_MAX, CREDENTIALS_V1, CREDENTIALS_V2, Error, PRESENTATION_CREDENTIALS_MAX,
};

/// The members of a proof that we understand; any other is refused.
const PROOF_MEMBERS: [&str; 13] = [
    "@context",
    "id",
    "type",
    "cryptosuite",
    "created",
    "expires",
    "verificationMethod",
    "proofPurpose",
    "challenge",
    "domain",
    "nonce",
    "jws",
    "proofValue",
];

/// A value that may stand alone or in an array.
pub(crate) fn each(value: Option<&Value>) -> &[Value] {
    match value {
        Some(Value::Array(items)) => items,
        Some(single) => std::slice::from_ref(single),
        None => &[],
    }
}

/// `"id"` of an object, or the string itself.
pub(crate) fn id_of(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| value.get("id")?.as_str())
}

/// The DID part of a DID URL.
pub(crate) fn did_of(did_url: &str) -> &str {
    did_url.split(['#', '?', '/']).next().unwrap_or_default()
}

/// The issuer's identifier.
pub(crate) fn issuer(credential: &Value) -> Option<&str> {
    credential.get("issuer").and_then(id_of)
}

/// The type names of a credential or presentation, as written.
pub(crate) fn types(document: &Value) -> impl Iterator<Item = &str> {
    each(document.get("type")).iter().filter_map(Value::as_str)
}

/// The credentials of a presentation.
pub(crate) fn credentials(presentation: &Value) -> &[Value] {
    each(presentation.get("verifiableCredential"))
}

/// The one proof of a document. Proof sets and chains are refused: "one of them is valid" is
/// not what a reader expects.
pub(crate) fn proof(document: &Value) -> Result<&Map<String, Value>, Error> {
    let [proof] = each(document.get("proof")) else {
        return Err(Error::malformed("proof", "there must be exactly one"));
    };
    let proof = proof.as_object().ok_or_else(|| Error::malformed("proof", "not an object"))?;
    match proof.keys().find(|key| !PROOF_MEMBERS.contains(&key.as_str())) {
        Some(member) => Err(Error::Unsupported(format!("{member} in a proof"))),
        None => Ok(proof),
    }
}

/// What must hold of every credential, signed or not.
pub(crate) fn credential_structure(credential: &Value) -> Result<(), Error> {
    structure(credential, "credential", "VerifiableCredential")?;
    let issuer = issuer(credential).ok_or_else(|| Error::malformed("issuer", "no identifier"))?;
    if !crate::jsonld::is_absolute_iri(issuer) {
        return Err(Error::malformed("issuer", "not a URL"));
    }
    let subjects = each(credential.get("credentialSubject"));
    if subjects.is_empty() || !subjects.iter().all(Value::is_object) {
        return Err(Error::malformed("credentialSubject", "no object"));
    }
    if subjects.len() > CREDENTIAL_SUBJECTS_MAX {
        return Err(Error::TooLarge("CREDENTIAL_SUBJECTS_MAX"));
    }
    for subject in subjects {
        if subject.get("id").is_some_and(|id| !id.is_string()) {
            return Err(Error::malformed("credentialSubject", "its id is not a string"));
        }
    }
    if is_v1(credential) && credential.get("issuanceDate").is_none() {
        return Err(Error::malformed("issuanceDate", "missing"));
    }
    for member in ["issuanceDate", "validFrom", "expirationDate", "validUntil"] {
        if let Some(date) = credential.get(member) {
            seconds(date, member_name(member))?;
        }
    }
    Ok(())
}

/// What must hold of every presentation, signed or not.
pub(crate) fn presentation_structure(presentation: &Value) -> Result<(), Error> {
    structure(presentation, "presentation", "VerifiablePresentation")?;
    let credentials = credentials(presentation);
    if credentials.len() > PRESENTATION_CREDENTIALS_MAX {
        return Err(Error::TooLarge("PRESENTATION_CREDENTIALS_MAX"));
    }
    if !credentials.iter().all(Value::is_object) {
        return Err(Error::malformed("verifiableCredential", "not an object"));
    }
    if presentation.get("holder").is_some_and(|holder| id_of(holder).is_none()) {
        return Err(Error::malformed("holder", "no identifier"));
    }
    Ok(())
}

/// VCDM 1.1, as its first context says.
pub(crate) fn is_v1(document: &Value) -> bool {
    first_context(document) == Some(CREDENTIALS_V1)
}

fn first_context(document: &Value) -> Option<&str> {
    each(document.get("@context")).first()?.as_str()
}

fn structure(document: &Value, what: &'static str, kind: &str) -> Result<(), Error> {
    let map = document.as_object().ok_or_else(|| Error::malformed(what, "not an object"))?;
    if ![Some(CREDENTIALS_V1), Some(CREDENTIALS_V2)].contains(&first_context(document)) {
        return Err(Error::malformed(what, "its first context is not of the data model"));
    }
    if !types(document).any(|name| name == kind) {
        return Err(Error::malformed(what, format!("not of type {kind}")));
    }
    let root = map
        .get("id")
        .map(|id| id.as_str().ok_or_else(|| Error::malformed(what, "its id is not a string")));
    let root = root.transpose()?;
    for (key, value) in map {
        plain_key(key, what)?;
        if key != "@context" && key != "verifiableCredential" {
            plain(value, root, what)?;
        }
    }
    Ok(())
}

/// Terms only, and the document itself nowhere within it. The depth is checked before.
fn plain(value: &Value, root: Option<&str>, what: &'static str) -> Result<(), Error> {
    match value {
        Value::Array(items) => items.iter().try_for_each(|item| plain(item, root, what)),
        Value::Object(map) => {
            if root.is_some() && map.get("id").and_then(Value::as_str) == root {
                return Err(Error::malformed(what, "it contains itself"));
            }
            map.iter().filter(|(key, _)| *key != "@context").try_for_each(|(key, item)| {
                plain_key(key, what)?;
                plain(item, root, what)
            })
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
    }
}

fn plain_key(key: &str, what: &'static str) -> Result<(), Error> {
    let keyword = ["@context", "@value", "@language"].contains(&key);
    // `@type` is legal beside `@value` only; elsewhere it is another spelling of `type`.
    if key.contains(':') || key.starts_with('@') && !keyword {
        return Err(Error::malformed(what, format!("{key} is no term")));
    }
    Ok(())
}

fn member_name(member: &str) -> &'static str {
    match member {
        "issuanceDate" => "issuanceDate",
        "validFrom" => "validFrom",
        "expirationDate" => "expirationDate",
        _ => "validUntil",
    }
}

/// Unix seconds of an `xsd:dateTime` with a time zone (VCDM 2.0 §A.4). A date alone is refused.
pub(crate) fn seconds(value: &Value, what: &'static str) -> Result<i64, Error> {
    let text = value.as_str().ok_or_else(|| Error::malformed(what, "not a string"))?;
    let well_formed = text.len() <= 40 && text.as_bytes().get(10) == Some(&b'T');
    let parsed = DateTime::parse_from_rfc3339(text).ok().filter(|_| well_formed);
    let parsed = parsed.ok_or_else(|| Error::malformed(what, "not a date and time with zone"))?;
    Ok(parsed.timestamp())
}
