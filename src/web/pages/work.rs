//! The work list: labels that nobody knows, and folders that are to be combined; each item has a page with what to do.

use super::change::done;
use super::extract::{Form, Path};
use super::filters;
use super::mark::Mark;
use super::times::{Times, When};
use super::{Frame, Page, PageError, charts_of, page, restricted, seen, station_title};
use crate::store::{CombineTask, Locate, Viewed, VolumeView, WorkItemView};
use crate::tracking::combining::Against;
use crate::tracking::{Mrn, VolumeId, WorkItemId};
use crate::web::actor::Actor;
use crate::web::{App, glass};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

/// Most characters of a reason.
const WHY_MAX: usize = 200;

#[derive(Template)]
#[template(path = "work.html", config = "src/web/askama.toml")]
struct WorkPage {
    frame: Frame,
    items: Vec<Item>,
    from_schedule: Vec<Item>,
    tasks: Vec<Task>,
    /// Charts that were sent and never arrived.
    lost: u64,
}

struct Item {
    item: WorkItemView,
    station_title: Option<String>,
    opened: When,
    seen: When,
}

struct Task {
    task: CombineTask,
    opened: When,
}

#[derive(Template)]
#[template(path = "work_label.html", config = "src/web/askama.toml")]
struct LabelItemPage {
    frame: Frame,
    item: Item,
    /// The number that was typed, and its folders; before that: nothing.
    asked: Option<(String, Vec<Folder>)>,
    /// What was typed is refused, and why.
    trouble: Option<Trouble>,
}

/// What is wrong with a form of an item, beside its field.
#[derive(Default)]
struct Trouble {
    number: Option<&'static str>,
    why: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "work_combine.html", config = "src/web/askama.toml")]
struct CombinePage {
    frame: Frame,
    task: Task,
    folders: Vec<Folder>,
}

struct Folder {
    volume: VolumeView,
    place: Mark,
}

/// The work list.
pub(super) async fn list(State(app): State<App>) -> Page {
    let items = app.store.work_items().await?;
    let tasks = glass::veil(&app, app.store.combine_tasks().await?).await?;
    seen(&app, Viewed::List, "work list")?;
    let site = app.site();
    let lost = app.store.never_arrived(app.clock.now() - site.arrives_within).await?.of;
    let times = Times::new(&app, &site);
    // Folders have a list of their own below.
    let (of_labels, others): (Vec<_>, Vec<_>) = items
        .into_iter()
        .filter(|item| item.kind != "combine-folders")
        .partition(|item| item.kind == "unknown-label");
    let from_schedule = others.into_iter().map(|item| Item::new(&app, item, &times)).collect();
    let items = of_labels.into_iter().map(|item| Item::new(&app, item, &times)).collect();
    let tasks = tasks.into_iter().map(|task| Task { opened: times.when(task.opened_at), task }).collect();
    page(&WorkPage { frame: Frame::new(&app, &site, "/work"), items, from_schedule, tasks, lost })
}

/// One item, with what to do about it.
pub(super) async fn show(State(app): State<App>, Path(item): Path<WorkItemId>) -> Page {
    let site = app.site();
    let times = Times::new(&app, &site);
    let mut tasks = app.store.combine_tasks().await?.into_iter();
    if let Some(task) = tasks.find(|task| task.item == item) {
        seen(&app, Viewed::List, &format!("work item {item}, {}", charts_of(&task.folders)))?;
        let folders = task.folders.iter().cloned().map(Folder::new).collect();
        let task = Task { opened: times.when(task.opened_at), task };
        return page(&CombinePage { frame: Frame::new(&app, &site, "/work"), task, folders });
    }
    seen(&app, Viewed::List, &format!("work item {item}"))?;
    let item = Item::new(&app, open_item(&app, item).await?, &times);
    page(&LabelItemPage { frame: Frame::new(&app, &site, "/work"), item, asked: None, trouble: None })
}

async fn open_item(app: &App, item: WorkItemId) -> Result<WorkItemView, PageError> {
    let mut items = app.store.work_items().await?.into_iter();
    items.find(|open| open.id == item).ok_or_else(|| PageError::Refused(Against::ItemClosed.to_string()))
}

/// Why an item is closed.
#[derive(Deserialize)]
pub(super) struct Closed {
    why: String,
}

/// Takes an item off the list.
pub(super) async fn close(
    State(app): State<App>,
    Path(item): Path<WorkItemId>,
    Actor(actor): Actor,
    Form(Closed { why }): Form<Closed>,
) -> Result<Response, PageError> {
    let why: String = why.trim().chars().filter(|c| !c.is_control()).take(WHY_MAX).collect();
    if why.is_empty() {
        let why = "a label leaves the list with a reason: what became of it";
        return again(&app, item, String::new(), Trouble { why: Some(why), ..Trouble::default() }).await;
    }
    app.store.close_work_item(item, why, actor).await?;
    Ok(done(&app, "/work").into_response())
}

/// The page of an item once more, with what was typed and what is wrong with it.
async fn again(app: &App, item: WorkItemId, number: String, trouble: Trouble) -> Result<Response, PageError> {
    let site = app.site();
    let item = Item::new(app, open_item(app, item).await?, &Times::new(app, &site));
    let frame = Frame::new(app, &site, "/work");
    let asked = (!number.is_empty()).then(|| (number, Vec::new()));
    let shown = page(&LabelItemPage { frame, item, asked, trouble: Some(trouble) })?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
}

/// On which folder a label is: first a record number, then one of its folders.
#[derive(Deserialize)]
pub(super) struct OnFolder {
    #[serde(default)]
    number: String,
    volume: Option<VolumeId>,
}

/// Shows the folders of a record number, and puts the label on file once one of them is chosen.
pub(super) async fn label(
    State(app): State<App>,
    Path(item): Path<WorkItemId>,
    Actor(actor): Actor,
    Form(on): Form<OnFolder>,
) -> Result<Response, PageError> {
    if let Some(volume) = on.volume {
        restricted::volume(&app, volume, format!("/work/{item}")).await?;
        app.store.label_is_of(item, volume, actor).await?;
        return Ok(done(&app, "/work").into_response());
    }
    let Some(number) = Mrn::parse(&on.number) else {
        let why = "this is no record number; one has up to 32 letters and digits";
        return again(&app, item, on.number, Trouble { number: Some(why), ..Trouble::default() }).await;
    };
    let hits = app.store.locate(Locate { label: None, mrn: Some(number.clone()) }).await?;
    seen(&app, Viewed::Search, &format!("found {}", charts_of(&hits)))?;
    let site = app.site();
    let item = Item::new(&app, open_item(&app, item).await?, &Times::new(&app, &site));
    let folders = glass::veil(&app, hits).await?.into_iter().map(Folder::new).collect();
    let asked = Some((number.written().to_owned(), folders));
    Ok(page(&LabelItemPage { frame: Frame::new(&app, &site, "/work"), item, asked, trouble: None })?
        .into_response())
}

/// What became of a folder.
#[derive(Deserialize)]
pub(super) struct Combined {
    volume: VolumeId,
    /// The volume that has its sheets; empty: it became a volume itself.
    #[serde(default)]
    into: String,
}

/// A folder was laid together with the surviving chart's.
pub(super) async fn combine(
    State(app): State<App>,
    Path(item): Path<WorkItemId>,
    Actor(actor): Actor,
    Form(Combined { volume, into }): Form<Combined>,
) -> Result<Redirect, PageError> {
    restricted::volume(&app, volume, format!("/work/{item}")).await?;
    let into = match into.as_str() {
        "" => None,
        id => Some(VolumeId(id.parse().map_err(|_| PageError::BadRequest("this is no volume of the list"))?)),
    };
    app.store.combine_folder(item, volume, into, actor).await?;
    let is_open = app.store.combine_tasks().await?.iter().any(|task| task.item == item);
    Ok(done(&app, &if is_open { format!("/work/{item}") } else { "/work".to_owned() }))
}

impl Item {
    fn new(app: &App, item: WorkItemView, times: &Times) -> Item {
        Item {
            station_title: item.station.as_deref().map(|name| station_title(&app.site(), name)),
            opened: times.when(item.opened_at),
            seen: times.when(item.seen_at),
            item,
        }
    }
}

impl LabelItemPage {
    /// The folders of the number that was typed, if it is one.
    fn found(&self) -> Option<&(String, Vec<Folder>)> {
        self.asked.as_ref().filter(|_| self.number_trouble().is_none())
    }

    fn number_trouble(&self) -> Option<&'static str> {
        self.trouble.as_ref().and_then(|trouble| trouble.number)
    }

    fn why_trouble(&self) -> Option<&'static str> {
        self.trouble.as_ref().and_then(|trouble| trouble.why)
    }
}

impl Folder {
    fn new(volume: VolumeView) -> Folder {
        Folder { place: Mark::whereabouts(&volume), volume }
    }
}
