//! Schedules: events that a pico sends itself later.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Shortest time between two events of one schedule, in seconds.
pub const PERIOD_SECONDS_MIN: u32 = 1;
/// Most schedules of one pico.
pub const SCHEDULES_PER_PICO_MAX: usize = 100;

/// An event to raise at a time, once or again and again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Schedule {
    /// Names the schedule within its pico.
    pub id: String,
    /// Domain of the event.
    pub domain: String,
    /// Name of the event.
    pub name: String,
    /// Attributes of the event.
    pub attrs: Map<String, Value>,
    /// Next time it is due, in unix milliseconds.
    pub due_at: i64,
    /// Whether it comes again.
    pub repeat: Option<Repeat>,
}

/// When a schedule is due again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// So many seconds after the last due time.
    EverySeconds(u32),
}

impl Schedule {
    /// The schedule after it fired at its due time, or `None` when it is over.
    ///
    /// A schedule that was due several times while nobody looked fires once and resumes at
    /// its next time after `now`.
    pub fn after_firing(mut self, now: i64) -> Option<Self> {
        let Repeat::EverySeconds(seconds) = self.repeat?;
        let period = i64::from(seconds.max(PERIOD_SECONDS_MIN)) * 1000;
        let missed = (now - self.due_at).max(0) / period;
        self.due_at += (missed + 1) * period;
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(due_at: i64, repeat: Option<Repeat>) -> Schedule {
        let (id, domain, name) = ("s".into(), "d".into(), "n".into());
        Schedule { id, domain, name, attrs: Map::new(), due_at, repeat }
    }

    #[test]
    fn a_repeat_resumes_at_its_next_time() {
        let every = schedule(1_000, Some(Repeat::EverySeconds(2)));
        assert_eq!(every.clone().after_firing(1_000).unwrap().due_at, 3_000);
        assert_eq!(every.after_firing(8_500).unwrap().due_at, 9_000);
    }

    #[test]
    fn a_single_schedule_is_over_once_it_fired() {
        assert_eq!(schedule(1, None).after_firing(1), None);
    }
}
