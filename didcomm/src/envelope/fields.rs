//! Typed access to the fields of a header that was read strictly.

use serde_json::{Map, Value};

use crate::Error;

/// An object of an envelope.
pub(super) struct Fields(pub(super) Map<String, Value>);

impl Fields {
    pub(super) fn has(&self, key: &str) -> bool {
        self.0.get(key).is_some_and(|value| !value.is_null())
    }

    /// A required string.
    pub(super) fn text(&self, key: &str) -> Result<&str, Error> {
        self.optional(key)?.ok_or(Error::Envelope("a field is missing"))
    }

    /// A string, or nothing.
    pub(super) fn optional(&self, key: &str) -> Result<Option<&str>, Error> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Error::Envelope("a field is not a string")),
        }
    }

    /// A required list of objects, `count_max` at most and not empty.
    pub(super) fn objects(&self, key: &str, count_max: usize) -> Result<Vec<Fields>, Error> {
        let items = self.0.get(key).and_then(Value::as_array);
        let items = items.ok_or(Error::Envelope("a list is missing"))?;
        if items.is_empty() {
            return Err(Error::Envelope("a list is empty"));
        }
        if items.len() > count_max {
            return Err(Error::TooManyRecipients);
        }
        let objects = items.iter().map(|item| item.as_object().cloned().map(Fields));
        objects.collect::<Option<_>>().ok_or(Error::Envelope("an entry is not an object"))
    }

    /// A required object.
    pub(super) fn object(&self, key: &str) -> Result<Fields, Error> {
        let object = self.0.get(key).and_then(Value::as_object).cloned();
        object.map(Fields).ok_or(Error::Envelope("an object is missing"))
    }

    /// RFC 7515 §4.1.11: who does not understand a critical header refuses. We understand none;
    /// nor do we inflate, stretch passwords, or fetch keys.
    pub(super) fn refuse_extensions(&self) -> Result<(), Error> {
        for key in ["crit", "zip", "p2c", "p2s", "jku", "x5u", "b64"] {
            if self.has(key) {
                return Err(Error::Unsupported(key));
            }
        }
        Ok(())
    }
}
