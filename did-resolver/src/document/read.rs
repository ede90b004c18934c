//! Reads a DID document from JSON.
//!
//! Source: W3C DID Core 1.0 §5 and §6.2. The older property `publicKey` is read where
//! `verificationMethod` is missing.
//!
//! Absent on purpose: JSON-LD processing; the documents are read as plain JSON (DID Core §6.2).

use serde_json::Value;

use super::{
    DOCUMENT_BYTES_MAX, DidDocument, SERVICES_MAX, VERIFICATION_METHODS_MAX, VerificationMethod,
    read_service,
};
use crate::{Did, Error, PublicKey, encoding, key::KEY_CHARS_MAX};

/// Most entries of `alsoKnownAs` that are kept.
const ALSO_KNOWN_AS_MAX: usize = 20;

impl DidDocument {
    /// Reads a document from bytes.
    ///
    /// # Errors
    /// [`Error::TooLarge`] above a limit, [`Error::ForeignController`] when a key in a relationship
    /// is not the DID's own, [`Error::MalformedDocument`] and [`Error::MalformedKey`] otherwise.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > DOCUMENT_BYTES_MAX {
            return Err(Error::TooLarge { what: "bytes of a document", max: DOCUMENT_BYTES_MAX });
        }
        let value = serde_json::from_slice(bytes);
        Self::from_value(&value.map_err(|_| Error::MalformedDocument("not JSON"))?)
    }

    /// Reads a document from JSON that is already parsed.
    ///
    /// # Errors
    /// As [`DidDocument::from_json`].
    pub fn from_value(value: &Value) -> Result<Self, Error> {
        let id = value.get("id").and_then(Value::as_str);
        let id: Did = id.ok_or(Error::MalformedDocument("no `id`"))?.parse()?;
        let mut reader = Reader { document: Self::new(id), skipped: Vec::new(), seen: 0 };
        let declared = array(value, "verificationMethod")?;
        let declared = if declared.is_empty() { array(value, "publicKey")? } else { declared };
        for entry in declared {
            reader.method(entry)?;
        }
        reader.document.authentication = reader.relationship(value, "authentication")?;
        reader.document.assertion_method = reader.relationship(value, "assertionMethod")?;
        reader.document.key_agreement = reader.relationship(value, "keyAgreement")?;
        let mut document = reader.document;
        for entry in limited(array(value, "service")?, "services", SERVICES_MAX)? {
            document.service.extend(read_service(entry, document.id.as_str())?);
        }
        limited(&document.service, "services", SERVICES_MAX)?;
        let known = array(value, "alsoKnownAs")?.iter().take(ALSO_KNOWN_AS_MAX);
        document.also_known_as = known.filter_map(Value::as_str).map(str::to_owned).collect();
        Ok(document)
    }
}

impl TryFrom<Value> for DidDocument {
    type Error = Error;

    fn try_from(value: Value) -> Result<Self, Error> {
        Self::from_value(&value)
    }
}

/// The document so far, and the ids of the keys that were left out because we cannot use them.
struct Reader {
    document: DidDocument,
    skipped: Vec<String>,
    seen: usize,
}

impl Reader {
    /// Reads one key and returns its absolute id.
    fn method(&mut self, entry: &Value) -> Result<String, Error> {
        self.seen += 1;
        if self.seen > VERIFICATION_METHODS_MAX {
            let max = VERIFICATION_METHODS_MAX;
            return Err(Error::TooLarge { what: "verification methods", max });
        }
        let text = |name: &str| entry.get(name).and_then(Value::as_str);
        let id = text("id").ok_or(Error::MalformedDocument("a key without `id`"))?;
        let id = self.document.absolute(id);
        let kind = text("type").ok_or(Error::MalformedDocument("a key without `type`"))?;
        let owner = self.document.id.as_str();
        let is_own = id.strip_prefix(owner).is_some_and(|rest| rest.starts_with('#'));
        let key = match read_key(kind, entry) {
            Ok(key) if is_own => key,
            // A key of a kind that we do not know, or under another DID's name, is not used.
            Ok(_) | Err(Error::UnsupportedKey) => {
                self.skipped.push(id.clone());
                return Ok(id);
            }
            Err(error) => return Err(error),
        };
        let controller = text("controller").filter(|text| !matches!(*text, "#id" | "#"));
        let controller = controller.unwrap_or(owner).to_owned();
        let method = VerificationMethod { id: id.clone(), kind: kind.to_owned(), controller, key };
        match self.document.verification_method.iter().find(|known| known.id == id) {
            Some(known) if *known == method => {}
            Some(_) => return Err(Error::MalformedDocument("two keys with one id")),
            None => self.document.verification_method.push(method),
        }
        Ok(id)
    }

    /// Reads a verification relationship: ids of own keys, and embedded keys.
    fn relationship(&mut self, value: &Value, name: &str) -> Result<Vec<String>, Error> {
        let entries = limited(array(value, name)?, "related keys", VERIFICATION_METHODS_MAX)?;
        let mut ids = Vec::with_capacity(entries.len());
        for entry in entries {
            let id = match entry {
                Value::String(id) => self.document.absolute(id),
                Value::Object(_) => self.method(entry)?,
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
                    return Err(Error::MalformedDocument("a relationship is neither id nor key"));
                }
            };
            // What we left out above cannot be used in a relationship either; nor can another
            // DID's key, which a reference alone would let act for this one.
            let known = self.document.verification_method.iter().find(|method| method.id == id);
            match known {
                Some(method) if method.controller != self.document.id.as_str() => {
                    return Err(Error::ForeignController);
                }
                Some(_) if !ids.contains(&id) => ids.push(id),
                Some(_) | None => {}
            }
        }
        Ok(ids)
    }
}

/// How the raw bytes of a key become a key; `None` when the type does not name the curve.
type Curve = Option<fn(&[u8]) -> Result<PublicKey, Error>>;

/// Reads the key of a verification method; a kind that we do not know is `UnsupportedKey`.
fn read_key(kind: &str, entry: &Value) -> Result<PublicKey, Error> {
    let (curve, fits): (Curve, fn(&PublicKey) -> bool) = match kind {
        "Ed25519VerificationKey2018" | "Ed25519VerificationKey2020" => {
            (Some(PublicKey::ed25519), |key| matches!(key, PublicKey::Ed25519(_)))
        }
        "X25519KeyAgreementKey2019" | "X25519KeyAgreementKey2020" => {
            (Some(PublicKey::x25519), |key| matches!(key, PublicKey::X25519(_)))
        }
        "Multikey" | "JsonWebKey2020" | "JsonWebKey" => (None, |_| true),
        _ => return Err(Error::UnsupportedKey),
    };
    let text = |name: &str| entry.get(name).and_then(Value::as_str);
    let forms = [
        text("publicKeyMultibase").map(|text| multibase(text, curve)),
        text("publicKeyBase58").map(|text| base58(text, curve)),
        entry.get("publicKeyJwk").map(PublicKey::from_jwk),
    ];
    // Two forms of different keys cannot both be right.
    let mut keys = forms.into_iter().flatten();
    let first = keys.next().ok_or(Error::MalformedKey("no key material"))??;
    for other in keys {
        if other? != first {
            return Err(Error::MalformedKey("two forms of different keys"));
        }
    }
    if fits(&first) { Ok(first) } else { Err(Error::MalformedKey("not of its declared type")) }
}

/// Multibase of the multicodec; before that was settled, the types of 2020 held the raw 32 bytes.
fn multibase(text: &str, curve: Curve) -> Result<PublicKey, Error> {
    match (curve, encoding::multibase(text, KEY_CHARS_MAX)) {
        (Some(curve), Some(bytes)) if bytes.len() == 32 => curve(&bytes),
        _ => PublicKey::from_multibase(text),
    }
}

fn base58(text: &str, curve: Curve) -> Result<PublicKey, Error> {
    let curve = curve.ok_or(Error::MalformedKey("base58 without a curve"))?;
    let bytes = encoding::base58(text, KEY_CHARS_MAX).ok_or(Error::MalformedKey("not base58"))?;
    curve(&bytes)
}

fn array<'a>(value: &'a Value, name: &str) -> Result<&'a [Value], Error> {
    match value.get(name) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        // DID Core §5.3 wants sets; a single entry in place of a set is common and unambiguous.
        Some(single @ (Value::String(_) | Value::Object(_))) => Ok(std::slice::from_ref(single)),
        Some(Value::Bool(_) | Value::Number(_)) => {
            Err(Error::MalformedDocument("a set is neither array nor entry"))
        }
    }
}

fn limited<'a, T>(items: &'a [T], what: &'static str, max: usize) -> Result<&'a [T], Error> {
    if items.len() > max { Err(Error::TooLarge { what, max }) } else { Ok(items) }
}
