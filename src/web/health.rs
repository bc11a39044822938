//! For whoever watches the daemon: is it alive, can it record, and its figures.

use super::routes::{Needs, Routes};
use super::{App, metrics};
use crate::scanner::Presence;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::time::Duration;
use tower_http::set_header::SetResponseHeaderLayer;

/// The recorder turns every half second; silent for longer, it hangs.
const SILENT_MAX: Duration = Duration::from_secs(10);

/// Routes `/livez`, `/readyz` and `/metrics`: whoever watches needs no token, for they tell nothing of any chart.
pub(super) fn routes() -> Routes {
    let no_store = HeaderValue::from_static("no-store");
    Routes::new()
        .get("/livez", Needs::Nothing, livez)
        .get("/readyz", Needs::Nothing, readyz)
        .get("/metrics", Needs::Nothing, figures)
        .with(|router| router.layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, no_store)))
}

/// How ready the daemon is.
#[derive(Debug, Serialize)]
struct Readiness {
    status: Status,
    reasons: Vec<Reason>,
}

#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Status {
    /// All is well.
    Ready,
    /// Scans are recorded, but a scanner or a backup is missing.
    Degraded,
    /// Nothing is recorded.
    NotReady,
}

/// One thing that is not well.
#[derive(Debug, Serialize)]
struct Reason {
    part: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    why: String,
}

async fn livez(State(app): State<App>) -> (StatusCode, &'static str) {
    if hangs(&app) {
        return (StatusCode::SERVICE_UNAVAILABLE, "the recorder hangs\n");
    }
    (StatusCode::OK, "alive\n")
}

async fn readyz(State(app): State<App>) -> (StatusCode, Json<Readiness>) {
    let mut reasons: Vec<_> = database(&app).into_iter().collect();
    let is_recording = reasons.is_empty();
    reasons.extend(scanners(&app));
    reasons.extend(backups(&app));
    let (code, status) = match (is_recording, reasons.is_empty()) {
        (false, _) => (StatusCode::SERVICE_UNAVAILABLE, Status::NotReady),
        (true, false) => (StatusCode::OK, Status::Degraded),
        (true, true) => (StatusCode::OK, Status::Ready),
    };
    (code, Json(Readiness { status, reasons }))
}

async fn figures(State(app): State<App>) -> Response {
    match metrics::text(&app).await {
        Ok(text) => {
            let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
            ([(header::CONTENT_TYPE, kind)], text).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "the metrics could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn hangs(app: &App) -> bool {
    app.store.health().silent_for > SILENT_MAX
}

fn database(app: &App) -> Option<Reason> {
    let hanging = || hangs(app).then(|| "the recorder hangs; restart the daemon".to_owned());
    let why = app.store.health().red.or_else(hanging)?;
    Some(Reason { part: "database", name: None, why })
}

/// What is late or damaged stops no scans.
fn backups(app: &App) -> Vec<Reason> {
    let concerns = app.backups.concerns(app.clock.now());
    concerns.into_iter().map(|why| Reason { part: "backup", name: None, why }).collect()
}

/// A scanner that is missing stops nobody else's scans.
fn scanners(app: &App) -> Vec<Reason> {
    let reasons = |gauge: &crate::scanner::Gauge| {
        let health = gauge.read();
        let concerns = health.concerns();
        let whys = match health.presence {
            Presence::Up => concerns,
            Presence::Played => Vec::new(),
            Presence::Starting => vec!["has not been tried yet".to_owned()],
            Presence::Absent => vec!["is not plugged in".to_owned()],
            Presence::Fault(why) => vec![why],
        };
        let reason = |why| Reason { part: "scanner", name: Some(gauge.source.clone()), why };
        whys.into_iter().map(reason).collect::<Vec<_>>()
    };
    app.site().gauges.iter().flat_map(|gauge| reasons(gauge)).collect()
}
