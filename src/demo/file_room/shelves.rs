//! The shelves: refiling with its mistakes, and pulling for the next day.

use super::{Believed, Event, FILED_EACH_DAY, FileRoom, Spot, Station, Visit, custodian};
use crate::tracking::{Command, CustodianId, VolumeId};

/// Folders to the left and right that are seen when a hand goes to a slot.
pub(super) const ARM: usize = 2;
/// Folders to the left and right that are looked through when a slot is searched.
pub(super) const REACH: usize = 5;
/// A hand at the right slot that takes the wrong folder or sees none.
const OVERLOOKED: f64 = 0.02;
/// A folder that does not belong where a hand goes to, and is noticed.
const STRANGER_NOTICED: f64 = 0.03;
/// Digits that are misread for each other.
const MISREAD: [(u8, u8); 5] = [(1, 7), (3, 8), (5, 6), (6, 9), (0, 6)];

/// The order of the shelves: last two digits, middle two, first two.
pub(super) fn terminal_digit(number: u32) -> (u32, u32, u32) {
    (number % 100, number / 100 % 100, number / 10_000)
}

impl FileRoom {
    /// In the morning returned charts are put on the shelves.
    pub fn refile(&mut self) -> Vec<Event> {
        let mut events = Vec::new();
        self.scan_command(Command::Refile, &mut events);
        let mut last = None;
        for volume in self.at(|spot| spot == Spot::Sorting) {
            if !self.happens(FILED_EACH_DAY) {
                continue;
            }
            let spot = self.filed(volume, last);
            self.put(volume, spot);
            if !self.happens(self.errors.skip_refile) {
                events.push(Event::Scan(Station::Desk, self.label(volume)));
            }
            last = Some(volume);
        }
        self.scan_command(Command::Done, &mut events);
        events
    }

    /// Where a clerk puts a folder that belongs into its slot.
    fn filed(&mut self, volume: VolumeId, last: Option<VolumeId>) -> Spot {
        let Some(folder) = self.folder(volume) else { return Spot::Sorting };
        let (number, rank, errors) = (folder.number, folder.rank, self.errors);
        let mut throw = self.random.f64();
        let mut is = |share: f64| {
            throw -= share;
            throw < 0.0 && throw + share >= 0.0
        };
        if is(errors.transpose) {
            {
                let wrong = self.transposed(number);
                Spot::Shelf(self.rank_of(wrong))
            }
        } else if is(errors.misread) {
            {
                let wrong = self.misread(number);
                Spot::Shelf(self.rank_of(wrong))
            }
        } else if is(errors.wrong_section) {
            let section = (number % 100 + if self.random.bool() { 1 } else { 99 }) % 100;
            Spot::Shelf(self.rank_of(number / 100 * 100 + section))
        } else if is(errors.slide) {
            let by = self.random.usize(3..=REACH);
            Spot::Shelf(if self.random.bool() { rank.saturating_sub(by) } else { rank + by })
        } else if is(errors.slip_inside) {
            let beside = if self.random.bool() { rank + 1 } else { rank.saturating_sub(1) };
            self.order.get(beside).map_or(Spot::Shelf(rank), |at| Spot::Inside(super::id(*at)))
        } else if is(errors.slip_into_last) {
            last.map_or(Spot::Shelf(rank), Spot::Inside)
        } else {
            Spot::Shelf(rank)
        }
    }

    fn transposed(&mut self, number: u32) -> u32 {
        let at = self.random.u32(0..5);
        let (low, high) = (10_u32.pow(at), 10_u32.pow(at + 1));
        let (right, left) = (number / low % 10, number / high % 10);
        number - right * low - left * high + left * low + right * high
    }

    fn misread(&mut self, number: u32) -> u32 {
        let first = self.random.u32(0..6);
        for at in (0..6).map(|turn| 10_u32.pow((first + turn) % 6)) {
            let digit = number / at % 10;
            let taken = MISREAD.iter().find_map(|(one, other)| match (u32::from(*one), u32::from(*other)) {
                (one, other) if one == digit => Some(other),
                (one, other) if other == digit => Some(one),
                _ => None,
            });
            if let Some(taken) = taken {
                return number - digit * at + taken * at;
            }
        }
        number
    }

    /// Where a number belongs: the rank of the first folder at or after it.
    fn rank_of(&self, number: u32) -> usize {
        let key = terminal_digit(number);
        self.order.partition_point(|at| {
            self.folders.get(*at).is_some_and(|folder| terminal_digit(folder.number) < key)
        })
    }

    pub(super) fn section_of(&self, rank: usize) -> Option<u32> {
        let at = self.order.get(rank.min(self.order.len().saturating_sub(1)))?;
        self.folders.get(*at).map(|folder| folder.number % 100)
    }

    /// Charts are pulled for visits, from where the record says that they are.
    pub fn pull(&mut self, visits: &[Visit], believed: &dyn Fn(VolumeId) -> Believed) -> Vec<Event> {
        let mut events = Vec::new();
        for clinic in FileRoom::clinics() {
            let mut wanted: Vec<VolumeId> =
                visits.iter().filter(|visit| visit.clinic == clinic).map(|visit| visit.volume).collect();
            wanted.sort_by_key(|volume| self.folder(*volume).map(|folder| folder.rank));
            wanted.dedup();
            let mut taken = Vec::new();
            for volume in wanted {
                let record = believed(volume);
                if record.at == clinic {
                    continue;
                }
                match self.fetch(volume, record) {
                    Fetched::Taken => taken.push(volume),
                    Fetched::Gone if FileRoom::clinics().contains(&record.at) => {
                        events.push(Event::Denied(volume, record.at));
                    }
                    Fetched::Gone => events.push(Event::NotFillable(volume)),
                }
            }
            self.send(clinic, &taken, &mut events);
        }
        events
    }

    fn send(&mut self, clinic: CustodianId, taken: &[VolumeId], events: &mut Vec<Event>) {
        if taken.is_empty() {
            return;
        }
        self.scan_place(clinic, events);
        for volume in taken {
            let bin = if self.happens(self.errors.wrong_bin) { self.another(clinic) } else { clinic };
            self.put(*volume, Spot::Bin(bin));
            if !self.happens(self.errors.skip_charge_out) {
                events.push(Event::Scan(Station::Desk, self.label(*volume)));
            }
        }
        self.scan_command(Command::Done, events);
        for volume in taken {
            self.shake(*volume, events);
        }
        self.strangers(taken, events);
    }

    pub(super) fn another(&mut self, clinic: CustodianId) -> CustodianId {
        let others: Vec<_> = FileRoom::clinics().into_iter().filter(|other| *other != clinic).collect();
        self.random.choice(others).unwrap_or(clinic)
    }

    /// Misfiled folders near those that were pulled may be noticed.
    fn strangers(&mut self, pulled: &[VolumeId], events: &mut Vec<Event>) {
        let ranks: Vec<usize> =
            pulled.iter().filter_map(|volume| self.folder(*volume).map(|folder| folder.rank)).collect();
        let misfiled: Vec<VolumeId> = self
            .volumes()
            .filter(|volume| {
                self.folder(*volume).is_some_and(|folder| {
                    matches!(folder.spot, Spot::Shelf(at) if at.abs_diff(folder.rank) > ARM
                    && ranks.iter().any(|rank| rank.abs_diff(at) <= REACH))
                })
            })
            .collect();
        for volume in misfiled {
            if self.happens(STRANGER_NOTICED) {
                self.put(volume, Spot::Sorting);
                self.scan_command(Command::CheckIn, events);
                events.push(Event::Scan(Station::Desk, self.label(volume)));
                self.scan_command(Command::Done, events);
            }
        }
    }

    /// What comes of going where the record says; who looks on the sorting shelf looks into the slot, too.
    fn fetch(&mut self, volume: VolumeId, record: Believed) -> Fetched {
        let Some((spot, rank)) = self.folder(volume).map(|folder| (folder.spot, folder.rank)) else {
            return Fetched::Gone;
        };
        if self.happens(OVERLOOKED) {
            return Fetched::Gone;
        }
        let in_slot = matches!(spot, Spot::Shelf(at) if at.abs_diff(rank) <= ARM);
        let is_sorting = record.at == custodian("SORT");
        match spot {
            _ if in_slot && (is_sorting || record.at == custodian("FILE")) => Fetched::Taken,
            Spot::Sorting if is_sorting => Fetched::Taken,
            // Told on the telephone, and keyed.
            Spot::Desk(at) if at == record.at => Fetched::Taken,
            _ => Fetched::Gone,
        }
    }

    /// A chart that was found is brought to the sorting shelf and checked in.
    pub fn bring_back(&mut self, volume: VolumeId) -> Vec<Event> {
        self.put(volume, Spot::Sorting);
        let mut events = Vec::new();
        self.scan_command(Command::CheckIn, &mut events);
        events.push(Event::Scan(Station::Desk, self.label(volume)));
        self.scan_command(Command::Done, &mut events);
        events
    }
}

enum Fetched {
    Taken,
    Gone,
}
