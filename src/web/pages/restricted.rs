//! Restricted charts: the form that asks for a reason, the one that restricts, and what the privacy office has to look at.

use super::extract::{Form, Path};
use super::filters;
use super::times::{Times, When};
use super::{Frame, Page, PageError, actor, page, seen};
use crate::changes::Change;
use crate::store::{Closed, Concerned, Glass, RestrictionView, Viewed};
use crate::tracking::{ChartId, VolumeId};
use crate::web::{App, glass};
use askama::Template;
use axum::extract::State;
use axum::response::Redirect;
use serde::Deserialize;

/// The form in the place of a page.
#[derive(Template)]
#[template(path = "glass.html", config = "src/web/askama.toml")]
pub(super) struct GlassPage {
    pub(super) frame: Frame,
    pub(super) chart: ChartId,
    /// Of one of its folders.
    pub(super) label: String,
    /// Where to go on.
    pub(super) to: String,
}

#[derive(Template)]
#[template(path = "restriction.html", config = "src/web/askama.toml")]
struct RestrictionPage {
    frame: Frame,
    chart: ChartId,
    /// What it is called to whoever has it open, else the label of a folder.
    name: String,
    restriction: Option<(RestrictionView, When)>,
}

/// Lets whoever asks through to a chart, if it is not restricted or they gave a reason; whether it is restricted. `to`: the
/// address to go on to.
pub(super) async fn through(app: &App, chart: ChartId, to: String) -> Result<bool, PageError> {
    let closed = glass::first_closed(app, vec![Concerned::Chart(chart)]).await?;
    match closed {
        Some(Closed { chart, label }) => Err(PageError::Restricted(Box::new((chart, label, to)))),
        None => Ok(glass::glass(app, chart).await? == Glass::Broken),
    }
}

/// The same for the chart of a folder that a form names.
pub(super) async fn volume(app: &App, volume: VolumeId, to: String) -> Result<(), PageError> {
    match glass::first_closed(app, vec![Concerned::Volume(volume)]).await? {
        Some(Closed { chart, label }) => Err(PageError::Restricted(Box::new((chart, label, to)))),
        None => Ok(()),
    }
}

/// Why somebody opens it.
#[derive(Deserialize)]
pub(super) struct Reason {
    why: String,
    #[serde(default)]
    to: String,
}

/// Opens a restricted chart.
pub(super) async fn open(
    State(app): State<App>,
    Path(chart): Path<ChartId>,
    Form(Reason { why, to }): Form<Reason>,
) -> Result<Redirect, PageError> {
    if glass::glass(&app, chart).await? != Glass::None {
        glass::open(&app, chart, said(&why)?).await?;
    }
    // Only pages of charts, folders, requests, cases and tasks are behind glass.
    let is_ours = ["/charts/", "/requests/", "/volumes/", "/missing/", "/work/"]
        .iter()
        .any(|start| to.starts_with(start));
    let is_plain = to.chars().all(|c| c.is_ascii_alphanumeric() || "/?&=,-.".contains(c));
    Ok(Redirect::to(&if is_ours && is_plain { to } else { format!("/charts/{chart}") }))
}

fn said(why: &str) -> Result<String, PageError> {
    glass::reason(why).ok_or(PageError::BadRequest("a reason has 3 to 200 characters"))
}

/// The form that restricts a chart, or takes that away.
pub(super) async fn show(State(app): State<App>, Path(chart): Path<ChartId>) -> Page {
    let view = app.store.chart(chart).await?.ok_or(PageError::NotFound("chart"))?;
    seen(&app, Viewed::Chart, &format!("chart {chart}, restriction"))?;
    let site = app.site();
    let times = Times::new(&app, &site);
    let restriction = app.store.restriction(chart).await?;
    let closed = glass::first_closed(&app, vec![Concerned::Chart(chart)]).await?;
    page(&RestrictionPage {
        frame: Frame::new(&app, &site, "/"),
        chart,
        name: closed.map_or(view.mrn, |closed| format!("of folder {}", closed.label)),
        restriction: restriction.map(|view| (view.clone(), times.when(view.since))),
    })
}

/// What is done.
#[derive(Deserialize)]
pub(super) struct Wanted {
    restricted: IsRestricted,
    why: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum IsRestricted {
    Yes,
    No,
}

/// Restricts a chart, or takes that away.
pub(super) async fn change(
    State(app): State<App>,
    Path(chart): Path<ChartId>,
    Form(wanted): Form<Wanted>,
) -> Result<Redirect, PageError> {
    let (why, who) = (said(&wanted.why)?, actor(&app));
    match wanted.restricted {
        IsRestricted::Yes => app.store.restrict(chart, why, who).await?,
        IsRestricted::No => app.store.release(chart, why, who).await?,
    }
    app.changes.announce(Change::FileRoom);
    Ok(Redirect::to(&format!("/charts/{chart}/restriction")))
}

/// The privacy office has looked at an opening.
pub(super) async fn looked(State(app): State<App>, Path(glass): Path<i64>) -> Result<Redirect, PageError> {
    app.store.look_at_glass(glass, actor(&app)).await?;
    Ok(Redirect::to("/audit"))
}
