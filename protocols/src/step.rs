//! What a step returns: the next state and the effects to perform.
//!
//! Source: house style §1. Absent on purpose: anything that performs an effect.

/// The outcome of one step of a protocol role.
///
/// A refused step is an `Err` beside it and changes nothing; so a `Step` that is not stored
/// loses a valid message.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step<S, E> {
    /// The state that follows.
    pub state: S,
    /// What the agent has to do once the state is on disk, in this order.
    pub effects: Vec<E>,
}

impl<S, E> Step<S, E> {
    /// A step to `state` with its effects in order.
    pub fn new(state: S, effects: impl IntoIterator<Item = E>) -> Self {
        Self { state, effects: effects.into_iter().collect() }
    }

    /// A step to `state` that asks for nothing.
    pub fn quiet(state: S) -> Self {
        Self { state, effects: Vec::new() }
    }
}
