//! The kinds of evidence that point to a place, and how far each is believed before this site has finds of its own.

/// What the record says of a chart that is looked for: which errors are possible depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LastSeen {
    /// On its own shelf.
    Home,
    /// Back in the file room and not refiled.
    Sorting,
    /// Sent, not received.
    OnTheWay,
    /// With a holder.
    Holder,
}

impl LastSeen {
    /// All of them, in the order of the columns of [`Clue::finds_by_default`].
    pub const ALL: [LastSeen; 4] = [LastSeen::Home, LastSeen::Sorting, LastSeen::OnTheWay, LastSeen::Holder];

    /// The word under which it is stored; never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            LastSeen::Home => "home",
            LastSeen::Sorting => "sorting",
            LastSeen::OnTheWay => "on-the-way",
            LastSeen::Holder => "holder",
        }
    }

    /// What people read.
    pub fn title(self) -> &'static str {
        match self {
            LastSeen::Home => "at home",
            LastSeen::Sorting => "waiting to be refiled",
            LastSeen::OnTheWay => "on its way",
            LastSeen::Holder => "with a holder",
        }
    }

    /// Reads a stored word.
    pub fn parse(word: &str) -> Option<LastSeen> {
        LastSeen::ALL.into_iter().find(|seen| seen.as_str() == word)
    }
}

/// A kind of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Clue {
    /// In its own slot after all: overlooked, or put back without a scan.
    HomeSlot,
    /// A few folders to the left or right of its slot.
    Slid,
    /// Inside or behind a folder beside its slot.
    InsideNeighbour,
    /// Filed under its number with two neighbouring digits exchanged.
    Transposed,
    /// Filed under its number with a digit taken for one that looks like it.
    LookAlike,
    /// Filed with two groups of digits exchanged.
    SwappedGroups,
    /// Filed in the section before or after its own.
    AdjacentSection,
    /// Filed in another section of the same colour.
    SameColour,
    /// With a chart that was scanned just before or after it.
    Beside,
    /// Waiting to be refiled.
    Sorting,
    /// Still in the bin for the place that it was sent to.
    Bin,
    /// Carried to another place that charts were sent to in the same hours.
    WrongBin,
    /// With whom the record says has it, or should have received it.
    LastHolder,
    /// With whoever had it before, or sent it.
    HolderBefore,
    /// In an office that belongs to its last holder: taken along.
    TakenAlong,
    /// Where its patient was or will be seen.
    Visit,
    /// With any other holder, by how many charts go there.
    OtherHolder,
    /// Where charts of this holder that were lost have turned up before.
    Habit,
    /// With the other volumes of the chart.
    OtherVolume,
    /// Under another number of the same patient.
    OtherNumber,
}

/// How many finds the defaults count for: after as many of its own, a site's finds weigh as much.
pub const PRIOR_FINDS: f64 = 25.0;
/// The share of cases that no clue explains.
pub const ELSEWHERE: f64 = 0.06;

impl Clue {
    /// All of them.
    pub const ALL: [Clue; 20] = [
        Clue::HomeSlot,
        Clue::Slid,
        Clue::InsideNeighbour,
        Clue::Transposed,
        Clue::LookAlike,
        Clue::SwappedGroups,
        Clue::AdjacentSection,
        Clue::SameColour,
        Clue::Beside,
        Clue::Sorting,
        Clue::Bin,
        Clue::WrongBin,
        Clue::LastHolder,
        Clue::HolderBefore,
        Clue::TakenAlong,
        Clue::Visit,
        Clue::OtherHolder,
        Clue::Habit,
        Clue::OtherVolume,
        Clue::OtherNumber,
    ];

    /// The word under which it is stored; never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Clue::HomeSlot => "home-slot",
            Clue::Slid => "slid",
            Clue::InsideNeighbour => "inside-neighbour",
            Clue::Transposed => "transposed",
            Clue::LookAlike => "look-alike",
            Clue::SwappedGroups => "swapped-groups",
            Clue::AdjacentSection => "adjacent-section",
            Clue::SameColour => "same-colour",
            Clue::Beside => "beside",
            Clue::Sorting => "sorting",
            Clue::Bin => "bin",
            Clue::WrongBin => "wrong-bin",
            Clue::LastHolder => "last-holder",
            Clue::HolderBefore => "holder-before",
            Clue::TakenAlong => "taken-along",
            Clue::Visit => "visit",
            Clue::OtherHolder => "other-holder",
            Clue::Habit => "habit",
            Clue::OtherVolume => "other-volume",
            Clue::OtherNumber => "other-number",
        }
    }

    /// What people read: where a chart was found.
    pub fn title(self) -> &'static str {
        match self {
            Clue::HomeSlot => "in its own slot",
            Clue::Slid => "a few folders beside its slot",
            Clue::InsideNeighbour => "inside the folder beside its slot",
            Clue::Transposed => "filed with two digits exchanged",
            Clue::LookAlike => "filed by a digit that looks alike",
            Clue::SwappedGroups => "filed with two groups exchanged",
            Clue::AdjacentSection => "in the section beside its own",
            Clue::SameColour => "in another section of the same colour",
            Clue::Beside => "with a chart scanned just before or after it",
            Clue::Sorting => "on the sorting shelf",
            Clue::Bin => "in the bin for where it was sent",
            Clue::WrongBin => "where other charts of those hours were sent",
            Clue::LastHolder => "with its last holder",
            Clue::HolderBefore => "with the holder before",
            Clue::TakenAlong => "in an office of its last holder",
            Clue::Visit => "where its patient was or will be seen",
            Clue::OtherHolder => "with another holder",
            Clue::Habit => "where this holder's charts turned up before",
            Clue::OtherVolume => "with another volume of the chart",
            Clue::OtherNumber => "under another number of the patient",
        }
    }

    /// Reads a stored word.
    pub fn parse(word: &str) -> Option<Clue> {
        Clue::ALL.into_iter().find(|clue| clue.as_str() == word)
    }

    /// Of 100 charts of which the record says `seen`, how many a file room finds by this clue, as far as is believed
    /// before it has finds of its own. A judgement from the patterns of misfiling in textbooks of health information
    /// (transposition, slide, look-alike digits, inside a neighbour) and from hospitals' missing-record procedures
    /// (last holder and the one before, sorting shelf, untracked clinic bundles); no published rates exist. Rows need
    /// not add up to 100: clues without a place in a case are left out, and the rest is scaled.
    pub fn finds_by_default(self, seen: LastSeen) -> f64 {
        let [home, sorting, on_the_way, holder] = match self {
            Clue::HomeSlot => [8.0, 28.0, 3.0, 8.0],
            Clue::Slid => [18.0, 8.0, 1.0, 1.0],
            Clue::InsideNeighbour => [12.0, 5.0, 1.0, 1.0],
            Clue::Transposed => [14.0, 6.0, 0.5, 1.0],
            Clue::LookAlike => [6.0, 2.5, 0.3, 0.4],
            Clue::SwappedGroups => [2.0, 1.0, 0.1, 0.2],
            Clue::AdjacentSection => [5.0, 2.0, 0.2, 0.4],
            Clue::SameColour => [3.0, 1.0, 0.1, 0.2],
            Clue::Beside => [6.0, 5.0, 6.0, 8.0],
            Clue::Sorting => [8.0, 25.0, 4.0, 16.0],
            Clue::Bin => [1.0, 1.0, 22.0, 4.0],
            Clue::WrongBin => [0.0, 0.0, 14.0, 5.0],
            Clue::LastHolder => [6.0, 4.0, 30.0, 26.0],
            Clue::HolderBefore => [2.0, 2.0, 8.0, 4.0],
            Clue::TakenAlong => [2.0, 1.0, 3.0, 9.0],
            Clue::Visit => [7.0, 8.0, 4.0, 14.0],
            Clue::OtherHolder => [4.0, 3.0, 5.0, 10.0],
            Clue::Habit => [3.0, 3.0, 3.0, 3.0],
            Clue::OtherVolume => [3.0, 2.0, 1.0, 2.0],
            Clue::OtherNumber => [2.0, 1.0, 0.5, 1.0],
        };
        match seen {
            LastSeen::Home => home,
            LastSeen::Sorting => sorting,
            LastSeen::OnTheWay => on_the_way,
            LastSeen::Holder => holder,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back() {
        assert!(Clue::ALL.into_iter().all(|clue| Clue::parse(clue.as_str()) == Some(clue)));
        assert!(LastSeen::ALL.into_iter().all(|seen| LastSeen::parse(seen.as_str()) == Some(seen)));
        assert_eq!((Clue::parse("a hunch"), LastSeen::parse("gone")), (None, None));
    }
}
