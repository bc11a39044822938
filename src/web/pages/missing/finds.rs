//! What this site's finds have taught: how far each clue is believed, by default and now.

use super::{App, Frame, Page, PageError, actor, filters, page};
use crate::missing::plan::{Clue, Finds, LastSeen, PRIOR_FINDS};
use askama::Template;
use axum::extract::State;
use axum::response::Redirect;

#[derive(Template)]
#[template(path = "missing/finds.html", config = "src/web/askama.toml")]
struct FindsPage {
    frame: Frame,
    rows: Vec<(Clue, Vec<Cell>)>,
    totals: Vec<f64>,
    prior: f64,
    may_forget: bool,
}

/// How far a clue is believed of charts of which the record says one thing, in percent.
struct Cell {
    default: f64,
    now: f64,
    finds: f64,
}

/// All clues.
pub(super) async fn show(State(app): State<App>) -> Page {
    let finds = app.store.finds().await?;
    let site = app.site();
    page(&FindsPage {
        frame: Frame::new(&app, &site, "/missing"),
        rows: Clue::ALL
            .into_iter()
            .map(|clue| (clue, LastSeen::ALL.map(|seen| cell(&finds, seen, clue)).into()))
            .collect(),
        totals: LastSeen::ALL.map(|seen| finds.all(seen)).into(),
        prior: PRIOR_FINDS,
        may_forget: crate::web::door::may(crate::access::Permission::Supervise),
    })
}

fn cell(finds: &Finds, seen: LastSeen, clue: Clue) -> Cell {
    let defaults: f64 = Clue::ALL.into_iter().map(|clue| clue.finds_by_default(seen)).sum();
    let default = clue.finds_by_default(seen) / defaults;
    let count = finds.of(seen, clue);
    let now = (default * PRIOR_FINDS + count) / (PRIOR_FINDS + finds.all(seen));
    Cell { default: default * 100.0, now: now * 100.0, finds: count }
}

/// Plans go by the defaults again.
pub(super) async fn forget(State(app): State<App>) -> Result<Redirect, PageError> {
    app.store.forget_finds(actor(&app)).await?;
    Ok(Redirect::to("/missing/finds"))
}
