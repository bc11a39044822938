//! What people tell about a case: where they go, where it is not, where it was, what the holder says, how it ended.

use super::{App, CaseId, Form, PageError, Path, Place, actor, words};
use crate::changes::Change;
use crate::missing::case::Reason;
use crate::missing::plan::{Look, Thoroughness};
use axum::extract::State;
use axum::response::Redirect;
use serde::Deserialize;

type Told = Result<Redirect, PageError>;

fn done(app: &App, case: CaseId) -> Redirect {
    app.changes.announce(Change::FileRoom);
    Redirect::to(&format!("/missing/{case}"))
}

fn place(text: &str) -> Result<Place, PageError> {
    Place::parse(text).ok_or(PageError::BadRequest("this is no place of the case; load its page again"))
}

/// Where somebody goes; without a place, wherever it is most worth while and nobody else is on the way to.
#[derive(Deserialize)]
pub(super) struct Claimed {
    #[serde(default)]
    place: String,
}

/// Somebody goes to a place.
pub(super) async fn claim(
    State(app): State<App>,
    Path(case): Path<CaseId>,
    Form(claimed): Form<Claimed>,
) -> Told {
    let who = actor(&app).ok_or(PageError::BadRequest("sign in to be sent to a place"))?;
    let place = match claimed.place.as_str() {
        "" => {
            let (detail, plan) = super::found(&app, case).await?;
            let is_free = |place| detail.claims.iter().all(|claim| claim.place != place || claim.who == who);
            let next =
                plan.candidates().iter().map(|candidate| candidate.place).find(|place| is_free(*place));
            next.ok_or_else(|| {
                PageError::Refused("somebody is on the way to every place already".to_owned())
            })?
        }
        text => place(text)?,
    };
    app.store.claim_place(case, place, who).await?;
    Ok(done(&app, case))
}

/// Where somebody looked, and how.
#[derive(Deserialize)]
pub(super) struct Looked {
    place: String,
    how: String,
}

/// Looked, not there.
pub(super) async fn look(
    State(app): State<App>,
    Path(case): Path<CaseId>,
    Form(looked): Form<Looked>,
) -> Told {
    let how = Thoroughness::parse(&looked.how);
    let how = how.ok_or(PageError::BadRequest("say how thoroughly you looked: one of the list"))?;
    app.store.tell_look(case, Look { place: place(&looked.place)?, how }, actor(&app)).await?;
    Ok(done(&app, case))
}

/// Where it was.
#[derive(Deserialize)]
pub(super) struct Found {
    place: String,
}

/// Found here; its scan ends the case.
pub(super) async fn found(State(app): State<App>, Path(case): Path<CaseId>, Form(at): Form<Found>) -> Told {
    app.store.tell_found(case, place(&at.place)?, Vec::new(), actor(&app)).await?;
    Ok(done(&app, case))
}

/// What the holder says.
#[derive(Deserialize)]
pub(super) struct Answer {
    has_it: String,
}

/// Whoever should have it was asked.
pub(super) async fn answer(
    State(app): State<App>,
    Path(case): Path<CaseId>,
    Form(answer): Form<Answer>,
) -> Told {
    let has_it = match answer.has_it.as_str() {
        "yes" => true,
        "no" => false,
        _ => return Err(PageError::BadRequest("say whether they have it: yes or no")),
    };
    app.store.tell_answer(case, has_it, actor(&app)).await?;
    Ok(done(&app, case))
}

/// Why it went missing, and where it was if nobody told yet.
#[derive(Deserialize)]
pub(super) struct Explained {
    reason: String,
    #[serde(default)]
    words: String,
    #[serde(default)]
    place: String,
}

/// Why a chart that is found was not where the record said.
pub(super) async fn reason(
    State(app): State<App>,
    Path(case): Path<CaseId>,
    Form(explained): Form<Explained>,
) -> Told {
    let reason = Reason::parse(&explained.reason);
    let reason = reason.ok_or(PageError::BadRequest("choose a reason from the list"))?;
    if !explained.place.is_empty() {
        app.store.tell_found(case, place(&explained.place)?, Vec::new(), actor(&app)).await?;
    }
    app.store.tell_reason(case, reason, words(&explained.words), actor(&app)).await?;
    Ok(done(&app, case))
}

/// Whether it is found.
#[derive(Deserialize)]
pub(super) struct Confirmed {
    found: String,
}

/// The supervisor confirms a find, or denies it.
pub(super) async fn confirm(
    State(app): State<App>,
    Path(case): Path<CaseId>,
    Form(confirmed): Form<Confirmed>,
) -> Told {
    let is_found = match confirmed.found.as_str() {
        "yes" => true,
        "no" => false,
        _ => return Err(PageError::BadRequest("say whether it is found: yes or no")),
    };
    app.store.confirm_find(case, is_found, actor(&app)).await?;
    Ok(done(&app, case))
}

/// Why it is given up.
#[derive(Deserialize)]
pub(super) struct Lost {
    why: String,
}

/// It is presumed lost.
pub(super) async fn lost(State(app): State<App>, Path(case): Path<CaseId>, Form(lost): Form<Lost>) -> Told {
    app.store.presume_lost(case, words(&lost.why).unwrap_or_default(), actor(&app)).await?;
    Ok(done(&app, case))
}
