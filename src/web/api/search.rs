//! Where is it? By label or patient's number, always in the body.

use super::extract::Body;
use crate::label::{Formats, LabelKind, Reading};
use crate::store::{Locate, Named, VolumeView};
use crate::tracking::Mrn;
use crate::web::App;
use crate::web::problem::{FieldError, Problem, ProblemBody};
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longest text that is searched for, in characters; labels and numbers are far shorter.
const QUERY_CHARS_MAX: usize = 256;

/// What is looked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchRequest {
    /// A label as scanned or typed, or a patient's number in any notation.
    #[schema(max_length = 256)]
    query: String,
}

/// What was found.
#[derive(Serialize, ToSchema)]
pub(super) struct SearchAnswer {
    /// What the text was looked up as, in this order; none if it can be neither.
    readings: Vec<ReadAs>,
    /// The volume of the label, or else those of the patient's charts; at most 50.
    volumes: Vec<Volume>,
}

/// What a search text was taken for.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum ReadAs {
    Label,
    Mrn,
}

/// A volume and where it is.
#[derive(Serialize, ToSchema)]
struct Volume {
    /// Which one.
    id: i64,
    /// The chart that it is part of.
    chart: i64,
    /// Its newest label.
    label: String,
    /// The patient's number as the site writes it.
    mrn: String,
    /// 1 for the first volume of the chart.
    number: u32,
    /// medical, dental, …
    record_type: String,
    /// Where it belongs.
    home: Custodian,
    /// Who has it.
    at: Custodian,
    /// Since when; null if it never moved.
    #[schema(value_type = Option<String>, format = DateTime)]
    since: Option<jiff::Timestamp>,
    /// The station of its last movement.
    station: Option<String>,
    /// It is where it belongs.
    is_home: bool,
    /// It was sent there and has not been scanned there.
    in_transit: bool,
    /// When it should be back.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_at: Option<jiff::Timestamp>,
    /// Since when it is missing.
    #[schema(value_type = Option<String>, format = DateTime)]
    missing_since: Option<jiff::Timestamp>,
    /// How sure it is: `sure`, `likely`, `doubtful` or `missing`.
    confidence: &'static str,
    /// Why.
    confidence_why: String,
}

/// A place or holder.
#[derive(Serialize, ToSchema)]
pub(super) struct Custodian {
    /// Which one.
    id: i64,
    /// Its code.
    code: String,
    /// What people call it.
    name: String,
    /// How to reach it.
    phone: Option<String>,
}

/// Finds volumes by a label or a patient's number.
#[utoipa::path(
    post, path = "/api/v1/charts/search", tag = "charts", request_body = SearchRequest,
    responses(
        (status = 200, description = "What was found, which may be nothing.", body = SearchAnswer),
        (status = "default", description = "A problem.", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn search(
    State(app): State<App>,
    Body(request): Body<SearchRequest>,
) -> Result<Json<SearchAnswer>, Problem> {
    let wanted = read(&app.intake.settings().formats, &request.query)?;
    let tried = [wanted.label.as_ref().map(|_| ReadAs::Label), wanted.mrn.as_ref().map(|_| ReadAs::Mrn)];
    let found = app.store.locate(wanted).await?;
    let volumes = found.into_iter().map(|view| Volume::new(&app, view)).collect();
    Ok(Json(SearchAnswer { readings: tried.into_iter().flatten().collect(), volumes }))
}

/// Reads a search text in every way that it can be meant.
fn read(formats: &Formats, query: &str) -> Result<Locate, Problem> {
    let text = query.trim();
    if text.is_empty() || text.chars().count() > QUERY_CHARS_MAX {
        let message = format!("must have 1 to {QUERY_CHARS_MAX} characters");
        return Err(Problem::of_fields(vec![FieldError::new("query", message)]));
    }
    let label = match formats.read(text.as_bytes()).reading {
        Reading::Label(label) if label.kind == LabelKind::Volume => Some(label.key),
        Reading::Label(_) | Reading::Foreign(_) | Reading::Damaged(_) | Reading::Unknown => None,
    };
    Ok(Locate { label, mrn: Mrn::parse(text) })
}

impl Volume {
    fn new(app: &App, view: VolumeView) -> Volume {
        let (confidence, why) = app.confidence(&view);
        Volume {
            in_transit: view.in_transit,
            due_at: view.due,
            missing_since: view.missing_since,
            confidence: confidence.as_str(),
            confidence_why: why,
            is_home: view.is_home(),
            id: view.volume.0,
            chart: view.chart.0,
            label: view.label,
            mrn: view.mrn,
            number: view.number,
            record_type: view.record_type,
            home: view.home.into(),
            at: view.at.into(),
            since: view.since,
            station: view.station,
        }
    }
}

impl From<Named> for Custodian {
    fn from(named: Named) -> Custodian {
        Custodian { id: named.id.0, code: named.code, name: named.name, phone: named.phone }
    }
}
