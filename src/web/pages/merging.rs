//! Two numbers of one patient: looked at side by side before they are merged, and taken apart again if that was wrong.

use super::again::Wrong;
use super::change::{answered, done, found};
use super::correct::NO_NUMBER;
use super::extract::{Form, Path};
use super::filters;
use super::mark::Mark;
use super::{Frame, PageError, page, restricted, seen};
use crate::store::{ChartView, Locate, Viewed, VolumeView};
use crate::tracking::combining::Against;
use crate::tracking::{ChartId, MergeId, Mrn};
use crate::web::App;
use crate::web::actor::Actor;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "merge.html", config = "src/web/askama.toml")]
struct MergePage {
    frame: Frame,
    chart: ChartView,
    number: String,
    survives: Vec<Folder>,
    retired: Vec<Folder>,
    /// The chart to go to if it is the other number that survives.
    other: Option<ChartId>,
}

struct Folder {
    volume: VolumeView,
    place: Mark,
}

/// Which number is retired.
#[derive(Deserialize)]
pub(super) struct Asked {
    number: String,
    /// Both charts were looked at.
    confirmed: Option<String>,
}

/// Shows both charts, and merges them once that is confirmed.
pub(super) async fn merge(
    State(app): State<App>,
    Path(chart): Path<ChartId>,
    Actor(actor): Actor,
    Form(asked): Form<Asked>,
) -> Result<Response, PageError> {
    let Some(number) = Mrn::parse(&asked.number) else {
        let wrong = Wrong::Field("number", NO_NUMBER.to_owned());
        return answered(&app, chart, "merge", Err(wrong)).await;
    };
    if asked.confirmed.is_some() {
        let became = app.store.merge_number(chart, number, actor).await;
        let became = became.map(|_| format!("/charts/{chart}")).map_err(Wrong::from);
        return answered(&app, chart, "merge", became).await;
    }
    let (view, _) = found(&app, chart).await?;
    let hits = app.store.locate(Locate { label: None, mrn: Some(number.clone()) }).await?;
    let retired: Vec<_> = hits.into_iter().filter(|hit| hit.chart != chart).map(Folder::new).collect();
    for folder in &retired {
        let retired = folder.volume.chart;
        restricted::through(&app, retired, format!("/charts/{retired}")).await?;
    }
    seen(&app, Viewed::Chart, &format!("chart {chart}, to be merged"))?;
    for other in &retired {
        seen(&app, Viewed::Chart, &format!("chart {}, to be merged", other.volume.chart))?;
    }
    if retired.is_empty() {
        let wrong = Wrong::Against("number", refusal(&view, &number).to_string());
        return answered(&app, chart, "merge", Err(wrong)).await;
    }
    let merge = MergePage {
        frame: Frame::new(&app, &app.site(), "/"),
        survives: view.volumes.iter().cloned().map(Folder::new).collect(),
        other: retired
            .iter()
            .map(|folder| &folder.volume)
            .find(|volume| volume.record_type == view.record_type)
            .map(|volume| volume.chart),
        number: number.written().to_owned(),
        chart: view,
        retired,
    };
    Ok(page(&merge)?.into_response())
}

/// Why there is nothing to look at beside the chart.
fn refusal(chart: &ChartView, number: &Mrn) -> Against {
    let is_own = Mrn::parse(&chart.mrn).is_some_and(|own| own.key() == number.key());
    match is_own {
        true => Against::Itself,
        false
            if chart
                .volumes
                .iter()
                .any(|volume| Mrn::parse(&volume.mrn).is_some_and(|mrn| mrn.key() == number.key())) =>
        {
            Against::AlreadyMerged
        }
        false => Against::NoSuchNumber,
    }
}

/// Takes a wrong merge back.
pub(super) async fn undo(
    State(app): State<App>,
    Path((chart, merge)): Path<(ChartId, MergeId)>,
    Actor(actor): Actor,
) -> Result<Redirect, PageError> {
    app.store.undo_merge(merge, actor).await?;
    Ok(done(&app, &format!("/charts/{chart}")))
}

impl MergePage {
    /// The folders of the number that survives, and those of the one that does not.
    fn sides(&self) -> [(bool, &[Folder]); 2] {
        [(true, &self.survives), (false, &self.retired)]
    }
}

impl Folder {
    fn new(volume: VolumeView) -> Folder {
        Folder { place: Mark::whereabouts(&volume), volume }
    }
}
