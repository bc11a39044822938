//! Where a chart is, at one glance; then how it got there.

use super::extract::{Path, Query};
use super::filters;
use super::mark::Mark;
use super::requests::chart::WantedSection;
use super::times::{Times, When};
use super::{Frame, Page, PageError, page, requests, station_title};
use crate::store::{ChartView, HistoryPage, MovementView, VolumeView};
use crate::tracking::grammar::MovementKind;
use crate::tracking::{ChartId, Confidence, Entry, MovementNo, VolumeId};
use crate::web::{App, Site};
use askama::Template;
use axum::extract::State;
use serde::Deserialize;

/// Which part of the page is wanted.
#[derive(Deserialize)]
pub(super) struct Part {
    /// The volume whose history is shown.
    volume: Option<VolumeId>,
    /// The newest movement shown.
    from: Option<MovementNo>,
    /// What found the chart.
    by: Option<FoundBy>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum FoundBy {
    Label,
    Number,
}

#[derive(Template)]
#[template(path = "chart.html", config = "src/web/askama.toml")]
struct ChartPage {
    frame: Frame,
    chart: ChartView,
    found_by: Option<FoundBy>,
    volumes: Vec<Whereabouts>,
    history: Option<History>,
    wanted: WantedSection,
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

struct History {
    volume: VolumeId,
    number: u32,
    is_newest: bool,
    steps: Vec<Step>,
    next: Option<MovementNo>,
}

struct Step {
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
    let chart = app.store.chart(chart).await?.ok_or(PageError::NotFound("chart"))?;
    let site = app.site();
    let times = Times::new(&app, &site);
    let chosen = chosen(&chart.volumes, part.volume).ok_or(PageError::NotFound("volume of this chart"))?;
    let (id, number) = (chosen.volume, chosen.number);
    let history = app.store.history(id, part.from).await?;
    let whereabouts = |volume: &VolumeView| Whereabouts {
        place: Mark::whereabouts(volume),
        sure: app.confidence(volume),
        since: volume.since.map(|since| times.when(since)),
        station: volume.station.as_deref().map(|name| station_title(&site, name)),
        due: volume.due.map(|due| times.due(due)),
        is_chosen: volume.volume == id,
        volume: volume.clone(),
    };
    page(&ChartPage {
        frame: Frame::new(&app, &site, "/"),
        volumes: chart.volumes.iter().map(whereabouts).collect(),
        history: history.map(|found| History::new(found, (id, number), part.from.is_none(), &times, &site)),
        found_by: part.by,
        wanted: requests::chart::section(&app, chart.chart, &times).await?,
        chart,
    })
}

/// The volume asked for, or else the one that moved last; `None` if the one asked for is not of this chart.
fn chosen(volumes: &[VolumeView], asked: Option<VolumeId>) -> Option<&VolumeView> {
    match asked {
        Some(asked) => volumes.iter().find(|volume| volume.volume == asked),
        // Of equals, max_by_key takes the last; nobody expects volume 3 first.
        None => volumes.iter().rev().max_by_key(|volume| volume.since),
    }
}

impl History {
    fn new(
        found: HistoryPage,
        (volume, number): (VolumeId, u32),
        is_newest: bool,
        times: &Times,
        site: &Site,
    ) -> History {
        let step = |movement: MovementView| Step {
            scanned: times.when(movement.scanned_at),
            recorded: times.when(movement.recorded_at),
            station: movement.station.as_deref().map(|name| station_title(site, name)),
            movement,
        };
        let steps = found.movements.into_iter().map(step).collect();
        History { volume, number, is_newest, steps, next: found.next }
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
