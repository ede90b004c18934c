//! Reads a JSON object member by member, so that every error can point at its place.
//!
//! Source: bad-input policy "unknown field, wrong type, missing: pointer"; RFC 6901 pointers.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::error::Invalid;

/// The members that nobody has taken yet.
pub(crate) struct Fields(Map<String, Value>);

impl Fields {
    pub(crate) fn new(document: Value) -> Result<Self, Invalid> {
        match document {
            Value::Object(members) => Ok(Self(members)),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => Err(Invalid::new("", "must be a JSON object")),
        }
    }

    pub(crate) fn required<T: DeserializeOwned>(&mut self, name: &str) -> Result<T, Invalid> {
        self.optional(name)?.ok_or_else(|| Invalid::new(pointer(name), "is missing"))
    }

    /// `null` is the same as absent.
    pub(crate) fn optional<T: DeserializeOwned>(
        &mut self,
        name: &str,
    ) -> Result<Option<T>, Invalid> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => serde_json::from_value(value)
                .map(Some)
                .map_err(|error| Invalid::new(pointer(name), error.to_string())),
        }
    }

    /// Refuses what is left over: a misspelt member must not be ignored.
    pub(crate) fn finish(self) -> Result<(), Invalid> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(name) => Err(Invalid::new(pointer(name), "is not a known member")),
        }
    }
}

/// The pointer to a member of the document.
pub(crate) fn pointer(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}
