//! What somebody has to look into: labels that nobody knows, and folders that are to be combined.

use crate::store::{Viewed, WorkItemView};
use crate::web::App;
use crate::web::problem::Problem;
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// Open work items.
#[derive(Serialize, ToSchema)]
pub(super) struct WorkItemsAnswer {
    /// The last seen first; at most 100.
    work_items: Vec<WorkItem>,
}

/// Something that somebody has to look at.
#[derive(Serialize, ToSchema)]
struct WorkItem {
    /// Which one.
    id: i64,
    /// `unknown-label`, `combine-folders`; there may be more.
    kind: String,
    /// The chart that it is about.
    chart: Option<i64>,
    /// The label as it was read; of other kinds, what tells the item from others.
    label: String,
    /// How often.
    times: u64,
    /// Where it was seen last; null if no station saw it.
    station: Option<String>,
    /// When it was seen first.
    #[schema(value_type = String, format = DateTime)]
    opened_at: Timestamp,
    /// When it was seen last.
    #[schema(value_type = String, format = DateTime)]
    seen_at: Timestamp,
}

/// Lists what somebody has to look at: labels that are not on file, folders that are to be combined.
#[utoipa::path(
    get, path = "/api/v1/work-items", tag = "stations",
    responses(
        (status = 200, description = "Open work items.", body = WorkItemsAnswer),
    )
)]
pub(super) async fn list(State(app): State<App>) -> Result<Json<WorkItemsAnswer>, Problem> {
    super::seen(&app, Viewed::List, "work list")?;
    let work_items = app.store.work_items().await?.into_iter().map(WorkItem::from).collect();
    Ok(Json(WorkItemsAnswer { work_items }))
}

impl From<WorkItemView> for WorkItem {
    fn from(view: WorkItemView) -> WorkItem {
        WorkItem {
            id: view.id.0,
            kind: view.kind,
            chart: view.chart.map(|chart| chart.0),
            label: view.key,
            times: view.times,
            station: view.station,
            opened_at: view.opened_at,
            seen_at: view.seen_at,
        }
    }
}
