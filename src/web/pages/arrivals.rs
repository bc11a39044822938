//! What was sent and never arrived: who sent it, when and to where. The one who sent it stays answerable.

use super::filters;
use super::times::{Times, When};
use super::{Frame, Page, page, seen, station_title};
use crate::store::{UnderWay, Viewed};
use crate::web::{App, glass};
use askama::Template;
use axum::extract::State;

#[derive(Template)]
#[template(path = "arrivals.html", config = "src/web/askama.toml")]
struct ArrivalsPage {
    frame: Frame,
    hours: i64,
    of: u64,
    rows: Vec<Row>,
}

struct Row {
    sent: When,
    station: Option<String>,
    way: UnderWay,
}

/// The list.
pub(super) async fn list(State(app): State<App>) -> Page {
    let site = app.site();
    let found = app.store.never_arrived(app.clock.now() - site.arrives_within).await?;
    seen(&app, Viewed::List, "never arrived")?;
    let times = Times::new(&app, &site);
    let row = |way: UnderWay| Row {
        sent: times.when(way.sent_at),
        station: way.station.as_deref().map(|name| station_title(&site, name)),
        way,
    };
    page(&ArrivalsPage {
        frame: Frame::new(&app, &site, "/work"),
        hours: site.arrives_within.as_hours(),
        of: found.of,
        rows: glass::veil(&app, found.rows).await?.into_iter().map(row).collect(),
    })
}
