//! The record of a case for the privacy officer: who knew when, and what was done.

use super::cases::{CaseView, case};
use crate::missing::case::{Level, Sign};
use crate::store::{Store, StoreError, timestamp};
use crate::tracking::grammar::MovementKind;
use crate::tracking::{CaseId, ChartId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

/// Movements that are told: the last ones of the folder.
const MOVEMENTS_MAX: usize = 100;
/// Rows at the end of the audit log that are looked through: it has no index.
const LOOKED_THROUGH_MAX: i64 = 200_000;
/// Most rows of the audit log that are told.
const AUDIT_MAX: i64 = 2_000;

/// Everything that is known of a case, in the order in which it happened.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseRecord {
    /// The case.
    pub case: CaseView,
    /// The patient's number as the site writes it.
    pub mrn: String,
    /// Of the volume.
    pub number: u32,
    /// Who had it last when it was discovered.
    pub answerable: String,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// What happened.
    pub rows: Vec<RecordRow>,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordRow {
    /// When.
    pub at: Timestamp,
    /// movement, sign, level, look, note, view.
    pub what: &'static str,
    /// Who; none: not known, or nobody in particular.
    pub who: Option<String>,
    /// In words.
    pub detail: String,
}

impl Store {
    /// Everything that is known of a case; `None` if there is none.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn case_record(&self, id: CaseId) -> Result<Option<CaseRecord>, StoreError> {
        self.read("write the record of a case", move |conn| {
            case(conn, id)?.map(|case| record(conn, case)).transpose()
        })
        .await
    }

    /// Cases that a search began for, the newest first, `rows` at most: of which the privacy officer may have to know.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn searched_cases(
        &self,
        rows: u32,
    ) -> Result<Vec<(CaseView, ChartId, Option<Timestamp>)>, StoreError> {
        self.read("list cases", move |conn| {
            let ids: Vec<(i64, i64, Option<i64>)> = conn
                .prepare_cached(
                    "select case_id, chart_id, closed_at_us from missing_case c join volume using (volume_id) where exists (
                       select 1 from missing_step s where s.case_id = c.case_id and s.level in ('searching', 'missing'))
                     order by case_id desc limit ?1",
                )?
                .query_map(params![rows], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
                .collect::<rusqlite::Result<_>>()?;
            let mut cases = Vec::new();
            for (id, chart, closed) in ids {
                let found = case(conn, CaseId(id))?;
                cases.extend(found.map(|case| (case, ChartId(chart), closed.map(timestamp))));
            }
            Ok(cases)
        })
        .await
    }
}

fn record(conn: &Connection, case: CaseView) -> rusqlite::Result<CaseRecord> {
    let (mrn, number, answerable, closed) = conn
        .prepare_cached(
            "select h.mrn, v.number, c.name, s.closed_at_us from missing_case s join volume v using (volume_id)
             join chart h using (chart_id) join custodian c on c.custodian_id = answerable_id where case_id = ?1",
        )?
        .query_row(params![case.id.0], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get::<_, Option<i64>>(3)?))
        })?;
    let mut rows = movements(conn, &case)?;
    let told = [
        ("sign", "select at_us, null, sign from missing_sign where case_id = ?1"),
        (
            "level",
            "select at_us, actor, level || coalesce(': ' || why, '') from missing_step where case_id = ?1",
        ),
        (
            "look",
            "select at_us, looker, 'not at ' || place || ' (' || how || ')' from missing_look where case_id = ?1",
        ),
    ];
    for (what, sql) in told {
        let mut statement = conn.prepare_cached(sql)?;
        let found = statement.query_map(params![case.id.0], |row| {
            let detail: String = row.get(2)?;
            Ok(RecordRow {
                at: timestamp(row.get(0)?),
                what,
                who: row.get(1)?,
                detail: in_words(what, detail),
            })
        })?;
        for row in found {
            rows.push(row?);
        }
    }
    rows.extend(audited(conn, case.id)?);
    rows.sort();
    Ok(CaseRecord { case, mrn, number, answerable, closed_at: closed.map(timestamp), rows })
}

fn in_words(what: &str, detail: String) -> String {
    match what {
        "sign" => Sign::parse(&detail).map_or(detail, |sign| sign.sentence().to_owned()),
        "level" => {
            let (word, why) = detail.split_once(": ").unwrap_or((&detail, ""));
            let title = Level::parse(word).map_or("unknown", Level::title);
            if why.is_empty() { title.to_owned() } else { format!("{title}: {why}") }
        }
        _ => detail,
    }
}

fn movements(conn: &Connection, case: &CaseView) -> rusqlite::Result<Vec<RecordRow>> {
    let mut next: Option<i64> = conn
        .prepare_cached("select movement_no from volume where volume_id = ?1")?
        .query_row(params![case.volume.0], |row| row.get(0))?;
    let mut rows = Vec::new();
    while let Some(no) = next.filter(|_| rows.len() < MOVEMENTS_MAX) {
        let found = conn
            .prepare_cached(
                "select recorded_at_us, operator, m.kind, f.name, t.name, previous_no, movement_no from any_movement m
                 join custodian f on f.custodian_id = from_id join custodian t on t.custodian_id = to_id
                 where movement_no = ?1",
            )?
            .query_row(params![no], |row| {
                let kind: String = row.get(2)?;
                let kind = MovementKind::parse(&kind).map_or("moved", MovementKind::title);
                let (from, to): (String, String) = (row.get(3)?, row.get(4)?);
                let detail = format!("{kind}: {from} to {to} (movement {})", row.get::<_, i64>(6)?);
                let at = timestamp(row.get(0)?);
                Ok((RecordRow { at, what: "movement", who: row.get(1)?, detail }, row.get(5)?))
            })
            .optional()?;
        let Some((row, previous)) = found else { break };
        rows.push(row);
        next = previous;
    }
    Ok(rows)
}

/// What the audit log has of a case: what was done, and who saw its page.
fn audited(conn: &Connection, case: CaseId) -> rusqlite::Result<Vec<RecordRow>> {
    let mut statement = conn.prepare_cached(
        "select at_us, actor, action, detail from audit
         where audit_no > (select max(audit_no) from audit) - ?2 and action in ('missing', 'view')
           and (detail like '%case ' || ?1 or detail like '%case ' || ?1 || ':%' or detail like '%case ' || ?1 || ',%')
         order by audit_no limit ?3",
    )?;
    let rows = statement.query_map(params![case.0, LOOKED_THROUGH_MAX, AUDIT_MAX], |row| {
        let action: String = row.get(2)?;
        let what = if action == "view" { "view" } else { "note" };
        Ok(RecordRow { at: timestamp(row.get(0)?), what, who: row.get(1)?, detail: row.get(3)? })
    })?;
    rows.collect()
}
