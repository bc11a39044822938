//! What somebody has to look into: labels that nobody knows.

use crate::store::WorkItemView;
use crate::web::App;
use crate::web::problem::{Problem, ProblemBody};
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

/// A label that nobody knows.
#[derive(Serialize, ToSchema)]
struct WorkItem {
    /// The label as it was read.
    label: String,
    /// How often.
    times: u64,
    /// Where it was seen last.
    station: Option<String>,
    /// When it was seen first.
    #[schema(value_type = String, format = DateTime)]
    opened_at: Timestamp,
    /// When it was seen last.
    #[schema(value_type = String, format = DateTime)]
    seen_at: Timestamp,
}

/// Lists the labels that were scanned and are not on file.
#[utoipa::path(
    get, path = "/api/v1/work-items", tag = "stations",
    responses(
        (status = 200, description = "Open work items.", body = WorkItemsAnswer),
        (status = "default", description = "A problem.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn list(State(app): State<App>) -> Result<Json<WorkItemsAnswer>, Problem> {
    let work_items = app.store.work_items().await?.into_iter().map(WorkItem::from).collect();
    Ok(Json(WorkItemsAnswer { work_items }))
}

impl From<WorkItemView> for WorkItem {
    fn from(view: WorkItemView) -> WorkItem {
        WorkItem {
            label: view.key,
            times: view.times,
            station: view.station,
            opened_at: view.opened_at,
            seen_at: view.seen_at,
        }
    }
}
