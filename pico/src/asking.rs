//! One query: a question to one ruleset of one pico. It may read, it may not write.

use crate::context::{Context, Core};
use crate::event::Query;
use crate::fault::Fault;
use crate::program::{Links, Member};
use crate::registry::Registry;
use crate::state::State;
use crate::turn::{Progress, wait};
use serde_json::Value;

/// A query on its way through a pico. It is run as a [turn](crate::Turn) is.
pub struct Asking {
    core: Core,
    links: Links,
    query: Query,
}

impl Asking {
    /// A query to the pico of `state`; `now` and `seed` as for a turn.
    pub fn new(state: &mut State, query: Query, now: i64, seed: [u8; 32]) -> Self {
        let core = Core::new(state.pico.clone(), now, seed, false);
        Self { core, links: state.take_links(), query }
    }

    /// Hands in what the outside answered to [`Progress::Outside`].
    pub fn answer(&mut self, answer: Result<Value, String>) {
        self.core.answer(answer);
    }

    /// Runs on, with the state as far as it is loaded by now.
    pub fn run(&mut self, state: &State, registry: &Registry) -> Progress<Result<Value, Fault>> {
        let mut context = Context::new(state, registry, &mut self.core);
        match attempt(&mut context, &mut self.links, &self.query) {
            Err(fault) if fault.is_wait() => {
                self.core.rewind();
                wait(fault).unwrap_or(Progress::Pause)
            }
            answer => Progress::Done(answer),
        }
    }

    /// The programs that this query linked, for what comes next to the pico.
    pub fn into_links(self) -> Links {
        self.links
    }
}

fn attempt(context: &mut Context, links: &mut Links, query: &Query) -> Result<Value, Fault> {
    match links.member(context, &query.rid)? {
        Some(Member::Native(ruleset)) => {
            context.core.start(&query.rid, "");
            ruleset.query(&query.name, &query.args, context)
        }
        Some(Member::Program(instance)) => match instance {},
        None => Err(Fault::thrown(format_args!("Pico doesn't have {} installed.", query.rid))),
    }
}
