//! What was sent and never arrived: who sent it, when and to where. The one who sent it stays answerable.

use super::extract::Query;
use super::filters;
use super::paging::{self, Shown};
use super::times::{Times, When};
use super::{Frame, Page, page, seen, station_title};
use crate::store::{UnderWay, Viewed};
use crate::web::{App, glass};
use askama::Template;
use axum::extract::State;

/// Rows of a part.
const ROWS: usize = 50;

#[derive(Template)]
#[template(path = "arrivals.html", config = "src/web/askama.toml")]
struct ArrivalsPage {
    frame: Frame,
    hours: i64,
    /// What was sent and never arrived, of which the oldest are listed.
    of: u64,
    listed: u64,
    part: Shown,
    rows: Vec<Row>,
}

struct Row {
    sent: When,
    station: Option<String>,
    way: UnderWay,
}

/// The list.
pub(super) async fn list(State(app): State<App>, Query(wanted): Query<paging::Wanted>) -> Page {
    let site = app.site();
    let found = app.store.never_arrived(app.clock.now() - site.arrives_within).await?;
    seen(&app, Viewed::List, "never arrived")?;
    let (rows, part) = paging::part(found.rows, wanted.page, ROWS);
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
        listed: u64::try_from(part.of).unwrap_or(u64::MAX),
        part,
        rows: glass::veil(&app, rows).await?.into_iter().map(row).collect(),
    })
}
