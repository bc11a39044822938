//! How did it get there? A volume's movements.

use super::extract::{Asked, Part};
use super::words;
use crate::store::{MovementView, Viewed};
use crate::tracking::{Entry, MovementNo, VolumeId};
use crate::web::App;
use crate::web::problem::{Problem, ProblemBody};
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which part of a history.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct HistoryQuery {
    /// `next` of the answer before; the newest movement if it is left out.
    from: Option<i64>,
}

/// A part of a volume's history.
#[derive(Serialize, ToSchema)]
pub(super) struct HistoryAnswer {
    /// Movements, newest first.
    movements: Vec<Movement>,
    /// `from` of the next, older part; null if this is the last.
    next: Option<i64>,
}

/// One movement.
#[derive(Serialize, ToSchema)]
struct Movement {
    /// Its place in history.
    id: i64,
    /// `received` by a scan, or `import`.
    kind: &'static str,
    /// Who had the volume.
    from: String,
    /// Who got it.
    to: String,
    /// When the label was scanned, by the clock of whoever scanned it.
    #[schema(value_type = String, format = DateTime)]
    scanned_at: Timestamp,
    /// When it was recorded, by the daemon's clock.
    #[schema(value_type = String, format = DateTime)]
    recorded_at: Timestamp,
    /// Scanned or typed.
    #[schema(schema_with = words::entry)]
    entry: Entry,
    /// Where.
    station: Option<String>,
    /// Who scanned.
    operator: Option<String>,
    /// Delivered late: it changed history, not where the volume is.
    late: bool,
}

/// Lists a volume's movements, newest first.
#[utoipa::path(
    get, path = "/api/v1/volumes/{id}/history", tag = "charts",
    params(
        ("id" = i64, Path, description = "The volume's id."), HistoryQuery,
        ("x-outguide-reason" = Option<String>, Header, description = "Why, if its chart is restricted; the privacy office reads it."),
    ),
    responses(
        (status = 200, description = "A part of the history.", body = HistoryAnswer),
        (status = 404, description = "There is no such volume.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn history(
    State(app): State<App>,
    Part(id): Part<i64>,
    Asked(query): Asked<HistoryQuery>,
) -> Result<Json<HistoryAnswer>, Problem> {
    let page = app.store.history(VolumeId(id), query.from.map(MovementNo)).await?;
    let page = page.ok_or_else(Problem::not_found)?;
    super::seen(&app, Viewed::Chart, &format!("volume {id}"))?;
    Ok(Json(HistoryAnswer {
        movements: page.movements.into_iter().map(Movement::from).collect(),
        next: page.next.map(|no| no.0),
    }))
}

impl From<MovementView> for Movement {
    fn from(view: MovementView) -> Movement {
        Movement {
            id: view.no.0,
            kind: view.kind.as_str(),
            from: view.from,
            to: view.to,
            scanned_at: view.scanned_at,
            recorded_at: view.recorded_at,
            entry: view.entry,
            station: view.station,
            operator: view.operator,
            late: view.late,
        }
    }
}
