//! Where a chart is, at one glance; then how it got there.

use super::extract::{Path, Query};
use super::filters;
use super::mark::Mark;
use super::requests::chart::WantedSection;
use super::times::{Times, When};
use super::{Frame, PageError, page, requests, seen, station_title};
use crate::store::{
    ChartAffairs, ChartEvent, ChartStep, ChartView, MovementView, TimelinePage, Viewed, VolumeView,
    moved_last,
};
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
    affairs: ChartAffairs,
    events: Vec<(ChartEvent, When)>,
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
    is_worn: bool,
    /// It is in use no more, and this is what it is.
    ended: Option<String>,
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
    let from = part.from.as_deref().map(places).transpose()?.unwrap_or_default();
    let is_newest = from.is_empty();
    let timeline = app.store.timeline(chart.chart, from).await?;
    let site = app.site();
    let times = Times::new(&app, &site);
    let chosen = chosen(&chart.volumes, part.volume);
    if chosen.is_none() && part.volume.is_some() {
        return Err(PageError::NotFound("volume of this chart"));
    }
    let volume = chosen.map(|chosen| format!(" volume {}", chosen.volume)).unwrap_or_default();
    seen(&app, Viewed::Chart, &format!("chart {}{volume}", chart.chart))?;
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
    let mut volumes: Vec<_> = chart.volumes.iter().map(whereabouts).collect();
    // The one that was asked for stands first.
    volumes.sort_by_key(|at| !at.is_chosen);
    let chart_page = ChartPage {
        frame: Frame::new(&app, &site, "/"),
        volumes,
        timeline: Timeline::new(timeline, &chart.volumes, is_newest, &times, &site),
        events: affairs.timeline.iter().map(|event| (event.clone(), times.when(event.at))).collect(),
        found_by: part.by,
        born: chart.patient.as_ref().and_then(|patient| patient.born).map(|born| times.born(born)),
        next_at: chart.next_needed.as_ref().map(|next| times.due(next.at)),
        affairs,
        wanted: requests::chart::section(&app, chart.chart, &times).await?,
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
            Some(FoundBy::Name) => "by=name",
            Some(FoundBy::Nearly) => "by=nearly",
            None => "",
        };
        match self.volume {
            Some(volume) => format!("?{by}&volume={volume}"),
            None if by.is_empty() => String::new(),
            None => format!("?{by}"),
        }
    }
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
            ChartStep::Added => ("put on file".to_owned(), ""),
            ChartStep::HomeChanged => (format!("{volume} belongs elsewhere since then"), ""),
            ChartStep::Retired => (format!("{volume} retired"), ""),
            ChartStep::Reactivated => (format!("{volume} taken into use again"), ""),
            ChartStep::Destroyed => (format!("{volume} destroyed"), ""),
            ChartStep::PatientCorrected => ("name or date of birth corrected".to_owned(), ""),
            ChartStep::NumberCorrected => ("record number corrected".to_owned(), ""),
            ChartStep::Admitted => ("the patient is in a ward: nothing is due back".to_owned(), ""),
            ChartStep::Discharged => ("the patient was discharged: what is out is due back".to_owned(), ""),
        }
    }

    /// How many folders the chart has under its own number.
    fn own(&self) -> usize {
        self.volumes.iter().filter(|at| at.volume.mrn == self.chart.mrn).count()
    }

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
            (MovementKind::Begun | MovementKind::Combined | MovementKind::Rehomed, _) => "told",
            (_, Entry::Scanned) => "scanned",
            (_, Entry::Keyed) => "typed",
        }
    }
}
