//! The JSON-LD contexts that we know: compiled in, or registered by the caller.
//!
//! Source: the documents themselves, as published at their addresses (VCDM 1.1 §B.1, VCDM 2.0
//! §B.1: an implementation treats the base contexts as already retrieved).
//!
//! Absent on purpose: fetching. A context that is not here makes a document unverifiable.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde_json::Value;

use crate::jsonld::Cache;
use crate::{Error, limits};

/// Contexts that a caller may register.
pub const CONTEXTS_MAX: usize = 1_000;

/// VCDM 1.1.
pub const CREDENTIALS_V1: &str = "https://www.w3.org/2018/credentials/v1";
/// VCDM 2.0.
pub const CREDENTIALS_V2: &str = "https://www.w3.org/ns/credentials/v2";
/// The suite Ed25519Signature2020.
pub const ED25519_2020_V1: &str = "https://w3id.org/security/suites/ed25519-2020/v1";
/// Data Integrity 1.0, for documents that do not use VCDM 2.0.
pub const DATA_INTEGRITY_V2: &str = "https://w3id.org/security/data-integrity/v2";
/// DIF Presentation Exchange, the submission within a presentation.
pub const PRESENTATION_SUBMISSION_V1: &str =
    "https://identity.foundation/presentation-exchange/submission/v1";

static COMPILED_IN: LazyLock<BTreeMap<&'static str, Value>> = LazyLock::new(|| {
    // Our own test proves that every one of them is JSON with a context.
    SOURCES
        .iter()
        .filter_map(|(url, text)| {
            let document: Value = serde_json::from_str(text).ok()?;
            Some((*url, document.get("@context")?.clone()))
        })
        .collect()
});

const SOURCES: [(&str, &str); 21] = [
    (CREDENTIALS_V1, ssi_contexts::CREDENTIALS_V1),
    (CREDENTIALS_V2, ssi_contexts::CREDENTIALS_V2),
    (ED25519_2020_V1, ssi_contexts::W3ID_ED2020_V1),
    (DATA_INTEGRITY_V2, ssi_contexts::W3ID_DATA_INTEGRITY_V2),
    (PRESENTATION_SUBMISSION_V1, ssi_contexts::PRESENTATION_SUBMISSION_V1),
    ("https://w3id.org/security/data-integrity/v1", ssi_contexts::W3ID_DATA_INTEGRITY_V1),
    ("https://w3id.org/security/v1", ssi_contexts::SECURITY_V1),
    ("https://w3id.org/security/v2", ssi_contexts::SECURITY_V2),
    ("https://w3id.org/security/bbs/v1", ssi_contexts::BBS_V1),
    ("https://w3id.org/security/multikey/v1", ssi_contexts::W3ID_MULTIKEY_V1),
    ("https://w3id.org/security/suites/jws-2020/v1", ssi_contexts::W3ID_JWS2020_V1),
    ("https://www.w3.org/ns/did/v1", ssi_contexts::DID_V1),
    ("https://w3id.org/did/v1", ssi_contexts::DID_V1),
    ("https://www.w3.org/2018/credentials/examples/v1", ssi_contexts::CREDENTIALS_EXAMPLES_V1),
    ("https://www.w3.org/ns/credentials/examples/v2", ssi_contexts::CREDENTIALS_EXAMPLES_V2),
    ("https://www.w3.org/ns/odrl.jsonld", ssi_contexts::ODRL),
    ("https://w3id.org/citizenship/v1", ssi_contexts::CITIZENSHIP_V1),
    ("https://w3id.org/vaccination/v1", ssi_contexts::VACCINATION_V1),
    ("https://w3id.org/vc-revocation-list-2020/v1", ssi_contexts::REVOCATION_LIST_2020_V1),
    ("https://w3id.org/vc/status-list/2021/v1", ssi_contexts::STATUS_LIST_2021_V1),
    ("https://w3id.org/vdl/v1", ssi_contexts::VDL_V1),
];

/// The contexts that a document may name.
///
/// A clone shares the registered contexts at the time of cloning and the cache of what they mean.
#[derive(Clone, Debug, Default)]
pub struct Contexts {
    registered: BTreeMap<String, Value>,
    inline: bool,
    cache: Arc<Cache>,
}

impl Contexts {
    /// The contexts that are compiled in.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a context document (an object with `@context`) under its address.
    ///
    /// An address that is compiled in or registered with other content is refused: what was
    /// signed under one meaning must not be read under another.
    pub fn register(&mut self, url: &str, document: &Value) -> Result<(), Error> {
        limits::check(document)?;
        let context = document
            .get("@context")
            .ok_or_else(|| Error::malformed("context document", "no @context"))?;
        if let Ok(known) = self.context(url) {
            return if known == context {
                Ok(())
            } else {
                Err(Error::Misuse(format!("{url} is known with other content")))
            };
        }
        if self.registered.len() >= CONTEXTS_MAX {
            return Err(Error::TooLarge("CONTEXTS_MAX"));
        }
        self.registered.insert(url.to_owned(), context.clone());
        // A clone may come to know the address with other content: what it means is not shared.
        self.cache = Arc::default();
        Ok(())
    }

    /// Accepts contexts that are written into a document.
    ///
    /// Off by default. Whoever holds a document may rename its terms with such a context and keep
    /// the signature valid, since RDF suites sign IRIs: `{"role": "ex:nickname"}`. A reader of
    /// claims by their names would believe it. Switch it on only where nobody does that.
    #[must_use]
    pub fn with_inline(mut self) -> Self {
        self.inline = true;
        self
    }

    /// Whether an address is known.
    pub fn knows(&self, url: &str) -> bool {
        self.context(url).is_ok()
    }

    /// The addresses that are known.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        COMPILED_IN.keys().copied().chain(self.registered.keys().map(String::as_str))
    }

    /// The value of `@context` of the document at this address.
    pub(crate) fn context(&self, url: &str) -> Result<&Value, Error> {
        COMPILED_IN
            .get(url)
            .or_else(|| self.registered.get(url))
            .ok_or_else(|| Error::UnknownContext(url.to_owned()))
    }

    pub(crate) fn cache(&self) -> &Cache {
        &self.cache
    }

    /// Refuses unknown contexts and, unless allowed, contexts written into the document,
    /// anywhere in it.
    pub(crate) fn check(&self, document: &Value) -> Result<(), Error> {
        match document {
            Value::Array(items) => items.iter().try_for_each(|item| self.check(item)),
            Value::Object(map) => {
                map.iter()
                    .filter(|(key, _)| *key != "@context")
                    .try_for_each(|(_, item)| self.check(item))?;
                let Some(context) = map.get("@context") else {
                    return Ok(());
                };
                let single = std::slice::from_ref(context);
                for entry in context.as_array().map_or(single, Vec::as_slice) {
                    if let Some(url) = entry.as_str() {
                        self.context(url)?;
                    } else if !self.inline {
                        return Err(Error::UnknownContext("written into the document".into()));
                    }
                }
                Ok(())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use serde_json::json;

    use super::*;

    #[test]
    fn every_compiled_in_context_can_be_read() {
        assert_eq!(COMPILED_IN.len(), SOURCES.len());
    }

    #[test]
    fn a_known_address_keeps_its_content() {
        let mut contexts = Contexts::new();
        let other = json!({ "@context": { "name": "https://example.com/name" } });
        assert!(contexts.register(CREDENTIALS_V1, &other).is_err());
        contexts.register("https://example.com/v1", &other).unwrap();
        contexts.register("https://example.com/v1", &other).unwrap();
        let changed = json!({ "@context": { "name": "https://example.com/evil" } });
        assert!(contexts.register("https://example.com/v1", &changed).is_err());
    }

    #[test]
    fn unknown_and_inline_contexts_are_refused_wherever_they_stand() {
        let contexts = Contexts::new();
        let unknown = json!({ "a": [{ "@context": "https://example.com/none" }] });
        assert!(matches!(contexts.check(&unknown), Err(Error::UnknownContext(_))));
        let inline = json!({ "a": [{ "@context": [CREDENTIALS_V1, { "b": "ex:c" }] }] });
        assert!(matches!(contexts.check(&inline), Err(Error::UnknownContext(_))));
        assert_eq!(contexts.with_inline().check(&inline), Ok(()));
    }
}
