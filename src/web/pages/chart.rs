//! Where a chart is, at one glance; then how it got there.

use super::extract::{Path, Query};
use super::filters;
use super::happened::HappenedSection;
use super::mark::Mark;
use super::requests::chart::WantedSection;
use super::times::{Times, When};
use super::{Frame, PageError, page, requests, restricted, seen, station_title};
use crate::missing::case::Level;
use crate::store::{ChartAffairs, ChartView, Moment, Viewed, VolumeView, moved_last};
use crate::tracking::{CaseId, ChartId, Confidence, VolumeId};
use crate::web::{App, glass};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

const NO_PART: PageError = PageError::BadRequest("the address names a part of the timeline that cannot be");

/// Which part of the page is wanted.
#[derive(Deserialize)]
pub(super) struct Part {
    /// The volume that was looked for.
    volume: Option<VolumeId>,
    /// Where the page of what happened goes on.
    before: Option<String>,
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
    is_restricted: bool,
    found_by: Option<FoundBy>,
    next_at: Option<When>,
    volumes: Vec<Whereabouts>,
    affairs: ChartAffairs,
    happened: HappenedSection,
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
    /// It is missed, or may be.
    case: Option<(CaseId, Level)>,
    /// It is in use no more, and this is what it is.
    ended: Option<String>,
}

/// A chart's page; that of a chart which was merged into another is the other's.
pub(super) async fn show(
    State(app): State<App>,
    Path(chart): Path<ChartId>,
    Query(part): Query<Part>,
) -> Result<Response, PageError> {
    let (mut chart, affairs) = super::change::found(&app, chart).await?;
    if let Some(survivor) = affairs.merged_into {
        return Ok(Redirect::to(&format!("/charts/{survivor}{}", part.query())).into_response());
    }
    let is_restricted = restricted::through(&app, chart.chart, part.address(chart.chart)).await?;
    chart.others = glass::veil(&app, chart.others).await?;
    let before = part.before.as_deref().map_or(Some(Moment::END), Moment::parse).ok_or(NO_PART)?;
    let found = app.store.happened(chart.chart, before).await?;
    let cases = app.store.cases_of_chart(chart.chart).await?;
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
        sure: sure(
            &app,
            volume,
            cases.iter().any(|(_, of, level, _)| *of == volume.volume && is_doubted(*level)),
        ),
        since: volume.since.map(|since| times.when(since)),
        station: volume.station.as_deref().map(|name| station_title(&site, name)),
        due: volume.due.map(|due| times.due(due)),
        is_chosen: chosen.is_some_and(|chosen| chosen.volume == volume.volume),
        is_worn: affairs.worn.iter().any(|(worn, _)| *worn == volume.volume),
        case: cases
            .iter()
            .find(|(_, of, level, _)| *of == volume.volume && level.is_open())
            .map(|(case, _, level, _)| (*case, *level)),
        ended: affairs.ended.iter().find(|(id, _)| *id == volume.volume).map(|(_, state)| state.clone()),
        volume: volume.clone(),
    };
    let mut volumes: Vec<_> = chart.volumes.iter().map(whereabouts).collect();
    // The one that was asked for stands first.
    volumes.sort_by_key(|at| !at.is_chosen);
    let chart_page = ChartPage {
        frame: Frame::new(&app, &site, "/"),
        volumes,
        happened: HappenedSection::new(
            chart.chart,
            found,
            (&chart.volumes, part.before.is_none(), affairs.temporary_for.is_some()),
            &times,
            &site,
        ),
        is_restricted,
        found_by: part.by,
        born: chart.patient.as_ref().and_then(|patient| patient.born).map(|born| times.born(born)),
        next_at: chart.next_needed.as_ref().map(|next| times.due(next.at)),
        affairs,
        wanted: requests::chart::section(&app, chart.chart, &times).await?,
        chart,
    };
    Ok(page(&chart_page)?.into_response())
}

/// The record's word counts for less while somebody searches.
fn sure(app: &App, volume: &VolumeView, is_searched: bool) -> (Confidence, String) {
    match app.confidence(volume) {
        (Confidence::Sure | Confidence::Likely, _) if is_searched => {
            (Confidence::Doubtful, "it is being searched for".to_owned())
        }
        known => known,
    }
}

fn is_doubted(level: Level) -> bool {
    matches!(level, Level::Searching | Level::Missing | Level::PresumedLost)
}

impl Part {
    /// This part of a chart's page.
    fn address(&self, chart: ChartId) -> String {
        format!("/charts/{chart}{}", self.query())
    }

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

impl ChartPage {
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
