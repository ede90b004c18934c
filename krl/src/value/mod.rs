//! Values of KRL: what programs compute with.
//!
//! Values are immutable and cheap to clone. A container knows how deeply it nests
//! ([`DEPTH_MAX`]), so that printing, comparing and dropping it cannot overflow the stack.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a conversion names the values that it takes and treats all others alike"
)]

mod convert;
mod equal;
pub mod json;
mod map;
pub mod utf16;

pub use convert::{
    is_blank, is_hex, number_text, parse_number, plain_number, property_key, radix_text,
};
pub use equal::{compare, compare_text, equal};
pub use map::Map;

use crate::fault::Fault;
use crate::machine::Callable;
use crate::regex::RegExp;
use std::sync::Arc;

/// How deeply arrays, maps and closures may nest.
pub const DEPTH_MAX: u32 = 1_000;

/// Text. KRL counts it in UTF-16 units, as JavaScript does.
pub type Text = Arc<str>;

/// A value.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// Nothing at all, JavaScript's `undefined`: a literal `null`, an argument that was not given.
    /// Programs cannot tell it from [`Value::Null`]; it leaves no trace in maps that go out.
    #[default]
    Undefined,
    /// Nothing, as JSON says it, JavaScript's `null`: what is not found, what came in as `null`.
    Null,
    /// `true` or `false`
    Boolean(bool),
    /// An IEEE double, `NaN` and infinities included.
    Number(f64),
    /// Text.
    String(Text),
    /// A list.
    Array(Array),
    /// Text keys to values, in JavaScript's order.
    Map(Map),
    /// A regular expression.
    RegExp(Arc<RegExp>),
    /// A function or an action: of the program, of the library or of a module.
    Callable(Callable),
}

/// A list of values.
#[derive(Clone, Debug, Default)]
pub struct Array(Arc<ArrayBody>);

#[derive(Clone, Debug, Default)]
struct ArrayBody {
    depth: u32,
    items: Vec<Value>,
}

impl Array {
    /// A list of these values; refused when it nests too deeply.
    pub fn new(items: Vec<Value>) -> Result<Self, Fault> {
        let depth = deepest(items.iter())?;
        Ok(Self(Arc::new(ArrayBody { depth, items })))
    }

    /// The values.
    pub fn items(&self) -> &[Value] {
        &self.0.items
    }

    /// The same list with another value at its end; in place when nobody else holds the list.
    pub fn push(mut self, item: Value) -> Result<Self, Fault> {
        let depth = nest(item.depth())?;
        let body = Arc::make_mut(&mut self.0);
        body.depth = body.depth.max(depth);
        body.items.push(item);
        Ok(self)
    }

    /// The same list with another value at a place; in place when nobody else holds the list. A
    /// place beyond the end makes the list longer, with nothing in between.
    pub fn with(mut self, place: usize, item: Value) -> Result<Self, Fault> {
        let depth = nest(item.depth())?;
        let body = Arc::make_mut(&mut self.0);
        body.depth = body.depth.max(depth);
        if place >= body.items.len() {
            body.items.resize(place + 1, Value::Undefined);
        }
        body.items[place] = item;
        Ok(self)
    }

    /// The values; without copying when nobody else holds the list.
    pub fn into_items(self) -> Vec<Value> {
        Arc::unwrap_or_clone(self.0).items
    }

    /// Whether somebody else holds the list, so that a change copies it.
    pub fn is_shared(&self) -> bool {
        Arc::strong_count(&self.0) > 1
    }

    /// Names the list itself, whoever holds it: for counting shared memory once.
    pub fn address(&self) -> usize {
        Arc::as_ptr(&self.0) as usize
    }
}

impl Value {
    /// How deeply the value nests: 0 for what holds no other values.
    pub fn depth(&self) -> u32 {
        match self {
            Self::Array(array) => array.0.depth,
            Self::Map(map) => map.depth(),
            Self::Callable(callable) => callable.depth(),
            Self::Undefined
            | Self::Null
            | Self::Boolean(_)
            | Self::Number(_)
            | Self::String(_)
            | Self::RegExp(_) => 0,
        }
    }

    /// The list of nothing.
    pub(crate) fn default_array() -> Self {
        Self::Array(Array::default())
    }

    /// Text.
    pub fn text(text: impl Into<Text>) -> Self {
        Self::String(text.into())
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// Whether this is nothing, of either kind.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Undefined | Self::Null)
    }

    /// Whether this is nothing at all.
    pub fn is_undefined(&self) -> bool {
        matches!(self, Self::Undefined)
    }

    /// What `undefined` is where only JSON's `null` is known.
    #[must_use]
    pub(crate) fn or_null(self) -> Self {
        match self {
            Self::Undefined => Self::Null,
            value => value,
        }
    }

    /// JavaScript's truth: `0`, `NaN`, `""` and nothing are false; containers are true.
    pub fn is_truthy(&self) -> bool {
        match self {
            Self::Undefined | Self::Null => false,
            Self::Boolean(value) => *value,
            Self::Number(value) => *value != 0.0 && !value.is_nan(),
            Self::String(text) => !text.is_empty(),
            Self::Array(_) | Self::Map(_) | Self::RegExp(_) | Self::Callable(_) => true,
        }
    }
}

/// The depth of a container of these values.
pub(crate) fn deepest<'v>(values: impl Iterator<Item = &'v Value>) -> Result<u32, Fault> {
    nest(values.map(Value::depth).max().unwrap_or(0))
}

/// The depth of a container whose deepest value has this depth.
pub(crate) fn nest(depth: u32) -> Result<u32, Fault> {
    match depth + 1 {
        depth if depth > DEPTH_MAX => Err(Fault::Limit("DEPTH_MAX")),
        depth => Ok(depth),
    }
}
