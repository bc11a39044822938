//! The audit log as it is read: backwards, by who, chart and day. It has no index: writing it is on the way of every scan,
//! and reading it is not, so a page looks through so many rows and says how far it came.

use super::{Store, StoreError, micros, timestamp};
use crate::tracking::ChartId;
use jiff::Timestamp;
use rusqlite::named_params;

/// Rows that are looked through for one page.
const LOOKED_THROUGH_MAX: i64 = 200_000;

/// Which rows are wanted.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// By whom, as the log calls them.
    pub actor: Option<String>,
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

impl Store {
    /// The newest rows that a filter lets through, at most `count`.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn audit_log(&self, filter: AuditFilter, count: usize) -> Result<AuditPage, StoreError> {
        self.read("read the audit log", move |conn| {
            let before = filter.before.unwrap_or(i64::MAX);
            let (from, to) = filter.during.map_or((i64::MIN, i64::MAX), |(from, to)| (micros(from), micros(to)));
            let mention = filter.chart.map(|chart| format!("% chart {chart} %"));
            let rows: Vec<AuditView> = conn
                .prepare_cached(
                    "select audit_no, at_us, action, actor, audit.scan_no, chart_id, detail
                     from (select * from audit where audit_no < :before order by audit_no desc limit :looked) audit
                     left join movement using (movement_no) left join volume on volume.volume_id = movement.volume_id
                     where at_us >= :from and at_us < :to and (:actor is null or actor = :actor)
                       and (:chart is null or chart_id = :chart or ' ' || detail || ' ' like :mention)
                     order by audit_no desc limit :count",
                )?
                .query_map(
                    named_params! {
                        ":before": before, ":looked": LOOKED_THROUGH_MAX, ":from": from, ":to": to,
                        ":actor": filter.actor, ":chart": filter.chart.map(|chart| chart.0),
                        ":mention": mention, ":count": i64::try_from(count).unwrap_or(i64::MAX),
                    },
                    |row| {
                        Ok(AuditView {
                            no: row.get(0)?,
                            at: timestamp(row.get(1)?),
                            action: row.get(2)?,
                            actor: row.get(3)?,
                            scan: row.get(4)?,
                            chart: row.get::<_, Option<i64>>(5)?.map(ChartId),
                            detail: row.get(6)?,
                        })
                    },
                )?
                .collect::<rusqlite::Result<_>>()?;
            let looked_to: Option<i64> = conn
                .prepare_cached(
                    "select min(audit_no) from (select audit_no from audit where audit_no < :before
                     order by audit_no desc limit :looked)",
                )?
                .query_row(named_params! { ":before": before, ":looked": LOOKED_THROUGH_MAX }, |row| row.get(0))?;
            let last = if rows.len() == count { rows.last().map(|row| row.no) } else { looked_to };
            Ok(AuditPage { rows, next: last.filter(|no| *no > 1) })
        })
        .await
    }
}
