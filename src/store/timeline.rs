//! What happened to a chart besides movements. Each step is a row beside the audit row that tells when and by whom.

use super::change::Ledger;
use super::timestamp;
use crate::tracking::{ChartId, VolumeId};
use jiff::Timestamp;
use rusqlite::{Connection, params};

/// Most steps that a page shows; a chart has a handful in its life.
const STEPS_MAX: usize = 50;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChartStep {
    /// Another number was merged into this one, or this one into another.
    Merged,
    /// That was a mistake, and was taken back.
    MergeUndone,
    /// A folder of a merged chart became a volume of this one.
    Combined,
    /// The sheets of a folder were put into another.
    SheetsMoved,
    /// A new volume was begun.
    VolumeBegun,
    /// A temporary chart was made.
    TemporaryMade,
    /// A temporary chart stands in for another chart since a merge, or since its undoing.
    TemporaryPassedOn,
    /// A temporary chart and its real one were united.
    United,
    /// A label was found worn.
    LabelWorn,
    /// It is worn no more.
    LabelGood,
    /// A folder got a new label.
    LabelReplaced,
    /// A label on a folder was put on file.
    LabelAdded,
    /// It was put on file by hand.
    Added,
    /// A folder belongs elsewhere.
    HomeChanged,
    /// A folder is out of use, and kept.
    Retired,
    /// A folder is in use again.
    Reactivated,
    /// A folder is no more.
    Destroyed,
    /// The patient's name or date of birth was put right.
    PatientCorrected,
    /// Its number was put right.
    NumberCorrected,
    /// The patient is in a ward: nothing is due.
    Admitted,
    /// The patient left the ward.
    Discharged,
    /// It is opened with a reason only.
    Restricted,
    /// It is so no more.
    Released,
}

impl ChartStep {
    /// All steps.
    pub const ALL: [ChartStep; 23] = [
        ChartStep::Merged,
        ChartStep::MergeUndone,
        ChartStep::Combined,
        ChartStep::SheetsMoved,
        ChartStep::VolumeBegun,
        ChartStep::TemporaryMade,
        ChartStep::TemporaryPassedOn,
        ChartStep::United,
        ChartStep::LabelWorn,
        ChartStep::LabelGood,
        ChartStep::LabelReplaced,
        ChartStep::LabelAdded,
        ChartStep::Added,
        ChartStep::HomeChanged,
        ChartStep::Retired,
        ChartStep::Reactivated,
        ChartStep::Destroyed,
        ChartStep::PatientCorrected,
        ChartStep::NumberCorrected,
        ChartStep::Admitted,
        ChartStep::Discharged,
        ChartStep::Restricted,
        ChartStep::Released,
    ];

    /// The word under which it is stored and reported; never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            ChartStep::Merged => "merged",
            ChartStep::MergeUndone => "merge-undone",
            ChartStep::Combined => "combined",
            ChartStep::SheetsMoved => "sheets-moved",
            ChartStep::VolumeBegun => "volume-begun",
            ChartStep::TemporaryMade => "temporary-made",
            ChartStep::TemporaryPassedOn => "temporary-passed-on",
            ChartStep::United => "united",
            ChartStep::LabelWorn => "label-worn",
            ChartStep::LabelGood => "label-good",
            ChartStep::LabelReplaced => "label-replaced",
            ChartStep::LabelAdded => "label-added",
            ChartStep::Added => "added",
            ChartStep::HomeChanged => "home-changed",
            ChartStep::Retired => "retired",
            ChartStep::Reactivated => "reactivated",
            ChartStep::Destroyed => "destroyed",
            ChartStep::PatientCorrected => "patient-corrected",
            ChartStep::NumberCorrected => "number-corrected",
            ChartStep::Admitted => "admitted",
            ChartStep::Discharged => "discharged",
            ChartStep::Restricted => "restricted",
            ChartStep::Released => "released",
        }
    }

    /// Reads a stored word.
    pub fn parse(word: &str) -> Option<ChartStep> {
        ChartStep::ALL.into_iter().find(|step| step.as_str() == word)
    }

    /// The kind of the audit row.
    fn action(self) -> &'static str {
        match self {
            ChartStep::Merged | ChartStep::MergeUndone => "merge",
            ChartStep::Combined | ChartStep::SheetsMoved => "combine",
            ChartStep::VolumeBegun => "volume",
            ChartStep::TemporaryMade | ChartStep::TemporaryPassedOn | ChartStep::United => "temporary-chart",
            ChartStep::LabelWorn
            | ChartStep::LabelGood
            | ChartStep::LabelReplaced
            | ChartStep::LabelAdded => "label",
            ChartStep::Added => "chart",
            ChartStep::HomeChanged => "home",
            ChartStep::Retired | ChartStep::Reactivated | ChartStep::Destroyed => "lifecycle",
            ChartStep::PatientCorrected
            | ChartStep::NumberCorrected
            | ChartStep::Admitted
            | ChartStep::Discharged => "patient",
            ChartStep::Restricted | ChartStep::Released => "restrict",
        }
    }
}

/// A step of a chart's timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartEvent {
    /// When.
    pub at: Timestamp,
    /// What.
    pub step: ChartStep,
    /// By whom, if anybody is known.
    pub actor: Option<String>,
    /// The other chart: which, and its number.
    pub other: Option<(ChartId, String)>,
    /// The volume: which, and its number then.
    pub volume: Option<(VolumeId, u32)>,
    /// The key of the label.
    pub label: Option<String>,
    /// Why, or from where to where.
    pub why: Option<String>,
}

/// A step about to be added.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct About<'a> {
    pub(super) other: Option<ChartId>,
    pub(super) volume: Option<(VolumeId, u32)>,
    pub(super) label: Option<&'a str>,
    pub(super) why: Option<&'a str>,
}

impl Ledger<'_> {
    /// Writes the audit row of a change to charts; its number.
    pub(super) fn audit_step(
        &mut self,
        step: ChartStep,
        actor: Option<&str>,
        detail: &str,
    ) -> rusqlite::Result<i64> {
        self.audit(step.action(), actor, detail)?;
        Ok(self.memory.heads.audit.no)
    }

    /// Adds a step to a chart's timeline, told by an audit row.
    pub(super) fn note(
        &self,
        chart: ChartId,
        audit_no: i64,
        step: ChartStep,
        about: About<'_>,
    ) -> rusqlite::Result<()> {
        self.conn
            .prepare_cached(
                "insert into chart_event (chart_id, audit_no, kind, other_id, volume_id, number, label, why)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                chart.0,
                audit_no,
                step.as_str(),
                about.other.map(|id| id.0),
                about.volume.map(|(id, _)| id.0),
                about.volume.map(|(_, number)| number),
                about.label,
                about.why,
            ])?;
        Ok(())
    }
}

/// The changes of a chart, the newest first.
pub(super) fn timeline(conn: &Connection, chart: ChartId) -> rusqlite::Result<Vec<ChartEvent>> {
    let found = timeline_before(conn, chart, (i64::MAX, i64::MAX), STEPS_MAX)?;
    Ok(found.into_iter().map(|(_, _, event)| event).collect())
}

/// Those before a time and audit row, each with its own.
pub(super) fn timeline_before(
    conn: &Connection,
    chart: ChartId,
    (at_us, no): (i64, i64),
    rows: usize,
) -> rusqlite::Result<Vec<(i64, i64, ChartEvent)>> {
    conn.prepare_cached(
        "select a.at_us, e.kind, a.actor, o.chart_id, o.mrn, e.volume_id, e.number, e.label, e.audit_no, e.why
         from chart_event e join audit a using (audit_no) left join chart o on o.chart_id = e.other_id
         where e.chart_id = ?1 and (a.at_us, e.audit_no) < (?2, ?3) order by a.at_us desc, e.audit_no desc limit ?4",
    )?
    .query_map(params![chart.0, at_us, no, rows], |row| {
        let step: String = row.get(1)?;
        let other = row.get::<_, Option<i64>>(3)?.map(ChartId).zip(row.get::<_, Option<String>>(4)?);
        let volume = row.get::<_, Option<i64>>(5)?.map(VolumeId).zip(row.get::<_, Option<u32>>(6)?);
        let event = ChartEvent {
            at: timestamp(row.get(0)?),
            step: ChartStep::parse(&step).unwrap_or(ChartStep::Merged),
            actor: row.get(2)?,
            other,
            volume,
            label: row.get(7)?,
            why: row.get(9)?,
        };
        Ok((row.get(0)?, row.get(8)?, event))
    })?
    .collect()
}
