//! Turns a document of RFC 0160 into the form of DID Core, and reads that.
//!
//! Source: RFC 0160, RFC 0067. Absent on purpose: a second reader; limits and checks are those of
//! [`DidDocument::from_value`].

use serde_json::{Map, Value};

use super::unqualified;
use crate::{Did, DidDocument, Error, VERIFICATION_METHODS_MAX};

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
    let names = Names {
        id: unqualified(&id),
        qualified: id,
    };
    let keys = entries(value, "publicKey")?;
    let authentication = entries(value, "authentication")?;
    let mut modern = Map::new();
    modern.insert("id".into(), names.id.as_str().into());
    modern.insert(
        "verificationMethod".into(),
        keys.iter().map(|key| names.key(key)).collect(),
    );
    modern.insert(
        "authentication".into(),
        authentication
            .iter()
            .map(|entry| names.authentication(entry))
            .collect(),
    );
    for name in ["keyAgreement", "service", "alsoKnownAs"] {
        if let Some(list) = value.get(name) {
            modern.insert(name.into(), list.clone());
        }
    }
    let mut document = DidDocument::from_value(&Value::Object(modern))?;
    if authentication.is_empty() {
        // RFC 0160's own example of a document names its key in `publicKey` alone.
        let own = |controller: &str| controller == document.id.as_str();
        let keys = document
            .verification_method
            .iter()
            .filter(|method| own(&method.controller));
        document.authentication = keys.map(|method| method.id.clone()).collect();
    }
    Ok(document)
}

fn entries<'a>(value: &'a Value, name: &str) -> Result<&'a [Value], Error> {
    let list = match value.get(name) {
        None | Some(Value::Null) => return Ok(&[]),
        Some(list) => list
            .as_array()
            .ok_or(Error::MalformedDocument("a set is not an array"))?,
    };
    if list.len() > VERIFICATION_METHODS_MAX {
        let max = VERIFICATION_METHODS_MAX;
        return Err(Error::TooLarge {
            what: "verification methods",
            max,
        });
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
        let [long, short] = [self.qualified.as_str(), self.id.as_str()];
        let rest = id.strip_prefix("did:sov:").unwrap_or(id);
        let rest = rest
            .strip_prefix(long)
            .or_else(|| rest.strip_prefix(short))
            .unwrap_or(rest);
        if rest.starts_with("did:") {
            return rest.to_owned();
        }
        self.id
            .with_fragment(rest.strip_prefix('#').unwrap_or(rest))
    }

    fn key(&self, entry: &Value) -> Value {
        let mut entry = entry.clone();
        if let Some(id) = entry
            .get("id")
            .and_then(Value::as_str)
            .map(|id| self.absolute(id))
        {
            entry["id"] = id.into();
        }
        let own = [self.qualified.as_str(), self.id.as_str(), "#", "#id", ""];
        if entry
            .get("controller")
            .and_then(Value::as_str)
            .is_some_and(|did| {
                own.contains(&did) || did.strip_prefix("did:sov:") == Some(self.id.as_str())
            })
        {
            entry["controller"] = self.id.as_str().into();
        }
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
