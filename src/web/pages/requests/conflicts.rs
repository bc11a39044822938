//! Charts that several want on one day.

use super::super::times::Times;
use super::list::Row;
use super::{App, Frame, Page, filters, page};
use crate::store::Viewed;
use crate::web::glass;
use crate::web::pages::seen;
use askama::Template;
use axum::extract::State;
use jiff::SignedDuration;

/// How far ahead is looked.
const AHEAD: SignedDuration = SignedDuration::from_hours(7 * 24);

#[derive(Template)]
#[template(path = "conflicts.html", config = "src/web/askama.toml")]
struct ConflictsPage {
    frame: Frame,
    conflicts: Vec<Conflict>,
}

struct Conflict {
    first: Row,
    chain: Vec<Row>,
    is_tight: bool,
}

/// The board of conflicts, of today and the week after.
pub(super) async fn list(State(app): State<App>) -> Page {
    seen(&app, Viewed::List, "conflicts")?;
    let site = app.site();
    let times = Times::new(&app, &site);
    let from = times.day_start();
    let to = from.checked_add(AHEAD).unwrap_or(from);
    let found = app.store.conflicts(from, to, site.time_zone.clone()).await?;
    let mut conflicts = Vec::new();
    for found in found {
        let chain = glass::veil(&app, found.chain).await?;
        let Some(first) = chain.first().cloned() else { continue };
        conflicts.push(Conflict {
            first: Row::new(&app, &times, first),
            chain: chain.into_iter().map(|want| Row::new(&app, &times, want)).collect(),
            is_tight: found.is_tight,
        });
    }
    page(&ConflictsPage { frame: Frame::new(&app, &site, "/pulls"), conflicts })
}
