//! Active contexts: what each term means at a place of the document.
//!
//! Source: JSON-LD 1.1 API §4.1 (Context Processing Algorithm). Results are cached: the same
//! context on top of the same active context is worked out once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value};

use super::define::Definitions;
use super::iri;
use crate::{Contexts, Error};

/// Contexts that name contexts that name contexts.
const CONTEXT_DEPTH_MAX: usize = 8;
/// Active contexts kept; when full, the cache begins anew.
const CACHE_ENTRIES_MAX: usize = 256;

/// JSON-LD 1.1 §4.2 type coercion of a term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Coercion {
    None,
    Id,
    Vocab,
    Json,
    Datatype(String),
}

/// `@container`, as far as we carry it out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Container {
    pub(super) list: bool,
    pub(super) set: bool,
    pub(super) graph: bool,
    pub(super) language: bool,
}

/// A term definition (JSON-LD 1.1 API §4.2).
#[derive(Clone, Debug)]
pub(super) struct Term {
    /// `None`: the term is defined as nothing.
    pub(super) iri: Option<String>,
    pub(super) prefix: bool,
    pub(super) protected: bool,
    pub(super) reverse: bool,
    pub(super) coercion: Coercion,
    pub(super) container: Container,
    pub(super) language: Option<Option<String>>,
    pub(super) context: Option<Arc<Value>>,
    /// A feature that is refused when the term is used.
    pub(super) unsupported: Option<&'static str>,
}

impl Term {
    /// §4.2 step 27: equal in everything but `protected`.
    pub(super) fn same(&self, other: &Self) -> bool {
        self.iri == other.iri
            && self.prefix == other.prefix
            && self.reverse == other.reverse
            && self.coercion == other.coercion
            && self.container == other.container
            && self.language == other.language
            && self.context == other.context
            && self.unsupported == other.unsupported
    }
}

/// What the terms mean here.
#[derive(Clone, Debug, Default)]
pub(crate) struct Contextual {
    id: u64,
    pub(super) terms: HashMap<Arc<str>, Arc<Term>>,
    pub(super) vocab: Option<String>,
    pub(super) language: Option<String>,
    pub(super) previous: Option<Arc<Contextual>>,
}

/// How a local context is laid over an active one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Mode {
    /// Property-scoped contexts may redefine protected terms (§4.1 `override protected`).
    pub(super) override_protected: bool,
    /// Type-scoped contexts end with their node (§4.1 `propagate`).
    pub(super) propagate: bool,
}

type Key = (u64, Mode, String);

/// Active contexts worked out before.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    next_id: AtomicU64,
    entries: Mutex<HashMap<Key, Arc<Contextual>>>,
}

/// Lays `local` over `active`; from the cache where it was done before.
pub(super) fn process(
    active: &Arc<Contextual>,
    local: &Value,
    mode: Mode,
    contexts: &Contexts,
) -> Result<Arc<Contextual>, Error> {
    let cache = contexts.cache();
    let key = (active.id, mode, local.to_string());
    let lock = || cache.entries.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = lock().get(&key) {
        return Ok(Arc::clone(known));
    }
    let mut result = apply(active, local, mode, contexts, 0)?;
    result.id = cache.next_id.fetch_add(1, Ordering::Relaxed) + 1;
    let result = Arc::new(result);
    let mut entries = lock();
    if entries.len() >= CACHE_ENTRIES_MAX {
        entries.clear();
    }
    entries.insert(key, Arc::clone(&result));
    Ok(result)
}

fn apply(
    active: &Arc<Contextual>,
    local: &Value,
    mode: Mode,
    contexts: &Contexts,
    depth: usize,
) -> Result<Contextual, Error> {
    if depth > CONTEXT_DEPTH_MAX {
        return Err(Error::TooLarge("CONTEXT_DEPTH_MAX"));
    }
    // Step 2: `@propagate` stands in the context itself.
    let propagate = match local.get("@propagate") {
        None => mode.propagate,
        Some(Value::Bool(propagate)) => *propagate,
        Some(_) => return Err(malformed("@propagate")),
    };
    let mut result = Contextual::clone(active);
    if !propagate && result.previous.is_none() {
        result.previous = Some(Arc::clone(active));
    }
    let single = std::slice::from_ref(local);
    for context in local.as_array().map_or(single, Vec::as_slice) {
        result = match context {
            Value::Null => cleared(result, mode, propagate)?,
            Value::String(url) => {
                let inner = contexts.context(url)?;
                let remote = Mode { override_protected: false, propagate: true };
                apply(&Arc::new(result), inner, remote, contexts, depth + 1)?
            }
            Value::Object(map) => defined(result, map, mode)?,
            Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
                return Err(malformed("neither URL nor object"));
            }
        };
    }
    Ok(result)
}

/// Step 5.1: `null` clears everything, unless something is protected.
fn cleared(result: Contextual, mode: Mode, propagate: bool) -> Result<Contextual, Error> {
    if !mode.override_protected && result.terms.values().any(|term| term.protected) {
        return Err(malformed("null would clear protected terms"));
    }
    let previous = (!propagate).then(|| Arc::new(result));
    Ok(Contextual { previous, ..Contextual::default() })
}

/// Steps 5.5 to 5.13: one context definition.
fn defined(
    mut result: Contextual,
    map: &Map<String, Value>,
    mode: Mode,
) -> Result<Contextual, Error> {
    if map.get("@version").is_some_and(|version| version.as_f64() != Some(1.1)) {
        return Err(malformed("@version"));
    }
    for feature in ["@import", "@base", "@direction"] {
        // `null` sets what is already so.
        if map.get(feature).is_some_and(|value| !value.is_null()) {
            return Err(Error::Unsupported(format!("{feature} in a context")));
        }
    }
    match map.get("@vocab") {
        None => {}
        Some(Value::Null) => result.vocab = None,
        Some(Value::String(vocab)) => {
            let expanded = result.expand(vocab, true)?;
            let expanded = expanded.filter(|vocab| iri::is_absolute(vocab));
            result.vocab = Some(expanded.ok_or_else(|| malformed("@vocab"))?);
        }
        Some(_) => return Err(malformed("@vocab")),
    }
    match map.get("@language") {
        None => {}
        Some(Value::Null) => result.language = None,
        Some(Value::String(tag)) => result.language = Some(super::quad::language(tag)?),
        Some(_) => return Err(malformed("@language")),
    }
    let protected = match map.get("@protected") {
        None => false,
        Some(Value::Bool(protected)) => *protected,
        Some(_) => return Err(malformed("@protected")),
    };
    let mut definitions = Definitions::new(&mut result, map, protected, mode.override_protected);
    definitions.define_all()?;
    Ok(result)
}

impl Contextual {
    /// §5.2 IRI Expansion outside of context processing. With `vocab` a term or a name relative
    /// to `@vocab`; else an identifier. The answer may be relative or a keyword; `None` is null.
    pub(super) fn expand(&self, text: &str, vocab: bool) -> Result<Option<String>, Error> {
        if iri::is_keyword(text) {
            return Ok(Some(text.to_owned()));
        }
        if iri::has_keyword_form(text) {
            return Ok(None);
        }
        if let Some(term) = self.terms.get(text) {
            let keyword = term.iri.as_deref().is_some_and(iri::is_keyword);
            if keyword || vocab {
                return Ok(term.iri.clone());
            }
        }
        if let Some((prefix, suffix)) = split(text) {
            if prefix == "_" || suffix.starts_with("//") {
                return Ok(Some(text.to_owned()));
            }
            let term = self.terms.get(prefix).filter(|term| term.prefix);
            if let Some(base) = term.and_then(|term| term.iri.as_deref()) {
                return Ok(Some(format!("{base}{suffix}")));
            }
            if iri::is_absolute(text) {
                return Ok(Some(text.to_owned()));
            }
        }
        match (&self.vocab, vocab) {
            (Some(base), true) => Ok(Some(format!("{base}{text}"))),
            _ => Ok(Some(text.to_owned())),
        }
    }
}

/// `prefix:suffix`, where the colon is not the first character.
pub(super) fn split(text: &str) -> Option<(&str, &str)> {
    text.split_once(':').filter(|(prefix, _)| !prefix.is_empty())
}

pub(super) fn malformed(reason: impl Into<String>) -> Error {
    Error::malformed("context", reason)
}
