//! Schedules: events that a pico sends itself later.

use crate::cron::Cron;
use crate::id::{Eci, Rid};
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
    /// The ruleset that made it: that one alone sees it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rid: Option<Rid>,
    /// The channel by which its event seems to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eci: Option<Eci>,
}

/// When a schedule is due again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeat {
    /// So many seconds after the last due time.
    EverySeconds(u32),
    /// By the calendar.
    Cron(Cron),
}

impl Repeat {
    /// The first due time after `now`, when the last one was `due_at`: unix milliseconds.
    fn next_after(&self, due_at: i64, now: i64) -> Option<i64> {
        match self {
            Self::EverySeconds(seconds) => {
                let period = i64::from((*seconds).max(PERIOD_SECONDS_MIN)) * 1000;
                let missed = (now - due_at).max(0) / period;
                Some(due_at + (missed + 1) * period)
            }
            // Its least period is a second by itself.
            Self::Cron(cron) => cron.next_after(now.max(due_at)),
        }
    }
}

impl Schedule {
    /// The schedule after it fired at its due time, or `None` when it is over.
    ///
    /// A schedule that was due several times while nobody looked fires once and resumes at
    /// its next time after `now`.
    pub fn after_firing(mut self, now: i64) -> Option<Self> {
        self.due_at = self.repeat.as_ref()?.next_after(self.due_at, now)?;
        Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(due_at: i64, repeat: Option<Repeat>) -> Schedule {
        let (id, domain, name) = ("s".into(), "d".into(), "n".into());
        Schedule { id, domain, name, attrs: Map::new(), due_at, repeat, rid: None, eci: None }
    }

    #[test]
    fn a_repeat_resumes_at_its_next_time() {
        let every = schedule(1_000, Some(Repeat::EverySeconds(2)));
        assert_eq!(every.clone().after_firing(1_000).unwrap().due_at, 3_000);
        assert_eq!(every.after_firing(8_500).unwrap().due_at, 9_000);
    }

    #[test]
    fn a_cron_expression_resumes_at_its_next_time() {
        let cron = Repeat::Cron(Cron::parse("*/10 * * * * *").unwrap());
        let every = schedule(10_000, Some(cron));
        assert_eq!(every.clone().after_firing(10_004).unwrap().due_at, 20_000);
        assert_eq!(every.clone().after_firing(75_000).unwrap().due_at, 80_000);
        assert_eq!(every.after_firing(9_000).unwrap().due_at, 20_000);
        let never = Repeat::Cron(Cron::parse("0 0 31 4,6 *").unwrap());
        assert_eq!(schedule(0, Some(never)).after_firing(0), None);
    }

    #[test]
    fn stored_repeats_keep_their_shape() {
        for stored in [r#"{"every_seconds":5}"#, r#"{"cron":"0 9 * * MON"}"#] {
            let repeat: Repeat = serde_json::from_str(stored).unwrap();
            assert_eq!(serde_json::to_string(&repeat).unwrap(), stored);
        }
    }

    #[test]
    fn a_single_schedule_is_over_once_it_fired() {
        assert_eq!(schedule(1, None).after_firing(1), None);
    }
}
