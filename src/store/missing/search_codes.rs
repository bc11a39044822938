//! Bar codes of search sheets: made when a sheet is printed, told by scanning them at any desk.

use super::cases::{NoSuchCase, audit, open_one};
use super::changes::{found_at, looked_at};
use crate::label::LabelKind;
use crate::missing::plan::{Look, Place, Thoroughness};
use crate::store::change::Unchanged;
use crate::store::{Store, StoreError, micros, timestamp};
use crate::tracking::grammar::{Meaning, SearchCode};
use crate::tracking::{CaseId, SearchCodeId};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

/// A line that was told so shortly before is not told again by another scan of it.
const AGAIN: SignedDuration = SignedDuration::from_mins(2);

/// The two bar codes of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetLine {
    /// Its number on the sheet.
    pub line: u32,
    /// Which place.
    pub place: Place,
    /// Says that it is not there.
    pub not_there: String,
    /// Says that it was found there.
    pub found: String,
}

impl Store {
    /// Gives places of a case their lines and bar codes, the same ones for ever.
    ///
    /// # Errors
    /// The case is not open, or the database failed; nothing is changed.
    pub async fn make_sheet(
        &self,
        id: CaseId,
        places: Vec<Place>,
        actor: Option<String>,
    ) -> Result<(), Unchanged<NoSuchCase>> {
        self.change(move |ledger| {
            open_one(ledger.conn, id)?;
            for place in &places {
                add_line(ledger.conn, id, *place)?;
            }
            Ok(audit(ledger, actor.as_deref(), id, "search sheet printed")?)
        })
        .await
    }

    /// The lines of a case's sheets, in the order in which they were made.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn sheet_lines(&self, id: CaseId) -> Result<Vec<SheetLine>, StoreError> {
        self.read("read a search sheet", move |conn| {
            let mut statement = conn.prepare_cached(
                "select n.line, n.place, n.label, f.label from missing_code n
                 join missing_code f on f.case_id = n.case_id and f.place = n.place and f.is_found = 1
                 where n.case_id = ?1 and n.is_found = 0 order by n.line",
            )?;
            let mut rows = statement.query(params![id.0])?;
            let mut lines = Vec::new();
            while let Some(row) = rows.next()? {
                let place: String = row.get(1)?;
                if let Some(place) = Place::parse(&place) {
                    let line = row.get(0)?;
                    lines.push(SheetLine { line, place, not_there: row.get(2)?, found: row.get(3)? });
                }
            }
            Ok(lines)
        })
        .await
    }
}

fn add_line(conn: &Connection, case: CaseId, place: Place) -> rusqlite::Result<()> {
    let place = place.to_string();
    let is_there = conn
        .prepare_cached("select 1 from missing_code where case_id = ?1 and place = ?2")?
        .exists(params![case.0, place])?;
    if is_there {
        return Ok(());
    }
    let (id, line): (i64, i64) = conn
        .prepare_cached(
            "select (select coalesce(max(code_id), 0) from missing_code) + 1,
                    (select coalesce(max(line), 0) from missing_code where case_id = ?1) + 1",
        )?
        .query_row(params![case.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (id, is_found) in [(id, false), (id + 1, true)] {
        let label = LabelKind::own_search_key(id.unsigned_abs());
        conn.prepare_cached(
            "insert into missing_code (code_id, label, case_id, place, is_found, line) values (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![id, label, case.0, place, is_found, line])?;
    }
    Ok(())
}

/// What the label of a line stands for.
pub(in crate::store) fn meaning(
    conn: &Connection,
    key: &str,
    now: Timestamp,
) -> rusqlite::Result<Option<Meaning>> {
    conn.prepare_cached(
        "select code_id, line, is_found, s.closed_at_us is null and s.level <> 'presumed-lost', coalesce(told_at_us > ?2, 0)
         from missing_code join missing_case s using (case_id) where label = ?1",
    )?
    .query_row(params![key, micros(now - AGAIN)], |row| {
        Ok(Meaning::SearchCode(SearchCode {
            id: SearchCodeId(row.get(0)?),
            line: row.get(1)?,
            is_found: row.get(2)?,
            is_open: row.get(3)?,
            is_told: row.get(4)?,
        }))
    })
    .optional()
}

/// Does what the bar code says. Part of the scan's own transaction.
pub(super) fn told(
    conn: &Connection,
    code: SearchCodeId,
    actor: Option<&str>,
    now_us: i64,
) -> rusqlite::Result<()> {
    let (case, place, is_found): (i64, String, bool) = conn
        .prepare_cached("select case_id, place, is_found from missing_code where code_id = ?1")?
        .query_row(params![code.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    conn.prepare_cached("update missing_code set told_at_us = ?2 where code_id = ?1")?
        .execute(params![code.0, now_us])?;
    let Some(case) = super::cases::case(conn, CaseId(case))? else { return Ok(()) };
    let Some(place) = Place::parse(&place) else { return Ok(()) };
    if is_found {
        return found_at(conn, &case, place, &[]);
    }
    let look = Look { place, how: Thoroughness::ShelfByShelf };
    looked_at(conn, case.id, look, actor, timestamp(now_us))
}
