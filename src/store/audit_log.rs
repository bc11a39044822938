//! The audit log as it is read: backwards, by who, chart and day.
//!
//! It is written with every scan, so scans cost it nothing more than their row: no index has them. A day is found by
//! halving; views and changes by an index of persons and a table of charts, which only they write into; the movements of
//! a chart by its history, and their rows, which are in the same order, by halving again. Only who asks for the scans of
//! one person looks through rows, so many at a time.

use super::since::{Log, first_since};
use super::{Store, StoreError, timestamp};
use crate::tracking::ChartId;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

/// Rows that are looked through for one page of a person's scans.
const LOOKED_THROUGH_MAX: i64 = 200_000;
/// Volumes of a chart whose movements are looked for.
const VOLUMES_MAX: i64 = 64;

/// Which rows are wanted.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// By whom, as the log calls them: what they saw and changed.
    pub actor: Option<String>,
    /// Their scans, too.
    pub scans: bool,
    /// About this chart.
    pub chart: Option<ChartId>,
    /// From this moment on, and before that one.
    pub during: Option<(Timestamp, Timestamp)>,
    /// Older than this row.
    pub before: Option<i64>,
}

/// A row of the audit log.
#[derive(Debug, Clone)]
pub struct AuditView {
    /// Its place in the log.
    pub no: i64,
    /// When.
    pub at: Timestamp,
    /// scan, view, sign-in, …
    pub action: String,
    /// Who.
    pub actor: Option<String>,
    /// The scan that it is about.
    pub scan: Option<i64>,
    /// The chart whose volume the movement that it is about moved.
    pub chart: Option<ChartId>,
    /// What.
    pub detail: Option<String>,
}

/// A part of the audit log.
#[derive(Debug, Clone)]
pub struct AuditPage {
    /// Newest first.
    pub rows: Vec<AuditView>,
    /// Where the next, older part begins; `None` if this is the last.
    pub next: Option<i64>,
}

/// Rows from the first on, and before the end.
#[derive(Debug, Clone, Copy)]
struct Range {
    first: i64,
    end: i64,
}

impl Store {
    /// The newest rows that a filter lets through, at most `count`.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn audit_log(&self, filter: AuditFilter, count: usize) -> Result<AuditPage, StoreError> {
        self.read("read the audit log", move |conn| page(conn, &filter, count)).await
    }
}

fn page(conn: &Connection, filter: &AuditFilter, count: usize) -> rusqlite::Result<AuditPage> {
    let range = range(conn, filter)?;
    let limit = i64::try_from(count).unwrap_or(i64::MAX);
    let (numbers, looked_to) = match (filter.chart, &filter.actor) {
        (Some(chart), _) => (of_chart(conn, chart, range, count)?, None),
        (None, Some(actor)) if filter.scans => of_person_with_scans(conn, actor, range, limit)?,
        (None, Some(actor)) => (numbers(conn, OF_PERSON, actor, range, limit)?, None),
        (None, None) => (numbers(conn, OF_ALL, "", range, limit)?, None),
    };
    let next = if numbers.len() == count { numbers.last().copied() } else { looked_to };
    let mut rows = Vec::with_capacity(numbers.len());
    for no in numbers {
        rows.extend(row(conn, no)?);
    }
    // Of a chart, what one person did is few of few rows.
    if let (Some(_), Some(actor)) = (filter.chart, &filter.actor) {
        rows.retain(|row: &AuditView| row.actor.as_ref() == Some(actor));
    }
    Ok(AuditPage { rows, next: next.filter(|no| *no > range.first) })
}

fn range(conn: &Connection, filter: &AuditFilter) -> rusqlite::Result<Range> {
    let (first, end) = match filter.during {
        Some((from, to)) => (first_since(conn, Log::Audit, from)?, first_since(conn, Log::Audit, to)?),
        None => (1, i64::MAX),
    };
    Ok(Range { first, end: end.min(filter.before.unwrap_or(i64::MAX)) })
}

const OF_ALL: &str = "select audit_no from audit where audit_no >= :first and audit_no < :end and :actor = ''
     order by audit_no desc limit :limit";
const OF_PERSON: &str = "select audit_no from audit where actor = :actor and scan_no is null
       and audit_no >= :first and audit_no < :end order by audit_no desc limit :limit";
const SCANS_OF_PERSON: &str = "select audit_no from audit where audit_no >= :first and audit_no < :end
       and +actor = :actor order by audit_no desc limit :limit";

fn numbers(
    conn: &Connection,
    sql: &str,
    actor: &str,
    range: Range,
    limit: i64,
) -> rusqlite::Result<Vec<i64>> {
    conn.prepare_cached(sql)?
        .query_map(
            named_params! { ":actor": actor, ":first": range.first, ":end": range.end, ":limit": limit },
            |row| row.get(0),
        )?
        .collect()
}

/// What a person did, scans too, among so many rows; and how far was looked.
fn of_person_with_scans(
    conn: &Connection,
    actor: &str,
    range: Range,
    limit: i64,
) -> rusqlite::Result<(Vec<i64>, Option<i64>)> {
    let last: i64 = conn
        .prepare_cached("select coalesce(max(audit_no), 0) from audit where audit_no < ?1")?
        .query_row([range.end], |row| row.get(0))?;
    let first = range.first.max(last.saturating_sub(LOOKED_THROUGH_MAX));
    Ok((numbers(conn, SCANS_OF_PERSON, actor, Range { first, ..range }, limit)?, Some(first)))
}

/// Rows about a chart: what was seen and changed, and the scans that moved its folders.
fn of_chart(conn: &Connection, chart: ChartId, range: Range, count: usize) -> rusqlite::Result<Vec<i64>> {
    let limit = i64::try_from(count).unwrap_or(i64::MAX);
    let mut found: Vec<i64> = conn
        .prepare_cached(
            "select audit_no from audit_chart where chart_id = ?1 and audit_no >= ?2 and audit_no < ?3
             order by audit_no desc limit ?4",
        )?
        .query_map(params![chart.0, range.first, range.end, limit], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let newest: Vec<i64> = conn
        .prepare_cached(
            "select movement_no from volume
             where chart_id in (select ?1 union all select chart_id from chart where merged_into = ?1)
               and movement_no is not null limit ?2",
        )?
        .query_map(params![chart.0, VOLUMES_MAX], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut back = conn.prepare_cached("select previous_no from any_movement where movement_no = ?1")?;
    for newest in newest {
        let (mut next, mut taken) = (Some(newest), 0);
        while let Some(movement) = next.filter(|_| taken < count) {
            let row = row_of_movement(conn, movement)?;
            if row.is_some_and(|row| row < range.first) {
                break;
            }
            let row = row.filter(|row| *row < range.end);
            taken += usize::from(row.is_some());
            found.extend(row);
            next = back.query_row([movement], |row| row.get(0)).optional()?.flatten();
        }
    }
    found.sort_unstable_by(|one, other| other.cmp(one));
    found.dedup();
    found.truncate(count);
    Ok(found)
}

/// The row that tells of a movement. Both are written in one order, so halving finds it; imports have none.
fn row_of_movement(conn: &Connection, movement: i64) -> rusqlite::Result<Option<i64>> {
    let mut next = conn.prepare_cached(
        "select audit_no, movement_no from audit where audit_no >= ?1 and movement_no is not null
         order by audit_no limit 1",
    )?;
    let mut high: i64 = conn
        .prepare_cached("select coalesce(max(audit_no), 0) + 1 from audit")?
        .query_row([], |row| row.get(0))?;
    let mut low = 1;
    while low < high {
        let middle = low + (high - low) / 2;
        let found: Option<(i64, i64)> =
            next.query_row([middle], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        match found {
            Some((no, told)) if told == movement => return Ok(Some(no)),
            Some((no, told)) if told < movement => low = no + 1,
            Some(_) | None => high = middle,
        }
    }
    Ok(None)
}

fn row(conn: &Connection, no: i64) -> rusqlite::Result<Option<AuditView>> {
    conn.prepare_cached(
        "select audit_no, at_us, action, actor, audit.scan_no, chart_id, detail from audit
         left join volume on volume.volume_id = (select volume_id from any_movement m where m.movement_no = audit.movement_no)
         where audit_no = ?1",
    )?
    .query_row([no], view)
    .optional()
}

fn view(row: &Row<'_>) -> rusqlite::Result<AuditView> {
    Ok(AuditView {
        no: row.get(0)?,
        at: timestamp(row.get(1)?),
        action: row.get(2)?,
        actor: row.get(3)?,
        scan: row.get(4)?,
        chart: row.get::<_, Option<i64>>(5)?.map(ChartId),
        detail: row.get(6)?,
    })
}

/// The charts that a row's detail names: `chart 7`, `chart 7, chart 8`, `found 12 charts: 7 8 9 and more`.
pub(super) fn charts_of(detail: &str) -> Vec<i64> {
    let mut charts = Vec::new();
    let mut is_list = false;
    for word in detail.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
        match word.parse() {
            Ok(chart) if is_list => charts.push(chart),
            _ => is_list = matches!(word, "chart" | "charts"),
        }
    }
    charts.sort_unstable();
    charts.dedup();
    charts
}

#[cfg(test)]
mod tests;
