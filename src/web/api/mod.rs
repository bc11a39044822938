//! The API under `/api/v1`, for programs; described by the OpenAPI document that it serves itself.
//!
//! Invariant: a number that names a patient is only ever in a body, never in an address; no answer is kept by caches.

mod arrivals;
mod charts;
mod custodians;
mod extract;
mod file;
mod history;
mod missing;
mod notices;
mod paging;
mod people;
mod requests;
mod scanners;
mod scans;
mod schedule;
mod search;
mod stations;
mod timeline;
mod webhooks;
mod words;
mod work_items;

use super::problem::{FieldError, Problem, ProblemBody, ProblemKind};
use super::router::SCHEDULE_BYTES_MAX;
use super::routes::{Described, Needs, Routes};
use super::{App, door, glass, live};
use crate::access::Permission;
use crate::store::{Concerned, Veil, Viewed};
use crate::tracking::ChartId;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::IntoResponse;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::OpenApi;
use utoipa_axum::router::UtoipaMethodRouter;
use utoipa_axum::routes;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Outguide",
        description = "Where every paper chart of the file room is, and how it got there. Times are RFC 3339; ids are opaque. \
                       Every error is a problem (RFC 9457). Fields may be added; clients leave alone what they do not know."
    ),
    components(schemas(ProblemBody), responses(ProblemAnswer))
)]
struct Description;

/// A problem.
#[derive(utoipa::ToResponse)]
#[response(description = "A problem.", content_type = "application/problem+json")]
#[expect(dead_code, reason = "only its description is looked at")]
struct ProblemAnswer(ProblemBody);

/// Notes that a program is about to see patients' data, in ids.
fn seen(app: &App, how: Viewed, what: &str) -> Result<(), Problem> {
    door::seen(app, how, what).map_err(|why| {
        tracing::error!(%why, "an answer was held back: its view could not be noted");
        Problem::new(ProblemKind::Busy, "it cannot be written down now who saw this, so it is not shown")
    })
}

/// A route that takes a whole schedule.
fn large((schemas, paths, handler): UtoipaMethodRouter<App>) -> UtoipaMethodRouter<App> {
    (schemas, paths, handler.layer(DefaultBodyLimit::max(SCHEDULE_BYTES_MAX)))
}

/// Lets a program through to charts, if none is restricted or the question comes with a reason.
async fn through(app: &App, of: Vec<Concerned>, headers: &HeaderMap) -> Result<(), Problem> {
    match glass::first_closed(app, of).await? {
        Some(closed) => let_through(app, closed.chart, headers).await,
        None => Ok(()),
    }
}

/// Opens a restricted chart for one question that comes with a reason.
pub(super) async fn let_through(app: &App, chart: ChartId, headers: &HeaderMap) -> Result<(), Problem> {
    match reason(headers)? {
        Some(why) => Ok(glass::open(app, chart, why).await?),
        None => {
            let detail = "this chart is restricted; ask again with the header `x-outguide-reason`, which the privacy office reads";
            Err(Problem::new(ProblemKind::Restricted, detail))
        }
    }
}

/// Takes from rows whose charts they are, where those are restricted and the question comes without a reason.
async fn veil<T: Veil>(app: &App, headers: &HeaderMap, rows: Vec<T>) -> Result<Vec<T>, Problem> {
    let Some(why) = reason(headers)? else { return Ok(glass::veil(app, rows).await?) };
    let mut opened = BTreeSet::new();
    for of in glass::closed_of(app, &rows).await? {
        // Two rows may be of one chart, which is opened once.
        if let Some(closed) = glass::first_closed(app, vec![of]).await?
            && opened.insert(closed.chart)
        {
            glass::open(app, closed.chart, why.clone()).await?;
        }
    }
    Ok(rows)
}

/// Why a program asks for restricted charts, if it says so.
fn reason(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(said) = headers.get("x-outguide-reason") else { return Ok(None) };
    let why = said.to_str().ok().and_then(glass::reason);
    why.map(Some).ok_or_else(|| {
        Problem::of_fields(vec![FieldError::new(
            "x-outguide-reason",
            "must have 3 to 200 characters of ASCII",
        )])
    })
}

/// Everything under `/api`.
pub(super) fn routes() -> Routes {
    let (routes, _) = described().finish();
    let no_store = HeaderValue::from_static("no-store");
    routes
        .nowhere("/api", async || Problem::not_found())
        .nowhere("/api/{*rest}", async || Problem::not_found())
        .with(|router| {
            router
                .method_not_allowed_fallback(async || {
                    Problem::new(
                        ProblemKind::MethodNotAllowed,
                        "the `Allow` header names the methods that it takes",
                    )
                })
                .layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, no_store))
        })
}

/// All routes with what they need and their descriptions: what is not described is not served.
fn described() -> Described {
    use Needs::{May, Nothing, SignedIn};
    use Permission::{Locate, Request, Scan, SeeBoard, SeeScanners, SeeStations, Supervise, Work};
    Described::new(Description::openapi())
        .route(May(Locate), routes!(search::search))
        .route(May(Locate), routes!(history::history))
        .route(May(Locate), routes!(timeline::timeline))
        .route(May(SeeStations), routes!(stations::list))
        .route(May(SeeBoard), routes!(stations::station))
        .route(May(Locate), routes!(custodians::list))
        .route(May(Supervise), routes!(custodians::add))
        .route(May(Locate), routes!(custodians::show))
        .route(May(Supervise), routes!(custodians::change))
        .route(May(Supervise), routes!(custodians::close))
        .route(May(Supervise), routes!(custodians::open))
        .route(May(Supervise), routes!(custodians::reassign_requests))
        .route(May(Supervise), routes!(people::list, people::add))
        .route(May(Supervise), routes!(people::show, people::change))
        .route(May(Work), routes!(file::add))
        .route(May(Work), routes!(file::patient))
        .route(May(Supervise), routes!(file::number))
        .route(May(Work), routes!(file::stay))
        .route(May(Work), routes!(file::home))
        .route(May(Supervise), routes!(file::state))
        .route(May(Locate), routes!(file::record_types))
        .route(May(Supervise), routes!(file::set_record_type))
        .route(May(SeeScanners), routes!(scanners::list))
        .route(May(Work), routes!(work_items::list))
        .route(May(Work), routes!(arrivals::list))
        .route(May(Request), routes!(requests::list, requests::ask))
        .route(May(Request), routes!(requests::show))
        .route(May(Request), routes!(requests::step))
        .route(May(Work), routes!(requests::pull_list))
        .route(May(Work), routes!(missing::list))
        .route(May(Work), routes!(missing::show))
        .route(May(Work), routes!(missing::look))
        .route(May(Work), routes!(missing::find))
        .route(May(Work), large(routes!(schedule::schedule)))
        .route(May(Work), routes!(notices::list))
        .route(May(Request), routes!(notices::show))
        .route(May(Request), routes!(notices::answer))
        .route(May(Work), routes!(notices::figures))
        .route(May(Scan), routes!(scans::record))
        .route(May(Supervise), routes!(charts::merge))
        .route(May(Supervise), routes!(charts::undo_merge))
        .route(May(Work), routes!(charts::combine))
        .route(May(Work), routes!(charts::label_is_of))
        .route(May(Work), routes!(charts::begin_volume))
        .route(May(Work), routes!(charts::make_temporary))
        .route(May(Work), routes!(charts::unite))
        .route(May(Work), routes!(charts::worn))
        .route(May(Work), routes!(charts::replace_label))
        .route(SignedIn, routes!(live::changes))
        .route(Nothing, routes!(document))
}

/// Describes this API (OpenAPI 3.1).
#[utoipa::path(
    get, path = "/api/v1/openapi.json", tag = "description",
    responses((status = 200, description = "The document.", body = serde_json::Value)),
)]
async fn document() -> Result<impl IntoResponse, Problem> {
    static TEXT: LazyLock<Option<String>> = LazyLock::new(|| {
        let (_, mut document) = described().finish();
        webhooks::describe(&mut document);
        document.to_json().ok()
    });
    let text = TEXT.as_deref().ok_or_else(Problem::internal)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], text))
}
