//! Where the fields of a bar code scanner's reports lie, as its report descriptor declares them.

use super::item::{Flags, Item, Items, Usage};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Longest report believed, in bytes: Linux reads none that is longer (`HID_MAX_BUFFER_SIZE`).
const REPORT_BYTES_MAX: usize = 16384;
/// Most fields kept; a scanner has about ten.
const FIELDS_MAX: usize = 512;

/// A usage with its page: `0x8C_00FE` is usage 0xFE of page 0x8C.
pub(super) type FullUsage = u32;

/// Application usages of the Bar Code Scanner page (HID Point of Sale Usage Tables 1.02, section 3.1): badge reader,
/// bar code scanner, one that tells no symbology, cordless base, cradle.
const SCANNERS: RangeInclusive<FullUsage> = 0x8c_0001..=0x8c_0005;
/// The collection of the report with the code (section 3.2).
const SCANNED_DATA_REPORT: FullUsage = 0x8c_0012;
/// How many bytes of the data are used: Byte Count of the Generic Desktop page (HID Usage Tables, section 4).
pub(super) const BYTE_COUNT: FullUsage = 0x01_003b;
/// The three characters of the AIM identifier (section 3, data fields of the scanned data report).
pub(super) const SYMBOLOGY_IDENTIFIER: [FullUsage; 3] = [0x8c_00fb, 0x8c_00fc, 0x8c_00fd];
/// What the code says (as before).
pub(super) const DECODED_DATA: FullUsage = 0x8c_00fe;
/// Whether the next report has more of it (as before).
pub(super) const DECODE_DATA_CONTINUED: FullUsage = 0x8c_00ff;
/// Sounds the host may ask for (section 3.9, user interface).
pub(super) const SOUND_ERROR_BEEP: FullUsage = 0x8c_0085;
pub(super) const SOUND_GOOD_READ_BEEP: FullUsage = 0x8c_0086;
pub(super) const SOUND_NOT_ON_FILE_BEEP: FullUsage = 0x8c_0087;

const INPUT_FIELDS: &[FullUsage] = &[
    BYTE_COUNT,
    SYMBOLOGY_IDENTIFIER[0],
    SYMBOLOGY_IDENTIFIER[1],
    SYMBOLOGY_IDENTIFIER[2],
    DECODED_DATA,
    DECODE_DATA_CONTINUED,
];
const OUTPUT_FIELDS: &[FullUsage] = &[SOUND_ERROR_BEEP, SOUND_GOOD_READ_BEEP, SOUND_NOT_ON_FILE_BEEP];

/// What a scanner's descriptor says.
#[derive(Debug, Default)]
pub(super) struct Descriptor {
    /// Whether reports begin with their id.
    pub(super) is_numbered: bool,
    /// Input fields that carry a code.
    pub(super) inputs: Vec<Field>,
    /// Output fields that make it sound.
    pub(super) outputs: Vec<Field>,
    /// Bits of each input report, its id left out.
    pub(super) input_bits: BTreeMap<u8, usize>,
    /// Bits of each output report, its id left out.
    pub(super) output_bits: BTreeMap<u8, usize>,
    /// Reports in a scanned data collection.
    pub(super) scanned_reports: Vec<u8>,
}

/// Neighbouring values of one usage in a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    /// 0 where reports have no id.
    pub(super) report_id: u8,
    pub(super) usage: FullUsage,
    /// First bit, counted from the end of the id.
    pub(super) bit: usize,
    /// Bits of one value.
    pub(super) size: usize,
    /// How many values.
    pub(super) count: usize,
}

/// What holds for the items that follow (HID 1.11, section 6.2.2.7).
#[derive(Debug, Clone, Copy, Default)]
struct Globals {
    page: u16,
    size: u32,
    count: u32,
    report_id: u8,
}

/// A run of usages, first and last id, whose page may not be known yet.
#[derive(Debug, Clone, Copy)]
struct Run {
    page: u16,
    /// Whether the usage brought its page.
    is_extended: bool,
    first: u16,
    last: u16,
}

#[derive(Debug, Default)]
struct Walk {
    globals: Globals,
    pushed: Vec<Globals>,
    usages: Vec<Run>,
    /// A range whose end has not come.
    minimum: Option<Usage>,
    /// Within a delimited set: whether its first usage was taken.
    alternative: Option<bool>,
    /// Usages of the open collections.
    collections: Vec<FullUsage>,
    is_scanner: bool,
    found: Descriptor,
}

/// Reads a descriptor; nothing if it is no bar code scanner's, or declares a report that no system would read.
pub(super) fn read(descriptor: &[u8]) -> Option<Descriptor> {
    let mut walk = Walk::default();
    for item in Items::new(descriptor) {
        walk.step(item)?;
    }
    walk.is_scanner.then_some(walk.found)
}

impl Walk {
    /// Takes one item; nothing if its report grows out of all bounds.
    fn step(&mut self, item: Item) -> Option<()> {
        match item {
            Item::Input(flags) => self.input(flags)?,
            Item::Output(flags) => self.output(flags)?,
            Item::Collection => self.open_collection(),
            Item::EndCollection => {
                self.collections.pop();
            }
            Item::UsagePage(page) => self.globals.page = page,
            Item::ReportSize(size) => self.globals.size = size,
            Item::ReportCount(count) => self.globals.count = count,
            Item::ReportId(id) => {
                self.globals.report_id = id;
                self.found.is_numbered |= id != 0;
            }
            Item::Push => self.pushed.push(self.globals),
            Item::Pop => self.globals = self.pushed.pop().unwrap_or(self.globals),
            Item::Usage(usage) => self.usage(usage, usage.id),
            Item::UsageMinimum(usage) => self.minimum = Some(usage),
            Item::UsageMaximum(last) => {
                if let Some(first) = self.minimum.take() {
                    self.usage(first, last.id);
                }
            }
            Item::Delimiter(is_opened) => self.alternative = is_opened.then_some(false),
            Item::Feature | Item::Other => {}
        }
        let is_main = matches!(
            item,
            Item::Input(_) | Item::Output(_) | Item::Feature | Item::Collection | Item::EndCollection
        );
        if is_main {
            self.usages.clear();
            self.minimum = None;
            self.alternative = None;
        }
        Some(())
    }

    fn usage(&mut self, usage: Usage, last: u16) {
        // Of a delimited set the first usage is the preferred one, and it has one place.
        if self.alternative != Some(true) {
            self.usages.push(Run {
                page: usage.page.unwrap_or(self.globals.page),
                is_extended: usage.page.is_some(),
                first: usage.id,
                last: last.max(usage.id),
            });
        }
        self.alternative = self.alternative.map(|_| true);
    }

    /// Opens a collection; a scanner is what has one of its application usages outermost.
    fn open_collection(&mut self) {
        self.settle_pages();
        let usage = self.usages.first().map_or(0, |run| full(run.page, run.first));
        self.is_scanner |= self.collections.is_empty() && SCANNERS.contains(&usage);
        self.collections.push(usage);
    }

    /// Gives usages the page that was declared after them, as far back as it is another; so does Linux.
    fn settle_pages(&mut self) {
        let page = self.globals.page;
        let short = self.usages.iter_mut().rev().filter(|run| !run.is_extended);
        short.take_while(|run| run.page != page).for_each(|run| run.page = page);
    }

    fn is_within_scanner(&self) -> bool {
        self.collections.first().is_some_and(|usage| SCANNERS.contains(usage))
    }

    fn input(&mut self, flags: Flags) -> Option<()> {
        let bit = grow(&mut self.found.input_bits, self.globals)?;
        let id = self.globals.report_id;
        let is_scanned = self.is_within_scanner() && self.collections.contains(&SCANNED_DATA_REPORT);
        if is_scanned && !self.found.scanned_reports.contains(&id) {
            self.found.scanned_reports.push(id);
        }
        if !flags.is_constant && self.is_within_scanner() {
            let fields = self.fields(INPUT_FIELDS, bit);
            self.found.inputs.extend(fields);
            self.found.inputs.truncate(FIELDS_MAX);
        }
        Some(())
    }

    fn output(&mut self, flags: Flags) -> Option<()> {
        let bit = grow(&mut self.found.output_bits, self.globals)?;
        if !flags.is_constant && flags.is_variable && self.is_within_scanner() {
            let fields = self.fields(OUTPUT_FIELDS, bit);
            self.found.outputs.extend(fields);
            self.found.outputs.truncate(FIELDS_MAX);
        }
        Some(())
    }

    /// Finds the wanted usages among the values of a main item; the last usage stands for all values that are left.
    fn fields(&mut self, wanted: &[FullUsage], first_bit: usize) -> Vec<Field> {
        self.settle_pages();
        let Globals { size, count, report_id, .. } = self.globals;
        let (Ok(size), Ok(count)) = (usize::try_from(size), usize::try_from(count)) else {
            return Vec::new();
        };
        let mut fields = Vec::new();
        let mut place = 0_usize;
        let mut runs = self.usages.iter().peekable();
        while let Some(run) = runs.next() {
            let is_last_run = runs.peek().is_none();
            for usage in wanted.iter().copied().filter(|usage| run.contains(*usage)) {
                let within = usize::try_from(usage - full(run.page, run.first)).unwrap_or(usize::MAX);
                let start = place.saturating_add(within);
                let is_last = is_last_run && usage == full(run.page, run.last);
                let left = count.saturating_sub(start);
                let count = if is_last { left } else { left.min(1) };
                let bit = first_bit.saturating_add(start.saturating_mul(size));
                if count > 0 && fields.len() < FIELDS_MAX {
                    fields.push(Field { report_id, usage, bit, size, count });
                }
            }
            place = place.saturating_add(run.length());
        }
        fields
    }
}

impl Run {
    fn contains(&self, usage: FullUsage) -> bool {
        (full(self.page, self.first)..=full(self.page, self.last)).contains(&usage)
    }

    fn length(&self) -> usize {
        usize::from(self.last - self.first).saturating_add(1)
    }
}

fn full(page: u16, id: u16) -> FullUsage {
    (u32::from(page) << 16) | u32::from(id)
}

/// Adds a main item's values to its report; gives the bit they begin at, or nothing if the report is too long.
fn grow(reports: &mut BTreeMap<u8, usize>, globals: Globals) -> Option<usize> {
    let bits = reports.entry(globals.report_id).or_default();
    let start = *bits;
    let more = usize::try_from(globals.size.checked_mul(globals.count)?).ok()?;
    *bits = start.checked_add(more).filter(|bits| *bits <= REPORT_BYTES_MAX.saturating_mul(8))?;
    Some(start)
}
