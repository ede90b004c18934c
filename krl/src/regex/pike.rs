//! The engine that follows all ways at once: time is linear in the text.
//!
//! Source: R. Pike's and K. Thompson's simulation with captures. Threads are kept in the order
//! in which backtracking would try them, so that the first one to match is the same.

use super::Search;
use super::backtrack::consume;
use super::program::{Inst, NONE, Program, char_after, holds};
use crate::fault::Fault;

/// Threads at one place, first choice first.
struct Threads {
    /// For each instruction the round in which it was last reached.
    reached: Vec<u32>,
    round: u32,
    /// Instructions that wait for a character, and `Match`.
    waiting: Vec<u32>,
    /// The slots of those, one after the other.
    slots: Vec<usize>,
}

/// Something left to do while threads are added.
enum Todo {
    Follow(u32),
    Restore { slot: u32, old: usize },
}

impl Threads {
    fn new(program: &Program) -> Self {
        let reached = vec![0; program.code.len()];
        Self { reached, round: 1, waiting: Vec::new(), slots: Vec::new() }
    }

    fn clear(&mut self) {
        // A text has fewer places than there are rounds: a step is spent on each.
        self.round += 1;
        self.waiting.clear();
        self.slots.clear();
    }
}

/// Finds the first match at or after a place.
pub(super) fn find(
    program: &Program,
    search: &mut Search<'_>,
    start: usize,
) -> Result<Option<Vec<usize>>, Fault> {
    let text = search.text;
    let (mut now, mut then) = (Threads::new(program), Threads::new(program));
    let mut adder = Adder { program, todo: Vec::new(), slots: vec![NONE; program.slots] };
    let mut matched: Option<Vec<usize>> = None;
    let mut at = start;
    loop {
        if matched.is_none() {
            let is_idle = now.waiting.is_empty();
            if is_idle {
                let (candidate, looked_at) = program.candidate(text, start, at);
                search.spend(looked_at as u64 / 64)?;
                let Some(candidate) = candidate else { return Ok(None) };
                at = candidate;
            }
            if program.may_begin(text, start, at) {
                adder.slots.fill(NONE);
                adder.add(&mut now, search, 0, at)?;
            }
        } else if now.waiting.is_empty() {
            return Ok(matched);
        }
        let length = char_after(text, at).map(|(_, length)| length);
        search.spend(1 + now.waiting.len() as u64)?;
        for (place, pc) in now.waiting.iter().enumerate() {
            let slots = &now.slots[place * program.slots..(place + 1) * program.slots];
            let inst = program.code[*pc as usize];
            if matches!(inst, Inst::Match) {
                matched = Some(slots.to_vec());
                break;
            }
            if let Some(next) = consume(program, inst, text, at) {
                adder.slots.copy_from_slice(slots);
                adder.add(&mut then, search, pc + 1, next)?;
            }
        }
        let Some(length) = length else { return Ok(matched) };
        at += length;
        std::mem::swap(&mut now, &mut then);
        then.clear();
    }
}

struct Adder<'p> {
    program: &'p Program,
    todo: Vec<Todo>,
    /// The slots of the thread that is being added.
    slots: Vec<usize>,
}

impl Adder<'_> {
    /// Adds the threads that begin at an instruction.
    fn add(
        &mut self,
        threads: &mut Threads,
        search: &mut Search<'_>,
        pc: u32,
        at: usize,
    ) -> Result<(), Fault> {
        self.todo.push(Todo::Follow(pc));
        while let Some(todo) = self.todo.pop() {
            match todo {
                Todo::Restore { slot, old } => self.slots[slot as usize] = old,
                Todo::Follow(pc) => self.follow(threads, search, pc, at)?,
            }
        }
        Ok(())
    }

    fn follow(
        &mut self,
        threads: &mut Threads,
        search: &mut Search<'_>,
        mut pc: u32,
        at: usize,
    ) -> Result<(), Fault> {
        loop {
            search.spend(1)?;
            let reached = &mut threads.reached[pc as usize];
            if *reached == threads.round {
                return Ok(());
            }
            *reached = threads.round;
            pc = match self.program.code[pc as usize] {
                Inst::Char { .. }
                | Inst::Fold { .. }
                | Inst::Any { .. }
                | Inst::Class { .. }
                | Inst::Match => {
                    search.spend(self.slots.len() as u64 / 8)?;
                    threads.waiting.push(pc);
                    threads.slots.extend_from_slice(&self.slots);
                    return Ok(());
                }
                inst @ (Inst::Start { .. } | Inst::End { .. } | Inst::Boundary { .. }) => {
                    if !holds(inst, search.text, at) {
                        return Ok(());
                    }
                    pc + 1
                }
                Inst::Split { first, second } => {
                    self.todo.push(Todo::Follow(second));
                    first
                }
                Inst::Jump(to) => to,
                Inst::Save(slot) => {
                    self.set(slot, at);
                    pc + 1
                }
                Inst::Progress(slot) if self.slots[slot as usize] == at => return Ok(()),
                Inst::Progress(_) => pc + 1,
                Inst::Reset { from, to } => {
                    search.spend(u64::from(to - from) / 8)?;
                    (from..to).for_each(|slot| self.set(slot, NONE));
                    pc + 1
                }
                // Patterns that have these never come here.
                Inst::BackReference { .. } | Inst::Look { .. } | Inst::LookEnd => {
                    return Err(Fault::Broken("lookaround in the linear engine".into()));
                }
            };
        }
    }

    fn set(&mut self, slot: u32, value: usize) {
        let old = std::mem::replace(&mut self.slots[slot as usize], value);
        if old != value {
            self.todo.push(Todo::Restore { slot, old });
        }
    }
}
