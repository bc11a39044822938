//! The words of patients' names, filed so that a search is a few look-ups: kept by whoever adds or changes a patient, in
//! the same transaction.

use super::StoreError;
use crate::tracking::search::{keys, pairs};
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use std::collections::HashSet;
use std::time::Instant;

/// Patients of one transaction of the fill.
const FILL_PATIENTS: i64 = 100_000;
/// While the fill runs, pages of the index that are written at random stay at hand: 256 MB.
const FILL_CACHE: &str = "pragma cache_size = -262144";

/// A date of birth as it is filed: its digits as a number; 0 if it is not known.
pub(super) fn born_number(born: Option<Date>) -> i64 {
    born.map_or(0, |born| {
        i64::from(born.year()) * 10_000 + i64::from(born.month()) * 100 + i64::from(born.day())
    })
}

/// Files a patient's name.
pub(super) fn file(
    conn: &Connection,
    patient: i64,
    name: Option<&str>,
    born: Option<Date>,
) -> rusqlite::Result<()> {
    let Some(name) = name else { return Ok(()) };
    let born = born_number(born);
    let mut word_before = String::new();
    for (word, other) in pairs(name) {
        if word != word_before {
            file_keys(conn, &word)?;
        }
        conn.prepare_cached(
            "insert or ignore into patient_word (word, other, born, patient_id) values (?1, ?2, ?3, ?4)",
        )?
        .execute(params![word, other, born, patient])?;
        word_before = word;
    }
    Ok(())
}

/// Takes out what was filed for a patient of this name and date of birth. Keys of words stay: they lead to nobody.
pub(super) fn take_out(
    conn: &Connection,
    patient: i64,
    name: Option<&str>,
    born: Option<Date>,
) -> rusqlite::Result<()> {
    let born = born_number(born);
    for (word, other) in name.map(pairs).unwrap_or_default() {
        conn.prepare_cached(
            "delete from patient_word where word = ?1 and other = ?2 and born = ?3 and patient_id = ?4",
        )?
        .execute(params![word, other, born, patient])?;
    }
    Ok(())
}

/// Files the keys of a word that nobody had before.
fn file_keys(conn: &Connection, word: &str) -> rusqlite::Result<()> {
    let is_known =
        conn.prepare_cached("select 1 from patient_word where word = ?1 limit 1")?.exists(params![word])?;
    if is_known {
        return Ok(());
    }
    for key in keys(word) {
        conn.prepare_cached("insert or ignore into word_key (key, word) values (?1, ?2)")?
            .execute(params![key, word])?;
    }
    Ok(())
}

/// Files the names of patients from before there was a search for them. Done in parts, each in a transaction: broken off,
/// it goes on where it was.
pub(super) fn fill(conn: &mut Connection) -> Result<(), StoreError> {
    let failed = || StoreError::sqlite("have the names of patients filed");
    let mut left = owed(conn).map_err(failed())?;
    if left.is_none() {
        return Ok(());
    }
    let start = Instant::now();
    let cache: i64 =
        conn.query_row("select cache_size from pragma_cache_size", [], |row| row.get(0)).map_err(failed())?;
    conn.execute_batch(FILL_CACHE).map_err(failed())?;
    while let Some(done_to) = left {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed())?;
        let next = fill_part(&tx, done_to).map_err(failed())?;
        tx.commit().map_err(failed())?;
        if done_to > 0 {
            tracing::info!(patients = done_to, "names of patients are being filed for searches");
        }
        left = next;
    }
    conn.pragma_update(None, "cache_size", cache).map_err(failed())?;
    tracing::debug!(seconds = start.elapsed().as_secs(), "names of patients are filed");
    Ok(())
}

/// The last patient filed, if there are more.
fn owed(conn: &Connection) -> rusqlite::Result<Option<i64>> {
    conn.query_row("select done_to from name_fill", [], |row| row.get(0)).optional()
}

/// Files some more patients; the last one filed, `None` once all are.
fn fill_part(conn: &Connection, done_to: i64) -> rusqlite::Result<Option<i64>> {
    let last = file_some(conn, done_to)?;
    match last {
        Some(last) => conn.prepare_cached("update name_fill set done_to = ?1")?.execute(params![last])?,
        None => conn.prepare_cached("delete from name_fill")?.execute([])?,
    };
    Ok(last)
}

/// The newest patient; 0 if there is none.
pub(super) fn newest(conn: &Connection) -> rusqlite::Result<i64> {
    conn.query_row("select coalesce(max(patient_id), 0) from patient", [], |row| row.get(0))
}

/// Files the patients that are newer than one, and says who is the newest then. What is filed already stays as it is.
pub(super) fn file_newer(conn: &Connection, than: i64) -> rusqlite::Result<i64> {
    let mut done_to = than;
    while let Some(last) = file_some(conn, done_to)? {
        done_to = last;
    }
    Ok(done_to)
}

/// Files the next patients after one; the last of them, `None` if there is none.
fn file_some(conn: &Connection, done_to: i64) -> rusqlite::Result<Option<i64>> {
    type Row = (i64, Option<String>, Option<String>);
    let rows: Vec<Row> = conn
        .prepare_cached(
            "select patient_id, name, born from patient where patient_id > ?1 order by patient_id limit ?2",
        )?
        .query_map(params![done_to, FILL_PATIENTS], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    // In the order of the index: neighbours are written together.
    let mut filed = Vec::new();
    for (patient, name, born) in &rows {
        let born = born_number(born.as_deref().and_then(|born| born.parse().ok()));
        let pairs = name.as_deref().map(pairs).unwrap_or_default();
        filed.extend(pairs.into_iter().map(|(word, other)| (word, other, born, *patient)));
    }
    filed.sort_unstable();
    let words: HashSet<&str> = filed.iter().map(|(word, ..)| word.as_str()).collect();
    for word in words {
        file_keys(conn, word)?;
    }
    let mut insert = conn.prepare_cached(
        "insert or ignore into patient_word (word, other, born, patient_id) values (?1, ?2, ?3, ?4)",
    )?;
    for (word, other, born, patient) in &filed {
        insert.execute(params![word, other, born, patient])?;
    }
    Ok(rows.last().map(|(patient, ..)| *patient))
}
