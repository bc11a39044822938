//! Open requests, by the time they are needed.

use super::super::paging::{self, Shown};
use super::super::times::{Times, When};
use super::{App, Form, Frame, Page, PageError, filters, page, place};
use crate::store::Viewed;
use crate::store::{RequestView, RequestsOf};
use crate::tracking::CustodianId;
use crate::web::glass;
use crate::web::pages::pick::{Picker, Picks};
use crate::web::pages::seen;
use askama::Template;
use axum::extract::State;
use axum::response::Redirect;
use serde::Deserialize;

/// Rows of a part.
const ROWS: usize = 50;
/// Requests that the parts have together.
const REQUESTS_MAX: usize = 300;

/// Whose requests.
#[derive(Deserialize)]
pub(super) struct Of {
    to: Option<String>,
    #[serde(default)]
    page: usize,
}

/// Who asked.
#[derive(Deserialize)]
pub(super) struct OfRequester {
    requester: String,
    #[serde(default)]
    page: usize,
}

#[derive(Template)]
#[template(path = "requests.html", config = "src/web/askama.toml")]
struct RequestsPage {
    frame: Frame,
    rows: Vec<Row>,
    part: Shown,
    going_to: Picker,
    to: Option<CustodianId>,
    requester: String,
    /// Asked for by POST: it cannot ask for itself again.
    is_posted: bool,
}

/// A request as lists show it.
pub(super) struct Row {
    pub(super) request: RequestView,
    pub(super) needed: When,
    pub(super) place: String,
    pub(super) is_late: bool,
}

impl Row {
    pub(super) fn new(app: &App, times: &Times, request: RequestView) -> Row {
        Row {
            needed: times.ahead(request.needed_at),
            place: place(&request),
            is_late: request.state.is_open() && request.needed_at < app.clock.now(),
            request,
        }
    }
}

/// All open requests, or those that go to a place.
pub(super) async fn list(
    State(app): State<App>,
    super::super::extract::Query(of): super::super::extract::Query<Of>,
) -> Page {
    let wanted = of.page;
    let to = of.to.as_deref().and_then(|to| to.parse().ok()).map(CustodianId);
    let of = to.map_or(RequestsOf::Everybody, RequestsOf::To);
    listed(&app, of, to, None, wanted).await
}

/// To whom.
#[derive(Deserialize)]
pub(super) struct GoingTo {
    #[serde(default)]
    to: String,
}

/// To those that go to a place: it has an address of its own.
pub(super) async fn going_to(Form(GoingTo { to }): Form<GoingTo>) -> Redirect {
    match to.trim().parse::<i64>() {
        Ok(to) => Redirect::to(&format!("/requests?to={to}")),
        Err(_) => Redirect::to("/requests"),
    }
}

/// A requester's own. Asked for by POST: what somebody types stays out of addresses.
pub(super) async fn of_requester(State(app): State<App>, Form(of): Form<OfRequester>) -> Page {
    let requester = super::typed(&of.requester)
        .ok_or(PageError::BadRequest("a name of more than 200 characters asked for nothing"))?;
    listed(&app, RequestsOf::Requester(requester.clone()), None, Some(requester), of.page).await
}

async fn listed(
    app: &App,
    of: RequestsOf,
    to: Option<CustodianId>,
    asked: Option<String>,
    wanted: usize,
) -> Page {
    seen(app, Viewed::List, "requests")?;
    let site = app.site();
    let times = Times::new(app, &site);
    let found = app.store.requests(of, REQUESTS_MAX + 1).await?;
    let (rows, mut part) = paging::part_of_cut(found, wanted, ROWS, REQUESTS_MAX);
    part.keeps = to.as_ref().map(|to| format!("to={to}&")).unwrap_or_default();
    let rows = glass::veil(app, rows).await?;
    let going_to = match &to {
        Some(to) => app.store.custodian_named(*to).await?,
        None => None,
    };
    page(&RequestsPage {
        frame: Frame::new(app, &site, "/requests"),
        rows: rows.into_iter().map(|request| Row::new(app, &times, request)).collect(),
        part,
        going_to: Picks::load(app).await?.picker("of-to", "to").or("everybody").chosen(going_to),
        to,
        is_posted: asked.is_some(),
        requester: asked.unwrap_or_default(),
    })
}
