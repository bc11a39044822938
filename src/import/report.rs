//! What an import tells: while it runs, and at its end.

use super::Kind;

/// Most bad lines that a report lists; the rest are counted.
const LISTED_MAX: usize = 200;
/// Lines after which a list with too many bad ones is not read on.
const FIRST_LINES: u64 = 1_000;
/// One bad line in so many is too many.
const BAD_ONE_IN: u64 = 10;

/// What became of an import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Outcome {
    /// The good lines are on file.
    #[default]
    Kept,
    /// It was a dry run: nothing was kept.
    Undone,
    /// More than a tenth of the lines were bad: nothing was kept.
    Stopped,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// What became of it.
    pub outcome: Outcome,
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
    /// Lines that named another location than a scan since the last list did; the scan counts.
    pub outranked: u64,
    /// The encoding of the file, and how that is known.
    pub encoding: String,
    /// What separates its columns.
    pub separator: &'static str,
    /// Columns with names of their own, and what they are read as.
    pub read_as: Vec<(String, &'static str)>,
    /// Columns that were not understood and not used.
    pub ignored_columns: Vec<String>,
}

impl ImportReport {
    /// Counts a bad line, which takes `lines` lines of the file.
    pub(super) fn refuse(&mut self, number: u64, lines: u64, reason: String) {
        self.refused += lines;
        if self.bad.len() < LISTED_MAX {
            self.bad.push((number, reason));
        }
    }

    /// The counts, for the audit log.
    pub(super) fn detail(&self, kind: Kind) -> String {
        let ImportReport { lines, added, changed, unchanged, refused, .. } = self;
        let what = kind.as_str();
        format!(
            "{what}: {lines} lines, {added} added, {changed} changed, {unchanged} unchanged, {refused} refused"
        )
    }
}

/// How many bad lines an import puts up with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tolerance {
    /// Not more than one in ten, of the first thousand or of all: such a list is a wrong list.
    #[default]
    Tenth,
    /// Any number.
    Any,
}

impl Tolerance {
    pub(super) fn is_first_look_over(self, before: u64, now: u64) -> bool {
        before < FIRST_LINES && now >= FIRST_LINES
    }

    pub(super) fn is_exceeded(self, report: &ImportReport) -> bool {
        match self {
            Tolerance::Tenth => report.refused.saturating_mul(BAD_ONE_IN) > report.lines,
            Tolerance::Any => false,
        }
    }
}

/// What an import is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Every line is read, before anything is written.
    Reading,
    /// Lines are taken.
    Taking,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What it is doing.
    pub stage: Stage,
    /// Bytes of the file behind it.
    pub done: u64,
    /// Bytes of the file.
    pub of: u64,
    /// Lines behind it.
    pub lines: u64,
    /// Of these, the ones that were on file already, as after an import that was broken off.
    pub on_file: u64,
}
