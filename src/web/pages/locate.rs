//! One box that finds a chart by whatever is in hand: its label, scanned or typed, or the patient's number.

use super::extract::Form;
use super::filters;
use super::mark::Mark;
use super::times::{Times, When};
use super::{Frame, PageError, page, seen, station_title};
use crate::access::Permission;
use crate::label::{Formats, LabelKind, Reading};
use crate::store::{FileRoomTotals, Locate, Viewed, VolumeView};
use crate::tracking::{ChartId, Mrn};
use crate::web::door::User;
use crate::web::{App, Site};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

/// What was typed or scanned into the box.
#[derive(Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    q: String,
}

/// What a text may mean.
struct Asked {
    text: String,
    label: Reading,
    number: Option<Mrn>,
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
    hits: Vec<Hit>,
}

struct Hit {
    volume: VolumeView,
    place: Mark,
    since: Option<When>,
    station: Option<String>,
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
    let asked = Asked::read(&app.intake.settings().formats, &wanted.q);
    let hits = app.store.locate(asked.wanted()).await?;
    seen(&app, Viewed::Search, &found(&hits))?;
    if let Some(chart) = only_chart(&hits) {
        // Internal numbers only: the patient's number stays out of addresses.
        let address = match hits.as_slice() {
            [hit] if asked.is_by_label(&hits) => format!("/charts/{chart}?by=label&volume={}", hit.volume),
            _ => format!("/charts/{chart}?by=number"),
        };
        return Ok(Redirect::to(&address).into_response());
    }
    let site = app.site();
    let times = Times::new(&app, &site);
    let located = Located {
        frame: Frame::new(&app, &site, "/"),
        readings: asked.readings(hits.is_empty()),
        hits: hits.into_iter().map(|volume| Hit::new(volume, &times, &site)).collect(),
        text: asked.text,
    };
    page(&located).map(IntoResponse::into_response)
}

/// What a search found, for the audit log: never what was looked for.
pub(in crate::web) fn found(hits: &[VolumeView]) -> String {
    let mut charts: Vec<_> = hits.iter().map(|hit| hit.chart).collect();
    charts.dedup();
    let numbers: Vec<_> = charts.iter().take(10).map(ToString::to_string).collect();
    match charts.len() {
        0 => "found nothing".to_owned(),
        many @ 11.. => format!("found {many} charts: {} and more", numbers.join(" ")),
        _ => format!("found chart {}", numbers.join(" ")),
    }
}

/// The chart that all volumes are of; `None` if they are of several or there are none.
fn only_chart(hits: &[VolumeView]) -> Option<ChartId> {
    let first = hits.first()?;
    hits.iter().all(|hit| hit.chart == first.chart).then_some(first.chart)
}

impl Asked {
    fn read(formats: &Formats, text: &str) -> Asked {
        let text = text.trim();
        Asked {
            text: text.to_owned(),
            label: formats.read(text.as_bytes()).reading,
            number: Mrn::parse(text),
        }
    }

    fn wanted(&self) -> Locate {
        let label = match &self.label {
            Reading::Label(label) if label.kind == LabelKind::Volume => Some(label.key.clone()),
            Reading::Label(_) | Reading::Foreign(_) | Reading::Damaged(_) | Reading::Unknown => None,
        };
        Locate { label, mrn: self.number.clone() }
    }

    /// Whether it was the label that found these.
    fn is_by_label(&self, hits: &[VolumeView]) -> bool {
        let number = self.number.as_ref().map(Mrn::key);
        let is_number = |hit: &VolumeView| Mrn::parse(&hit.mrn).is_some_and(|mrn| Some(mrn.key()) == number);
        matches!(self.label, Reading::Label(_)) && !hits.iter().all(is_number)
    }

    /// How the text was read, in sentences for the clerk; with what came of it, if nothing was found.
    fn readings(&self, found_nothing: bool) -> Vec<String> {
        if self.text.is_empty() {
            return vec!["Nothing was typed: scan the chart's label or type its number.".to_owned()];
        }
        let none =
            |what: &str| if found_nothing { format!("; no chart has this {what}") } else { String::new() };
        let by_label = match &self.label {
            Reading::Label(label) if label.kind == LabelKind::Volume => {
                format!("Read as chart label {}{}.", shown(&label.key), none("label"))
            }
            Reading::Label(label) => format!(
                "Read as the label of a {}; this box finds charts by the label on the folder.",
                label.kind.as_str()
            ),
            Reading::Foreign(foreign) => format!("Read as a bar code: {}.", foreign.sentence()),
            Reading::Damaged(damage) => format!("Read as a label: {}.", damage.sentence()),
            Reading::Unknown => "Read as a label: it looks like none of this file room's labels.".to_owned(),
        };
        let by_number = match &self.number {
            Some(number) => format!("Read as record number {}{}.", shown(number.written()), none("number")),
            None => "Not read as a record number: one has up to 32 letters and digits.".to_owned(),
        };
        vec![by_label, by_number]
    }
}

impl Hit {
    fn new(volume: VolumeView, times: &Times, site: &Site) -> Hit {
        Hit {
            place: Mark::whereabouts(&volume),
            since: volume.since.map(|since| times.when(since)),
            station: volume.station.as_deref().map(|name| station_title(site, name)),
            volume,
        }
    }
}

fn shown(text: &str) -> String {
    filters::cut(&crate::label::visible_text(text))
}
