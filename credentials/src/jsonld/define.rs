//! Term definitions of one context.
//!
//! Source: JSON-LD 1.1 API §4.2 (Create Term Definition); the step numbers are of that section.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::context::{Coercion, Container, Contextual, Term, malformed, split};
use super::iri;
use crate::Error;

/// Terms whose definitions need each other.
const TERM_CHAIN_MAX: usize = 32;

pub(super) struct Definitions<'a> {
    result: &'a mut Contextual,
    local: &'a Map<String, Value>,
    protected: bool,
    override_protected: bool,
    /// `false` while a definition is being made, `true` when it is.
    defined: HashMap<&'a str, bool>,
    depth: usize,
}

impl<'a> Definitions<'a> {
    pub(super) fn new(
        result: &'a mut Contextual,
        local: &'a Map<String, Value>,
        protected: bool,
        override_protected: bool,
    ) -> Self {
        let defined = HashMap::new();
        Self { result, local, protected, override_protected, defined, depth: 0 }
    }

    pub(super) fn define_all(&mut self) -> Result<(), Error> {
        const OF_THE_CONTEXT: [&str; 8] = [
            "@base",
            "@direction",
            "@import",
            "@language",
            "@propagate",
            "@protected",
            "@version",
            "@vocab",
        ];
        for term in self.local.keys().filter(|key| !OF_THE_CONTEXT.contains(&key.as_str())) {
            self.define(term)?;
        }
        Ok(())
    }

    fn define(&mut self, term: &'a str) -> Result<(), Error> {
        match self.defined.get(term) {
            Some(true) => return Ok(()),
            Some(false) => return Err(malformed(format!("cyclic definition of {term}"))),
            None => {}
        }
        let Some(value) = self.local.get(term) else {
            return Ok(());
        };
        if term.is_empty() {
            return Err(malformed("empty term"));
        }
        self.depth += 1;
        if self.depth > TERM_CHAIN_MAX {
            return Err(Error::TooLarge("TERM_CHAIN_MAX"));
        }
        self.defined.insert(term, false);
        let is_type = term == "@type" && is_type_definition(value);
        if !is_type && iri::is_keyword(term) {
            return Err(malformed(format!("{term} cannot be redefined")));
        }
        if is_type || !iri::has_keyword_form(term) {
            let previous = self.result.terms.remove(term);
            if let Some(mut definition) = self.definition(term, value)? {
                // Step 27: a protected term stays what it is.
                if let Some(previous) = previous.filter(|previous| previous.protected)
                    && !self.override_protected
                {
                    if !definition.same(&previous) {
                        return Err(malformed(format!("{term} is protected")));
                    }
                    definition.protected = true;
                }
                self.result.terms.insert(Arc::from(term), Arc::new(definition));
            }
        }
        self.defined.insert(term, true);
        self.depth -= 1;
        Ok(())
    }

    fn definition(&mut self, term: &'a str, value: &'a Value) -> Result<Option<Term>, Error> {
        // Steps 7 to 9: null, a simple string, or an object.
        let empty = Map::new();
        let (map, id, simple): (&Map<String, Value>, Option<&'a Value>, bool) = match value {
            Value::Null | Value::String(_) => (&empty, Some(value), value.is_string()),
            Value::Object(map) => (map, map.get("@id"), false),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
                return Err(malformed(format!("definition of {term}")));
            }
        };
        let mut definition = Term {
            iri: None,
            prefix: false,
            protected: flag(map, "@protected")?.unwrap_or(self.protected),
            reverse: false,
            coercion: self.coercion(value)?,
            container: Container::default(),
            language: None,
            context: map.get("@context").map(|context| Arc::new(context.clone())),
            unsupported: None,
        };
        if let Some(reverse) = value.get("@reverse") {
            if map.contains_key("@id") || map.contains_key("@nest") {
                return Err(malformed(format!("@reverse of {term} beside @id or @nest")));
            }
            let Some(name) = reverse.as_str() else {
                return Err(malformed("@reverse"));
            };
            let Some(iri) = self.expand(name, true)? else {
                return Ok(None);
            };
            definition.iri = Some(iri::absolute(iri)?);
            definition.reverse = true;
            return Ok(Some(definition));
        }
        match self.mapping(term, id, simple)? {
            Mapping::Ignored => return Ok(None),
            Mapping::Null => {}
            Mapping::Iri(iri, prefix) => (definition.iri, definition.prefix) = (Some(iri), prefix),
        }
        container(map, &mut definition)?;
        for feature in ["@nest", "@index", "@direction"] {
            if map.get(feature).is_some_and(|value| !value.is_null()) {
                definition.unsupported = Some(match feature {
                    "@nest" => "@nest",
                    "@index" => "@index",
                    _ => "@direction",
                });
            }
        }
        definition.language = match map.get("@language") {
            Some(Value::Null) if !map.contains_key("@type") => Some(None),
            Some(Value::String(tag)) if !map.contains_key("@type") => {
                Some(Some(super::quad::language(tag)?))
            }
            _ => None,
        };
        if let Some(prefix) = flag(map, "@prefix")? {
            if term.contains([':', '/']) {
                return Err(malformed(format!("@prefix of {term}")));
            }
            definition.prefix = prefix;
        }
        Ok(Some(definition))
    }

    /// Steps 14 to 18: which IRI the term stands for.
    fn mapping(
        &mut self,
        term: &'a str,
        id: Option<&'a Value>,
        simple: bool,
    ) -> Result<Mapping, Error> {
        match id {
            Some(Value::Null) => return Ok(Mapping::Null),
            Some(Value::String(id)) if id != term => {
                if !iri::is_keyword(id) && iri::has_keyword_form(id) {
                    return Ok(Mapping::Ignored);
                }
                let expanded = self.expand(id, true)?.unwrap_or_default();
                let keyword = iri::is_keyword(&expanded) && expanded != "@context";
                if !keyword && !iri::is_absolute(&expanded) {
                    return Err(malformed(format!("{term} maps to {id}, which is no IRI")));
                }
                let prefix = !term.contains([':', '/'])
                    && simple
                    && expanded.ends_with([':', '/', '?', '#', '[', ']', '@']);
                return Ok(Mapping::Iri(expanded, prefix));
            }
            Some(Value::String(_)) | None => {}
            Some(_) => return Err(malformed(format!("@id of {term}"))),
        }
        if term == "@type" {
            return Ok(Mapping::Iri(term.into(), false));
        }
        // Steps 15 to 18: a compact IRI, an IRI, or relative to `@vocab`.
        let expanded = if split(term).is_some() {
            self.expand_compact(term)?
        } else {
            self.result.vocab.as_ref().map(|vocab| format!("{vocab}{term}"))
        };
        match expanded.filter(|expanded| iri::is_absolute(expanded)) {
            Some(expanded) => Ok(Mapping::Iri(expanded, false)),
            None => Err(malformed(format!("{term} maps to no IRI"))),
        }
    }

    /// Steps 10 to 12: type coercion.
    fn coercion(&mut self, value: &'a Value) -> Result<Coercion, Error> {
        let Some(kind) = value.get("@type") else {
            return Ok(Coercion::None);
        };
        let Some(kind) = kind.as_str() else {
            return Err(malformed("@type of a term"));
        };
        match self.expand(kind, true)?.as_deref() {
            Some("@id") => Ok(Coercion::Id),
            Some("@vocab") => Ok(Coercion::Vocab),
            Some("@json") => Ok(Coercion::Json),
            Some("@none") => Ok(Coercion::None),
            Some(datatype) if iri::is_absolute(datatype) => Ok(Coercion::Datatype(datatype.into())),
            _ => Err(malformed(format!("@type {kind} of a term"))),
        }
    }

    /// §5.2 IRI Expansion within context processing: terms of this context are defined first.
    fn expand(&mut self, text: &'a str, vocab: bool) -> Result<Option<String>, Error> {
        if !iri::is_keyword(text) && !iri::has_keyword_form(text) {
            self.define_if_pending(text)?;
            if let Some((prefix, suffix)) = split(text)
                && prefix != "_"
                && !suffix.starts_with("//")
            {
                self.define_if_pending(prefix)?;
            }
        }
        self.result.expand(text, vocab)
    }

    /// A term that is written as a compact IRI expands through its prefix, whether or not the
    /// prefix is flagged as one (step 16.2).
    fn expand_compact(&mut self, term: &'a str) -> Result<Option<String>, Error> {
        let Some((prefix, suffix)) = split(term) else {
            return Ok(None);
        };
        self.define_if_pending(prefix)?;
        let base = self.result.terms.get(prefix).and_then(|term| term.iri.clone());
        Ok(Some(base.map_or_else(|| term.to_owned(), |base| format!("{base}{suffix}"))))
    }

    fn define_if_pending(&mut self, term: &'a str) -> Result<(), Error> {
        let pending = self.local.contains_key(term) && self.defined.get(term) != Some(&true);
        if pending { self.define(term) } else { Ok(()) }
    }
}

enum Mapping {
    Ignored,
    Null,
    Iri(String, bool),
}

/// Step 5: `@type` may only be given a container and protection.
fn is_type_definition(value: &Value) -> bool {
    value.as_object().is_some_and(|map| {
        !map.is_empty()
            && map.iter().all(|(key, value)| match key.as_str() {
                "@container" => value == "@set",
                "@protected" => true,
                _ => false,
            })
    })
}

/// Step 19.
fn container(map: &Map<String, Value>, definition: &mut Term) -> Result<(), Error> {
    let Some(value) = map.get("@container") else {
        return Ok(());
    };
    let single = std::slice::from_ref(value);
    for kind in value.as_array().map_or(single, Vec::as_slice) {
        match kind.as_str() {
            Some("@list") => definition.container.list = true,
            Some("@set") => definition.container.set = true,
            Some("@graph") => definition.container.graph = true,
            Some("@language") => definition.container.language = true,
            Some("@index" | "@id" | "@type") => definition.unsupported = Some("@container map"),
            _ if kind.is_null() => {}
            _ => return Err(malformed("@container")),
        }
    }
    let Container { list, set, graph, language } = definition.container;
    if list && (set || graph || language) || graph && language {
        return Err(malformed("@container combination"));
    }
    Ok(())
}

fn flag(map: &Map<String, Value>, key: &str) -> Result<Option<bool>, Error> {
    match map.get(key) {
        None => Ok(None),
        Some(Value::Bool(flag)) => Ok(Some(*flag)),
        Some(_) => Err(malformed(key)),
    }
}
