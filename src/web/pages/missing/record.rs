//! For the privacy officer: cases with their sixty days, and the record of each as a file.

use super::{App, CaseId, Frame, Page, PageError, Path, Times, When, filters, page, seen};
use crate::missing::case::{Level, TELL_WITHIN_DAYS};
use crate::store::{CaseRecord, Viewed};
use crate::tracking::ChartId;
use crate::web::pages::audit::harmless;
use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};

/// Cases that are listed.
const ROWS: u32 = 300;

#[derive(Template)]
#[template(path = "missing/records.html", config = "src/web/askama.toml")]
struct RecordsPage {
    frame: Frame,
    rows: Vec<Row>,
    /// There are older ones than those so many that are listed.
    cut_after: Option<usize>,
}

struct Row {
    case: CaseId,
    chart: ChartId,
    level: Level,
    discovered: When,
    closed: Option<When>,
    /// When the sixty days are over, and how many are left; none once it is found.
    until: Option<(When, i64)>,
}

/// Cases that somebody searched for.
pub(super) async fn list(State(app): State<App>) -> Page {
    let mut cases = app.store.searched_cases(ROWS + 1).await?;
    let newest = usize::try_from(ROWS).unwrap_or(usize::MAX);
    let is_cut = cases.len() > newest;
    cases.truncate(newest);
    seen(&app, Viewed::List, "records of missing charts")?;
    let site = app.site();
    let (times, now) = (Times::new(&app, &site), app.clock.now());
    let row = |(case, chart, closed): (crate::store::CaseView, ChartId, Option<Timestamp>)| {
        let until = case.discovered_at + SignedDuration::from_hours(24 * TELL_WITHIN_DAYS);
        let left = until.duration_since(now).as_hours().div_euclid(24);
        Row {
            until: (case.level != Level::Found && case.level != Level::Cleared)
                .then(|| (times.ahead(until), left)),
            discovered: times.when(case.discovered_at),
            closed: closed.map(|at| times.when(at)),
            case: case.id,
            chart,
            level: case.level,
        }
    };
    page(&RecordsPage {
        frame: Frame::new(&app, &site, "/missing/records"),
        cut_after: is_cut.then_some(newest),
        rows: cases.into_iter().map(row).collect(),
    })
}

/// Everything that is known of a case, as a file for spreadsheets.
pub(super) async fn file(State(app): State<App>, Path(case): Path<CaseId>) -> Result<Response, PageError> {
    let record = app.store.case_record(case).await?.ok_or(PageError::NotFound("case"))?;
    seen(&app, Viewed::Chart, &format!("record of case {case}"))?;
    let broken = |_| PageError::BadRequest("the file could not be made");
    let bytes = written(&record).map_err(broken)?;
    let name = format!("attachment; filename=\"case-{case}.csv\"");
    let kind = (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned());
    Ok(([kind, (header::CONTENT_DISPOSITION, name)], bytes).into_response())
}

fn written(record: &CaseRecord) -> Result<Vec<u8>, csv::Error> {
    let mut file = csv::Writer::from_writer(Vec::new());
    file.write_record(["at", "what", "who", "detail"])?;
    let until = record.case.discovered_at + SignedDuration::from_hours(24 * TELL_WITHIN_DAYS);
    let head = [
        ("case", record.case.id.to_string()),
        ("chart", format!("{} volume {}", record.mrn, record.number)),
        ("discovered", record.case.discovered_at.to_string()),
        ("sixty days from discovery", until.to_string()),
        ("answerable", record.answerable.clone()),
        ("level now", record.case.level.title().to_owned()),
        ("closed", record.closed_at.map_or_else(|| "no".to_owned(), |at| at.to_string())),
    ];
    for (what, value) in head {
        file.write_record(["", what, "", &harmless(&value)])?;
    }
    for row in &record.rows {
        let who = harmless(row.who.as_deref().unwrap_or_default());
        file.write_record([&row.at.to_string(), row.what, &who, &harmless(&row.detail)])?;
    }
    file.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
}
