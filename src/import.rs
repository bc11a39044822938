//! Reads custodians and charts from CSV files, line by line: good lines go in, bad ones are reported with their number.
//!
//! Spreadsheet exports come as they are: comma, semicolon or tab, a byte order mark or none, columns in any order and
//! case. Text that a spreadsheet would run as a formula is refused, so that it can never leave in an export.

mod columns;
mod table;

use crate::store::{ChartLine, CustodianLine, Effect, Importer, StoreError};
use crate::tracking::{FilingScheme, Mrn};
use columns::{Columns, Line};
use std::path::{Path, PathBuf};
use table::Table;

/// Lines after which what was done so far is made durable.
const LINES_PER_COMMIT: u64 = 20_000;
/// Most bad lines that a report lists; the rest are counted.
const LISTED_MAX: usize = 200;
/// Longest label, code or name, in characters.
const TEXT_CHARS_MAX: usize = 200;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `mrn,label,home` and optionally `volume,record_type,location`.
    Charts,
    /// `code,name` and optionally `kind,parent,phone,filing,label`.
    Custodians,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// Lines read, the header aside.
    pub lines: u64,
    /// Lines that were new.
    pub added: u64,
    /// Lines that changed something.
    pub changed: u64,
    /// Lines that said nothing new.
    pub unchanged: u64,
    /// Lines left out.
    pub refused: u64,
    /// The first of them: line number and reason.
    pub bad: Vec<(u64, String)>,
    /// Columns that were not understood and not used.
    pub ignored_columns: Vec<String>,
}

/// Why a file could not be imported at all.
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
    /// The header does not name what is needed.
    #[error("{file}:1: {what}")]
    Header {
        /// Which file.
        file: PathBuf,
        /// What is missing or doubled, and what to write.
        what: String,
    },
    /// The database failed.
    #[error("the import was broken off; what was not yet kept can be imported again")]
    Store(#[from] StoreError),
}

/// Imports a file; `progress` hears how many of how many bytes are done.
///
/// # Errors
/// The file cannot be read, its header is not understood, or the database failed. Bad lines are no error.
pub fn import(
    kind: Kind,
    file: &Path,
    importer: Importer,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<ImportReport, ImportError> {
    let mut table = Table::open(file)?;
    let columns = Columns::find(kind, table.header()).map_err(|what| header_error(file, what))?;
    let mut run = Run { importer, report: ImportReport::default() };
    run.report.ignored_columns = columns.ignored().to_vec();
    let mut parents = Vec::new();
    while let Some(line) = table.next_line() {
        run.report.lines += 1;
        let (number, fields) = (line.number, line.fields);
        match fields.and_then(|fields| parse(kind, &columns, &fields)) {
            Ok(Parsed::Chart(chart)) => {
                let result = run.importer.chart(&chart)?;
                run.note(number, result);
            }
            Ok(Parsed::Custodian(custodian, parent)) => {
                let result = run.importer.custodian(&custodian)?;
                if let (Ok(_), Some(parent)) = (&result, parent) {
                    parents.push((number, custodian.code.clone(), parent));
                }
                run.note(number, result);
            }
            Err(reason) => run.note(number, Err(reason)),
        }
        if run.report.lines.is_multiple_of(LINES_PER_COMMIT) {
            run.importer.checkpoint()?;
            progress(table.bytes_read(), table.bytes());
        }
    }
    for (number, code, parent) in parents {
        if let Err(reason) = run.importer.parent(&code, &parent)? {
            run.refuse(number, reason);
        }
    }
    progress(table.bytes(), table.bytes());
    let detail = run.detail(kind);
    run.importer.finish(&detail)?;
    Ok(run.report)
}

fn header_error(file: &Path, what: String) -> ImportError {
    ImportError::Header { file: file.to_owned(), what }
}

struct Run {
    importer: Importer,
    report: ImportReport,
}

impl Run {
    fn note(&mut self, number: u64, result: Result<Effect, String>) {
        match result {
            Ok(Effect::Added) => self.report.added += 1,
            Ok(Effect::Changed) => self.report.changed += 1,
            Ok(Effect::Unchanged) => self.report.unchanged += 1,
            Err(reason) => self.refuse(number, reason),
        }
    }

    fn refuse(&mut self, number: u64, reason: String) {
        self.report.refused += 1;
        if self.report.bad.len() < LISTED_MAX {
            self.report.bad.push((number, reason));
        }
    }

    fn detail(&self, kind: Kind) -> String {
        let what = match kind {
            Kind::Charts => "charts",
            Kind::Custodians => "custodians",
        };
        let ImportReport { lines, added, changed, unchanged, refused, .. } = &self.report;
        format!(
            "{what}: {lines} lines, {added} added, {changed} changed, {unchanged} unchanged, {refused} refused"
        )
    }
}

enum Parsed {
    Chart(ChartLine),
    Custodian(CustodianLine, Option<String>),
}

fn parse(kind: Kind, columns: &Columns, fields: &Line) -> Result<Parsed, String> {
    match kind {
        Kind::Charts => chart(columns, fields).map(Parsed::Chart),
        Kind::Custodians => {
            custodian(columns, fields).map(|(custodian, parent)| Parsed::Custodian(custodian, parent))
        }
    }
}

fn chart(columns: &Columns, fields: &Line) -> Result<ChartLine, String> {
    let mrn = columns.required(fields, "mrn")?;
    let volume = columns.optional(fields, "volume")?.unwrap_or_else(|| "1".to_owned());
    Ok(ChartLine {
        mrn: Mrn::parse(&mrn)
            .ok_or("mrn: write letters and digits, with `-`, `.`, `/` or blanks between them")?,
        record_type: columns.optional(fields, "record_type")?.unwrap_or_else(|| "medical".to_owned()),
        volume: volume
            .parse()
            .ok()
            .filter(|number| (1..=999).contains(number))
            .ok_or("volume: write a number from 1 to 999")?,
        label: columns.required(fields, "label")?,
        home: columns.required(fields, "home")?,
        at: columns.optional(fields, "location")?,
    })
}

fn custodian(columns: &Columns, fields: &Line) -> Result<(CustodianLine, Option<String>), String> {
    let filing = columns.optional(fields, "filing")?.unwrap_or_default();
    let line = CustodianLine {
        code: columns.required(fields, "code")?,
        name: columns.required(fields, "name")?,
        kind: columns.optional(fields, "kind")?.unwrap_or_else(|| "other".to_owned()),
        phone: columns.optional(fields, "phone")?,
        filing: FilingScheme::parse(&filing).map_err(|error| format!("filing: {error}"))?,
        label: columns.optional(fields, "label")?,
    };
    if line.code.contains(char::is_whitespace) {
        return Err("code: write it without blanks".to_owned());
    }
    Ok((line, columns.optional(fields, "parent")?))
}

#[cfg(test)]
mod tests;
