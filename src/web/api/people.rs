//! People with badges.

use super::custodians::{Made, done};
use super::extract::{Asked, Body, Part};
use super::paging::{After, part};
use crate::store::Colleague;
use crate::tracking::PersonId;
use crate::web::App;
use crate::web::actor::Actor;
use crate::web::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Everybody with a badge.
#[derive(Serialize, ToSchema)]
pub(super) struct PeopleAnswer {
    /// By name, those who left at the end; at most 100.
    people: Vec<PersonAnswer>,
    /// Give this as `after` to go on; null if these are the last.
    next: Option<i64>,
}

/// Somebody with a badge.
#[derive(Serialize, ToSchema)]
pub(super) struct PersonAnswer {
    /// Who.
    id: i64,
    /// What lists and the journal call them.
    code: String,
    /// What people call them.
    name: String,
    /// They work here; if not, the badge is refused.
    active: bool,
}

/// Somebody new.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPerson {
    /// What lists and the journal call them; never changes.
    #[schema(max_length = 32)]
    code: String,
    /// What people call them.
    #[schema(max_length = 120)]
    name: String,
}

/// What has changed with somebody; what is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonRequest {
    /// What people call them.
    #[schema(max_length = 120)]
    name: Option<String>,
    /// Whether they work here.
    active: Option<bool>,
}

/// Lists everybody with a badge, part by part.
#[utoipa::path(
    get, path = "/api/v1/people", tag = "people", params(After),
    responses(
        (status = 200, description = "Everybody.", body = PeopleAnswer),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    Asked(After { after }): Asked<After>,
) -> Result<Json<PeopleAnswer>, Problem> {
    let (rows, next) = part(app.store.colleagues().await?, after, |person| person.id.0);
    Ok(Json(PeopleAnswer { people: rows.into_iter().map(PersonAnswer::from).collect(), next }))
}

/// Tells about one person with a badge.
#[utoipa::path(
    get, path = "/api/v1/people/{id}", tag = "people", params(("id" = i64, Path, description = "Who.")),
    responses(
        (status = 200, description = "The person.", body = PersonAnswer),
    )
)]
pub(super) async fn show(
    State(app): State<App>,
    Part(id): Part<PersonId>,
) -> Result<Json<PersonAnswer>, Problem> {
    let found = app.store.colleagues().await?.into_iter().find(|person| person.id == id);
    found.map(|person| Json(person.into())).ok_or_else(Problem::not_found)
}

/// Adds somebody, with a badge of Outguide's own.
#[utoipa::path(
    post, path = "/api/v1/people", tag = "people", request_body = NewPerson,
    responses(
        (status = 201, description = "Added.", body = Made),
    )
)]
pub(super) async fn add(
    State(app): State<App>,
    Actor(actor): Actor,
    Body(new): Body<NewPerson>,
) -> Result<(StatusCode, Json<Made>), Problem> {
    let id = app.store.add_person(new.code.trim().to_owned(), new.name.trim().to_owned(), actor).await?;
    done(&app);
    Ok((StatusCode::CREATED, Made::new(id.0)))
}

/// Gives somebody another name, or says that they left or are back.
#[utoipa::path(
    post, path = "/api/v1/people/{id}", tag = "people", params(("id" = i64, Path, description = "Who.")),
    request_body = PersonRequest,
    responses(
        (status = 204, description = "Changed."),
    )
)]
pub(super) async fn change(
    State(app): State<App>,
    Part(id): Part<PersonId>,
    Actor(actor): Actor,
    Body(request): Body<PersonRequest>,
) -> Result<StatusCode, Problem> {
    if let Some(name) = request.name {
        app.store.rename_person(id, name.trim().to_owned(), actor.clone()).await?;
    }
    if let Some(active) = request.active {
        app.store.set_person_active(id, active, actor).await?;
    }
    Ok(done(&app))
}

impl From<Colleague> for PersonAnswer {
    fn from(person: Colleague) -> PersonAnswer {
        PersonAnswer { id: person.id.0, code: person.code, name: person.name, active: person.is_active }
    }
}
