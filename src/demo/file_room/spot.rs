//! Where charts really are, and what it takes to see them there: the one model of costs for every way of searching.

use super::{FileRoom, custodian, shelves};
use crate::missing::plan::Place;
use crate::tracking::{CustodianId, VolumeId};

/// Where a chart really is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// On the shelf, where the folder of this rank belongs.
    Shelf(usize),
    /// Inside another folder, and going wherever that goes.
    Inside(VolumeId),
    /// With a clinic or in an office.
    Desk(CustodianId),
    /// In the bin for a clinic.
    Bin(CustodianId),
    /// Waiting to be refiled.
    Sorting,
}

impl Spot {
    /// A word for it.
    pub fn kind(self) -> &'static str {
        match self {
            Spot::Shelf(_) => "shelf",
            Spot::Inside(_) => "inside",
            Spot::Desk(at) if super::clinic_of(at).is_some() => "office",
            Spot::Desk(_) => "desk",
            Spot::Bin(_) => "bin",
            Spot::Sorting => "sorting",
        }
    }
}

/// A search is given up after so many minutes.
pub const BUDGET_MIN: f64 = 240.0;

// Minutes and chances, the same for every order of places. They are rounded guesses of a file room of this size.
/// Eleven folders: taken out one after the other.
const SLOT_MIN: f64 = 2.5;
/// Trays, shelves and desks of a clinic.
const CLINIC_MIN: f64 = 12.0;
/// The desks of a clinic's offices.
const OFFICE_MIN: f64 = 7.0;
/// A hundred charts, half sorted.
const SORTING_MIN: f64 = 7.0;
const BIN_MIN: f64 = 2.0;
const BESIDE_MIN: f64 = 1.5;
/// A section of the shelves, folder by folder.
const SECTION_MIN: f64 = 30.0;
/// From one room to another; within the file room it is part of the look.
const WALK_MIN: f64 = 4.0;

const SLOT_SEEN: f64 = 0.92;
const INSIDE_SEEN: f64 = 0.55;
const DESK_SEEN: f64 = 0.8;
const INSIDE_AT_DESK_SEEN: f64 = 0.4;
const SORTING_SEEN: f64 = 0.9;
const BIN_SEEN: f64 = 0.97;
const BESIDE_SEEN: f64 = 0.95;

/// Somebody who searches: walks, looks, spends minutes, and sees or overlooks.
#[derive(Debug, Clone)]
pub struct Searcher {
    random: fastrand::Rng,
    /// The room that they are in; `None` is the file room.
    room: Option<CustodianId>,
    /// Minutes spent.
    pub minutes: f64,
}

impl Searcher {
    /// Somebody in the file room. The same seed overlooks the same.
    pub fn new(seed: u64) -> Searcher {
        Searcher { random: fastrand::Rng::with_seed(seed), room: None, minutes: 0.0 }
    }

    /// Goes to a place and looks through it; true if the chart is found there.
    pub fn look(&mut self, room: &FileRoom, place: Place, wanted: VolumeId) -> bool {
        let there = room.room_of(place);
        let looking = match place {
            Place::Slot { .. } => SLOT_MIN,
            Place::Desk(at) if super::clinic_of(at).is_some() => OFFICE_MIN,
            Place::Desk(_) => CLINIC_MIN,
            Place::Sorting(_) => SORTING_MIN,
            Place::Bin(_) => BIN_MIN,
            Place::Beside(_) => BESIDE_MIN,
        };
        self.spend(there, looking);
        let chance = room.chance(place, wanted);
        self.random.f64() < chance
    }

    /// Reads the wanted chart's own section of the shelves, folder by folder.
    pub fn read_section(&mut self, room: &FileRoom, wanted: VolumeId) -> bool {
        self.spend(None, SECTION_MIN);
        let Some(section) = room.folder(wanted).map(|folder| folder.number % 100) else { return false };
        let seen = |spot| matches!(spot, Some(Spot::Shelf(rank)) if room.section_of(rank) == Some(section));
        let chance = match room.spot(wanted) {
            spot if seen(spot) => SLOT_SEEN,
            Some(Spot::Inside(other)) if seen(room.spot(other)) => INSIDE_SEEN,
            _ => 0.0,
        };
        self.random.f64() < chance
    }

    fn spend(&mut self, there: Option<CustodianId>, looking: f64) {
        let walk = if there == self.room { 0.0 } else { WALK_MIN };
        self.room = there;
        self.minutes += walk + looking;
    }
}

impl FileRoom {
    /// Whether a chart is at a place, seen or not.
    pub fn is_at(&self, place: Place, wanted: VolumeId) -> bool {
        self.chance(place, wanted) > 0.0
    }

    /// The chance of noticing a chart at a place; 0 if it is not there.
    fn chance(&self, place: Place, wanted: VolumeId) -> f64 {
        let Some(spot) = self.spot(wanted) else { return 0.0 };
        let carrier = match spot {
            Spot::Inside(other) => self.spot(other),
            Spot::Shelf(_) | Spot::Desk(_) | Spot::Bin(_) | Spot::Sorting => None,
        };
        let (free, inside) = match place {
            Place::Slot { next, .. } => {
                let rank = self.folder(next).map(|folder| folder.rank);
                let near = |spot| matches!((spot, rank), (Spot::Shelf(at), Some(rank)) if at.abs_diff(rank) <= shelves::REACH);
                (pick(near(spot), SLOT_SEEN), pick(carrier.is_some_and(near), INSIDE_SEEN))
            }
            Place::Desk(at) => (
                pick(spot == Spot::Desk(at), DESK_SEEN),
                pick(carrier == Some(Spot::Desk(at)), INSIDE_AT_DESK_SEEN),
            ),
            Place::Sorting(_) => (
                pick(spot == Spot::Sorting, SORTING_SEEN),
                pick(carrier == Some(Spot::Sorting), INSIDE_AT_DESK_SEEN),
            ),
            Place::Bin(at) => {
                (pick(spot == Spot::Bin(at), BIN_SEEN), pick(carrier == Some(Spot::Bin(at)), INSIDE_SEEN))
            }
            Place::Beside(other) => (0.0, pick(spot == Spot::Inside(other), BESIDE_SEEN)),
        };
        free.max(inside)
    }

    fn room_of(&self, place: Place) -> Option<CustodianId> {
        match place {
            Place::Slot { .. } | Place::Sorting(_) => None,
            // Bins stand where they were carried to.
            Place::Desk(at) | Place::Bin(at) => {
                (at != custodian("SORT") && at != custodian("FILE")).then_some(at)
            }
            Place::Beside(other) => match self.spot(other) {
                Some(Spot::Desk(at) | Spot::Bin(at)) => Some(at),
                _ => None,
            },
        }
    }
}

fn pick(is_there: bool, chance: f64) -> f64 {
    if is_there { chance } else { 0.0 }
}
