//! What is known of a chart that is looked for, and what this site's finds have taught.

use super::{Clue, LastSeen, Look, Place};
use crate::tracking::{CustodianId, Mates, VolumeId};
use std::collections::BTreeMap;

/// A custodian and what people call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// Which one.
    pub id: CustodianId,
    /// What people call it.
    pub name: String,
}

/// A slot on a shelf: where a number belongs, or would.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// Whose shelf.
    pub area: CustodianId,
    /// The folder that belongs there, or next after it.
    pub next: VolumeId,
    /// How it is told to a person, such as `section 99, then 49, then 45`.
    pub words: String,
}

/// Another folder that may have taken this one along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Companion {
    /// Which one.
    pub volume: VolumeId,
    /// What its label says.
    pub label: String,
    /// Who has it now.
    pub at: Who,
    /// Its slot, if it is at home.
    pub slot: Option<Slot>,
    /// Scans between the two: 1 for the next one.
    pub apart: u32,
}

/// A day on which the patient was or will be seen, or the chart was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Visit {
    /// Where.
    pub at: Who,
    /// Days from the last scan of the chart until then; negative before it.
    pub days_after: f64,
}

/// What is known of a chart that is looked for. Holds no name of a patient.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// What the record says.
    pub seen: LastSeen,
    /// Days since the last scan.
    pub days: f64,
    /// Where it belongs.
    pub home: Slot,
    /// The folders around that slot.
    pub neighbours: Vec<VolumeId>,
    /// Who has it by the record, or should have received it; the last holder of one that is back.
    pub holder: Option<Who>,
    /// Whoever had it before, or sent it.
    pub holder_before: Option<Who>,
    /// Offices of the holder.
    pub offices: Vec<Who>,
    /// Where returned charts wait.
    pub sorting: Vec<Who>,
    /// Other places that charts were sent to in the same hours.
    pub other_destinations: Vec<Who>,
    /// Holders that charts went to lately, with their shares of them.
    pub traffic: Vec<(Who, f64)>,
    /// Slots of numbers that its own may have been taken for; only such as there are.
    pub misfiles: Vec<(Clue, Slot)>,
    /// Charts that were scanned just before and after it.
    pub companions: Vec<Companion>,
    /// The other volumes of its chart.
    pub other_volumes: Vec<Companion>,
    /// Slots of the same patient's other numbers.
    pub other_numbers: Vec<Slot>,
    /// Where the patient was and will be seen.
    pub visits: Vec<Visit>,
    /// Where lost charts of this holder were found before, and how many.
    pub habits: Vec<(Who, f64)>,
    /// What became of its batch.
    pub mates: Option<Mates>,
    /// What was looked through already.
    pub looks: Vec<Look>,
}

/// How many charts this site has found by each clue. Starts empty, and can be emptied.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Finds(BTreeMap<(LastSeen, Clue), f64>);

impl Finds {
    /// Counts a find; a share of one if several clues explain it.
    pub fn add(&mut self, seen: LastSeen, clue: Clue, share: f64) {
        *self.0.entry((seen, clue)).or_default() += share;
    }

    /// How many were found.
    pub fn of(&self, seen: LastSeen, clue: Clue) -> f64 {
        self.0.get(&(seen, clue)).copied().unwrap_or_default()
    }

    /// How many were found of charts of which the record said this.
    pub fn all(&self, seen: LastSeen) -> f64 {
        Clue::ALL.into_iter().map(|clue| self.of(seen, clue)).sum()
    }
}

/// A place that a clue points to.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pointer {
    pub(super) place: Place,
    /// The room that it is in; none: the file room.
    pub(super) room: Option<CustodianId>,
    /// How far this one is believed against the others of the same clue.
    pub(super) weight: f64,
    /// What people call the place.
    pub(super) name: String,
    /// Why, in a sentence without a full stop.
    pub(super) why: String,
}
