//! The words of patients' names, filed so that a search is a few look-ups: kept by whoever adds or changes a patient, in
//! the same transaction.

use super::StoreError;
use crate::tracking::search::{keys, pairs};
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use std::collections::HashSet;
use std::thread::JoinHandle;
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

/// A patient, and what names and date of birth are on file.
type Row = (i64, Option<String>, Option<String>);
/// Word, other word, date of birth, patient: in this order they are in the index.
type Filed = (String, String, i64, i64);

/// Files the next patients after one; the last of them, `None` if there is none.
fn file_some(conn: &Connection, done_to: i64) -> rusqlite::Result<Option<i64>> {
    let rows = read(conn, done_to, FILL_PATIENTS)?;
    write(conn, &sorted(&rows), &HashSet::new())?;
    Ok(rows.last().map(|(patient, ..)| *patient))
}

fn read(conn: &Connection, after: i64, most: i64) -> rusqlite::Result<Vec<Row>> {
    conn.prepare_cached(
        "select patient_id, name, born from patient where patient_id > ?1 order by patient_id limit ?2",
    )?
    .query_map(params![after, most], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
    .collect()
}

/// What is to be filed, in the order of the index: neighbours are written together.
fn sorted(rows: &[Row]) -> Vec<Filed> {
    let mut filed = Vec::new();
    for (patient, name, born) in rows {
        let born = born_number(born.as_deref().and_then(|born| born.parse().ok()));
        let pairs = name.as_deref().map(pairs).unwrap_or_default();
        filed.extend(pairs.into_iter().map(|(word, other)| (word, other, born, *patient)));
    }
    filed.sort_unstable();
    filed
}

fn write(conn: &Connection, filed: &[Filed], but: &HashSet<i64>) -> rusqlite::Result<()> {
    let words: HashSet<&str> = filed.iter().map(|(word, ..)| word.as_str()).collect();
    for word in words {
        file_keys(conn, word)?;
    }
    let mut insert = conn.prepare_cached(
        "insert or ignore into patient_word (word, other, born, patient_id) values (?1, ?2, ?3, ?4)",
    )?;
    for (word, other, born, patient) in filed.iter().filter(|(.., patient)| !but.contains(patient)) {
        insert.execute(params![word, other, born, patient])?;
    }
    Ok(())
}

/// Files the names of the patients that an import brings, many at once: while it goes on with its lines, a thread of its own
/// makes out and sorts what is to be filed. Broken off, the next start files what is left ([`fill`]).
pub(super) struct Filing {
    read_to: i64,
    at_work: Option<JoinHandle<(Vec<Row>, Vec<Filed>)>>,
    is_marked: bool,
}

impl Filing {
    /// For patients that are on file from now on.
    pub(super) fn new(conn: &Connection) -> rusqlite::Result<Filing> {
        let newest = "select coalesce(max(patient_id), 0) from patient";
        let read_to = conn.query_row(newest, [], |row| row.get(0))?;
        Ok(Filing { read_to, at_work: None, is_marked: false })
    }

    /// Files what was read the last time, and reads who came since.
    pub(super) fn go_on(&mut self, conn: &Connection) -> rusqlite::Result<()> {
        self.write_up(conn)?;
        let rows = read(conn, self.read_to, i64::MAX)?;
        let Some((last, ..)) = rows.last() else { return Ok(()) };
        if !self.is_marked {
            conn.execute(
                "insert into name_fill (fill_id, done_to) values (1, ?1) on conflict do nothing",
                params![self.read_to],
            )?;
            self.is_marked = true;
        }
        self.read_to = *last;
        self.at_work = Some(std::thread::spawn(move || {
            let filed = sorted(&rows);
            (rows, filed)
        }));
        Ok(())
    }

    /// Files everybody.
    pub(super) fn end(&mut self, conn: &Connection) -> rusqlite::Result<()> {
        self.go_on(conn)?;
        self.write_up(conn)?;
        if std::mem::take(&mut self.is_marked) {
            conn.execute("delete from name_fill", [])?;
        }
        Ok(())
    }

    fn write_up(&mut self, conn: &Connection) -> rusqlite::Result<()> {
        let Some(at_work) = self.at_work.take() else { return Ok(()) };
        let Ok((rows, filed)) = at_work.join() else {
            // The mark stays: the next start files them.
            self.is_marked = false;
            return Ok(());
        };
        // Whoever was called otherwise by a later line was filed by that.
        let (Some((first, ..)), Some((last, ..))) = (rows.first(), rows.last()) else { return Ok(()) };
        let now = read(conn, first - 1, last - first + 1)?;
        let changed = rows.iter().zip(&now).filter(|(was, is)| was != is);
        write(conn, &filed, &changed.map(|(was, _)| was.0).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{ChartLine, CustodianLine, Importer, Place};
    use crate::tracking::Mrn;
    use jiff::Timestamp;

    fn line(name: &str) -> ChartLine {
        let mut line = ChartLine::new(Mrn::parse("100").unwrap(), "V100".to_owned(), "FILE");
        line.name = Some(name.to_owned());
        line
    }

    fn importer(place: &Place) -> Importer {
        let mut importer = Importer::open(place, Timestamp::UNIX_EPOCH, false).unwrap();
        importer.custodian(&CustodianLine::new("FILE", "File room")).unwrap().unwrap();
        importer
    }

    #[expect(clippy::disallowed_methods, reason = "a test looks over the importer's shoulder")]
    fn words(place: &Place) -> Vec<String> {
        let conn = Connection::open(place.db()).unwrap();
        let mut select = conn.prepare("select distinct word from patient_word order by word").unwrap();
        select.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn a_name_that_a_later_line_corrects_is_filed_as_it_is_then() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::new(dir.path());
        let mut import = importer(&place);
        import.chart(&line("Older, Ann")).unwrap().unwrap();
        import.checkpoint().unwrap();
        import.chart(&line("Newer, Ann")).unwrap().unwrap();
        import.finish("two lines").unwrap();
        assert_eq!(words(&place), ["ann", "newer"]);
    }

    #[test]
    fn what_a_broken_off_import_left_unfiled_the_next_start_files() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::new(dir.path());
        let mut import = importer(&place);
        import.chart(&line("Older, Ann")).unwrap().unwrap();
        import.checkpoint().unwrap();
        drop(import);
        assert_eq!(words(&place), [""; 0], "it is made out while the next lines are taken");
        drop(importer(&place));
        assert_eq!(words(&place), ["ann", "older"]);
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test files what nobody is called")]
    fn a_filed_name_of_nobody_is_found_by_verify() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::new(dir.path());
        let mut import = importer(&place);
        import.chart(&line("Older, Ann")).unwrap().unwrap();
        import.finish("a line").unwrap();
        let findings = || crate::store::verify(&place, &mut |_, _| ()).unwrap().findings;
        assert_eq!(findings(), [""; 0]);
        let conn = Connection::open(place.db()).unwrap();
        conn.execute("insert into patient_word values ('ann', 'nobody', 0, 99)", []).unwrap();
        assert_eq!(findings(), ["1 filed names are of patients who are not there"]);
    }
}
