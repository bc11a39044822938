//! One request: where it stands, who else waits, and what can be done.

use super::super::extract::Path;
use super::super::times::{Times, When};
use super::list::Row;
use super::{App, Form, Frame, Page, PageError, actor, filters, page, reason};
use crate::access::Permission;
use crate::changes::Change;
use crate::store::Viewed;
use crate::store::{PageStep, RequestStepView, Whose};
use crate::tracking::RequestId;
use crate::tracking::request::{Channel, HURRY, RequestStep};
use crate::web::door;
use crate::web::pages::seen;
use crate::web::pages::station_title;
use askama::Template;
use axum::extract::State;
use axum::response::Redirect;
use serde::Deserialize;

/// Requests that are over, on the page of one.
const OVER_MAX: u32 = 0;

#[derive(Template)]
#[template(path = "request.html", config = "src/web/askama.toml")]
struct RequestPage {
    frame: Frame,
    row: Row,
    asked: When,
    expires: When,
    steps: Vec<Step>,
    queue: Vec<Row>,
    /// Less was left than the file room needs.
    is_hurry: bool,
    /// They may cancel it, and have its holder asked.
    may_change: bool,
}

struct Step {
    step: RequestStepView,
    at: When,
    by: Option<String>,
}

/// What is done with a request.
#[derive(Deserialize)]
pub(super) struct Wanted {
    step: String,
    #[serde(default)]
    why: Option<String>,
    /// How many steps it had when the page was made.
    seen: Option<i64>,
}

/// A request's page.
pub(super) async fn show(State(app): State<App>, Path(request): Path<RequestId>) -> Page {
    let (view, steps) = app.store.request(request).await?.ok_or(PageError::NotFound("request"))?;
    seen(&app, Viewed::Chart, &format!("chart {}, request {request}", view.chart))?;
    let site = app.site();
    let times = Times::new(&app, &site);
    let queue = app.store.requests_of_chart(view.chart, OVER_MAX).await?;
    let queue = queue.into_iter().filter(|other| other.volume == view.volume);
    let step = |step: RequestStepView| Step {
        at: times.when(step.at),
        by: step.actor.clone().or(step.station.as_deref().map(|name| station_title(&site, name))),
        step,
    };
    page(&RequestPage {
        frame: Frame::new(&app, &site, "/requests"),
        asked: times.when(view.asked_at),
        expires: times.when(view.expires_at),
        steps: steps.into_iter().map(step).collect(),
        queue: queue.map(|other| Row::new(&app, &times, other)).collect(),
        is_hurry: view.channel != Channel::Appointment
            && view.needed_at.duration_since(view.asked_at) < HURRY,
        may_change: door::may(Permission::Work) || (view.asked_by.is_some() && view.asked_by == actor()),
        row: Row::new(&app, &times, view),
    })
}

/// Takes a request one step on.
pub(super) async fn step(
    State(app): State<App>,
    Path(request): Path<RequestId>,
    Form(wanted): Form<Wanted>,
) -> Result<Redirect, PageError> {
    take(&app, request, &wanted.step, wanted.why.as_deref(), wanted.seen).await?;
    Ok(Redirect::to(&format!("/requests/{request}")))
}

/// Does what a form asks for.
pub(super) async fn take(
    app: &App,
    request: RequestId,
    step: &str,
    why: Option<&str>,
    seen_steps: Option<i64>,
) -> Result<(), PageError> {
    let whose = if door::may(Permission::Work) { Whose::Anybodys } else { Whose::Own };
    let step = match RequestStep::parse(step) {
        Some(RequestStep::Recalled) => {
            app.store.recall(request, seen_steps, actor(), whose).await?;
            app.changes.announce(Change::FileRoom);
            return Ok(());
        }
        Some(
            step @ (RequestStep::Pulled
            | RequestStep::NotFound
            | RequestStep::PutBack
            | RequestStep::Cancelled
            | RequestStep::NotFillable),
        ) => step,
        _ => return Err(PageError::BadRequest("this is nothing that can be done with a request here")),
    };
    // Who asked may take it back; the rest is told by whoever has the charts in hand.
    if step != RequestStep::Cancelled && whose == Whose::Own {
        return Err(PageError::NotAllowed(Permission::Work));
    }
    let wanted = PageStep { request, step, why: reason(why), seen_steps, actor: actor(), whose };
    app.store.step_request(wanted).await?;
    app.changes.announce(Change::FileRoom);
    Ok(())
}
