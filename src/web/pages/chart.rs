//! Where a chart is, at one glance; then how it got there.

use super::extract::{Path, Query};
use super::filters;
use super::mark::Mark;
use super::times::{Times, When};
use super::{Frame, PageError, page, station_title};
use crate::store::{ChartAffairs, ChartEvent, ChartStep, ChartView, HistoryPage, MovementView, VolumeView};
use crate::tracking::grammar::MovementKind;
use crate::tracking::{ChartId, Confidence, Entry, MovementNo, VolumeId};
use crate::web::{App, Site};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
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
    affairs: ChartAffairs,
    events: Vec<(ChartEvent, When)>,
    history: Option<History>,
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
    is_worn: bool,
    /// It is in use no more, and this is what it is.
    ended: Option<String>,
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

/// A chart's page; that of a chart which was merged into another is the other's.
pub(super) async fn show(
    State(app): State<App>,
    Path(chart): Path<ChartId>,
    Query(part): Query<Part>,
) -> Result<Response, PageError> {
    let (chart, affairs) = super::change::found(&app, chart).await?;
    if let Some(survivor) = affairs.merged_into {
        return Ok(Redirect::to(&format!("/charts/{survivor}{}", part.query())).into_response());
    }
    let site = app.site();
    let times = Times::new(&app, &site);
    let chosen = chosen(&chart.volumes, part.volume);
    if chosen.is_none() && part.volume.is_some() {
        return Err(PageError::NotFound("volume of this chart"));
    }
    let history = match chosen {
        Some(chosen) => app.store.history(chosen.volume, part.from).await?.map(|found| {
            History::new(found, (chosen.volume, chosen.number), part.from.is_none(), &times, &site)
        }),
        None => None,
    };
    let whereabouts = |volume: &VolumeView| Whereabouts {
        place: Mark::whereabouts(volume),
        sure: app.confidence(volume),
        since: volume.since.map(|since| times.when(since)),
        station: volume.station.as_deref().map(|name| station_title(&site, name)),
        due: volume.due.map(|due| times.due(due)),
        is_chosen: chosen.is_some_and(|chosen| chosen.volume == volume.volume),
        is_worn: affairs.worn.iter().any(|(worn, _)| *worn == volume.volume),
        ended: affairs.ended.iter().find(|(id, _)| *id == volume.volume).map(|(_, state)| state.clone()),
        volume: volume.clone(),
    };
    let chart_page = ChartPage {
        frame: Frame::new(&app, &site, "/"),
        volumes: chart.volumes.iter().map(whereabouts).collect(),
        events: affairs.timeline.iter().map(|event| (event.clone(), times.when(event.at))).collect(),
        history,
        found_by: part.by,
        affairs,
        chart,
    };
    Ok(page(&chart_page)?.into_response())
}

impl Part {
    /// The same part of another chart's page: its volumes are that chart's now.
    fn query(&self) -> String {
        let by = match self.by {
            Some(FoundBy::Label) => "by=label",
            Some(FoundBy::Number) => "by=number",
            None => "",
        };
        match self.volume {
            Some(volume) => format!("?{by}&volume={volume}"),
            None if by.is_empty() => String::new(),
            None => format!("?{by}"),
        }
    }
}

impl ChartPage {
    /// What a step of the timeline says, before and after the number of the other chart.
    fn told(&self, event: &ChartEvent) -> (String, &'static str) {
        let volume =
            event.volume.map_or_else(|| "the volume".to_owned(), |(_, number)| format!("volume {number}"));
        match event.step {
            ChartStep::Merged => ("merged with number".to_owned(), ""),
            ChartStep::MergeUndone => ("the merge with number".to_owned(), "was wrong, and undone"),
            ChartStep::Combined => (format!("{volume} came from number"), ""),
            ChartStep::SheetsMoved => (format!("sheets were put into {volume}, from number"), ""),
            ChartStep::VolumeBegun => (format!("{volume} begun"), ""),
            ChartStep::TemporaryMade if self.affairs.temporary_for.is_some() => {
                ("made to stand in for".to_owned(), "")
            }
            ChartStep::TemporaryMade => ("not found: a temporary chart was made,".to_owned(), ""),
            ChartStep::TemporaryPassedOn => ("stands in for".to_owned(), "since then"),
            ChartStep::United => ("united with the temporary chart".to_owned(), ""),
            ChartStep::LabelWorn => (format!("the label of {volume} is worn"), ""),
            ChartStep::LabelGood => (format!("the label of {volume} is good again"), ""),
            ChartStep::LabelReplaced => (format!("{volume} got another label"), ""),
            ChartStep::LabelAdded => (format!("a label that nobody knew was found on {volume}"), ""),
        }
    }

    /// How many folders the chart has under its own number.
    fn own(&self) -> usize {
        self.volumes.iter().filter(|at| at.volume.mrn == self.chart.mrn).count()
    }
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
            (MovementKind::Begun | MovementKind::Combined, _) => "told",
            (_, Entry::Scanned) => "scanned",
            (_, Entry::Keyed) => "typed",
        }
    }
}
