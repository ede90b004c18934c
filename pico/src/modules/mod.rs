//! The modules of the engine that programs in KRL call: `ctx`, `event`, `schedule`, `random`.
//!
//! Source: pico-engine 1.4. Arguments come by name; [`members`] says which names there are, in
//! their order. Absent here: `ctx:query`, which the host of programs performs, and the modules
//! that need the network or cryptography.

pub(crate) mod ctx;
pub(crate) mod event;
pub(crate) mod random;
pub(crate) mod schedule;

use crate::context::Context;
use crate::fault::Fault;
use serde_json::{Map, Value};

/// What a member of a module is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A value, named without a call.
    Property,
    /// Stands in an expression.
    Function,
    /// Stands in an action block.
    Action,
    /// Stands behind a statement of the postlude alone.
    Postlude,
}

/// A member of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    /// Its name.
    pub(crate) name: &'static str,
    /// What it is.
    pub(crate) kind: Kind,
    /// The names of its parameters, in order.
    pub(crate) parameters: &'static [&'static str],
}

const fn property(name: &'static str) -> Member {
    Member { name, kind: Kind::Property, parameters: &[] }
}

const fn function(name: &'static str, parameters: &'static [&'static str]) -> Member {
    Member { name, kind: Kind::Function, parameters }
}

const fn action(name: &'static str, parameters: &'static [&'static str]) -> Member {
    Member { name, kind: Kind::Action, parameters }
}

const fn postlude(name: &'static str, parameters: &'static [&'static str]) -> Member {
    Member { name, kind: Kind::Postlude, parameters }
}

/// The members of a module; `None` when there is no such module here.
pub(crate) fn members(module: &str) -> Option<&'static [Member]> {
    match module {
        "ctx" => Some(ctx::MEMBERS),
        "event" => Some(event::MEMBERS),
        "random" => Some(random::MEMBERS),
        "schedule" => Some(schedule::MEMBERS),
        _ => None,
    }
}

/// What a member of one of these modules is, or does.
pub(crate) fn call(
    context: &mut Context,
    module: &str,
    name: &str,
    args: &Args,
) -> Result<Value, Fault> {
    match module {
        "ctx" => ctx::call(context, name, args),
        // What an event says of itself, programs know without asking.
        "event" => event::call(context, None, name, args),
        "random" => random::call(context, name, args),
        "schedule" => schedule::call(context, name, args),
        _ => Err(Fault::Broken(format!("{module}:{name} is not here"))),
    }
}

type Args = Map<String, Value>;

/// An argument; null when it is missing.
fn arg<'a>(args: &'a Args, name: &str) -> &'a Value {
    args.get(name).unwrap_or(&Value::Null)
}
