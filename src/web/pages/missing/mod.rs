//! Charts that are missing, for people: the board, a case with its places, the sheet to walk with, what finds have taught,
//! and the record for the privacy officer.

mod board;
mod case;
mod finds;
mod flag;
mod record;
mod sheet;
mod tell;

use super::extract::{Form, Path};
use super::times::{Times, When};
use super::{Frame, Page, PageError, actor, filters, page, seen};
use crate::access::Permission::{SeeAudit, Supervise, Work};
use crate::missing::case::Level;
use crate::missing::plan::{Candidate, Place, Plan};
use crate::store::CaseDetail;
use crate::tracking::CaseId;
use crate::web::App;
use crate::web::routes::Needs::May;
use crate::web::routes::Routes;

/// Most characters of a reason.
const WORDS_MAX: usize = 200;

/// The pages.
pub(super) fn routes() -> Routes {
    Routes::new()
        .get("/missing", May(Work), board::show)
        .get("/missing/finds", May(Work), finds::show)
        .post("/missing/finds/forget", May(Supervise), finds::forget)
        .get("/missing/records", May(SeeAudit), record::list)
        .get("/missing/{case}", May(Work), case::show)
        .get("/missing/{case}/sheet", May(Work), sheet::show)
        .post("/missing/{case}/sheet", May(Work), sheet::make)
        .get("/missing/{case}/record", May(SeeAudit), record::file)
        .post("/missing/{case}/claim", May(Work), tell::claim)
        .post("/missing/{case}/look", May(Work), tell::look)
        .post("/missing/{case}/found", May(Work), tell::found)
        .post("/missing/{case}/answer", May(Work), tell::answer)
        .post("/missing/{case}/reason", May(Work), tell::reason)
        .post("/missing/{case}/confirm", May(Supervise), tell::confirm)
        .post("/missing/{case}/lost", May(Supervise), tell::lost)
        .get("/volumes/{volume}/missing", May(Work), flag::form)
        .post("/volumes/{volume}/missing", May(Work), flag::flag)
}

/// A case and where to look for its chart.
async fn found(app: &App, case: CaseId) -> Result<(CaseDetail, Plan), PageError> {
    let no_case = || PageError::NotFound("case");
    let detail = app.store.case_detail(case).await?.ok_or_else(no_case)?;
    let plan = app.store.search_plan(case, Vec::new()).await?.ok_or_else(no_case)?;
    Ok((detail, plan))
}

/// What people call a place of a plan.
fn place_name(plan: &Plan, place: Place) -> String {
    let found = plan.candidates().iter().find(|candidate| candidate.place == place);
    found.map_or_else(|| "a place that is not in the plan any more".to_owned(), name)
}

/// With what is meant by the place: a desk and a bin of one clinic have one name.
fn name(candidate: &Candidate) -> String {
    match candidate.place {
        Place::Desk(_) => format!("{}: desks, trays and shelves", candidate.name),
        Place::Slot { .. } | Place::Sorting(_) | Place::Bin(_) | Place::Beside(_) => candidate.name.clone(),
    }
}

fn is_searched(level: Level) -> bool {
    matches!(level, Level::Suspected | Level::Searching | Level::Missing)
}

/// What a person typed, without control characters and cut to its limit; nothing, if it is blank.
fn words(text: &str) -> Option<String> {
    let text: String = text.chars().filter(|c| !c.is_control()).take(WORDS_MAX).collect();
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}
