//! Arguments, placed by the names of the parameters.
//!
//! Source: krl-stdlib 1.4 (`krlNamedArgs`): what is too much is dropped, and an argument counts
//! as given when it or one behind it is.

use super::Args;
use crate::value::Value;
use std::borrow::Cow;

static NOTHING: Value = Value::Undefined;

/// The arguments of one call.
pub(super) struct Given(Vec<Value>);

impl Given {
    pub(super) fn place(args: Args, parameters: &[&str]) -> Self {
        let mut values = args.positional;
        values.truncate(parameters.len());
        for (name, value) in args.named {
            let Some(place) = parameters.iter().position(|parameter| **parameter == *name) else {
                continue;
            };
            if values.len() <= place {
                values.resize(place + 1, Value::Undefined);
            }
            values[place] = value;
        }
        Self(values)
    }

    /// How many are given.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn at(&self, place: usize) -> &Value {
        self.0.get(place).unwrap_or(&NOTHING)
    }

    pub(super) fn take(&mut self, place: usize) -> Value {
        self.0.get_mut(place).map(std::mem::take).unwrap_or_default()
    }

    pub(super) fn text(&self, place: usize) -> Cow<'_, str> {
        self.at(place).as_text()
    }

    pub(super) fn number(&self, place: usize) -> Option<f64> {
        self.at(place).to_number()
    }

    pub(super) fn into_values(self) -> Vec<Value> {
        self.0
    }
}
