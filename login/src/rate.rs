//! A token bucket as a value: how often somebody may do something.
//!
//! Source: bad-input rows 95 and 97 (relayed logins, guessed secrets); the numbers are in
//! [`crate::limits`].
//!
//! Absent on purpose: the map from address or client to bucket, which the agent keeps in memory.

use serde::{Deserialize, Serialize};

/// So many at once, and one more each `refill_seconds`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    left: u32,
    since: u64,
}

impl Bucket {
    /// A full bucket.
    #[must_use]
    pub fn full(burst: u32, now: u64) -> Self {
        Self { left: burst, since: now }
    }

    /// Takes one, or says after how many seconds to try again.
    ///
    /// A clock that goes backwards neither fills the bucket nor locks it for longer than one
    /// refill.
    pub fn take(&mut self, burst: u32, refill_seconds: u64, now: u64) -> Result<(), u64> {
        let refill_seconds = refill_seconds.max(1);
        self.since = self.since.min(now);
        let refills = (now - self.since) / refill_seconds;
        self.since += refills * refill_seconds;
        let refilled = u64::from(self.left).saturating_add(refills).min(u64::from(burst));
        self.left = u32::try_from(refilled).unwrap_or(burst);
        if self.left == burst {
            self.since = now;
        }
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                Ok(())
            }
            None => Err(refill_seconds - (now - self.since)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let mut bucket = Bucket::full(2, 100);
        assert_eq!(bucket.take(2, 10, 100), Ok(()));
        assert_eq!(bucket.take(2, 10, 101), Ok(()));
        assert_eq!(bucket.take(2, 10, 102), Err(8));
        assert_eq!(bucket.take(2, 10, 110), Ok(()));
        assert_eq!(bucket.take(2, 10, 110), Err(10));
        assert_eq!(bucket.take(2, 10, 50), Err(10), "the clock went back");
        assert_eq!(bucket.take(2, 10, u64::MAX), Ok(()));
    }
}
