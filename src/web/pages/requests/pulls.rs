//! Pull lists: how far each is, and one of them row by row.

use super::super::extract::{Path, Query};
use super::super::paging::{self, Shown};
use super::super::times::{Times, When};
use super::list::Row;
use super::one::take;
use super::{App, Form, Frame, Page, PageError, code_text, filters, page};
use crate::store::Viewed;
use crate::store::{PullListView, PullRow};
use crate::tracking::{PullListId, RequestId};
use crate::web::glass;
use crate::web::pages::seen;
use askama::Template;
use axum::extract::State;
use axum::response::Redirect;
use serde::Deserialize;

/// Rows of a part: each has two forms.
const ROWS: usize = 25;

#[derive(Template)]
#[template(path = "pulls.html", config = "src/web/askama.toml")]
struct PullsPage {
    frame: Frame,
    today: String,
    lists: Vec<PullListView>,
}

#[derive(Template)]
#[template(path = "pull.html", config = "src/web/askama.toml")]
struct PullPage {
    frame: Frame,
    list: PullListView,
    /// What stands below its bar code.
    code: Option<String>,
    printed: Option<When>,
    rows: Vec<Listed>,
    part: Shown,
}

/// A row of a list.
pub(super) struct Listed {
    pub(super) row: Row,
    pub(super) why: Option<String>,
    /// It is new, moved or cancelled since the list was printed.
    pub(super) is_update: bool,
}

impl Listed {
    pub(super) fn new(app: &App, times: &Times, row: PullRow, since: Option<jiff::Timestamp>) -> Listed {
        Listed {
            is_update: since.is_some_and(|since| row.changed_at > since),
            why: row.why,
            row: Row::new(app, times, row.request),
        }
    }

    /// Somebody still has to look for it.
    pub(super) fn is_to_do(&self) -> bool {
        let state = self.row.request.state;
        state.is_open() && !state.is_ticked()
    }
}

/// What is done with a row.
#[derive(Deserialize)]
pub(super) struct Wanted {
    request: RequestId,
    step: String,
    #[serde(default)]
    why: Option<String>,
    seen: Option<i64>,
    /// The part of the list that it was on.
    #[serde(default)]
    page: usize,
}

/// The lists of today and after.
pub(super) async fn list(State(app): State<App>) -> Page {
    let site = app.site();
    let today = app.clock.now().to_zoned(site.time_zone.clone()).date();
    page(&PullsPage {
        frame: Frame::new(&app, &site, "/pulls"),
        today: today.to_string(),
        lists: app.store.pull_lists(today).await?,
    })
}

/// A list in the order of a walk.
pub(super) async fn show(
    State(app): State<App>,
    Path(list): Path<PullListId>,
    Query(wanted): Query<paging::Wanted>,
) -> Page {
    let found = app.store.pull_list(list).await?.ok_or(PageError::NotFound("pull list"))?;
    seen(&app, Viewed::List, &format!("pull list {list}"))?;
    let (rows, part) = paging::part(found.rows, wanted.page, ROWS);
    let rows = glass::veil(&app, rows).await?;
    let site = app.site();
    let times = Times::new(&app, &site);
    let since = found.view.printed_at;
    page(&PullPage {
        frame: Frame::new(&app, &site, "/pulls"),
        code: code_text(&app, &found.view.label),
        printed: since.map(|at| times.when(at)),
        rows: rows.into_iter().map(|row| Listed::new(&app, &times, row, since)).collect(),
        part,
        list: found.view,
    })
}

/// Ticks a row by hand, or says that it was looked for in vain.
pub(super) async fn step(
    State(app): State<App>,
    Path(list): Path<PullListId>,
    Form(wanted): Form<Wanted>,
) -> Result<Redirect, PageError> {
    take(&app, wanted.request, &wanted.step, wanted.why.as_deref(), wanted.seen).await?;
    let part = if wanted.page == 0 { String::new() } else { format!("?page={}", wanted.page) };
    Ok(Redirect::to(&format!("/pulls/{list}{part}#r{}", wanted.request)))
}
