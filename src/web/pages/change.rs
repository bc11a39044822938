//! What can be changed about a chart: a page of forms apart from the one that says where it is, which changes by itself
//! while somebody types.

use super::again::{Again, Wrong};
use super::extract::{Form, Path};
use super::filters;
use super::pick::{Picker, Picks};
use super::times::{Times, When};
use super::{Frame, Page, PageError, page, seen};
use crate::changes::Change;
use crate::store::{
    ChartAffairs, ChartName, ChartView, MergeView, NewLabel, PatientChange, VOLUMES_AT_ONCE, Viewed,
    VolumeView,
};
use crate::tracking::{ChartId, CustodianId, VolumeId};
use crate::web::App;
use crate::web::actor::Actor;
use crate::web::new_label::new_label;
use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

#[derive(Template)]
#[template(path = "change.html", config = "src/web/askama.toml")]
struct ChangePage {
    frame: Frame,
    /// A form of this page that is refused.
    again: Option<Again>,
    chart: ChartView,
    affairs: ChartAffairs,
    volumes: Vec<Labelled>,
    merges: Vec<(MergeView, When)>,
    picks: Picks,
    /// Folders that are out of use, and what they are.
    ended: Vec<(VolumeView, String)>,
    /// Since when the patient is in a ward.
    inpatient: Option<When>,
    /// What the patient was called before.
    before: Vec<(PatientChange, When)>,
}

/// A folder in use, with the state of its label.
struct Labelled {
    volume: VolumeView,
    is_worn: bool,
}

/// The forms for a chart.
pub(super) async fn show(State(app): State<App>, Path(chart): Path<ChartId>) -> Page {
    forms(&app, chart, None).await
}

/// What became of a form of this page: on to an address, or here again with what was typed.
pub(super) async fn answered(
    app: &App,
    chart: ChartId,
    form: &str,
    became: Result<String, Wrong>,
) -> Result<Response, PageError> {
    match became {
        Ok(address) => Ok(done(app, &address).into_response()),
        Err(wrong) => {
            let (status, again) = Again::new(form, wrong)?;
            Ok((status, forms(app, chart, Some(again)).await?).into_response())
        }
    }
}

/// The same for a form about a folder.
pub(super) async fn answered_of(
    app: &App,
    volume: VolumeId,
    form: &str,
    became: Result<String, Wrong>,
) -> Result<Response, PageError> {
    let view = app.store.volume(volume).await?.ok_or(PageError::NotFound("volume"))?;
    answered(app, view.chart, &format!("{form}-{volume}"), became).await
}

async fn forms(app: &App, chart: ChartId, again: Option<Again>) -> Page {
    let (chart, affairs) = found(app, chart).await?;
    seen(app, Viewed::Chart, &format!("chart {}, changes", chart.chart))?;
    let site = app.site();
    let times = Times::new(app, &site);
    let labelled = |volume: &VolumeView| Labelled {
        is_worn: affairs.worn.iter().any(|(worn, _)| *worn == volume.volume),
        volume: volume.clone(),
    };
    let in_use = |volume: &&VolumeView| affairs.ended.iter().all(|(ended, _)| *ended != volume.volume);
    let before = app.store.patient_changes(chart.chart).await?.into_iter();
    page(&ChangePage {
        frame: Frame::new(app, &site, "/"),
        again,
        volumes: chart.volumes.iter().filter(in_use).map(labelled).collect(),
        merges: affairs.merges.iter().map(|merge| (merge.clone(), times.when(merge.at))).collect(),
        picks: Picks::load(app).await?,
        ended: chart.volumes.iter().filter_map(|volume| ended(&affairs, volume)).collect(),
        inpatient: app.store.inpatient_since(chart.chart).await?.map(|since| times.when(since)),
        before: before
            .map(|change| (times.when(change.at), change))
            .map(|(at, change)| (change, at))
            .collect(),
        chart,
        affairs,
    })
}

/// A folder that is out of use by itself; one whose sheets are in another is no matter of its own.
fn ended(affairs: &ChartAffairs, volume: &VolumeView) -> Option<(VolumeView, String)> {
    let (_, state) = affairs.ended.iter().find(|(id, _)| *id == volume.volume)?;
    (state != "merged").then(|| (volume.clone(), state.clone()))
}

/// A chart and what is going on with it.
pub(super) async fn found(app: &App, chart: ChartId) -> Result<(ChartView, ChartAffairs), PageError> {
    let view = app.store.chart(chart).await?.ok_or(PageError::NotFound("chart"))?;
    let affairs = app.store.chart_affairs(chart).await?.ok_or(PageError::NotFound("chart"))?;
    Ok((view, affairs))
}

/// Back to the chart, which everybody who looks at it sees changed.
pub(super) fn done(app: &App, address: &str) -> Redirect {
    app.changes.announce(Change::FileRoom);
    Redirect::to(address)
}

/// Where a new folder is, and its label.
#[derive(Deserialize)]
pub(super) struct Begun {
    #[serde(default)]
    at: String,
    #[serde(default)]
    label: String,
}

impl Begun {
    fn read(&self, app: &App) -> Result<(CustodianId, NewLabel), Wrong> {
        let at = self.at.parse().map_err(|_| Wrong::Field("at", "choose where it is".to_owned()))?;
        Ok((CustodianId(at), label_of(app, &self.label)?))
    }

    fn has_label(&self) -> bool {
        !self.label.trim().is_empty()
    }
}

fn label_of(app: &App, text: &str) -> Result<NewLabel, Wrong> {
    let label = new_label(&app.intake.settings().formats, text);
    label.map_err(|why| Wrong::Field("label", why.to_owned()))
}

/// Where new folders are, and their labels: one a line, or so many that are printed.
#[derive(Deserialize)]
pub(super) struct BegunVolumes {
    #[serde(default)]
    at: String,
    #[serde(default)]
    label: String,
    #[serde(default)]
    count: String,
}

impl BegunVolumes {
    fn read(&self, app: &App) -> Result<(CustodianId, Vec<NewLabel>), Wrong> {
        let at = self.at.parse().map_err(|_| Wrong::Field("at", "choose where it is".to_owned()))?;
        let given: Vec<&str> = self.label.lines().filter(|line| !line.trim().is_empty()).collect();
        let labels: Vec<NewLabel> = if given.is_empty() {
            let count = self.count.trim();
            let count = if count.is_empty() { Ok(1) } else { count.parse() };
            let count = count.ok().filter(|count| (1..=VOLUMES_AT_ONCE).contains(count));
            let count =
                count.ok_or_else(|| Wrong::Field("count", format!("choose 1 to {VOLUMES_AT_ONCE}")))?;
            std::iter::repeat_n("", count).map(|none| label_of(app, none)).collect::<Result<_, _>>()?
        } else {
            given.into_iter().map(|line| label_of(app, line)).collect::<Result<_, _>>()?
        };
        if labels.len() > VOLUMES_AT_ONCE {
            let why = format!("{} labels; at most {VOLUMES_AT_ONCE} volumes are begun at once", labels.len());
            return Err(Wrong::Field("label", why));
        }
        Ok((CustodianId(at), labels))
    }
}

/// Begins the next volume, or several; a label is printed next, unless they have labels from the stock.
pub(super) async fn begin_volume(
    State(app): State<App>,
    Path(chart): Path<ChartId>,
    Actor(actor): Actor,
    Form(begun): Form<BegunVolumes>,
) -> Result<Response, PageError> {
    let became = async {
        let (at, labels) = begun.read(&app)?;
        let volumes = app.store.begin_volumes(chart, at, labels, actor).await?;
        Ok(match volumes.as_slice() {
            [volume] if begun.label.trim().is_empty() => format!("/volumes/{volume}/label"),
            [volume] => format!("/charts/{chart}?volume={volume}"),
            // There each has its label beside it, to be printed.
            _ => format!("/charts/{chart}/change#labels"),
        })
    };
    answered(&app, chart, "volumes", became.await).await
}

/// Makes a temporary chart; its label is printed next, unless it has one from the stock.
pub(super) async fn make_temporary(
    State(app): State<App>,
    Path(chart): Path<ChartId>,
    Actor(actor): Actor,
    Form(begun): Form<Begun>,
) -> Result<Response, PageError> {
    let became = async {
        let (at, label) = begun.read(&app)?;
        let (temporary, volume) = app.store.make_temporary(chart, at, label, actor).await?;
        let chart_page = format!("/charts/{temporary}");
        Ok(if begun.has_label() { chart_page } else { format!("/volumes/{volume}/label") })
    };
    answered(&app, chart, "temporary", became.await).await
}

/// Which folder took the sheets.
#[derive(Deserialize)]
pub(super) struct Into {
    into: VolumeId,
}

/// The sheets of a temporary chart were put into a volume of the real one.
pub(super) async fn unite(
    State(app): State<App>,
    Path(temporary): Path<ChartId>,
    Actor(actor): Actor,
    Form(Into { into }): Form<Into>,
) -> Result<Response, PageError> {
    let became = app.store.unite(temporary, into, actor).await;
    // A united chart's page leads to the real one's.
    let became = became.map(|_| format!("/charts/{temporary}")).map_err(Wrong::from);
    answered(&app, temporary, "unite", became).await
}

/// How a label is.
#[derive(Deserialize)]
pub(super) struct Worn {
    worn: IsWorn,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum IsWorn {
    Yes,
    No,
}

/// Says that a label is worn, or that it is good again.
pub(super) async fn worn(
    State(app): State<App>,
    Path(volume): Path<VolumeId>,
    Actor(actor): Actor,
    Form(Worn { worn }): Form<Worn>,
) -> Result<Response, PageError> {
    let became = async {
        match worn {
            IsWorn::Yes => app.store.label_is_worn(volume, actor).await?,
            IsWorn::No => app.store.label_is_good(volume, actor).await?,
        }
        Ok(chart_of(&app, volume).await?)
    };
    answered_of(&app, volume, "worn", became.await).await
}

/// A new label for a folder.
#[derive(Deserialize)]
pub(super) struct Replaced {
    #[serde(default)]
    label: String,
}

/// Gives a folder a label with a key of its own.
pub(super) async fn replace_label(
    State(app): State<App>,
    Path(volume): Path<VolumeId>,
    Actor(actor): Actor,
    Form(Replaced { label }): Form<Replaced>,
) -> Result<Response, PageError> {
    let became = async {
        let is_given = !label.trim().is_empty();
        app.store.replace_label(volume, label_of(&app, &label)?, actor).await?;
        Ok(if is_given { chart_of(&app, volume).await? } else { format!("/volumes/{volume}/label") })
    };
    answered_of(&app, volume, "label", became.await).await
}

/// The address of a folder's chart.
pub(super) async fn chart_of(app: &App, volume: VolumeId) -> Result<String, PageError> {
    let view = app.store.volume(volume).await?.ok_or(PageError::NotFound("volume"))?;
    Ok(format!("/charts/{}?volume={volume}", view.chart))
}

impl ChangePage {
    fn home_picker(&self, at: &Labelled) -> Picker {
        let picker = self.picks.picker(format!("home-{}", at.volume.volume), "home");
        let label = format!("Where volume {} belongs", at.volume.number);
        let form = self.of("home", &at.volume);
        picker.instead_of(&at.volume.home).labelled(label).again(self.again.as_ref(), &form)
    }

    /// Where something new is.
    fn at_picker(&self, form: &str) -> Picker {
        self.picks.picker(format!("{form}-at"), "at").again(self.again.as_ref(), form)
    }

    /// What was typed into a field of a form that is refused; else what stands there anyway.
    fn typed<'a>(&'a self, form: &str, field: &str, else_: &'a str) -> &'a str {
        self.again.as_ref().and_then(|again| again.typed(form, field)).unwrap_or(else_)
    }

    /// The name of a form about a folder.
    fn of(&self, form: &str, volume: &VolumeView) -> String {
        format!("{form}-{}", volume.volume)
    }

    fn marks(&self, form: &str, field: &str) -> String {
        self.again.as_ref().map(|again| again.marks(form, field)).unwrap_or_default()
    }

    fn beside(&self, form: &str, field: &str) -> String {
        self.again.as_ref().map(|again| again.beside(form, field)).unwrap_or_default()
    }

    /// Name and date of birth as they are on file, for the form.
    fn patient(&self) -> (String, String) {
        let patient = self.chart.patient.as_ref();
        let name = patient.and_then(|patient| patient.name.clone()).unwrap_or_default();
        let born = patient.and_then(|patient| patient.born).map(|born| born.to_string()).unwrap_or_default();
        (name, born)
    }

    /// The chart that its temporary chart can be united with: its own page has the folders.
    fn real(&self) -> Option<&ChartName> {
        self.affairs.temporary_for.as_ref()
    }
}
