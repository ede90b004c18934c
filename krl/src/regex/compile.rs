//! From the tree of a pattern to its program.

use super::class::Class;
use super::fold::fold;
use super::parse::{Node, Parsed};
use super::prefix::{is_anchored, literal_prefix, may_be_empty, needs_backtracking};
use super::program::{Inst, Program};
use super::{Options, REGEX_SIZE_MAX};
use crate::fault::Fault;
use std::collections::HashMap;

/// Most offsets that all the threads of one search may hold.
const SLOTS_TOTAL_MAX: usize = 2_000_000;
/// Most parts of a pattern that are looked at, those that are repeated counted again each time.
const VISITS_MAX: usize = 4 * REGEX_SIZE_MAX;

const TOO_LARGE: Fault = Fault::Limit("REGEX_SIZE_MAX");

/// Compiles a pattern.
pub(super) fn compile(parsed: &Parsed, options: Options) -> Result<Program, Fault> {
    let mut prefix = String::new();
    if !options.ignore_case {
        literal_prefix(&parsed.node, &mut prefix);
    }
    let mut compiler = Compiler {
        options,
        references: &parsed.references,
        code: Vec::new(),
        classes: Vec::new(),
        slots: 2 * (parsed.names.len() + 1),
        known: HashMap::new(),
        visits: 0,
    };
    compiler.emit(Inst::Save(0))?;
    compiler.node(&parsed.node, false)?;
    compiler.emit(Inst::Save(1))?;
    compiler.emit(Inst::Match)?;
    let Compiler { code, classes, slots, .. } = compiler;
    if code.len().saturating_mul(slots) > SLOTS_TOTAL_MAX {
        return Err(TOO_LARGE);
    }
    Ok(Program {
        code,
        classes,
        slots,
        is_linear: !needs_backtracking(&parsed.node),
        is_anchored: !options.multiline && is_anchored(&parsed.node),
        is_sticky: options.sticky,
        folds_unicode: options.unicode,
        ignores_case: options.ignore_case,
        prefix,
    })
}

struct Compiler<'p> {
    options: Options,
    references: &'p [u32],
    code: Vec<Inst>,
    classes: Vec<Class>,
    slots: usize,
    /// The class or the slot of a part that was compiled before: copies of a part share it.
    known: HashMap<*const Node, u32>,
    visits: usize,
}

impl Compiler<'_> {
    fn emit(&mut self, inst: Inst) -> Result<usize, Fault> {
        if self.code.len() >= REGEX_SIZE_MAX {
            return Err(TOO_LARGE);
        }
        self.code.push(inst);
        Ok(self.code.len() - 1)
    }

    fn here(&self) -> u32 {
        u32::try_from(self.code.len()).unwrap_or(u32::MAX)
    }

    /// Recursion is bounded: the parser bounds the nesting.
    fn node(&mut self, node: &Node, back: bool) -> Result<(), Fault> {
        self.visits += 1;
        if self.visits > VISITS_MAX {
            return Err(TOO_LARGE);
        }
        let Options { ignore_case, multiline, dot_all, unicode, .. } = self.options;
        let inst = match node {
            Node::Empty => return Ok(()),
            Node::Char(code) if ignore_case => Inst::Fold { code: fold(*code, unicode), back },
            Node::Char(code) => Inst::Char { code: *code, back },
            Node::Any => Inst::Any { all: dot_all, back },
            Node::Class { set, negated } => {
                let next = u32::try_from(self.classes.len()).map_err(|_| TOO_LARGE)?;
                let index = *self.known.entry(std::ptr::from_ref(node)).or_insert(next);
                if index == next {
                    let fold = ignore_case.then_some(unicode);
                    self.classes.push(Class::new(set.clone(), *negated, fold));
                }
                Inst::Class { index, back }
            }
            Node::Start => Inst::Start { multiline },
            Node::End => Inst::End { multiline },
            Node::Boundary { negated } => Inst::Boundary { negated: *negated },
            Node::BackReference(group) => Inst::BackReference { group: *group, back },
            Node::NamedReference(place) => {
                Inst::BackReference { group: self.references[*place], back }
            }
            Node::Group { index, node } => return self.group(*index, node, back),
            Node::Look { behind, negative, node } => return self.look(*behind, *negative, node),
            Node::Concat(nodes) if back => {
                return nodes.iter().rev().try_for_each(|node| self.node(node, back));
            }
            Node::Concat(nodes) => return nodes.iter().try_for_each(|node| self.node(node, back)),
            Node::Alternatives(nodes) => return self.alternatives(nodes, back),
            Node::Repeat { .. } => return self.repeat(node, back),
        };
        self.emit(inst).map(|_| ())
    }

    fn group(&mut self, index: Option<u32>, node: &Node, back: bool) -> Result<(), Fault> {
        let Some(index) = index else { return self.node(node, back) };
        let (before, after) = (2 * index + u32::from(back), 2 * index + u32::from(!back));
        self.emit(Inst::Save(before))?;
        self.node(node, back)?;
        self.emit(Inst::Save(after)).map(|_| ())
    }

    fn look(&mut self, behind: bool, negative: bool, node: &Node) -> Result<(), Fault> {
        let look = self.emit(Inst::Look { negative, after: 0 })?;
        self.node(node, behind)?;
        self.emit(Inst::LookEnd)?;
        self.code[look] = Inst::Look { negative, after: self.here() };
        Ok(())
    }

    fn alternatives(&mut self, nodes: &[Node], back: bool) -> Result<(), Fault> {
        let mut jumps = Vec::with_capacity(nodes.len());
        for (place, node) in nodes.iter().enumerate() {
            if place + 1 == nodes.len() {
                self.node(node, back)?;
                break;
            }
            let split = self.emit(Inst::Jump(0))?;
            self.node(node, back)?;
            jumps.push(self.emit(Inst::Jump(0))?);
            let first = u32::try_from(split + 1).map_err(|_| TOO_LARGE)?;
            self.code[split] = Inst::Split { first, second: self.here() };
        }
        for jump in jumps {
            self.code[jump] = Inst::Jump(self.here());
        }
        Ok(())
    }

    /// ECMA-262 §22.2.2.3.1 RepeatMatcher: every iteration forgets what the groups in it took,
    /// and one that is not required must not match nothing.
    fn repeat(&mut self, repeat: &Node, back: bool) -> Result<(), Fault> {
        let Node::Repeat { node, min, max, greedy, groups } = repeat else { return Ok(()) };
        let (min, max, greedy, groups) = (*min, *max, *greedy, *groups);
        let is_nullable = may_be_empty(node);
        let is_loop_behind = max.is_none() && min > 0 && !is_nullable;
        for copy in 0..min - u32::from(is_loop_behind) {
            self.iteration(node, back, if copy == 0 { (0, 0) } else { groups })?;
        }
        if is_loop_behind {
            let first = self.here();
            self.iteration(node, back, groups)?;
            let split = self.emit(Inst::Jump(0))?;
            self.code[split] = fork(first, self.here(), greedy);
            return Ok(());
        }
        let progress = if is_nullable && max != Some(min) {
            let next = u32::try_from(self.slots).map_err(|_| TOO_LARGE)?;
            let slot = *self.known.entry(std::ptr::from_ref(repeat)).or_insert(next);
            self.slots += usize::from(slot == next);
            Some(slot)
        } else {
            None
        };
        match max {
            None => {
                let split = self.optional(node, back, groups, progress)?;
                let start = u32::try_from(split).map_err(|_| TOO_LARGE)?;
                self.emit(Inst::Jump(start))?;
                self.code[split] = fork(start + 1, self.here(), greedy);
            }
            Some(max) => {
                let mut splits = Vec::new();
                for _ in min..max {
                    splits.push(self.optional(node, back, groups, progress)?);
                }
                for split in splits {
                    let first = u32::try_from(split + 1).map_err(|_| TOO_LARGE)?;
                    self.code[split] = fork(first, self.here(), greedy);
                }
            }
        }
        Ok(())
    }

    /// A place for a split, and an iteration after it.
    fn optional(
        &mut self,
        node: &Node,
        back: bool,
        groups: (u32, u32),
        progress: Option<u32>,
    ) -> Result<usize, Fault> {
        let split = self.emit(Inst::Jump(0))?;
        let Some(slot) = progress else {
            self.iteration(node, back, groups)?;
            return Ok(split);
        };
        self.emit(Inst::Save(slot))?;
        self.iteration(node, back, groups)?;
        self.emit(Inst::Progress(slot))?;
        Ok(split)
    }

    fn iteration(&mut self, node: &Node, back: bool, groups: (u32, u32)) -> Result<(), Fault> {
        if groups.0 < groups.1 {
            self.emit(Inst::Reset { from: 2 * groups.0, to: 2 * groups.1 })?;
        }
        self.node(node, back)
    }
}

fn fork(into: u32, past: u32, greedy: bool) -> Inst {
    let (first, second) = if greedy { (into, past) } else { (past, into) };
    Inst::Split { first, second }
}
