//! What a scan has to know of requests: what a slip or list stands for, who waits for a volume, how far a list is.

use super::super::record::Memory;
use super::super::{known, timestamp};
use crate::label::LabelKind;
use crate::tracking::grammar::{Meaning, Mode, NextRow, Order, Progress, Slip};
use crate::tracking::request::{HOLD_WITHIN, Priority, RequestState, Wanted, in_order, local_time};
use crate::tracking::{CustodianId, PullListId, RequestId, Sighting, VolumeId};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Most open requests of one volume that a scan looks at.
const QUEUE_MAX: i64 = 50;

/// The zone of the room's clocks, as far as it is known.
pub(in crate::store) fn zone(memory: &Memory) -> TimeZone {
    memory.due.as_ref().map_or(TimeZone::UTC, |due| due.calendar.zone().clone())
}

/// What the label of a slip or a pull list stands for.
pub(in crate::store) fn meaning(conn: &Connection, key: &str) -> rusqlite::Result<Option<Meaning>> {
    let slip = conn
        .prepare_cached(
            "select request_id, r.state, t.name, t.closed_at_us is null, a.name from request r
             join custodian t on t.custodian_id = to_id join volume v using (volume_id)
             join custodian a on a.custodian_id = v.at_id where r.label = ?1",
        )?
        .query_row(params![key], |row| {
            Ok(Slip {
                id: RequestId(row.get(0)?),
                state: state(row, 1)?,
                to_name: row.get(2)?,
                is_open: row.get(3)?,
                at_name: row.get(4)?,
            })
        })
        .optional()?;
    if let Some(slip) = slip {
        return Ok(Some(Meaning::Slip(slip)));
    }
    let list: Option<i64> = conn
        .prepare_cached("select pull_list_id from pull_list where label = ?1")?
        .query_row(params![key], |row| row.get(0))
        .optional()?;
    let Some(id) = list.map(PullListId) else { return Ok(None) };
    Ok(Some(Meaning::Order(Order { id, progress: progress(conn, id, None)? })))
}

/// A state as stored; what is no state any more waits for nothing.
pub(super) fn state(row: &Row<'_>, column: usize) -> rusqlite::Result<RequestState> {
    let word: String = row.get(column)?;
    Ok(RequestState::parse(&word).unwrap_or(RequestState::Expired))
}

/// Who waits for a volume, in order.
pub(in crate::store) fn queue(
    conn: &Connection,
    volume: VolumeId,
    now: Timestamp,
    zone: &TimeZone,
) -> rusqlite::Result<Vec<Wanted>> {
    let mut queue: Vec<Wanted> = conn
        .prepare_cached(
            "select request_id, state, to_id, name, requester, needed_at_us, priority, asked_at_us, pull_list_id
             from request r join custodian on custodian_id = to_id
             where volume_id = ?1 and r.closed_at_us is null and (expires_at_us > ?2 or state = 'sent')
             order by needed_at_us limit ?3",
        )?
        .query_map(params![volume.0, super::super::micros(now), QUEUE_MAX], |row| {
            let needed_at = timestamp(row.get(5)?);
            Ok(Wanted {
                id: RequestId(row.get(0)?),
                state: state(row, 1)?,
                to: CustodianId(row.get(2)?),
                to_name: row.get(3)?,
                requester: row.get(4)?,
                needed_at,
                day: needed_at.to_zoned(zone.clone()).date(),
                when: local_time(needed_at, now, zone),
                priority: Priority::of(row.get(6)?),
                asked_at: timestamp(row.get(7)?),
                list: row.get::<_, Option<i64>>(8)?.map(PullListId),
                is_now: needed_at.duration_since(now) <= HOLD_WITHIN,
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    in_order(&mut queue);
    Ok(queue)
}

/// Where the chart of a slip, or a chart of the list that is sent out, is wanted.
pub(in crate::store) fn destination(
    conn: &Connection,
    memory: &Memory,
    mode: Mode,
    sighting: &Sighting,
) -> rusqlite::Result<Option<crate::tracking::grammar::Place>> {
    let to: Option<i64> = match (mode, sighting) {
        (Mode::Slip(request), _) => conn
            .prepare_cached("select to_id from request where request_id = ?1")?
            .query_row(params![request.0], |row| row.get(0))
            .optional()?,
        (Mode::Send(list), Sighting::Label { kind: LabelKind::Volume, key }) => conn
            .prepare_cached(
                "select to_id from request where pull_list_id = ?1 and closed_at_us is null
                   and volume_id = (select coalesce(sheets_in, volume.volume_id) from label
                                    join volume on volume.volume_id = target_id where label.kind = 'volume' and key = ?2)",
            )?
            .query_row(params![list.0, key], |row| row.get(0))
            .optional()?,
        _ => None,
    };
    to.map_or(Ok(None), |to| known::place(conn, memory, CustodianId(to)))
}

/// How far a list is, and where the walk goes on after a volume that is being scanned (or from its beginning).
pub(in crate::store) fn progress(
    conn: &Connection,
    list: PullListId,
    after: Option<VolumeId>,
) -> rusqlite::Result<Progress> {
    walked(conn, list, after, false)
}

/// The same after a volume that was scanned: it has left the shelf that the walk is at.
pub(in crate::store) fn progress_since(
    conn: &Connection,
    list: PullListId,
    after: Option<VolumeId>,
) -> rusqlite::Result<Progress> {
    walked(conn, list, after, true)
}

fn walked(
    conn: &Connection,
    list: PullListId,
    after: Option<VolumeId>,
    is_pulled: bool,
) -> rusqlite::Result<Progress> {
    let (of, ticked) = conn
        .prepare_cached(
            "select count(*) filter (where state not in ('cancelled', 'expired')),
                    count(*) filter (where state in ('pulled', 'sent', 'delivered'))
             from request where pull_list_id = ?1",
        )?
        .query_row(params![list.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    // Charts on their shelves first, in the order of the shelves; then those that somebody has.
    let next = conn
        .prepare_cached(
            "with walk as (
               select v.volume_id, v.label, v.at_id <> v.home_id or v.in_transit is not null as away, v.home_id, v.filing_key, v.number,
                      mrn, h.name as home, a.name as holder
               from request r join volume v using (volume_id) join chart using (chart_id)
               join custodian h on h.custodian_id = v.home_id join custodian a on a.custodian_id = v.at_id
               where r.pull_list_id = ?1 and r.state = 'requested' and v.volume_id is not ?2),
             here as (select not ?3 and (v.at_id <> v.home_id or v.in_transit is not null) as away, v.home_id, v.filing_key, v.number
                      from volume v where v.volume_id = ?2)
             select volume_id, label, mrn, number, iif(away, 'with ' || holder, 'shelf ' || home) from walk
             order by (away, home_id, filing_key, number)
                        > (select away, home_id, filing_key, number from here) is not 1,
                      away, home_id, filing_key, number limit 1",
        )?
        .query_row(params![list.0, after.map(|id| id.0), is_pulled], |row| {
            Ok(NextRow {
                volume: VolumeId(row.get(0)?),
                label: row.get(1)?,
                mrn: row.get(2)?,
                number: row.get(3)?,
                place: row.get(4)?,
            })
        })
        .optional()?;
    Ok(Progress { ticked, of, next })
}
