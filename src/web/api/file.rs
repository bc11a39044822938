//! What is put on file and put right by programs: charts, patients, homes, use, kinds of records. The same rules as on the
//! pages.

use super::extract::{Body, Part};
use crate::changes::Change;
use crate::store::{Namesakes, NewChart, RecordTypeForm, RecordTypeView};
use crate::tracking::{ChartId, CustodianId, Life, Mrn, VolumeId};
use crate::web::App;
use crate::web::actor::Actor;
use crate::web::new_label::new_label;
use crate::web::problem::{FieldError, Problem, ProblemKind};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longest name, in characters.
const TEXT_CHARS_MAX: usize = 120;

/// A chart with its first folder.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChartRequest {
    /// The patient's number.
    #[schema(max_length = 32)]
    mrn: String,
    /// Who gave the number; left out: this site.
    #[schema(max_length = 120)]
    assigner: Option<String>,
    /// The patient's name: surname, given names.
    #[schema(max_length = 120)]
    name: Option<String>,
    /// The patient's date of birth.
    #[schema(value_type = Option<String>, format = Date)]
    born: Option<Date>,
    /// One of `/api/v1/record-types`; left out: medical.
    record_type: Option<String>,
    /// The custodian where it belongs; left out: the home of its kind of record.
    home: Option<i64>,
    /// The custodian who has it now; left out: it is at home.
    at: Option<i64>,
    /// Its label from the preprinted stock, as scanned; left out: one of Outguide's own, to be printed.
    label: Option<String>,
    /// It is another patient than those of the same name and date of birth.
    #[serde(default)]
    other_patient: bool,
}

/// The chart that was put on file.
#[derive(Serialize, ToSchema)]
pub(super) struct OnFile {
    /// Which one.
    chart: i64,
    /// Its first folder.
    volume: i64,
}

/// A patient's name and date of birth, as they are right; left out: not known.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PatientRequest {
    /// Surname, given names.
    #[schema(max_length = 120)]
    name: Option<String>,
    /// Date of birth.
    #[schema(value_type = Option<String>, format = Date)]
    born: Option<Date>,
}

/// The right number.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NumberRequest {
    /// In any notation.
    #[schema(max_length = 32)]
    number: String,
}

/// Where the patient is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct StayRequest {
    /// In a ward: nothing is due back.
    inpatient: bool,
}

/// Where a folder belongs.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HomeRequest {
    /// The custodian.
    home: i64,
    /// All folders of the chart that belong where it did.
    #[serde(default)]
    whole_chart: bool,
}

/// What becomes of a folder.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LifeRequest {
    /// active, retired, destroyed.
    state: String,
    /// Why.
    #[schema(max_length = 120)]
    why: String,
}

/// The kinds of records.
#[derive(Serialize, ToSchema)]
pub(super) struct RecordTypesAnswer {
    /// By name.
    record_types: Vec<RecordType>,
}

/// A kind of record.
#[derive(Serialize, ToSchema)]
struct RecordType {
    /// As charts and lists call it.
    name: String,
    /// What people call it.
    title: String,
    /// The custodian where a new one belongs.
    home: Option<i64>,
    /// When it is due back from holders without a rule of their own; empty: as the file room says.
    due: String,
    /// Codes of the places that want it for appointments.
    wanted_by: Vec<String>,
}

/// A kind of record as it is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RecordTypeRequest {
    /// As charts and lists call it.
    #[schema(max_length = 32)]
    name: String,
    /// What people call it; left out: the same.
    title: Option<String>,
    /// The custodian where a new one belongs.
    home: Option<i64>,
    /// When it is due back.
    due: Option<String>,
}

fn done(app: &App) -> StatusCode {
    app.changes.announce(Change::FileRoom);
    StatusCode::NO_CONTENT
}

fn wrong(field: &'static str, why: &'static str) -> Problem {
    Problem::of_fields(vec![FieldError::new(field, why)])
}

fn plain(field: &'static str, text: Option<String>) -> Result<Option<String>, Problem> {
    let text = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let is_odd = |text: &String| text.chars().count() > TEXT_CHARS_MAX || text.contains(char::is_control);
    match text {
        Some(text) if is_odd(&text) => Err(wrong(field, "is longer than 120 characters or has odd ones")),
        text => Ok(text),
    }
}

fn past(app: &App, born: Option<Date>) -> Result<Option<Date>, Problem> {
    let today = app.clock.now().to_zoned(app.site().time_zone.clone()).date();
    if born.is_some_and(|born| born > today) { Err(wrong("born", "is still to come")) } else { Ok(born) }
}

/// Puts a chart on file with its first folder, and its patient if the number is new.
///
/// Refused if the number has a chart of this kind, if the number is that of a patient of another name or date of birth, or,
/// without `other_patient`, if somebody of this name and date of birth is on file under another number.
#[utoipa::path(
    post, path = "/api/v1/charts", tag = "charts", request_body = ChartRequest,
    responses(
        (status = 201, description = "On file.", body = OnFile),
    )
)]
pub(super) async fn add(
    State(app): State<App>,
    Actor(actor): Actor,
    Body(request): Body<ChartRequest>,
) -> Result<(StatusCode, Json<OnFile>), Problem> {
    let is_other = request.other_patient;
    let new = read(&app, request).await?;
    if let (false, Some((name, born))) = (is_other, new.name.clone().zip(new.born)) {
        let namesakes = app.store.namesakes(name, born, new.mrn.clone(), new.assigner.clone()).await?;
        if namesakes != Namesakes::default() {
            let charts: Vec<_> = namesakes.charts.iter().map(ToString::to_string).collect();
            super::seen(
                &app,
                crate::store::Viewed::Search,
                &format!("namesakes: chart {}", charts.join(" ")),
            )?;
            let detail = format!(
                "somebody of this name and date of birth is on file under another number (charts {}); send other_patient if \
                 it is another patient",
                charts.join(", ")
            );
            return Err(Problem::new(ProblemKind::Refused, detail));
        }
    }
    let (chart, volume) = app.store.add_chart(new, actor).await?;
    done(&app);
    Ok((StatusCode::CREATED, Json(OnFile { chart: chart.0, volume: volume.0 })))
}

async fn read(app: &App, request: ChartRequest) -> Result<NewChart, Problem> {
    let mrn = Mrn::parse(&request.mrn).ok_or_else(|| wrong("mrn", "is no record number"))?;
    let record_type = request.record_type.unwrap_or_else(|| "medical".to_owned());
    let home = match request.home {
        Some(home) => CustodianId(home),
        None => {
            let kinds = app.store.record_types().await?;
            let kind = kinds.into_iter().find(|kind| kind.name == record_type);
            kind.and_then(|kind| kind.home)
                .map(|home| home.id)
                .ok_or_else(|| wrong("home", "is missing, and the kind of record has none"))?
        }
    };
    let label = new_label(&app.intake.settings().formats, request.label.as_deref().unwrap_or_default());
    Ok(NewChart {
        mrn,
        assigner: plain("assigner", request.assigner)?.unwrap_or_default(),
        name: plain("name", request.name)?,
        born: past(app, request.born)?,
        record_type,
        home,
        at: request.at.map_or(home, CustodianId),
        label: label.map_err(|why| wrong("label", why))?,
    })
}

/// Puts name and date of birth of a chart's patient right; what they were is kept.
#[utoipa::path(
    post, path = "/api/v1/charts/{id}/patient", tag = "charts", params(("id" = i64, Path, description = "The chart.")),
    request_body = PatientRequest,
    responses(
        (status = 204, description = "Done."),
    )
)]
pub(super) async fn patient(
    State(app): State<App>,
    Part(chart): Part<ChartId>,
    Actor(actor): Actor,
    Body(request): Body<PatientRequest>,
) -> Result<StatusCode, Problem> {
    let (name, born) = (plain("name", request.name)?, past(&app, request.born)?);
    app.store.correct_patient(chart, name, born, actor).await?;
    Ok(done(&app))
}

/// Puts the number of a chart right that was typed wrong; the wrong one finds it for ever.
#[utoipa::path(
    post, path = "/api/v1/charts/{id}/number", tag = "charts", params(("id" = i64, Path, description = "The chart.")),
    request_body = NumberRequest,
    responses(
        (status = 204, description = "Done."),
    )
)]
pub(super) async fn number(
    State(app): State<App>,
    Part(chart): Part<ChartId>,
    Actor(actor): Actor,
    Body(request): Body<NumberRequest>,
) -> Result<StatusCode, Problem> {
    let number = Mrn::parse(&request.number).ok_or_else(|| wrong("number", "is no record number"))?;
    app.store.correct_number(chart, number, actor).await?;
    Ok(done(&app))
}

/// Says that a chart's patient was admitted to a ward, or discharged: meanwhile nothing is due back.
#[utoipa::path(
    post, path = "/api/v1/charts/{id}/stay", tag = "charts", params(("id" = i64, Path, description = "The chart.")),
    request_body = StayRequest,
    responses(
        (status = 204, description = "Done."),
    )
)]
pub(super) async fn stay(
    State(app): State<App>,
    Part(chart): Part<ChartId>,
    Actor(actor): Actor,
    Body(request): Body<StayRequest>,
) -> Result<StatusCode, Problem> {
    app.store.set_inpatient(chart, request.inpatient, actor).await?;
    Ok(done(&app))
}

/// Makes a folder belong elsewhere; it is where it was until it is scanned elsewhere.
#[utoipa::path(
    post, path = "/api/v1/volumes/{id}/home", tag = "charts", params(("id" = i64, Path, description = "The volume.")),
    request_body = HomeRequest,
    responses(
        (status = 204, description = "Done."),
    )
)]
pub(super) async fn home(
    State(app): State<App>,
    Part(volume): Part<VolumeId>,
    Actor(actor): Actor,
    Body(request): Body<HomeRequest>,
) -> Result<StatusCode, Problem> {
    app.store.set_home(volume, CustodianId(request.home), request.whole_chart, actor).await?;
    Ok(done(&app))
}

/// Retires a folder, takes it into use again, or says that it was destroyed.
#[utoipa::path(
    post, path = "/api/v1/volumes/{id}/state", tag = "charts", params(("id" = i64, Path, description = "The volume.")),
    request_body = LifeRequest,
    responses(
        (status = 204, description = "Done."),
    )
)]
pub(super) async fn state(
    State(app): State<App>,
    Part(volume): Part<VolumeId>,
    Actor(actor): Actor,
    Body(request): Body<LifeRequest>,
) -> Result<StatusCode, Problem> {
    let life = Life::parse(&request.state)
        .ok_or_else(|| wrong("state", "is none; write active, retired or destroyed"))?;
    let why = plain("why", Some(request.why))?.unwrap_or_default();
    app.store.set_life(volume, life, why, actor).await?;
    Ok(done(&app))
}

/// Lists the kinds of records that are kept here.
#[utoipa::path(
    get, path = "/api/v1/record-types", tag = "record-types",
    responses(
        (status = 200, description = "All kinds.", body = RecordTypesAnswer),
    )
)]
pub(super) async fn record_types(State(app): State<App>) -> Result<Json<RecordTypesAnswer>, Problem> {
    let record_types = app.store.record_types().await?.into_iter().map(RecordType::from).collect();
    Ok(Json(RecordTypesAnswer { record_types }))
}

/// Adds a kind of record, or changes everything of it but its name.
#[utoipa::path(
    post, path = "/api/v1/record-types", tag = "record-types", request_body = RecordTypeRequest,
    responses(
        (status = 204, description = "Done."),
    )
)]
pub(super) async fn set_record_type(
    State(app): State<App>,
    Actor(actor): Actor,
    Body(request): Body<RecordTypeRequest>,
) -> Result<StatusCode, Problem> {
    let form = RecordTypeForm {
        name: request.name,
        title: request.title.unwrap_or_default(),
        home: request.home.map(CustodianId),
        due: request.due.unwrap_or_default(),
    };
    app.store.set_record_type(form, actor).await?;
    Ok(done(&app))
}

impl From<RecordTypeView> for RecordType {
    fn from(view: RecordTypeView) -> RecordType {
        let RecordTypeView { name, title, home, due, wanted_by, .. } = view;
        RecordType { name, title, home: home.map(|home| home.id.0), due, wanted_by }
    }
}
