//! How the scanners fare.

use crate::scanner::{Gauge, Presence};
use crate::web::App;
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// All scanners.
#[derive(Serialize, ToSchema)]
pub(super) struct ScannersAnswer {
    /// In the order of the configuration.
    scanners: Vec<Scanner>,
}

/// A scanner and its figures since the daemon started.
#[derive(Serialize, ToSchema)]
struct Scanner {
    /// Its name in the configuration.
    name: String,
    /// Its station.
    station: String,
    /// Its device.
    device: String,
    /// How it is reached: `serial`, `keyboard`, `hid-pos`, `tcp-connect`, `tcp-listen` or `replay`.
    kind: &'static str,
    /// `starting`, `up`, `not-present`, `fault` or `played` (a recording at its end).
    presence: &'static str,
    /// Why it is at fault and what to do.
    why: Option<String>,
    /// Since when it is so.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
    /// Its last frame.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_frame_at: Option<Timestamp>,
    /// Good frames.
    frames: u64,
    /// Frames refused for their form.
    rejected: u64,
    /// Replies and echoes that were no scans.
    ignored: u64,
    /// Scans that did not get onto the disk.
    not_recorded: u64,
    /// Times the device went away.
    hang_ups: u64,
    /// Answers that it did not take in time.
    answers_dropped: u64,
    /// It goes away more often than a sound plug does.
    unstable: bool,
    /// Errors that its driver counted since it was plugged in; nothing if the driver does not count.
    line_errors: Option<LineErrorsAnswer>,
    /// What is not well though it is plugged in, each with what to do.
    concerns: Vec<String>,
}

/// Errors on a serial line.
#[derive(Serialize, ToSchema)]
struct LineErrorsAnswer {
    /// Missing stop bits: usually another baud rate.
    framing: u64,
    /// Bytes with wrong parity.
    parity: u64,
    /// Bytes that were lost because nobody took them in time.
    overrun: u64,
    /// Break conditions.
    breaks: u64,
}

/// Lists all scanners with their figures.
#[utoipa::path(
    get, path = "/api/v1/scanners", tag = "stations",
    responses((status = 200, description = "All scanners.", body = ScannersAnswer)),
)]
pub(super) async fn list(State(app): State<App>) -> Json<ScannersAnswer> {
    let scanners = app.site().gauges.iter().map(|gauge| scanner(gauge)).collect();
    Json(ScannersAnswer { scanners })
}

fn scanner(gauge: &Gauge) -> Scanner {
    let health = gauge.read();
    Scanner {
        name: gauge.source.clone(),
        station: gauge.station.clone(),
        device: gauge.device.clone(),
        presence: health.presence.as_str(),
        kind: gauge.kind,
        concerns: health.concerns(),
        line_errors: health.line_errors.map(|errors| LineErrorsAnswer {
            framing: errors.framing,
            parity: errors.parity,
            overrun: errors.overrun,
            breaks: errors.breaks,
        }),
        why: match health.presence {
            Presence::Fault(why) => Some(why),
            Presence::Starting | Presence::Up | Presence::Absent | Presence::Played => None,
        },
        since: health.since,
        last_frame_at: health.last_frame,
        frames: health.frames,
        rejected: health.rejected,
        ignored: health.ignored,
        not_recorded: health.not_recorded,
        hang_ups: health.hang_ups,
        answers_dropped: health.answers_dropped,
        unstable: health.unstable,
    }
}
