//! What a custodian still has when it closes, or when somebody leaves, and to whom it is handed over.

use super::change::done;
use super::extract::{Form, Path};
use super::filters;
use super::pick::Picks;
use super::times::{Times, When};
use super::{Frame, Page, PageError, page, seen};
use crate::store::{CustodianView, Leaving, RequestView, RequestsOf, Viewed, VolumeView};
use crate::tracking::CustodianId;
use crate::web::actor::Actor;
use crate::web::{App, glass};
use askama::Template;
use axum::extract::State;
use axum::response::Redirect;
use serde::Deserialize;

/// Most requests that the page lists.
const REQUESTS_MAX: usize = 50;
/// Most charts that it lists; the custodian's own page has all.
const CHARTS_MAX: usize = 25;

#[derive(Template)]
#[template(path = "closing.html", config = "src/web/askama.toml")]
struct ClosingPage {
    frame: Frame,
    view: CustodianView,
    is_closed: bool,
    leaving: Leaving,
    charts: Vec<VolumeView>,
    requests: Vec<(RequestView, When)>,
    picks: Picks,
}

/// What it still has.
pub(super) async fn show(State(app): State<App>, Path(custodian): Path<CustodianId>) -> Page {
    let found = app.store.custodian(custodian, None).await?.ok_or(PageError::NotFound("custodian"))?;
    let form = app.store.custodian_form(custodian).await?.ok_or(PageError::NotFound("custodian"))?;
    seen(&app, Viewed::List, &format!("custodian {custodian}, closing"))?;
    let site = app.site();
    let times = Times::new(&app, &site);
    let volumes = glass::veil(&app, found.volumes).await?;
    let requests =
        glass::veil(&app, app.store.requests(RequestsOf::To(custodian), REQUESTS_MAX).await?).await?;
    let picks = Picks::load(&app).await?.without(custodian);
    page(&ClosingPage {
        frame: Frame::new(&app, &site, "/custodians"),
        is_closed: form.is_closed,
        leaving: app.store.leaving(custodian).await?,
        charts: volumes.into_iter().filter(|volume| volume.home.id != custodian).take(CHARTS_MAX).collect(),
        requests: requests
            .into_iter()
            .map(|request| (times.due(request.needed_at), request))
            .map(|(at, request)| (request, at))
            .collect(),
        view: found.view,
        picks,
    })
}

/// To whom.
#[derive(Deserialize)]
pub(super) struct To {
    to: CustodianId,
}

/// Says that another custodian has the charts now.
pub(super) async fn hand_over(
    State(app): State<App>,
    Path(custodian): Path<CustodianId>,
    Actor(actor): Actor,
    Form(To { to }): Form<To>,
) -> Result<Redirect, PageError> {
    app.store.hand_over(custodian, to, actor).await?;
    Ok(done(&app, &format!("/custodians/{custodian}/close")))
}

/// Cancels what was to come here.
pub(super) async fn cancel_requests(
    State(app): State<App>,
    Path(custodian): Path<CustodianId>,
    Actor(actor): Actor,
) -> Result<Redirect, PageError> {
    app.store.cancel_requests_to(custodian, actor).await?;
    Ok(done(&app, &format!("/custodians/{custodian}/close")))
}

/// Has what was to come here go to another.
pub(super) async fn reassign_requests(
    State(app): State<App>,
    Path(custodian): Path<CustodianId>,
    Actor(actor): Actor,
    Form(To { to }): Form<To>,
) -> Result<Redirect, PageError> {
    app.store.reassign_requests(custodian, to, actor).await?;
    Ok(done(&app, &format!("/custodians/{custodian}/close#requests")))
}

impl ClosingPage {
    fn has_nothing(&self) -> bool {
        let Leaving { holds, home, requests, parts } = &self.leaving;
        *holds == 0 && *home == 0 && *requests == 0 && parts.is_empty()
    }
}
