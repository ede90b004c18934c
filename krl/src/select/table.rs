//! The finished machine: for each state, which triggers lead where.

use super::graph::{Graph, Supply, Trigger, TriggerId};
use std::collections::{BTreeSet, HashMap};

/// The state in which a machine starts.
pub(super) const START: u32 = 0;
/// The state that selects the rule.
pub(super) const END: u32 = 1;

/// Transitions by state.
#[derive(Debug)]
pub(super) struct Table {
    rows: Vec<Vec<(TriggerId, u32)>>,
    pub(super) triggers: Vec<Trigger>,
    /// The primitives whose events the machine takes notice of.
    pub(super) primitives: BTreeSet<usize>,
}

impl Table {
    /// Numbers the states in the order of the transitions, so that the same source gives the
    /// same numbers: stored states rely on it.
    pub(super) fn new(graph: Graph, supply: Supply) -> Self {
        let mut numbers = HashMap::from([(graph.start, START), (graph.end, END)]);
        let mut rows: Vec<Vec<(TriggerId, u32)>> = vec![Vec::new(); 2];
        for transition in &graph.transitions {
            let [from, to] = [transition.from, transition.to].map(|node| {
                let next = numbers.len() as u32;
                *numbers.entry(node).or_insert(next)
            });
            rows.resize(numbers.len(), Vec::new());
            rows[from as usize].push((transition.on, to));
        }
        Self { rows, triggers: supply.triggers, primitives: graph.primitives }
    }

    /// Where a state leads; empty for one from which nothing leads on.
    pub(super) fn row(&self, state: u32) -> &[(TriggerId, u32)] {
        self.rows.get(state as usize).map(Vec::as_slice).unwrap_or_default()
    }
}
