//! Bar codes of search sheets: made when a sheet is printed, told by scanning them at any desk.

use super::cases::NoSuchCase;
use super::cases::open_one;
use super::changes::{found_at, looked_at};
use crate::label::LabelKind;
use crate::missing::plan::{Look, Place, Thoroughness};
use crate::store::change::Unchanged;
use crate::store::{Store, micros, timestamp};
use crate::tracking::grammar::{Meaning, SearchCode};
use crate::tracking::{CaseId, SearchCodeId};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

/// A line that was told so shortly before is not told again by another scan of it.
const AGAIN: SignedDuration = SignedDuration::from_mins(2);

/// The two bar codes of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetLine {
    /// Which place.
    pub place: Place,
    /// Says that it is not there.
    pub not_there: String,
    /// Says that it was found there.
    pub found: String,
}

impl Store {
    /// Gives places of a case their bar codes, the same ones for ever.
    ///
    /// # Errors
    /// The case is not open, or the database failed; nothing is changed.
    pub async fn search_sheet(
        &self,
        id: CaseId,
        places: Vec<Place>,
        actor: Option<String>,
    ) -> Result<Vec<SheetLine>, Unchanged<NoSuchCase>> {
        self.change(move |ledger| {
            open_one(ledger.conn, id)?;
            let lines = (1..).zip(&places).map(|(line, place)| {
                let not_there = code(ledger.conn, id, *place, false, line)?;
                Ok(SheetLine { place: *place, not_there, found: code(ledger.conn, id, *place, true, line)? })
            });
            let lines: Vec<SheetLine> = lines.collect::<rusqlite::Result<_>>()?;
            super::cases::audit(ledger, actor.as_deref(), id, "search sheet printed")?;
            Ok(lines)
        })
        .await
    }
}

fn code(
    conn: &Connection,
    case: CaseId,
    place: Place,
    is_found: bool,
    line: i64,
) -> rusqlite::Result<String> {
    let place = place.to_string();
    let known = conn
        .prepare_cached("select label from missing_code where case_id = ?1 and place = ?2 and is_found = ?3")?
        .query_row(params![case.0, place, is_found], |row| row.get(0))
        .optional()?;
    if let Some(label) = known {
        return Ok(label);
    }
    let id: i64 = conn
        .prepare_cached("select coalesce(max(code_id), 0) + 1 from missing_code")?
        .query_row([], |row| row.get(0))?;
    let label = LabelKind::own_search_key(id.unsigned_abs());
    conn.prepare_cached(
        "insert into missing_code (code_id, label, case_id, place, is_found, line) values (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![id, label, case.0, place, is_found, line])?;
    Ok(label)
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
