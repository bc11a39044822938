//! Labels that were scanned and that nobody knows: somebody has to look.

use super::filters;
use super::times::{Times, When};
use super::{Frame, Page, page, station_title};
use crate::store::WorkItemView;
use crate::web::App;
use askama::Template;
use axum::extract::State;

#[derive(Template)]
#[template(path = "work.html", config = "src/web/askama.toml")]
struct WorkPage {
    frame: Frame,
    items: Vec<Item>,
}

struct Item {
    item: WorkItemView,
    station_title: String,
    opened: When,
    seen: When,
}

/// The work list.
pub(super) async fn list(State(app): State<App>) -> Page {
    let items = app.store.work_items().await?;
    let site = app.site();
    let times = Times::new(&app, &site);
    let item = |item: WorkItemView| Item {
        station_title: station_title(&site, &item.station),
        opened: times.when(item.opened_at),
        seen: times.when(item.seen_at),
        item,
    };
    let items = items.into_iter().map(item).collect();
    page(&WorkPage { frame: Frame::new(&app, &site, "/work"), items })
}
