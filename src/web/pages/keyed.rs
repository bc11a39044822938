//! A label that will not read is typed at a station: it goes the same way as a scan, marked as keyed, and a new label is
//! offered at once.
//!
//! A typing mistake must not move another patient's chart. A label with a check character is verified by it; of any
//! other, and of a record number, the page first shows which folder would be meant, by record, volume and place and never
//! by name. A mistake in the form is told there and is no scan.

use super::extract::{Form, Path, Query};
use super::filters;
use super::mark::Mark;
use super::station::Outcome;
use super::times::{Times, When};
use super::{Frame, PageError, actor, page, seen};
use crate::intake::KeyedEntry;
use crate::label::{Damage, LabelKind, Reading, visible_text};
use crate::paper::readable;
use crate::store::{NotRecorded, Viewed, VolumeView};
use crate::symbol::Symbology;
use crate::tracking::{Command, ScanId, ScanNo, StationId, VolumeId};
use crate::web::meant::Meaning;
use crate::web::{App, SiteStation, glass};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

/// Longest text that is taken, bytes.
const TEXT_BYTES_MAX: usize = 256;

/// What was typed.
#[derive(Deserialize)]
pub(super) struct Typed {
    id: String,
    text: String,
    /// The folder that was chosen.
    volume: Option<VolumeId>,
    /// The label stands on the folder just so, and nobody knows it.
    unknown: Option<String>,
}

/// The entry that was made.
#[derive(Deserialize)]
pub(super) struct Done {
    scan: Option<ScanNo>,
}

#[derive(Template)]
#[template(path = "keyed.html", config = "src/web/askama.toml")]
struct KeyedPage {
    frame: Frame,
    station: SiteStation,
    id: ScanId,
    text: String,
    ask: Ask,
    done: Option<Outcome>,
    symbology: Symbology,
}

/// What the clerk has to answer before anything is recorded.
enum Ask {
    Nothing,
    /// It cannot be taken: why, and what to do.
    Problem(String),
    /// It may mean these.
    Which(Vec<Candidate>),
    /// No chart has it.
    Unknown,
}

struct Candidate {
    volume: VolumeView,
    place: Mark,
    since: Option<When>,
}

/// What a text leads to.
enum Meant {
    Record(Option<String>),
    Ask(Ask),
}

/// The form, and what became of the entry before.
pub(super) async fn form(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(Done { scan }): Query<Done>,
) -> Result<Response, PageError> {
    let (station, number) = station(&app, &name)?;
    let times = Times::new(&app, &app.site());
    let done = match scan {
        Some(scan) => glass::veil(&app, app.store.scans(number, (scan, scan), 1).await?).await?.pop(),
        None => None,
    };
    if let Some(volume) = done.as_ref().and_then(|scan| scan.volume.as_ref()) {
        let what = format!("entry by hand: chart {} volume {}", volume.chart, volume.volume);
        seen(&app, Viewed::Board, &what)?;
    }
    let done = done.map(|scan| Outcome::new(scan, &times));
    keyed_page(&app, station, app.intake.new_id(), String::new(), Ask::Nothing, done)
}

/// Records what was typed, or asks what it means.
pub(super) async fn enter(
    State(app): State<App>,
    Path(name): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let (station, _) = station(&app, &name)?;
    let wrong_form = || PageError::BadRequest("this form is not one of Outguide's");
    let id = ScanId::parse(&typed.id).map_err(|_| wrong_form())?;
    let text = as_label(&app, typed.text.trim());
    let chosen = match meant(&app, &text, typed.volume, typed.unknown.is_some()).await? {
        Meant::Record(chosen) => chosen,
        Meant::Ask(ask) => return keyed_page(&app, station, id, text, ask, None),
    };
    let entry = KeyedEntry { id, station: name, text: text.clone(), chosen, operator: actor(&app) };
    match app.intake.take_keyed(entry).await {
        Ok(done) => {
            let address = format!("/stations/{}/keyed?scan={}", station.name, done.scan_no);
            Ok(Redirect::to(&address).into_response())
        }
        Err(NotRecorded::IdTaken) => {
            let why = "this form was recorded with another text before; look at the station's page, then send it again";
            keyed_page(&app, station, app.intake.new_id(), text, Ask::Problem(why.to_owned()), None)
        }
        Err(why) => Err(PageError::NotRecorded(why.to_string())),
    }
}

/// The word of a command as its label says it: who has no scanner has no card at hand either.
fn as_label(app: &App, text: &str) -> String {
    let formats = &app.intake.settings().formats;
    let label =
        |command: Command| readable(formats, LabelKind::Command, &command.key(), Symbology::Code128).ok();
    let is_label = matches!(formats.read(text.as_bytes()).reading, Reading::Label(_));
    let command = Command::from_key(text).filter(|_| !is_label);
    command.and_then(label).unwrap_or_else(|| text.to_owned())
}

fn station(app: &App, name: &str) -> Result<(SiteStation, StationId), PageError> {
    let station = app.site().stations.iter().find(|station| station.name == name).cloned();
    let number = app.intake.settings().numbered.stations.get(name).copied();
    station.zip(number).ok_or(PageError::NotFound("station"))
}

fn keyed_page(
    app: &App,
    station: SiteStation,
    id: ScanId,
    text: String,
    ask: Ask,
    done: Option<Outcome>,
) -> Result<Response, PageError> {
    let status = match ask {
        Ask::Problem(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Ask::Nothing | Ask::Which(_) | Ask::Unknown => StatusCode::OK,
    };
    let site = app.site();
    let (frame, symbology) = (Frame::new(app, &site, "/stations"), site.habit.symbology);
    Ok((status, page(&KeyedPage { frame, station, id, text, ask, done, symbology })?).into_response())
}

/// Finds out whether a text can be recorded as it is.
async fn meant(
    app: &App,
    text: &str,
    chosen: Option<VolumeId>,
    is_unknown: bool,
) -> Result<Meant, PageError> {
    let problem = |why: &str| Ok(Meant::Ask(Ask::Problem(why.to_owned())));
    if text.is_empty() {
        return problem("nothing was typed; type what is printed below the bars, or the record number");
    }
    if text.len() > TEXT_BYTES_MAX {
        return problem(
            "this is longer than a label; type what is printed below the bars, or the record number",
        );
    }
    let settings = app.intake.settings();
    let typed = Meaning::by(&settings.formats, text);
    if let Reading::Label(label) = &typed.reading
        && (label.kind != LabelKind::Volume || settings.formats.is_checked(label))
    {
        return Ok(Meant::Record(None));
    }
    let hits = app.store.locate(typed.locate()).await?;
    if let Some(chosen) = chosen {
        let hit = hits.into_iter().find(|hit| hit.volume == chosen);
        return match hit {
            Some(hit) => Ok(Meant::Record(Some(hit.label))),
            None => problem("the folder that was chosen is not one of this number any more; choose again"),
        };
    }
    if !hits.is_empty() {
        let charts: Vec<_> = hits.iter().map(|hit| format!("chart {}", hit.chart)).collect();
        seen(app, Viewed::Search, &format!("entry by hand: {}", charts.join(", ")))?;
        let times = Times::new(app, &app.site());
        let candidate = |volume: VolumeView| Candidate {
            place: Mark::whereabouts(&volume),
            since: volume.since.map(|since| times.when(since)),
            volume,
        };
        let hits = glass::veil(app, hits).await?;
        return Ok(Meant::Ask(Ask::Which(hits.into_iter().map(candidate).collect())));
    }
    match typed.reading {
        Reading::Damaged(damage) => problem(mistyped(damage)),
        Reading::Foreign(foreign) => problem(foreign.sentence()),
        Reading::Label(_) | Reading::Unknown if is_unknown => Ok(Meant::Record(None)),
        Reading::Label(_) | Reading::Unknown => Ok(Meant::Ask(Ask::Unknown)),
    }
}

/// What is wrong with a typed label.
fn mistyped(damage: Damage) -> &'static str {
    match damage {
        Damage::CheckWrong | Damage::HibcCheckWrong | Damage::Gs1CheckWrong => {
            "its check character does not fit the rest, so something is mistyped; compare it with the folder, letter by \
             letter, and type it again"
        }
        other => other.sentence(),
    }
}

impl KeyedPage {
    fn problem(&self) -> Option<&str> {
        match &self.ask {
            Ask::Problem(why) => Some(why),
            Ask::Nothing | Ask::Which(_) | Ask::Unknown => None,
        }
    }

    fn candidates(&self) -> &[Candidate] {
        match &self.ask {
            Ask::Which(candidates) => candidates,
            Ask::Nothing | Ask::Problem(_) | Ask::Unknown => &[],
        }
    }

    fn is_unknown(&self) -> bool {
        matches!(self.ask, Ask::Unknown)
    }

    /// The text as it goes back into the form: what would not come back the same is left out.
    fn value(&self) -> &str {
        if visible_text(&self.text) == self.text { &self.text } else { "" }
    }
}
