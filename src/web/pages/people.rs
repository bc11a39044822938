//! Everybody with a badge: who comes, who goes, and under which name.

use super::custodian_form::{done, refused};
use super::extract::{Form, Path, Query};
use super::paging::{self, Shown};
use super::{Frame, Page, PageError, actor, filters, page};
use crate::store::Colleague;
use crate::tracking::PersonId;
use crate::tracking::choosing::is_called;
use crate::web::App;
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;

/// Rows of a part.
const ROWS: usize = 50;

#[derive(Template)]
#[template(path = "people.html", config = "src/web/askama.toml")]
struct PeoplePage {
    frame: Frame,
    people: Vec<Colleague>,
    part: Shown,
    asked: Asked,
}

/// What the page shows beside its list.
#[derive(Default)]
struct Asked {
    page: usize,
    /// Only who is called so; empty: all.
    find: String,
    /// The form for somebody new, as it was filled in, and why nothing came of it.
    code: String,
    name: String,
    problem: Option<String>,
}

/// Everybody with a badge.
pub(super) async fn list(State(app): State<App>, Query(wanted): Query<paging::Wanted>) -> Page {
    people_page(&app, Asked { page: wanted.page, ..Asked::default() }).await
}

/// Whose name or code has this in it.
#[derive(Deserialize)]
pub(super) struct Find {
    q: String,
    #[serde(default)]
    page: usize,
}

/// Those who are called so. Asked for by POST: what somebody types stays out of addresses.
pub(super) async fn find(State(app): State<App>, Form(Find { q, page }): Form<Find>) -> Page {
    people_page(&app, Asked { page, find: q.trim().to_owned(), ..Asked::default() }).await
}

/// Somebody new.
#[derive(Deserialize)]
pub(super) struct Newcomer {
    code: String,
    name: String,
}

/// Adds somebody.
pub(super) async fn add(
    State(app): State<App>,
    Form(Newcomer { code, name }): Form<Newcomer>,
) -> Result<Response, PageError> {
    let (code, name) = (code.trim().to_owned(), name.trim().to_owned());
    match app.store.add_person(code.clone(), name.clone(), actor(&app)).await {
        Ok(_) => Ok(done(&app, "/people")),
        Err(error) => {
            let problem = Some(refused(error)?);
            let shown = people_page(&app, Asked { code, name, problem, ..Asked::default() }).await?;
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

async fn people_page(app: &App, asked: Asked) -> Page {
    let mut people = app.store.colleagues().await?;
    people.retain(|person| is_called(&asked.find, &person.name, &person.code));
    let (people, part) = paging::part(people, asked.page, ROWS);
    page(&PeoplePage { frame: Frame::new(app, &app.site(), "/custodians"), people, part, asked })
}
