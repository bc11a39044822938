//! A report with a code: where its fields are, what is in them, and the 64 bytes the framer takes.

use super::SCANNED_DATA;
use super::descriptor::{BYTE_COUNT, DECODE_DATA_CONTINUED, DECODED_DATA, Field, SYMBOLOGY_IDENTIFIER};
use crate::label::Aim;

/// Bytes of one report that the framer takes.
const REPORT: usize = 64;
/// Most data bytes in one of them.
const DATA_MAX: usize = 56;
/// A length that no report has room for.
const MALFORMED: u8 = 0xff;
/// What scanners send that do not name the symbology.
const NO_AIM: [u8; 3] = [0; 3];

/// Where the fields of a report with a code are.
#[derive(Debug)]
pub(super) struct Shape {
    /// How many bytes of the data are used.
    length: Option<Field>,
    aim: Option<[Field; 3]>,
    data: Vec<Field>,
    /// Whether the next report has more of the code.
    more: Option<Field>,
}

/// What one report carries.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Scanned {
    aim: [u8; 3],
    data: Vec<u8>,
    more: bool,
}

impl Shape {
    /// Takes the fields of one report; nothing if its data are not bytes.
    pub(super) fn declared<'a>(fields: impl Iterator<Item = &'a Field> + Clone) -> Option<Shape> {
        let find = |usage| fields.clone().find(|field| field.usage == usage).copied();
        let data = fields.clone().filter(|field| field.usage == DECODED_DATA).map(in_bytes);
        let data = data.collect::<Option<Vec<_>>>().filter(|data| !data.is_empty())?;
        let aim = match SYMBOLOGY_IDENTIFIER.map(find) {
            [Some(first), Some(second), Some(third)] => Some([first, second, third]),
            _ => None,
        };
        Some(Shape { length: find(BYTE_COUNT), aim, data, more: find(DECODE_DATA_CONTINUED) })
    }

    /// Lays a report out as most scanners do: length, identifier, data, two bytes of the vendor's, flags.
    pub(super) fn usual(report_id: u8) -> Shape {
        let field = |usage, byte: usize, size, count| {
            let bit = byte.saturating_mul(8);
            Field { report_id, usage, bit, size, count }
        };
        let [first, second, third] = SYMBOLOGY_IDENTIFIER;
        Shape {
            length: Some(field(BYTE_COUNT, 0, 8, 1)),
            aim: Some([field(first, 1, 8, 1), field(second, 2, 8, 1), field(third, 3, 8, 1)]),
            data: vec![field(DECODED_DATA, 4, 8, DATA_MAX)],
            more: Some(field(DECODE_DATA_CONTINUED, 62, 1, 1)),
        }
    }

    /// Reads a report, its id left out; nothing if it says it has more data than it has room for.
    pub(super) fn read(&self, report: &[u8]) -> Option<Scanned> {
        let (aim, shift) = identifier(report, self.aim.as_ref());
        let mut data: Vec<u8> = self.data.iter().flat_map(|field| values(report, *field, shift)).collect();
        let length = match self.length {
            Some(length) => usize::try_from(value(report, length.bit, length.size)?).ok()?,
            // Nothing says how long it is: what is not used is filled up with zeros.
            None => data.iter().rposition(|byte| *byte != 0).map_or(0, |last| last.saturating_add(1)),
        };
        if length > data.len() {
            return None;
        }
        data.truncate(length);
        let more = self.more.and_then(|more| value(report, more.bit, more.size));
        Some(Scanned { aim, data, more: more.is_some_and(|more| more != 0) })
    }
}

/// Reads the identifier, and how many bits the data lie behind where they were declared: some scanners put one byte of
/// their own before the identifier and declare none.
fn identifier(report: &[u8], fields: Option<&[Field; 3]>) -> ([u8; 3], usize) {
    let at = |shift: usize| {
        let [first, second, third] = fields?.map(|field| {
            let byte = value(report, field.bit.saturating_add(shift), field.size)?;
            u8::try_from(byte).ok()
        });
        Some([first?, second?, third?]).filter(|id| is_aim(*id))
    };
    [0, 8].into_iter().find_map(|shift| Some((at(shift)?, shift))).unwrap_or((NO_AIM, 0))
}

fn is_aim(id: [u8; 3]) -> bool {
    Aim::split(&id).0.is_some()
}

/// Takes a field of larger values apart into bytes; nothing if that leaves a rest.
fn in_bytes(field: &Field) -> Option<Field> {
    match (field.size, field.size % 8) {
        (1..=8, _) => Some(*field),
        (size @ 9.., 0) => Some(Field { size: 8, count: field.count.saturating_mul(size / 8), ..*field }),
        _ => None,
    }
}

/// Reads the values of a field of at most eight bits each, as far as the report goes.
fn values(report: &[u8], field: Field, shift: usize) -> impl Iterator<Item = u8> {
    (0..field.count).map_while(move |index| {
        let bit = field.bit.saturating_add(shift).saturating_add(index.saturating_mul(field.size));
        u8::try_from(value(report, bit, field.size)?).ok()
    })
}

/// Reads the bits of one value, the lowest first; nothing if the report ends before.
fn value(report: &[u8], first_bit: usize, size: usize) -> Option<u32> {
    (0..size.min(32)).try_fold(0, |value, index| {
        let bit = first_bit.saturating_add(index);
        let byte = report.get(bit / 8)?;
        Some(value | (u32::from((byte >> (bit % 8)) & 1) << index))
    })
}

impl Scanned {
    /// Adds the reports the framer takes.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        let mut rest = &self.data[..];
        loop {
            let (part, after) = rest.split_at_checked(DATA_MAX).unwrap_or((rest, &[]));
            let more = self.more || !after.is_empty();
            let length = u8::try_from(part.len()).unwrap_or(MALFORMED);
            write(length, &[&self.aim[..], part], u8::from(more), out);
            rest = after;
            if rest.is_empty() {
                return;
            }
        }
    }

    /// Adds a report that the framer refuses, with what was in this one.
    pub(super) fn write_malformed(report: &[u8], out: &mut Vec<u8>) {
        write(MALFORMED, &[report], 0, out);
    }
}

fn write(length: u8, content: &[&[u8]], flags: u8, out: &mut Vec<u8>) {
    let end = out.len().saturating_add(REPORT);
    out.extend_from_slice(&[SCANNED_DATA, length]);
    content.iter().for_each(|part| out.extend_from_slice(part));
    out.resize(end.saturating_sub(1), 0);
    out.push(flags);
}

/// Adds a report that the framer passes over.
pub(super) fn write_other(id: u8, report: &[u8], out: &mut Vec<u8>) {
    let end = out.len().saturating_add(REPORT);
    out.push(if id == SCANNED_DATA { 0 } else { id });
    out.extend_from_slice(report);
    out.resize(end, 0);
}
