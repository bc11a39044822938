//! Labels that were scanned and that nobody knows: somebody has to look.

use super::extract::{Form, Path};
use super::filters;
use super::times::{Times, When};
use super::{Frame, Page, PageError, page, station_title};
use crate::changes::Change;
use crate::store::WorkItemView;
use crate::tracking::WorkItemId;
use crate::web::App;
use askama::Template;
use axum::extract::State;
use axum::response::Redirect;
use serde::Deserialize;

/// Most characters of a reason.
const WHY_MAX: usize = 200;

#[derive(Template)]
#[template(path = "work.html", config = "src/web/askama.toml")]
struct WorkPage {
    frame: Frame,
    items: Vec<Item>,
}

struct Item {
    item: WorkItemView,
    station_title: Option<String>,
    opened: When,
    seen: When,
}

/// The work list.
pub(super) async fn list(State(app): State<App>) -> Page {
    let items = app.store.work_items().await?;
    let site = app.site();
    let times = Times::new(&app, &site);
    let item = |item: WorkItemView| Item {
        station_title: item.station.as_deref().map(|name| station_title(&site, name)),
        opened: times.when(item.opened_at),
        seen: times.when(item.seen_at),
        item,
    };
    let items = items.into_iter().map(item).collect();
    page(&WorkPage { frame: Frame::new(&app, &site, "/work"), items })
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
    Form(Closed { why }): Form<Closed>,
) -> Result<Redirect, PageError> {
    let why: String = why.trim().chars().filter(|c| !c.is_control()).take(WHY_MAX).collect();
    if why.is_empty() {
        return Err(PageError::BadRequest("a label leaves the list with a reason: what became of it"));
    }
    app.store.close_work_item(item, why, None).await?;
    app.changes.announce(Change::FileRoom);
    Ok(Redirect::to("/work"))
}
