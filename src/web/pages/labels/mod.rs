//! Labels to print: a form that says which and on what, and what became of it.
//!
//! Nothing is printed unless all of it can be: a line that is no chart, or a label that does not fit, is told, and the
//! form stays as it was filled in. Record numbers travel in bodies only.

mod choice;
pub(super) mod initial;
mod wanted;

use super::extract::{Form, Path, Query};
use super::{Frame, PageError, actor, filters, page, restricted, seen};
use crate::label::LabelKind;
use crate::paper::{self, Drawing, Grid, Label, LabelSize, SHEETS, Sheet, readable, zpl};
use crate::printer::{Printed, Printer};
use crate::store::{CustodianView, Viewed, VolumeView};
use crate::symbol::Symbology;
use crate::tracking::{CustodianId, VolumeId};
use crate::web::{App, Site};
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
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
    custodians: Vec<CustodianView>,
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

#[derive(Template)]
#[template(path = "label_pages.html", config = "src/web/askama.toml")]
struct SheetsPage {
    frame: Frame,
    sheet: Sheet,
    pages: String,
    count: usize,
    page_count: usize,
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
    restricted::through(&app, found.chart, format!("/volumes/{volume}/label")).await?;
    seen(&app, Viewed::Print, &format!("picture of volume {volume}"))?;
    let site = app.site();
    let symbology = symbology.unwrap_or(site.habit.symbology);
    let label = [choice::volume_label(&found)];
    let drawings = drawn(&app, &label, symbology, site.habit.sheet.label, Grid::OFFICE).ok();
    let svg = drawings.as_deref().and_then(<[Drawing]>::first).map(Drawing::svg);
    let svg =
        svg.ok_or(PageError::BadRequest("this label cannot be drawn so; the page of the label says why"))?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("image/svg+xml"))], svg).into_response())
}

/// Prints what a form asks for: as pages for the browser's printer, or at once on a label printer.
pub(super) async fn print(State(app): State<App>, Form(wanted): Form<Wanted>) -> Result<Response, PageError> {
    if let Some(volume) = wanted.volume {
        let view = app.store.volume(volume).await?.ok_or(PageError::NotFound("volume"))?;
        restricted::through(&app, view.chart, format!("/volumes/{volume}/label")).await?;
    }
    let chosen = choice::labels(&app, &wanted).await?;
    if let Ok(chosen) = &chosen {
        let volumes: String = chosen.volumes.iter().map(|volume| format!(" volume {volume}")).collect();
        seen(&app, Viewed::Print, &format!("{} labels{volumes}", chosen.labels.len()))?;
    }
    let chosen = chosen.map(|chosen| chosen.labels);
    let outcome = match chosen {
        Err(problems) => Outcome::Problems(problems),
        Ok(labels) => match &wanted.on {
            On::Sheet(key) => match Sheet::named(key) {
                None => Outcome::Problems(vec!["this sheet is not known; choose another".to_owned()]),
                Some(sheet) => match drawn(&app, &labels, wanted.symbology, sheet.label, Grid::OFFICE) {
                    Ok(drawings) => {
                        printed(&app, &labels, actor(&app)).await?;
                        return sheets_page(&app, sheet, wanted.start(), &drawings);
                    }
                    Err(problems) => Outcome::Problems(problems),
                },
            },
            On::Printer(name) => {
                let outcome = on_printer(&app, name, &labels, wanted.symbology).await;
                if matches!(outcome, Outcome::Printed(..)) {
                    printed(&app, &labels, actor(&app)).await?;
                }
                outcome
            }
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
    match on_printer(app, printer, &label, app.site().habit.symbology).await {
        Outcome::Printed(..) | Outcome::Nothing => {
            printed(app, &label, None).await.map_err(|error| error.to_string())
        }
        Outcome::NotPrinted(why) => Err(why),
        Outcome::Problems(problems) => Err(problems.join("; ")),
    }
}

/// Takes folders off the list of labels to be printed.
async fn printed(app: &App, labels: &[Label], actor: Option<String>) -> Result<(), PageError> {
    let of_volumes = labels.iter().filter(|label| label.kind() == LabelKind::Volume);
    let keys: Vec<String> = of_volumes.map(|label| label.key.clone()).collect();
    if !keys.is_empty() {
        app.store.labels_printed(keys, actor).await?;
    }
    Ok(())
}

/// The measures of a sheet's pages; the content policy allows no style inside a page.
pub(super) async fn sheet(Path(file): Path<String>) -> Result<Response, PageError> {
    let sheet = file.strip_suffix(".css").and_then(Sheet::named).ok_or(PageError::NotFound("sheet"))?;
    let kind = HeaderValue::from_static("text/css; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind)], sheet.css()).into_response())
}

async fn on_printer(app: &App, name: &str, labels: &[Label], symbology: Symbology) -> Outcome {
    let site = app.site();
    let Some(printer) = site.printers.named(name) else {
        return Outcome::Problems(vec![
            "this printer is not in the configuration any more; choose another".to_owned(),
        ]);
    };
    let drawings = match drawn(app, labels, symbology, printer.label, printer.grid) {
        Ok(drawings) => drawings,
        Err(problems) => return Outcome::Problems(problems),
    };
    match site.printers.print(name, zpl::job(&drawings, printer.grid)).await {
        Ok(printed) => told(printed, drawings.len(), &printer.title),
        Err(error) => Outcome::NotPrinted(error.to_string()),
    }
}

/// What a printer did, in no more certain words than it was certain.
fn told(printed: Printed, count: usize, printer: &str) -> Outcome {
    let labels = if count == 1 { "1 label".to_owned() } else { format!("{count} labels") };
    let (word, sentence) = match printed {
        Printed::Confirmed => ("Printed", format!("{printer} has {labels} and is ready.")),
        Printed::Sent => {
            ("Sent", format!("{printer} was sent {labels}. It gives no answers: look whether they came out."))
        }
        Printed::Queued => ("Sent", format!("The queue of {printer} has {labels} and prints them.")),
        Printed::Filed => ("Sent", format!("The directory of {printer} has {labels}.")),
    };
    Outcome::Printed(word, sentence)
}

/// Every label laid out, or every reason why one cannot be.
fn drawn(
    app: &App,
    labels: &[Label],
    symbology: Symbology,
    size: LabelSize,
    grid: Grid,
) -> Result<Vec<Drawing>, Vec<String>> {
    let settings = app.intake.settings();
    let palette = &app.site().habit.palette;
    let mut problems = Vec::new();
    let mut drawings = Vec::new();
    for label in labels {
        let drawing = readable(&settings.formats, label.kind(), &label.key, symbology)
            .map_err(|error| error.to_string())
            .and_then(|text| {
                Drawing::new(label, &text, symbology, size, palette, grid).map_err(|error| error.to_string())
            });
        match drawing {
            Ok(drawing) => drawings.push(drawing),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(drawings) } else { Err(problems) }
}

fn sheets_page(app: &App, sheet: Sheet, start: u32, drawings: &[Drawing]) -> Result<Response, PageError> {
    let labels: Vec<String> = drawings.iter().map(Drawing::svg).collect();
    let pages = paper::pages(&sheet, start, &labels);
    let whole = usize::try_from(sheet.labels()).unwrap_or(1).max(1);
    let empty = usize::try_from(start.saturating_sub(1)).unwrap_or(0) % whole;
    let sheets = SheetsPage {
        frame: Frame::new(app, &app.site(), "/labels"),
        sheet,
        pages,
        count: drawings.len(),
        page_count: (empty + drawings.len()).div_ceil(whole),
    };
    page(&sheets).map(IntoResponse::into_response)
}

async fn labels_page(app: &App, wanted: Wanted, outcome: Outcome) -> Result<Response, PageError> {
    let site = app.site();
    let status = outcome.status();
    let labels = LabelsPage {
        frame: Frame::new(app, &site, "/labels"),
        wanted,
        options: Options::new(&site),
        custodians: app.store.custodians().await?,
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
    restricted::through(app, found.chart, format!("/volumes/{volume}/label")).await?;
    seen(app, Viewed::Print, &format!("chart {}, label of volume {volume}", found.chart))?;
    let site = app.site();
    let label = [choice::volume_label(&found)];
    let drawn = drawn(app, &label, wanted.symbology, site.habit.sheet.label, Grid::OFFICE);
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
