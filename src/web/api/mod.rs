//! The API under `/api/v1`, for programs; described by the OpenAPI document that it serves itself.
//!
//! Invariant: a number that names a patient is only ever in a body, never in an address; no answer is kept by caches.

mod charts;
mod custodians;
mod extract;
mod history;
mod requests;
mod scanners;
mod scans;
mod schedule;
mod search;
mod stations;
mod words;
mod work_items;

use super::problem::{Problem, ProblemBody, ProblemKind};
use super::{App, live};
use axum::Router;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::any;
use std::sync::LazyLock;
use tower_http::set_header::SetResponseHeaderLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Outguide",
        description = "Where every paper chart of the file room is, and how it got there. Times are RFC 3339; ids are opaque. \
                       Every error is a problem (RFC 9457). Fields may be added; clients leave alone what they do not know."
    ),
    components(schemas(ProblemBody))
)]
struct Description;

/// Everything under `/api`.
pub fn router() -> Router<App> {
    let (routes, _) = described().split_for_parts();
    let no_store = HeaderValue::from_static("no-store");
    routes
        .route("/api", any(async || Problem::not_found()))
        .route("/api/{*rest}", any(async || Problem::not_found()))
        .method_not_allowed_fallback(async || {
            Problem::new(ProblemKind::MethodNotAllowed, "the `Allow` header names the methods that it takes")
        })
        .layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, no_store))
}

/// All routes with their descriptions: what is not described is not served.
fn described() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(search::search))
        .routes(routes!(history::history))
        .routes(routes!(stations::list))
        .routes(routes!(stations::station))
        .routes(routes!(custodians::list))
        .routes(routes!(scanners::list))
        .routes(routes!(work_items::list))
        .routes(routes!(requests::list, requests::ask))
        .routes(routes!(requests::show))
        .routes(routes!(requests::step))
        .routes(routes!(requests::pull_list))
        .routes(routes!(schedule::schedule))
        .routes(routes!(scans::record))
        .routes(routes!(charts::merge))
        .routes(routes!(charts::undo_merge))
        .routes(routes!(charts::combine))
        .routes(routes!(charts::label_is_of))
        .routes(routes!(charts::begin_volume))
        .routes(routes!(charts::make_temporary))
        .routes(routes!(charts::unite))
        .routes(routes!(charts::worn))
        .routes(routes!(charts::replace_label))
        .routes(routes!(live::changes))
        .routes(routes!(document))
}

/// Describes this API (OpenAPI 3.1).
#[utoipa::path(
    get, path = "/api/v1/openapi.json", tag = "description",
    responses((status = 200, description = "The document.", body = serde_json::Value)),
)]
async fn document() -> Result<impl IntoResponse, Problem> {
    static TEXT: LazyLock<Option<String>> = LazyLock::new(|| described().into_openapi().to_json().ok());
    let text = TEXT.as_deref().ok_or_else(Problem::internal)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], text))
}
