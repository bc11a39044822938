//! What the lines of lists say.

use crate::tracking::{FilingScheme, Mrn};
use jiff::Timestamp;
use jiff::civil::Date;

/// A custodian as a list names it. What is `None` is not said, and stays as it is on file.
#[derive(Debug, Clone)]
pub struct CustodianLine {
    /// What configuration and other lists call it.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// file-area, clinic, ward, person, box, other; a new one is other.
    pub kind: Option<String>,
    /// How to reach the holder; empty: it has none.
    pub phone: Option<String>,
    /// Where notices go; empty: nowhere.
    pub mail: Option<String>,
    /// When what it has is due back, as written; empty: never.
    pub due: Option<String>,
    /// Order of its shelves; a new one has `td-2-2`.
    pub filing: Option<FilingScheme>,
    /// Where it is found in the house; empty: nowhere.
    pub room: Option<String>,
    /// Key of its label; one that has none gets Outguide's own.
    pub label: Option<String>,
    /// Whether it still takes charts.
    pub closed: Option<Ended>,
}

impl CustodianLine {
    /// A line that says nothing but code and name.
    pub fn new(code: impl Into<String>, name: impl Into<String>) -> CustodianLine {
        let (code, name) = (code.into(), name.into());
        CustodianLine {
            code,
            name,
            kind: None,
            phone: None,
            mail: None,
            due: None,
            filing: None,
            room: None,
            label: None,
            closed: None,
        }
    }
}

/// A person with a badge as a list names it. What is `None` is not said, and stays as it is on file.
#[derive(Debug, Clone)]
pub struct PersonLine {
    /// What journal and lists call the person.
    pub code: String,
    /// What people call the person.
    pub name: String,
    /// Key of the badge; somebody who has none gets Outguide's own.
    pub label: Option<String>,
    /// Whether the person still works here.
    pub left: Option<Ended>,
}

/// Whether something is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// It is not.
    No,
    /// It is, since then; what is on file as over keeps its time.
    Since(Timestamp),
}

/// A patient as a list names it. What is `None` is not said, and stays as it is on file.
#[derive(Debug, Clone)]
pub struct PatientLine {
    /// The patient's number.
    pub mrn: Mrn,
    /// Who gave the number; empty: this site.
    pub assigner: String,
    /// Further numbers from the same assigner.
    pub others: Vec<Mrn>,
    /// As the list writes it.
    pub name: Option<String>,
    /// Date of birth.
    pub born: Option<Date>,
    /// In a ward: nothing of theirs is due back. A list discharges nobody.
    pub inpatient: Option<bool>,
}

/// A volume, with the chart that owns it, as a list names it. What is `None` is not said, and stays as it is on file.
#[derive(Debug, Clone)]
pub struct ChartLine {
    /// The patient's number.
    pub mrn: Mrn,
    /// medical, dental, …
    pub record_type: String,
    /// 1 for the first volume.
    pub volume: u32,
    /// Key of its label; a folder that has none gets Outguide's own, to be printed.
    pub label: Option<String>,
    /// Code of the custodian where it belongs.
    pub home: String,
    /// Code of the custodian who has it now.
    pub at: Option<String>,
    /// The patient's name.
    pub name: Option<String>,
    /// The patient's date of birth.
    pub born: Option<Date>,
    /// What the folder is; a list never makes one active again.
    pub state: Option<ChartState>,
    /// The chart is opened with a reason only. A list never takes that away.
    pub is_restricted: bool,
}

impl ChartLine {
    /// The first volume of a medical chart, at home.
    pub fn new(mrn: Mrn, label: impl Into<String>, home: impl Into<String>) -> ChartLine {
        let (label, home) = (label.into(), home.into());
        ChartLine {
            mrn,
            record_type: "medical".to_owned(),
            volume: 1,
            label: Some(label),
            home,
            at: None,
            name: None,
            born: None,
            state: None,
            is_restricted: false,
        }
    }
}

/// What a chart is, in the words of `schema.sql`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChartState {
    /// In use.
    Active,
    /// To be united with another chart.
    MergeDue,
    /// United with another chart.
    Merged,
    /// Out of use, and kept.
    Retired,
    /// Not there any more.
    Destroyed,
}

impl ChartState {
    /// All states.
    pub const ALL: [ChartState; 5] = [
        ChartState::Active,
        ChartState::MergeDue,
        ChartState::Merged,
        ChartState::Retired,
        ChartState::Destroyed,
    ];

    /// The word under which it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            ChartState::Active => "active",
            ChartState::MergeDue => "merge-due",
            ChartState::Merged => "merged",
            ChartState::Retired => "retired",
            ChartState::Destroyed => "destroyed",
        }
    }

    /// Reads a stored word.
    pub fn parse(word: &str) -> Option<ChartState> {
        ChartState::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// What a line did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Nothing new.
    Unchanged,
    /// It was known, and something of it changed.
    Changed,
    /// It was new.
    Added,
}

impl Effect {
    pub(super) fn changed(rows: usize) -> Effect {
        if rows > 0 { Effect::Changed } else { Effect::Unchanged }
    }
}

/// A line's effect, or why it was left out.
pub type LineResult = Result<Effect, String>;
