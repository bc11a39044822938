//! The sheet to walk with: places in walking order, with boxes and bar codes that tell at any desk what came of each.

use super::{
    App, CaseDetail, CaseId, Frame, Page, PageError, Path, Times, When, actor, filters, found, name, page,
    seen,
};
use crate::missing::plan::Candidate;
use crate::store::{SheetLine, Viewed};
use crate::symbol::Size;
use crate::web::pages::requests::bar_codes;
use askama::Template;
use axum::extract::State;
use axum::response::Redirect;

/// Places on a sheet: more than anybody looks at in one walk.
const LINES: usize = 12;
/// For hand-held scanners close to the paper.
const LINE_CODE: Size = Size { module_um: 250, bars_um: 7_000, text_um: 2_400 };

#[derive(Template)]
#[template(path = "missing/sheet.html", config = "src/web/askama.toml")]
struct SheetPage {
    frame: Frame,
    detail: CaseDetail,
    made: When,
    needed: Option<When>,
    lines: Vec<Line>,
}

struct Line {
    number: u32,
    name: String,
    why: String,
    not_there: Option<String>,
    found: Option<String>,
}

/// Gives the places their bar codes, and goes on to the sheet.
pub(super) async fn make(State(app): State<App>, Path(case): Path<CaseId>) -> Result<Redirect, PageError> {
    let (_, plan) = found(&app, case).await?;
    let places = plan.walk(LINES).into_iter().map(|candidate| candidate.place).collect();
    app.store.make_sheet(case, places, actor(&app)).await?;
    Ok(Redirect::to(&format!("/missing/{case}/sheet")))
}

/// The sheet.
pub(super) async fn show(State(app): State<App>, Path(case): Path<CaseId>) -> Page {
    let (detail, plan) = found(&app, case).await?;
    let made = app.store.sheet_lines(case).await?;
    seen(&app, Viewed::Print, &format!("chart {}, search sheet of case {case}", detail.folder.chart))?;
    let site = app.site();
    let times = Times::new(&app, &site);
    let walk: Vec<(&Candidate, &SheetLine)> = plan
        .walk(LINES)
        .into_iter()
        .filter_map(|candidate| Some((candidate, made.iter().find(|line| line.place == candidate.place)?)))
        .collect();
    let keys = walk.iter().flat_map(|(_, line)| [line.not_there.clone(), line.found.clone()]);
    let mut codes = bar_codes(&app, keys.map(|key| (key, LINE_CODE)).collect()).await?;
    let line = |(candidate, line): (&Candidate, &SheetLine)| Line {
        number: line.line,
        name: name(candidate),
        why: candidate.why().to_owned(),
        not_there: codes.next(),
        found: codes.next(),
    };
    page(&SheetPage {
        frame: Frame::new(&app, &site, "/missing"),
        made: times.when(app.clock.now()),
        needed: detail.case.needed_at.map(|at| times.due(at)),
        lines: walk.into_iter().map(line).collect(),
        detail,
    })
}
