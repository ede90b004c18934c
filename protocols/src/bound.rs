//! Whose thread it is: a role, bound to one authenticated sender.
//!
//! Source: `promises.md` T-D2 and T-D8: a thread id is no secret, so whoever knows it must not
//! move someone else's exchange. A connectionless exchange (RFC 0434 §Connectionless) starts
//! unbound and belongs to the first authenticated sender whose message moves it.
//!
//! Absent on purpose: how a sender is authenticated; that is `picomesh_didcomm::bind`.

use serde::{Deserialize, Serialize};

use crate::Step;

/// A role of a protocol and the peer it deals with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bound<S> {
    /// The only sender that may move this thread; `None` until the first has done so.
    pub bound_to: Option<String>,
    /// The role's state.
    pub role: S,
}

/// The sender is not the one whose thread this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the thread belongs to another sender")]
pub struct Stranger;

impl<S> Bound<S> {
    /// A role that deals with `peer`: a connection, a DID or a key, as the caller names peers.
    pub fn to(peer: impl Into<String>, role: S) -> Self {
        Self { bound_to: Some(peer.into()), role }
    }

    /// A role whose peer is not known yet: a connectionless exchange.
    pub fn open(role: S) -> Self {
        Self { bound_to: None, role }
    }

    /// Runs a step for an input of our own.
    ///
    /// # Errors
    /// Those of `step`; nothing has changed then.
    pub fn act<E, X>(
        self,
        step: impl FnOnce(S) -> Result<Step<S, E>, X>,
    ) -> Result<Step<Self, E>, X> {
        let Step { state, effects } = step(self.role)?;
        Ok(Step { state: Self { bound_to: self.bound_to, role: state }, effects })
    }

    /// Runs a step for a message of the authenticated `sender`, and binds an open thread to it.
    ///
    /// A message that is refused binds nobody.
    ///
    /// # Errors
    /// [`Stranger`] for any other sender than the bound one, else those of `step`.
    pub fn receive<E, X: From<Stranger>>(
        self,
        sender: &str,
        step: impl FnOnce(S) -> Result<Step<S, E>, X>,
    ) -> Result<Step<Self, E>, X> {
        if self.bound_to.as_deref().is_some_and(|peer| peer != sender) {
            return Err(Stranger.into());
        }
        Bound::to(sender, self.role).act(step)
    }
}
