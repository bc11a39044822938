//! The form for a new request.

use super::super::extract::Query;
use super::{App, Form, Frame, PageError, actor, filters, from_local, local_input, page, typed};
use crate::access::Permission;
use crate::changes::Change;
use crate::store::{ChartView, NewRequest, Unchanged, Viewed, VolumeView, Volumes};
use crate::tracking::request::{Channel, Priority};
use crate::tracking::{ChartId, CustodianId, VolumeId};
use crate::web::door;
use crate::web::meant::Meaning;
use crate::web::pages::pick::{self, Picker, Picks};
use crate::web::pages::{restricted, seen};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::SignedDuration;
use serde::Deserialize;

/// What the form begins with.
#[derive(Deserialize)]
pub(super) struct Beginning {
    chart: Option<ChartId>,
    /// The folder of it that is meant.
    volume: Option<VolumeId>,
}

/// The form as it was filled in.
#[derive(Deserialize, Clone)]
pub(super) struct Wish {
    /// The chart, if the form began with one.
    #[serde(default)]
    chart: String,
    /// Otherwise its label or number.
    #[serde(default)]
    q: String,
    #[serde(default)]
    volumes: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    needed: String,
    #[serde(default)]
    channel: Channel,
    #[serde(default)]
    priority: Priority,
    #[serde(default)]
    requester: String,
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    comment: String,
    #[serde(default)]
    form: String,
}

#[derive(Template)]
#[template(path = "request_form.html", config = "src/web/askama.toml")]
struct FormPage {
    frame: Frame,
    wish: Wish,
    /// The chart that the form is about.
    chart: Option<ChartView>,
    to: Picker,
    problem: Option<String>,
    channels: [Channel; 5],
    priorities: [Priority; 3],
}

impl FormPage {
    /// The folders of the chart, if it has several.
    fn folders(&self) -> &[VolumeView] {
        let volumes = self.chart.as_ref().map(|chart| chart.volumes.as_slice()).unwrap_or_default();
        if volumes.len() > 1 { volumes } else { &[] }
    }

    fn is_one(&self, folder: &VolumeView) -> bool {
        self.wish.volumes == folder.volume.to_string()
    }

    fn is_newest(&self) -> bool {
        let is_other = self.wish.volumes == "all" || self.wish.volumes == "this";
        !is_other && self.folders().iter().all(|folder| !self.is_one(folder))
    }
}

/// The empty form.
pub(super) async fn form(
    State(app): State<App>,
    Query(beginning): Query<Beginning>,
) -> Result<Response, PageError> {
    let site = app.site();
    let soon = app.clock.now().checked_add(SignedDuration::from_hours(2)).unwrap_or(app.clock.now());
    let wish = Wish {
        chart: beginning.chart.map(|chart| chart.to_string()).unwrap_or_default(),
        q: String::new(),
        volumes: beginning.volume.map_or_else(|| "newest".to_owned(), |volume| volume.to_string()),
        to: String::new(),
        needed: local_input(soon, &site.time_zone),
        channel: Channel::Staff,
        priority: Priority::Routine,
        requester: asks_for_themselves().unwrap_or_default(),
        purpose: String::new(),
        comment: String::new(),
        form: form_key(),
    };
    form_page(&app, wish, None).await
}

/// The name of whoever is signed in, if they have no part in the file room: they ask for themselves.
fn asks_for_themselves() -> Option<String> {
    let user = door::current()?;
    (!user.may.has(Permission::Work)).then(|| user.full_name.clone())
}

/// Tells one form from all others, so that its second submit is recognised.
fn form_key() -> String {
    // Without random numbers a form is merely not recognised when it comes twice.
    getrandom::u64().map(|number| format!("{number:016x}")).unwrap_or_default()
}

/// Takes a request.
pub(super) async fn ask(State(app): State<App>, Form(wish): Form<Wish>) -> Result<Response, PageError> {
    let new = match read(&app, &wish).await? {
        Ok(new) => new,
        Err(problem) => return form_page(&app, wish, Some(problem)).await,
    };
    match app.store.ask(new).await {
        Ok(taken) => {
            app.changes.announce(Change::FileRoom);
            Ok(match taken.requests.as_slice() {
                [one] => Redirect::to(&format!("/requests/{one}")),
                _ => Redirect::to(&format!("/requests?to={}", wish.to)),
            }
            .into_response())
        }
        Err(Unchanged::Refused(why)) => form_page(&app, wish, Some(why.to_string())).await,
        Err(error) => Err(error.into()),
    }
}

/// The form as a request, or what has to be put right first.
async fn read(app: &App, wish: &Wish) -> Result<Result<NewRequest, String>, PageError> {
    let volumes = match volumes(app, wish).await? {
        Ok(volumes) => volumes,
        Err(problem) => return Ok(Err(problem)),
    };
    let told =
        |text: &str, what: &str| typed(text).ok_or_else(|| format!("{what}: write at most 200 characters"));
    let requester = told(&wish.requester, "requester").and_then(|name| {
        if name.is_empty() {
            Err("say who asks: the chart goes out in their name".to_owned())
        } else {
            Ok(name)
        }
    });
    let needed_at = from_local(&wish.needed, &app.site().time_zone)
        .ok_or_else(|| "needed by: write a date and a time, such as 2026-11-22T10:40".to_owned());
    let to = wish.to.parse().map(CustodianId).map_err(|_| "choose where it is to be delivered".to_owned());
    let new = (|| {
        Ok(NewRequest {
            volumes,
            to: to?,
            needed_at: needed_at?,
            channel: wish.channel,
            requester: requester?,
            requester_id: None,
            purpose: told(&wish.purpose, "purpose")?,
            comment: told(&wish.comment, "comment")?,
            priority: wish.priority,
            form: typed(&wish.form).filter(|form| !form.is_empty()),
            actor: actor(),
        })
    })();
    Ok(new)
}

async fn volumes(app: &App, wish: &Wish) -> Result<Result<Volumes, String>, PageError> {
    // One folder: of the chart that the form is about, or the one whose label was scanned.
    let one = wish.volumes.parse().map(VolumeId);
    if let (Ok(chart), Ok(volume)) = (wish.chart.parse().map(ChartId), one) {
        let of_chart = app.store.chart(chart).await?.map(|chart| chart.volumes).unwrap_or_default();
        let found = of_chart.iter().find(|found| found.volume == volume);
        return Ok(found.map(|found| Volumes::One(found.volume)).ok_or_else(|| {
            "this chart has no such volume any more; open its page and ask from there".to_owned()
        }));
    }
    let chart = match wish.chart.parse() {
        Ok(chart) => ChartId(chart),
        Err(_) => match found(app, &wish.q).await?.as_slice() {
            [only] if wish.volumes == "this" => return Ok(Ok(Volumes::One(only.volume))),
            [_, _, ..] if wish.volumes == "this" => {
                let why = "this number has several volumes; scan or type the label of the one that you mean";
                return Ok(Err(why.to_owned()));
            }
            [] => return Ok(Err("no chart has this label or number; compare it with the folder".to_owned())),
            [hit, rest @ ..] if rest.iter().all(|other| other.chart == hit.chart) => hit.chart,
            _ => {
                let why = "this number has several records; locate it, and ask on the page of the one that you mean";
                return Ok(Err(why.to_owned()));
            }
        },
    };
    Ok(Ok(if wish.volumes == "all" { Volumes::All(chart) } else { Volumes::Newest(chart) }))
}

async fn found(app: &App, text: &str) -> Result<Vec<VolumeView>, PageError> {
    Ok(app.store.locate(Meaning::new(app, text).locate()).await?)
}

async fn form_page(app: &App, wish: Wish, problem: Option<String>) -> Result<Response, PageError> {
    let site = app.site();
    let chart = match wish.chart.parse().map(ChartId) {
        Ok(chart) => {
            let found = app.store.chart(chart).await?.ok_or(PageError::NotFound("chart"))?;
            restricted::through(app, chart, format!("/requests/new?chart={chart}")).await?;
            seen(app, Viewed::Chart, &format!("chart {chart}, to ask for it"))?;
            Some(found)
        }
        Err(_) => None,
    };
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let form = FormPage {
        frame: Frame::new(app, &site, "/requests"),
        chart,
        to: Picks::load(app).await?.picker("to", "to").chosen(pick::of_id(app, &wish.to).await?),
        problem,
        channels: [Channel::Staff, Channel::Phone, Channel::WalkIn, Channel::Roi, Channel::Audit],
        priorities: Priority::ALL,
        wish,
    };
    Ok((status, page(&form)?).into_response())
}
