//! A query to a program.

use super::driver::{Driver, Ended};
use super::link::{Linked, Links};
use super::{RunStop, host, to_fault};
use crate::context::Context;
use crate::event::Query;
use crate::fault::Fault;
use picomesh_krl::library::Meter;
use picomesh_krl::machine::Machine;
use picomesh_krl::value::Map;
use serde_json::Value;

/// A query on its way through a program.
pub(crate) struct Ask(Driver);

impl Ask {
    pub(crate) fn new(
        context: &mut Context,
        links: &mut Links,
        linked: &Linked,
        query: &Query,
    ) -> Result<Self, Fault> {
        let machine = Self::machine(context, links, linked, query, Meter::default())?;
        Ok(Self(Driver::new(machine)))
    }

    /// The machine that answers a query.
    pub(crate) fn machine(
        context: &mut Context,
        links: &mut Links,
        linked: &Linked,
        query: &Query,
        meter: Meter,
    ) -> Result<Machine, Fault> {
        if !linked.source.compiled.program.is_shared(&query.name) {
            let (rid, name) = (&query.rid, &query.name);
            let text = format!("Ruleset {rid} does not have query function {name:?}");
            return Err(Fault::refused("not-found", text));
        }
        let args = query.args.iter();
        let args: Result<Vec<_>, Fault> =
            args.map(|(name, value)| Ok((name.as_str().into(), host::from_json(value)?))).collect();
        let args = Map::new(args?).map_err(to_fault)?;
        let mut machine = links.machine(context, meter, true);
        machine.query(&linked.instance, &query.name, &args).map_err(to_fault)?;
        Ok(machine)
    }

    /// Runs on. The answer `None` is nothing at all, which is not JSON's `null`.
    pub(crate) fn run(
        &mut self,
        context: &mut Context,
        links: &mut Links,
    ) -> RunStop<Option<Value>> {
        match self.0.run(context, links) {
            RunStop::Wait(fault) => RunStop::Wait(fault),
            RunStop::Pause => RunStop::Pause,
            RunStop::Over(Ok(Ended::Value(value))) => RunStop::Over(host::answered(&value)),
            RunStop::Over(Ok(Ended::Rule(_))) => RunStop::Over(Ok(None)),
            RunStop::Over(Err(fault)) => RunStop::Over(Err(fault)),
        }
    }
}
