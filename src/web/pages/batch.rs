//! The batch on a station's page: any one chart of it can be taken back there, which UNDO does with the last alone.

use super::extract::{Form, Path};
use super::{PageError, actor, filters};
use crate::access::Permission;
use crate::intake::TakeBack;
use crate::store::{BoardVolume, StoreError};
use crate::tracking::{ScanId, Verdict, VolumeId};
use crate::web::{App, door, glass};
use askama::Template;
use askama::filters::HtmlSafe;
use axum::extract::State;
use axum::response::Redirect;
use serde::Deserialize;

/// A section of a station's page.
#[derive(Template)]
#[template(path = "batch.html", config = "src/web/askama.toml")]
pub(super) struct BatchSection {
    station: String,
    /// Each with the key of its form.
    rows: Vec<(BoardVolume, ScanId)>,
}

impl HtmlSafe for BatchSection {}

/// What of a batch can be taken back, for who may.
pub(super) async fn section(
    app: &App,
    station: &str,
    loose: Vec<BoardVolume>,
) -> Result<Option<BatchSection>, StoreError> {
    if loose.is_empty() || !door::may(Permission::Work) {
        return Ok(None);
    }
    let rows = glass::veil(app, loose).await?.into_iter().map(|volume| (volume, app.intake.new_id()));
    Ok(Some(BatchSection { station: station.to_owned(), rows: rows.collect() }))
}

/// Which chart.
#[derive(Deserialize)]
pub(super) struct Back {
    id: String,
    volume: VolumeId,
}

/// Takes one chart of the batch back: a movement that undoes its last one, refused if it has moved on.
pub(super) async fn take_back(
    State(app): State<App>,
    Path(station): Path<String>,
    Form(Back { id, volume }): Form<Back>,
) -> Result<Redirect, PageError> {
    let id = ScanId::parse(&id).map_err(|_| PageError::BadRequest("this form is not one of Outguide's"))?;
    let back = TakeBack { id, station: station.clone(), volume, operator: actor(&app) };
    // A task of its own: it tells the live pages even if the browser hangs up before the commit.
    let recorded = tokio::spawn(app.intake.take_back(back)).await;
    match recorded.map_err(|_| PageError::Broken)? {
        Ok(recorded) if recorded.verdict == Verdict::Undone => {
            Ok(Redirect::to(&format!("/stations/{station}")))
        }
        Ok(recorded) => Err(PageError::Refused(recorded.why.unwrap_or_default())),
        Err(why) => Err(PageError::NotRecorded(why.to_string())),
    }
}
