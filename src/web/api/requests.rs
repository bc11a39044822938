//! Requests and pull lists, for programs.

use super::extract::{Asked, Body, Part};
use crate::access::Permission;
use crate::changes::Change;
use crate::store::Viewed;
use crate::store::{Concerned, NewRequest, PageStep, RequestView, RequestsOf, Volumes, Whose};
use crate::tracking::request::{Channel, Priority, RequestStep};
use crate::tracking::{ChartId, CustodianId, PullListId, RequestId, VolumeId};
use crate::web::meant::Meaning;
use crate::web::problem::{FieldError, Problem, ProblemKind};
use crate::web::{App, door};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Most characters of a text.
pub(super) const TEXT_MAX: usize = 200;
/// Most requests of one answer.
const ROWS: usize = 300;

/// Open requests.
#[derive(Serialize, ToSchema)]
pub(super) struct RequestsAnswer {
    /// By the time they are needed; at most 300.
    requests: Vec<Request>,
    /// There are more than these: ask for those to one place.
    more: bool,
}

/// Somebody wants a volume somewhere by some time.
#[derive(Serialize, ToSchema)]
pub(super) struct Request {
    /// Its number.
    id: i64,
    /// Key of its slip's bar code.
    label: String,
    /// requested, not-found, pulled, sent, delivered, cancelled, not-fillable, expired.
    state: &'static str,
    /// How many steps it has taken; send it back as `seen` with a step.
    steps: i64,
    /// Id of the volume.
    volume: i64,
    /// Key of the volume's label.
    volume_label: String,
    /// The patient's number as the site writes it.
    mrn: String,
    /// Code of the custodian that it goes to.
    to: String,
    /// Code of the custodian who has the volume.
    at: String,
    /// Who asked.
    requester: String,
    /// How it came.
    channel: &'static str,
    /// routine, urgent, stat.
    priority: &'static str,
    /// By when.
    #[schema(value_type = String, format = DateTime)]
    needed_at: Timestamp,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    asked_at: Timestamp,
    /// The pull list that it is on.
    pull_list: Option<i64>,
}

/// A request to be made: one for each volume.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewRequestBody {
    /// A label of the chart, or the patient's number; it must mean one chart.
    query: String,
    /// All volumes and not only the newest.
    #[serde(default)]
    all_volumes: bool,
    /// Only the volume whose label `query` is.
    #[serde(default)]
    this_volume: bool,
    /// Code of the custodian that it goes to.
    to: String,
    /// By when.
    #[schema(value_type = String, format = DateTime)]
    needed_at: Timestamp,
    /// Who asks.
    requester: String,
    /// staff, phone, roi, audit, walk-in.
    #[serde(default)]
    #[schema(value_type = String)]
    channel: Channel,
    /// routine, urgent, stat.
    #[serde(default)]
    #[schema(value_type = String)]
    priority: Priority,
    /// What for.
    #[serde(default)]
    purpose: String,
    /// What else.
    #[serde(default)]
    comment: String,
    /// Made by the client: the same key again makes nothing, and is answered with what it made.
    key: Option<String>,
}

/// What was made.
#[derive(Serialize, ToSchema)]
pub(super) struct Made {
    /// One for each volume.
    requests: Vec<i64>,
    /// What the requester should know.
    warnings: Vec<String>,
    /// The key was sent before; nothing was added.
    repeated: bool,
}

/// Which requests.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Which {
    /// Code of the custodian that they go to.
    to: Option<String>,
}

/// A step that is taken with a request.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StepBody {
    /// pulled, not-found, put-back, recalled, cancelled, not-fillable. Only a scan sends and delivers.
    step: String,
    /// Why; not-found, cancelled and not-fillable need one.
    why: Option<String>,
    /// How many steps it had when it was read: refused if there are more by now.
    seen: Option<i64>,
}

/// A pull list in the order of a walk.
#[derive(Serialize, ToSchema)]
pub(super) struct PullList {
    /// Its number.
    id: i64,
    /// Key of its bar code.
    label: String,
    /// Code of the custodian that it is for.
    to: String,
    /// The day, YYYY-MM-DD.
    day: String,
    /// Rows that are pulled, sent or delivered.
    ticked: u64,
    /// Rows that are wanted.
    rows: u64,
    /// The rows: shelves in their order, then what somebody has.
    requests: Vec<Request>,
}

/// Lists open requests.
#[utoipa::path(
    get, path = "/api/v1/requests", tag = "requests", params(Which),
    responses(
        (status = 200, description = "Open requests.", body = RequestsAnswer),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    headers: HeaderMap,
    Asked(which): Asked<Which>,
) -> Result<Json<RequestsAnswer>, Problem> {
    super::seen(&app, Viewed::List, "requests")?;
    let of = match which.to {
        None => RequestsOf::Everybody,
        Some(code) => RequestsOf::To(custodian(&app, &code).await?),
    };
    let mut requests = app.store.requests(of, ROWS + 1).await?;
    let more = requests.len() > ROWS;
    requests.truncate(ROWS);
    let requests = super::veil(&app, &headers, requests).await?.into_iter().map(Request::from).collect();
    Ok(Json(RequestsAnswer { requests, more }))
}

/// Makes a request.
#[utoipa::path(
    post, path = "/api/v1/requests", tag = "requests", request_body = NewRequestBody,
    responses(
        (status = 201, description = "What was made.", body = Made),
    )
)]
pub(super) async fn ask(
    State(app): State<App>,
    headers: HeaderMap,
    Body(body): Body<NewRequestBody>,
) -> Result<(StatusCode, Json<Made>), Problem> {
    let (chart, only) = chart(&app, &body.query).await?;
    super::through(&app, vec![Concerned::Chart(chart)], &headers).await?;
    let volumes = match only.filter(|_| body.this_volume) {
        Some(volume) => Volumes::One(volume),
        None if body.this_volume => {
            let error = FieldError::new("query", "means several volumes; send the label of one");
            return Err(Problem::of_fields(vec![error]));
        }
        None if body.all_volumes => Volumes::All(chart),
        None => Volumes::Newest(chart),
    };
    let new = NewRequest {
        volumes,
        to: custodian(&app, &body.to).await?,
        needed_at: body.needed_at,
        channel: body.channel,
        requester: text("requester", body.requester, true)?,
        requester_id: None,
        purpose: text("purpose", body.purpose, false)?,
        comment: text("comment", body.comment, false)?,
        priority: body.priority,
        form: body.key.map(|key| text("key", key, true)).transpose()?,
        actor: door::actor(),
    };
    let made = app.store.ask(new).await?;
    app.changes.announce(Change::FileRoom);
    let requests = made.requests.iter().map(|id| id.0).collect();
    Ok((StatusCode::CREATED, Json(Made { requests, warnings: made.warnings, repeated: made.is_repeated })))
}

/// Shows a request.
#[utoipa::path(
    get, path = "/api/v1/requests/{id}", tag = "requests",
    params(
        ("id" = i64, Path, description = "Its number."),
        ("x-outguide-reason" = Option<String>, Header, description = "Why, if its chart is restricted; the privacy office reads it."),
    ),
    responses(
        (status = 200, description = "The request.", body = Request),
    )
)]
pub(super) async fn show(
    State(app): State<App>,
    Part(request): Part<RequestId>,
) -> Result<Json<Request>, Problem> {
    let (view, _) = app.store.request(request).await?.ok_or_else(Problem::not_found)?;
    super::seen(&app, Viewed::Chart, &format!("chart {}, request {request}", view.chart))?;
    Ok(Json(view.into()))
}

/// Takes a request one step on.
#[utoipa::path(
    post, path = "/api/v1/requests/{id}/steps", tag = "requests", request_body = StepBody,
    params(("id" = i64, Path, description = "Its number.")),
    responses(
        (status = 200, description = "The request as it is now.", body = Request),
    )
)]
pub(super) async fn step(
    State(app): State<App>,
    Part(request): Part<RequestId>,
    Body(body): Body<StepBody>,
) -> Result<Json<Request>, Problem> {
    let whose = if door::may(Permission::Work) { Whose::Anybodys } else { Whose::Own };
    let view = match RequestStep::parse(&body.step) {
        Some(RequestStep::Recalled) => app.store.recall(request, body.seen, door::actor(), whose).await?,
        Some(
            step @ (RequestStep::Pulled
            | RequestStep::NotFound
            | RequestStep::PutBack
            | RequestStep::Cancelled
            | RequestStep::NotFillable),
        ) => {
            // Who asked may take it back; the rest is told by whoever has the charts in hand.
            if step != RequestStep::Cancelled && whose == Whose::Own {
                let detail = "this step needs a token with the scope work";
                return Err(Problem::new(ProblemKind::Forbidden, detail));
            }
            let why = body.why.map(|why| text("why", why, false)).transpose()?;
            let wanted = PageStep { request, step, why, seen_steps: body.seen, actor: door::actor(), whose };
            app.store.step_request(wanted).await?
        }
        _ => {
            let error = FieldError::new(
                "step",
                "is one of pulled, not-found, put-back, recalled, cancelled, not-fillable",
            );
            return Err(Problem::of_fields(vec![error]));
        }
    };
    app.changes.announce(Change::FileRoom);
    // The answer is the whole request, and a second recall changes nothing that would be noted.
    super::seen(&app, Viewed::Chart, &format!("chart {}, request {request}", view.chart))?;
    Ok(Json(view.into()))
}

/// Shows a pull list.
#[utoipa::path(
    get, path = "/api/v1/pull-lists/{id}", tag = "requests",
    params(("id" = i64, Path, description = "Its number.")),
    responses(
        (status = 200, description = "The list.", body = PullList),
    )
)]
pub(super) async fn pull_list(
    State(app): State<App>,
    Part(list): Part<PullListId>,
    headers: HeaderMap,
) -> Result<Json<PullList>, Problem> {
    let page = app.store.pull_list(list).await?.ok_or_else(Problem::not_found)?;
    super::seen(&app, Viewed::List, &format!("pull list {list}"))?;
    let rows = super::veil(&app, &headers, page.rows).await?;
    let requests = rows.into_iter().map(|row| Request::from(row.request)).collect();
    let view = page.view;
    Ok(Json(PullList {
        id: view.id.0,
        label: view.label,
        to: view.to.code,
        day: view.day,
        ticked: view.ticked,
        rows: view.rows,
        requests,
    }))
}

fn text(field: &'static str, text: String, needed: bool) -> Result<String, Problem> {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    let text = text.trim();
    if text.chars().count() > TEXT_MAX || (needed && text.is_empty()) {
        let error = FieldError::new(field, "must be a text of at most 200 characters");
        return Err(Problem::of_fields(vec![error]));
    }
    Ok(text.to_owned())
}

async fn custodian(app: &App, code: &str) -> Result<CustodianId, Problem> {
    let found = app.store.custodian_coded(code.to_owned()).await?.map(|found| found.id);
    found.ok_or_else(|| {
        Problem::of_fields(vec![FieldError::new("to", "is no custodian; /api/v1/custodians lists them")])
    })
}

/// The chart that is meant, and its volume, if it is the only one that is.
async fn chart(app: &App, query: &str) -> Result<(ChartId, Option<VolumeId>), Problem> {
    let hits = app.store.locate(Meaning::new(app, query).locate()).await?;
    let message = match hits.as_slice() {
        [only] => return Ok((only.chart, Some(only.volume))),
        [hit, rest @ ..] if rest.iter().all(|other| other.chart == hit.chart) => {
            return Ok((hit.chart, None));
        }
        [] => "no chart has this label or number",
        _ => "several charts have this number; send a label",
    };
    Err(Problem::of_fields(vec![FieldError::new("query", message)]))
}

impl From<RequestView> for Request {
    fn from(view: RequestView) -> Request {
        Request {
            id: view.id.0,
            label: view.label,
            state: view.state.as_str(),
            steps: view.steps,
            volume: view.volume.0,
            volume_label: view.volume_label,
            mrn: view.mrn,
            to: view.to.code,
            at: view.at.code,
            requester: view.requester,
            channel: view.channel.as_str(),
            priority: view.priority.as_str(),
            needed_at: view.needed_at,
            asked_at: view.asked_at,
            pull_list: view.list.map(|list| list.0),
        }
    }
}
