//! The board of open cases, and the supervisor's figures.

use super::super::extract::Query;
use super::super::paging::{self, Shown};
use super::{App, Frame, Page, Times, When, filters, page, seen};
use crate::missing::case::Level;
use crate::missing::plan::Clue;
use crate::store::{Figures, OpenCase, Viewed};
use crate::web::glass;
use askama::Template;
use axum::extract::State;
use jiff::SignedDuration;

/// Cases of the board.
const CASES: u32 = 300;
/// Rows of a part of it.
const ROWS: usize = 50;
/// Days that the figures are of.
const DAYS: i64 = 30;

#[derive(Template)]
#[template(path = "missing/board.html", config = "src/web/askama.toml")]
struct BoardPage {
    frame: Frame,
    rows: Vec<Row>,
    /// Of all cases, and not only those shown.
    levels: Vec<Level>,
    part: Shown,
    figures: Figures,
    days: i64,
}

struct Row {
    case: OpenCase,
    needed: Option<When>,
    since: When,
    is_late: bool,
}

/// Open cases: what is needed first, then the oldest.
pub(super) async fn show(State(app): State<App>, Query(wanted): Query<paging::Wanted>) -> Page {
    let cases = app.store.missing_board(CASES + 1).await?;
    let limit = usize::try_from(CASES).unwrap_or(usize::MAX);
    let levels = cases.iter().take(limit).map(|case| case.level).collect();
    let (cases, part) = paging::part_of_cut(cases, wanted.page, ROWS, limit);
    let cases = glass::veil(&app, cases).await?;
    let now = app.clock.now();
    let figures = app.store.missing_figures(now - SignedDuration::from_hours(24 * DAYS)).await?;
    seen(&app, Viewed::List, "missing charts")?;
    let site = app.site();
    let times = Times::new(&app, &site);
    let row = |case: OpenCase| Row {
        needed: case.needed_at.map(|at| times.ahead(at)),
        is_late: case.needed_at.is_some_and(|at| at < now),
        since: times.when(case.discovered_at),
        case,
    };
    page(&BoardPage {
        frame: Frame::new(&app, &site, "/missing"),
        rows: cases.into_iter().map(row).collect(),
        levels,
        part,
        figures,
        days: DAYS,
    })
}

impl Row {
    /// What somebody has to do about it.
    fn next(&self) -> String {
        let who = &self.case.answerable.name;
        match (self.case.level, self.case.looks) {
            (Level::Suspected, _) => format!("ask {who}; its page takes the answer"),
            (Level::Searching | Level::Missing, 0) => "look where its page says".to_owned(),
            (Level::Searching | Level::Missing, _) => "look at the next place on its page".to_owned(),
            (Level::FoundUnconfirmed, _) => "a supervisor confirms that it is found".to_owned(),
            (Level::PresumedLost, _) => "nothing: a scan of it brings it back".to_owned(),
            (Level::Found | Level::Cleared, _) => "nothing".to_owned(),
        }
    }
}

impl BoardPage {
    fn clue(&self, clue: Option<&Clue>) -> &'static str {
        clue.map_or("somewhere that no clue explains", |clue| clue.title())
    }

    fn count(&self, level: Level) -> usize {
        self.levels.iter().filter(|of| **of == level).count()
    }
}
