//! How far a rule's machine has come.

use crate::value::{Array, Value};
use serde::{Deserialize, Serialize};

/// How far a rule's machine has come. The default is the start.
///
/// Serialises to compact JSON; what is at its start has no fields. It belongs to one version of
/// one rule: a ruleset that changes starts over.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// The states in which the machine is; none is the start too, but does not reset the clock.
    #[serde(default, rename = "s", skip_serializing_if = "Vec::is_empty")]
    pub(super) states: Vec<u32>,
    /// What the variables are set to, by slot.
    #[serde(default, rename = "v", skip_serializing_if = "Vec::is_empty", with = "stored")]
    pub(super) settings: Vec<Value>,
    /// What aggregators have gathered, by the slot of their variable.
    #[serde(default, rename = "a", skip_serializing_if = "Vec::is_empty", with = "stored_groups")]
    pub(super) aggregates: Vec<(usize, Vec<Value>)>,
    /// When the clock of `within` was started, in milliseconds.
    #[serde(default, rename = "t", skip_serializing_if = "Option::is_none")]
    pub(super) started_ms: Option<i64>,
}

impl State {
    /// Whether nothing need be stored.
    pub fn is_start(&self) -> bool {
        self.states.is_empty()
            && self.settings.is_empty()
            && self.aggregates.is_empty()
            && self.started_ms.is_none()
    }

    /// The values of the variables by slot; a slot that is absent is nothing.
    pub fn settings(&self) -> &[Value] {
        &self.settings
    }

    /// Takes the values of the variables, as the body of a selected rule does when it runs. The
    /// reference does so within the rule's `foreach`: a rule that loops over nothing keeps them.
    pub fn take_settings(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.settings)
    }

    pub(super) fn set(&mut self, slot: usize, value: Value) {
        if self.settings.len() <= slot {
            self.settings.resize(slot + 1, Value::Undefined);
        }
        self.settings[slot] = value;
    }
}

/// A value as it is stored: captures and what aggregators make of them.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    Null,
    Number(f64),
    Text(String),
    /// A number that JSON cannot say.
    Infinite {
        is_negative: bool,
    },
    Array(Vec<Stored>),
}

impl From<&Value> for Stored {
    fn from(value: &Value) -> Self {
        match value {
            Value::Number(number) if number.is_infinite() => {
                Self::Infinite { is_negative: *number < 0.0 }
            }
            Value::Number(number) => Self::Number(*number),
            Value::String(text) => Self::Text(text.to_string()),
            Value::Array(array) => Self::Array(array.items().iter().map(Self::from).collect()),
            // Captures are text or nothing, so no other value gets here.
            Value::Undefined
            | Value::Null
            | Value::Boolean(_)
            | Value::Map(_)
            | Value::RegExp(_)
            | Value::Callable(_) => Self::Null,
        }
    }
}

impl TryFrom<Stored> for Value {
    type Error = crate::fault::Fault;

    fn try_from(stored: Stored) -> Result<Self, Self::Error> {
        Ok(match stored {
            // A group that took no part; captures come to no other nothing.
            Stored::Null => Self::Undefined,
            Stored::Number(number) => Self::Number(number),
            Stored::Text(text) => Self::text(text),
            Stored::Infinite { is_negative: true } => Self::Number(f64::NEG_INFINITY),
            Stored::Infinite { is_negative: false } => Self::Number(f64::INFINITY),
            Stored::Array(items) => {
                let items = items.into_iter().map(Self::try_from).collect::<Result<_, _>>()?;
                Self::Array(Array::new(items)?)
            }
        })
    }
}

mod stored {
    use super::{Stored, Value};
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(values: &[Value], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(values.iter().map(Stored::from))
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Vec<Value>, D::Error> {
        let stored = Vec::<Stored>::deserialize(from)?;
        stored.into_iter().map(Value::try_from).collect::<Result<_, _>>().map_err(D::Error::custom)
    }
}

mod stored_groups {
    use super::{Stored, Value};
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(
        groups: &[(usize, Vec<Value>)],
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let stored = |values: &[Value]| values.iter().map(Stored::from).collect::<Vec<_>>();
        to.collect_seq(groups.iter().map(|(slot, values)| (*slot, stored(values))))
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(
        from: D,
    ) -> Result<Vec<(usize, Vec<Value>)>, D::Error> {
        let stored = Vec::<(usize, Vec<Stored>)>::deserialize(from)?;
        let group = |(slot, values): (usize, Vec<Stored>)| {
            Ok((slot, values.into_iter().map(Value::try_from).collect::<Result<_, _>>()?))
        };
        let groups: Result<_, crate::fault::Fault> = stored.into_iter().map(group).collect();
        groups.map_err(D::Error::custom)
    }
}
