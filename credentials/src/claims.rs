//! What a credential says, for those who act on it. Read it only after it was verified.

use serde_json::{Map, Value};

use crate::{Contexts, Error, jsonld, vcdm};

/// The claims about the one subject of a credential, `id` among them; `None` when there is no
/// subject or more than one.
pub fn claims(credential: &Value) -> Option<&Map<String, Value>> {
    match vcdm::each(credential.get("credentialSubject")) {
        [subject] => subject.as_object(),
        _ => None,
    }
}

/// The subject's DID or URL, if there is one subject and it has an id.
pub fn subject(credential: &Value) -> Option<&str> {
    claims(credential)?.get("id")?.as_str()
}

/// The issuer's identifier.
pub fn issuer(credential: &Value) -> Option<&str> {
    vcdm::issuer(credential)
}

/// The type names as written. Two contexts may give one name two meanings: compare
/// [`type_iris`] where that matters.
pub fn types(credential: &Value) -> Vec<&str> {
    vcdm::types(credential).collect()
}

/// The types as absolute IRIs.
pub fn type_iris(credential: &Value, contexts: &Contexts) -> Result<Vec<String>, Error> {
    crate::limits::check(credential)?;
    contexts.check(credential)?;
    jsonld::type_iris(credential, contexts)
}

/// When the credential ends, in Unix seconds; `None` when it does not or the date is malformed.
pub fn expires(credential: &Value) -> Option<i64> {
    let until = ["expirationDate", "validUntil"].into_iter();
    until.filter_map(|member| vcdm::seconds(credential.get(member)?, "expiry").ok()).min()
}

/// The credentials of a presentation.
pub fn credentials(presentation: &Value) -> &[Value] {
    vcdm::credentials(presentation)
}

/// The DID that signed a credential or presentation.
pub fn signer(document: &Value) -> Option<&str> {
    let proof = vcdm::proof(document).ok()?;
    Some(vcdm::did_of(proof.get("verificationMethod")?.as_str()?))
}
