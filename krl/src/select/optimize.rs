//! Joins states that the same events reach.

use super::graph::{Graph, Node, Transition, TriggerId};
use indexmap::{IndexMap, IndexSet};
use std::collections::{BTreeSet, HashMap};

impl Graph {
    /// Joins states that one state reaches by one trigger, where nothing else tells them apart,
    /// and orders the transitions by trigger, then origin, then target as first met.
    ///
    /// The reference's order and its choice of which state stays are kept: they decide in which
    /// order triggers are asked later.
    pub(super) fn optimize(&mut self) {
        while self.join_once() {}
        let mut ordered: IndexMap<TriggerId, IndexMap<Node, IndexSet<Node>>> = IndexMap::new();
        for Transition { from, on, to } in self.transitions.drain(..) {
            ordered.entry(on).or_default().entry(from).or_default().insert(to);
        }
        for (on, origins) in ordered {
            for (from, targets) in origins {
                let transitions = targets.into_iter().map(|to| Transition { from, on, to });
                self.transitions.extend(transitions);
            }
        }
    }

    /// One pass; whether it joined anything.
    fn join_once(&mut self) -> bool {
        let mut reached: HashMap<(Node, TriggerId), Node> = HashMap::new();
        let mut pairs = Vec::new();
        for Transition { from, on, to } in &self.transitions {
            let first = *reached.entry((*from, *on)).or_insert(*to);
            if first != *to {
                pairs.push((*to, first));
            }
        }
        if pairs.is_empty() {
            return false;
        }
        let mut index = Index::new(&self.transitions);
        let mut has_joined = false;
        for (gone, kept) in pairs {
            let is_start_with_end =
                [(self.start, self.end), (self.end, self.start)].contains(&(gone, kept));
            let is_same =
                index.arrivals(gone, &self.transitions) == index.arrivals(kept, &self.transitions);
            if is_same && !is_start_with_end {
                index.join(gone, kept, &mut self.transitions);
                has_joined = true;
            }
        }
        has_joined
    }
}

/// Which transitions leave and reach a state.
struct Index {
    leaving: HashMap<Node, Vec<usize>>,
    reaching: HashMap<Node, Vec<usize>>,
}

impl Index {
    fn new(transitions: &[Transition]) -> Self {
        let mut index = Self { leaving: HashMap::new(), reaching: HashMap::new() };
        for (place, transition) in transitions.iter().enumerate() {
            index.leaving.entry(transition.from).or_default().push(place);
            index.reaching.entry(transition.to).or_default().push(place);
        }
        index
    }

    /// From where and by what a state is reached.
    fn arrivals(&self, node: Node, transitions: &[Transition]) -> BTreeSet<(Node, TriggerId)> {
        let places = self.reaching.get(&node).map(Vec::as_slice).unwrap_or_default();
        places.iter().map(|place| (transitions[*place].from, transitions[*place].on)).collect()
    }

    fn join(&mut self, gone: Node, kept: Node, transitions: &mut [Transition]) {
        let leaving = self.leaving.remove(&gone).unwrap_or_default();
        for place in &leaving {
            transitions[*place].from = kept;
        }
        self.leaving.entry(kept).or_default().extend(leaving);
        let reaching = self.reaching.remove(&gone).unwrap_or_default();
        for place in &reaching {
            transitions[*place].to = kept;
        }
        self.reaching.entry(kept).or_default().extend(reaching);
    }
}
