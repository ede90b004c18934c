//! Presentation exchange: what a verifier asks for, which credentials answer, and whether a
//! presentation does.
//!
//! Source: DIF Presentation Exchange 1.0 and 2.0; RFC 0510. How a `schema` is matched follows
//! ACA-Py: an absolute IRI of a type, or the id of a `credentialSchema`.
//!
//! Absent on purpose: `limit_disclosure` and `predicate` as `required` (our suites disclose all
//! or nothing, so nothing matches), `is_held` groups of several holders, `path_nested`, formats
//! other than Linked Data proofs, frames, matching by context URL (it is not signed).

mod definition;
mod filter;
mod matching;
mod parse;
mod path;
mod submission;

pub use definition::{
    Definition, Field, InputDescriptor, Request, Requirement, Rule, SchemaUri, Source,
};
pub use filter::Filter;
pub use matching::{Selection, matching};
pub use path::JsonPath;
pub use submission::{check_submission, submitted};

/// The format of a request attachment (RFC 0510).
pub const DEFINITION_FORMAT: &str = "dif/presentation-exchange/definitions@v1.0";
/// The format of a presentation attachment (RFC 0510).
pub const SUBMISSION_FORMAT: &str = "dif/presentation-exchange/submission@v1.0";

/// Input descriptors of a definition, and entries of a descriptor map.
pub const DESCRIPTORS_MAX: usize = 50;
/// Fields of a descriptor.
pub const FIELDS_MAX: usize = 50;
/// Paths of a field, and schema URIs of a descriptor.
pub const PATHS_MAX: usize = 20;
/// Characters of a JSON path.
pub const PATH_CHARS_MAX: usize = 300;
/// Characters of a pattern.
pub const PATTERN_CHARS_MAX: usize = 500;
/// Submission requirements, nested ones included.
pub const REQUIREMENTS_MAX: usize = 50;
/// Nesting of submission requirements and of filters.
pub const NESTING_MAX: usize = 5;
/// Values that one path may yield.
pub const PATH_MATCHES_MAX: usize = 1_000;

#[cfg(test)]
mod tests;
