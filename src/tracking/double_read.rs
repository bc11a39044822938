//! Remembers which source read which code a moment ago.

use super::SourceId;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// The codes read lately, by source. Times are the daemon's monotonic clock, so that a clock step makes no doubles.
#[derive(Debug, Default)]
pub struct DoubleReads {
    last: HashMap<SourceId, VecDeque<(Vec<u8>, Duration)>>,
}

/// Most codes remembered of one source: more than a hand scans within any window. Of a flood beyond it, a second read
/// counts as *already here*, which changes nothing either.
const REMEMBERED_MAX: usize = 64;

impl DoubleReads {
    /// Notes that `source` read `code` at `now`, and says whether it had done so within `window`.
    pub fn note(&mut self, source: SourceId, code: &[u8], now: Duration, window: Duration) -> bool {
        let reads = self.last.entry(source).or_default();
        while reads.front().is_some_and(|(_, at)| now.saturating_sub(*at) > window) {
            reads.pop_front();
        }
        let double = reads.iter().any(|(read, _)| read == code);
        if reads.len() >= REMEMBERED_MAX {
            reads.pop_front();
        }
        reads.push_back((code.to_vec(), now));
        double
    }

    /// Forgets a reading that did not get onto the disk: the next one is the first.
    pub fn forget(&mut self, source: SourceId, code: &[u8]) {
        if let Some(reads) = self.last.get_mut(&source) {
            reads.retain(|(read, _)| read != code);
        }
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
        assert_eq!(reads.last[&SourceId(1)].len(), REMEMBERED_MAX);
    }

    #[test]
    fn a_reading_that_was_not_recorded_is_not_the_first_of_a_pair() {
        let mut reads = DoubleReads::default();
        reads.note(SourceId(1), b"V1", Duration::ZERO, Duration::from_secs(2));
        reads.forget(SourceId(1), b"V1");
        assert!(!reads.note(SourceId(1), b"V1", Duration::from_millis(1), Duration::from_secs(2)));
    }
}
