//! One box that finds a chart by whatever is in hand: its label, scanned or typed, the patient's number, name, date of
//! birth, or some of these in any order.

mod told;

use super::extract::Form;
use super::filters;
use super::mark::Mark;
use super::times::{Times, When};
use super::{Frame, PageError, page, seen};
use crate::access::{Permission, WHOLE_ROOM};
use crate::label::{LabelKind, Reading};
use crate::notice::NoticeId;
use crate::store::{FileRoomTotals, Found, FoundBy, StoreError, Viewed, moved_last};
use crate::tracking::ChartId;
use crate::tracking::search::Asked;
use crate::web::door::User;
use crate::web::meant::Meaning;
use crate::web::{App, glass};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

/// Most characters that the box takes.
const TEXT_MAX: usize = 256;

/// What was typed or scanned into the box.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    q: String,
}

/// What a text may mean.
struct Question {
    text: String,
    meant: Meaning,
    asked: Asked,
}

#[derive(Template)]
#[template(path = "home.html", config = "src/web/askama.toml")]
struct Home {
    frame: Frame,
    totals: FileRoomTotals,
    scanners: usize,
    scanners_up: usize,
}

#[derive(Template)]
#[template(path = "located.html", config = "src/web/askama.toml")]
struct Located {
    frame: Frame,
    text: String,
    readings: Vec<String>,
    more: Option<&'static str>,
    without_chart: usize,
    hits: Vec<Line>,
}

/// A chart in the list.
struct Line {
    chart: ChartId,
    mrn: String,
    record_type: String,
    name: Option<String>,
    born: Option<String>,
    why: String,
    volumes: usize,
    at: String,
    place: Mark,
    since: Option<When>,
    is_closed: bool,
}

/// The first page: the box, and the file room in a few numbers; whoever does not look for charts is led to their own.
pub(super) async fn form(State(app): State<App>, user: User) -> Result<Response, PageError> {
    if !user.may.has(Permission::Locate) {
        return Ok(Redirect::to(&first_page(&user)).into_response());
    }
    let site = app.site();
    let totals = app.store.totals().await?;
    let ups = site.gauges.iter().filter(|gauge| gauge.read().presence == crate::scanner::Presence::Up);
    let frame = Frame::new(&app, &site, "/");
    let home = Home { frame, totals, scanners: site.gauges.len(), scanners_up: ups.count() };
    page(&home).map(IntoResponse::into_response)
}

fn first_page(user: &User) -> String {
    match (&user.station, user.may.has(Permission::Administer)) {
        (Some(station), _) if station == WHOLE_ROOM => "/wall".to_owned(),
        (Some(station), _) => format!("/stations/{station}"),
        (None, true) => "/accounts".to_owned(),
        (None, false) => "/help".to_owned(),
    }
}

/// An address that a browser goes back to.
pub(super) async fn again() -> Redirect {
    Redirect::to("/")
}

/// Looks for a chart; the only one found is opened at once.
pub(super) async fn search(
    State(app): State<App>,
    Form(wanted): Form<Wanted>,
) -> Result<Response, PageError> {
    let site = app.site();
    let times = Times::new(&app, &site);
    let question = Question::read(&app, &times, &wanted.q);
    if let Some(notice) = question.notice(&app).await? {
        return Ok(Redirect::to(&format!("/notices/{notice}")).into_response());
    }
    let mut found = app.store.find(question.meant.label(), question.asked.clone()).await?;
    found.hits = glass::veil(&app, found.hits).await?;
    seen(&app, Viewed::Search, &found_charts(&found))?;
    if let Some(address) = address(&found) {
        return Ok(Redirect::to(&address).into_response());
    }
    let located = Located {
        frame: Frame::new(&app, &site, "/"),
        readings: question.readings(&found),
        more: found.more.then(|| question.more()),
        without_chart: found.without_chart,
        hits: lines(found, &times),
        text: question.text,
    };
    page(&located).map(IntoResponse::into_response)
}

/// What a search found, for the audit log: never what was looked for.
pub(in crate::web) fn found_charts(found: &Found) -> String {
    let numbers: Vec<_> = found.hits.iter().map(|hit| format!("chart {}", hit.chart)).collect();
    if numbers.is_empty() { "found nothing".to_owned() } else { format!("found {}", numbers.join(" ")) }
}

/// The page of the only chart found. Internal numbers only: what names a patient stays out of addresses.
fn address(found: &Found) -> Option<String> {
    let (hit, by) = (found.only()?, found.by?);
    let chart = hit.chart;
    Some(match by {
        FoundBy::Label(volume) => format!("/charts/{chart}?by=label&volume={volume}"),
        FoundBy::Number => format!("/charts/{chart}?by=number"),
        FoundBy::Patient if hit.is_nearly => format!("/charts/{chart}?by=nearly"),
        FoundBy::Patient => format!("/charts/{chart}?by=name"),
    })
}

impl Located {
    /// What was typed, whole, unless it would not come back the same.
    fn value(&self) -> String {
        let is_plain =
            self.text.chars().count() <= TEXT_MAX && crate::label::visible_text(&self.text) == self.text;
        if is_plain { self.text.clone() } else { shown(&self.text) }
    }
}

fn lines(found: Found, times: &Times) -> Vec<Line> {
    let line = |hit: crate::store::Hit| {
        let volume = moved_last(&hit.volumes)?.clone();
        Some(Line {
            chart: hit.chart,
            is_closed: hit.is_closed,
            name: hit.name,
            born: hit.born.map(|born| times.born(born)),
            why: hit.why,
            volumes: hit.volumes.len(),
            place: Mark::whereabouts(&volume),
            since: volume.since.map(|since| times.when(since)),
            mrn: volume.mrn,
            record_type: volume.record_type,
            at: volume.at.name,
        })
    };
    found.hits.into_iter().filter_map(line).collect()
}

impl Question {
    fn read(app: &App, times: &Times, text: &str) -> Question {
        let text = text.trim();
        Question {
            meant: Meaning::new(app, text),
            asked: Asked::read(text, times.today()),
            text: text.to_owned(),
        }
    }

    /// The notice whose slip it is from.
    async fn notice(&self, app: &App) -> Result<Option<NoticeId>, StoreError> {
        match &self.meant.reading {
            Reading::Label(label) if label.kind == LabelKind::Request => {
                app.store.notice_of_reply(&label.key).await
            }
            _ => Ok(None),
        }
    }
}

fn shown(text: &str) -> String {
    filters::cut(&crate::label::visible_text(text))
}
