//! One line of a list of patients, and what a line of a list of charts says of its patient.

use super::{Effect, LineResult, PatientLine};
use crate::store::filing::refile_patient;
use crate::store::names;
use crate::tracking::Mrn;
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, params};

/// What a list says of a patient, numbers aside.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Said<'a> {
    pub(in crate::store) name: Option<&'a str>,
    pub(in crate::store) born: Option<Date>,
}

impl Said<'_> {
    pub(in crate::store) fn is_nothing(&self) -> bool {
        self.name.is_none() && self.born.is_none()
    }
}

/// Adds or changes a patient; numbers that lead to different patients are not united.
pub(super) fn patient(conn: &Connection, line: &PatientLine, now_us: i64) -> rusqlite::Result<LineResult> {
    let mut found = None;
    for mrn in std::iter::once(&line.mrn).chain(&line.others) {
        match (by_number(conn, &line.assigner, mrn)?, found) {
            (Some(patient), Some(other)) if patient != other => {
                return Ok(Err(
                    "its numbers are on file as those of different patients; a list does not unite \
                               patients: correct the numbers"
                        .to_owned(),
                ));
            }
            (Some(patient), _) => found = Some(patient),
            (None, _) => {}
        }
    }
    let said = Said { name: line.name.as_deref(), born: line.born };
    let (patient, mut effect) = match found {
        Some(patient) => (patient, update(conn, patient, said)?),
        None => (insert(conn, said, now_us)?, Effect::Added),
    };
    for mrn in std::iter::once(&line.mrn).chain(&line.others) {
        effect = effect.max(Effect::changed(add_number(conn, &line.assigner, mrn, patient, now_us)?));
        if line.assigner.is_empty() {
            effect = effect.max(Effect::changed(link_charts(conn, mrn, patient)?));
        }
    }
    Ok(Ok(effect))
}

/// Whom a number means, if it is on file.
pub(in crate::store) fn by_number(
    conn: &Connection,
    assigner: &str,
    mrn: &Mrn,
) -> rusqlite::Result<Option<i64>> {
    conn.prepare_cached("select patient_id from mrn where assigner = ?1 and mrn_key = ?2")?
        .query_row(params![assigner, mrn.key()], |row| row.get(0))
        .optional()
}

/// A patient whom this site numbers, made and given the number if nobody has it.
pub(super) fn of_number(
    conn: &Connection,
    mrn: &Mrn,
    said: Said<'_>,
    now_us: i64,
) -> rusqlite::Result<(i64, Effect)> {
    if let Some(patient) = by_number(conn, "", mrn)? {
        return Ok((patient, update(conn, patient, said)?));
    }
    let patient = insert(conn, said, now_us)?;
    add_number(conn, "", mrn, patient, now_us)?;
    Ok((patient, Effect::Changed))
}

/// Makes a patient, whose name is not filed yet: an import files those of many patients at once.
fn insert(conn: &Connection, said: Said<'_>, now_us: i64) -> rusqlite::Result<i64> {
    conn.prepare_cached("insert into patient (name, born, created_at_us) values (?1, ?2, ?3)")?
        .execute(params![said.name, said.born.map(|date| date.to_string()), now_us])?;
    Ok(conn.last_insert_rowid())
}

pub(in crate::store) fn update(conn: &Connection, patient: i64, said: Said<'_>) -> rusqlite::Result<Effect> {
    if said.is_nothing() {
        return Ok(Effect::Unchanged);
    }
    let (name, born): (Option<String>, Option<String>) = conn
        .prepare_cached("select name, born from patient where patient_id = ?1")?
        .query_row(params![patient], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let old_born = born.as_deref().and_then(|born| born.parse().ok());
    let (new_name, new_born) = (said.name.or(name.as_deref()), said.born.or(old_born));
    if new_name == name.as_deref() && said.born.is_none_or(|_| new_born == old_born) {
        return Ok(Effect::Unchanged);
    }
    names::take_out(conn, patient, name.as_deref(), old_born)?;
    conn.prepare_cached(
        "update patient set name = coalesce(?2, name), born = coalesce(?3, born) where patient_id = ?1",
    )?
    .execute(params![patient, said.name, said.born.map(|date| date.to_string())])?;
    names::file(conn, patient, new_name, new_born)?;
    refile_patient(conn, patient)?;
    Ok(Effect::Changed)
}

/// Says what is not on file yet of a patient.
pub(in crate::store) fn fill(conn: &Connection, patient: i64, said: Said<'_>) -> rusqlite::Result<()> {
    let (has_name, has_born): (bool, bool) = conn
        .prepare_cached("select name is not null, born is not null from patient where patient_id = ?1")?
        .query_row(params![patient], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let missing = Said { name: said.name.filter(|_| !has_name), born: said.born.filter(|_| !has_born) };
    update(conn, patient, missing).map(drop)
}

/// Makes a patient of a number that nobody has.
pub(in crate::store) fn add(
    conn: &Connection,
    assigner: &str,
    mrn: &Mrn,
    said: Said<'_>,
    now_us: i64,
) -> rusqlite::Result<i64> {
    let patient = insert(conn, said, now_us)?;
    names::file(conn, patient, said.name, said.born)?;
    add_number(conn, assigner, mrn, patient, now_us)?;
    if assigner.is_empty() {
        link_charts(conn, mrn, patient)?;
    }
    Ok(patient)
}

pub(in crate::store) fn add_number(
    conn: &Connection,
    assigner: &str,
    mrn: &Mrn,
    patient: i64,
    now_us: i64,
) -> rusqlite::Result<usize> {
    conn.prepare_cached(
        "insert into mrn (assigner, mrn_key, mrn, patient_id, since_us) values (?1, ?2, ?3, ?4, ?5)
         on conflict (assigner, mrn_key) do nothing",
    )?
    .execute(params![assigner, mrn.key(), mrn.written(), patient, now_us])
}

/// Charts of this number that belong to nobody yet belong to the patient.
pub(super) fn link_charts(conn: &Connection, mrn: &Mrn, patient: i64) -> rusqlite::Result<usize> {
    let linked = conn
        .prepare_cached("update chart set patient_id = ?2 where mrn_key = ?1 and patient_id is null")?
        .execute(params![mrn.key(), patient])?;
    if linked > 0 {
        refile_patient(conn, patient)?;
    }
    Ok(linked)
}
