//! Whether a chart is missing, and how far its case has come. Pure.
//!
//! | level | suspicion | search | declare | scanned | confirm | deny | give up | clear |
//! | --- | --- | --- | --- | --- | --- | --- | --- | --- |
//! | no case | suspected | searching | missing | | | | | |
//! | suspected | | searching | missing | found | | | | cleared |
//! | searching | | | missing | found, unconfirmed | | | presumed lost | cleared |
//! | missing | | | | found, unconfirmed | | | presumed lost | |
//! | found, unconfirmed | | | | | found | missing | | |
//! | found | | | | | | | | |
//! | presumed lost | | | | found, unconfirmed | | | | |
//! | cleared | | | | | | | | |
//!
//! Where finding needs no confirmation, a scan of a missing chart goes to `found` at once. What stands in no cell is
//! refused. Merely overdue is not missing: its holder is chased first.

pub use super::reason::Reason;

/// How far a case has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// Something speaks against the record; whoever should have the chart is asked.
    Suspected,
    /// It is looked for.
    Searching,
    /// Declared missing by somebody who may.
    Missing,
    /// It was scanned; a supervisor has to confirm that it is found.
    FoundUnconfirmed,
    /// It is back.
    Found,
    /// The site's time for finding it is over.
    PresumedLost,
    /// It was where the record said.
    Cleared,
}

/// What happens to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Evidence makes it suspect.
    Suspect,
    /// Evidence, or a person, has it looked for.
    Search,
    /// A person declares it missing.
    Declare,
    /// It was scanned somewhere.
    Scanned,
    /// A supervisor has seen it.
    Confirm,
    /// A supervisor says that it is not this chart, or not there.
    Deny,
    /// The site's time is over.
    GiveUp,
    /// Whoever should have it has it.
    Clear,
}

/// The case does not take this step at its level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the case is {} and cannot be changed this way; look at it again", .0.map_or("closed", Level::title))]
pub struct NoSuchStep(pub Option<Level>);

impl Level {
    /// All levels.
    pub const ALL: [Level; 7] = [
        Level::Suspected,
        Level::Searching,
        Level::Missing,
        Level::FoundUnconfirmed,
        Level::Found,
        Level::PresumedLost,
        Level::Cleared,
    ];

    /// The word under which it is stored; never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Suspected => "suspected",
            Level::Searching => "searching",
            Level::Missing => "missing",
            Level::FoundUnconfirmed => "found-unconfirmed",
            Level::Found => "found",
            Level::PresumedLost => "presumed-lost",
            Level::Cleared => "cleared",
        }
    }

    /// Reads a stored word.
    pub fn parse(word: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.as_str() == word)
    }

    /// What people read.
    pub fn title(self) -> &'static str {
        match self {
            Level::Suspected => "suspected",
            Level::Searching => "being searched for",
            Level::Missing => "missing",
            Level::FoundUnconfirmed => "found, not yet confirmed",
            Level::Found => "found",
            Level::PresumedLost => "presumed lost",
            Level::Cleared => "not missing after all",
        }
    }

    /// Whether somebody still has to do something, or may come upon it: a chart that is presumed lost stays open.
    pub fn is_open(self) -> bool {
        !matches!(self, Level::Found | Level::Cleared)
    }
}

/// The level after a step. `confirmed`: whether finding needs a supervisor here.
///
/// # Errors
/// The case does not take this step.
pub fn next(level: Option<Level>, step: Step, confirmed: bool) -> Result<Level, NoSuchStep> {
    let found = if confirmed { Level::FoundUnconfirmed } else { Level::Found };
    Ok(match (level, step) {
        (None, Step::Suspect) => Level::Suspected,
        (None | Some(Level::Suspected), Step::Search) => Level::Searching,
        (None | Some(Level::Suspected | Level::Searching), Step::Declare) => Level::Missing,
        (Some(Level::Suspected), Step::Scanned) => Level::Found,
        (Some(Level::Searching | Level::Missing | Level::PresumedLost), Step::Scanned) => found,
        (Some(Level::FoundUnconfirmed), Step::Confirm) => Level::Found,
        (Some(Level::FoundUnconfirmed), Step::Deny) => Level::Missing,
        (Some(Level::Searching | Level::Missing), Step::GiveUp) => Level::PresumedLost,
        (Some(Level::Suspected | Level::Searching), Step::Clear) => Level::Cleared,
        (level, _) => return Err(NoSuchStep(level)),
    })
}

/// Days from discovery within which those concerned are told, should it be a breach: a reminder, never a verdict
/// (45 CFR 164.404(b)).
pub const TELL_WITHIN_DAYS: i64 = 60;

/// Something that speaks against the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Sign {
    /// A person flagged it.
    Flagged,
    /// It was to be pulled and was not where the record says.
    NotFillable,
    /// Its slot is empty though the record has it at home.
    HomeSlotEmpty,
    /// Whoever should have it says that they do not.
    HolderDenies,
    /// A sweep of the room that should have it did not see it.
    NotSighted,
    /// Most charts that went along went on without it.
    MatesWentOn,
    /// It was sent and not received for longer than the way takes.
    NeverReceived,
    /// It is overdue, and somebody needs it soon.
    OverdueAndNeeded,
    /// It is overdue, and all steps of the ladder were taken.
    BeyondLadder,
    /// It came back, and was not put on its shelf for longer than sorting takes.
    NeverRefiled,
    /// It was scanned at two places in a time in which nobody can carry it.
    Impossible,
    /// It is overdue; alone it proves nothing.
    Overdue,
}

/// Suspicion from which the holder is asked.
pub const SUSPECTED: f64 = 0.5;
/// Suspicion from which it is looked for.
pub const SEARCHED: f64 = 0.8;

impl Sign {
    /// All signs, the heaviest first.
    pub const ALL: [Sign; 12] = [
        Sign::Flagged,
        Sign::NotFillable,
        Sign::HomeSlotEmpty,
        Sign::HolderDenies,
        Sign::NotSighted,
        Sign::MatesWentOn,
        Sign::NeverReceived,
        Sign::OverdueAndNeeded,
        Sign::BeyondLadder,
        Sign::NeverRefiled,
        Sign::Impossible,
        Sign::Overdue,
    ];

    /// The word under which it is stored; never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Sign::Flagged => "flagged",
            Sign::NotFillable => "not-fillable",
            Sign::HomeSlotEmpty => "home-slot-empty",
            Sign::HolderDenies => "holder-denies",
            Sign::NotSighted => "not-sighted",
            Sign::MatesWentOn => "mates-went-on",
            Sign::NeverReceived => "never-received",
            Sign::OverdueAndNeeded => "overdue-and-needed",
            Sign::BeyondLadder => "beyond-ladder",
            Sign::NeverRefiled => "never-refiled",
            Sign::Impossible => "impossible",
            Sign::Overdue => "overdue",
        }
    }

    /// Reads a stored word.
    pub fn parse(word: &str) -> Option<Sign> {
        Sign::ALL.into_iter().find(|sign| sign.as_str() == word)
    }

    /// The chance that a chart is not where the record says, if this is all that is known. A judgement, like the
    /// defaults of the clues.
    pub fn weight(self) -> f64 {
        match self {
            Sign::Flagged => 1.0,
            Sign::NotFillable | Sign::HomeSlotEmpty | Sign::HolderDenies => 0.85,
            Sign::NotSighted => 0.8,
            Sign::MatesWentOn => 0.6,
            Sign::NeverReceived => 0.55,
            Sign::OverdueAndNeeded | Sign::BeyondLadder | Sign::NeverRefiled => 0.5,
            Sign::Impossible => 0.4,
            Sign::Overdue => 0.25,
        }
    }

    /// What it says, in a sentence without a full stop.
    pub fn sentence(self) -> &'static str {
        match self {
            Sign::Flagged => "somebody flagged it missing",
            Sign::NotFillable => "it was to be pulled and was not where the record says",
            Sign::HomeSlotEmpty => "its slot is empty",
            Sign::HolderDenies => "whoever should have it says that they do not",
            Sign::NotSighted => "it was not seen when the room was gone through",
            Sign::MatesWentOn => "most charts that went along went on without it",
            Sign::NeverReceived => "it was sent and never scanned on arrival",
            Sign::OverdueAndNeeded => "it is overdue, and needed soon",
            Sign::BeyondLadder => "it is overdue, and every reminder was sent",
            Sign::NeverRefiled => "it came back and was never scanned onto its shelf",
            Sign::Impossible => "it was scanned at two places within seconds",
            Sign::Overdue => "it is overdue",
        }
    }

    /// Signs that say the same thing; only the heaviest of them counts.
    fn group(self) -> u8 {
        match self {
            Sign::Overdue | Sign::OverdueAndNeeded | Sign::BeyondLadder => 1,
            Sign::NotFillable | Sign::HomeSlotEmpty => 2,
            Sign::HolderDenies | Sign::NotSighted => 3,
            Sign::Flagged => 4,
            Sign::MatesWentOn => 5,
            Sign::NeverReceived => 6,
            Sign::NeverRefiled => 7,
            Sign::Impossible => 8,
        }
    }
}

/// The chance that the chart is not where the record says, given all signs: as if they were independent.
pub fn suspicion(signs: &[Sign]) -> f64 {
    let mut counted: Vec<Sign> = Vec::new();
    for sign in Sign::ALL {
        if signs.contains(&sign) && counted.iter().all(|other| other.group() != sign.group()) {
            counted.push(sign);
        }
    }
    1.0 - counted.into_iter().map(|sign| 1.0 - sign.weight()).product::<f64>()
}

/// The step that evidence takes; none if it is not enough, or is no news at this level.
pub fn step(level: Option<Level>, signs: &[Sign]) -> Option<Step> {
    let suspicion = suspicion(signs);
    match level {
        None if suspicion >= SEARCHED => Some(Step::Search),
        None if suspicion >= SUSPECTED => Some(Step::Suspect),
        Some(Level::Suspected) if suspicion >= SEARCHED => Some(Step::Search),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(level: Option<Level>, step: Step, expect: Option<Level>) {
        assert_eq!(next(level, step, true).ok(), expect, "{level:?} {step:?}");
    }

    #[test]
    fn the_table() {
        check(None, Step::Suspect, Some(Level::Suspected));
        check(None, Step::Declare, Some(Level::Missing));
        check(None, Step::Scanned, None);
        check(Some(Level::Suspected), Step::Scanned, Some(Level::Found));
        check(Some(Level::Suspected), Step::Clear, Some(Level::Cleared));
        check(Some(Level::Suspected), Step::GiveUp, None);
        check(Some(Level::Searching), Step::Scanned, Some(Level::FoundUnconfirmed));
        check(Some(Level::Missing), Step::Scanned, Some(Level::FoundUnconfirmed));
        check(Some(Level::Missing), Step::Clear, None);
        check(Some(Level::Missing), Step::Search, None);
        check(Some(Level::FoundUnconfirmed), Step::Deny, Some(Level::Missing));
        check(Some(Level::FoundUnconfirmed), Step::Confirm, Some(Level::Found));
        check(Some(Level::PresumedLost), Step::Scanned, Some(Level::FoundUnconfirmed));
        check(Some(Level::Found), Step::Scanned, None);
        check(Some(Level::Cleared), Step::Declare, None);
        assert_eq!(next(Some(Level::Missing), Step::Scanned, false), Ok(Level::Found));
        assert_eq!(
            next(Some(Level::Found), Step::Declare, true).unwrap_err().to_string(),
            "the case is found and cannot be changed this way; look at it again"
        );
    }

    #[test]
    fn merely_overdue_is_not_missing() {
        assert_eq!(step(None, &[Sign::Overdue]), None);
        assert_eq!(step(None, &[Sign::Impossible]), None);
        assert_eq!(step(None, &[Sign::OverdueAndNeeded]), Some(Step::Suspect));
        assert_eq!(step(None, &[Sign::OverdueAndNeeded, Sign::MatesWentOn]), Some(Step::Search));
        assert_eq!(
            step(None, &[Sign::OverdueAndNeeded, Sign::Overdue, Sign::BeyondLadder]),
            Some(Step::Suspect)
        );
        assert_eq!(step(None, &[Sign::NotFillable]), Some(Step::Search));
        assert_eq!(
            step(Some(Level::Suspected), &[Sign::OverdueAndNeeded, Sign::HolderDenies]),
            Some(Step::Search)
        );
        assert_eq!(step(Some(Level::Searching), &[Sign::NotFillable]), None);
    }

    #[test]
    fn words_come_back() {
        assert!(Level::ALL.into_iter().all(|level| Level::parse(level.as_str()) == Some(level)));
        assert!(Sign::ALL.into_iter().all(|sign| Sign::parse(sign.as_str()) == Some(sign)));
        assert!(
            Sign::ALL.windows(2).all(|pair| matches!(pair, [one, other] if one.weight() >= other.weight()))
        );
    }

    proptest! {
        #[test]
        fn another_sign_never_lowers_suspicion(picked in proptest::collection::vec(0..12_usize, 0..8), more in 0..12_usize) {
            let mut signs: Vec<Sign> = picked.into_iter().map(|at| Sign::ALL[at]).collect();
            let before = suspicion(&signs);
            signs.push(Sign::ALL[more]);
            prop_assert!(suspicion(&signs) >= before && (0.0..=1.0).contains(&before));
        }
    }
}
