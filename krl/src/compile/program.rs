//! A compiled ruleset.

use super::code::{CodeId, EventShape, Function, MemberName, Shape};
use crate::machine::Instance;
use crate::select::Select;
use crate::value::{Text, Value};
use std::collections::HashMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, Weak};

/// A compiled ruleset: immutable, and shared by all picos that have it.
#[derive(Debug)]
pub struct Program {
    pub(crate) rid: Text,
    pub(crate) meta: Meta,
    pub(crate) uses: Vec<Use>,
    pub(crate) configure: Vec<Text>,
    pub(crate) shares: Vec<Text>,
    pub(crate) provides: Vec<Text>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) testing: Value,
    pub(crate) globals: HashMap<Text, u32>,
    pub(crate) global_names: Vec<Text>,
    pub(crate) constants: Vec<Value>,
    pub(crate) names: Vec<Text>,
    pub(crate) shapes: Vec<Shape>,
    pub(crate) events: Vec<EventShape>,
    pub(crate) members: Vec<MemberName>,
    pub(crate) functions: Vec<Function>,
    /// Code that gives the globals their values.
    pub(crate) init: CodeId,
    /// The instance that picos share where nothing in it depends on a pico.
    pub(crate) shared: Mutex<Weak<Instance>>,
    /// Whether it turned out that something in it does depend on the pico.
    pub(crate) is_unshareable: AtomicBool,
}

/// What a ruleset says about itself.
#[derive(Clone, Debug, Default)]
pub struct Meta {
    /// `name`
    pub name: Option<Text>,
    /// `description`
    pub description: Option<Text>,
    /// `author`
    pub author: Option<Text>,
    /// `version`
    pub version: Option<Text>,
}

/// `use module RID alias ALIAS with …`
#[derive(Clone, Debug)]
pub struct Use {
    /// The module's ruleset id.
    pub rid: Text,
    /// The domain that it is known by; the ruleset id when the source names none.
    pub alias: Text,
    /// The names that `with` sets.
    pub with: Vec<Text>,
    /// The shape of the map that `with` makes.
    pub(crate) shape: u32,
}

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// Its name.
    pub name: Text,
    /// When it is selected.
    pub select: Select,
    /// Conditions of the event expression: one place for each of its primitives.
    pub(crate) conditions: Vec<Option<CodeId>>,
    /// How many milliseconds its events may be apart.
    pub(crate) within: Option<CodeId>,
    pub(crate) body: CodeId,
}

impl Program {
    /// Its ruleset id.
    pub fn rid(&self) -> &Text {
        &self.rid
    }

    /// What it says about itself.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// The modules that it uses, in source order.
    pub fn uses(&self) -> &[Use] {
        &self.uses
    }

    /// The names that it can be configured by.
    pub fn configure(&self) -> &[Text] {
        &self.configure
    }

    /// The names that may be queried.
    pub fn shares(&self) -> &[Text] {
        &self.shares
    }

    /// Whether a name may be queried; `__testing` always may.
    pub fn is_shared(&self, name: &str) -> bool {
        name == "__testing" || self.shares.iter().any(|shared| &**shared == name)
    }

    /// The names that others may use.
    pub fn provides(&self) -> &[Text] {
        &self.provides
    }

    /// Whether others may use a name.
    pub fn is_provided(&self, name: &str) -> bool {
        self.provides.iter().any(|provided| &**provided == name)
    }

    /// The rules in source order, without the inactive ones.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Its queries and events, as a testing tool wants to know them.
    pub fn testing(&self) -> &Value {
        &self.testing
    }

    pub(crate) fn function(&self, id: u32) -> Option<&Function> {
        self.functions.get(id as usize)
    }
}
