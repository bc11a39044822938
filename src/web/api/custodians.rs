//! Places and holders: who holds how much, and how each is set up.

use super::extract::{Asked, Body, Part};
use super::paging::{After, part};
use super::search::Custodian;
use crate::changes::Change;
use crate::store::{CustodianForm, CustodianView};
use crate::tracking::{CustodianId, Hours};
use crate::web::App;
use crate::web::actor::Actor;
use crate::web::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// All custodians.
#[derive(Serialize, ToSchema)]
pub(super) struct CustodiansAnswer {
    /// By name, at most 100.
    custodians: Vec<CustodianCounts>,
    /// Give this as `after` to go on; null if these are the last.
    next: Option<i64>,
}

/// A custodian with what it holds.
#[derive(Serialize, ToSchema)]
struct CustodianCounts {
    #[serde(flatten)]
    custodian: Custodian,
    /// file-area, clinic, …
    kind: String,
    /// The custodian that it is part of.
    parent: Option<String>,
    /// Volumes of others that are here.
    visiting: u64,
    /// Volumes that belong here and are here.
    at_home: u64,
    /// Volumes that belong here and are elsewhere.
    away: u64,
}

/// A custodian as it is set up; empty: none.
#[derive(Serialize, ToSchema)]
pub(super) struct CustodianAnswer {
    /// Which one.
    id: i64,
    /// What configuration, lists and labels call it; never changes.
    code: String,
    #[serde(flatten)]
    setup: Setup,
    /// It takes no charts any more.
    closed: bool,
    /// What is part of it.
    parts: Vec<i64>,
}

#[derive(Serialize, ToSchema)]
struct Setup {
    /// What people call it.
    name: String,
    /// file-area, clinic, …
    kind: String,
    /// Code of the custodian that it is part of.
    parent: String,
    /// How to reach it.
    phone: String,
    /// Where notices go.
    mail: String,
    /// In which room it is found.
    room: String,
    /// When what it has is due back: `3wd`, `10d`, `4h`, `same-day`, `until-discharge+1wd`, `none`.
    due: String,
    /// Order of its shelves.
    filing: String,
    /// When it is open, if not when the file room is.
    hours: Option<OpeningHours>,
}

/// When a place is open.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OpeningHours {
    /// `mon-fri`, or `mon tue thu`.
    working_days: String,
    /// Local time.
    #[schema(example = "08:00")]
    opens: String,
    /// Local time.
    #[schema(example = "17:00")]
    closes: String,
    /// Days on which it is closed.
    #[serde(default)]
    holidays: Vec<String>,
}

/// What a custodian is to be. What is left out stays as it is; empty takes it away.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CustodianRequest {
    /// What lists and labels call it; for a new one only.
    #[schema(max_length = 32)]
    code: Option<String>,
    /// What people call it.
    #[schema(max_length = 120)]
    name: Option<String>,
    /// site, file-area, shelf, sorting, clinic, ward, person, patient, box, institution, other.
    kind: Option<String>,
    /// Code of the custodian that it is part of.
    parent: Option<String>,
    /// How to reach it.
    phone: Option<String>,
    /// Where notices go.
    mail: Option<String>,
    /// In which room it is found.
    room: Option<String>,
    /// When what it has is due back.
    due: Option<String>,
    /// Order of its shelves.
    filing: Option<String>,
    /// When it is open, if not when the file room is.
    hours: Option<OpeningHours>,
}

/// What was made.
#[derive(Serialize, ToSchema)]
pub(super) struct Made {
    /// Which one.
    id: i64,
}

impl Made {
    pub(super) fn new(id: i64) -> Json<Made> {
        Json(Made { id })
    }
}

/// Lists custodians with what they hold, by name, part by part.
#[utoipa::path(
    get, path = "/api/v1/custodians", tag = "custodians", params(After),
    responses(
        (status = 200, description = "Custodians.", body = CustodiansAnswer),
    )
)]
pub(super) async fn list(
    State(app): State<App>,
    Asked(After { after }): Asked<After>,
) -> Result<Json<CustodiansAnswer>, Problem> {
    let (rows, next) = part(app.store.custodians().await?, after, |view| view.custodian.id.0);
    Ok(Json(CustodiansAnswer { custodians: rows.into_iter().map(CustodianCounts::from).collect(), next }))
}

/// Tells how a custodian is set up.
#[utoipa::path(
    get, path = "/api/v1/custodians/{id}", tag = "custodians", params(("id" = i64, Path, description = "The custodian.")),
    responses(
        (status = 200, description = "The custodian.", body = CustodianAnswer),
    )
)]
pub(super) async fn show(
    State(app): State<App>,
    Part(id): Part<CustodianId>,
) -> Result<Json<CustodianAnswer>, Problem> {
    let form = app.store.custodian_form(id).await?.ok_or_else(Problem::not_found)?;
    let parts = app.store.parts(id).await?.into_iter().map(|part| part.custodian.id.0).collect();
    Ok(Json(CustodianAnswer::new(id, form, parts)))
}

/// Adds a custodian, with a label of Outguide's own.
#[utoipa::path(
    post, path = "/api/v1/custodians", tag = "custodians", request_body = CustodianRequest,
    responses(
        (status = 201, description = "Added.", body = Made),
    )
)]
pub(super) async fn add(
    State(app): State<App>,
    Actor(actor): Actor,
    Body(request): Body<CustodianRequest>,
) -> Result<(StatusCode, Json<Made>), Problem> {
    let new = CustodianForm { kind: "other".into(), filing: "td-2-2".into(), ..CustodianForm::default() };
    let code = request.code.clone().unwrap_or_default();
    let id = app.store.add_custodian(CustodianForm { code, ..request.over(new) }, actor).await?;
    done(&app);
    Ok((StatusCode::CREATED, Made::new(id.0)))
}

/// Changes what is said of a custodian; what is left out stays as it is.
#[utoipa::path(
    post, path = "/api/v1/custodians/{id}", tag = "custodians", params(("id" = i64, Path, description = "The custodian.")),
    request_body = CustodianRequest,
    responses(
        (status = 204, description = "Changed."),
    )
)]
pub(super) async fn change(
    State(app): State<App>,
    Part(id): Part<CustodianId>,
    Actor(actor): Actor,
    Body(request): Body<CustodianRequest>,
) -> Result<StatusCode, Problem> {
    let before = app.store.custodian_form(id).await?.ok_or_else(Problem::not_found)?;
    app.store.change_custodian(id, request.over(before), actor).await?;
    Ok(done(&app))
}

/// Closes a custodian: it takes no charts any more; what is there stays on record there.
#[utoipa::path(
    post, path = "/api/v1/custodians/{id}/close", tag = "custodians",
    params(("id" = i64, Path, description = "The custodian.")),
    responses(
        (status = 204, description = "Closed."),
    )
)]
pub(super) async fn close(
    State(app): State<App>,
    Part(id): Part<CustodianId>,
    Actor(actor): Actor,
) -> Result<StatusCode, Problem> {
    app.store.set_custodian_closed(id, true, actor).await?;
    Ok(done(&app))
}

/// To whom requests go.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReassignRequest {
    /// Id of the custodian.
    to: i64,
}

/// What was reassigned.
#[derive(Serialize, ToSchema)]
pub(super) struct Reassigned {
    /// How many.
    done: u64,
    /// How many are left for the next time: at most 500 are done at once.
    left: u64,
}

/// Has the open requests for charts that go to a custodian go to another: for one that closes.
#[utoipa::path(
    post, path = "/api/v1/custodians/{id}/reassign-requests", tag = "custodians",
    params(("id" = i64, Path, description = "The custodian.")), request_body = ReassignRequest,
    responses(
        (status = 200, description = "Done.", body = Reassigned),
    )
)]
pub(super) async fn reassign_requests(
    State(app): State<App>,
    Part(id): Part<CustodianId>,
    Actor(actor): Actor,
    Body(request): Body<ReassignRequest>,
) -> Result<Json<Reassigned>, Problem> {
    let reassigned = app.store.reassign_requests(id, CustodianId(request.to), actor).await?;
    app.changes.announce(Change::FileRoom);
    Ok(Json(Reassigned { done: reassigned.done, left: reassigned.left }))
}

/// Opens a custodian again that was closed.
#[utoipa::path(
    post, path = "/api/v1/custodians/{id}/open", tag = "custodians",
    params(("id" = i64, Path, description = "The custodian.")),
    responses(
        (status = 204, description = "Open."),
    )
)]
pub(super) async fn open(
    State(app): State<App>,
    Part(id): Part<CustodianId>,
    Actor(actor): Actor,
) -> Result<StatusCode, Problem> {
    app.store.set_custodian_closed(id, false, actor).await?;
    Ok(done(&app))
}

/// Names stand on the stations' pages, too.
pub(super) fn done(app: &App) -> StatusCode {
    app.changes.announce(Change::FileRoom);
    app.changes.announce(Change::Configuration);
    StatusCode::NO_CONTENT
}

impl CustodianRequest {
    /// What is said, over what was.
    fn over(self, before: CustodianForm) -> CustodianForm {
        let said = |text: Option<String>, before| text.map_or(before, |text| text.trim().to_owned());
        let hours = self.hours.map_or(before.hours, |hours| Hours {
            working_days: hours.working_days,
            opens: hours.opens,
            closes: hours.closes,
            holidays: hours.holidays.join(" "),
        });
        CustodianForm {
            name: said(self.name, before.name),
            kind: said(self.kind, before.kind),
            parent: said(self.parent, before.parent),
            phone: said(self.phone, before.phone),
            mail: said(self.mail, before.mail),
            room: said(self.room, before.room),
            due: said(self.due, before.due),
            filing: said(self.filing, before.filing),
            hours,
            ..before
        }
    }
}

impl CustodianAnswer {
    fn new(id: CustodianId, form: CustodianForm, parts: Vec<i64>) -> CustodianAnswer {
        let hours = (!form.hours.is_empty()).then(|| OpeningHours {
            working_days: form.hours.working_days,
            opens: form.hours.opens,
            closes: form.hours.closes,
            holidays: form.hours.holidays.split_whitespace().map(str::to_owned).collect(),
        });
        CustodianAnswer {
            id: id.0,
            code: form.code,
            setup: Setup {
                name: form.name,
                kind: form.kind,
                parent: form.parent,
                phone: form.phone,
                mail: form.mail,
                room: form.room,
                due: form.due,
                filing: form.filing,
                hours,
            },
            closed: form.is_closed,
            parts,
        }
    }
}

impl From<CustodianView> for CustodianCounts {
    fn from(view: CustodianView) -> CustodianCounts {
        CustodianCounts {
            custodian: view.custodian.into(),
            kind: view.kind,
            parent: view.parent,
            visiting: view.visiting,
            at_home: view.at_home,
            away: view.away,
        }
    }
}
