//! What a page or program does to a request: cancels it, says that it cannot be had, ticks it, asks its holder.

use super::super::change::{Ledger, Stop, Unchanged};
use super::super::{Store, micros};
use super::read::{one, steps};
use super::steps::{StepRow, are_there, expire, step};
use super::views::{RequestStepView, RequestView};
use crate::tracking::RequestId;
use crate::tracking::request::{HOLD_WITHIN, RequestStep};
use jiff::Timestamp;
use rusqlite::params;

/// Whose requests somebody may change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Anybody's: who does the file room's work.
    Anybodys,
    /// Their own.
    Own,
}

/// A step that a person takes with a request.
#[derive(Debug, Clone)]
pub struct PageStep {
    /// Which request.
    pub request: RequestId,
    /// Which step.
    pub step: RequestStep,
    /// Why.
    pub why: Option<String>,
    /// How many steps the request had when the person saw it; `None`: they did not look.
    pub seen_steps: Option<i64>,
    /// Who is signed in.
    pub actor: Option<String>,
    /// Whose requests they may change.
    pub whose: Whose,
}

/// Why a request was left as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotStepped {
    /// There is none.
    #[error("there is no such request")]
    NoRequest,
    /// Something happened to it since the page was made.
    #[error("{}", stale_words(.0))]
    Stale(Vec<RequestStepView>),
    /// Somebody else asked.
    #[error("somebody else made this request; the file room changes it, or who made it")]
    NotYours,
    /// It cannot take that step from where it stands.
    #[error("this request is {0}; it cannot be changed so any more")]
    NotFromHere(&'static str),
    /// Nobody has it who could be asked.
    #[error("it is at home; there is nobody to ask, pull it")]
    AtHome,
    /// It is with who waits for it.
    #[error("it is with who asked for it; there is nothing to ask back")]
    WithRequester,
    /// Nobody said why.
    #[error("say why: who looks for it next needs to know")]
    NoReason,
}

fn stale_words(missed: &[RequestStepView]) -> String {
    let told = missed.iter().map(|step| {
        let by = step.actor.as_deref().or(step.station.as_deref());
        let by = by.map(|by| format!(" by {by}")).unwrap_or_default();
        let why = step.why.as_deref().map(|why| format!(" ({why})")).unwrap_or_default();
        format!("{}{by}{why}", step.step.title())
    });
    format!(
        "somebody was faster, since your page was made: {}; go back to the request and look",
        told.collect::<Vec<_>>().join(", then ")
    )
}

impl Store {
    /// Takes a request one step on.
    ///
    /// # Errors
    /// It was refused, and the reason says why; or the database failed. Nothing is changed.
    pub async fn step_request(&self, wanted: PageStep) -> Result<RequestView, Unchanged<NotStepped>> {
        self.change(move |ledger| step_request(ledger, &wanted)).await
    }

    /// Asks who has the volume of a request to give it back, and writes down that they are owed a notice. Asked twice, they
    /// are owed one.
    ///
    /// # Errors
    /// There is nobody to ask, the form was stale, or the database failed. Nothing is changed.
    pub async fn recall(
        &self,
        request: RequestId,
        seen_steps: Option<i64>,
        actor: Option<String>,
        whose: Whose,
    ) -> Result<RequestView, Unchanged<NotStepped>> {
        self.change(move |ledger| {
            let view = seen(ledger, request, seen_steps)?;
            allow(&view, whose, actor.as_deref())?;
            if view.is_home() {
                return Err(Stop::Refused(NotStepped::AtHome));
            }
            if view.at.id == view.to.id {
                return Err(Stop::Refused(NotStepped::WithRequester));
            }
            let added = ledger
                .conn
                .prepare_cached(
                    "insert into recall (request_id, volume_id, holder_id, asked_at_us, asked_by) values (?1, ?2, ?3, ?4, ?5)
                     on conflict do nothing",
                )?
                .execute(params![request.0, view.volume.0, view.at.id.0, ledger.now_us(), actor])?;
            if added == 0 {
                return Ok(view);
            }
            let why = Some(format!("{} has it", view.at.name));
            let wanted = PageStep { request, step: RequestStep::Recalled, why, seen_steps: None, actor: actor.clone(), whose };
            step_request(ledger, &wanted)
        })
        .await
    }

    /// Ends the requests whose time has passed, and those for what is there already; how many.
    ///
    /// # Errors
    /// The database failed; nothing is changed.
    pub async fn expire_requests(&self) -> Result<usize, Unchanged<NotStepped>> {
        self.change(|ledger| {
            let now_us = ledger.now_us();
            let soon = ledger.now.checked_add(HOLD_WITHIN).unwrap_or(Timestamp::MAX);
            let there = are_there(ledger.conn, now_us, micros(soon))?;
            let ended = expire(ledger.conn, now_us)?;
            if there + ended > 0 {
                ledger.audit(
                    "request",
                    Some("outguide"),
                    &format!("{there} were there already, {ended} expired"),
                )?;
            }
            Ok(there + ended)
        })
        .await
    }
}

/// The request as the person saw it.
fn seen(
    ledger: &Ledger<'_>,
    request: RequestId,
    seen_steps: Option<i64>,
) -> Result<RequestView, Stop<NotStepped>> {
    let view = one(ledger.conn, request)?.ok_or(Stop::Refused(NotStepped::NoRequest))?;
    if let Some(seen) = seen_steps.filter(|seen| *seen != view.steps) {
        let missed = steps(ledger.conn, request)?;
        let missed = missed.into_iter().skip(usize::try_from(seen).unwrap_or(0)).collect();
        return Err(Stop::Refused(NotStepped::Stale(missed)));
    }
    Ok(view)
}

/// Whoever only asks for charts changes what they asked for and nothing else.
fn allow(view: &RequestView, whose: Whose, actor: Option<&str>) -> Result<(), Stop<NotStepped>> {
    match whose {
        Whose::Own if actor.is_none() || view.asked_by.as_deref() != actor => {
            Err(Stop::Refused(NotStepped::NotYours))
        }
        Whose::Own | Whose::Anybodys => Ok(()),
    }
}

fn step_request(ledger: &mut Ledger<'_>, wanted: &PageStep) -> Result<RequestView, Stop<NotStepped>> {
    let view = seen(ledger, wanted.request, wanted.seen_steps)?;
    allow(&view, wanted.whose, wanted.actor.as_deref())?;
    if wanted.step.needs_reason() && wanted.why.as_deref().unwrap_or_default().trim().is_empty() {
        return Err(Stop::Refused(NotStepped::NoReason));
    }
    let row = StepRow {
        request: wanted.request,
        step: wanted.step,
        at_us: ledger.now_us(),
        why: wanted.why.as_deref(),
        actor: wanted.actor.as_deref(),
        scan: None,
        movement: None,
    };
    if step(ledger.conn, &row)?.is_none() {
        return Err(Stop::Refused(NotStepped::NotFromHere(view.state.title())));
    }
    let detail = format!("request {} {}", wanted.request, wanted.step.as_str());
    ledger.audit("request", wanted.actor.as_deref(), &detail)?;
    Ok(one(ledger.conn, wanted.request)?.unwrap_or(view))
}
