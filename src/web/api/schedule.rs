//! The schedule of appointments, pushed by programs.

use super::extract::Body;
use super::requests::TEXT_MAX;
use crate::changes::Change;
use crate::store::{AppointmentLine, Unread};
use crate::tracking::Mrn;
use crate::web::problem::{FieldError, Problem};
use crate::web::{App, door};
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most appointments of one push.
const APPOINTMENTS_MAX: usize = 20_000;

/// Appointments.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ScheduleBody {
    /// All of each clinic and day that is in it: what was booked there and is not in it any more is cancelled, unless one
    /// of that clinic and day is left out because it cannot be read.
    appointments: Vec<Appointment>,
}

/// An appointment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Appointment {
    /// The sender's own id; without one it is told by number, clinic and start.
    id: Option<String>,
    /// The patient's number.
    mrn: String,
    /// The clinic's code or name.
    clinic: String,
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    start: Timestamp,
    /// Who sees the patient.
    provider: Option<String>,
    /// It does not take place.
    #[serde(default)]
    cancelled: bool,
}

/// What a schedule did.
#[derive(Serialize, ToSchema)]
pub(super) struct Taken {
    /// Appointments that were not on file.
    added: u64,
    /// Appointments at another time or clinic.
    moved: u64,
    /// Appointments that do not take place.
    cancelled: u64,
    /// Appointments as they were.
    unchanged: u64,
    /// Appointments that are not in it and were kept, because one that could not be read may be it.
    kept: u64,
    /// Appointments that were left out: their place in the list, counted from 1, and why.
    refused: Vec<Refused>,
    /// Clinics that are not on file.
    unknown_clinics: Vec<String>,
    /// Appointments for which there is no chart to pull.
    without_chart: u64,
    /// The pull lists that something was done to.
    pull_lists: Vec<i64>,
}

/// An appointment that was left out.
#[derive(Serialize, ToSchema)]
struct Refused {
    /// Its place in the list, counted from 1.
    number: u64,
    /// Why.
    why: String,
}

/// Takes a schedule: what is new, moved or cancelled since the last one does something, the rest nothing.
#[utoipa::path(
    post, path = "/api/v1/schedule", tag = "requests", request_body = ScheduleBody,
    responses(
        (status = 200, description = "What it did.", body = Taken),
    )
)]
pub(super) async fn schedule(
    State(app): State<App>,
    Body(body): Body<ScheduleBody>,
) -> Result<Json<Taken>, Problem> {
    if body.appointments.len() > APPOINTMENTS_MAX {
        let error =
            FieldError::new("appointments", "are more than 20000; send them in parts, by clinic and day");
        return Err(Problem::of_fields(vec![error]));
    }
    let (mut lines, mut bad) = (Vec::new(), Vec::new());
    let zone = app.site().time_zone.clone();
    for (number, appointment) in (1_u64..).zip(body.appointments) {
        let clinic = appointment.clinic.trim().to_owned();
        let of = (!clinic.is_empty()).then(|| (clinic, appointment.start.to_zoned(zone.clone()).date()));
        match line(number, appointment) {
            Ok(line) => lines.push(line),
            Err(why) => bad.push(Unread { line: number, why, of }),
        }
    }
    let report = app.store.take_schedule(lines, bad, "api", door::actor()).await?;
    app.changes.announce(Change::FileRoom);
    Ok(Json(Taken {
        added: report.added,
        moved: report.moved,
        cancelled: report.cancelled,
        unchanged: report.unchanged,
        kept: report.kept,
        refused: report.refused.into_iter().map(|(number, why)| Refused { number, why }).collect(),
        unknown_clinics: report.unknown_clinics.into_iter().collect(),
        without_chart: report.without_chart,
        pull_lists: report.lists.iter().map(|list| list.0).collect(),
    }))
}

fn line(number: u64, appointment: Appointment) -> Result<AppointmentLine, String> {
    let short = |text: String, what: &str| {
        let is_good = text.chars().count() <= TEXT_MAX && !text.chars().any(char::is_control);
        if is_good {
            Ok(text.trim().to_owned())
        } else {
            Err(format!("{what}: at most 200 plain characters"))
        }
    };
    let clinic = short(appointment.clinic, "clinic")?;
    if clinic.is_empty() {
        return Err("clinic is empty".to_owned());
    }
    let provider = appointment.provider.map(|provider| short(provider, "provider")).transpose()?;
    Ok(AppointmentLine {
        line: number,
        id: appointment.id.map(|id| short(id, "id")).transpose()?.filter(|id| !id.is_empty()),
        mrn: Mrn::parse(&appointment.mrn).ok_or("mrn: letters and digits, at most 32")?,
        clinic,
        start: appointment.start,
        provider: provider.filter(|provider| !provider.is_empty()),
        is_cancelled: appointment.cancelled,
    })
}
