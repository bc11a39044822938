//! A custodian that closes, or a person who leaves: what they still have, who waits for charts with them, and to whom it
//! all is handed over.

use super::change::{Ledger, Stop, Unchanged};
use super::custodians::NotAllowed;
use super::due;
use super::history::{MovementRow, Outcome, append_movement, update_whereabouts};
use super::requests::steps::{StepRow, step};
use super::views::Named;
use super::{Store, StoreError};
use crate::tracking::grammar::MovementKind;
use crate::tracking::request::RequestStep;
use crate::tracking::{CustodianId, MovementNo, PersonId, RequestId, VolumeId};
use rusqlite::{Connection, OptionalExtension, params};

/// Most charts that are handed over, and most requests that are closed, in one transaction: what is more waits for the next.
const AT_ONCE: i64 = 500;
/// Most custodians that are listed as part of one.
const PARTS_MAX: i64 = 500;

/// What a custodian still has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaving {
    /// Charts of others that are with it.
    pub holds: u64,
    /// Volumes that belong there.
    pub home: u64,
    /// Open requests for charts that go there.
    pub requests: u64,
    /// What is part of it and not closed.
    pub parts: Vec<Part>,
}

/// A custodian that is part of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Which one.
    pub custodian: Named,
    /// file-area, clinic, …
    pub kind: String,
    /// It takes no charts.
    pub is_closed: bool,
}

/// What was handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HandedOver {
    /// How many.
    pub done: u64,
    /// How many are left for the next time.
    pub left: u64,
}

impl Store {
    /// What a custodian still has.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn leaving(&self, custodian: CustodianId) -> Result<Leaving, StoreError> {
        self.read("list what a custodian still has", move |conn| {
            let (holds, requests, home) = conn
                .prepare_cached(
                    "select (select count(*) from volume where at_id = ?1 and at_id <> home_id),
                            (select count(*) from request where closed_at_us is null and to_id = ?1),
                            coalesce((select volumes_home from custodian where custodian_id = ?1), 0)",
                )?
                .query_row(params![custodian.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            let parts = parts(conn, custodian)?.into_iter().filter(|part| !part.is_closed).collect();
            Ok(Leaving { holds, home, requests, parts })
        })
        .await
    }

    /// What is part of a custodian, by name.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn parts(&self, custodian: CustodianId) -> Result<Vec<Part>, StoreError> {
        self.read("list what is part of a custodian", move |conn| parts(conn, custodian)).await
    }

    /// The custodian that stands for somebody with a badge: the one of the same code.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn custodian_of_person(&self, person: PersonId) -> Result<Option<CustodianId>, StoreError> {
        self.read("find the custodian of a person", move |conn| {
            conn.prepare_cached(
                "select custodian_id from person join custodian using (code) where person_id = ?1",
            )?
            .query_row(params![person.0], |row| row.get(0).map(CustodianId))
            .optional()
        })
        .await
    }

    /// Says that another custodian has what one had: the charts of others, not those that belong there. At most five hundred
    /// at once. What is on its way there goes to the other as well; what is missing stays with who had it last.
    ///
    /// # Errors
    /// One of the two is not on file or the other is closed, there is nothing, or the database failed; nothing is changed.
    pub async fn hand_over(
        &self,
        from: CustodianId,
        to: CustodianId,
        actor: Option<String>,
    ) -> Result<HandedOver, Unchanged<NotAllowed>> {
        self.change(move |ledger| hand_over(ledger, from, to, actor.as_deref())).await
    }

    /// Cancels the open requests for charts that go to a custodian. At most five hundred at once.
    ///
    /// # Errors
    /// There are none, or the database failed; nothing is changed.
    pub async fn cancel_requests_to(
        &self,
        custodian: CustodianId,
        actor: Option<String>,
    ) -> Result<HandedOver, Unchanged<NotAllowed>> {
        self.change(move |ledger| cancel_requests(ledger, custodian, actor.as_deref())).await
    }
}

fn parts(conn: &Connection, custodian: CustodianId) -> rusqlite::Result<Vec<Part>> {
    conn.prepare_cached(
        "select custodian_id, code, name, phone, kind, closed_at_us is not null from custodian where parent_id = ?1
         order by closed_at_us is not null, name, custodian_id limit ?2",
    )?
    .query_map(params![custodian.0, PARTS_MAX], |row| {
        Ok(Part { custodian: super::read::named(row, 0)?, kind: row.get(4)?, is_closed: row.get(5)? })
    })?
    .collect()
}

pub(super) fn refuse<T>(why: &str) -> Result<T, Stop<NotAllowed>> {
    Err(Stop::Refused(NotAllowed(why.to_owned())))
}

/// What is handed over: which, its last movement, whether it is on its way.
type Held = (VolumeId, Option<MovementNo>, bool);

fn hand_over(
    ledger: &mut Ledger<'_>,
    from: CustodianId,
    to: CustodianId,
    actor: Option<&str>,
) -> Result<HandedOver, Stop<NotAllowed>> {
    if from == to {
        return refuse("charts cannot be handed over to who has them; choose another");
    }
    if !ledger.is_open_custodian(to)? {
        return refuse("the other one is not on file, or it is closed; choose another");
    }
    let held: Vec<Held> = ledger
        .conn
        .prepare_cached(
            "select volume_id, movement_no, in_transit is not null from volume
             where at_id = ?1 and at_id <> home_id and missing_since_us is null order by filing_key, volume_id limit ?2",
        )?
        .query_map(params![from.0, AT_ONCE], |row| {
            Ok((VolumeId(row.get(0)?), row.get::<_, Option<i64>>(1)?.map(MovementNo), row.get(2)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    if held.is_empty() {
        return refuse("no chart of others is there any more; load the page again");
    }
    let now = ledger.now_us();
    for (volume, previous, in_transit) in &held {
        let due_us = due::due_from(ledger.conn, ledger.memory, *volume, to, now)?;
        let row = MovementRow {
            volume: *volume,
            previous: *previous,
            kind: MovementKind::Transferred,
            from,
            to,
            scanned_us: now,
            recorded_us: now,
            entry: "keyed",
            operator: actor,
            outcome: Outcome { due_us, in_transit: *in_transit, missing_us: None },
            ..MovementRow::empty()
        };
        let no = append_movement(ledger.conn, &mut ledger.memory.heads.movement, &row)?;
        update_whereabouts(ledger.conn, &row, no)?;
    }
    let left = ledger
        .conn
        .prepare_cached(
            "select count(*) from volume where at_id = ?1 and at_id <> home_id and missing_since_us is null",
        )?
        .query_row(params![from.0], |row| row.get(0))?;
    let (was, now) = (ledger.code_of(from)?, ledger.code_of(to)?);
    let detail = format!("{} charts handed over from {was} to {now}", held.len());
    ledger.audit("custodian", actor, &detail)?;
    Ok(HandedOver { done: held.len() as u64, left })
}

fn cancel_requests(
    ledger: &mut Ledger<'_>,
    custodian: CustodianId,
    actor: Option<&str>,
) -> Result<HandedOver, Stop<NotAllowed>> {
    let open: Vec<i64> = ledger
        .conn
        .prepare_cached(
            "select request_id from request where closed_at_us is null and to_id = ?1 order by request_id limit ?2",
        )?
        .query_map(params![custodian.0, AT_ONCE], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    if open.is_empty() {
        return refuse("no request is open any more; load the page again");
    }
    let mut done = 0;
    for request in &open {
        let row = StepRow {
            request: RequestId(*request),
            step: RequestStep::Cancelled,
            at_us: ledger.now_us(),
            why: Some("who asked takes no charts any more"),
            actor,
            scan: None,
            movement: None,
        };
        done += u64::from(step(ledger.conn, &row)?.is_some());
    }
    let left = ledger
        .conn
        .prepare_cached("select count(*) from request where closed_at_us is null and to_id = ?1")?
        .query_row(params![custodian.0], |row| row.get(0))?;
    let code = ledger.code_of(custodian)?;
    ledger.audit("request", actor, &format!("{done} requests to {code} cancelled"))?;
    Ok(HandedOver { done, left })
}
