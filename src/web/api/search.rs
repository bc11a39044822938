//! Where is it? By label, number, name, date of birth, in any order in one text, always in the body.

use super::extract::Body;
use crate::store::{FoundBy, Hit, Named, Viewed, VolumeView};
use crate::tracking::search::{Asked, TEXT_CHARS_MAX};
use crate::web::App;
use crate::web::meant::Meaning;
use crate::web::pages::found_charts;
use crate::web::problem::{FieldError, Problem};
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is looked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SearchRequest {
    /// A label as scanned or typed; or a patient's number in any notation, name (also with slips, initials, or its
    /// beginning alone) and date of birth, or some of these, in any order.
    #[schema(max_length = 256)]
    query: String,
}

/// What was found.
#[derive(Serialize, ToSchema)]
pub(super) struct SearchAnswer {
    /// What the text was looked up as, in this order; none if it can be neither.
    readings: Vec<ReadAs>,
    /// The volume of the label, or else those of the number's charts, or else of the patients who are meant, best first;
    /// of at most 20 charts.
    volumes: Vec<Volume>,
    /// Charts that were found and are restricted, of which only a folder is told: ask again with the header
    /// `x-outguide-reason` for the rest.
    restricted: Vec<RestrictedChart>,
    /// There are more charts than that: say more of the patient.
    more: bool,
}

/// A chart that is opened with a reason only.
#[derive(Serialize, ToSchema)]
struct RestrictedChart {
    /// Which one.
    chart: i64,
    /// Key of the label of its first folder.
    label: String,
}

/// What a search text was taken for.
#[derive(Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum ReadAs {
    Label,
    Mrn,
    Name,
    Born,
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
    /// Whose it is; null if nobody is on file.
    patient: Option<Patient>,
    /// Somebody must look whether it is the right patient.
    is_nearly: bool,
    /// In what the patient differs from what was asked, in words; empty if in nothing.
    differs: String,
}

/// A patient, as far as a mix-up needs to be seen.
#[derive(Clone, Serialize, ToSchema)]
struct Patient {
    /// As the lists write it.
    name: Option<String>,
    /// Date of birth.
    #[schema(value_type = Option<String>, format = Date)]
    born: Option<jiff::civil::Date>,
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

/// Finds volumes by a label, a number, a name, a date of birth, or some of these.
#[utoipa::path(
    post, path = "/api/v1/charts/search", tag = "charts", request_body = SearchRequest,
    params(("x-outguide-reason" = Option<String>, Header, description = "Why, to see restricted charts too; the privacy office reads it.")),
    responses(
        (status = 200, description = "What was found, which may be nothing.", body = SearchAnswer),
    )
)]
pub(super) async fn search(
    State(app): State<App>,
    headers: HeaderMap,
    Body(request): Body<SearchRequest>,
) -> Result<Json<SearchAnswer>, Problem> {
    let text = request.query.trim();
    if text.is_empty() || text.chars().count() > TEXT_CHARS_MAX {
        let message = format!("must have 1 to {TEXT_CHARS_MAX} characters");
        return Err(Problem::of_fields(vec![FieldError::new("query", message)]));
    }
    let today = app.clock.now().to_zoned(app.site().time_zone.clone()).date();
    let asked = Asked::read(text, today);
    let label = Meaning::new(&app, text).label();
    let readings = readings(label.is_some(), &asked);
    let mut found = app.store.find(label, asked).await?;
    super::seen(&app, Viewed::Search, &found_charts(&found))?;
    let mut restricted = Vec::new();
    found.hits = super::veil(&app, &headers, found.hits).await?;
    let closed = found.hits.extract_if(.., |hit| hit.is_closed);
    restricted.extend(closed.filter_map(|hit| {
        Some(RestrictedChart { chart: hit.chart.0, label: hit.volumes.first()?.label.clone() })
    }));
    let is_meant = |volume: &Volume| match found.by {
        Some(FoundBy::Label(labelled)) => volume.id == labelled.0,
        Some(FoundBy::Number | FoundBy::Patient) | None => true,
    };
    let volumes = found.hits.into_iter().flat_map(|hit| volumes(&app, hit)).filter(is_meant).collect();
    Ok(Json(SearchAnswer { readings, volumes, restricted, more: found.more }))
}

fn readings(is_label: bool, asked: &Asked) -> Vec<ReadAs> {
    let all = [
        (ReadAs::Label, is_label),
        (ReadAs::Mrn, !asked.numbers.is_empty()),
        (ReadAs::Name, !asked.forms().is_empty()),
        (ReadAs::Born, !asked.born.is_empty()),
    ];
    all.into_iter().filter_map(|(reading, is_so)| is_so.then_some(reading)).collect()
}

fn volumes(app: &App, hit: Hit) -> Vec<Volume> {
    let Hit { name, born, why, is_nearly, volumes, .. } = hit;
    let patient = (name.is_some() || born.is_some()).then_some(Patient { name, born });
    let volume =
        |view| Volume { patient: patient.clone(), is_nearly, differs: why.clone(), ..Volume::new(app, view) };
    volumes.into_iter().map(volume).collect()
}

impl Volume {
    fn new(app: &App, view: VolumeView) -> Volume {
        let (confidence, why) = app.confidence(&view);
        Volume {
            patient: None,
            is_nearly: false,
            differs: String::new(),
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
