//! Why charts go missing, as is known afterwards. Pure.

/// Why a chart was not where the record said, as is known once it is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// It went out without a scan.
    NotChargedOut,
    /// It came back without a scan.
    NotCheckedIn,
    /// It was handed on without a scan.
    PassedOn,
    /// It stood at a wrong place on the shelf.
    Misfiled,
    /// It lay in another folder.
    InsideAnother,
    /// It was in the wrong bin, or was left in one.
    Bin,
    /// Somebody had taken it along.
    TakenAlong,
    /// It was where the record said, and was overlooked.
    Overlooked,
    /// Something else, told in words.
    Other,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Reason; 9] = [
        Reason::NotChargedOut,
        Reason::NotCheckedIn,
        Reason::PassedOn,
        Reason::Misfiled,
        Reason::InsideAnother,
        Reason::Bin,
        Reason::TakenAlong,
        Reason::Overlooked,
        Reason::Other,
    ];

    /// The word under which it is stored; never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::NotChargedOut => "not-charged-out",
            Reason::NotCheckedIn => "not-checked-in",
            Reason::PassedOn => "passed-on",
            Reason::Misfiled => "misfiled",
            Reason::InsideAnother => "inside-another",
            Reason::Bin => "bin",
            Reason::TakenAlong => "taken-along",
            Reason::Overlooked => "overlooked",
            Reason::Other => "other",
        }
    }

    /// Reads a stored word.
    pub fn parse(word: &str) -> Option<Reason> {
        Reason::ALL.into_iter().find(|reason| reason.as_str() == word)
    }

    /// What people read.
    pub fn title(self) -> &'static str {
        match self {
            Reason::NotChargedOut => "not charged out",
            Reason::NotCheckedIn => "not checked in",
            Reason::PassedOn => "handed on without a scan",
            Reason::Misfiled => "misfiled on the shelf",
            Reason::InsideAnother => "inside another folder",
            Reason::Bin => "in a bin, the wrong one or left there",
            Reason::TakenAlong => "taken along",
            Reason::Overlooked => "overlooked where the record said",
            Reason::Other => "another reason",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back() {
        assert!(Reason::ALL.into_iter().all(|reason| Reason::parse(reason.as_str()) == Some(reason)));
    }
}
