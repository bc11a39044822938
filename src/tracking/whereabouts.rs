//! Where a volume is, derived from its movements alone.

use super::{CustodianId, MovementNo};
use jiff::Timestamp;

/// One movement of a volume, as far as its place is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Its place in history.
    pub no: MovementNo,
    /// Who has had the volume since.
    pub to: CustodianId,
    /// When it was scanned.
    pub scanned_at: Timestamp,
    /// It came in after a later one and changes nothing.
    pub late: bool,
}

/// Where a volume is and since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Whereabouts {
    /// Who has it.
    pub at: CustodianId,
    /// When it was scanned there; `None` if it never moved.
    pub since: Option<Timestamp>,
    /// The movement that put it there.
    pub movement: Option<MovementNo>,
}

/// Whereabouts after `steps`, in order of their numbers, of a volume that belongs to `home`.
pub fn recompute(home: CustodianId, steps: impl IntoIterator<Item = Step>) -> Whereabouts {
    let never_moved = Whereabouts { at: home, since: None, movement: None };
    steps.into_iter().filter(|step| !step.late).last().map_or(never_moved, |step| Whereabouts {
        at: step.to,
        since: Some(step.scanned_at),
        movement: Some(step.no),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_movement_that_was_not_late_counts() {
        let step = |no, to, late| Step {
            no: MovementNo(no),
            to: CustodianId(to),
            scanned_at: Timestamp::UNIX_EPOCH,
            late,
        };
        let home = CustodianId(1);
        assert_eq!(recompute(home, []).at, home);
        assert_eq!(recompute(home, [step(1, 5, false), step(2, 6, false)]).at, CustodianId(6));
        assert_eq!(recompute(home, [step(1, 5, false), step(2, 6, true)]).at, CustodianId(5));
        assert_eq!(recompute(home, [step(2, 6, true)]).movement, None);
    }
}
