//! What can be called: functions of the program, operators of the library, members of modules.

use super::{Instance, MemberKind};
use crate::fault::Fault;
use crate::library::Operator;
use crate::value::{Text, Value, deepest};
use std::cell::RefCell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// What can be called: a function, an action, or both in one.
#[derive(Clone)]
pub struct Callable(pub(crate) Kind);

#[derive(Clone)]
pub(crate) enum Kind {
    /// A function or an action of a program.
    Closure(Arc<Closure>),
    /// An operator of the library.
    Operator(Operator, MemberKind),
    /// A function or an action of a module that is not written in KRL.
    Member(Arc<Member>),
    /// No callable: a variable that a function shares before it has a value. Programs never see
    /// one; it stands on the machine's stack and among what functions took along.
    Cell(Arc<Cell>),
}

/// A function with the values that it took along.
pub(crate) struct Closure {
    /// The ruleset whose globals it sees. Weak, because those globals hold the function.
    pub(crate) instance: Weak<Instance>,
    pub(crate) function: u32,
    pub(crate) is_action: bool,
    pub(crate) depth: u32,
    pub(crate) captures: Box<[Value]>,
}

/// A member of a module that is not written in KRL.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) domain: Text,
    pub(crate) name: Text,
    pub(crate) kind: MemberKind,
}

/// A variable that functions share. Two functions that know each other through cells would keep
/// each other for ever, so the machine empties its cells.
#[derive(Default)]
pub(crate) struct Cell(Mutex<Option<Value>>);

impl Callable {
    pub(crate) fn closure(
        instance: Weak<Instance>,
        function: u32,
        is_action: bool,
        captures: Box<[Value]>,
    ) -> Result<Self, Fault> {
        let depth = if captures.is_empty() { 0 } else { deepest(captures.iter())? };
        let closure = Closure { instance, function, is_action, depth, captures };
        Ok(Self(Kind::Closure(Arc::new(closure))))
    }

    /// An operator of the library as a value.
    pub(crate) fn operator(operator: Operator, kind: MemberKind) -> Self {
        Self(Kind::Operator(operator, kind))
    }

    /// How deeply what it holds nests.
    pub fn depth(&self) -> u32 {
        match &self.0 {
            Kind::Closure(closure) => closure.depth,
            Kind::Operator(..) | Kind::Member(_) | Kind::Cell(_) => 0,
        }
    }

    fn kind(&self) -> MemberKind {
        match &self.0 {
            Kind::Closure(closure) if closure.is_action => MemberKind::Action,
            Kind::Closure(_) => MemberKind::Function,
            Kind::Operator(_, kind) => *kind,
            Kind::Member(member) => member.kind,
            Kind::Cell(_) => MemberKind::Property,
        }
    }

    /// Whether it can be called in an expression.
    pub fn is_function(&self) -> bool {
        self.kind().is_function()
    }

    /// Whether it can be called in an action block.
    pub fn is_action(&self) -> bool {
        self.kind().is_action()
    }

    /// What `typeof` says: `Function`, `Action` or `ActionFunction`.
    pub fn type_name(&self) -> &'static str {
        match (self.is_function(), self.is_action()) {
            (true, true) => "ActionFunction",
            (false, true) => "Action",
            (true, false) | (false, false) => "Function",
        }
    }
}

/// Functions are equal when they are one and the same.
impl PartialEq for Callable {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Kind::Closure(a), Kind::Closure(b)) => Arc::ptr_eq(a, b),
            (Kind::Operator(a, _), Kind::Operator(b, _)) => a == b,
            (Kind::Member(a), Kind::Member(b)) => a.domain == b.domain && a.name == b.name,
            (Kind::Cell(a), Kind::Cell(b)) => Arc::ptr_eq(a, b),
            (Kind::Closure(_) | Kind::Operator(..) | Kind::Member(_) | Kind::Cell(_), _) => false,
        }
    }
}

/// Functions may know themselves, so nothing of what they hold is printed.
impl std::fmt::Debug for Callable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[{}]", self.type_name())
    }
}

impl Cell {
    fn lock(&self) -> MutexGuard<'_, Option<Value>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self) -> Option<Value> {
        self.lock().clone()
    }

    pub(crate) fn is_filled(&self) -> bool {
        self.lock().is_some()
    }

    pub(crate) fn fill(&self, value: Value) {
        *self.lock() = Some(value);
    }

    /// Takes the value out. The caller drops it when nothing is locked.
    pub(crate) fn empty(&self) -> Option<Value> {
        self.lock().take()
    }
}

thread_local! {
    /// What cells held that are being dropped; `None` while nobody is dropping.
    static DROPPING: RefCell<Option<Vec<Value>>> = const { RefCell::new(None) };
}

/// A chain of cells can be longer than any nesting of values, so they are dropped one after the
/// other and not one inside the other.
impl Drop for Cell {
    fn drop(&mut self) {
        let Some(value) = self.empty() else { return };
        let queued = DROPPING.try_with(|dropping| match &mut *dropping.borrow_mut() {
            Some(queue) => {
                queue.push(value);
                true
            }
            idle @ None => {
                *idle = Some(vec![value]);
                false
            }
        });
        if !matches!(queued, Ok(false)) {
            return;
        }
        loop {
            let next = DROPPING.with(|dropping| {
                let mut dropping = dropping.borrow_mut();
                let next = dropping.as_mut().and_then(Vec::pop);
                if next.is_none() {
                    *dropping = None;
                }
                next
            });
            if next.is_none() {
                return;
            }
            drop(next);
        }
    }
}
