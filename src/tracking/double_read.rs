//! Remembers which source read which code a moment ago.

use super::SourceId;
use std::collections::HashMap;
use std::time::Duration;

/// The codes read lately, by source. Times are the daemon's monotonic clock, so that a clock step makes no doubles.
#[derive(Debug, Default)]
pub struct DoubleReads {
    last: HashMap<(SourceId, Vec<u8>), Duration>,
    longest_window: Duration,
    pruned: Duration,
}

/// How often codes older than the longest window are forgotten, so that a flood of codes is not kept for long.
const PRUNED_EVERY: Duration = Duration::from_secs(1);

impl DoubleReads {
    /// Notes that `source` read `code` at `now`, and says whether it had done so within `window`.
    pub fn note(&mut self, source: SourceId, code: &[u8], now: Duration, window: Duration) -> bool {
        self.longest_window = self.longest_window.max(window);
        if now.saturating_sub(self.pruned) > PRUNED_EVERY {
            self.last.retain(|_, at| now.saturating_sub(*at) <= self.longest_window);
            self.pruned = now;
        }
        let before = self.last.insert((source, code.to_vec()), now);
        before.is_some_and(|before| now.saturating_sub(before) <= window)
    }

    /// Forgets a reading that did not get onto the disk: the next one is the first.
    pub fn forget(&mut self, source: SourceId, code: &[u8]) {
        self.last.remove(&(source, code.to_vec()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_code_from_the_same_source_within_the_window_is_a_double() {
        let mut reads = DoubleReads::default();
        let window = Duration::from_secs(2);
        let mut check = |source, code: &str, ms, expect| {
            assert_eq!(
                reads.note(SourceId(source), code.as_bytes(), Duration::from_millis(ms), window),
                expect,
                "{ms}"
            );
        };
        check(1, "V1", 0, false);
        check(1, "V1", 50, true);
        check(2, "V1", 60, false);
        check(1, "V2", 70, false);
        check(1, "V1", 2050, true);
        check(1, "V1", 4051, false);
        check(1, "V1", 500_000, false);
    }

    #[test]
    fn a_flood_of_codes_is_not_kept() {
        let mut reads = DoubleReads::default();
        for number in 0..20_000_u32 {
            let now = Duration::from_millis(u64::from(number));
            reads.note(SourceId(1), &number.to_be_bytes(), now, Duration::from_secs(2));
        }
        assert!(reads.last.len() <= 3002, "{}", reads.last.len());
    }

    #[test]
    fn a_reading_that_was_not_recorded_is_not_the_first_of_a_pair() {
        let mut reads = DoubleReads::default();
        reads.note(SourceId(1), b"V1", Duration::ZERO, Duration::from_secs(2));
        reads.forget(SourceId(1), b"V1");
        assert!(!reads.note(SourceId(1), b"V1", Duration::from_millis(1), Duration::from_secs(2)));
    }
}
