//! Pull lists and slips on paper: pages are cut here and not by the browser, so that each has its head and its number.

use super::super::extract::{Path, Query};
use super::super::times::{Times, When};
use super::list::Row;
use super::pulls::Listed;
use super::{App, BarCodes, Form, Frame, Page, PageError, actor, bar_codes, filters, page};
use crate::store::PullListView;
use crate::store::Viewed;
use crate::symbol::Size;
use crate::tracking::request::split;
use crate::tracking::{PullListId, RequestId};
use crate::web::glass;
use crate::web::pages::seen;
use askama::Template;
use axum::extract::State;
use axum::response::Redirect;
use jiff::Timestamp;
use serde::Deserialize;

/// Rows of a page of paper: A4 and Letter both hold them.
const ROWS_PER_PAGE: usize = 15;
/// Most clerks that a list is split among.
const CLERKS_MAX: usize = 20;
/// For hand-held scanners close to the paper.
const ROW_CODE: Size = Size { module_um: 250, bars_um: 8_000, text_um: 2_800 };

/// How a list is printed.
#[derive(Deserialize)]
pub(super) struct How {
    clerks: Option<usize>,
    /// Only what changed since then, microseconds since 1970.
    since: Option<i64>,
}

/// The form of the button.
#[derive(Deserialize)]
pub(super) struct Begin {
    #[serde(default)]
    clerks: String,
    #[serde(default)]
    updates: String,
}

#[derive(Template)]
#[template(path = "pull_print.html", config = "src/web/askama.toml")]
struct PrintPage {
    frame: Frame,
    list: PullListView,
    code: Option<String>,
    made: When,
    only_since: Option<When>,
    sheets: Vec<Sheet>,
    count: usize,
}

struct Sheet {
    number: usize,
    of: usize,
    clerk: usize,
    clerks: usize,
    rows: Vec<Printed>,
}

struct Printed {
    number: usize,
    listed: Listed,
    code: Option<String>,
}

#[derive(Template)]
#[template(path = "slip.html", config = "src/web/askama.toml")]
struct SlipPage {
    frame: Frame,
    row: Row,
    code: Option<String>,
}

/// Notes that the list is printed, and goes on to its pages.
pub(super) async fn begin(
    State(app): State<App>,
    Path(list): Path<PullListId>,
    Form(begin): Form<Begin>,
) -> Result<Redirect, PageError> {
    let clerks = begin.clerks.trim().parse().unwrap_or(1_usize).clamp(1, CLERKS_MAX);
    let before = app.store.print_pull_list(list, actor()).await?;
    let since = before.filter(|_| !begin.updates.is_empty());
    let since = since.map(|since| format!("&since={}", since.as_microsecond())).unwrap_or_default();
    Ok(Redirect::to(&format!("/pulls/{list}/print?clerks={clerks}{since}")))
}

/// The pages of a list.
pub(super) async fn list(
    State(app): State<App>,
    Path(list): Path<PullListId>,
    Query(how): Query<How>,
) -> Page {
    let found = app.store.pull_list(list).await?.ok_or(PageError::NotFound("pull list"))?;
    seen(&app, Viewed::Print, &format!("pull list {list}"))?;
    let site = app.site();
    let times = Times::new(&app, &site);
    let since = how.since.and_then(|since| Timestamp::from_microsecond(since).ok());
    let rows = glass::veil(&app, found.rows).await?;
    let rows = rows.into_iter().map(|row| Listed::new(&app, &times, row, since));
    let rows: Vec<Listed> =
        rows.filter(|row| if since.is_some() { row.is_update } else { row.is_to_do() }).collect();
    let keys = rows.iter().map(|row| (row.row.request.label.clone(), ROW_CODE));
    let keys = std::iter::once((found.view.label.clone(), Size::DESK)).chain(keys).collect();
    let mut codes = bar_codes(&app, keys).await?;
    let count = rows.len();
    let clerks = how.clerks.unwrap_or(1).clamp(1, CLERKS_MAX);
    page(&PrintPage {
        frame: Frame::new(&app, &site, "/pulls"),
        code: codes.next(),
        list: found.view,
        made: times.when(app.clock.now()),
        only_since: since.map(|since| times.when(since)),
        sheets: sheets(rows, codes, clerks),
        count,
    })
}

fn sheets(rows: Vec<Listed>, mut codes: BarCodes, clerks: usize) -> Vec<Sheet> {
    let runs = split(rows.len(), clerks);
    let of = runs.iter().map(|run| run.rows.len().div_ceil(ROWS_PER_PAGE)).sum();
    let clerks = runs.len();
    let mut rows = rows.into_iter().zip(1..);
    let mut sheets = Vec::new();
    for run in runs {
        let mut left = run.rows.len();
        while left > 0 {
            let printed = rows.by_ref().take(left.min(ROWS_PER_PAGE)).map(|(listed, number)| Printed {
                number,
                code: codes.next(),
                listed,
            });
            let rows: Vec<Printed> = printed.collect();
            left = left.saturating_sub(rows.len().max(1));
            sheets.push(Sheet { number: sheets.len() + 1, of, clerk: run.clerk, clerks, rows });
        }
    }
    sheets
}

/// A request's slip.
pub(super) async fn slip(State(app): State<App>, Path(request): Path<RequestId>) -> Page {
    let (view, _) = app.store.request(request).await?.ok_or(PageError::NotFound("request"))?;
    seen(&app, Viewed::Print, &format!("chart {}, slip of request {request}", view.chart))?;
    let site = app.site();
    let times = Times::new(&app, &site);
    page(&SlipPage {
        frame: Frame::new(&app, &site, "/requests"),
        code: bar_codes(&app, vec![(view.label.clone(), Size::DESK)]).await?.next(),
        row: Row::new(&app, &times, view),
    })
}
