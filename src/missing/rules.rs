//! What a site settles about missing charts. Pure.

use crate::tracking::DueRule;
use jiff::SignedDuration;

/// What a site settles about missing charts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// When a chart that was sent should have arrived.
    pub way: DueRule,
    /// When a chart that came back should be on its shelf.
    pub sorting: DueRule,
    /// A chart that is needed within this time is needed soon.
    pub soon: SignedDuration,
    /// A supervisor confirms that a chart which was searched for is found.
    pub confirms_finds: bool,
    /// Only a supervisor declares a chart missing on the pages. Nobody is asked who scans MISSING.
    pub supervisor_flags: bool,
}

impl Default for Rules {
    fn default() -> Rules {
        Rules {
            way: DueRule::WorkingDays(1),
            sorting: DueRule::WorkingDays(2),
            soon: SignedDuration::from_hours(3 * 24),
            confirms_finds: false,
            supervisor_flags: false,
        }
    }
}

/// A room that was gone through folder by folder: what was expected in it, and what was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Round {
    /// Folders that the record has there, and had when it began.
    pub expected: u64,
    /// Of these, those that were seen.
    pub seen: u64,
}

impl Round {
    /// Most of what should be there was seen, so what was not is remarkable. Of a room of which one shelf was gone
    /// through, nothing follows for the others.
    pub fn was_whole(self) -> bool {
        self.seen > 0 && self.seen.saturating_mul(3) >= self.expected.saturating_mul(2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_of_which_a_part_was_seen_says_nothing_of_the_rest() {
        for (expected, seen, expect) in
            [(0, 0, false), (1, 0, false), (1, 1, true), (3, 2, true), (30, 19, false), (30, 20, true)]
        {
            assert_eq!(Round { expected, seen }.was_whole(), expect, "{seen} of {expected}");
        }
    }
}
