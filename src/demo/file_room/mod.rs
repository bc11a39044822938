//! A simulated file room: it knows where every chart really is. Outguide hears of it only what is scanned, booked and
//! answered. Pure: the same seed and errors give the same days for ever.
//!
//! A day: bins arrive at the clinics, returned charts are put on the shelf, clinics see patients, charts come back, and
//! the next day's charts are pulled. [`Errors`] says what goes wrong on the way.

mod clinics;
mod shelves;
mod spot;

pub use spot::{BUDGET_MIN, Searcher, Spot};

use super::{Errors, World};
use crate::label::LabelKind;
use crate::tracking::{CustodianId, VolumeId};

/// Clinics that see patients: places in the list of custodians.
const CLINICS: [&str; 6] = ["CARD", "SURG", "PEDS", "ORTH", "EMER", "RAD"];
/// Clinics with a scanner at the door.
const DOORS: [&str; 3] = ["CARD", "SURG", "ORTH"];
/// Visits of a clinic on a day.
const VISITS: u32 = 14;
/// Share of visits of patients who were seen elsewhere a few days before.
const FOLLOW_UP: f64 = 0.3;
/// Of the charts on the sorting shelf, those that are filed each morning.
const FILED_EACH_DAY: f64 = 0.93;

/// A day of the simulation, counted in working days.
pub type Day = u32;

/// A patient's visit, for which all volumes of the chart are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visit {
    /// The folder.
    pub volume: VolumeId,
    /// Where.
    pub clinic: CustodianId,
    /// When.
    pub day: Day,
    /// Minutes after midnight.
    pub minute: u32,
    /// When it was booked.
    pub booked: Day,
}

/// A place where something is scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Station {
    /// The desk of the file room.
    Desk,
    /// The door of a clinic.
    Door(CustodianId),
}

/// What Outguide hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A label is scanned.
    Scan(Station, String),
    /// A chart that was to be pulled is not where the record says.
    NotFillable(VolumeId),
    /// Whoever should have a chart says that they do not.
    Denied(VolumeId, CustodianId),
}

/// Where Outguide's record says that a chart is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Believed {
    /// With whom.
    pub at: CustodianId,
    /// Sent, not received.
    pub in_transit: bool,
}

#[derive(Debug, Clone)]
struct Folder {
    label: String,
    number: u32,
    rank: usize,
    spot: Spot,
    /// It was used where it is, and may go back.
    used: bool,
}

/// The file room.
#[derive(Debug, Clone)]
pub struct FileRoom {
    random: fastrand::Rng,
    errors: Errors,
    folders: Vec<Folder>,
    /// Folders in the order of the shelves.
    order: Vec<usize>,
    visits: Vec<Visit>,
}

impl FileRoom {
    /// The room of a seed: the charts of [`World`], all in their slots, and visits for so many days.
    pub fn new(seed: u64, world: &World, errors: Errors, days: Day) -> FileRoom {
        let random = fastrand::Rng::with_seed(seed ^ 0x6f75_7467);
        let mut folders: Vec<Folder> = world
            .volumes
            .iter()
            .map(|volume| Folder {
                label: volume.label.clone(),
                number: volume.number,
                rank: 0,
                spot: Spot::Sorting,
                used: false,
            })
            .collect();
        let mut order: Vec<usize> = (0..folders.len()).collect();
        order.sort_by_key(|at| folders.get(*at).map(|folder| (shelves::terminal_digit(folder.number), *at)));
        for (rank, at) in order.iter().enumerate() {
            if let Some(folder) = folders.get_mut(*at) {
                (folder.rank, folder.spot) = (rank, Spot::Shelf(rank));
            }
        }
        let mut room = FileRoom { random, errors, folders, order, visits: Vec::new() };
        (1..days).for_each(|day| room.book(day));
        room
    }

    /// Visits, those of one chart's volumes one after the other.
    pub fn visits(&self) -> &[Visit] {
        &self.visits
    }

    /// Labels of the folders, in the order of their numbers.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.folders.iter().map(|folder| folder.label.as_str())
    }

    /// Custodians whose door has a scanner, with their codes.
    pub fn doors() -> Vec<(CustodianId, &'static str)> {
        DOORS.iter().map(|code| (custodian(code), *code)).collect()
    }

    /// All clinics that see patients.
    pub fn clinics() -> Vec<CustodianId> {
        CLINICS.iter().map(|code| custodian(code)).collect()
    }

    /// Whether somebody who goes where the record says comes upon the chart.
    pub fn is_where_believed(&self, volume: VolumeId, believed: Believed) -> bool {
        let Some(folder) = self.folder(volume) else { return false };
        if believed.at == custodian("FILE") {
            return matches!(folder.spot, Spot::Shelf(rank) if rank.abs_diff(folder.rank) <= shelves::ARM);
        }
        match folder.spot {
            Spot::Sorting => believed.at == custodian("SORT"),
            Spot::Desk(clinic) => believed.at == clinic,
            Spot::Bin(clinic) => believed.at == clinic,
            Spot::Shelf(_) | Spot::Inside(_) => false,
        }
    }

    /// Where a chart really is.
    pub fn spot(&self, volume: VolumeId) -> Option<Spot> {
        self.folder(volume).map(|folder| folder.spot)
    }

    fn folder(&self, volume: VolumeId) -> Option<&Folder> {
        self.folders.get(usize::try_from(volume.0).ok()?.checked_sub(1)?)
    }

    fn folder_mut(&mut self, volume: VolumeId) -> Option<&mut Folder> {
        self.folders.get_mut(usize::try_from(volume.0).ok()?.checked_sub(1)?)
    }

    fn happens(&mut self, share: f64) -> bool {
        self.random.f64() < share
    }

    fn label(&self, volume: VolumeId) -> String {
        self.folder(volume).map_or_else(String::new, |folder| folder.label.clone())
    }

    fn volumes(&self) -> impl Iterator<Item = VolumeId> + use<> {
        (1..=i64::try_from(self.folders.len()).unwrap_or(0)).map(VolumeId)
    }

    /// Folders at a spot, in the order of the shelves, as clerks sort what they carry.
    fn at(&self, is_there: impl Fn(Spot) -> bool) -> Vec<VolumeId> {
        let here =
            self.order.iter().filter(|at| self.folders.get(**at).is_some_and(|folder| is_there(folder.spot)));
        here.map(|at| id(*at)).collect()
    }

    /// Folders that slipped into one that is being handled may be noticed; they come to light where it is.
    fn shake(&mut self, handled: VolumeId, events: &mut Vec<Event>) {
        const NOTICED: f64 = 0.15;
        for rider in self.at(|spot| spot == Spot::Inside(handled)) {
            if self.happens(NOTICED) {
                self.put(rider, Spot::Sorting);
                self.scan_command(crate::tracking::Command::CheckIn, events);
                events.push(Event::Scan(Station::Desk, self.label(rider)));
            }
        }
    }

    fn put(&mut self, volume: VolumeId, spot: Spot) {
        if let Some(folder) = self.folder_mut(volume) {
            (folder.spot, folder.used) = (spot, false);
        }
    }

    fn scan_command(&self, command: crate::tracking::Command, events: &mut Vec<Event>) {
        events.push(Event::Scan(Station::Desk, LabelKind::Command.own_key(command.number())));
    }

    fn scan_place(&self, place: CustodianId, events: &mut Vec<Event>) {
        events.push(Event::Scan(Station::Desk, LabelKind::Custodian.own_key(place.0.unsigned_abs())));
    }
}

fn id(at: usize) -> VolumeId {
    VolumeId(i64::try_from(at).unwrap_or(0) + 1)
}

/// The number of a custodian of the demo's file room.
pub fn custodian(code: &str) -> CustodianId {
    let at = super::world::CUSTODIANS.iter().position(|custodian| custodian.0 == code).unwrap_or(0);
    CustodianId(i64::try_from(at).unwrap_or(0) + 1)
}

/// The offices of a clinic, if it has any.
fn offices(clinic: CustodianId) -> Option<CustodianId> {
    let code = super::world::CUSTODIANS.get(usize::try_from(clinic.0 - 1).ok()?)?.0;
    super::world::CUSTODIANS.iter().find(|other| other.4 == code).map(|other| custodian(other.0))
}

/// The clinic of offices.
fn clinic_of(office: CustodianId) -> Option<CustodianId> {
    let parent = super::world::CUSTODIANS.get(usize::try_from(office.0 - 1).ok()?)?.4;
    (!parent.is_empty()).then(|| custodian(parent))
}

#[cfg(test)]
mod tests;
