//! The first look at a list: every line is read before anything is written.
//!
//! Whatever the list says about itself is found here: bad lines, dates that could be two, circles, two lines with one
//! label. So an import that should not be made is not begun.

use super::Kind;
use super::columns::Columns;
use super::lines::{Fault, Parsed, Reading};
use super::links::Links;
use super::names::Field;
use super::report::{ImportReport, Progress, Stage, Tolerance};
use super::table::Table;
use crate::store::{Importer, StoreError};
use std::collections::{BTreeMap, HashMap};

/// Lines between two calls of progress.
pub(super) const LINES_PER_STEP: u64 = 10_000;

/// What the first look found.
pub(super) struct Survey {
    /// Lines that are good by themselves, and not good beside the others, with the reason.
    pub(super) left_out: BTreeMap<u64, String>,
    /// The bad lines, if they are so many that nothing must be kept.
    pub(super) stopped: Option<ImportReport>,
}

/// What is looked at beyond the single line.
struct Together {
    links: Option<Links>,
    /// Labels of custodians and people, and whose they are.
    labels: HashMap<String, String>,
}

impl Together {
    fn new(kind: Kind, columns: &Columns) -> Together {
        let links = match kind {
            Kind::Custodians => Some(Field::Parent),
            Kind::Charts => Some(Field::TemporaryFor),
            Kind::People | Kind::Patients => None,
        };
        let links = links.filter(|column| columns.has(*column)).map(Links::new);
        Together { links, labels: HashMap::new() }
    }

    /// Notes a line that is good by itself; says why if it is not good beside those before it.
    fn note(
        &mut self,
        number: u64,
        parsed: &Parsed,
        importer: &Importer,
    ) -> Result<Option<String>, StoreError> {
        let labelled = match parsed {
            Parsed::Custodian(line, _) => line.label.as_ref().map(|label| (label, &line.code)),
            Parsed::Person(line) => line.label.as_ref().map(|label| (label, &line.code)),
            Parsed::Chart(..) | Parsed::Patient(_) => None,
        };
        if let Some((label, code)) = labelled {
            let on_file = match parsed {
                Parsed::Person(_) => importer.person_of_label(label)?,
                _ => importer.custodian_of_label(label)?,
            };
            let owner =
                self.labels.entry(label.clone()).or_insert_with(|| on_file.unwrap_or_else(|| code.clone()));
            if owner != code {
                return Ok(Some(format!(
                    "label {label} is {owner}'s already; everyone needs a label of their own"
                )));
            }
        }
        if let Some(links) = &mut self.links {
            match parsed {
                Parsed::Custodian(line, parent) => links.note(number, &line.code, parent.as_deref()),
                Parsed::Chart(line, real) => {
                    let name = |key: &str| format!("{key}\u{1f}{}", line.record_type);
                    let real = real.as_ref().map(|real| name(real.key()));
                    links.note(number, &name(line.mrn.key()), real.as_deref());
                }
                Parsed::Person(_) | Parsed::Patient(_) => {}
            }
        }
        Ok(None)
    }

    fn left_out(self, kind: Kind, importer: &Importer) -> Result<BTreeMap<u64, String>, StoreError> {
        let Some(links) = self.links else { return Ok(BTreeMap::new()) };
        links.left_out(&mut |name: &str| match (kind, name.split_once('\u{1f}')) {
            (Kind::Charts, Some((key, record_type))) => {
                let real = importer.stands_in_for(key, record_type)?;
                Ok(real.map(|real| match real.as_str() {
                    "" => real,
                    real => format!("{real}\u{1f}{record_type}"),
                }))
            }
            _ => importer.parent_of(name),
        })
    }
}

/// Reads every line; nothing is written.
pub(super) fn survey(
    table: &mut Table,
    reading: &Reading<'_>,
    importer: &mut Importer,
    tolerance: Tolerance,
    progress: &mut dyn FnMut(Progress),
) -> Result<Survey, Unreadable> {
    let mut report = ImportReport::default();
    let mut together = Together::new(reading.kind, reading.columns);
    let mut left_out = BTreeMap::new();
    let of = table.bytes();
    while let Some(line) = table.next_line() {
        let (number, lines, before) = (line.number, line.lines, report.lines);
        match line.fields.map_err(Fault::Bad).and_then(|fields| reading.line(fields)) {
            Ok(parsed) => {
                report.lines += 1;
                if let Some(why) = unknown_place(&parsed, importer)? {
                    report.refuse(number, 1, why);
                } else if let Some(why) = together.note(number, &parsed, importer)? {
                    left_out.insert(number, why.clone());
                    report.refuse(number, 1, why);
                }
            }
            Err(Fault::Bad(why)) => {
                report.lines += lines;
                report.refuse(number, lines, why);
            }
            Err(Fault::AmbiguousDate(field)) => return Err(Unreadable::AmbiguousDate(number, field.name())),
        }
        if tolerance.is_first_look_over(before, report.lines) && tolerance.is_exceeded(&report) {
            return Ok(Survey { left_out, stopped: Some(report) });
        }
        if report.lines.is_multiple_of(LINES_PER_STEP) {
            let (done, lines) = (table.bytes_read(), report.lines);
            progress(Progress { stage: Stage::Reading, done, of, lines, on_file: 0 });
        }
    }
    for (number, why) in together.left_out(reading.kind, importer)? {
        report.refuse(number, 1, why.clone());
        left_out.insert(number, why);
    }
    let stopped = tolerance.is_exceeded(&report).then_some(report);
    Ok(Survey { left_out, stopped })
}

/// Why a list cannot be read to its end.
#[derive(Debug)]
pub(super) enum Unreadable {
    /// On this line and in this column stands a date that could be two.
    AmbiguousDate(u64, &'static str),
    Store(StoreError),
}

impl From<StoreError> for Unreadable {
    fn from(error: StoreError) -> Unreadable {
        Unreadable::Store(error)
    }
}

/// Says so if a chart is said to be with somebody who is not on file.
fn unknown_place(parsed: &Parsed, importer: &mut Importer) -> Result<Option<String>, StoreError> {
    let Parsed::Chart(line, _) = parsed else { return Ok(None) };
    for (what, code) in [("home", Some(&line.home)), ("location", line.at.as_ref())] {
        if let Some(code) = code
            && !importer.has_custodian(code)?
        {
            return Ok(Some(format!("{what} {code} is not on file; import custodians first")));
        }
    }
    Ok(None)
}
