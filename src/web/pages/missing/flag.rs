//! Reports a folder missing from its chart's page. Nothing is done unless somebody says that they are sure.

use super::{App, Form, Frame, Page, PageError, Path, actor, filters, page, seen};
use crate::access::Permission;
use crate::changes::Change;
use crate::missing::case::Sign;
use crate::store::{Viewed, VolumeView};
use crate::tracking::VolumeId;
use crate::web::door;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "missing/flag.html", config = "src/web/askama.toml")]
struct FlagPage {
    frame: Frame,
    volume: VolumeView,
    case: Option<i64>,
    /// Whoever reads this may declare it missing.
    may_flag: bool,
    /// What was chosen without being sure.
    unsure: Option<String>,
}

impl FlagPage {
    fn is_chosen(&self, sign: &str) -> bool {
        self.unsure.as_ref().is_some_and(|chosen| chosen == sign)
    }
}

/// What is reported.
#[derive(Deserialize)]
pub(super) struct Reported {
    #[serde(default)]
    sign: String,
    #[serde(default)]
    sure: String,
}

/// What would be done.
pub(super) async fn form(State(app): State<App>, Path(volume): Path<VolumeId>) -> Page {
    form_page(&app, volume, None).await
}

async fn form_page(app: &App, volume: VolumeId, unsure: Option<String>) -> Page {
    let found = app.store.volume(volume).await?.ok_or(PageError::NotFound("volume"))?;
    seen(app, Viewed::Chart, &format!("chart {} volume {volume}", found.chart))?;
    let cases = app.store.cases_of_chart(found.chart).await?;
    let open = cases.iter().find(|(_, of, level, _)| *of == volume && level.is_open());
    let site = app.site();
    page(&FlagPage {
        frame: Frame::new(app, &site, "/missing"),
        case: open.map(|(case, ..)| case.0),
        may_flag: may_flag(app),
        unsure,
        volume: found,
    })
}

fn may_flag(app: &App) -> bool {
    !app.site().missing.supervisor_flags || door::may(Permission::Supervise)
}

/// Opens the case, or moves it on.
pub(super) async fn flag(
    State(app): State<App>,
    Path(volume): Path<VolumeId>,
    Form(reported): Form<Reported>,
) -> Result<Response, PageError> {
    let found = app.store.volume(volume).await?.ok_or(PageError::NotFound("volume"))?;
    if reported.sure != "yes" {
        let again = form_page(&app, volume, Some(reported.sign)).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response());
    }
    let sign = match reported.sign.as_str() {
        "flagged" => Sign::Flagged,
        "home-slot-empty" if found.is_home() => Sign::HomeSlotEmpty,
        "holder-denies" if !found.is_home() => Sign::HolderDenies,
        _ => return Err(PageError::BadRequest("say what is the matter: one of the list")),
    };
    if sign == Sign::Flagged && !may_flag(&app) {
        return Err(PageError::NotAllowed(Permission::Supervise));
    }
    let case = app.store.tell_sign(volume, sign, actor(&app)).await?;
    app.changes.announce(Change::FileRoom);
    Ok(match case {
        Some(case) => Redirect::to(&format!("/missing/{case}")),
        None => Redirect::to(&format!("/charts/{}?volume={volume}", found.chart)),
    }
    .into_response())
}
