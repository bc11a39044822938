//! The schedule: what came in, what it could not do, and what each clinic wants.

use super::super::times::{Times, When};
use super::{App, Form, Frame, PageError, actor, filters, page, typed};
use crate::changes::Change;
use crate::import::schedule::{Reading, Schedule, read};
use crate::import::{DateOrder, Mapping};
use crate::store::Viewed;
use crate::store::{AppointmentView, ScheduleReport, ScheduleView, WantsView};
use crate::tracking::CustodianId;
use crate::web::glass;
use crate::web::pages::pick::{Picker, Picks};
use crate::web::pages::seen;
use askama::Template;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

/// Schedules that the page lists.
const ROWS: u32 = 10;
/// Refused lines that the page lists.
const REFUSED_MAX: usize = 50;
/// Most record types that a clinic wants.
const WANTS_MAX: usize = 20;

#[derive(Template)]
#[template(path = "schedule.html", config = "src/web/askama.toml")]
struct SchedulePage {
    frame: Frame,
    clinic: Picker,
    schedules: Vec<(ScheduleView, When)>,
    lacking: Vec<(AppointmentView, When)>,
    wants: Vec<WantsView>,
    done: Option<(ScheduleReport, Schedule)>,
    problem: Option<String>,
    mapping: String,
    /// What was typed for a clinic and is refused, and why.
    refused_wants: Option<(Wants, &'static str)>,
}

impl SchedulePage {
    fn refused<'a>(&self, report: &'a ScheduleReport) -> &'a [(u64, String)] {
        report.refused.get(..report.refused.len().min(REFUSED_MAX)).unwrap_or_default()
    }
}

/// What somebody sent.
#[derive(Default)]
struct Sent {
    bytes: Vec<u8>,
    mapping: String,
    dates: String,
}

/// What a clinic wants.
#[derive(Deserialize)]
pub(super) struct Wants {
    clinic: CustodianId,
    wants: String,
}

/// The page of the schedule.
pub(super) async fn show(State(app): State<App>) -> Result<Response, PageError> {
    schedule_page(&app, None, None, String::new()).await
}

/// Takes a schedule. Sent twice it changes nothing the second time, so its page may be an answer to a POST.
pub(super) async fn take(State(app): State<App>, form: Multipart) -> Result<Response, PageError> {
    let sent = sent(form).await?;
    let site = app.site();
    let dates = match sent.dates.as_str() {
        "dmy" => Some(DateOrder::DayFirst),
        "mdy" => Some(DateOrder::MonthFirst),
        _ => None,
    };
    let schedule = Mapping::parse(&sent.mapping).and_then(|mapping| {
        let zone = site.time_zone.clone();
        read(&sent.bytes, &Reading { mapping, dates, zone, now: app.clock.now() })
    });
    match schedule {
        Err(problem) => schedule_page(&app, None, Some(problem), sent.mapping).await,
        Ok(schedule) => {
            let (lines, refused) = (schedule.lines.clone(), schedule.refused.clone());
            let report = app.store.take_schedule(lines, refused, "page", actor()).await?;
            app.changes.announce(Change::FileRoom);
            schedule_page(&app, Some((report, schedule)), None, sent.mapping).await
        }
    }
}

async fn sent(mut form: Multipart) -> Result<Sent, PageError> {
    let broken = |_| {
        PageError::BadRequest("the schedule did not arrive whole, or is larger than `limits.body_bytes_max`")
    };
    let mut sent = Sent::default();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(broken)?;
        let text = || String::from_utf8_lossy(&bytes).into_owned();
        match name.as_str() {
            // What was chosen counts before what was pasted.
            "file" if !bytes.is_empty() => sent.bytes = bytes.to_vec(),
            "text" if sent.bytes.is_empty() => sent.bytes = bytes.to_vec(),
            "map" => sent.mapping = text(),
            "dates" => sent.dates = text(),
            _ => {}
        }
    }
    Ok(sent)
}

/// Tries again what could not be requested.
pub(super) async fn again(State(app): State<App>) -> Result<Redirect, PageError> {
    app.store.retry_schedule(actor()).await?;
    app.changes.announce(Change::FileRoom);
    Ok(Redirect::to("/schedule#lacking"))
}

/// Says what a clinic wants: record types between commas, each with `all` after it for all volumes.
pub(super) async fn wants(State(app): State<App>, Form(wants): Form<Wants>) -> Result<Response, PageError> {
    let Some(text) = typed(&wants.wants) else {
        return refused_wants(&app, wants, "write at most 200 characters").await;
    };
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty()).take(WANTS_MAX);
    let want = |part: &str| match part.strip_suffix(" all") {
        Some(record_type) => (record_type.trim().to_owned(), true),
        None => (part.to_owned(), false),
    };
    app.store.set_clinic_wants(wants.clinic, parts.map(want).collect(), actor()).await?;
    Ok(Redirect::to("/schedule#wants").into_response())
}

async fn refused_wants(app: &App, wants: Wants, why: &'static str) -> Result<Response, PageError> {
    show_page(app, None, None, String::new(), Some((wants, why))).await
}

async fn schedule_page(
    app: &App,
    done: Option<(ScheduleReport, Schedule)>,
    problem: Option<String>,
    mapping: String,
) -> Result<Response, PageError> {
    show_page(app, done, problem, mapping, None).await
}

async fn show_page(
    app: &App,
    done: Option<(ScheduleReport, Schedule)>,
    problem: Option<String>,
    mapping: String,
    refused_wants: Option<(Wants, &'static str)>,
) -> Result<Response, PageError> {
    seen(app, Viewed::List, "schedule")?;
    let site = app.site();
    let times = Times::new(app, &site);
    let status = if problem.is_some() || refused_wants.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let schedules = app.store.schedules(ROWS).await?;
    let lacking = glass::veil(app, app.store.appointments_lacking().await?).await?;
    let clinic = match &refused_wants {
        Some((typed, _)) => app.store.custodian_named(typed.clinic).await?,
        None => None,
    };
    let shown = SchedulePage {
        frame: Frame::new(app, &site, "/pulls"),
        clinic: Picks::load(app).await?.picker("clinic", "clinic").chosen(clinic),
        schedules: schedules
            .into_iter()
            .map(|seen| {
                let at = times.when(seen.at);
                (seen, at)
            })
            .collect(),
        lacking: lacking
            .into_iter()
            .map(|seen| {
                let at = times.ahead(seen.start);
                (seen, at)
            })
            .collect(),
        wants: app.store.clinic_wants().await?,
        done,
        problem,
        mapping,
        refused_wants,
    };
    Ok((status, page(&shown)?).into_response())
}
