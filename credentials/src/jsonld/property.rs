//! Properties: containers, lists, reverse properties, and the values under them.
//!
//! Source: JSON-LD 1.1 API §5.1 step 13.

use serde_json::Value;

use super::context::{Coercion, Container};
use super::node::{Place, Walk};
use super::quad::{RDF, Term, language};
use crate::Error;

impl Walk<'_> {
    /// One entry of a node object.
    pub(super) fn property(
        &mut self,
        place: Place<'_>,
        subject: &Term,
        predicate: &str,
        value: &Value,
    ) -> Result<(), Error> {
        let definition = place.definition().cloned();
        let definition = definition.as_deref();
        if let Some(feature) = definition.and_then(|definition| definition.unsupported) {
            return Err(Error::Unsupported(feature.to_owned()));
        }
        let container = definition.map(|definition| definition.container).unwrap_or_default();
        let json = definition.is_some_and(|definition| definition.coercion == Coercion::Json);
        let objects = if json {
            vec![Term::Literal(crate::jcs::canonical(value)?, format!("{RDF}JSON"))]
        } else if container.language && value.is_object() {
            language_map(place, value)?
        } else {
            self.contained(place, container, value)?
        };
        for object in objects {
            if definition.is_some_and(|definition| definition.reverse) {
                if matches!(object, Term::Literal(..) | Term::Tagged(..)) {
                    return Err(Error::malformed("reverse property", "its value is a literal"));
                }
                self.emit(&object, predicate, subject.clone(), place.graph)?;
            } else {
                self.emit(subject, predicate, object, place.graph)?;
            }
        }
        Ok(())
    }

    fn contained(
        &mut self,
        place: Place<'_>,
        container: Container,
        value: &Value,
    ) -> Result<Vec<Term>, Error> {
        if container.list && !is_keyword_object(place, value, "@list")? {
            return Ok(if value.is_null() { Vec::new() } else { vec![self.list(place, value)?] });
        }
        if !container.graph {
            return self.objects(place, value);
        }
        // A graph container puts each value into a graph of its own (§5.1 step 13.12).
        let single = std::slice::from_ref(value);
        let mut graphs = Vec::new();
        for item in value.as_array().map_or(single, Vec::as_slice) {
            if is_keyword_object(place, item, "@graph")? {
                return Err(Error::Unsupported("@graph within a graph container".into()));
            }
            if item.is_null() {
                continue;
            }
            let graph = self.blank();
            self.objects(Place { graph: Some(&graph), ..place }, item)?;
            graphs.push(graph);
        }
        Ok(graphs)
    }

    /// The RDF terms of a value or an array of values.
    pub(super) fn objects(&mut self, place: Place<'_>, value: &Value) -> Result<Vec<Term>, Error> {
        match value {
            Value::Null => Ok(Vec::new()),
            Value::Array(items) => {
                // An array within a list is a list of its own (§5.1 step 5.2.2).
                let mut terms = Vec::new();
                for item in items {
                    terms.extend(self.objects(place, item)?);
                }
                Ok(terms)
            }
            Value::Object(map) => self.object(place, map),
            Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                if place.property.is_none() {
                    return Err(Error::malformed("document", "a value without a property"));
                }
                self.scalar(place, value).map(|term| vec![term])
            }
        }
    }

    /// §8.3 List to RDF.
    pub(super) fn list(&mut self, place: Place<'_>, value: &Value) -> Result<Term, Error> {
        let single = std::slice::from_ref(value);
        let nested = place.definition().is_some_and(|definition| definition.container.list);
        let mut terms = Vec::new();
        for item in value.as_array().map_or(single, Vec::as_slice) {
            if item.is_array() && nested {
                terms.push(self.list(place, item)?);
            } else {
                terms.extend(self.objects(place, item)?);
            }
        }
        let mut rest = Term::Iri(format!("{RDF}nil"));
        for term in terms.into_iter().rev() {
            let node = self.blank();
            self.emit(&node, &format!("{RDF}first"), term, place.graph)?;
            self.emit(&node, &format!("{RDF}rest"), rest, place.graph)?;
            rest = node;
        }
        Ok(rest)
    }
}

/// §5.1 step 13.7: texts by language.
fn language_map(place: Place<'_>, value: &Value) -> Result<Vec<Term>, Error> {
    let mut terms = Vec::new();
    for (tag, texts) in value.as_object().into_iter().flatten() {
        let none = place.active.expand(tag, true)?.as_deref() == Some("@none");
        let single = std::slice::from_ref(texts);
        for text in texts.as_array().map_or(single, Vec::as_slice) {
            match text {
                Value::Null => {}
                Value::String(text) if none => terms.push(Term::string(text)),
                Value::String(text) => terms.push(Term::Tagged(text.clone(), language(tag)?)),
                Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                    return Err(Error::malformed("language map", "not a string"));
                }
            }
        }
    }
    Ok(terms)
}

fn is_keyword_object(place: Place<'_>, value: &Value, keyword: &str) -> Result<bool, Error> {
    for key in value.as_object().into_iter().flat_map(|map| map.keys()) {
        if place.active.expand(key, true)?.as_deref() == Some(keyword) {
            return Ok(true);
        }
    }
    Ok(false)
}
