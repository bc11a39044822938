//! Restricted charts: the form that asks for a reason, the one that restricts, and what the privacy office has to look at.

use super::extract::{Form, Path};
use super::filters;
use super::resend::{Was, resend};
use super::sign_in::is_local;
use super::times::{Times, When};
use super::{Frame, Page, PageError, actor, page, seen};
use crate::changes::Change;
use crate::store::{Closed, Concerned, Glass, RestrictionView, Viewed};
use crate::tracking::{ChartId, VolumeId};
use crate::web::door::CARRIED;
use crate::web::sent::{self, Sent};
use crate::web::{App, glass};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

/// What is wrong with a reason.
const TOO_SHORT: &str = "a reason has 3 to 200 characters";

/// The form in the place of a page.
#[derive(Template)]
#[template(path = "glass.html", config = "src/web/askama.toml")]
pub(super) struct GlassPage {
    pub(super) frame: Frame,
    pub(super) chart: ChartId,
    /// Of one of its folders.
    pub(super) label: String,
    /// Where to go on.
    to: String,
    /// Where the form goes that was sent while the chart was closed.
    send: Option<String>,
    /// That form.
    fields: Vec<(String, String)>,
    /// The reason as it was typed, and what is wrong with it.
    refused: Option<(String, &'static str)>,
}

impl GlassPage {
    pub(super) fn new(chart: ChartId, label: String, to: String) -> GlassPage {
        let sent = sent::current().filter(Sent::is_carried);
        let send = sent.as_ref().map(|sent| sent.address().to_owned());
        let fields = sent.and_then(|sent| sent.fields()).unwrap_or_default();
        GlassPage { frame: Frame::bare(), chart, label, to, send, fields, refused: None }
    }
}

#[derive(Template)]
#[template(path = "restriction.html", config = "src/web/askama.toml")]
struct RestrictionPage {
    frame: Frame,
    chart: ChartId,
    /// What it is called to whoever has it open, else the label of a folder.
    name: String,
    restriction: Option<(RestrictionView, When)>,
    /// The reason as it was typed, and what is wrong with it.
    refused: Option<(String, &'static str)>,
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

/// Why somebody opens it, and what they were at.
#[derive(Default)]
struct Reason {
    why: String,
    to: String,
    send: Option<String>,
    fields: Vec<(String, String)>,
}

impl Reason {
    fn of(sent: Vec<(String, String)>) -> Reason {
        let mut reason = Reason::default();
        for (name, value) in sent {
            match (name.as_str(), name.strip_prefix(CARRIED)) {
                ("why", _) => reason.why = value,
                ("to", _) => reason.to = value,
                ("send", _) if is_local(&value) => reason.send = Some(value),
                (_, Some(field)) => reason.fields.push((field.to_owned(), value)),
                _ => {}
            }
        }
        reason
    }
}

/// Opens a restricted chart; a form that was sent while it was closed is shown to be sent again.
pub(super) async fn open(
    State(app): State<App>,
    Path(chart): Path<ChartId>,
    Form(sent): Form<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let Reason { why, to, send, fields } = Reason::of(sent);
    if let Some(Closed { chart, label }) = glass::first_closed(&app, vec![Concerned::Chart(chart)]).await? {
        let Some(said) = glass::reason(&why) else {
            let refused = Some((why, TOO_SHORT));
            let again = page(&GlassPage { frame: Frame::bare(), chart, label, to, send, fields, refused })?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response());
        };
        glass::open(&app, chart, said).await?;
    }
    if let Some(send) = send {
        return Ok(resend(Was::Closed, send, fields)?.into_response());
    }
    // Only pages of charts, folders, requests, cases and tasks are behind glass.
    let is_ours = ["/charts/", "/requests/", "/volumes/", "/missing/", "/work/"]
        .iter()
        .any(|start| to.starts_with(start));
    let is_plain = to.chars().all(|c| c.is_ascii_alphanumeric() || "/?&=,-.".contains(c));
    let to = if is_ours && is_plain { to } else { format!("/charts/{chart}") };
    Ok(Redirect::to(&to).into_response())
}

/// The form that restricts a chart, or takes that away.
pub(super) async fn show(State(app): State<App>, Path(chart): Path<ChartId>) -> Page {
    restriction_page(&app, chart, None).await
}

async fn restriction_page(app: &App, chart: ChartId, refused: Option<(String, &'static str)>) -> Page {
    let view = app.store.chart(chart).await?.ok_or(PageError::NotFound("chart"))?;
    seen(app, Viewed::Chart, &format!("chart {chart}, restriction"))?;
    let site = app.site();
    let times = Times::new(app, &site);
    let restriction = app.store.restriction(chart).await?;
    let closed = glass::first_closed(app, vec![Concerned::Chart(chart)]).await?;
    page(&RestrictionPage {
        frame: Frame::new(app, &site, "/"),
        chart,
        refused,
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
) -> Result<Response, PageError> {
    let Some(why) = glass::reason(&wanted.why) else {
        let again = restriction_page(&app, chart, Some((wanted.why, TOO_SHORT))).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response());
    };
    let who = actor(&app);
    match wanted.restricted {
        IsRestricted::Yes => app.store.restrict(chart, why, who).await?,
        IsRestricted::No => app.store.release(chart, why, who).await?,
    }
    app.changes.announce(Change::FileRoom);
    Ok(Redirect::to(&format!("/charts/{chart}/restriction")).into_response())
}

/// The privacy office has looked at an opening.
pub(super) async fn looked(State(app): State<App>, Path(glass): Path<i64>) -> Result<Redirect, PageError> {
    app.store.look_at_glass(glass, actor(&app)).await?;
    Ok(Redirect::to("/audit"))
}
