//! Questions about requests.

use super::super::{Store, StoreError, timestamp};
use super::views::{REQUEST_COLUMNS, RequestStepView, RequestView, request_view};
use crate::tracking::request::RequestStep;
use crate::tracking::{ChartId, CustodianId, RequestId};
use rusqlite::{Connection, OptionalExtension, named_params, params};

/// A chart's root, and the charts that were merged into it.
const OF_ROOT: &str = "select part.chart_id from chart asked
    join chart root on root.chart_id = coalesce(asked.merged_into, asked.chart_id)
    join chart part on part.chart_id = root.chart_id or part.merged_into = root.chart_id where asked.chart_id = ?1";

/// Most requests of one chart that are told.
const ROWS_MAX: i64 = 300;

/// Which open requests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum RequestsOf {
    /// All of them.
    #[default]
    Everybody,
    /// Those that go to a custodian.
    To(CustodianId),
    /// Those that somebody asked for, by the name that they gave.
    Requester(String),
}

impl Store {
    /// Open requests by the time they are needed, `rows` at most.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn requests(&self, of: RequestsOf, rows: usize) -> Result<Vec<RequestView>, StoreError> {
        self.read("list requests", move |conn| {
            let (to, requester) = match &of {
                RequestsOf::Everybody => (None, None),
                RequestsOf::To(custodian) => (Some(custodian.0), None),
                RequestsOf::Requester(name) => (None, Some(name.as_str())),
            };
            let sql = format!(
                "select {REQUEST_COLUMNS} where r.closed_at_us is null and (:to is null or r.to_id = :to)
                   and (:requester is null or r.requester = :requester collate nocase)
                 order by r.needed_at_us, r.priority desc, r.asked_at_us, r.request_id limit :rows"
            );
            conn.prepare_cached(&sql)?
                .query_map(named_params! { ":to": to, ":requester": requester, ":rows": rows }, request_view)?
                .collect()
        })
        .await
    }

    /// One request with its steps, the first first; `None` if there is none.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn request(
        &self,
        id: RequestId,
    ) -> Result<Option<(RequestView, Vec<RequestStepView>)>, StoreError> {
        self.read("show a request", move |conn| {
            let Some(view) = one(conn, id)? else { return Ok(None) };
            Ok(Some((view, steps(conn, id)?)))
        })
        .await
    }

    /// The requests of a chart, and of what was merged with it: the open ones in the order of their queue, then what is over, the last first.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn requests_of_chart(&self, chart: ChartId, over: u32) -> Result<Vec<RequestView>, StoreError> {
        self.read("list the requests of a chart", move |conn| {
            let sql = format!(
                "select {REQUEST_COLUMNS} where v.chart_id in ({OF_ROOT}) and r.closed_at_us is null
                 order by r.needed_at_us, r.priority desc, r.asked_at_us, r.request_id limit ?2"
            );
            let mut found: Vec<RequestView> = conn
                .prepare_cached(&sql)?
                .query_map(params![chart.0, ROWS_MAX], request_view)?
                .collect::<Result<_, _>>()?;
            let sql = format!(
                "select {REQUEST_COLUMNS} where v.chart_id in ({OF_ROOT}) and r.closed_at_us is not null
                 order by r.asked_at_us desc, r.request_id desc limit ?2"
            );
            let ended = conn
                .prepare_cached(&sql)?
                .query_map(params![chart.0, over], request_view)?
                .collect::<Result<Vec<_>, _>>()?;
            found.extend(ended);
            Ok(found)
        })
        .await
    }
}

pub(super) fn one(conn: &Connection, id: RequestId) -> rusqlite::Result<Option<RequestView>> {
    let sql = format!("select {REQUEST_COLUMNS} where r.request_id = ?1");
    conn.prepare_cached(&sql)?.query_row(params![id.0], request_view).optional()
}

pub(super) fn steps(conn: &Connection, id: RequestId) -> rusqlite::Result<Vec<RequestStepView>> {
    conn.prepare_cached(
        "select step, at_us, request_step.why, actor, station.name from request_step
         left join scan using (scan_no) left join station using (station_id)
         where request_id = ?1 order by step_id",
    )?
    .query_map(params![id.0], |row| {
        Ok(RequestStepView {
            step: RequestStep::parse(&row.get::<_, String>(0)?).unwrap_or(RequestStep::Asked),
            at: timestamp(row.get(1)?),
            why: row.get(2)?,
            actor: row.get(3)?,
            station: row.get(4)?,
        })
    })?
    .collect()
}
