//! The graph of states and transitions while an expression is being compiled.

use super::SELECT_TRANSITIONS_MAX;
use crate::fault::Fault;
use std::collections::{BTreeSet, HashMap};

/// A state, unique within one [`Supply`].
pub(super) type Node = u32;

/// Names a trigger in a [`Supply`].
pub(super) type TriggerId = u32;

/// What a transition waits for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Trigger {
    /// The primitive of this index.
    Primitive(usize),
    /// An event that the trigger does not take.
    Not(TriggerId),
    /// An event that one of these takes, asked in order.
    Or(Vec<TriggerId>),
}

/// Hands out states and triggers; equal triggers get equal ids.
#[derive(Debug, Default)]
pub(super) struct Supply {
    nodes: Node,
    ids: HashMap<Trigger, TriggerId>,
    pub(super) triggers: Vec<Trigger>,
    /// How deeply each trigger nests and how many it holds.
    sizes: Vec<(usize, usize)>,
}

/// How deeply triggers may nest: only a `then` that begins with a `then` nests them at all.
const TRIGGER_DEPTH_MAX: usize = 64;

impl Supply {
    pub(super) fn node(&mut self) -> Node {
        self.nodes += 1;
        self.nodes
    }

    pub(super) fn trigger(&mut self, trigger: Trigger) -> Result<TriggerId, Fault> {
        if let Some(id) = self.ids.get(&trigger) {
            return Ok(*id);
        }
        let parts: &[TriggerId] = match &trigger {
            Trigger::Primitive(_) => &[],
            Trigger::Not(part) => std::slice::from_ref(part),
            Trigger::Or(parts) => parts,
        };
        let sizes = parts.iter().map(|part| self.sizes[*part as usize]);
        let (depth, weight) = sizes.fold((0, 0usize), |(depth, weight), part| {
            (depth.max(part.0), weight.saturating_add(part.1))
        });
        if depth >= TRIGGER_DEPTH_MAX || weight >= SELECT_TRANSITIONS_MAX {
            return Err(Fault::Limit("SELECT_TRANSITIONS_MAX"));
        }
        self.sizes.push((depth + 1, weight + 1));
        self.triggers.push(trigger.clone());
        let id = self.ids.len() as TriggerId;
        self.ids.insert(trigger, id);
        Ok(id)
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Transition {
    pub(super) from: Node,
    pub(super) on: TriggerId,
    pub(super) to: Node,
}

/// Transitions between two states of note. Their order decides which trigger is asked first.
#[derive(Clone, Debug)]
pub(super) struct Graph {
    pub(super) start: Node,
    pub(super) end: Node,
    pub(super) transitions: Vec<Transition>,
    /// The primitives whose events the graph takes notice of.
    pub(super) primitives: BTreeSet<usize>,
}

impl Graph {
    pub(super) fn new(supply: &mut Supply) -> Self {
        Self {
            start: supply.node(),
            end: supply.node(),
            transitions: Vec::new(),
            primitives: BTreeSet::new(),
        }
    }

    /// A graph that waits for one primitive.
    pub(super) fn primitive(index: usize, supply: &mut Supply) -> Result<Self, Fault> {
        let mut graph = Self::new(supply);
        let on = supply.trigger(Trigger::Primitive(index))?;
        graph.transitions.push(Transition { from: graph.start, on, to: graph.end });
        graph.primitives.insert(index);
        Ok(graph)
    }

    /// Adds a copy of another graph between two states.
    pub(super) fn append(
        &mut self,
        other: &Graph,
        start: Node,
        end: Node,
        supply: &mut Supply,
    ) -> Result<(), Fault> {
        self.room(other.transitions.len())?;
        let mut places = HashMap::from([(other.start, start), (other.end, end)]);
        for transition in &other.transitions {
            let from = *places.entry(transition.from).or_insert_with(|| supply.node());
            let to = *places.entry(transition.to).or_insert_with(|| supply.node());
            self.transitions.push(Transition { from, on: transition.on, to });
        }
        self.primitives.extend(&other.primitives);
        Ok(())
    }

    /// Adds copies of graphs one behind the other, from this start to this end. Returns the
    /// states between them.
    pub(super) fn chain(
        &mut self,
        others: &[&Graph],
        supply: &mut Supply,
    ) -> Result<Vec<Node>, Fault> {
        let mut between = Vec::new();
        let mut from = self.start;
        for (place, other) in others.iter().enumerate() {
            let to = if place + 1 == others.len() { self.end } else { supply.node() };
            self.append(other, from, to, supply)?;
            between.push(to);
            from = to;
        }
        between.pop();
        Ok(between)
    }

    /// Makes sure that more transitions are allowed.
    pub(super) fn room(&self, more: usize) -> Result<(), Fault> {
        if self.transitions.len().saturating_add(more) > SELECT_TRANSITIONS_MAX {
            return Err(Fault::Limit("SELECT_TRANSITIONS_MAX"));
        }
        Ok(())
    }
}
