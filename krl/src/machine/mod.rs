//! The machine that runs programs.
//!
//! It has its own stack, counts fuel, depth and heap, and yields whatever it wants from the
//! outside as a [`Request`]; the caller answers it and runs the machine on.

use crate::fault::Fault;
use crate::library::Args;
use crate::value::{Text, Value};

/// What can be called.
#[derive(Clone, Debug)]
pub struct Callable;

impl Callable {
    /// How deeply what it holds nests.
    pub fn depth(&self) -> u32 {
        0
    }
    /// An action or a function.
    pub fn is_action(&self) -> bool {
        false
    }
}

/// Where a machine stopped.
#[derive(Debug)]
pub enum Step {
    /// The program finished with this value.
    Done(Value),
    /// The slice is used up: run on.
    Slice,
    /// Something is wanted from outside: [answer](Machine::answer) it and run on.
    Request(Request),
}

/// What a program wants from outside. `rid` is the ruleset whose code asks.
#[derive(Clone, Debug)]
pub enum Request {
    /// Reads `ent:name`.
    EntityGet { rid: Text, name: Text },
    /// `ent:name := value` or `ent:name{path} := value`.
    EntityPut { rid: Text, name: Text, path: Option<Value>, value: Value },
    /// `clear ent:name` or `clear ent:name{path}`.
    EntityClear { rid: Text, name: Text, path: Option<Value> },
    /// A property, a function or an action of a module that is not written in KRL
    /// (`ctx event meta http … ` and native rulesets). `domain` is the module's own name, not an alias.
    Module { rid: Text, domain: Text, name: Text, kind: ModuleUse, args: Args },
    /// `send_directive(name, options)`.
    Directive { rid: Text, name: Text, options: Value },
    /// `raise …`
    Raise { rid: Text, domain: Text, name: Text, for_rid: Option<Text>, attrs: Value },
    /// `schedule …`; answered with the schedule's id.
    Schedule { rid: Text, domain: Text, name: Text, attrs: Value, at: Option<Value>, repeat: Option<Value> },
    /// `log …` and `klog`.
    Log { rid: Text, level: crate::ast::LogLevel, value: Value },
    /// `error …`
    Error { rid: Text, level: crate::ast::LogLevel, value: Value },
    /// A random number below this bound (`sample`).
    Random { below: u32 },
}

/// How a module's member is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModuleUse {
    /// Read, without a call: a property, or a function as a value.
    Property,
    /// Called in an expression.
    Function,
    /// Called in an action block.
    Action,
}
