//! Scans of network clients: delivered as often as it takes, recorded once.

use super::extract::Body;
use super::words;
use crate::intake::NetworkScan;
use crate::store::{NotRecorded, Recorded};
use crate::tracking::{Entry, ScanId, Signal, Verdict};
use crate::web::App;
use crate::web::problem::{FieldError, Problem, ProblemBody};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longest code, bytes; the largest symbols hold less.
const CODE_BYTES_MAX: usize = 4096;
/// How far a client's clock may be ahead.
const AHEAD_MAX: SignedDuration = SignedDuration::from_mins(5);

/// One scan.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ScanRequest {
    /// A UUID made when the label was scanned, best of version 7; the same at every delivery of this scan.
    #[schema(format = "uuid")]
    id: String,
    /// The station's key.
    station: String,
    /// The code as text, AIM identifier first if the scanner sends one, without terminator. This or `code_hex`.
    #[schema(max_length = 4096)]
    code: Option<String>,
    /// The bytes of the code in hexadecimal, for codes that are no text.
    #[schema(max_length = 8192)]
    code_hex: Option<String>,
    /// When it was scanned, if not now; at most 5 minutes ahead of the daemon's clock.
    #[schema(format = DateTime)]
    scanned_at: Option<String>,
    /// Read by a scanner, unless it says that a person typed it.
    #[schema(schema_with = words::entry)]
    entry: Option<Entry>,
}

/// What became of a scan that is on disk.
#[derive(Serialize, ToSchema)]
pub(super) struct ScanAnswer {
    /// Its place in the journal.
    scan_no: i64,
    /// The word for it.
    #[schema(schema_with = words::verdict)]
    verdict: Verdict,
    /// The word as a clerk reads it.
    title: &'static str,
    /// What the clerk is told beyond it.
    why: Option<String>,
    /// How to tell the person at the scanner.
    #[schema(schema_with = words::signal)]
    signal: Signal,
    /// The volume, if the label is on file.
    volume: Option<i64>,
    /// It was on disk already; this delivery changed nothing.
    repeated: bool,
}

/// Records a scan. Deliver it again under the same id until it is answered: it is recorded once.
#[utoipa::path(
    post, path = "/api/v1/scans", tag = "scans", request_body = ScanRequest,
    responses(
        (status = 201, description = "It is on disk.", body = ScanAnswer),
        (status = 200, description = "It was on disk already.", body = ScanAnswer),
        (status = 409, description = "Another scan has this id.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 422, description = "Some field cannot be taken, or there is no such station.", body = ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "It is NOT on disk. Deliver it again.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn record(
    State(app): State<App>,
    Body(request): Body<ScanRequest>,
) -> Result<(StatusCode, Json<ScanAnswer>), Problem> {
    let scan = check(request, app.clock.now())?;
    // A task of its own: it tells the live pages even if this client hangs up before the commit.
    let recording = tokio::spawn(app.intake.take_network(scan));
    let recorded = recording.await.unwrap_or(Err(NotRecorded::Closed))?;
    let status = if recorded.repeated { StatusCode::OK } else { StatusCode::CREATED };
    Ok((status, Json(recorded.into())))
}

/// Checks all fields, so that one mistake does not hide the next.
fn check(request: ScanRequest, now: Timestamp) -> Result<NetworkScan, Problem> {
    let mut errors = Vec::new();
    let mut note = |field, message: String| errors.push(FieldError::new(field, message));
    let id = ScanId::parse(&request.id).map_err(|error| note("id", error.to_string())).ok();
    let bytes = code(&request).map_err(|(field, message)| note(field, message)).ok();
    let scanned_at = scanned_at(request.scanned_at.as_deref(), now);
    let scanned_at = scanned_at.map_err(|message| note("scanned_at", message.to_owned())).ok();
    let (Some(id), Some(bytes), Some(scanned_at)) = (id, bytes, scanned_at) else {
        return Err(Problem::of_fields(errors));
    };
    let entry = request.entry.unwrap_or(Entry::Scanned);
    Ok(NetworkScan { id, station: request.station, bytes, scanned_at, entry })
}

/// The bytes of the code, from the one field that has them.
fn code(request: &ScanRequest) -> Result<Vec<u8>, (&'static str, String)> {
    let (field, bytes) = match (&request.code, &request.code_hex) {
        (Some(text), None) => ("code", text.as_bytes().to_vec()),
        (None, Some(digits)) => {
            let bytes = from_hex(digits);
            ("code_hex", bytes.ok_or_else(|| ("code_hex", "must be pairs of hexadecimal digits".to_owned()))?)
        }
        (Some(_), Some(_)) | (None, None) => {
            return Err(("code", "give either `code` or `code_hex`".to_owned()));
        }
    };
    if bytes.is_empty() || bytes.len() > CODE_BYTES_MAX {
        return Err((field, format!("must be 1 to {CODE_BYTES_MAX} bytes")));
    }
    Ok(bytes)
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    let value = |digit: &u8| char::from(*digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(value(high)? << 4 | value(low)?),
        _ => None,
    };
    digits.as_bytes().chunks(2).map(pair).collect()
}

fn scanned_at(text: Option<&str>, now: Timestamp) -> Result<Option<Timestamp>, &'static str> {
    let Some(text) = text else { return Ok(None) };
    let at: Timestamp =
        text.parse().map_err(|_| "must be a time such as 2026-01-31T14:05:00Z, with its offset")?;
    if at.duration_since(now) > AHEAD_MAX {
        return Err("is more than 5 minutes ahead; set the client's clock");
    }
    Ok(Some(at))
}

impl From<Recorded> for ScanAnswer {
    fn from(recorded: Recorded) -> ScanAnswer {
        ScanAnswer {
            scan_no: recorded.scan_no.0,
            verdict: recorded.verdict,
            title: recorded.verdict.title(),
            why: recorded.why,
            signal: recorded.verdict.signal(),
            volume: recorded.volume.map(|volume| volume.0),
            repeated: recorded.repeated,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_digits_come_in_pairs() {
        assert_eq!(from_hex("5D43301d"), Some(b"]C0\x1d".to_vec()));
        assert_eq!(from_hex(""), Some(Vec::new()));
        for bad in ["5", "5g", "+1", "é", "5D 43"] {
            assert_eq!(from_hex(bad), None, "{bad}");
        }
    }
}
