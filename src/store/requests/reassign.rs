//! Requests for charts that go to a custodian which closes: they go to another, or are cancelled (`store/leaving.rs`).

use super::super::Store;
use super::super::change::{Ledger, Stop, Unchanged};
use super::super::custodians::NotAllowed;
use super::super::leaving::{HandedOver, refuse};
use super::super::timestamp;
use super::lists::{day_of, list_for};
use super::scene::zone;
use super::steps::{StepRow, step};
use crate::tracking::request::RequestStep;
use crate::tracking::{CustodianId, PullListId, RequestId};
use rusqlite::params;

/// Most requests of one transaction, so that scans do not wait for all of them.
const AT_ONCE: i64 = 500;

impl Store {
    /// Has the open requests for charts that go to a custodian go to another, on the pull lists of that one. At most five
    /// hundred at once.
    ///
    /// # Errors
    /// There are none, the other is not on file or closed, or the database failed; nothing is changed.
    pub async fn reassign_requests(
        &self,
        from: CustodianId,
        to: CustodianId,
        actor: Option<String>,
    ) -> Result<HandedOver, Unchanged<NotAllowed>> {
        self.change(move |ledger| reassign(ledger, from, to, actor.as_deref())).await
    }
}

fn reassign(
    ledger: &mut Ledger<'_>,
    from: CustodianId,
    to: CustodianId,
    actor: Option<&str>,
) -> Result<HandedOver, Stop<NotAllowed>> {
    if from == to {
        return refuse("the requests go there already; choose another");
    }
    if !ledger.is_open_custodian(to)? {
        return refuse("the other one is not on file, or it is closed; choose another");
    }
    let open: Vec<(i64, i64, bool)> = ledger
        .conn
        .prepare_cached(
            "select request_id, needed_at_us, pull_list_id is not null from request
             where closed_at_us is null and to_id = ?1 order by request_id limit ?2",
        )?
        .query_map(params![from.0, AT_ONCE], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect::<rusqlite::Result<_>>()?;
    if open.is_empty() {
        return refuse("no request is open any more; load the page again");
    }
    let (was, now) = (ledger.code_of(from)?, ledger.code_of(to)?);
    let why = format!("goes to {now} instead of {was}");
    let zone = zone(ledger.memory);
    for (request, needed, is_listed) in &open {
        let list: Option<PullListId> = if *is_listed {
            let day = day_of(timestamp(*needed), &zone);
            Some(list_for(ledger.conn, to, day, ledger.now_us())?)
        } else {
            None
        };
        ledger
            .conn
            .prepare_cached("update request set to_id = ?2, pull_list_id = ?3 where request_id = ?1")?
            .execute(params![request, to.0, list.map(|list| list.0)])?;
        let row = StepRow {
            request: RequestId(*request),
            step: RequestStep::Rescheduled,
            at_us: ledger.now_us(),
            why: Some(&why),
            actor,
            scan: None,
            movement: None,
        };
        step(ledger.conn, &row)?;
    }
    let left = ledger
        .conn
        .prepare_cached("select count(*) from request where closed_at_us is null and to_id = ?1")?
        .query_row(params![from.0], |row| row.get(0))?;
    ledger.audit("request", actor, &format!("{} requests of {was} go to {now}", open.len()))?;
    Ok(HandedOver { done: open.len() as u64, left })
}
