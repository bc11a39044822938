//! Missing charts, for programs.

use super::extract::{Body, Part};
use crate::changes::Change;
use crate::missing::plan::{Candidate, Look, Place, Thoroughness};
use crate::store::{OpenCase, Viewed};
use crate::tracking::CaseId;
use crate::web::problem::{FieldError, Problem};
use crate::web::{App, door};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most cases of a list.
const ROWS: u32 = 300;
/// Most places of a case.
const PLACES: usize = 30;

/// Open cases.
#[derive(Serialize, ToSchema)]
pub(super) struct MissingAnswer {
    /// What is needed first, then the oldest; at most 300.
    cases: Vec<MissingCase>,
}

/// A chart that is missed, or may be.
#[derive(Serialize, ToSchema)]
pub(super) struct MissingCase {
    /// Its number.
    id: i64,
    /// suspected, searching, missing, found-unconfirmed, presumed-lost.
    level: &'static str,
    /// Id of the volume.
    volume: i64,
    /// Id of the chart.
    chart: i64,
    /// The patient's number as the site writes it.
    mrn: String,
    /// When it was suspected first.
    #[schema(value_type = String, format = DateTime)]
    discovered_at: Timestamp,
    /// Code of its last recorded holder.
    answerable: String,
    /// The chance that it is not where the record says, 0 to 1.
    suspicion: f64,
    /// When somebody needs it.
    #[schema(value_type = Option<String>, format = DateTime)]
    needed_at: Option<Timestamp>,
    /// How often somebody looked for it.
    looks: u32,
}

/// A case and where to look.
#[derive(Serialize, ToSchema)]
pub(super) struct CasePlaces {
    /// Its number.
    id: i64,
    /// suspected, searching, missing, found-unconfirmed, found, presumed-lost, cleared.
    level: &'static str,
    /// Id of the volume.
    volume: i64,
    /// The next place to look at first; at most 30.
    places: Vec<PlaceToLook>,
    /// The probability that it is at none of them.
    elsewhere: f64,
}

/// A place to look at.
#[derive(Serialize, ToSchema)]
pub(super) struct PlaceToLook {
    /// What looks and finds name it by, such as `desk 3`.
    place: String,
    /// What people call it.
    name: String,
    /// The probability that it is there, 0 to 1.
    probability: f64,
    /// Minutes that a look takes, the way included.
    minutes: f64,
    /// How often somebody looked there.
    looks: u32,
    /// Why, with all numbers, in a sentence.
    why: String,
    /// Who is on the way there.
    claimed_by: Option<String>,
}

/// Somebody looked, and it was not there.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LookBody {
    /// A place of the case.
    place: String,
    /// glance, asked, shelf-by-shelf.
    how: String,
}

/// Somebody found it. Its scan ends the case.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FindBody {
    /// A place of the case, or `desk` and the id of a custodian.
    place: String,
}

/// Lists charts that are missed, or may be.
#[utoipa::path(
    get, path = "/api/v1/missing", tag = "missing",
    responses(
        (status = 200, description = "Open cases.", body = MissingAnswer),
    )
)]
pub(super) async fn list(State(app): State<App>, headers: HeaderMap) -> Result<Json<MissingAnswer>, Problem> {
    super::seen(&app, Viewed::List, "missing charts")?;
    let cases = super::veil(&app, &headers, app.store.missing_board(ROWS).await?).await?;
    let cases = cases.into_iter().map(MissingCase::from).collect();
    Ok(Json(MissingAnswer { cases }))
}

/// Shows a case, and where to look for its chart.
#[utoipa::path(
    get, path = "/api/v1/missing/{id}", tag = "missing",
    params(("id" = i64, Path, description = "Its number.")),
    responses(
        (status = 200, description = "The case.", body = CasePlaces),
    )
)]
pub(super) async fn show(
    State(app): State<App>,
    Part(case): Part<CaseId>,
) -> Result<Json<CasePlaces>, Problem> {
    let detail = app.store.case_detail(case).await?.ok_or_else(Problem::not_found)?;
    let plan = app.store.search_plan(case, Vec::new()).await?.ok_or_else(Problem::not_found)?;
    super::seen(&app, Viewed::Chart, &format!("chart {}, case {case}", detail.folder.chart))?;
    let place = |candidate: &Candidate| PlaceToLook {
        claimed_by: detail
            .claims
            .iter()
            .find(|claim| claim.place == candidate.place)
            .map(|claim| claim.who.clone()),
        ..PlaceToLook::from(candidate)
    };
    Ok(Json(CasePlaces {
        id: case.0,
        level: detail.case.level.as_str(),
        volume: detail.case.volume.0,
        places: plan.candidates().iter().take(PLACES).map(place).collect(),
        elsewhere: plan.elsewhere(),
    }))
}

/// Notes that somebody looked at a place, and the chart was not there.
#[utoipa::path(
    post, path = "/api/v1/missing/{id}/looks", tag = "missing", request_body = LookBody,
    params(("id" = i64, Path, description = "The case's number.")),
    responses(
        (status = 204, description = "It is noted."),
    )
)]
pub(super) async fn look(
    State(app): State<App>,
    Part(case): Part<CaseId>,
    Body(body): Body<LookBody>,
) -> Result<StatusCode, Problem> {
    let how = Thoroughness::parse(&body.how).ok_or_else(|| {
        Problem::of_fields(vec![FieldError::new("how", "is one of glance, asked, shelf-by-shelf")])
    })?;
    let look = Look { place: place(&body.place)?, how };
    app.store.tell_look(case, look, door::actor()).await?;
    app.changes.announce(Change::FileRoom);
    Ok(StatusCode::NO_CONTENT)
}

/// Notes where the chart of a case was found. Its scan, anywhere, ends the case.
#[utoipa::path(
    post, path = "/api/v1/missing/{id}/finds", tag = "missing", request_body = FindBody,
    params(("id" = i64, Path, description = "The case's number.")),
    responses(
        (status = 204, description = "It is noted."),
    )
)]
pub(super) async fn find(
    State(app): State<App>,
    Part(case): Part<CaseId>,
    Body(body): Body<FindBody>,
) -> Result<StatusCode, Problem> {
    app.store.tell_found(case, place(&body.place)?, Vec::new(), door::actor()).await?;
    app.changes.announce(Change::FileRoom);
    Ok(StatusCode::NO_CONTENT)
}

fn place(text: &str) -> Result<Place, Problem> {
    Place::parse(text).ok_or_else(|| {
        Problem::of_fields(vec![FieldError::new("place", "is no place; take it from the case's list")])
    })
}

impl From<&Candidate> for PlaceToLook {
    fn from(candidate: &Candidate) -> PlaceToLook {
        PlaceToLook {
            place: candidate.place.to_string(),
            name: candidate.name.clone(),
            probability: candidate.probability(),
            minutes: candidate.minutes(),
            looks: candidate.looks,
            why: candidate.explained(),
            claimed_by: None,
        }
    }
}

impl From<OpenCase> for MissingCase {
    fn from(case: OpenCase) -> MissingCase {
        MissingCase {
            id: case.id.0,
            level: case.level.as_str(),
            volume: case.volume.0,
            chart: case.chart.0,
            mrn: case.mrn,
            discovered_at: case.discovered_at,
            answerable: case.answerable.code,
            suspicion: case.suspicion,
            needed_at: case.needed_at,
            looks: case.looks,
        }
    }
}
