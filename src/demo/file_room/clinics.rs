//! The clinics: visits are booked, bins arrive, charts are used, carried about, and come back.

use super::{
    Believed, CLINICS, DOORS, Day, Event, FOLLOW_UP, FileRoom, Spot, Station, VISITS, Visit, clinic_of,
    custodian, offices,
};
use crate::tracking::{Command, CustodianId, VolumeId};

/// Of the charts in offices, those that come back to the clinic each day.
const OFFICE_RETURNS: f64 = 0.05;
/// Of the charts that a clinic has for no visit, those that it sends back each day.
const STRAYS_RETURN: f64 = 0.35;
/// Whoever is asked for a chart overlooks it on the own desk.
const OVERLOOKED_AT_DESK: f64 = 0.1;

impl FileRoom {
    /// Books the visits of a day.
    pub(super) fn book(&mut self, day: Day) {
        let recent: Vec<(VolumeId, CustodianId)> = self
            .visits
            .iter()
            .filter(|visit| (2..=6).contains(&day.saturating_sub(visit.day)))
            .map(|visit| (visit.volume, visit.clinic))
            .collect();
        for code in CLINICS {
            let clinic = custodian(code);
            for _ in 0..VISITS {
                let again = if self.happens(FOLLOW_UP) { self.random.choice(&recent).copied() } else { None };
                let volume = match again {
                    Some((volume, other)) if other != clinic => volume,
                    _ => super::id(self.random.usize(0..self.folders.len().max(1))),
                };
                if self.visits.iter().any(|visit| visit.volume == volume && visit.day.abs_diff(day) < 2) {
                    continue;
                }
                let minute = self.random.u32(8 * 60 + 30..16 * 60);
                let ahead = if self.happens(self.errors.same_day) { 0 } else { self.random.u32(1..=12) };
                self.visits.push(Visit { volume, clinic, day, minute, booked: day.saturating_sub(ahead) });
            }
        }
    }

    /// Bins arrive in the morning.
    pub fn deliver(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        for code in CLINICS {
            let clinic = custodian(code);
            for volume in self.at(|spot| spot == Spot::Bin(clinic)) {
                if self.happens(self.errors.left_in_bin) {
                    continue;
                }
                self.put(volume, Spot::Desk(clinic));
                if DOORS.contains(&code) && !self.happens(self.errors.skip_receipt) {
                    events.push(Event::Scan(Station::Door(clinic), self.label(volume)));
                }
            }
        }
        events
    }

    /// The clinics see their patients. A clinic that was to have a chart and has not says so.
    pub fn see_patients(&mut self, day: Day, believed: &dyn Fn(VolumeId) -> Believed) -> Vec<Event> {
        let mut events = Vec::new();
        let today: Vec<Visit> = self.visits.iter().filter(|visit| visit.day == day).copied().collect();
        for visit in today {
            if self.spot(visit.volume) != Some(Spot::Desk(visit.clinic)) {
                if believed(visit.volume).at == visit.clinic {
                    events.push(Event::Denied(visit.volume, visit.clinic));
                }
                continue;
            }
            if let Some(folder) = self.folder_mut(visit.volume) {
                folder.used = true;
            }
            self.carry(visit);
        }
        events
    }

    /// What happens to a chart after it was used.
    fn carry(&mut self, visit: Visit) {
        let errors = self.errors;
        if self.happens(errors.pass_on) {
            let next = self.visits.iter().find(|other| {
                other.volume == visit.volume && other.day > visit.day && other.day <= visit.day + 5
            });
            let next = next.map(|other| other.clinic).filter(|clinic| *clinic != visit.clinic);
            let to = next.unwrap_or_else(|| self.another(visit.clinic));
            self.put(visit.volume, Spot::Desk(to));
        } else if self.happens(errors.take_along) {
            if let Some(office) = offices(visit.clinic) {
                self.put(visit.volume, Spot::Desk(office));
            }
        } else if self.happens(errors.slip_at_desk) {
            let others = self.at(|spot| spot == Spot::Desk(visit.clinic));
            let other = self.random.choice(others).filter(|other| *other != visit.volume);
            if let Some(other) = other {
                self.put(visit.volume, Spot::Inside(other));
            }
        }
    }

    /// In the afternoon charts come back and are checked in.
    pub fn come_back(&mut self, day: Day) -> Vec<Event> {
        let mut events = Vec::new();
        self.scan_command(Command::CheckIn, &mut events);
        for volume in self.at(|spot| matches!(spot, Spot::Desk(_))) {
            let Some(Spot::Desk(at)) = self.spot(volume) else { continue };
            if let Some(clinic) = clinic_of(at) {
                if self.happens(OFFICE_RETURNS) {
                    self.put(volume, Spot::Desk(clinic));
                }
                continue;
            }
            let is_wanted = self.visits.iter().any(|visit| {
                visit.volume == volume && visit.clinic == at && (day + 1..=day + 2).contains(&visit.day)
            });
            let is_used = self.folder(volume).is_some_and(|folder| folder.used);
            let stays = is_wanted
                || if is_used { self.happens(self.errors.forgotten) } else { !self.happens(STRAYS_RETURN) };
            if !stays {
                self.put(volume, Spot::Sorting);
                if !self.happens(self.errors.skip_check_in) {
                    events.push(Event::Scan(Station::Desk, self.label(volume)));
                }
            }
        }
        self.scan_command(Command::Done, &mut events);
        for volume in self.at(|spot| spot == Spot::Sorting) {
            self.shake(volume, &mut events);
        }
        events
    }

    /// Whoever should have a chart is asked for it; true if they see it.
    pub fn ask(&mut self, volume: VolumeId, holder: CustodianId) -> bool {
        let is_here = match self.spot(volume) {
            Some(Spot::Desk(at) | Spot::Bin(at)) => at == holder,
            Some(Spot::Sorting) => holder == custodian("SORT"),
            Some(Spot::Shelf(_) | Spot::Inside(_)) | None => false,
        };
        is_here && !self.happens(OVERLOOKED_AT_DESK)
    }
}
