//! The wire types of a presentation definition, parsed into what we evaluate.

use serde_json::{Value, json};

use super::{Filter, JsonPath};
use crate::{CHALLENGE_CHARS_MAX, Error};

/// A presentation definition, v1 (with `schema`) or v2.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The definition's id; the submission repeats it.
    pub id: String,
    /// For people.
    pub name: Option<String>,
    /// For people.
    pub purpose: Option<String>,
    /// What is asked for.
    pub input_descriptors: Vec<InputDescriptor>,
    /// Which of it is needed; empty: everything.
    pub requirements: Vec<Requirement>,
    pub(super) source: Value,
}

/// One thing that is asked for.
#[derive(Clone, Debug)]
pub struct InputDescriptor {
    /// The descriptor's id.
    pub id: String,
    /// The groups that requirements name.
    pub groups: Vec<String>,
    /// For people.
    pub purpose: Option<String>,
    /// v1: one of the groups must match; empty: any type.
    pub schema: Vec<Vec<SchemaUri>>,
    /// All of these must match.
    pub fields: Vec<Field>,
    /// The subject must be who presents.
    pub is_holder: bool,
    /// The subject must be the issuer.
    pub subject_is_issuer: bool,
    /// `limit_disclosure` or a predicate is required: nothing of ours can match.
    pub limit_disclosure: bool,
}

/// v1 `schema`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaUri {
    /// The IRI of a type, or the id of a `credentialSchema`.
    pub uri: String,
    /// Must match even if another does.
    pub required: bool,
}

/// A claim that must be there.
#[derive(Clone, Debug)]
pub struct Field {
    /// The field's id.
    pub id: Option<String>,
    /// Where to look; one suffices.
    pub paths: Vec<JsonPath>,
    /// What must hold of the value.
    pub filter: Option<Filter>,
    /// v2: its absence is no fault.
    pub optional: bool,
}

/// A submission requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// All or some.
    pub rule: Rule,
    /// Of what.
    pub source: Source,
}

/// How many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// All of them.
    All,
    /// Some of them.
    Pick {
        /// Exactly so many.
        count: Option<usize>,
        /// At least so many.
        min: Option<usize>,
        /// At most so many.
        max: Option<usize>,
    },
}

/// Of what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The descriptors of a group.
    Group(String),
    /// Other requirements.
    Nested(Vec<Requirement>),
}

impl Definition {
    /// Reads a definition: `{"id", "input_descriptors", …}`.
    ///
    /// What would restrict the answer and is not understood is refused: a verifier must not
    /// believe that it was checked, a holder must not answer what it cannot read.
    pub fn parse(value: &Value) -> Result<Self, Error> {
        super::parse::definition(value)
    }

    /// The definition as it was given.
    pub fn to_json(&self) -> &Value {
        &self.source
    }
}

/// The attachment of a request (RFC 0510): definition, challenge, domain.
#[derive(Clone, Debug)]
pub struct Request {
    /// What is asked for.
    pub definition: Definition,
    /// To be signed with the presentation.
    pub challenge: Option<String>,
    /// To be signed with the presentation.
    pub domain: Option<String>,
}

impl Request {
    /// Reads `{"options": {"challenge", "domain"}, "presentation_definition": …}`.
    pub fn parse(value: &Value) -> Result<Self, Error> {
        let definition = value
            .get("presentation_definition")
            .ok_or_else(|| Error::malformed("request", "no presentation_definition"))?;
        let text = |key: &str| match value.get("options").and_then(|options| options.get(key)) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.len() <= CHALLENGE_CHARS_MAX => {
                Ok(Some(text.clone()))
            }
            Some(_) => Err(Error::malformed("request", format!("its {key}"))),
        };
        let (challenge, domain) = (text("challenge")?, text("domain")?);
        Ok(Self { definition: Definition::parse(definition)?, challenge, domain })
    }

    /// The attachment.
    pub fn to_json(&self) -> Value {
        let mut options = serde_json::Map::new();
        for (key, text) in [("challenge", &self.challenge), ("domain", &self.domain)] {
            if let Some(text) = text {
                options.insert(key.into(), text.as_str().into());
            }
        }
        json!({ "options": options, "presentation_definition": self.definition.source })
    }
}
