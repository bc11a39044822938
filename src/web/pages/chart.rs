//! Where a chart is, at one glance; then how it got there.

use super::extract::{Path, Query};
use super::filters;
use super::mark::Mark;
use super::times::{Times, When};
use super::{Frame, Page, PageError, page, station_title};
use crate::store::{ChartView, MovementView, TimelinePage, VolumeView, moved_last};
use crate::tracking::grammar::MovementKind;
use crate::tracking::{ChartId, Confidence, Entry, MovementNo, VolumeId};
use crate::web::{App, Site};
use askama::Template;
use axum::extract::State;
use serde::Deserialize;

/// Which part of the page is wanted.
#[derive(Deserialize)]
pub(super) struct Part {
    /// The volume that was looked for.
    volume: Option<VolumeId>,
    /// Where the page of the timeline goes on: numbers of movements with commas between them.
    from: Option<String>,
    /// What found the chart.
    by: Option<FoundBy>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum FoundBy {
    Label,
    Number,
    Name,
    Nearly,
}

/// Each section of the page is a template of its own, in `templates/chart`.
#[derive(Template)]
#[template(path = "chart.html", config = "src/web/askama.toml")]
struct ChartPage {
    frame: Frame,
    chart: ChartView,
    born: Option<String>,
    found_by: Option<FoundBy>,
    next_at: Option<When>,
    volumes: Vec<Whereabouts>,
    timeline: Timeline,
}

/// A volume at a glance.
struct Whereabouts {
    volume: VolumeView,
    place: Mark,
    /// How sure it is, and why.
    sure: (Confidence, String),
    since: Option<When>,
    station: Option<String>,
    due: Option<When>,
    is_chosen: bool,
}

struct Timeline {
    is_newest: bool,
    steps: Vec<Step>,
    next: Option<String>,
}

struct Step {
    /// Number of the volume.
    volume: Option<u32>,
    movement: MovementView,
    scanned: When,
    recorded: When,
    station: Option<String>,
}

/// A chart's page.
pub(super) async fn show(
    State(app): State<App>,
    Path(chart): Path<ChartId>,
    Query(part): Query<Part>,
) -> Page {
    let from = part.from.as_deref().map(places).transpose()?.unwrap_or_default();
    let is_newest = from.is_empty();
    let chart = app.store.chart(chart).await?.ok_or(PageError::NotFound("chart"))?;
    let timeline = app.store.timeline(chart.chart, from).await?;
    let site = app.site();
    let times = Times::new(&app, &site);
    let id = chosen(&chart.volumes, part.volume).ok_or(PageError::NotFound("volume of this chart"))?.volume;
    let whereabouts = |volume: &VolumeView| Whereabouts {
        place: Mark::whereabouts(volume),
        sure: app.confidence(volume),
        since: volume.since.map(|since| times.when(since)),
        station: volume.station.as_deref().map(|name| station_title(&site, name)),
        due: volume.due.map(|due| times.due(due)),
        is_chosen: volume.volume == id,
        volume: volume.clone(),
    };
    let mut volumes: Vec<_> = chart.volumes.iter().map(whereabouts).collect();
    // The one that was asked for stands first.
    volumes.sort_by_key(|at| !at.is_chosen);
    page(&ChartPage {
        frame: Frame::new(&app, &site, "/"),
        volumes,
        timeline: Timeline::new(timeline, &chart.volumes, is_newest, &times, &site),
        found_by: part.by,
        born: chart.patient.as_ref().and_then(|patient| patient.born).map(|born| times.born(born)),
        next_at: chart.next_needed.as_ref().map(|next| times.due(next.at)),
        chart,
    })
}

/// The volume asked for, or else the one that moved last; `None` if the one asked for is not of this chart.
fn chosen(volumes: &[VolumeView], asked: Option<VolumeId>) -> Option<&VolumeView> {
    match asked {
        Some(asked) => volumes.iter().find(|volume| volume.volume == asked),
        None => moved_last(volumes),
    }
}

fn places(from: &str) -> Result<Vec<MovementNo>, PageError> {
    let place = |text: &str| text.parse().map(MovementNo);
    from.split(',')
        .map(place)
        .collect::<Result<_, _>>()
        .map_err(|_| PageError::BadRequest("the address names a part of the timeline that cannot be"))
}

impl ChartPage {
    /// The numbers of the patient that are not the chart's own.
    fn other_numbers(&self) -> Vec<&crate::store::NumberView> {
        let patient = self.chart.patient.iter();
        patient.flat_map(|patient| &patient.numbers).filter(|number| number.mrn != self.chart.mrn).collect()
    }
}

impl Timeline {
    fn new(
        found: TimelinePage,
        volumes: &[VolumeView],
        is_newest: bool,
        times: &Times,
        site: &Site,
    ) -> Timeline {
        let number = |volume: VolumeId| {
            volumes
                .iter()
                .find(|view| view.volume == volume)
                .map(|view| view.number)
                .filter(|_| volumes.len() > 1)
        };
        let step = |(volume, movement): (VolumeId, MovementView)| Step {
            volume: number(volume),
            scanned: times.when(movement.scanned_at),
            recorded: times.when(movement.recorded_at),
            station: movement.station.as_deref().map(|name| station_title(site, name)),
            movement,
        };
        let next: Vec<String> = found.next.iter().map(ToString::to_string).collect();
        Timeline {
            is_newest,
            steps: found.steps.into_iter().map(step).collect(),
            next: (!next.is_empty()).then(|| next.join(",")),
        }
    }
}

impl Step {
    fn how(&self) -> &'static str {
        match (self.movement.kind, self.movement.entry) {
            (MovementKind::Import, _) => "from a list",
            (_, Entry::Scanned) => "scanned",
            (_, Entry::Keyed) => "typed",
        }
    }
}
