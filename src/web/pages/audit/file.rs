//! The audit log as a file for spreadsheets, read and sent in parts: what is sent is in memory no more.

use super::super::extract::Query;
use super::super::{PageError, seen};
use super::{Wanted, harmless, is_known};
use crate::store::{AuditFilter, AuditView, Viewed};
use crate::web::App;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;

/// Rows of a file.
const ROWS_MAX: usize = 50_000;
/// Rows of a part.
const PART: usize = 1_000;

/// Where a file goes on.
struct Rest {
    app: App,
    filter: AuditFilter,
    left: usize,
}

/// The part of the log that is wanted, as a file.
pub(in crate::web::pages) async fn export(
    State(app): State<App>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, PageError> {
    let filter = wanted.filter(&app.site())?;
    let is_known = is_known(&app, &wanted.who).await?;
    seen(&app, Viewed::Audit, &format!("file, {}", wanted.told(is_known)))?;
    let head = written(&[["no", "at", "action", "who", "scan", "chart", "what"].map(str::to_owned)])?;
    // The first part before anything is answered: a database that fails is told as a page.
    let (first, rest) = part(Rest { app, filter, left: ROWS_MAX }).await?;
    let parts = stream::try_unfold(rest, async |rest| match rest {
        Some(rest) => part(rest).await.map(Some),
        None => Ok::<_, PageError>(None),
    });
    let begun = stream::iter([Ok(Bytes::from(head)), Ok(first)]);
    let body = Body::from_stream(stream::StreamExt::chain(begun, parts));
    let kind = (header::CONTENT_TYPE, "text/csv; charset=utf-8");
    Ok(([kind, (header::CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\"")], body).into_response())
}

/// The next part, and what comes after it.
async fn part(rest: Rest) -> Result<(Bytes, Option<Rest>), PageError> {
    let Rest { app, mut filter, left } = rest;
    let found = app.store.audit_log(filter.clone(), PART.min(left)).await?;
    let left = left - found.rows.len();
    let rows: Vec<_> = found.rows.iter().map(cells).collect();
    let bytes = Bytes::from(written(&rows)?);
    let next = found.next.filter(|_| left > 0);
    filter.before = next;
    Ok((bytes, next.map(|_| Rest { app, filter, left })))
}

fn cells(row: &AuditView) -> [String; 7] {
    let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
    [
        row.no.to_string(),
        row.at.to_string(),
        harmless(&row.action),
        harmless(row.actor.as_deref().unwrap_or_default()),
        number(row.scan),
        number(row.chart.map(|chart| chart.0)),
        harmless(row.detail.as_deref().unwrap_or_default()),
    ]
}

fn written(rows: &[[String; 7]]) -> Result<Vec<u8>, PageError> {
    let mut file = csv::Writer::from_writer(Vec::new());
    let broken = |_| PageError::BadRequest("the file could not be made");
    for row in rows {
        file.write_record(row).map_err(broken)?;
    }
    file.into_inner().map_err(|_| PageError::BadRequest("the file could not be made"))
}
