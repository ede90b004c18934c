//! Node objects: identifiers, types, scoped contexts, and the walk over their entries.
//!
//! Source: JSON-LD 1.1 API §5.1 (Expansion), §8 (to RDF), done in one pass.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::context::{Contextual, Mode, Term as Definition, process};
use super::iri;
use super::quad::{Quad, RDF, Term};
use crate::{Contexts, Error};

/// Quads of one document.
pub const QUADS_MAX: usize = 10_000;

/// Where in the document we are.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) active: &'a Arc<Contextual>,
    /// The property that led here, `None` at the root or within `@graph`.
    pub(super) property: Option<&'a str>,
    pub(super) graph: Option<&'a Term>,
}

impl Place<'_> {
    pub(super) fn definition(&self) -> Option<&Arc<Definition>> {
        self.active.terms.get(self.property?)
    }
}

/// Collects the quads of one document.
pub(super) struct Walk<'a> {
    pub(super) contexts: &'a Contexts,
    quads: Vec<Quad>,
    labels: HashMap<String, usize>,
    blanks: usize,
}

pub(super) fn to_quads(document: &Value, contexts: &Contexts) -> Result<Vec<Quad>, Error> {
    let mut walk = Walk { contexts, quads: Vec::new(), labels: HashMap::new(), blanks: 0 };
    let active = Arc::new(Contextual::default());
    let place = Place { active: &active, property: None, graph: None };
    if !document.is_object() {
        return Err(Error::malformed("document", "not an object"));
    }
    walk.objects(place, document)?;
    walk.quads.sort_unstable();
    walk.quads.dedup();
    Ok(walk.quads)
}

pub(super) fn type_iris(document: &Value, contexts: &Contexts) -> Result<Vec<String>, Error> {
    let map = document.as_object().ok_or_else(|| Error::malformed("document", "not an object"))?;
    let mut active = Arc::new(Contextual::default());
    if let Some(local) = map.get("@context") {
        let mode = Mode { override_protected: false, propagate: true };
        active = process(&active, local, mode, contexts)?;
    }
    types(&active, map)?.into_iter().map(|name| type_iri(&active, name)).collect()
}

impl Walk<'_> {
    pub(super) fn blank(&mut self) -> Term {
        self.blanks += 1;
        Term::Blank(self.blanks)
    }

    pub(super) fn emit(
        &mut self,
        subject: &Term,
        predicate: &str,
        object: Term,
        graph: Option<&Term>,
    ) -> Result<(), Error> {
        if self.quads.len() >= QUADS_MAX {
            return Err(Error::TooLarge("QUADS_MAX"));
        }
        let (subject, predicate) = (subject.clone(), predicate.to_owned());
        self.quads.push(Quad { subject, predicate, object, graph: graph.cloned() });
        Ok(())
    }

    /// An identifier of the document as an RDF term. A relative IRI has no meaning here.
    pub(super) fn identifier(&mut self, text: Option<String>, given: &str) -> Result<Term, Error> {
        let Some(text) = text else {
            return Err(Error::UndefinedTerm(given.to_owned()));
        };
        if let Some(label) = text.strip_prefix("_:") {
            if let Some(known) = self.labels.get(label) {
                return Ok(Term::Blank(*known));
            }
            let label = label.to_owned();
            let blank = self.blank();
            self.labels.insert(label, self.blanks);
            return Ok(blank);
        }
        Ok(Term::Iri(iri::absolute(text)?))
    }

    /// One object of the document: its contexts, then its entries.
    pub(super) fn object(
        &mut self,
        place: Place<'_>,
        map: &Map<String, Value>,
    ) -> Result<Vec<Term>, Error> {
        let outer = self.entered(place, map)?;
        // Step 11: type-scoped contexts, in the order of the sorted type names.
        let mut active = Arc::clone(&outer);
        let mut names = types(&outer, map)?;
        names.sort_unstable();
        names.dedup();
        for name in &names {
            if let Some(scoped) = outer.terms.get(*name).and_then(|term| term.context.clone()) {
                let mode = Mode { override_protected: false, propagate: false };
                active = process(&active, &scoped, mode, self.contexts)?;
            }
        }
        let mut keys = Keywords::default();
        for (key, value) in map.iter().filter(|(key, _)| *key != "@context") {
            let expanded = active.expand(key, true)?;
            let expanded = expanded.ok_or_else(|| Error::UndefinedTerm(key.clone()))?;
            if iri::is_keyword(&expanded) {
                keys.take(&expanded, value)?;
            } else {
                keys.properties.push((key, iri::absolute(expanded)?, value));
            }
        }
        let place = Place { active: &active, ..place };
        if let Some(value) = keys.value {
            keys.only_a_value(map.len())?;
            return self.value_object(place, value, keys.kind, keys.language);
        }
        if let Some(list) = keys.list {
            return Ok(vec![self.list(place, list)?]);
        }
        if let Some(set) = keys.set {
            return self.objects(place, set);
        }
        if let Some(tag) = keys.language {
            return Err(Error::malformed("language", format!("{tag} without a value")));
        }
        self.node(place, &keys, &outer, &names)
    }

    /// §5.1 steps 7 to 9: leave the type-scoped context, enter that of the property and the
    /// object's own.
    fn entered(
        &self,
        place: Place<'_>,
        map: &Map<String, Value>,
    ) -> Result<Arc<Contextual>, Error> {
        let mut active = Arc::clone(place.active);
        let scoped = place.definition().and_then(|definition| definition.context.clone());
        if let Some(previous) = &place.active.previous
            && !reverts_not(&active, map)?
        {
            active = Arc::clone(previous);
        }
        if let Some(scoped) = scoped {
            let mode = Mode { override_protected: true, propagate: true };
            active = process(&active, &scoped, mode, self.contexts)?;
        }
        if let Some(local) = map.get("@context") {
            let mode = Mode { override_protected: false, propagate: true };
            active = process(&active, local, mode, self.contexts)?;
        }
        Ok(active)
    }

    fn node(
        &mut self,
        place: Place<'_>,
        keys: &Keywords<'_>,
        outer: &Contextual,
        types: &[&str],
    ) -> Result<Vec<Term>, Error> {
        let subject = match keys.id {
            None => self.blank(),
            Some(Value::String(id)) => self.identifier(place.active.expand(id, false)?, id)?,
            Some(_) => return Err(Error::malformed("id", "not a string")),
        };
        for name in types {
            let object = Term::Iri(type_iri(outer, name)?);
            self.emit(&subject, &format!("{RDF}type"), object, place.graph)?;
        }
        if let Some(content) = keys.graph {
            // A root with nothing but `@graph` is the default graph; else a graph of that name.
            let root = place.property.is_none() && place.graph.is_none();
            let bare = keys.id.is_none() && types.is_empty() && keys.properties.is_empty();
            let graph = if root && bare { None } else { Some(&subject) };
            self.objects(Place { property: None, graph, ..place }, content)?;
        }
        for (key, predicate, value) in &keys.properties {
            self.property(Place { property: Some(key), ..place }, &subject, predicate, value)?;
        }
        Ok(vec![subject])
    }
}

/// The keyword entries of an object, and the others.
#[derive(Default)]
struct Keywords<'a> {
    id: Option<&'a Value>,
    graph: Option<&'a Value>,
    value: Option<&'a Value>,
    kind: Option<&'a Value>,
    language: Option<&'a Value>,
    list: Option<&'a Value>,
    set: Option<&'a Value>,
    properties: Vec<(&'a str, String, &'a Value)>,
}

impl<'a> Keywords<'a> {
    fn take(&mut self, keyword: &str, value: &'a Value) -> Result<(), Error> {
        let slot = match keyword {
            "@id" => &mut self.id,
            "@graph" => &mut self.graph,
            "@value" => &mut self.value,
            "@language" => &mut self.language,
            "@list" => &mut self.list,
            "@set" => &mut self.set,
            // Several keys may be types; they are read before.
            "@type" => {
                self.kind = Some(value);
                return Ok(());
            }
            // An annotation that RDF does not carry would be an unsigned claim.
            other => return Err(Error::Unsupported(format!("{other} in a document"))),
        };
        if slot.replace(value).is_some() {
            return Err(Error::malformed("object", format!("two entries mean {keyword}")));
        }
        Ok(())
    }

    /// §5.1 step 14: a value object has no other entries.
    fn only_a_value(&self, entries: usize) -> Result<(), Error> {
        let known = 1 + usize::from(self.kind.is_some()) + usize::from(self.language.is_some());
        if entries != known {
            return Err(Error::malformed("value object", "other entries beside @value"));
        }
        Ok(())
    }
}

/// §5.1 step 7: a value object or a bare reference stays within the type-scoped context.
fn reverts_not(active: &Contextual, map: &Map<String, Value>) -> Result<bool, Error> {
    for key in map.keys() {
        let expanded = active.expand(key, true)?;
        if expanded.as_deref() == Some("@value")
            || map.len() == 1 && expanded.as_deref() == Some("@id")
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The values of every entry that means `@type`, if this is a node.
fn types<'a>(active: &Contextual, map: &'a Map<String, Value>) -> Result<Vec<&'a str>, Error> {
    let mut names = Vec::new();
    for (key, value) in map {
        if active.expand(key, true)?.as_deref() != Some("@type") {
            continue;
        }
        let single = std::slice::from_ref(value);
        for name in value.as_array().map_or(single, Vec::as_slice) {
            let name = name.as_str();
            names.push(name.ok_or_else(|| Error::malformed("type", "not a string"))?);
        }
    }
    Ok(names)
}

fn type_iri(active: &Contextual, name: &str) -> Result<String, Error> {
    let expanded = active.expand(name, true)?;
    iri::absolute(expanded.ok_or_else(|| Error::UndefinedTerm(name.to_owned()))?)
}
