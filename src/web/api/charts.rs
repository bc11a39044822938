//! Changes to charts and their folders: merges, new volumes, temporary charts, labels. The same rules as on the pages.

use super::extract::{Body, Part};
use crate::changes::Change;
use crate::store::{Concerned, NewLabel, VOLUMES_AT_ONCE};
use crate::tracking::{ChartId, CustodianId, MergeId, Mrn, VolumeId, WorkItemId};
use crate::web::App;
use crate::web::actor::Actor;
use crate::web::new_label::new_label;
use crate::web::problem::{FieldError, Problem};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which number is retired.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MergeRequest {
    /// The number that is retired, in any notation (HL7 MRG-1).
    #[schema(max_length = 32)]
    number: String,
}

/// What became of a folder.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CombineRequest {
    /// The folder of the retired number.
    volume: i64,
    /// The volume that has its sheets now; left out: it became the next volume of the surviving chart.
    into: Option<i64>,
}

/// On which folder a label is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OnVolumeRequest {
    /// The folder.
    volume: i64,
}

/// A new folder.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BeginRequest {
    /// The custodian who has it.
    at: i64,
    /// Its label from the preprinted stock, as scanned; left out: one of Outguide's own, to be printed.
    label: Option<String>,
}

/// Where new folders are, and their labels.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct BeginVolumesRequest {
    /// The custodian who has them.
    at: i64,
    /// The label of one from the preprinted stock, as scanned; left out: one of Outguide's own, to be printed.
    label: Option<String>,
    /// Labels of several, at most six, instead of `label`.
    #[schema(max_items = 6)]
    labels: Option<Vec<String>>,
}

/// The folders that were begun.
#[derive(Serialize, ToSchema)]
pub(super) struct BegunVolumes {
    /// The chart that they are part of.
    chart: i64,
    /// The first.
    volume: i64,
    /// All of them.
    volumes: Vec<i64>,
}

/// How a label is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WornRequest {
    /// It is worn.
    worn: bool,
}

/// A new label.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LabelRequest {
    /// The label from the preprinted stock, as scanned; left out: one of Outguide's own, to be printed.
    label: Option<String>,
}

/// The merge that was made.
#[derive(Serialize, ToSchema)]
pub(super) struct Merged {
    /// Which one; by it the merge of the number can be undone.
    merge: i64,
}

/// The folder that was begun.
#[derive(Serialize, ToSchema)]
pub(super) struct Begun {
    /// The chart that it is part of.
    chart: i64,
    /// Which one.
    volume: i64,
}

/// The folder's newest label.
#[derive(Serialize, ToSchema)]
pub(super) struct Labelled {
    /// Its key.
    label: String,
}

fn done(app: &App) -> StatusCode {
    app.changes.announce(Change::FileRoom);
    StatusCode::NO_CONTENT
}

fn label_of(app: &App, label: Option<&str>) -> Result<NewLabel, Problem> {
    new_label(&app.intake.settings().formats, label.unwrap_or_default())
        .map_err(|why| Problem::of_fields(vec![FieldError::new("label", why)]))
}

/// Merges another number of the patient into a chart's number, which survives (HL7 A40).
///
/// Both numbers find the surviving chart from then on; work items say which folders are to be combined.
#[utoipa::path(
    post, path = "/api/v1/charts/{id}/merge", tag = "charts", params(("id" = i64, Path, description = "The surviving chart.")),
    request_body = MergeRequest,
    responses(
        (status = 201, description = "Done.", body = Merged),
    )
)]
pub(super) async fn merge(
    State(app): State<App>,
    Part(chart): Part<ChartId>,
    Actor(actor): Actor,
    headers: HeaderMap,
    Body(request): Body<MergeRequest>,
) -> Result<(StatusCode, Json<Merged>), Problem> {
    let number = Mrn::parse(&request.number)
        .ok_or_else(|| Problem::of_fields(vec![FieldError::new("number", "is no record number")]))?;
    super::through(&app, vec![Concerned::Number(request.number)], &headers).await?;
    let merge = app.store.merge_number(chart, number, actor).await?;
    done(&app);
    Ok((StatusCode::CREATED, Json(Merged { merge: merge.0 })))
}

/// Takes a wrong merge back, unless sheets were put from one folder into another.
#[utoipa::path(
    post, path = "/api/v1/merges/{id}/undo", tag = "charts", params(("id" = i64, Path, description = "The merge.")),
    responses(
        (status = 204, description = "Done."),
    )
)]
pub(super) async fn undo_merge(
    State(app): State<App>,
    Part(merge): Part<MergeId>,
    Actor(actor): Actor,
) -> Result<StatusCode, Problem> {
    app.store.undo_merge(merge, actor).await?;
    Ok(done(&app))
}

/// Says what became of a folder that was to be combined.
#[utoipa::path(
    post, path = "/api/v1/work-items/{id}/combine", tag = "charts",
    params(("id" = i64, Path, description = "The work item.")), request_body = CombineRequest,
    responses(
        (status = 204, description = "Done."),
    )
)]
pub(super) async fn combine(
    State(app): State<App>,
    Part(item): Part<WorkItemId>,
    Actor(actor): Actor,
    Body(request): Body<CombineRequest>,
) -> Result<StatusCode, Problem> {
    let into = request.into.map(VolumeId);
    app.store.combine_folder(item, VolumeId(request.volume), into, actor).await?;
    Ok(done(&app))
}

/// Says on which folder the unknown label of a work item is; it finds that folder for ever.
#[utoipa::path(
    post, path = "/api/v1/work-items/{id}/label", tag = "charts",
    params(("id" = i64, Path, description = "The work item.")), request_body = OnVolumeRequest,
    responses(
        (status = 204, description = "Done."),
    )
)]
pub(super) async fn label_is_of(
    State(app): State<App>,
    Part(item): Part<WorkItemId>,
    Actor(actor): Actor,
    headers: HeaderMap,
    Body(request): Body<OnVolumeRequest>,
) -> Result<StatusCode, Problem> {
    let volume = VolumeId(request.volume);
    super::through(&app, vec![Concerned::Volume(volume)], &headers).await?;
    app.store.label_is_of(item, volume, actor).await?;
    Ok(done(&app))
}

/// Begins the next volume of a chart, or several: all of them, or none.
#[utoipa::path(
    post, path = "/api/v1/charts/{id}/volumes", tag = "charts", params(("id" = i64, Path, description = "The chart.")),
    request_body = BeginVolumesRequest,
    responses(
        (status = 201, description = "Begun.", body = BegunVolumes),
    )
)]
pub(super) async fn begin_volume(
    State(app): State<App>,
    Part(chart): Part<ChartId>,
    Actor(actor): Actor,
    Body(request): Body<BeginVolumesRequest>,
) -> Result<(StatusCode, Json<BegunVolumes>), Problem> {
    let labels = match (request.label, request.labels) {
        (label, None) => vec![label_of(&app, label.as_deref())?],
        (None, Some(labels)) if (1..=VOLUMES_AT_ONCE).contains(&labels.len()) => {
            labels.iter().map(|label| label_of(&app, Some(label))).collect::<Result<_, _>>()?
        }
        _ => {
            let why = format!("has 1 to {VOLUMES_AT_ONCE} labels, without `label` beside it");
            return Err(Problem::of_fields(vec![FieldError::new("labels", why)]));
        }
    };
    let volumes = app.store.begin_volumes(chart, CustodianId(request.at), labels, actor).await?;
    done(&app);
    let volumes: Vec<i64> = volumes.into_iter().map(|volume| volume.0).collect();
    let volume = volumes.first().copied().unwrap_or_default();
    Ok((StatusCode::CREATED, Json(BegunVolumes { chart: chart.0, volume, volumes })))
}

/// Makes a temporary chart for one that cannot be found.
#[utoipa::path(
    post, path = "/api/v1/charts/{id}/temporary", tag = "charts", params(("id" = i64, Path, description = "The chart.")),
    request_body = BeginRequest,
    responses(
        (status = 201, description = "Made.", body = Begun),
    )
)]
pub(super) async fn make_temporary(
    State(app): State<App>,
    Part(chart): Part<ChartId>,
    Actor(actor): Actor,
    Body(request): Body<BeginRequest>,
) -> Result<(StatusCode, Json<Begun>), Problem> {
    let label = label_of(&app, request.label.as_deref())?;
    let (chart, volume) = app.store.make_temporary(chart, CustodianId(request.at), label, actor).await?;
    done(&app);
    Ok((StatusCode::CREATED, Json(Begun { chart: chart.0, volume: volume.0 })))
}

/// Says that the sheets of a temporary chart were put into a volume of the real one.
#[utoipa::path(
    post, path = "/api/v1/charts/{id}/unite", tag = "charts",
    params(("id" = i64, Path, description = "The temporary chart.")), request_body = OnVolumeRequest,
    responses(
        (status = 204, description = "Done."),
    )
)]
pub(super) async fn unite(
    State(app): State<App>,
    Part(temporary): Part<ChartId>,
    Actor(actor): Actor,
    headers: HeaderMap,
    Body(request): Body<OnVolumeRequest>,
) -> Result<StatusCode, Problem> {
    let volume = VolumeId(request.volume);
    super::through(&app, vec![Concerned::Volume(volume)], &headers).await?;
    app.store.unite(temporary, volume, actor).await?;
    Ok(done(&app))
}

/// Says that a folder's label is worn, or is good again.
#[utoipa::path(
    post, path = "/api/v1/volumes/{id}/worn", tag = "charts", params(("id" = i64, Path, description = "The volume.")),
    request_body = WornRequest,
    responses(
        (status = 204, description = "Done."),
    )
)]
pub(super) async fn worn(
    State(app): State<App>,
    Part(volume): Part<VolumeId>,
    Actor(actor): Actor,
    Body(request): Body<WornRequest>,
) -> Result<StatusCode, Problem> {
    if request.worn {
        app.store.label_is_worn(volume, actor).await?;
    } else {
        app.store.label_is_good(volume, actor).await?;
    }
    Ok(done(&app))
}

/// Gives a folder another label; the old one finds it for ever.
#[utoipa::path(
    post, path = "/api/v1/volumes/{id}/labels", tag = "charts", params(("id" = i64, Path, description = "The volume.")),
    request_body = LabelRequest,
    responses(
        (status = 201, description = "Done.", body = Labelled),
    )
)]
pub(super) async fn replace_label(
    State(app): State<App>,
    Part(volume): Part<VolumeId>,
    Actor(actor): Actor,
    Body(request): Body<LabelRequest>,
) -> Result<(StatusCode, Json<Labelled>), Problem> {
    let label = label_of(&app, request.label.as_deref())?;
    let label = app.store.replace_label(volume, label, actor).await?;
    done(&app);
    Ok((StatusCode::CREATED, Json(Labelled { label })))
}
