//! All that happened to a chart, for programs: the list of its page.

use super::extract::{Asked, Part};
use crate::store::{CaseTold, Happened, Moment, NoticeTold, Viewed};
use crate::tracking::ChartId;
use crate::web::App;
use crate::web::problem::{FieldError, Problem, ProblemBody};
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which part of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct TimelineQuery {
    /// `next` of the answer before; the newest if it is left out.
    from: Option<String>,
}

/// A part of what happened to a chart.
#[derive(Serialize, ToSchema)]
pub(super) struct TimelineAnswer {
    /// Newest first; appointments to come before them.
    entries: Vec<TimelineEntry>,
    /// `from` of the next, older part; null if this is the last.
    next: Option<String>,
}

/// Something that happened. Fields that say nothing about its kind are null.
#[derive(Serialize, ToSchema, Default)]
struct TimelineEntry {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// movement, change, request, appointment, case, look, notice, answer.
    kind: &'static str,
    /// What, in one word: the kind of movement, the change, the step of the request, the level of the case, how somebody
    /// looked, what became of the notice, what was answered.
    what: String,
    /// The volume.
    volume: Option<i64>,
    /// Who had it.
    from: Option<String>,
    /// Who got it, is asked, or whom the patient visits.
    to: Option<String>,
    /// Why, where, or what belongs to an answer.
    detail: Option<String>,
    /// Who did it.
    actor: Option<String>,
    /// The station at which it was scanned.
    station: Option<String>,
    /// The request, as `/api/v1/requests` knows it.
    request: Option<i64>,
    /// The case, as `/api/v1/missing` knows it.
    case: Option<i64>,
    /// The notice, as `/api/v1/notices` knows it.
    notice: Option<i64>,
}

/// Lists all that happened to a chart: movements, changes, requests, appointments, cases, looks in vain, notices and
/// answers, newest first.
#[utoipa::path(
    get, path = "/api/v1/charts/{id}/timeline", tag = "charts",
    params(
        ("id" = i64, Path, description = "The chart's id."), TimelineQuery,
        ("x-outguide-reason" = Option<String>, Header, description = "Why, if the chart is restricted; the privacy office reads it."),
    ),
    responses(
        (status = 200, description = "A part of the list.", body = TimelineAnswer),
        (status = 404, description = "There is no such chart.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn timeline(
    State(app): State<App>,
    Part(id): Part<i64>,
    Asked(query): Asked<TimelineQuery>,
) -> Result<Json<TimelineAnswer>, Problem> {
    let chart = ChartId(id);
    app.store.chart(chart).await?.ok_or_else(Problem::not_found)?;
    let from = match query.from {
        None => Moment::END,
        Some(text) => Moment::parse(&text).ok_or_else(|| {
            Problem::of_fields(vec![FieldError::new("from", "is `next` of the answer before")])
        })?,
    };
    let page = app.store.happened(chart, from).await?;
    super::seen(&app, Viewed::Chart, &format!("chart {id}"))?;
    Ok(Json(TimelineAnswer {
        entries: page.entries.into_iter().map(|(at, what)| TimelineEntry { at, ..told(what) }).collect(),
        next: page.next.map(|next| next.to_string()),
    }))
}

/// All of an entry but its time.
fn told(what: Happened) -> TimelineEntry {
    match what {
        Happened::Moved(volume, movement) => TimelineEntry {
            kind: "movement",
            what: movement.kind.as_str().to_owned(),
            volume: Some(volume.0),
            from: Some(movement.from),
            to: Some(movement.to),
            actor: movement.operator,
            station: movement.station,
            ..TimelineEntry::default()
        },
        Happened::Changed(event) => TimelineEntry {
            kind: "change",
            what: event.step.as_str().to_owned(),
            volume: event.volume.map(|(volume, _)| volume.0),
            detail: event.why,
            actor: event.actor,
            ..TimelineEntry::default()
        },
        Happened::Requested(step) => TimelineEntry {
            kind: "request",
            what: step.step.as_str().to_owned(),
            request: Some(step.request.0),
            to: Some(step.to),
            detail: step.why,
            actor: step.actor,
            station: step.station,
            ..TimelineEntry::default()
        },
        Happened::Booked(booking) => TimelineEntry {
            kind: "appointment",
            what: if booking.is_cancelled { "cancelled" } else { "booked" }.to_owned(),
            to: Some(booking.clinic),
            detail: booking.provider,
            ..TimelineEntry::default()
        },
        Happened::Missed(case) => {
            let (kind, what, detail) = match case.what {
                CaseTold::Level { level, why } => ("case", level.as_str(), why),
                CaseTold::Looked { place, how } => ("look", how.as_str(), Some(place)),
            };
            let (volume, of) = (Some(case.volume.0), Some(case.case.0));
            let what = what.to_owned();
            TimelineEntry {
                kind,
                what,
                volume,
                detail,
                actor: case.actor,
                case: of,
                ..TimelineEntry::default()
            }
        }
        Happened::Noticed(notice) => {
            let (kind, what, detail, actor) = match notice.what {
                NoticeTold::Written => ("notice", "written".to_owned(), Some(notice.step), None),
                NoticeTold::Ended { state, .. } => ("notice", state, Some(notice.step), None),
                NoticeTold::Answered { answer, detail, actor } => {
                    ("answer", answer.as_str().to_owned(), detail, actor)
                }
            };
            let (volume, of, to) = (Some(notice.volume.0), Some(notice.notice.0), Some(notice.to));
            TimelineEntry { kind, what, volume, to, detail, actor, notice: of, ..TimelineEntry::default() }
        }
    }
}
