//! Why the engine did not take an input or did not finish it.

use crate::store::StoreError;
use picomesh_pico::{Eci, Fault, PicoId, PolicyRefusal};

/// Why the engine did not take an input or did not finish it.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// There is no such pico.
    #[error("pico {0} not found")]
    NoPico(PicoId),
    /// There is no such channel.
    #[error("ECI not found {0}")]
    NoChannel(Eci),
    /// The channel's policy does not let it through.
    #[error(transparent)]
    Policy(#[from] PolicyRefusal),
    /// The query did not finish.
    #[error(transparent)]
    Query(Fault),
    /// Too many inputs wait for this pico: try again.
    #[error("too many inputs wait for this pico")]
    Busy,
    /// The engine is stopping: try again elsewhere or later.
    #[error("the engine is stopping")]
    Stopping,
    /// The store did not take it; nothing is known to be written: try again.
    #[error("the store is not available: {0}")]
    Unavailable(String),
    /// The store refuses what the turn wrote: our fault.
    #[error("the store refuses this turn: {0}")]
    Refused(String),
}

impl EngineError {
    /// As a program sees it: a text that begins with its kind.
    pub fn as_thrown(&self) -> String {
        match self {
            Self::Query(fault) => thrown(fault),
            Self::NoPico(_)
            | Self::NoChannel(_)
            | Self::Policy(_)
            | Self::Busy
            | Self::Stopping
            | Self::Unavailable(_)
            | Self::Refused(_) => format!("Error: {self}"),
        }
    }
}

/// A fault as a program sees it.
pub fn thrown(fault: &Fault) -> String {
    match fault {
        Fault::Thrown(text) => text.clone(),
        Fault::Missing(_)
        | Fault::Outside(_)
        | Fault::Refused { .. }
        | Fault::Limit { .. }
        | Fault::Broken(_)
        | _ => format!("Error: {fault}"),
    }
}

impl From<StoreError> for EngineError {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error.to_string())
    }
}
