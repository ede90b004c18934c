//! Where names live: variables of functions and rules, globals, operators of the library.
//!
//! A function or a rule is one scope. A name that a function takes from around it is captured
//! when the function is made: by value, or through a cell where the value comes later.

use super::code::{Capture, Function, Op};
use crate::ast::Span;
use crate::value::Text;
use std::collections::{HashMap, HashSet};

/// The place in a block of what has its value before the block begins.
pub(super) const BEFORE_BLOCK: u32 = 0;

/// The variables and the code of a function or rule that is being compiled.
pub(super) struct Scope {
    names: HashMap<Text, Variable>,
    /// Which declaration of the block, if any, is a function that is being compiled now.
    pub(super) declaring: Option<u32>,
    slots: u16,
    late: HashSet<u16>,
    captures: Vec<Capture>,
    pub(super) code: Vec<Op>,
    pub(super) spans: Vec<Span>,
}

#[derive(Clone, Copy)]
struct Variable {
    slot: u16,
    /// Its place in the block of declarations, from 1.
    order: u32,
}

/// Where a name was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Local(u16),
    Captured(u16),
    Callee,
}

/// More variables than one function may have.
#[derive(Debug)]
pub(super) struct TooMany;

impl Scope {
    pub(super) fn new() -> Self {
        Self {
            names: HashMap::new(),
            declaring: None,
            slots: 0,
            late: HashSet::new(),
            captures: Vec::new(),
            code: Vec::new(),
            spans: Vec::new(),
        }
    }

    /// A variable without a name.
    pub(super) fn slot(&mut self) -> Result<u16, TooMany> {
        let slot = self.slots;
        self.slots = slot.checked_add(1).ok_or(TooMany)?;
        Ok(slot)
    }

    /// A variable; a name that was there before is hidden from now on.
    pub(super) fn declare(&mut self, name: &Text, order: u32) -> Result<u16, TooMany> {
        let slot = self.slot()?;
        self.names.insert(name.clone(), Variable { slot, order });
        Ok(slot)
    }

    /// Gives a variable its name.
    pub(super) fn name(&mut self, name: &Text, slot: u16) {
        self.names.insert(name.clone(), Variable { slot, order: BEFORE_BLOCK });
    }

    /// The variable of a name, made when there is none.
    pub(super) fn declare_once(&mut self, name: &Text) -> Result<u16, TooMany> {
        match self.names.get(name) {
            Some(variable) => Ok(variable.slot),
            None => self.declare(name, BEFORE_BLOCK),
        }
    }

    /// What a function that is made in this scope captures to know a name.
    fn capture_own(&mut self, variable: Variable) -> Capture {
        match self.declaring {
            Some(now) if variable.order == now => Capture::Callee,
            Some(now) if variable.order > now => {
                self.late.insert(variable.slot);
                Capture::Late(variable.slot)
            }
            Some(_) | None => Capture::Local(variable.slot),
        }
    }

    fn capture(&mut self, capture: Capture) -> Result<u16, TooMany> {
        let known = self.captures.iter().position(|known| *known == capture);
        let index = known.unwrap_or_else(|| {
            self.captures.push(capture);
            self.captures.len() - 1
        });
        u16::try_from(index).map_err(|_| TooMany)
    }

    /// The finished function.
    pub(super) fn finish(mut self) -> Function {
        if !self.late.is_empty() {
            for op in &mut self.code {
                *op = match *op {
                    Op::Local(slot) if self.late.contains(&slot) => Op::LocalCell(slot),
                    Op::SetLocal(slot) if self.late.contains(&slot) => Op::SetCell(slot),
                    op => op,
                };
            }
        }
        Function {
            slots: self.slots,
            captures: self.captures.into(),
            code: self.code.into(),
            spans: self.spans.into(),
            ..Function::default()
        }
    }
}

/// Finds a name in the innermost of these scopes or around it.
pub(super) fn find(scopes: &mut [Scope], name: &str) -> Result<Option<Place>, TooMany> {
    let Some(owner) = scopes.iter().rposition(|scope| scope.names.contains_key(name)) else {
        return Ok(None);
    };
    let variable = scopes[owner].names[name];
    if owner + 1 == scopes.len() {
        return Ok(Some(Place::Local(variable.slot)));
    }
    let mut capture = scopes[owner].capture_own(variable);
    let mut place = Place::Local(variable.slot);
    for scope in &mut scopes[owner + 1..] {
        if capture == Capture::Callee && place == Place::Local(variable.slot) {
            // The function right inside the owner is the one that is looked for.
            place = Place::Callee;
            continue;
        }
        let index = scope.capture(capture)?;
        place = Place::Captured(index);
        capture = Capture::Captured(index);
    }
    Ok(Some(place))
}
