//! Labels that are still to be printed and stuck on, worked off in the order of the shelves: sheet by sheet, broken off and
//! gone on with at will. A folder leaves the list when its label is scanned for the first time.

use super::super::extract::{Form, Query};
use super::super::{Frame, PageError, filters, page, seen};
use super::choice::{opened, volume_label};
use super::put::{Put, left_out_words, put};
use super::wanted::{On, Wanted, What};
use super::{Options, Outcome};
use crate::paper::Label;
use crate::store::{LabelDue, LabelsDue, Viewed, VolumeView};
use crate::symbol::Symbology;
use crate::tracking::{CustodianId, VolumeId};
use crate::web::{App, glass};
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// Rows of a page.
const ROWS: usize = 100;
/// Most labels of one go: fifteen sheets, or some minutes of a label printer.
const LABELS_MAX: usize = 300;

/// Which labels.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
enum Which {
    /// Those that were not printed yet.
    #[default]
    Print,
    /// Those that were printed, and not scanned yet.
    Stick,
}

/// Which part of the list.
#[derive(Deserialize)]
pub(in crate::web::pages) struct Part {
    area: Option<CustodianId>,
    #[serde(default)]
    which: Which,
    after: Option<VolumeId>,
}

/// What is to be printed now.
#[derive(Deserialize)]
pub(in crate::web::pages) struct Go {
    area: CustodianId,
    #[serde(default)]
    which: Which,
    #[serde(default)]
    count: String,
    /// From the folder after this one on.
    #[serde(default)]
    after: String,
    on: On,
    #[serde(default)]
    start: String,
    symbology: Symbology,
}

#[derive(Template)]
#[template(path = "labels_initial.html", config = "src/web/askama.toml")]
struct InitialPage {
    frame: Frame,
    areas: Vec<LabelsDue>,
    area: Option<CustodianId>,
    which: Which,
    rows: Vec<VolumeView>,
    after: Option<VolumeId>,
    next: Option<VolumeId>,
    wanted: Wanted,
    options: Options,
    outcome: Outcome,
}

/// What is still to be labelled.
pub(in crate::web::pages) async fn show(
    State(app): State<App>,
    Query(part): Query<Part>,
) -> Result<Response, PageError> {
    let site = app.site();
    let wanted = Wanted::new(What::Shelf, part.area, &site.habit);
    initial_page(&app, part, wanted, Outcome::Nothing).await
}

/// Prints the next labels in the order of the shelves.
pub(in crate::web::pages) async fn print(
    State(app): State<App>,
    Form(go): Form<Go>,
) -> Result<Response, PageError> {
    let count = go.count.trim().parse().unwrap_or(LABELS_MAX).clamp(1, LABELS_MAX);
    let after = go.after.trim().parse().ok().map(VolumeId);
    let volumes = app.store.labels_due_at(go.area, go.which.due(), after, count).await?;
    seen(&app, Viewed::Print, &format!("{} labels of custodian {}", volumes.len(), go.area))?;
    let (volumes, left_out) = opened(&app, volumes).await?;
    let labels: Vec<Label> = volumes.iter().map(volume_label).collect();
    let mut wanted = Wanted::new(What::Shelf, Some(go.area), &app.site().habit);
    (wanted.on, wanted.start, wanted.symbology) = (go.on, go.start, go.symbology);
    let outcome = match labels.as_slice() {
        [] if left_out > 0 => Outcome::Problems(vec![left_out_words(left_out)]),
        [] => Outcome::Problems(vec!["no label is left to be printed here".to_owned()]),
        labels => match put(&app, &wanted, labels, left_out).await? {
            Put::Sheets(sheets) => return Ok(sheets),
            Put::Told(outcome) => outcome,
        },
    };
    let part = Part { area: Some(go.area), which: go.which, after };
    initial_page(&app, part, wanted, outcome).await
}

async fn initial_page(
    app: &App,
    part: Part,
    wanted: Wanted,
    outcome: Outcome,
) -> Result<Response, PageError> {
    let areas = app.store.labels_due().await?;
    let area = part.area.or_else(|| areas.first().map(|first| first.area.id));
    let rows = match area {
        Some(area) => app.store.labels_due_at(area, part.which.due(), part.after, ROWS + 1).await?,
        None => Vec::new(),
    };
    if let Some(area) = area {
        seen(app, Viewed::List, &format!("labels of custodian {area}"))?;
    }
    let mut rows = glass::veil(app, rows).await?;
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let site = app.site();
    let status = outcome.status();
    let shown = InitialPage {
        frame: Frame::new(app, &site, "/labels"),
        areas,
        area,
        which: part.which,
        next: rows.last().filter(|_| more).map(|last| last.volume),
        after: part.after,
        rows,
        wanted,
        options: Options::new(&site),
        outcome,
    };
    Ok((status, page(&shown)?).into_response())
}

impl Which {
    fn due(self) -> LabelDue {
        match self {
            Which::Print => LabelDue::Print,
            Which::Stick => LabelDue::Stick,
        }
    }
}

impl InitialPage {
    fn is_area(&self, id: &CustodianId) -> bool {
        self.area == Some(*id)
    }

    fn of_which(&self) -> &'static str {
        match self.which {
            Which::Print => "print",
            Which::Stick => "stick",
        }
    }

    fn is_again(&self) -> bool {
        self.which == Which::Stick
    }
}
