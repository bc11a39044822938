//! Labels to print: a form that says which and on what, and what became of it.
//!
//! Nothing is printed unless all of it can be: a line that is no chart, or a label that does not fit, is told, and the
//! form stays as it was filled in. Record numbers travel in bodies only.

mod choice;
pub(super) mod initial;
mod put;
mod wanted;

use super::extract::{Form, Path, Query};
use super::pick::{Picker, Picks};
use super::{Frame, PageError, filters, page, restricted, seen};
use crate::paper::{Drawing, Grid, SHEETS, Sheet};
use crate::printer::Printer;
use crate::store::{Viewed, VolumeView};
use crate::symbol::Symbology;
use crate::tracking::{CustodianId, VolumeId};
use crate::web::{App, Site};
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use put::{Put, drawn, on_printer, printed, put};
use serde::Deserialize;
use wanted::{On, Wanted, What};

/// Most problems that a page lists.
const PROBLEMS_MAX: usize = 20;

/// What the form begins with.
#[derive(Deserialize)]
pub(super) struct Beginning {
    #[serde(default)]
    what: What,
    custodian: Option<CustodianId>,
}

#[derive(Template)]
#[template(path = "labels.html", config = "src/web/askama.toml")]
struct LabelsPage {
    frame: Frame,
    wanted: Wanted,
    options: Options,
    shelf: Picker,
    outcome: Outcome,
}

#[derive(Template)]
#[template(path = "label.html", config = "src/web/askama.toml")]
struct LabelPage {
    frame: Frame,
    wanted: Wanted,
    options: Options,
    volume: VolumeView,
    /// The label as it will look; none if it cannot be printed.
    svg: Option<String>,
    /// Its label was found worn: a new one can be told to be on it.
    is_worn: bool,
    outcome: Outcome,
}

/// What a form offers.
struct Options {
    printers: Vec<Printer>,
    sheets: &'static [Sheet],
    symbologies: [Symbology; 5],
}

/// What became of the last request.
enum Outcome {
    /// There was none.
    Nothing,
    /// Nothing was printed: these have to be put right first.
    Problems(Vec<String>),
    /// Nothing, or not all, was printed: why, and what to do.
    NotPrinted(String),
    /// The printer has it: in a word, and in a sentence.
    Printed(&'static str, String),
}

/// The form for labels of every kind.
pub(super) async fn form(
    State(app): State<App>,
    Query(beginning): Query<Beginning>,
) -> Result<Response, PageError> {
    let wanted = Wanted::new(beginning.what, beginning.custodian, &app.site().habit);
    labels_page(&app, wanted, Outcome::Nothing).await
}

/// The label of one volume, to be printed once more.
pub(super) async fn volume(
    State(app): State<App>,
    Path(volume): Path<VolumeId>,
) -> Result<Response, PageError> {
    let site = app.site();
    let mut wanted = Wanted::new(What::Volume, None, &site.habit);
    wanted.volume = Some(volume);
    // A whole sheet for one label is a waste.
    if let Some(printer) = site.printers.list().next() {
        wanted.on = On::Printer(printer.name.clone());
    }
    label_page(&app, volume, wanted, Outcome::Nothing).await
}

/// In what a label is drawn.
#[derive(Deserialize)]
pub(super) struct Drawn {
    symbology: Option<Symbology>,
}

/// The label of one volume as a picture, for programs that lay out their own paper.
pub(super) async fn picture(
    State(app): State<App>,
    Path(volume): Path<VolumeId>,
    Query(Drawn { symbology }): Query<Drawn>,
) -> Result<Response, PageError> {
    let found = app.store.volume(volume).await?.ok_or(PageError::NotFound("volume"))?;
    seen(&app, Viewed::Print, &format!("picture of volume {volume}"))?;
    let site = app.site();
    let symbology = symbology.unwrap_or(site.habit.symbology);
    let label = [choice::volume_label(&found)];
    let drawings = drawn(&app, &label, symbology, site.habit.sheet.label, Grid::OFFICE).await?.ok();
    let svg = drawings.as_deref().and_then(<[Drawing]>::first).map(Drawing::svg);
    let svg =
        svg.ok_or(PageError::BadRequest("this label cannot be drawn so; the page of the label says why"))?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"))], svg).into_response())
}

/// Prints what a form asks for: as pages for the browser's printer, or at once on a label printer.
pub(super) async fn print(State(app): State<App>, Form(wanted): Form<Wanted>) -> Result<Response, PageError> {
    if let Some(volume) = wanted.volume {
        restricted::volume(&app, volume, format!("/volumes/{volume}/label")).await?;
    }
    let chosen = choice::labels(&app, &wanted).await?;
    if let Ok(chosen) = &chosen {
        let volumes: String = chosen.volumes.iter().map(|volume| format!(" volume {volume}")).collect();
        seen(&app, Viewed::Print, &format!("{} labels{volumes}", chosen.labels.len()))?;
    }
    let outcome = match chosen {
        Err(problems) => Outcome::Problems(problems),
        Ok(chosen) => match put(&app, &wanted, &chosen.labels, chosen.left_out).await? {
            Put::Sheets(sheets) => return Ok(sheets),
            Put::Told(outcome) => outcome,
        },
    };
    match wanted.volume.filter(|_| wanted.what == What::Volume) {
        Some(volume) => label_page(&app, volume, wanted, outcome).await,
        None => labels_page(&app, wanted, outcome).await,
    }
}

/// Prints a volume's label on a printer; the reason and the next step if that failed.
pub(in crate::web) async fn print_one(app: &App, printer: &str, volume: VolumeId) -> Result<(), String> {
    let found = app.store.volume(volume).await.map_err(|error| error.to_string())?;
    let found = found.ok_or_else(|| "the chart is not on file any more".to_owned())?;
    let label = [choice::volume_label(&found)];
    let outcome = on_printer(app, printer, &label, app.site().habit.symbology).await;
    match outcome.map_err(|error| error.to_string())? {
        Outcome::Printed(..) | Outcome::Nothing => {
            printed(app, &label, None).await.map_err(|error| error.to_string())
        }
        Outcome::NotPrinted(why) => Err(why),
        Outcome::Problems(problems) => Err(problems.join("; ")),
    }
}

/// The measures of a sheet's pages; the content policy allows no style inside a page.
pub(super) async fn sheet(Path(file): Path<String>) -> Result<Response, PageError> {
    let sheet = file.strip_suffix(".css").and_then(Sheet::named).ok_or(PageError::NotFound("sheet"))?;
    let kind = HeaderValue::from_static("text/css; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind)], sheet.css()).into_response())
}

async fn labels_page(app: &App, wanted: Wanted, outcome: Outcome) -> Result<Response, PageError> {
    let site = app.site();
    let status = outcome.status();
    let shelf = match &wanted.custodian {
        Some(id) => app.store.custodian_named(*id).await?,
        None => None,
    };
    let labels = LabelsPage {
        frame: Frame::new(app, &site, "/labels"),
        wanted,
        options: Options::new(&site),
        shelf: Picks::load(app).await?.picker("custodian", "custodian").or("–").chosen(shelf),
        outcome,
    };
    Ok((status, page(&labels)?).into_response())
}

async fn label_page(
    app: &App,
    volume: VolumeId,
    wanted: Wanted,
    outcome: Outcome,
) -> Result<Response, PageError> {
    let found = app.store.volume(volume).await?.ok_or(PageError::NotFound("volume"))?;
    seen(app, Viewed::Print, &format!("chart {}, label of volume {volume}", found.chart))?;
    let site = app.site();
    let label = [choice::volume_label(&found)];
    let drawn = drawn(app, &label, wanted.symbology, site.habit.sheet.label, Grid::OFFICE).await?;
    let (svg, outcome) = match (drawn, outcome) {
        (Ok(drawings), outcome) => (drawings.first().map(Drawing::svg), outcome),
        // What cannot be printed is said before anybody tries.
        (Err(problems), Outcome::Nothing) => (None, Outcome::Problems(problems)),
        (Err(_), outcome) => (None, outcome),
    };
    let status = outcome.status();
    let affairs = app.store.chart_affairs(found.chart).await?;
    let is_worn = affairs.is_some_and(|affairs| affairs.worn.iter().any(|(worn, _)| *worn == volume));
    let label = LabelPage {
        frame: Frame::new(app, &site, "/labels"),
        wanted,
        options: Options::new(&site),
        volume: found,
        svg,
        is_worn,
        outcome,
    };
    Ok((status, page(&label)?).into_response())
}

impl Options {
    fn new(site: &Site) -> Options {
        Options {
            printers: site.printers.list().cloned().collect(),
            sheets: &SHEETS,
            symbologies: Symbology::ALL,
        }
    }
}

impl Outcome {
    fn status(&self) -> StatusCode {
        match self {
            Outcome::Nothing | Outcome::Printed(..) => StatusCode::OK,
            Outcome::Problems(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Outcome::NotPrinted(_) => StatusCode::BAD_GATEWAY,
        }
    }

    /// The problems that are listed, and how many more there are.
    fn listed(&self) -> (&[String], usize) {
        match self {
            Outcome::Problems(problems) => {
                let shown = problems.len().min(PROBLEMS_MAX);
                (problems.get(..shown).unwrap_or_default(), problems.len() - shown)
            }
            Outcome::Nothing | Outcome::NotPrinted(_) | Outcome::Printed(..) => (&[], 0),
        }
    }
}
