//! How many notices one recipient gets, and when one is tried again: a flood is gathered, never sent on.

use jiff::{SignedDuration, Timestamp};

/// Longest wait before a notice is tried again.
const WAIT_MAX: SignedDuration = SignedDuration::from_mins(30);
/// The first wait; each further one is twice as long.
const WAIT_FIRST: SignedDuration = SignedDuration::from_mins(1);

/// How many notices one recipient gets. What is held back is owed still, and goes into the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// Least time between two notices of the same step to the same recipient.
    pub apart: SignedDuration,
    /// Most notices to one recipient in 24 hours.
    pub per_day: u32,
    /// Most notices that are sent in a minute, to all.
    pub per_minute: usize,
    /// Most charts that one message lists; it names the number of all.
    pub charts: usize,
}

impl Default for Caps {
    fn default() -> Caps {
        Caps { apart: SignedDuration::from_mins(60), per_day: 12, per_minute: 30, charts: 50 }
    }
}

/// What a recipient got.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Recent {
    /// When the last notice of the step was written; one from the future counts for nothing.
    pub last_of_step: Option<Timestamp>,
    /// Notices of the last 24 hours.
    pub of_day: u32,
}

impl Caps {
    /// Says whether one more may be written.
    pub fn allow(&self, recent: Recent, now: Timestamp) -> bool {
        let is_close =
            recent.last_of_step.is_some_and(|last| last <= now && now.duration_since(last) < self.apart);
        !is_close && recent.of_day < self.per_day
    }
}

/// How long to wait after so many tries.
pub fn backoff(tries: u32) -> SignedDuration {
    let doubled = 2_i32.checked_pow(tries.saturating_sub(1).min(10)).unwrap_or(i32::MAX);
    WAIT_FIRST.checked_mul(doubled).unwrap_or(WAIT_MAX).min(WAIT_MAX)
}
