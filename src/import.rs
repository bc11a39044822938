//! Reads custodians, people, patients and charts from CSV files, line by line: good lines go in, bad ones are reported with
//! their number.
//!
//! Spreadsheet exports come as they are: in any usual encoding, comma, semicolon, tab or bar, columns in any order and under
//! many names. Each list is read twice: first to the end without writing anything, so that a list that should not go in is
//! not begun. Text that a spreadsheet would run as a formula is refused, so that it can never leave in an export.

mod columns;
mod date;
mod encoding;
mod field;
mod lines;
mod links;
mod names;
mod report;
pub mod schedule;
mod survey;
mod table;

pub use columns::Mapping;
pub use date::DateOrder;
pub use report::{ImportReport, Outcome, Progress, Stage, Tolerance};

use crate::store::{Effect, Importer, LineResult, StoreError};
use crate::tracking::Mrn;
use columns::Columns;
use encoding::Encoded;
use lines::{Fault, Parsed, Reading};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use survey::{LINES_PER_STEP, Unreadable, survey};
use table::Table;

/// Lines after which what was done so far is made durable: what a broken off import has to do again. Each commit writes most
/// pages of the indexes over numbers and labels, so that with 20,000 a million charts take a quarter longer.
const LINES_PER_COMMIT: u64 = 100_000;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `mrn,label,home` and more: folders, the charts that own them, and their patients.
    Charts,
    /// `code,name` and more: places and holders.
    Custodians,
    /// `code,name` and more: people with badges.
    People,
    /// `mrn` and more: patients and their numbers.
    Patients,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 4] = [Kind::Charts, Kind::Custodians, Kind::People, Kind::Patients];

    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Charts => "charts",
            Kind::Custodians => "custodians",
            Kind::People => "people",
            Kind::Patients => "patients",
        }
    }

    /// Its columns: those that must be there, then those that may.
    pub fn columns(self) -> (Vec<&'static str>, Vec<&'static str>) {
        let (required, optional) = names::fields(self);
        let names = |fields: &[names::Field]| fields.iter().map(|field| field.name()).collect();
        (names(required), names(optional))
    }
}

/// Why a file could not be imported at all. Nothing of it was kept, unless the database failed.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error("{file} cannot be read")]
    File {
        /// Which.
        file: PathBuf,
        /// Why.
        #[source]
        cause: std::io::Error,
    },
    /// The header does not name what is needed, or the mapping does not fit it.
    #[error("{file}:1: {what}")]
    Header {
        /// Which file.
        file: PathBuf,
        /// What is missing or doubled, and what to write.
        what: String,
    },
    /// What was asked for is not to be had.
    #[error("{0}")]
    Option(String),
    /// A date could be two.
    #[error(
        "{file}:{line}: {column} could be day/month/year or month/day/year; say which with --dates dmy or --dates mdy"
    )]
    AmbiguousDate {
        /// Which file.
        file: PathBuf,
        /// The first such line.
        line: u64,
        /// In which column.
        column: &'static str,
    },
    /// The database failed.
    #[error("the import was broken off; what was not yet kept can be imported again")]
    Store(#[from] StoreError),
}

/// A file to import, and how it is to be read.
#[derive(Debug, Clone)]
pub struct List {
    /// What it holds.
    pub kind: Kind,
    /// The file.
    pub file: PathBuf,
    /// Which columns say what, beyond what their names tell.
    pub mapping: Mapping,
    /// Its encoding by name; `None`: found out.
    pub encoding: Option<String>,
    /// How dates between slashes are read; `None`: only where there is one way.
    pub dates: Option<DateOrder>,
    /// How many bad lines are put up with.
    pub tolerance: Tolerance,
    /// Folders without a label get one of Outguide's own.
    pub own_labels: bool,
}

impl List {
    /// A file that speaks for itself.
    pub fn new(kind: Kind, file: impl Into<PathBuf>) -> List {
        let (file, mapping) = (file.into(), Mapping::default());
        let tolerance = Tolerance::default();
        List { kind, file, mapping, encoding: None, dates: None, tolerance, own_labels: false }
    }

    /// Imports it; `progress` hears from time to time how far it is.
    ///
    /// # Errors
    /// The file cannot be read, its header is not understood, a date could be two, or the database failed. Bad lines are no
    /// error.
    pub fn import(
        &self,
        mut importer: Importer,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<ImportReport, ImportError> {
        let encoded = self.encoded()?;
        let mut table = Table::open(&self.file, encoded)?;
        let found =
            Columns::find(names::fields_of(self.kind, self.own_labels), table.header(), &self.mapping);
        let columns = found.map_err(|what| header_error(&self.file, what))?;
        let report = ImportReport {
            encoding: encoded.told(),
            separator: table.separator(),
            read_as: columns.read_as().to_vec(),
            ignored_columns: columns.ignored().to_vec(),
            ..ImportReport::default()
        };
        let reading = Reading {
            kind: self.kind,
            columns: &columns,
            dates: self.dates,
            now: importer.now(),
            own_labels: self.own_labels,
        };
        let seen = survey(&mut table, &reading, &mut importer, self.tolerance, progress);
        let seen = seen.map_err(|error| self.unreadable(error))?;
        if let Some(ImportReport { lines, refused, bad, .. }) = seen.stopped {
            importer.give_up()?;
            return Ok(ImportReport { outcome: Outcome::Stopped, lines, refused, bad, ..report });
        }
        let table = Table::open(&self.file, encoded)?;
        let (left_out, tolerance) = (seen.left_out, self.tolerance);
        let run = Run { importer, report, left_out, tolerance, is_begun: false, after: Vec::new() };
        run.take(table, &reading, progress).map_err(|error| self.unreadable(error))
    }

    fn encoded(&self) -> Result<Encoded, ImportError> {
        let failed = |cause| ImportError::File { file: self.file.clone(), cause };
        let told =
            self.encoding.as_deref().map(encoding::by_name).transpose().map_err(ImportError::Option)?;
        if !std::fs::metadata(&self.file).map_err(failed)?.is_file() {
            return Err(failed(std::io::Error::other("it is no ordinary file; a list is read twice")));
        }
        Encoded::find(&self.file, told).map_err(failed)
    }

    fn unreadable(&self, error: Unreadable) -> ImportError {
        match error {
            Unreadable::Store(error) => error.into(),
            Unreadable::AmbiguousDate(line, column) => {
                ImportError::AmbiguousDate { file: self.file.clone(), line, column }
            }
        }
    }
}

/// Imports a file that speaks for itself; `progress` hears how many of how many bytes are done.
///
/// # Errors
/// As [`List::import`].
pub fn import(
    kind: Kind,
    file: &Path,
    importer: Importer,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<ImportReport, ImportError> {
    List::new(kind, file).import(importer, &mut |step| progress(step.done, step.of))
}

fn header_error(file: &Path, what: String) -> ImportError {
    ImportError::Header { file: file.to_owned(), what }
}

/// A line of which a part can only be done when all lines are in.
struct After {
    number: u64,
    /// What the rest of the line did.
    effect: Effect,
    rest: Rest,
}

/// What can only be done when all lines are in.
enum Rest {
    /// A custodian is part of another.
    Parent(String, String),
    /// A chart of a record type stands in for another.
    StandIn(Mrn, String, Mrn),
}

/// The second look, which writes.
struct Run {
    importer: Importer,
    report: ImportReport,
    left_out: BTreeMap<u64, String>,
    tolerance: Tolerance,
    /// Something of it is on disk.
    is_begun: bool,
    after: Vec<After>,
}

impl Run {
    fn take(
        mut self,
        mut table: Table,
        reading: &Reading<'_>,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<ImportReport, Unreadable> {
        let of = table.bytes();
        while let Some(line) = table.next_line() {
            let (number, lines, before) = (line.number, line.lines, self.report.lines);
            match line.fields.map_err(Fault::Bad).and_then(|fields| reading.line(fields)) {
                Ok(parsed) => {
                    self.report.lines += 1;
                    self.line(number, parsed)?;
                }
                Err(Fault::Bad(why)) => {
                    self.report.lines += lines;
                    self.report.refuse(number, lines, why);
                }
                Err(Fault::AmbiguousDate(field)) => {
                    return Err(Unreadable::AmbiguousDate(number, field.name()));
                }
            }
            if self.tolerance.is_first_look_over(before, self.report.lines) && self.is_hopeless() {
                return self.stop();
            }
            if self.report.lines.is_multiple_of(LINES_PER_STEP) {
                if self.report.lines.is_multiple_of(LINES_PER_COMMIT) && reading.kind != Kind::Custodians {
                    if self.is_hopeless() {
                        return self.stop();
                    }
                    self.importer.checkpoint()?;
                    self.is_begun = true;
                }
                progress(self.progress(table.bytes_read(), of));
            }
        }
        self.after()?;
        if self.is_hopeless() {
            return self.stop();
        }
        progress(self.progress(of, of));
        self.end(reading.kind)
    }

    fn line(&mut self, number: u64, parsed: Parsed) -> Result<(), StoreError> {
        if let Some(why) = self.left_out.remove(&number) {
            self.report.refuse(number, 1, why);
            return Ok(());
        }
        let (result, rest) = match parsed {
            Parsed::Chart(line, real) => {
                let result = self.importer.chart(&line)?;
                (result, real.map(|real| Rest::StandIn(line.mrn, line.record_type, real)))
            }
            Parsed::Custodian(line, parent) => {
                let result = self.importer.custodian(&line)?;
                (result, parent.map(|parent| Rest::Parent(line.code, parent)))
            }
            Parsed::Person(line) => (self.importer.person(&line)?, None),
            Parsed::Patient(line) => (self.importer.patient(&line)?, None),
        };
        match (result, rest) {
            (Ok(effect), Some(rest)) => self.after.push(After { number, effect, rest }),
            (result, _) => self.note(number, result),
        }
        Ok(())
    }

    fn note(&mut self, number: u64, result: LineResult) {
        match result {
            Ok(Effect::Added) => self.report.added += 1,
            Ok(Effect::Changed) => self.report.changed += 1,
            Ok(Effect::Unchanged) => self.report.unchanged += 1,
            Err(reason) => self.report.refuse(number, 1, reason),
        }
    }

    /// Does what needed all lines. The first look has made sure that it can be done.
    fn after(&mut self) -> Result<(), StoreError> {
        let mut all = std::mem::take(&mut self.after);
        for after in &mut all {
            if let Rest::Parent(code, parent) = &after.rest {
                after.effect = after.effect.max(self.importer.detach(code, parent)?);
            }
        }
        for After { number, effect, rest } in all {
            let result = match rest {
                Rest::Parent(code, parent) => self.importer.parent(&code, &parent)?,
                Rest::StandIn(mrn, record_type, real) => self.importer.stand_in(&mrn, &record_type, &real)?,
            };
            self.note(number, result.map(|rest| rest.max(effect)));
        }
        Ok(())
    }

    /// Too many lines are bad, and nothing is kept yet.
    fn is_hopeless(&self) -> bool {
        !self.is_begun && self.tolerance.is_exceeded(&self.report)
    }

    fn progress(&self, done: u64, of: u64) -> Progress {
        let (lines, on_file) = (self.report.lines, self.report.unchanged);
        Progress { stage: Stage::Taking, done, of, lines, on_file }
    }

    fn stop(self) -> Result<ImportReport, Unreadable> {
        self.importer.give_up()?;
        let (added, changed, unchanged) = (0, 0, 0);
        Ok(ImportReport { outcome: Outcome::Stopped, added, changed, unchanged, ..self.report })
    }

    fn end(mut self, kind: Kind) -> Result<ImportReport, Unreadable> {
        self.report.outcome = if self.importer.is_dry_run() { Outcome::Undone } else { Outcome::Kept };
        self.report.outranked = self.importer.outranked();
        let detail = self.report.detail(kind);
        self.importer.finish(&detail)?;
        Ok(self.report)
    }
}
