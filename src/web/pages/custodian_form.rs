//! Places and holders are added, changed, closed and opened again.

use super::extract::{Form, Path};
use super::filters;
use super::pick::{Picker, Picks};
use super::{Frame, PageError, actor, page};
use crate::changes::Change;
use crate::store::{CustodianForm, KINDS, NotAllowed, Unchanged};
use crate::tracking::{CustodianId, Hours};
use crate::web::App;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

/// The form as browsers send it.
#[derive(Deserialize)]
pub(super) struct Fields {
    #[serde(default)]
    code: String,
    name: String,
    kind: String,
    #[serde(default)]
    parent: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    mail: String,
    #[serde(default)]
    due: String,
    #[serde(default)]
    filing: String,
    #[serde(default)]
    room: String,
    #[serde(default)]
    working_days: String,
    #[serde(default)]
    opens: String,
    #[serde(default)]
    closes: String,
    #[serde(default)]
    holidays: String,
}

#[derive(Template)]
#[template(path = "custodian_form.html", config = "src/web/askama.toml")]
struct FormPage {
    frame: Frame,
    /// None: a new one.
    id: Option<CustodianId>,
    form: CustodianForm,
    parent: Picker,
    kinds: [&'static str; KINDS.len()],
    problem: Option<String>,
}

/// The form of a new custodian.
pub(super) async fn new(State(app): State<App>) -> Result<Response, PageError> {
    let form =
        CustodianForm { kind: "clinic".to_owned(), filing: "td-2-2".to_owned(), ..CustodianForm::default() };
    form_page(&app, None, form, None).await
}

/// Adds a custodian.
pub(super) async fn add(State(app): State<App>, Form(fields): Form<Fields>) -> Result<Response, PageError> {
    let form = CustodianForm::from(fields);
    match app.store.add_custodian(form.clone(), actor(&app)).await {
        Ok(id) => Ok(done(&app, &format!("/custodians/{id}"))),
        Err(error) => form_page(&app, None, form, Some(refused(error)?)).await,
    }
}

/// The form of a custodian on file.
pub(super) async fn edit(State(app): State<App>, Path(id): Path<CustodianId>) -> Result<Response, PageError> {
    let form = app.store.custodian_form(id).await?.ok_or(PageError::NotFound("custodian"))?;
    form_page(&app, Some(id), form, None).await
}

/// Changes a custodian.
pub(super) async fn change(
    State(app): State<App>,
    Path(id): Path<CustodianId>,
    Form(fields): Form<Fields>,
) -> Result<Response, PageError> {
    let before = app.store.custodian_form(id).await?.ok_or(PageError::NotFound("custodian"))?;
    let form =
        CustodianForm { code: before.code, is_closed: before.is_closed, ..CustodianForm::from(fields) };
    match app.store.change_custodian(id, form.clone(), actor(&app)).await {
        Ok(()) => Ok(done(&app, &format!("/custodians/{id}"))),
        Err(error) => form_page(&app, Some(id), form, Some(refused(error)?)).await,
    }
}

/// A custodian takes no charts any more.
pub(super) async fn close(
    State(app): State<App>,
    Path(id): Path<CustodianId>,
) -> Result<Response, PageError> {
    app.store.set_custodian_closed(id, true, actor(&app)).await?;
    Ok(done(&app, &format!("/custodians/{id}")))
}

/// A custodian takes charts again.
pub(super) async fn open(State(app): State<App>, Path(id): Path<CustodianId>) -> Result<Response, PageError> {
    app.store.set_custodian_closed(id, false, actor(&app)).await?;
    Ok(done(&app, &format!("/custodians/{id}")))
}

pub(super) fn done(app: &App, address: &str) -> Response {
    app.changes.announce(Change::FileRoom);
    // Names stand on the stations' pages, too.
    app.changes.announce(Change::Configuration);
    Redirect::to(address).into_response()
}

/// What the form is shown again for; what is not on disk has a page of its own.
pub(super) fn refused(error: Unchanged<NotAllowed>) -> Result<String, PageError> {
    match error {
        Unchanged::Refused(why) => Ok(why.to_string()),
        other @ Unchanged::NotRecorded(_) => Err(other.into()),
    }
}

async fn form_page(
    app: &App,
    id: Option<CustodianId>,
    form: CustodianForm,
    problem: Option<String>,
) -> Result<Response, PageError> {
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let parent = app.store.custodian_coded(form.parent.clone()).await?;
    let shown = FormPage {
        frame: Frame::new(app, &app.site(), "/custodians"),
        id,
        form,
        parent: Picks::load(app).await?.picker("parent", "parent").by_code().or("nothing").chosen(parent),
        kinds: KINDS,
        problem,
    };
    Ok((status, page(&shown)?).into_response())
}

impl From<Fields> for CustodianForm {
    fn from(fields: Fields) -> CustodianForm {
        let plain = |text: String| text.trim().to_owned();
        CustodianForm {
            code: plain(fields.code),
            name: plain(fields.name),
            kind: plain(fields.kind),
            parent: plain(fields.parent),
            phone: plain(fields.phone),
            mail: plain(fields.mail),
            due: plain(fields.due),
            filing: plain(fields.filing),
            room: plain(fields.room),
            hours: Hours {
                working_days: plain(fields.working_days),
                opens: plain(fields.opens),
                closes: plain(fields.closes),
                holidays: plain(fields.holidays),
            },
            is_closed: false,
        }
    }
}

impl FormPage {
    fn is_foreign_kind(&self) -> bool {
        !self.kinds.contains(&self.form.kind.as_str())
    }
}
