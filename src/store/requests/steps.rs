//! The steps of requests: written one after the other, by scans and by pages.

use super::scene::state;
use crate::missing::case::Sign;
use crate::store::missing::cases;
use crate::store::timestamp;
use crate::tracking::grammar::{Act, MovementKind, Role, Session, Volume, doing};
use crate::tracking::request::{Passage, RequestState, RequestStep, effects};
use crate::tracking::{CustodianId, MovementNo, RequestId, ScanNo, VolumeId};
use rusqlite::{Connection, OptionalExtension, params};

/// A step about to be written.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct StepRow<'a> {
    pub(in crate::store) request: RequestId,
    pub(in crate::store) step: RequestStep,
    pub(in crate::store) at_us: i64,
    pub(in crate::store) why: Option<&'a str>,
    pub(in crate::store) actor: Option<&'a str>,
    pub(in crate::store) scan: Option<ScanNo>,
    pub(in crate::store) movement: Option<MovementNo>,
}

/// Takes a request one step on. `None` if it cannot take that step from where it stands; nothing is written then.
pub(in crate::store) fn step(conn: &Connection, row: &StepRow<'_>) -> rusqlite::Result<Option<RequestState>> {
    let was = conn
        .prepare_cached("select state from request where request_id = ?1")?
        .query_row(params![row.request.0], |found| state(found, 0))
        .optional()?;
    let Some(was) = was else { return Ok(None) };
    let Some(after) = was.after(row.step) else { return Ok(None) };
    write(conn, row, was, after)?;
    Ok(Some(after))
}

/// Adds the row and makes its state the present.
pub(super) fn write(
    conn: &Connection,
    row: &StepRow<'_>,
    was: RequestState,
    after: RequestState,
) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "insert into request_step (request_id, at_us, step, was, why, actor, scan_no, movement_no)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        row.request.0,
        row.at_us,
        row.step.as_str(),
        was.as_str(),
        row.why,
        row.actor,
        row.scan.map(|no| no.0),
        row.movement.map(|no| no.0),
    ])?;
    let closed = (!after.is_open()).then_some(row.at_us);
    conn.prepare_cached(
        "update request set state = ?2, closed_at_us = ?3, steps = steps + 1 where request_id = ?1",
    )?
    .execute(params![row.request.0, after.as_str(), closed])?;
    if row.step == RequestStep::NotFound {
        looked_for_in_vain(conn, row)?;
    }
    Ok(())
}

/// A chart that was to be pulled and was not there speaks against the record.
fn looked_for_in_vain(conn: &Connection, row: &StepRow<'_>) -> rusqlite::Result<()> {
    let (volume, wanted) = conn
        .prepare_cached("select volume_id, needed_at_us, to_id from request where request_id = ?1")?
        .query_row(params![row.request.0], |found| {
            let wanted = cases::Wanted { at: timestamp(found.get(1)?), by: CustodianId(found.get(2)?) };
            Ok((VolumeId(found.get(0)?), wanted))
        })?;
    let told = cases::Told {
        signs: &[Sign::NotFillable],
        wanted: Some(wanted),
        actor: row.actor,
        now_us: row.at_us,
    };
    cases::evidence(conn, volume, &told).map(drop)
}

/// What a scan does.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Done<'a> {
    pub(in crate::store) act: &'a Act,
    /// The volume that was scanned, if it was one.
    pub(in crate::store) volume: Option<&'a Volume>,
    /// Whom the station stands for.
    pub(in crate::store) here: CustodianId,
    pub(in crate::store) at_us: i64,
    pub(in crate::store) actor: Option<&'a str>,
    pub(in crate::store) scan: ScanNo,
    pub(in crate::store) movement: Option<MovementNo>,
}

/// Does for requests what a scan did.
pub(in crate::store) fn after_scan(
    conn: &Connection,
    session: &Session,
    done: &Done<'_>,
) -> rusqlite::Result<()> {
    let row = |request, step| StepRow {
        request,
        step,
        at_us: done.at_us,
        why: None,
        actor: done.actor,
        scan: Some(done.scan),
        movement: done.movement,
    };
    let act = match done.act {
        Act::Told(act) => act,
        act => act,
    };
    match (act, done.volume) {
        (Act::Move { to, kind, in_transit, .. }, Some(volume)) if !volume.wanted.is_empty() => {
            if matches!(kind, MovementKind::Missing) {
                return Ok(());
            }
            let is_home = *to == volume.home && *kind != MovementKind::Sighted;
            let is_elsewhere = is_home || is_holder(conn, to.0)?;
            let passage = Passage { to: *to, in_transit: *in_transit, is_elsewhere };
            for (request, taken) in effects(&volume.wanted, doing(session.mode()), passage) {
                step(conn, &row(request, taken))?;
            }
        }
        // It was there before its time had come, or before anybody asked.
        (Act::Seen(_), Some(volume))
            if volume.at == done.here && !volume.in_transit && !volume.is_missing =>
        {
            let passage = Passage { to: volume.at, in_transit: false, is_elsewhere: false };
            for (request, taken) in effects(&volume.wanted, doing(session.mode()), passage) {
                if taken == RequestStep::Delivered {
                    step(conn, &row(request, taken))?;
                }
            }
        }
        (Act::NotFound(request), _) => {
            let why = Some("not where it should be");
            step(conn, &StepRow { why, ..row(*request, RequestStep::NotFound) })?;
        }
        (Act::Undo { undoes, .. }, _) => take_back(conn, *undoes, row)?,
        _ => {}
    }
    Ok(())
}

fn is_holder(conn: &Connection, custodian: i64) -> rusqlite::Result<bool> {
    conn.prepare_cached("select kind from custodian where custodian_id = ?1")?.query_row(
        params![custodian],
        |row| {
            let kind: String = row.get(0)?;
            // What is packed has gone nowhere yet.
            Ok(Role::of(&kind) == Role::Holder && kind != "box")
        },
    )
}

/// Takes back what a movement did; a request that has gone on since stays, but another time or a question to the holder
/// took it nowhere.
fn take_back<'a>(
    conn: &Connection,
    movement: MovementNo,
    row: impl Fn(RequestId, RequestStep) -> StepRow<'a>,
) -> rusqlite::Result<()> {
    let last: Vec<(RequestId, RequestState)> = conn
        .prepare_cached(
            "select request_id, was from request_step s where movement_no = ?1
               and not exists (select 1 from request_step n where n.request_id = s.request_id and n.step_id > s.step_id
                               and n.step not in ('rescheduled', 'recalled'))",
        )?
        .query_map(params![movement.0], |found| Ok((RequestId(found.get(0)?), state(found, 1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (request, was) in last {
        let now = conn
            .prepare_cached("select state from request where request_id = ?1")?
            .query_row(params![request.0], |found| state(found, 0))?;
        write(conn, &row(request, RequestStep::Undone), now, was)?;
    }
    Ok(())
}

/// Why a request is delivered without a scan for it.
pub(in crate::store) const WAS_THERE: &str = "was there already";

/// Ends the requests whose time has passed; how many.
pub(super) fn expire(conn: &Connection, now_us: i64) -> rusqlite::Result<usize> {
    let owed = "select request_id from request
                where closed_at_us is null and needed_at_us < ?1 and expires_at_us <= ?1 and state <> 'sent'";
    end(conn, owed, now_us, now_us, (RequestStep::Expired, None))
}

/// Ends the requests for what is with who asked, and is needed before then; how many.
pub(super) fn are_there(conn: &Connection, now_us: i64, before_us: i64) -> rusqlite::Result<usize> {
    let owed = "select request_id from request join volume using (volume_id)
                where closed_at_us is null and needed_at_us < ?1 and to_id = at_id and in_transit is null
                  and missing_since_us is null";
    end(conn, owed, before_us, now_us, (RequestStep::Delivered, Some(WAS_THERE)))
}

fn end(
    conn: &Connection,
    owed: &str,
    before_us: i64,
    now_us: i64,
    (taken, why): (RequestStep, Option<&str>),
) -> rusqlite::Result<usize> {
    let owed: Vec<i64> = conn
        .prepare_cached(owed)?
        .query_map(params![before_us], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut ended = 0;
    for request in owed {
        let row = StepRow {
            request: RequestId(request),
            step: taken,
            at_us: now_us,
            why,
            actor: Some("outguide"),
            scan: None,
            movement: None,
        };
        ended += usize::from(step(conn, &row)?.is_some());
    }
    Ok(ended)
}
