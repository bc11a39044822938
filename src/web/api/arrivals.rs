//! What was sent and never arrived.

use super::search::Custodian;
use crate::store::{UnderWay, Viewed};
use crate::web::App;
use crate::web::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// Charts that were sent and have not arrived.
#[derive(Serialize, ToSchema)]
pub(super) struct NeverArrivedAnswer {
    /// After how many hours a chart that is on its way counts: `arrival_hours` of the configuration.
    hours: i64,
    /// How many there are.
    of: u64,
    /// The oldest first; at most 500.
    never_arrived: Vec<Sent>,
}

/// A volume that was sent.
#[derive(Serialize, ToSchema)]
struct Sent {
    /// Which one.
    volume: i64,
    /// The chart that it is part of.
    chart: i64,
    /// The patient's number as the site writes it.
    mrn: String,
    /// 1 for the first volume.
    number: u32,
    /// Its label.
    label: String,
    /// When it was sent.
    #[schema(value_type = String, format = DateTime)]
    sent_at: Timestamp,
    /// Who had it, and stays answerable.
    from: Custodian,
    /// Where to.
    to: Custodian,
    /// Who scanned it, if a badge or a sign-in told.
    by: Option<String>,
    /// The station where it was scanned last.
    station: Option<String>,
    /// The box that it is in.
    within: Option<String>,
}

/// Lists charts that were sent to a place with a checkpoint and were not scanned anywhere since, for longer than the way
/// takes.
#[utoipa::path(
    get, path = "/api/v1/never-arrived", tag = "stations",
    responses(
        (status = 200, description = "What never arrived.", body = NeverArrivedAnswer),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Json<NeverArrivedAnswer>, Problem> {
    let within = app.site().arrives_within;
    let found = app.store.never_arrived(app.clock.now() - within).await?;
    super::seen(&app, Viewed::List, "never arrived")?;
    let rows = super::veil(&app, &headers, found.rows).await?;
    let never_arrived = rows.into_iter().map(Sent::from).collect();
    Ok(Json(NeverArrivedAnswer { hours: within.as_hours(), of: found.of, never_arrived }))
}

impl From<UnderWay> for Sent {
    fn from(way: UnderWay) -> Sent {
        Sent {
            volume: way.volume.0,
            chart: way.chart.0,
            mrn: way.mrn,
            number: way.number,
            label: way.label,
            sent_at: way.sent_at,
            from: way.from.into(),
            to: way.to.into(),
            by: way.by,
            station: way.station,
            within: way.within,
        }
    }
}
