//! Which names are known, and what of.

use crate::library;
use std::collections::HashMap;
use std::sync::Arc;

/// What is known of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Unknown,
    Function,
    Action,
    /// Both; `noop` is one.
    ActionFunction,
    String,
    Map,
}

impl Type {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Unknown => "Unknown",
            Self::Function => "Function",
            Self::Action => "Action",
            Self::ActionFunction => "ActionFunction",
            Self::String => "String",
            Self::Map => "Map",
        }
    }
}

type Names = HashMap<Arc<str>, Type>;

/// The scopes around the place that is checked, the innermost last. The first holds the globals.
pub(super) struct Scopes(Vec<Names>);

impl Default for Scopes {
    fn default() -> Self {
        Self(vec![Names::new()])
    }
}

impl Scopes {
    pub(super) fn push(&mut self) {
        self.0.push(Names::new());
    }

    pub(super) fn pop(&mut self) {
        self.0.pop();
    }

    /// The names of the innermost scope.
    pub(super) fn innermost(&mut self) -> &mut Names {
        let last = self.0.len() - 1;
        &mut self.0[last]
    }

    pub(super) fn set(&mut self, name: &Arc<str>, kind: Type) {
        self.innermost().insert(name.clone(), kind);
    }

    /// What a name stands for here, the library included.
    pub(super) fn get(&self, name: &str) -> Option<Type> {
        let own = self.0.iter().rev().find_map(|names| names.get(name).copied());
        own.or_else(|| built_in(name))
    }

    /// Every name that the program has given and that is visible here.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flat_map(|names| names.keys().map(|name| &**name))
    }
}

fn built_in(name: &str) -> Option<Type> {
    if name == "__testing" {
        return Some(Type::Map);
    }
    let operator = library::find(name)?;
    Some(match (operator.is_function(), operator.is_action()) {
        (true, true) => Type::ActionFunction,
        (false, _) => Type::Action,
        (true, false) => Type::Function,
    })
}
