//! The fields of a line as what they say.

use super::Kind;
use super::columns::Columns;
use super::date::{DateOrder, NoDate, date};
use super::names::Field;
use crate::store::{ChartLine, ChartState, CustodianLine, Ended, PatientLine, PersonLine};
use crate::tracking::{DueRule, FilingScheme, Mrn};
use csv::StringRecord;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Most further numbers of a patient.
const OTHER_MRNS_MAX: usize = 50;

/// What a line says.
pub(super) enum Parsed {
    /// A chart, and the number of the one that it stands in for.
    Chart(Box<ChartLine>, Option<Mrn>),
    /// A custodian, and the code of the one that it is part of, empty for none.
    Custodian(Box<CustodianLine>, Option<String>),
    Person(PersonLine),
    Patient(PatientLine),
}

/// Why a line is not understood.
pub(super) enum Fault {
    /// It is a bad line.
    Bad(String),
    /// Nobody can know: a date of this column may be one or another.
    AmbiguousDate(Field),
}

impl From<String> for Fault {
    fn from(why: String) -> Fault {
        Fault::Bad(why)
    }
}

/// Reads the lines of one list.
pub(super) struct Reading<'a> {
    pub(super) kind: Kind,
    pub(super) columns: &'a Columns,
    pub(super) dates: Option<DateOrder>,
    pub(super) now: Timestamp,
    /// Folders without a label get Outguide's own.
    pub(super) own_labels: bool,
}

impl Reading<'_> {
    /// What a line says.
    pub(super) fn line(&self, line: &StringRecord) -> Result<Parsed, Fault> {
        match self.kind {
            Kind::Charts => {
                Ok(Parsed::Chart(Box::new(self.chart(line)?), self.number(line, Field::TemporaryFor)?))
            }
            Kind::Custodians => {
                let parent = self.columns.removable(line, Field::Parent)?;
                Ok(Parsed::Custodian(Box::new(self.custodian(line)?), parent))
            }
            Kind::People => self.person(line).map(Parsed::Person),
            Kind::Patients => self.patient(line).map(Parsed::Patient),
        }
    }

    fn chart(&self, line: &StringRecord) -> Result<ChartLine, Fault> {
        let volume = self.text(line, Field::Volume)?;
        let volume = match volume {
            None => 1,
            Some(text) => text
                .parse()
                .ok()
                .filter(|number| (1..=999).contains(number))
                .ok_or_else(|| "volume: write a number from 1 to 999".to_owned())?,
        };
        let state = match self.text(line, Field::State)? {
            None => None,
            Some(word) => Some(state(&word)?),
        };
        let label = match self.own_labels {
            true => self.text(line, Field::Label)?,
            false => Some(self.columns.required(line, Field::Label)?.into_owned()),
        };
        Ok(ChartLine {
            label,
            record_type: self.text(line, Field::RecordType)?.unwrap_or_else(|| "medical".to_owned()),
            volume,
            at: self.text(line, Field::Location)?,
            name: self.name(line)?,
            born: self.date(line, Field::Born)?,
            state,
            is_restricted: self.yes(line, Field::Restricted)?.unwrap_or_default(),
            ..ChartLine::new(self.mrn(line)?, "", self.columns.required(line, Field::Home)?)
        })
    }

    fn custodian(&self, line: &StringRecord) -> Result<CustodianLine, Fault> {
        let filing = match self.text(line, Field::Filing)? {
            None => None,
            Some(text) => Some(FilingScheme::parse(&text).map_err(|error| format!("filing: {error}"))?),
        };
        let due = self.columns.removable(line, Field::Due)?;
        if let Some(rule) = due.as_deref().filter(|rule| !rule.is_empty()) {
            DueRule::parse(rule).map_err(|error| format!("due: {error}"))?;
        }
        Ok(CustodianLine {
            kind: self.text(line, Field::Kind)?,
            phone: self.columns.removable(line, Field::Phone)?,
            mail: self.columns.removable(line, Field::Mail)?,
            due,
            filing,
            room: self.columns.removable(line, Field::Room)?,
            label: self.text(line, Field::Label)?,
            closed: self.ended(line, Field::Closed)?,
            ..CustodianLine::new(self.code(line)?, self.columns.required(line, Field::Name)?)
        })
    }

    fn person(&self, line: &StringRecord) -> Result<PersonLine, Fault> {
        Ok(PersonLine {
            code: self.code(line)?,
            name: self.columns.required(line, Field::Name)?.into_owned(),
            label: self.text(line, Field::Label)?,
            left: self.ended(line, Field::Left)?,
        })
    }

    fn patient(&self, line: &StringRecord) -> Result<PatientLine, Fault> {
        Ok(PatientLine {
            mrn: self.mrn(line)?,
            assigner: self.text(line, Field::Assigner)?.unwrap_or_default(),
            others: self.other_mrns(line)?,
            name: self.name(line)?,
            born: self.date(line, Field::Born)?,
            inpatient: self.yes(line, Field::Inpatient)?,
        })
    }

    /// Yes or no, as [`Self::ended`] reads them.
    fn yes(&self, line: &StringRecord, field: Field) -> Result<Option<bool>, Fault> {
        let Some(text) = self.columns.optional(line, field)? else { return Ok(None) };
        match is_yes(&text) {
            Some(is_yes) => Ok(Some(is_yes)),
            None => Err(Fault::Bad(format!("{}: write yes or no", field.name()))),
        }
    }

    fn text(&self, line: &StringRecord, field: Field) -> Result<Option<String>, String> {
        Ok(self.columns.optional(line, field)?.map(std::borrow::Cow::into_owned))
    }

    fn code(&self, line: &StringRecord) -> Result<String, String> {
        let code = self.columns.required(line, Field::Code)?;
        if code.contains(char::is_whitespace) {
            return Err("code: write it without blanks".to_owned());
        }
        Ok(code.into_owned())
    }

    fn mrn(&self, line: &StringRecord) -> Result<Mrn, String> {
        number(Field::Mrn, &self.columns.required(line, Field::Mrn)?)
    }

    fn number(&self, line: &StringRecord, field: Field) -> Result<Option<Mrn>, String> {
        self.columns.optional(line, field)?.map(|text| number(field, &text)).transpose()
    }

    /// Numbers between semicolons, which may have blanks in them, or else between blanks.
    fn other_mrns(&self, line: &StringRecord) -> Result<Vec<Mrn>, String> {
        let Some(text) = self.columns.optional(line, Field::OtherMrns)? else { return Ok(Vec::new()) };
        let has_semicolons = text.contains(';');
        let parts = text.split(|c: char| if has_semicolons { c == ';' } else { c.is_whitespace() });
        let parts: Vec<&str> = parts.map(str::trim).filter(|part| !part.is_empty()).collect();
        if parts.len() > OTHER_MRNS_MAX {
            return Err(format!("other_mrns has more than {OTHER_MRNS_MAX} numbers; divide the line"));
        }
        parts.into_iter().map(|part| number(Field::OtherMrns, part)).collect()
    }

    /// The name as one column has it, or "last, first" from two.
    fn name(&self, line: &StringRecord) -> Result<Option<String>, String> {
        if let Some(name) = self.text(line, Field::Name)? {
            return Ok(Some(name));
        }
        let (last, first) = (self.text(line, Field::LastName)?, self.text(line, Field::FirstName)?);
        Ok(match (last, first) {
            (Some(last), Some(first)) => Some(format!("{last}, {first}")),
            (last, first) => last.or(first),
        })
    }

    fn date(&self, line: &StringRecord, field: Field) -> Result<Option<Date>, Fault> {
        let Some(text) = self.columns.optional(line, field)? else { return Ok(None) };
        self.past_date(field, &text).map(Some)
    }

    fn past_date(&self, field: Field, text: &str) -> Result<Date, Fault> {
        let today = self.now.to_zoned(TimeZone::UTC).date();
        // It may be tomorrow already where the list comes from.
        let latest = today.tomorrow().unwrap_or(today);
        date(text, self.dates, latest).map_err(|error| match error {
            NoDate::Bad(why) => Fault::Bad(format!("{} {why}", field.name())),
            NoDate::Ambiguous => Fault::AmbiguousDate(field),
        })
    }

    /// Yes or no, or the day since when.
    fn ended(&self, line: &StringRecord, field: Field) -> Result<Option<Ended>, Fault> {
        let Some(text) = self.columns.optional(line, field)? else { return Ok(None) };
        Ok(Some(match is_yes(&text) {
            Some(false) => Ended::No,
            Some(true) => Ended::Since(self.now),
            None => {
                let day = self.past_date(field, &text).map_err(|fault| match fault {
                    Fault::Bad(why) => Fault::Bad(format!("{why}; or write yes or no")),
                    Fault::AmbiguousDate(field) => Fault::AmbiguousDate(field),
                })?;
                let midnight = day.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp());
                Ended::Since(midnight.map_or(self.now, |midnight| midnight.min(self.now)))
            }
        }))
    }
}

/// What spreadsheets write for yes and no.
fn is_yes(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "no" | "n" | "false" | "0" | "nein" | "falsch" => Some(false),
        "yes" | "y" | "true" | "1" | "x" | "ja" | "j" | "wahr" => Some(true),
        _ => None,
    }
}

fn number(field: Field, text: &str) -> Result<Mrn, String> {
    Mrn::parse(text).ok_or_else(|| {
        format!("{}: write letters and digits, with `-`, `.`, `/` or blanks between them", field.name())
    })
}

fn state(word: &str) -> Result<ChartState, String> {
    let written = word.to_lowercase().replace([' ', '_'], "-");
    ChartState::parse(&written).ok_or_else(|| {
        let known: Vec<&str> = ChartState::ALL.iter().map(|state| state.as_str()).collect();
        format!("state: write one of {}", known.join(", "))
    })
}
