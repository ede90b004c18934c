//! One query: a question to one ruleset of one pico.
//!
//! It may read. Some functions of modules also write, `dido:generateDID` for one, and programs
//! call them in queries; those run as [`Asking::writing`], and what they did is committed.

use crate::change::Change;
use crate::context::{Context, Core};
use crate::event::Query;
use crate::fault::Fault;
use crate::id::Eci;
use crate::program::{Ask, Linking, Links, Member, RunOrMember, RunStop};
use crate::registry::Registry;
use crate::state::State;
use crate::turn::{Progress, wait};
use serde_json::Value;

/// A query on its way through a pico. It is run as a [turn](crate::Turn) is.
pub struct Asking {
    core: Core,
    links: Links,
    query: Query,
    linking: Option<Box<Linking>>,
    /// The query on its way through a program.
    ask: Option<Box<Ask>>,
}

impl Asking {
    /// A query to the pico of `state`; `now` and `seed` as for a turn.
    pub fn new(state: &mut State, query: Query, now: i64, seed: [u8; 32]) -> Self {
        let mut core = Core::new(state.pico.clone(), now, seed, false);
        core.txn_id = crate::Entropy::new(seed).ordered_id(now);
        Self { core, links: state.take_links(), query, linking: None, ask: None }
    }

    /// Says by which channel the query came.
    #[must_use]
    pub fn by(mut self, eci: Option<&Eci>) -> Self {
        self.core.event_eci = eci.cloned();
        self
    }

    /// Lets functions that change something do so; see [`Asking::into_links_and_changes`].
    #[must_use]
    pub fn writing(mut self) -> Self {
        self.core.may_write = true;
        self
    }

    /// Hands in what the outside answered to [`Progress::Outside`].
    pub fn answer(&mut self, answer: Result<impl Into<Option<Value>>, String>) {
        self.core.answer(answer.map(Into::into));
    }

    /// Runs on, with the state as far as it is loaded by now. The answer `None` is nothing at all:
    /// what a program means by a literal `null`, and no JSON.
    pub fn run(
        &mut self,
        state: &State,
        registry: &Registry,
    ) -> Progress<Result<Option<Value>, Fault>> {
        loop {
            let mut context = Context::new(state, registry, &mut self.core);
            if let Some(ask) = &mut self.ask {
                return match ask.run(&mut context, &mut self.links) {
                    RunStop::Wait(fault) => wait(fault).unwrap_or(Progress::Pause),
                    RunStop::Pause => Progress::Pause,
                    RunStop::Over(answer) => Progress::Done(answer),
                };
            }
            let rid = &self.query.rid;
            let member = match self.links.member(&mut context, &mut self.linking, rid) {
                Ok(RunOrMember::Member(member)) => member,
                Ok(RunOrMember::Pause) => return Progress::Pause,
                Ok(RunOrMember::None) => {
                    let text = format!("Pico doesn't have {rid} installed.");
                    return Progress::Done(Err(Fault::refused("not-found", text)));
                }
                Err(fault) if fault.is_wait() => return wait(fault).unwrap_or(Progress::Pause),
                Err(fault) => return Progress::Done(Err(fault)),
            };
            match member {
                Member::Native(ruleset) => {
                    context.core.start(rid, "");
                    return match ruleset.query(&self.query.name, &self.query.args, &mut context) {
                        Err(fault) if fault.is_wait() => {
                            self.core.rewind();
                            wait(fault).unwrap_or(Progress::Pause)
                        }
                        answer => Progress::Done(answer.map(Some)),
                    };
                }
                Member::Program(linked) => {
                    context.core.enter(rid, "");
                    match Ask::new(&mut context, &mut self.links, &linked, &self.query) {
                        Ok(ask) => self.ask = Some(Box::new(ask)),
                        Err(fault) => return Progress::Done(Err(fault)),
                    }
                }
            }
        }
    }

    /// As [`Asking::into_links`], with what the query wants committed if it was answered.
    pub fn into_links_and_changes(mut self) -> (Links, Vec<Change>) {
        self.core.keep();
        (self.links, std::mem::take(&mut self.core.turn.changes))
    }

    /// The programs that this query linked, for what comes next to the pico.
    pub fn into_links(self) -> Links {
        self.links
    }
}
