//! Scans of earlier: what was written on paper in a power cut, or found in the drop box. Looked at before it is recorded;
//! nothing is recorded unless all of it can be.

mod then;

use super::extract::{Form, Query};
use super::filters;
use super::pick::{self, Picker, Picks};
use super::station::Outcome;
use super::times::{Times, When};
use super::{Frame, PageError, actor, page, seen};
use crate::changes::Change;
use crate::intake::WrittenDown;
use crate::label::{LabelKind, Reading};
use crate::store::{BoardScan, NotTold, StoreError, Told, ToldLine, Unchanged, Viewed};
use crate::tracking::grammar::Mode;
use crate::tracking::{CustodianId, ScanId, ScanNo};
use crate::web::meant::Meaning;
use crate::web::{App, SiteStation, glass};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jiff::Timestamp;
use serde::Deserialize;
use std::sync::Arc;
use then::{NoMoment, Pass, moment};

/// Most labels of one form.
const LINES_MAX: usize = 300;

/// Charts that one row of the audit log names.
const CHARTS_NOTED: usize = 20;

/// What was done with the charts.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
enum Done {
    #[default]
    Came,
    Went,
    Refiled,
    Seen,
}

/// The form as browsers send it.
#[derive(Deserialize, Default)]
pub(super) struct Earlier {
    #[serde(default)]
    id: String,
    #[serde(default)]
    at: String,
    #[serde(default)]
    pass: Pass,
    #[serde(default)]
    station: String,
    #[serde(default)]
    done: Done,
    #[serde(default)]
    place: String,
    #[serde(default)]
    lines: String,
    /// Looked at, and to be recorded.
    record: Option<String>,
}

/// What was recorded.
#[derive(Deserialize)]
pub(super) struct Recorded {
    station: Option<String>,
    first: Option<ScanNo>,
    last: Option<ScanNo>,
}

#[derive(Template)]
#[template(path = "back_dated.html", config = "src/web/askama.toml")]
struct EarlierPage {
    frame: Frame,
    id: ScanId,
    earlier: Earlier,
    stations: Vec<SiteStation>,
    place: Picker,
    problems: Vec<String>,
    /// Abbreviations of the zone for a time that came twice.
    twice: Option<(String, String)>,
    looked: Option<Looked>,
    recorded: Vec<Outcome>,
}

/// What recording it would do.
struct Looked {
    at: When,
    lines: Vec<Line>,
}

struct Line {
    text: String,
    does: Result<Outcome, String>,
}

impl Looked {
    fn is_good(&self) -> bool {
        self.lines.iter().all(|line| line.does.is_ok())
    }
}

/// What a form means, or what has to be put right first.
struct Meant {
    at: Timestamp,
    texts: Vec<String>,
    told: Arc<Told>,
}

#[derive(Default)]
struct Wrong {
    problems: Vec<String>,
    twice: Option<(String, String)>,
}

/// The form, and what was recorded by the one before.
pub(super) async fn form(
    State(app): State<App>,
    Query(wanted): Query<Recorded>,
) -> Result<Response, PageError> {
    let id =
        wanted.station.as_ref().and_then(|name| app.intake.settings().numbered.stations.get(name).copied());
    let recorded = match (id, wanted.first.zip(wanted.last)) {
        (Some(id), Some(range)) => {
            let scans = app.store.scans(id, range, u32::try_from(LINES_MAX).unwrap_or(1)).await?;
            glass::veil(&app, scans).await?
        }
        _ => Vec::new(),
    };
    let times = Times::new(&app, &app.site());
    told_of(&app, recorded.iter())?;
    let recorded = recorded.into_iter().map(|scan| Outcome::new(scan, &times)).collect();
    let earlier = Earlier { station: wanted.station.unwrap_or_default(), ..Earlier::default() };
    show(&app, app.intake.new_id(), earlier, Wrong::default(), None, recorded).await
}

/// Looks at what a form would do, or records it.
pub(super) async fn enter(
    State(app): State<App>,
    Form(earlier): Form<Earlier>,
) -> Result<Response, PageError> {
    let id = match earlier.record {
        Some(_) => ScanId::parse(&earlier.id)
            .map_err(|_| PageError::BadRequest("this form is not one of Outguide's"))?,
        // Another look is another form, also after the browser's way back to one that was recorded.
        None => app.intake.new_id(),
    };
    let meant = match meant(&app, id, &earlier).await? {
        Ok(meant) => meant,
        Err(wrong) => return show(&app, id, earlier, wrong, None, Vec::new()).await,
    };
    if earlier.record.is_none() {
        let lines = app.store.preview_told(Arc::clone(&meant.told)).await;
        return looked(&app, id, earlier, meant, lines).await;
    }
    match app.store.record_told(Arc::clone(&meant.told)).await {
        Ok((first, last)) => {
            app.changes.announce(Change::Station(earlier.station.clone()));
            app.changes.announce(Change::FileRoom);
            let address = format!("/earlier?station={}&first={first}&last={last}", earlier.station);
            Ok(Redirect::to(&address).into_response())
        }
        Err(Unchanged::Refused(NotTold::Lines(lines))) => looked(&app, id, earlier, meant, Ok(lines)).await,
        Err(other) => looked(&app, id, earlier, meant, Err(other)).await,
    }
}

/// Notes whose charts a page tells of.
fn told_of<'a>(app: &App, scans: impl Iterator<Item = &'a BoardScan>) -> Result<(), PageError> {
    let mut charts: Vec<_> =
        scans.filter_map(|scan| scan.volume.as_ref().map(|volume| volume.chart)).collect();
    charts.sort_unstable();
    charts.dedup();
    // A row of the log is read by people: long forms are several rows.
    for part in charts.chunks(CHARTS_NOTED) {
        let part: Vec<_> = part.iter().map(|chart| format!("chart {chart}")).collect();
        seen(app, Viewed::Board, &format!("scans of earlier: {}", part.join(", ")))?;
    }
    Ok(())
}

/// The lines without the numbers of charts that are restricted.
async fn veiled(app: &App, mut lines: Vec<ToldLine>) -> Result<Vec<ToldLine>, StoreError> {
    let scans = lines.iter_mut().filter_map(|line| match line {
        ToldLine::Does(scan) => Some(scan),
        ToldLine::Cannot(_) => None,
    });
    let scans: Vec<_> = scans.collect();
    let bare = glass::veil(app, scans.iter().map(|scan| (***scan).clone()).collect()).await?;
    for (scan, bare) in scans.into_iter().zip(bare) {
        **scan = bare;
    }
    Ok(lines)
}

async fn looked(
    app: &App,
    id: ScanId,
    earlier: Earlier,
    meant: Meant,
    lines: Result<Vec<ToldLine>, Unchanged<NotTold>>,
) -> Result<Response, PageError> {
    let lines = match lines {
        Ok(lines) => lines,
        Err(Unchanged::Refused(why)) => {
            let wrong = Wrong { problems: vec![why.to_string()], twice: None };
            return show(app, app.intake.new_id(), earlier, wrong, None, Vec::new()).await;
        }
        Err(other) => return Err(other.into()),
    };
    let times = Times::new(app, &app.site());
    let does = lines.iter().filter_map(|line| match line {
        ToldLine::Does(scan) => Some(&**scan),
        ToldLine::Cannot(_) => None,
    });
    told_of(app, does)?;
    let lines = veiled(app, lines).await?;
    let line = |(text, line): (String, ToldLine)| Line {
        text,
        does: match line {
            ToldLine::Does(scan) => Ok(Outcome::new(*scan, &times)),
            ToldLine::Cannot(why) => Err(why),
        },
    };
    let lines = meant.texts.into_iter().zip(lines).map(line).collect();
    let looked = Looked { at: times.when(meant.at), lines };
    show(app, id, earlier, Wrong::default(), Some(looked), Vec::new()).await
}

async fn show(
    app: &App,
    id: ScanId,
    earlier: Earlier,
    wrong: Wrong,
    looked: Option<Looked>,
    recorded: Vec<Outcome>,
) -> Result<Response, PageError> {
    let site = app.site();
    let is_wrong = !wrong.problems.is_empty() || looked.as_ref().is_some_and(|looked| !looked.is_good());
    let status = if is_wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let place = pick::of_id(app, &earlier.place).await?;
    let shown = EarlierPage {
        frame: Frame::new(app, &site, "/stations"),
        id,
        earlier,
        stations: site.stations.clone(),
        place: Picks::load(app).await?.picker("place", "place").or("–").chosen(place),
        problems: wrong.problems,
        twice: wrong.twice,
        looked,
        recorded,
    };
    Ok((status, page(&shown)?).into_response())
}

/// Reads a form; what is wrong with it is told all at once.
async fn meant(app: &App, id: ScanId, earlier: &Earlier) -> Result<Result<Meant, Wrong>, StoreError> {
    let site = app.site();
    let mut wrong = Wrong::default();
    let at = moment(&site.time_zone, &earlier.at, earlier.pass, app.clock.now())
        .map_err(|why| wrong.time(why))
        .unwrap_or_default();
    let mode = match (earlier.done, earlier.place.trim().parse::<i64>().map(CustodianId)) {
        (Done::Came, _) => Mode::CheckIn,
        (Done::Refiled, _) => Mode::Refile,
        (Done::Went, Ok(place)) => Mode::To(place),
        (Done::Seen, Ok(place)) => Mode::Sighted(place),
        (Done::Went | Done::Seen, Err(_)) => {
            wrong.problems.push("no place was chosen; choose where the charts went or were seen".to_owned());
            Mode::CheckIn
        }
    };
    let texts: Vec<String> =
        earlier.lines.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    if texts.is_empty() {
        wrong.problems.push("no label was written; write one a line".to_owned());
    }
    if texts.len() > LINES_MAX {
        wrong.problems.push(format!("these are more than {LINES_MAX} lines; enter them in several parts"));
        return Ok(Err(wrong));
    }
    let mut lines = Vec::new();
    for text in &texts {
        lines.push((text.clone(), by_number(app, text).await?));
    }
    let written = WrittenDown { id, station: earlier.station.clone(), at, lines, operator: actor(app) };
    let Some(scans) = app.intake.scans_told(&written) else {
        wrong.problems.push("no station was chosen; choose where it would have been scanned".to_owned());
        return Ok(Err(wrong));
    };
    if wrong.problems.is_empty() {
        Ok(Ok(Meant { at, texts, told: Arc::new(Told { scans, mode }) }))
    } else {
        Ok(Err(wrong))
    }
}

/// The label of the only volume with this record number, if the text is no label.
async fn by_number(app: &App, text: &str) -> Result<Option<String>, StoreError> {
    let meant = Meaning::new(app, text);
    if matches!(&meant.reading, Reading::Label(label) if label.kind != LabelKind::Volume) {
        return Ok(None);
    }
    let hits = app.store.locate(meant.locate()).await?;
    Ok(match hits.as_slice() {
        [only] => Some(only.label.clone()),
        _ => None,
    })
}

impl Wrong {
    fn time(&mut self, why: NoMoment) {
        let problem = match why {
            NoMoment::Unreadable => "the date and time cannot be read; write them such as 2026-01-31T14:05",
            NoMoment::Future => "this time is still to come; correct the date or the time",
            NoMoment::Skipped => {
                "the clocks went forward over this time, so it never was; look at the paper and correct it"
            }
            NoMoment::Twice(first, second) => {
                self.twice = Some((first, second));
                "the clocks went back that night and this time came twice; choose which it was"
            }
        };
        self.problems.push(problem.to_owned());
    }
}

impl EarlierPage {
    fn is_done(&self, word: &str) -> bool {
        let done = match self.earlier.done {
            Done::Came => "came",
            Done::Went => "went",
            Done::Refiled => "refiled",
            Done::Seen => "seen",
        };
        done == word
    }

    fn is_pass(&self, word: &str) -> bool {
        let pass = match self.earlier.pass {
            Pass::Unsaid => "",
            Pass::First => "first",
            Pass::Second => "second",
        };
        pass == word
    }
}
