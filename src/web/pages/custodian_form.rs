//! Places, holders and people are added, changed, closed and opened again.

use super::extract::{Form, Path};
use super::filters;
use super::{Frame, Page, PageError, actor, page};
use crate::changes::Change;
use crate::store::{Colleague, CustodianForm, CustodianView, KINDS, NotAllowed, Unchanged};
use crate::tracking::{CustodianId, Hours, PersonId};
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
    custodians: Vec<CustodianView>,
    kinds: [&'static str; KINDS.len()],
    problem: Option<String>,
}

#[derive(Template)]
#[template(path = "people.html", config = "src/web/askama.toml")]
struct PeoplePage {
    frame: Frame,
    people: Vec<Colleague>,
    code: String,
    name: String,
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

/// Everybody with a badge.
pub(super) async fn people(State(app): State<App>) -> Page {
    people_page(&app, String::new(), String::new(), None).await
}

/// Somebody new.
#[derive(Deserialize)]
pub(super) struct Newcomer {
    code: String,
    name: String,
}

/// Adds somebody.
pub(super) async fn add_person(
    State(app): State<App>,
    Form(Newcomer { code, name }): Form<Newcomer>,
) -> Result<Response, PageError> {
    let (code, name) = (code.trim().to_owned(), name.trim().to_owned());
    match app.store.add_person(code.clone(), name.clone(), actor(&app)).await {
        Ok(_) => Ok(done(&app, "/people")),
        Err(error) => {
            let shown = people_page(&app, code, name, Some(refused(error)?)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
        }
    }
}

/// Another name for somebody.
#[derive(Deserialize)]
pub(super) struct Renamed {
    name: String,
}

/// Gives somebody another name.
pub(super) async fn rename(
    State(app): State<App>,
    Path(id): Path<PersonId>,
    Form(Renamed { name }): Form<Renamed>,
) -> Result<Response, PageError> {
    app.store.rename_person(id, name.trim().to_owned(), actor(&app)).await?;
    Ok(done(&app, "/people"))
}

/// Somebody does not work here any more.
pub(super) async fn leave(State(app): State<App>, Path(id): Path<PersonId>) -> Result<Response, PageError> {
    app.store.set_person_active(id, false, actor(&app)).await?;
    // Whoever leaves may have charts, which somebody else has from now on.
    match app.store.custodian_of_person(id).await? {
        Some(custodian) => Ok(done(&app, &format!("/custodians/{custodian}/close"))),
        None => Ok(done(&app, "/people")),
    }
}

/// Somebody works here again.
pub(super) async fn come_back(
    State(app): State<App>,
    Path(id): Path<PersonId>,
) -> Result<Response, PageError> {
    app.store.set_person_active(id, true, actor(&app)).await?;
    Ok(done(&app, "/people"))
}

fn done(app: &App, address: &str) -> Response {
    app.changes.announce(Change::FileRoom);
    // Names stand on the stations' pages, too.
    app.changes.announce(Change::Configuration);
    Redirect::to(address).into_response()
}

/// What the form is shown again for; what is not on disk has a page of its own.
fn refused(error: Unchanged<NotAllowed>) -> Result<String, PageError> {
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
    let shown = FormPage {
        frame: Frame::new(app, &app.site(), "/custodians"),
        id,
        form,
        custodians: app.store.custodians().await?,
        kinds: KINDS,
        problem,
    };
    Ok((status, page(&shown)?).into_response())
}

async fn people_page(app: &App, code: String, name: String, problem: Option<String>) -> Page {
    let people = app.store.colleagues().await?;
    page(&PeoplePage { frame: Frame::new(app, &app.site(), "/custodians"), people, code, name, problem })
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
