//! JSON-LD to RDF to canonical N-Quads: what the RDF suites hash.
//!
//! Source: JSON-LD 1.1 Processing Algorithms and API §4.1, §4.2, §5.1, §8; RDF Dataset
//! Canonicalization (RDFC-1.0, the successor of URDNA2015).
//!
//! Absent on purpose: fetching (a context is compiled in, registered, or refused); everything
//! that would leave a claim unsigned: an undefined term, a relative IRI or a dropped value is an
//! error and not a warning; and the features that no credential context uses: `@nest`,
//! `@included`, `@import`, `@direction`, `@base`, containers `@index`, `@id` and `@type`. These
//! are refused too, never guessed.

mod canon;
mod context;
mod define;
mod iri;
mod node;
mod property;
mod quad;
mod value;

pub use canon::{ALIKE_BLANK_NODES_MAX, CANONICALIZATION_STEPS_MAX};
pub(crate) use context::Cache;
pub use node::QUADS_MAX;
use serde_json::Value;

use crate::{Contexts, Error};

/// The canonical N-Quads of a document; the caller has checked `limits`.
pub(crate) fn canonical(document: &Value, contexts: &Contexts) -> Result<String, Error> {
    canon::canonical(&node::to_quads(document, contexts)?)
}

/// The absolute IRIs of the types of a document (`type` and `@type` of its root).
pub(crate) fn type_iris(document: &Value, contexts: &Contexts) -> Result<Vec<String>, Error> {
    node::type_iris(document, contexts)
}

/// Whether this is an absolute IRI.
pub(crate) fn is_absolute_iri(text: &str) -> bool {
    iri::is_absolute(text)
}

#[cfg(test)]
mod tests;
