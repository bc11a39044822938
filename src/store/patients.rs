//! Patients as searches and pages show them.

use super::timestamp;
use crate::tracking::search::{Asked, Match, rank};
use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, params};

/// Numbers of a patient that a page shows.
const NUMBERS_MAX: i64 = 50;

/// A patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientView {
    /// As the lists write it.
    pub name: Option<String>,
    /// Date of birth.
    pub born: Option<Date>,
    /// Every number that ever meant the patient; those in use first.
    pub numbers: Vec<NumberView>,
    /// In a ward since then: nothing is due back.
    pub inpatient_since: Option<Timestamp>,
}

/// A number that means, or meant, a patient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberView {
    /// As written.
    pub mrn: String,
    /// Who gave it; empty: this site.
    pub assigner: String,
    /// Since when it is not in use any more.
    pub until: Option<Timestamp>,
}

/// A patient on file.
pub(super) struct OnFile {
    pub(super) id: i64,
    pub(super) name: Option<String>,
    pub(super) born: Option<Date>,
}

impl OnFile {
    pub(super) fn rank(&self, asked: &Asked) -> Option<Match> {
        rank(asked, self.name.as_deref(), self.born)
    }
}

pub(super) fn on_file(conn: &Connection, patient: i64) -> rusqlite::Result<Option<OnFile>> {
    conn.prepare_cached("select name, born from patient where patient_id = ?1")?
        .query_row(params![patient], |row| {
            let born: Option<String> = row.get(1)?;
            Ok(OnFile {
                id: patient,
                name: row.get(0)?,
                born: born.as_deref().and_then(|born| born.parse().ok()),
            })
        })
        .optional()
}

/// The patient of a chart, with every number.
pub(super) fn of_chart(conn: &Connection, chart: i64) -> rusqlite::Result<Option<PatientView>> {
    let patient: Option<Option<i64>> = conn
        .prepare_cached("select patient_id from chart where chart_id = ?1")?
        .query_row(params![chart], |row| row.get(0))
        .optional()?;
    let Some(patient) = patient.flatten() else { return Ok(None) };
    let Some(OnFile { name, born, .. }) = on_file(conn, patient)? else { return Ok(None) };
    let numbers = conn
        .prepare_cached(
            "select mrn, assigner, until_us from mrn where patient_id = ?1
             order by until_us is not null, assigner, mrn_key limit ?2",
        )?
        .query_map(params![patient, NUMBERS_MAX], |row| {
            Ok(NumberView {
                mrn: row.get(0)?,
                assigner: row.get(1)?,
                until: row.get::<_, Option<i64>>(2)?.map(timestamp),
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    let inpatient: Option<i64> = conn
        .prepare_cached("select inpatient_since_us from patient where patient_id = ?1")?
        .query_row(params![patient], |row| row.get(0))?;
    Ok(Some(PatientView { name, born, numbers, inpatient_since: inpatient.map(timestamp) }))
}
