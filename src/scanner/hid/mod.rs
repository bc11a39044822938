//! HID POS bar code scanners: what their report descriptor says, read into the reports that the framer knows. Pure.
//!
//! Sources: HID Point of Sale Usage Tables 1.02, section 3 (usage page 0x8C), for what the fields are; Device Class
//! Definition for HID 1.11, section 6.2.2, for how a descriptor says where they are.

mod descriptor;
mod item;
mod scanned;
#[cfg(test)]
mod tests;

use descriptor::{
    DECODED_DATA, Descriptor, Field, SOUND_ERROR_BEEP, SOUND_GOOD_READ_BEEP, SOUND_NOT_ON_FILE_BEEP,
};
use scanned::{Scanned, Shape};

/// The report that most scanners send codes in, and the framer takes.
const SCANNED_DATA: u8 = 2;
/// Least room to read into: a report is commonly this long, whatever its descriptor leaves out.
const REPORT_BYTES_USUAL: usize = 64;

/// How to read one scanner's reports, and how to make it sound.
#[derive(Debug)]
pub struct ReportMap {
    is_numbered: bool,
    /// The reports that carry codes: id (0 where reports have none) and where their fields are.
    scanned: Vec<(u8, Shape)>,
    sounds: Vec<(Sound, Vec<u8>)>,
    report_bytes_max: usize,
}

/// A sound a host may ask a scanner for (section 3.9 of the usage tables).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sound {
    /// As after a good read.
    GoodRead,
    /// The code was read, but nobody knows it.
    NotOnFile,
    /// Something is wrong.
    Error,
}

impl ReportMap {
    /// Reads a report descriptor, as in `/sys/class/hidraw/*/device/report_descriptor`; `None`: not a bar code scanner's.
    ///
    /// A scanner whose descriptor does not say where the code is (some declare 64 bytes and no more) is read as most are
    /// laid out: report 2, length, AIM identifier, 56 bytes of data, two of the vendor's, a bit for "more follows".
    pub fn parse(descriptor: &[u8]) -> Option<ReportMap> {
        let found = descriptor::read(descriptor)?;
        let id_bytes = usize::from(found.is_numbered);
        let longest = found.input_bits.values().copied().max().unwrap_or_default();
        Some(ReportMap {
            is_numbered: found.is_numbered,
            scanned: scanned_reports(&found),
            sounds: sounds(&found),
            report_bytes_max: longest.div_ceil(8).saturating_add(id_bytes).max(REPORT_BYTES_USUAL),
        })
    }

    /// Turns one input report, as read from hidraw, into whole 64-byte reports as the framer takes them.
    ///
    /// Each is `[0]` 2, `[1]` bytes of data, `[2..5]` AIM identifier or zeros, `[5..61]` data, `[63]` bit 0 more follows.
    /// A code longer than 56 bytes becomes several. A report without a code becomes one with another id, which the framer
    /// passes over; one that contradicts itself becomes one that the framer refuses.
    pub fn canonical(&self, report: &[u8], out: &mut Vec<u8>) {
        let (id, fields) = match report {
            [] => return,
            [id, fields @ ..] if self.is_numbered => (*id, fields),
            fields => (0, fields),
        };
        match self.scanned.iter().find(|(one, _)| *one == id) {
            Some((_, shape)) => match shape.read(fields) {
                Some(scanned) => scanned.write(out),
                None => Scanned::write_malformed(fields, out),
            },
            None => scanned::write_other(id, fields, out),
        }
    }

    /// Gives the output report that makes the scanner sound, its id first (0 where reports have none); `None` if its
    /// descriptor declares no such sound.
    pub fn sound(&self, sound: Sound) -> Option<Vec<u8>> {
        self.sounds.iter().find(|(one, _)| *one == sound).map(|(_, report)| report.clone())
    }

    /// Says how long the longest input report is, in bytes, its id included; at least 64.
    pub fn report_bytes_max(&self) -> usize {
        self.report_bytes_max
    }
}

fn scanned_reports(found: &Descriptor) -> Vec<(u8, Shape)> {
    let mut reports: Vec<(u8, Shape)> = Vec::new();
    for field in found.inputs.iter().filter(|field| field.usage == DECODED_DATA) {
        if !reports.iter().any(|(id, _)| *id == field.report_id) {
            let fields = found.inputs.iter().filter(|one| one.report_id == field.report_id);
            reports.extend(Shape::declared(fields).map(|shape| (field.report_id, shape)));
        }
    }
    if !reports.is_empty() {
        return reports;
    }
    let ids = match (&found.scanned_reports[..], found.is_numbered) {
        ([], true) => &[SCANNED_DATA][..],
        ([], false) => &[0],
        (ids, _) => ids,
    };
    ids.iter().map(|id| (*id, Shape::usual(*id))).collect()
}

fn sounds(found: &Descriptor) -> Vec<(Sound, Vec<u8>)> {
    let sounds = [
        (Sound::GoodRead, SOUND_GOOD_READ_BEEP),
        (Sound::NotOnFile, SOUND_NOT_ON_FILE_BEEP),
        (Sound::Error, SOUND_ERROR_BEEP),
    ];
    sounds
        .into_iter()
        .filter_map(|(sound, usage)| {
            let field = found.outputs.iter().find(|field| field.usage == usage)?;
            let bits = found.output_bits.get(&field.report_id)?;
            Some((sound, switched_on(field, *bits)?))
        })
        .collect()
}

/// Makes an output report with 1 in the field and nothing else.
fn switched_on(field: &Field, report_bits: usize) -> Option<Vec<u8>> {
    let mut report = vec![0; report_bits.div_ceil(8).saturating_add(1)];
    *report.first_mut()? = field.report_id;
    let byte = report.get_mut((field.bit / 8).saturating_add(1))?;
    *byte = 1 << (field.bit % 8);
    Some(report)
}
