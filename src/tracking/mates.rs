//! Batch-mates: charts that made the same step at the same station in one go. What became of the others says something
//! about the one that stayed behind in the record. Pure.

use super::grammar::MovementKind;
use jiff::SignedDuration;

/// Steps further apart than this were not one batch.
pub const APART_MAX: SignedDuration = SignedDuration::from_mins(20);
/// Movements before and after one among which its batch-mates are looked for.
pub const NEAR: i64 = 200;
/// Fewer mates than this prove nothing.
const MATES_MIN: u32 = 3;

/// The charts that went along with one, and how many of them have gone on without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mates {
    /// How many went along.
    pub with_it: u32,
    /// How many of them have been scanned further on since: arrived, if it is on its way; else back in the file room.
    pub gone_on: u32,
}

impl Mates {
    /// Most of a real batch has gone on: the one that has not was probably left out of the scanning, or is lost.
    pub fn left_it_behind(self) -> bool {
        self.with_it >= MATES_MIN && u64::from(self.gone_on) * 3 >= u64::from(self.with_it) * 2
    }
}

/// Whether a step is one that charts make together and come back from together.
pub fn goes_in_batches(kind: MovementKind) -> bool {
    matches!(
        kind,
        MovementKind::ChargedOut
            | MovementKind::Transferred
            | MovementKind::Dispatched
            | MovementKind::Received
            | MovementKind::Unpacked
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_thirds_of_at_least_three_leave_one_behind() {
        for (with_it, gone_on, expect) in [
            (0, 0, false),
            (1, 1, false),
            (2, 2, false),
            (3, 1, false),
            (3, 2, true),
            (3, 3, true),
            (50, 33, false),
            (50, 34, true),
            (u32::MAX, u32::MAX, true),
        ] {
            assert_eq!(Mates { with_it, gone_on }.left_it_behind(), expect, "{gone_on} of {with_it}");
        }
    }
}
