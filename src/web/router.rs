//! Puts the site together: all routes, and what holds for every request.

use super::problem::{Problem, ProblemKind};
use super::routes::{Route, Routes};
use super::{App, api, door, guarded, health, pages};
use axum::Router;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use std::any::Any;
use std::time::Duration;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::trace::TraceLayer;
use tracing::Span;

/// Largest body with a schedule, bytes: a day of a hospital with thousands of appointments.
pub(super) const SCHEDULE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// The whole site.
pub fn router(app: App) -> Router {
    let limits = app.limits.clone();
    // One layer, of several, the outermost first: each of its own would box every request and its answer once more.
    let around = ServiceBuilder::new()
        .layer(
            TraceLayer::new_for_http()
                .make_span_with(span)
                .on_request(())
                .on_response(answered)
                .on_failure(()),
        )
        .layer(CompressionLayer::new().compress_when(SAME_FOR_ALL))
        .layer(middleware::from_fn(after_all))
        .layer(CatchPanicLayer::custom(after_panic))
        .layer(middleware::from_fn_with_state(limits.request_timeout, in_time))
        .layer(DefaultBodyLimit::max(limits.body_bytes_max))
        .layer(middleware::from_fn_with_state(app.clone(), door::meet));
    let site = all().finish().0.layer(around).with_state(app);
    guarded(site, limits.listen, &limits.hosts)
}

fn all() -> Routes {
    pages::routes().merge(api::routes()).merge(health::routes())
}

/// What is kept by browsers is the same for everybody, and compressed. A page has names of patients beside what was typed: its
/// compressed length would tell who listens whether the two are alike (BREACH).
const SAME_FOR_ALL: fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool = |_, _, headers, _| {
    let kept = headers.get(header::CACHE_CONTROL).and_then(|value| value.to_str().ok());
    kept.is_some_and(|kept| kept.contains("immutable"))
};

/// Every route there is, with what it needs.
pub fn routes() -> Vec<Route> {
    all().finish().1
}

/// Ends a request that takes too long before its answer begins; a live stream has begun by then.
async fn in_time(State(limit): State<Duration>, request: Request, next: Next) -> Response {
    let is_person = asks_for_page(&request);
    tokio::time::timeout(limit, next.run(request)).await.unwrap_or_else(|_| {
        let detail = "the request was not answered in time; try again";
        if is_person {
            pages::PageError::TooSlow.into_response()
        } else {
            Problem::new(ProblemKind::TooSlow, detail).into_response()
        }
    })
}

/// A panic that reaches a person is told as a page.
async fn after_all(request: Request, next: Next) -> Response {
    let is_person = asks_for_page(&request);
    let response = next.run(request).await;
    let is_broken = response.extensions().get::<Panicked>().is_some();
    if is_person && is_broken { pages::PageError::Broken.into_response() } else { response }
}

/// Whether a browser asks, for somebody to read the answer.
fn asks_for_page(request: &Request) -> bool {
    let accepted = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|kinds| kinds.contains("text/html"))
}

/// Put into the answer after a panic.
#[derive(Debug, Clone)]
struct Panicked;

/// The panic's own message may hold anything and goes nowhere.
fn after_panic(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("a request ended by a panic");
    let mut response = Problem::internal().into_response();
    response.extensions_mut().insert(Panicked);
    response
}

/// Names the route, never the address: that may hold what a person typed.
fn span(request: &Request) -> Span {
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str);
    tracing::debug_span!("request", method = %request.method(), route)
}

fn answered<B>(response: &axum::http::Response<B>, latency: Duration, _: &Span) {
    tracing::debug!(status = response.status().as_u16(), latency_us = latency.as_micros(), "answered");
}
