//! The time of the picos: the system's, or a given one in tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Tells the time in unix milliseconds.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The system's clock.
    System,
    /// A time that a test sets.
    Given(Arc<AtomicI64>),
}

impl Clock {
    /// Now, in unix milliseconds.
    pub fn now(&self) -> i64 {
        match self {
            Self::System => chrono::Utc::now().timestamp_millis(),
            Self::Given(time) => time.load(Ordering::SeqCst),
        }
    }
}
