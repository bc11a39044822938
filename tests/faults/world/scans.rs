//! Scans of the made-up world: at wires, over the network, and many at once.

use super::play::{Answer, Made, World};
use super::shop::{STATIONS, Shop};
use crate::room::wait;
use outguide::intake::NetworkScan;
use outguide::scanner::Reading;
use outguide::store::Recorded;
use outguide::tracking::{Entry, ScanId, Signal};
use std::time::Duration;

impl World {
    pub(super) fn new_id(&mut self) -> ScanId {
        self.ids += 1;
        ScanId::new(1, 1, self.ids)
    }

    fn code(&mut self, station: usize) -> String {
        let codes = self.codes.clone();
        let pick = |list: &[String], random: &mut fastrand::Rng| list[random.usize(..list.len())].clone();
        match self.random.u8(..20) {
            0 => "9999999".to_owned(),
            1 => "\u{1b}[2Jnothing".to_owned(),
            2 => codes.badge,
            3..6 if station == 0 => pick(&codes.commands, &mut self.random),
            6..11 if station == 0 => pick(&codes.places, &mut self.random),
            _ => pick(&codes.volumes, &mut self.random),
        }
    }

    /// Codes at a scanner on a wire. One that is not recorded is scanned again, a few times.
    pub(super) fn scan(&mut self, shop: &Shop) {
        let station = self.random.usize(..STATIONS.len());
        for _ in 0..self.random.usize(1..6) {
            let code = self.code(station);
            let unplugs = self.random.u8(..40) == 0;
            if unplugs {
                self.inject("plug pulled in a code");
            }
            for _ in 0..3 {
                let readings = self.read(station, &code, unplugs);
                let signals: Vec<Signal> =
                    readings.into_iter().map(|reading| self.take(shop, station, reading)).collect();
                if !signals.contains(&Signal::NotRecorded) {
                    break;
                }
                self.clock.advance(Duration::from_secs(2));
            }
        }
    }

    pub(super) fn read(&mut self, station: usize, code: &str, unplugs: bool) -> Vec<Reading> {
        let mut ids = self.ids;
        let mut new_id = || {
            ids += 1;
            ScanId::new(1, 1, ids)
        };
        let readings = self.scanners[station].scan(code, unplugs, &mut self.random, &mut new_id);
        self.ids = ids;
        readings
    }

    pub(super) fn take(&mut self, shop: &Shop, station: usize, reading: Reading) -> Signal {
        let (id, frame) = (reading.id, reading.bytes.clone());
        let signal = wait(shop.intake.take(reading));
        self.note(station, id, frame, signal);
        signal
    }

    /// Writes down what a scanner on a wire was answered.
    fn note(&mut self, station: usize, id: ScanId, frame: Vec<u8>, signal: Signal) {
        let is_green = signal != Signal::NotRecorded;
        if is_green {
            self.watch.0.answered(self.made.len());
        }
        let code = String::from_utf8_lossy(&frame).into_owned();
        self.tell(&format!("{} {code:?}: {}", STATIONS[station].0, signal.as_str()));
        let answer = is_green.then_some(Answer::Green);
        self.made.push(Made { id, frame, station, answer, resend: None });
    }

    /// A network client delivers a scan, and again until it hears an answer.
    pub(super) fn deliver(&mut self, shop: &Shop) {
        let station = self.random.usize(..STATIONS.len());
        let scan = NetworkScan {
            id: self.new_id(),
            station: STATIONS[station].0.to_owned(),
            bytes: self.code(station).into_bytes(),
            scanned_at: None,
            entry: Entry::Scanned,
        };
        let frame = scan.bytes.clone();
        self.made.push(Made { id: scan.id, frame, station, answer: None, resend: Some(scan) });
        self.clock.advance(Duration::from_secs(1));
        self.deliver_what_waits(shop);
    }

    pub(super) fn deliver_what_waits(&mut self, shop: &Shop) {
        for number in 0..self.made.len() {
            let Some(scan) = self.made[number].resend.clone() else { continue };
            match wait(shop.intake.take_network(scan)) {
                Ok(recorded) => {
                    self.tell(&format!("delivery {number}: {}", recorded.verdict.as_str()));
                    self.check_repeat(number, &recorded);
                    self.watch.0.answered(number);
                    self.made[number].answer = Some(Answer::Recorded(recorded));
                    // The answer may get lost on its way.
                    if self.random.u8(..5) == 0 {
                        self.inject("answer lost on the network");
                    } else {
                        self.made[number].resend = None;
                    }
                }
                Err(why) => self.tell(&format!("delivery {number}: {why}")),
            }
        }
    }

    fn check_repeat(&mut self, number: usize, now: &Recorded) {
        let Some(Answer::Recorded(first)) = &self.made[number].answer else { return };
        if !now.repeated || (now.scan_no, now.verdict) != (first.scan_no, first.verdict) {
            self.wrong.push(format!("delivery {number} was answered {first:?} and then {now:?}"));
        }
    }

    /// Many scans at once, while the disk takes its time over the first: they share a commit, or the queue is full.
    pub(super) fn burst(&mut self, shop: &Shop) {
        let mut readings = Vec::new();
        for _ in 0..self.random.usize(3..24) {
            let station = self.random.usize(..STATIONS.len());
            let code = self.code(station);
            let read = self.read(station, &code, false);
            readings.extend(read.into_iter().map(|reading| (station, reading)));
        }
        let ids: Vec<_> =
            readings.iter().map(|(station, reading)| (*station, reading.id, reading.bytes.clone())).collect();
        self.watch.0.hold();
        let mut readings = readings.into_iter();
        let Some((_, first)) = readings.next() else { return self.watch.0.release() };
        let commits = shop.store.health().commits;
        let first = shop.intake.take(first);
        // It has come to its sync, or it never will.
        while !self.watch.0.is_held()
            && shop.store.health().commits == commits
            && shop.store.health().red.is_none()
        {
            std::thread::sleep(Duration::from_micros(50));
        }
        let mut all = vec![first];
        all.extend(readings.map(|(_, reading)| shop.intake.take(reading)));
        self.watch.0.release();
        self.inject("burst while the disk is busy");
        let signals = wait(futures_util::future::join_all(all));
        for ((station, id, frame), signal) in ids.into_iter().zip(signals) {
            self.note(station, id, frame, signal);
        }
    }
}
