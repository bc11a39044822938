//! Turned bits: in the database, where `verify` has to name them, and in the log, where the next start has to.

use super::NotTried;
use super::cuts::{Tape, put};
use super::room::Room;
use crate::clock::Clock;
use crate::store::{Place, contents, damaged_logs, verify};
use std::path::Path;
use std::time::Duration;

const CONTROLS: usize = 5;
/// What is looked for to turn a bit in the middle of a scan.
const KNOWN: &[u8] = b"SELFTEST-0000";

/// What was turned and found.
#[derive(Debug, Clone, Copy, Default)]
pub struct Bits {
    /// Bits turned in the database.
    pub turned: u32,
    /// Named by `verify`.
    pub named: u32,
    /// In bytes that say nothing.
    pub harmless: u32,
    /// In lists (names, labels), which no chain covers.
    pub in_lists: u32,
    /// Bits turned in the log.
    pub turned_in_log: u32,
    /// Put right at the next start, or their loss told.
    pub told_of_log: u32,
    /// Neither told nor without effect.
    pub silent: u32,
    /// Bits turned in the middle of recorded scans, all of which have to be named.
    pub controls: u32,
    /// Those that were.
    pub controls_named: u32,
}

impl Bits {
    /// Nothing was silent, and the controls were caught.
    pub fn is_good(&self) -> bool {
        self.silent == 0 && self.controls > 0 && self.controls_named == self.controls
    }
}

pub(super) fn bits(dir: &Path, time: Duration, clock: &Clock) -> Result<Bits, NotTried> {
    let tape = Tape::record(&dir.join("bits"), clock)?;
    let db = dir.join("bits").join("outguide.db");
    let database = std::fs::read(db).map_err(NotTried::file("read its database"))?;
    let mut bits = Bits::default();
    let said = contents(&Place::new(put(dir, &database, &[])?))
        .map_err(|error| NotTried::Store(error.to_string()))?;
    let began = clock.elapsed();
    while bits.turned < 10 || clock.elapsed().saturating_sub(began) < time / 2 {
        let turned = with_a_bit_turned(&database, fastrand::usize(..database.len()));
        let place = Place::new(put(dir, &turned, &[])?);
        bits.turned += 1;
        match (is_named(&place), contents(&place).is_ok_and(|now| now == said)) {
            (true, _) => bits.named += 1,
            (false, true) => bits.harmless += 1,
            // The chains hold and whereabouts follow from them: history is what it was.
            (false, false) => bits.in_lists += 1,
        }
    }
    while bits.turned_in_log < 10 || clock.elapsed().saturating_sub(began) < time {
        let place = Place::new(put(
            dir,
            &tape.database,
            &with_a_bit_turned(&tape.log, fastrand::usize(..tape.log.len())),
        )?);
        bits.turned_in_log += 1;
        let is_lost = Room::open(&place.dir, clock).and_then(|room| {
            let missing = room.missing(tape.numbers());
            room.close();
            missing
        });
        let is_told = !damaged_logs(&place).is_empty();
        match (is_told, is_lost) {
            (true, _) | (false, Err(_)) => bits.told_of_log += 1,
            // The last commit may look like one that the power cut short.
            (false, Ok(0 | 1)) => {}
            (false, Ok(_)) => bits.silent += 1,
        }
    }
    let known =
        (0..database.len()).filter(|at| database.get(*at..).is_some_and(|rest| rest.starts_with(KNOWN)));
    let known: Vec<usize> = known.collect();
    for _ in 0..CONTROLS {
        // All labels stand in the list of labels, too; a scan's frame is what comes last in the file.
        let Some(at) = known.iter().rev().nth(fastrand::usize(..known.len().clamp(1, 40))) else { continue };
        let place = Place::new(put(dir, &with_a_bit_turned(&database, *at), &[])?);
        bits.controls += 1;
        bits.controls_named += u32::from(is_named(&place));
    }
    Ok(bits)
}

fn with_a_bit_turned(bytes: &[u8], at: usize) -> Vec<u8> {
    let mut turned = bytes.to_vec();
    if let Some(byte) = turned.get_mut(at) {
        *byte ^= 1 << fastrand::u8(..8);
    }
    turned
}

fn is_named(place: &Place) -> bool {
    verify(place, &mut |_, _| ()).map_or(true, |report| !report.findings.is_empty())
}
