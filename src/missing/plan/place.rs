//! Places that a person can go to and look at.

use crate::tracking::{CustodianId, VolumeId};
use std::fmt;

/// A place to look at. As text it is short and holds no number of a patient: `slot 1 4711`, `desk 3`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// A slot on a shelf with the folders around it; named by the folder that stands there or next after it.
    Slot {
        /// Whose shelf.
        area: CustodianId,
        /// The folder that belongs there, or next after it.
        next: VolumeId,
    },
    /// The desks and shelves of a holder.
    Desk(CustodianId),
    /// Where returned charts wait to be refiled.
    Sorting(CustodianId),
    /// The bin or trolley for a holder.
    Bin(CustodianId),
    /// Inside and around another folder, wherever that is.
    Beside(VolumeId),
}

impl Place {
    /// Reads what [`fmt::Display`] wrote.
    pub fn parse(text: &str) -> Option<Place> {
        let mut words = text.split(' ');
        let kind = words.next()?;
        let mut number = || words.next().and_then(|word| word.parse::<i64>().ok());
        Some(match kind {
            "slot" => Place::Slot { area: CustodianId(number()?), next: VolumeId(number()?) },
            "desk" => Place::Desk(CustodianId(number()?)),
            "sorting" => Place::Sorting(CustodianId(number()?)),
            "bin" => Place::Bin(CustodianId(number()?)),
            "beside" => Place::Beside(VolumeId(number()?)),
            _ => return None,
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Slot { area, next } => write!(f, "slot {area} {next}"),
            Place::Desk(custodian) => write!(f, "desk {custodian}"),
            Place::Sorting(custodian) => write!(f, "sorting {custodian}"),
            Place::Bin(custodian) => write!(f, "bin {custodian}"),
            Place::Beside(volume) => write!(f, "beside {volume}"),
        }
    }
}

/// How thoroughly somebody looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thoroughness {
    /// In passing, as who pulls a chart.
    Glance,
    /// By whoever should have it, on their own desk, because somebody asked.
    Asked,
    /// Folder by folder, with the slots around.
    ShelfByShelf,
}

impl Thoroughness {
    /// The word under which it is stored; never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Thoroughness::Glance => "glance",
            Thoroughness::Asked => "asked",
            Thoroughness::ShelfByShelf => "shelf-by-shelf",
        }
    }

    /// What people read.
    pub fn words(self) -> &'static str {
        match self {
            Thoroughness::Glance => "at a glance",
            Thoroughness::Asked => "asked",
            Thoroughness::ShelfByShelf => "folder by folder",
        }
    }

    /// Reads a stored word.
    pub fn parse(word: &str) -> Option<Thoroughness> {
        let all = [Thoroughness::Glance, Thoroughness::Asked, Thoroughness::ShelfByShelf];
        all.into_iter().find(|how| how.as_str() == word)
    }
}

/// Somebody looked at a place, and the chart was not seen there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Where.
    pub place: Place,
    /// How.
    pub how: Thoroughness,
}

/// What a look at a place takes and gives, as far as the plan believes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effort {
    /// Minutes for looking.
    pub looking: f64,
    /// Minutes for the way there, from another room.
    pub way: f64,
    /// The chance of noticing a chart that is there, folder by folder.
    pub notices: f64,
}

/// Efforts by kind of place: estimates that a site can replace.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Efforts {
    /// A slot with the folders around it.
    pub slot: Effort,
    /// All desks of a holder.
    pub desk: Effort,
    /// The sorting shelf.
    pub sorting: Effort,
    /// A bin or trolley.
    pub bin: Effort,
    /// Another folder, opened.
    pub beside: Effort,
}

impl Default for Efforts {
    fn default() -> Efforts {
        Efforts {
            slot: Effort { looking: 3.0, way: 4.0, notices: 0.9 },
            desk: Effort { looking: 11.0, way: 4.0, notices: 0.8 },
            sorting: Effort { looking: 8.0, way: 4.0, notices: 0.85 },
            bin: Effort { looking: 2.0, way: 4.0, notices: 0.95 },
            beside: Effort { looking: 2.0, way: 4.0, notices: 0.85 },
        }
    }
}

impl Efforts {
    /// What a look at a place takes and gives.
    pub fn of(&self, place: Place) -> Effort {
        match place {
            Place::Slot { .. } => self.slot,
            Place::Desk(_) => self.desk,
            Place::Sorting(_) => self.sorting,
            Place::Bin(_) => self.bin,
            Place::Beside(_) => self.beside,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_come_back_from_text() {
        let (custodian, volume) = (CustodianId(3), VolumeId(4711));
        for place in [
            Place::Slot { area: custodian, next: volume },
            Place::Desk(custodian),
            Place::Sorting(custodian),
            Place::Bin(custodian),
            Place::Beside(volume),
        ] {
            assert_eq!(Place::parse(&place.to_string()), Some(place));
        }
        assert_eq!((Place::parse("attic 3"), Place::parse("desk"), Place::parse("")), (None, None, None));
    }
}
