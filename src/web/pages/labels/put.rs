//! Labels are put on sheets or on a printer; what is drawn is drawn off the threads that answer requests.

use super::super::{Frame, PageError, actor, filters, page};
use super::Outcome;
use super::wanted::{On, Wanted};
use crate::label::{Formats, LabelKind};
use crate::paper::{self, Drawing, Grid, Label, LabelSize, Palette, Sheet, readable, zpl};
use crate::printer::Printed;
use crate::symbol::Symbology;
use crate::web::App;
use crate::web::heavy::heavy;
use askama::Template;
use axum::response::{IntoResponse, Response};

#[derive(Template)]
#[template(path = "label_pages.html", config = "src/web/askama.toml")]
struct SheetsPage {
    frame: Frame,
    sheet: Sheet,
    pages: String,
    count: usize,
    page_count: usize,
    /// Folders that may not be printed by whoever asks, in words.
    left_out: Option<String>,
}

/// Labels on sheets, or what became of them at a printer.
pub(super) enum Put {
    Sheets(Response),
    Told(Outcome),
}

/// Puts labels on what a form says. `left_out`: folders of restricted charts that are not among them.
pub(super) async fn put(
    app: &App,
    wanted: &Wanted,
    labels: &[Label],
    left_out: usize,
) -> Result<Put, PageError> {
    let told = match &wanted.on {
        On::Sheet(key) => match Sheet::named(key) {
            None => Outcome::Problems(vec!["this sheet is not known; choose another".to_owned()]),
            Some(sheet) => match drawn(app, labels, wanted.symbology, sheet.label, Grid::OFFICE).await? {
                Ok(drawings) => {
                    printed(app, labels, actor(app)).await?;
                    let sheets = sheets_page(app, sheet, wanted.start(), drawings, left_out).await?;
                    return Ok(Put::Sheets(sheets));
                }
                Err(problems) => Outcome::Problems(problems),
            },
        },
        On::Printer(name) => {
            let outcome = on_printer(app, name, labels, wanted.symbology).await?;
            if matches!(outcome, Outcome::Printed(..)) {
                printed(app, labels, actor(app)).await?;
            }
            outcome
        }
    };
    Ok(Put::Told(match told {
        Outcome::Printed(word, sentence) if left_out > 0 => {
            Outcome::Printed(word, format!("{sentence} {}", left_out_words(left_out)))
        }
        told => told,
    }))
}

/// What is said of folders that were left out.
pub(super) fn left_out_words(count: usize) -> String {
    let folders = if count == 1 { "1 folder is".to_owned() } else { format!("{count} folders are") };
    format!("{folders} of restricted charts and left out: open each chart, and print its label from there.")
}

/// Takes folders off the list of labels to be printed.
pub(super) async fn printed(app: &App, labels: &[Label], actor: Option<String>) -> Result<(), PageError> {
    let of_volumes = labels.iter().filter(|label| label.kind() == LabelKind::Volume);
    let keys: Vec<String> = of_volumes.map(|label| label.key.clone()).collect();
    if !keys.is_empty() {
        app.store.labels_printed(keys, actor).await?;
    }
    Ok(())
}

pub(super) async fn on_printer(
    app: &App,
    name: &str,
    labels: &[Label],
    symbology: Symbology,
) -> Result<Outcome, PageError> {
    let site = app.site();
    let Some(printer) = site.printers.named(name) else {
        return Ok(Outcome::Problems(vec![
            "this printer is not in the configuration any more; choose another".to_owned(),
        ]));
    };
    let drawings = match drawn(app, labels, symbology, printer.label, printer.grid).await? {
        Ok(drawings) => drawings,
        Err(problems) => return Ok(Outcome::Problems(problems)),
    };
    let (count, grid) = (drawings.len(), printer.grid);
    let job = heavy(move || zpl::job(&drawings, grid)).await?;
    Ok(match site.printers.print(name, job).await {
        Ok(printed) => told(printed, count, &printer.title),
        Err(error) => Outcome::NotPrinted(error.to_string()),
    })
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
pub(super) async fn drawn(
    app: &App,
    labels: &[Label],
    symbology: Symbology,
    size: LabelSize,
    grid: Grid,
) -> Result<Result<Vec<Drawing>, Vec<String>>, PageError> {
    let (settings, site, labels) = (app.intake.settings(), app.site(), labels.to_vec());
    heavy(move || laid_out(&labels, symbology, size, grid, (&settings.formats, &site.habit.palette))).await
}

fn laid_out(
    labels: &[Label],
    symbology: Symbology,
    size: LabelSize,
    grid: Grid,
    (formats, palette): (&Formats, &Palette),
) -> Result<Vec<Drawing>, Vec<String>> {
    let mut problems = Vec::new();
    let mut drawings = Vec::new();
    for label in labels {
        let drawing = readable(formats, label.kind(), &label.key, symbology)
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

async fn sheets_page(
    app: &App,
    sheet: Sheet,
    start: u32,
    drawings: Vec<Drawing>,
    left_out: usize,
) -> Result<Response, PageError> {
    let count = drawings.len();
    let pages = heavy(move || {
        let labels: Vec<String> = drawings.iter().map(Drawing::svg).collect();
        paper::pages(&sheet, start, &labels)
    })
    .await?;
    let whole = usize::try_from(sheet.labels()).unwrap_or(1).max(1);
    let empty = usize::try_from(start.saturating_sub(1)).unwrap_or(0) % whole;
    let sheets = SheetsPage {
        frame: Frame::new(app, &app.site(), "/labels"),
        sheet,
        pages,
        count,
        page_count: (empty + count).div_ceil(whole),
        left_out: (left_out > 0).then(|| left_out_words(left_out)),
    };
    page(&sheets).map(IntoResponse::into_response)
}
