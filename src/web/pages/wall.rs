//! The screen on the wall of the file room: what to pull next and from which shelf, how much waits, and whether everything
//! is recorded. Read from three metres away, by anybody who walks past: no names, no record numbers.

use super::filters;
use super::times::{Times, When};
use super::{Frame, PageError, page};
use crate::access::Role;
use crate::store::{WallPull, WallView};
use crate::tracking::request::Priority;
use crate::web::App;
use crate::web::door::{self, User};
use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::{AppendHeaders, IntoResponse, Response};
use jiff::Timestamp;

#[derive(Template)]
#[template(path = "wall.html", config = "src/web/askama.toml")]
struct WallPage {
    frame: Frame,
    /// Stations whose last scan is not on disk.
    lost: Vec<(String, When)>,
    wall: WallView,
    pulls: Vec<(WallPull, When)>,
    /// When this was asked for.
    at: Timestamp,
    now: When,
}

/// The wall screen.
pub(super) async fn show(State(app): State<App>, user: User) -> Result<Response, PageError> {
    let site = app.site();
    let times = Times::new(&app, &site);
    let mut wall = app.store.wall(times.day_start(), site.time_zone.clone()).await?;
    let lost = site.stations.iter().filter_map(|station| {
        app.intake.lost(&station.name).map(|lost| (station.title.clone(), times.clock(lost.at)))
    });
    let pulls = std::mem::take(&mut wall.next);
    let timed = |pull: WallPull| {
        let at = times.hour(pull.needed_at);
        (pull, at)
    };
    let shown = page(&WallPage {
        frame: Frame::new(&app, &site, "/wall"),
        lost: lost.collect(),
        pulls: pulls.into_iter().map(timed).collect(),
        wall,
        at: app.clock.now(),
        now: times.clock(app.clock.now()),
    })?;
    // As on a station's screen: the browser would forget the cookie in the end.
    let renewed =
        user.cookie().filter(|_| user.is_display()).and_then(|cookie| door::set(cookie, Role::Display));
    Ok((AppendHeaders(renewed.map(|cookie| (header::SET_COOKIE, cookie))), shown).into_response())
}

impl WallPage {
    fn is_urgent(&self, pull: &WallPull) -> bool {
        pull.priority != Priority::Routine
    }

    fn is_late(&self, pull: &WallPull) -> bool {
        pull.needed_at < self.at
    }
}
