//! The kinds of records that are kept here.

use super::extract::Form;
use super::filters;
use super::pick::{Picker, Picks};
use super::{Frame, PageError, page};
use crate::store::{RecordTypeForm, RecordTypeView, Unchanged};
use crate::tracking::CustodianId;
use crate::web::App;
use crate::web::actor::Actor;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "record_types.html", config = "src/web/askama.toml")]
struct RecordTypesPage {
    frame: Frame,
    kinds: Vec<RecordTypeView>,
    picks: Picks,
    problem: Option<String>,
}

/// A kind of record as browsers send it.
#[derive(Deserialize)]
pub(super) struct Fields {
    name: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    home: String,
    #[serde(default)]
    due: String,
}

/// All kinds of records.
pub(super) async fn list(State(app): State<App>) -> Result<Response, PageError> {
    shown(&app, None).await
}

/// Adds a kind of record, or changes one.
pub(super) async fn set(
    State(app): State<App>,
    Actor(actor): Actor,
    Form(fields): Form<Fields>,
) -> Result<Response, PageError> {
    let form = RecordTypeForm {
        name: fields.name.trim().to_owned(),
        title: fields.title.trim().to_owned(),
        home: fields.home.trim().parse().ok().map(CustodianId),
        due: fields.due.trim().to_owned(),
    };
    match app.store.set_record_type(form, actor).await {
        Ok(()) => Ok(Redirect::to("/record-types").into_response()),
        Err(Unchanged::Refused(why)) => shown(&app, Some(why.to_string())).await,
        Err(other) => Err(other.into()),
    }
}

async fn shown(app: &App, problem: Option<String>) -> Result<Response, PageError> {
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let kinds = app.store.record_types().await?;
    let picks = Picks::load(app).await?;
    let frame = Frame::new(app, &app.site(), "/custodians");
    Ok((status, page(&RecordTypesPage { frame, kinds, picks, problem })?).into_response())
}

impl RecordTypesPage {
    fn home_picker(&self, kind: &RecordTypeView, row: &usize) -> Picker {
        self.picks.picker(format!("home-{row}"), "home").or("none").chosen(kind.home.clone())
    }
}
