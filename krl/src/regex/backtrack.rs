//! The engine that tries one way after the other, with its own stack.
//!
//! A guard keeps it from trying too much: it gives up after so many steps, or it remembers where
//! it has been and never goes there twice. The second is right only without backreferences and
//! lookaround, where what follows depends on instruction and place alone.

use super::program::{Inst, NONE, Program, char_after, char_before, ends_line, holds};
use super::{REGEX_STACK_MAX, Search};
use crate::fault::Fault;
use crate::regex::fold::fold;

/// What keeps the engine from trying too much.
pub(super) enum Guard {
    /// Nothing but the limit of the search.
    Off,
    /// It gives up once the search has taken so many steps.
    Steps(u64),
    /// It remembers the splits that it has seen, for places from one offset on.
    Visited { bits: Vec<u64>, from: usize },
}

/// How a search ended.
pub(super) enum Found {
    /// With a match: the slots.
    Match(Vec<usize>),
    /// Without one.
    Nothing,
    /// Undecided: no match begins before this place.
    GaveUp { at: usize },
}

impl From<Found> for Option<Vec<usize>> {
    fn from(found: Found) -> Self {
        match found {
            Found::Match(slots) => Some(slots),
            Found::Nothing | Found::GaveUp { .. } => None,
        }
    }
}

/// Something to come back to.
#[derive(Clone, Copy)]
enum Frame {
    /// Another way to go on.
    Branch { pc: u32, at: usize },
    /// A slot to set back.
    Restore { slot: u32, old: usize },
    /// The beginning of a lookaround, and where it goes on once it is decided.
    Barrier { negative: bool, after: u32, at: usize },
}

impl Guard {
    /// A memory of so many bits.
    pub(super) fn visited(bits: usize, from: usize) -> Self {
        Self::Visited { bits: vec![0; bits.div_ceil(64)], from }
    }
}

/// Finds the first match at or after a place.
pub(super) fn find(
    program: &Program,
    search: &mut Search<'_>,
    start: usize,
    guard: Guard,
) -> Result<Found, Fault> {
    let text = search.text;
    if let Guard::Visited { bits, .. } = &guard {
        search.spend(bits.len() as u64 / 8)?;
    }
    let mut run = Run {
        program,
        search,
        guard,
        slots: vec![NONE; program.slots],
        frames: Vec::new(),
        barriers: Vec::new(),
    };
    let mut at = start;
    loop {
        let (candidate, looked_at) = program.candidate(text, start, at);
        run.search.spend(1 + looked_at as u64 / 64)?;
        let Some(candidate) = candidate else { return Ok(Found::Nothing) };
        at = candidate;
        match run.from(at)? {
            Some(true) => return Ok(Found::Match(run.slots)),
            Some(false) => {}
            None => return Ok(Found::GaveUp { at }),
        }
        match char_after(text, at) {
            Some((_, length)) => at += length,
            None => return Ok(Found::Nothing),
        }
    }
}

struct Run<'r, 't> {
    program: &'r Program,
    search: &'r mut Search<'t>,
    guard: Guard,
    slots: Vec<usize>,
    frames: Vec<Frame>,
    /// Where on the stack the open barriers are.
    barriers: Vec<usize>,
}

impl Run<'_, '_> {
    /// Whether the pattern matches from a place on; `None` when it gave up.
    fn from(&mut self, at: usize) -> Result<Option<bool>, Fault> {
        self.frames.clear();
        self.barriers.clear();
        let mut next = Some((0, at));
        while let Some((pc, at)) = next {
            self.search.spend(1)?;
            if matches!(self.guard, Guard::Steps(max) if self.search.steps > max) {
                return Ok(None);
            }
            let inst = self.program.code[pc as usize];
            if matches!(inst, Inst::Match) {
                return Ok(Some(true));
            }
            next = match self.step(inst, pc, at)? {
                Some(next) => Some(next),
                None => self.back(),
            };
        }
        Ok(Some(false))
    }

    /// Where an instruction goes on, or `None` when it fails.
    #[inline]
    fn step(&mut self, inst: Inst, pc: u32, at: usize) -> Result<Option<(u32, usize)>, Fault> {
        let next = match inst {
            Inst::Char { .. } | Inst::Fold { .. } | Inst::Any { .. } | Inst::Class { .. } => {
                return Ok(consume(self.program, inst, self.search.text, at).map(|at| (pc + 1, at)));
            }
            Inst::Start { .. } | Inst::End { .. } | Inst::Boundary { .. } => {
                return Ok(holds(inst, self.search.text, at).then_some((pc + 1, at)));
            }
            Inst::BackReference { group, back } => {
                return Ok(self.repeat_group(group, back, at)?.map(|at| (pc + 1, at)));
            }
            Inst::Split { .. } if !self.is_new(pc, at) => return Ok(None),
            Inst::Split { first, second } => {
                self.push(Frame::Branch { pc: second, at })?;
                first
            }
            Inst::Jump(to) => to,
            Inst::Save(slot) => {
                self.set(slot, at)?;
                pc + 1
            }
            Inst::Progress(slot) if self.slots[slot as usize] == at => return Ok(None),
            Inst::Progress(_) => pc + 1,
            Inst::Reset { from, to } => {
                (from..to).try_for_each(|slot| self.set(slot, NONE))?;
                pc + 1
            }
            Inst::Look { negative, after } => {
                self.barriers.push(self.frames.len());
                self.push(Frame::Barrier { negative, after, at })?;
                pc + 1
            }
            Inst::LookEnd => return self.decide(),
            Inst::Match => pc,
        };
        Ok(Some((next, at)))
    }

    /// Goes back to the last other way.
    fn back(&mut self) -> Option<(u32, usize)> {
        while let Some(frame) = self.frames.pop() {
            match frame {
                Frame::Branch { pc, at } => return Some((pc, at)),
                Frame::Restore { slot, old } => self.slots[slot as usize] = old,
                Frame::Barrier { negative, after, at } => {
                    self.barriers.pop();
                    if negative {
                        return Some((after, at));
                    }
                }
            }
        }
        None
    }

    /// What was looked for is there: a positive lookaround goes on, and keeps what its groups
    /// took but no other way through it; a negative one fails.
    fn decide(&mut self) -> Result<Option<(u32, usize)>, Fault> {
        let Some(barrier) = self.barriers.pop() else { return Err(broken()) };
        let Some(Frame::Barrier { negative, after, at }) = self.frames.get(barrier).copied() else {
            return Err(broken());
        };
        self.search.spend((self.frames.len() - barrier) as u64 / 8)?;
        if negative {
            for frame in self.frames.drain(barrier..).rev() {
                if let Frame::Restore { slot, old } = frame {
                    self.slots[slot as usize] = old;
                }
            }
            return Ok(None);
        }
        let mut kept = barrier;
        for place in barrier + 1..self.frames.len() {
            if matches!(self.frames[place], Frame::Restore { .. }) {
                self.frames.swap(kept, place);
                kept += 1;
            }
        }
        self.frames.truncate(kept);
        Ok(Some((after, at)))
    }

    fn push(&mut self, frame: Frame) -> Result<(), Fault> {
        if self.frames.len() >= REGEX_STACK_MAX {
            return Err(Fault::Limit("REGEX_STACK_MAX"));
        }
        self.frames.push(frame);
        Ok(())
    }

    fn set(&mut self, slot: u32, value: usize) -> Result<(), Fault> {
        let old = std::mem::replace(&mut self.slots[slot as usize], value);
        if old == value {
            return Ok(());
        }
        self.push(Frame::Restore { slot, old })
    }

    fn is_new(&mut self, pc: u32, at: usize) -> bool {
        let Guard::Visited { bits, from } = &mut self.guard else { return true };
        let bit = (at - *from) * self.program.code.len() + pc as usize;
        let word = &mut bits[bit / 64];
        let is_new = *word >> (bit % 64) & 1 == 0;
        *word |= 1 << (bit % 64);
        is_new
    }

    /// The place after what a group took, should it be there once more.
    fn repeat_group(&mut self, group: u32, back: bool, at: usize) -> Result<Option<usize>, Fault> {
        let (start, end) = (self.slots[2 * group as usize], self.slots[2 * group as usize + 1]);
        if start == NONE || end == NONE {
            return Ok(Some(at));
        }
        let text = self.search.text;
        self.search.spend((end - start) as u64 / 8)?;
        if !self.program.ignores_case {
            let length = end - start;
            let place = if back { at.checked_sub(length) } else { Some(at) };
            let there = place.and_then(|place| text.as_bytes().get(place..place + length));
            let is_there = there == Some(&text.as_bytes()[start..end]);
            return Ok(is_there.then(|| if back { at - length } else { at + length }));
        }
        self.search.spend((end - start) as u64)?;
        let taken = text[start..end].chars();
        let unicode = self.program.folds_unicode;
        let mut at = at;
        let mut is_next = |c: char| {
            let found = if back { char_before(text, at) } else { char_after(text, at) };
            found.is_some_and(|(code, length)| {
                at = if back { at - length } else { at + length };
                fold(code, unicode) == fold(u32::from(c), unicode)
            })
        };
        let is_there =
            if back { taken.rev().all(&mut is_next) } else { taken.clone().all(is_next) };
        Ok(is_there.then_some(at))
    }
}

fn broken() -> Fault {
    Fault::Broken("a lookaround ends that never began".into())
}

/// The place after a character that an instruction takes.
#[inline]
pub(super) fn consume(program: &Program, inst: Inst, text: &str, at: usize) -> Option<usize> {
    let (Inst::Char { back, .. }
    | Inst::Fold { back, .. }
    | Inst::Any { back, .. }
    | Inst::Class { back, .. }) = inst
    else {
        return None;
    };
    let (code, length) = if back { char_before(text, at) } else { char_after(text, at) }?;
    let is_taken = if let Inst::Char { code: wanted, .. } = inst {
        code == wanted
    } else if let Inst::Class { index, .. } = inst {
        program.classes[index as usize].contains(code)
    } else if let Inst::Fold { code: wanted, .. } = inst {
        fold(code, program.folds_unicode) == wanted
    } else {
        matches!(inst, Inst::Any { all: true, .. }) || !ends_line(code)
    };
    is_taken.then(|| if back { at - length } else { at + length })
}
