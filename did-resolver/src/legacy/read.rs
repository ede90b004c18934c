//! Turns a document of RFC 0160 into the form of DID Core, and reads that.
//!
//! Source: RFC 0160, RFC 0067. Absent on purpose: a second reader; limits and checks are those of
//! [`DidDocument::from_value`].

use serde_json::{Map, Value};

use super::{AUTHENTICATION_KIND, KEY_KIND, unqualified};
use crate::{
    Did, DidDocument, Error, PublicKey, VERIFICATION_METHODS_MAX, VerificationMethod,
    method::key::naked_key,
};

/// Whether a document is of the older form: `publicKey` and no `verificationMethod`.
#[must_use]
pub fn is_legacy(value: &Value) -> bool {
    value.get("publicKey").is_some() && value.get("verificationMethod").is_none()
}

/// Reads a document of RFC 0160 or RFC 0023, about an unqualified DID or `did:sov:`.
///
/// # Errors
/// As [`DidDocument::from_json`].
pub fn read(value: &Value) -> Result<DidDocument, Error> {
    let id = value.get("id").and_then(Value::as_str);
    let id: Did = id.ok_or(Error::MalformedDocument("no `id`"))?.parse()?;
    let names = Names { id: unqualified(&id), qualified: id };
    let keys = entries(value, "publicKey")?;
    let authentication = entries(value, "authentication")?;
    let mut modern = Map::new();
    modern.insert("id".into(), names.id.as_str().into());
    modern.insert("verificationMethod".into(), keys.iter().map(|key| names.key(key)).collect());
    modern.insert(
        "authentication".into(),
        authentication.iter().map(|entry| names.authentication(entry)).collect(),
    );
    for name in ["keyAgreement", "service", "alsoKnownAs"] {
        if let Some(list) = value.get(name) {
            modern.insert(name.into(), list.clone());
        }
    }
    let mut document = DidDocument::from_value(&Value::Object(modern))?;
    if authentication.is_empty() {
        // Some agents name their keys in `publicKey` alone; some list the mediators' keys with them.
        let routing = document.service.iter().flat_map(|service| &service.routing_keys);
        let routing: Vec<_> = routing.filter_map(|key| naked_key(key).ok()).collect();
        let is_own = |method: &&VerificationMethod| {
            let is_routing = |key: &[u8; 32]| method.key == PublicKey::Ed25519(*key);
            method.controller == document.id.as_str() && !routing.iter().any(is_routing)
        };
        let own = document.verification_method.iter().filter(is_own);
        document.authentication = own.map(|method| method.id.clone()).collect();
    }
    Ok(document)
}

fn entries<'a>(value: &'a Value, name: &str) -> Result<&'a [Value], Error> {
    let list = match value.get(name) {
        None | Some(Value::Null) => return Ok(&[]),
        Some(list) => list.as_array().ok_or(Error::MalformedDocument("a set is not an array"))?,
    };
    if list.len() > VERIFICATION_METHODS_MAX {
        let max = VERIFICATION_METHODS_MAX;
        return Err(Error::TooLarge { what: "verification methods", max });
    }
    Ok(list)
}

/// The two spellings of the subject.
struct Names {
    id: Did,
    qualified: Did,
}

impl Names {
    /// The absolute id of a key from any of `did:sov:X#1`, `X#1`, `#1`, `1`.
    fn absolute(&self, id: &str) -> String {
        let rest = id.strip_prefix("did:sov:").unwrap_or(id);
        let own = [self.qualified.as_str(), self.id.as_str()];
        let rest = own.iter().find_map(|own| rest.strip_prefix(own)).unwrap_or(rest);
        match rest.split_once('#') {
            Some(("", fragment)) => self.id.with_fragment(fragment),
            // Another DID's key: the reader leaves it out.
            Some(_) => id.to_owned(),
            None => self.id.with_fragment(rest),
        }
    }

    fn is_own(&self, did: &str) -> bool {
        matches!(did, "" | "#" | "#id")
            || [self.qualified.as_str(), self.id.as_str()].contains(&did)
            || did.strip_prefix("did:sov:") == Some(self.id.as_str())
    }

    fn key(&self, entry: &Value) -> Value {
        let mut entry = entry.clone();
        let text = |name: &str| entry.get(name).and_then(Value::as_str);
        let id = text("id").map(|id| self.absolute(id));
        let is_own = text("controller").is_some_and(|did| self.is_own(did));
        // Embedded in `authentication`, a key may bear the name of its signature type.
        let is_signature = text("type") == Some(AUTHENTICATION_KIND);
        let mut set = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                entry[name] = value.into();
            }
        };
        set("id", id.as_deref());
        set("controller", is_own.then_some(self.id.as_str()));
        set("type", is_signature.then_some(KEY_KIND));
        entry
    }

    fn authentication(&self, entry: &Value) -> Value {
        let id = |id: &str| Value::from(self.absolute(id));
        match (entry, entry.get("publicKey")) {
            (Value::String(text), _) | (_, Some(Value::String(text))) => id(text),
            (_, Some(embedded @ Value::Object(_))) => self.key(embedded),
            (Value::Object(_), _) => self.key(entry),
            _ => entry.clone(),
        }
    }
}
