//! What a machine says when it stops.

use crate::ast::LogLevel;
use crate::library::Args;
use crate::value::{Text, Value};

/// Where a machine stopped.
#[derive(Debug)]
pub enum Step {
    /// The program finished with this value.
    Done(Value),
    /// The rule finished.
    Rule(RuleEnd),
    /// The slice is used up: run on.
    Slice,
    /// Something is wanted from outside: [answer](super::Machine::answer) it and run on.
    Request(Request),
}

/// How a rule finished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleEnd {
    /// The next rule may be looked at.
    Continue,
    /// `last`: no further rule of this ruleset for this event.
    Last,
    /// `error error`: as [`RuleEnd::Last`], and events that were raised and wait are dropped;
    /// [`Request::Error`] was made before.
    Error,
}

/// What a program wants from outside. `rid` is the ruleset whose code asks; for actions, the
/// ruleset on whose behalf the code acts. What has no answer is answered with nothing.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the fields are named as in the language")]
pub enum Request {
    /// Reads `ent:name`.
    EntityGet { rid: Text, name: Text },
    /// `ent:name := value` or `ent:name{path} := value`.
    EntityPut { rid: Text, name: Text, path: Option<Value>, value: Value },
    /// `clear ent:name` or `clear ent:name{path}`.
    EntityClear { rid: Text, name: Text, path: Option<Value> },
    /// A property, a function or an action of a module that is not written in KRL
    /// (`ctx http …` and native rulesets). `domain` is the module's own name, not an alias.
    Module { rid: Text, domain: Text, name: Text, kind: ModuleUse, args: Args },
    /// `send_directive(name, options)`; its value is the answer.
    Directive { rid: Text, name: Value, options: Value },
    /// `raise …`
    Raise { rid: Text, domain: Text, name: Text, for_rid: Option<Text>, attrs: Value },
    /// `schedule …`; answered with the schedule's id. One of `at` and `repeat` is given.
    Schedule {
        rid: Text,
        domain: Text,
        name: Text,
        attrs: Value,
        at: Option<Value>,
        repeat: Option<Value>,
    },
    /// `log …`; with a message, `klog`.
    Log { rid: Text, level: LogLevel, message: Option<Text>, value: Value },
    /// `error …`
    Error { rid: Text, level: LogLevel, value: Value },
    /// A random number, at least 0 and below this bound (`sample`).
    Random { below: u32 },
}

/// How a module's member is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModuleUse {
    /// Read, without a call.
    Property,
    /// Called in an expression.
    Function,
    /// Called in an action block.
    Action,
}
