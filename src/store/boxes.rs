//! Boxes and totes: where they are, what is in them, and how they are moved and opened.

use super::due::due_back;
use super::history::{MovementRow, Outcome, append_movement, update_whereabouts};
use super::record::Memory;
use super::requests::{scene, steps};
use super::{Store, StoreError, known, timestamp};
use crate::tracking::grammar::{Act, Load, MovementKind, Role, Session, doing};
use crate::tracking::request::{Doing, Passage, effects, hold};
use crate::tracking::{CustodianId, MovementNo, ScanNo, StationId, VolumeId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

/// Most steps of a box that its page shows.
const STEPS_MAX: i64 = 50;

/// What happened to a box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoxStep {
    /// When.
    pub at: Timestamp,
    /// Where it was.
    pub from: Option<String>,
    /// Where it went, or was opened.
    pub to: String,
    /// It was sent there; a scan there ends that.
    pub in_transit: bool,
    /// Its charts were taken out there.
    pub opened: bool,
    /// Charts that were in it.
    pub charts: u64,
    /// Who scanned, if a badge or a sign-in told.
    pub by: Option<String>,
}

impl Store {
    /// Where a box was, the last first.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn box_steps(&self, id: CustodianId) -> Result<Vec<BoxStep>, StoreError> {
        self.read("show where a box was", move |conn| {
            conn.prepare_cached(
                "select at_us, f.name, t.name, in_transit is not null, opened is not null, charts,
                        coalesce((select p.name from person p where p.code = operator), operator)
                 from box_move join custodian t on t.custodian_id = to_id left join custodian f on f.custodian_id = from_id
                 where box_id = ?1 order by box_move_id desc limit ?2",
            )?
            .query_map(params![id.0, STEPS_MAX], |row| {
                Ok(BoxStep {
                    at: timestamp(row.get(0)?),
                    from: row.get(1)?,
                    to: row.get(2)?,
                    in_transit: row.get(3)?,
                    opened: row.get(4)?,
                    charts: row.get(5)?,
                    by: row.get(6)?,
                })
            })?
            .collect()
        })
        .await
    }
}

/// A box as the rules see it, if it were scanned to go to `to`.
pub(super) fn load(
    conn: &Connection,
    memory: &Memory,
    id: CustodianId,
    to: CustodianId,
    now: Timestamp,
) -> rusqlite::Result<Load> {
    let charts: i64 = conn
        .prepare_cached("select count(*) from volume where at_id = ?1 and at_id <> home_id")?
        .query_row(params![id.0], |row| row.get(0))?;
    let at: Option<i64> = conn
        .prepare_cached("select parent_id from custodian where custodian_id = ?1")?
        .query_row(params![id.0], |row| row.get(0))?;
    let last: Option<(i64, bool, i64)> = conn
        .prepare_cached(
            "select to_id, in_transit is not null, at_us from box_move where box_id = ?1 order by box_move_id desc limit 1",
        )?
        .query_row(params![id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let is_around = conn
        .prepare_cached(
            "with recursive around (id) as (select ?1 union
               select parent_id from custodian join around on custodian_id = id where parent_id is not null)
             select ?2 in (select id from around)",
        )?
        .query_row(params![to.0, id.0], |row| row.get(0))?;
    Ok(Load {
        charts: usize::try_from(charts).unwrap_or(usize::MAX),
        at: at.map(CustodianId),
        // Somebody may have said on its page where it is since.
        in_transit: last.is_some_and(|(to, in_transit, _)| in_transit && at == Some(to)),
        since: last.map(|(.., at_us)| timestamp(at_us)),
        is_around,
        held: held(conn, memory, id, to, now)?,
    })
}

fn wanted_in(conn: &Connection, id: CustodianId) -> rusqlite::Result<Vec<VolumeId>> {
    conn.prepare_cached(
        "select volume_id from volume v where at_id = ?1 and at_id <> home_id
           and exists (select 1 from request r where r.volume_id = v.volume_id and r.closed_at_us is null)
         order by filing_key",
    )?
    .query_map(params![id.0], |row| row.get(0).map(VolumeId))?
    .collect()
}

/// Who waits first for a chart in a box that goes elsewhere.
fn held(
    conn: &Connection,
    memory: &Memory,
    id: CustodianId,
    to: CustodianId,
    now: Timestamp,
) -> rusqlite::Result<Option<String>> {
    let mut first = None;
    for volume in wanted_in(conn, id)? {
        let queue = scene::queue(conn, volume, now, &scene::zone(memory))?;
        // Who gets it now hands it on then: that is told when it is scanned there.
        let is_theirs = queue.first().is_some_and(|wanted| wanted.to == to);
        let Some(told) = hold(&queue, Doing::Else, to).filter(|_| !is_theirs) else { continue };
        let needed_at = queue.first().map(|wanted| wanted.needed_at);
        if first.as_ref().is_none_or(|(earliest, _)| needed_at < *earliest) {
            first = Some((needed_at, told));
        }
    }
    Ok(first.map(|(_, told)| told))
}

/// A scan of a box.
pub(super) struct Carried<'a> {
    pub(super) act: &'a Act,
    pub(super) session: &'a Session,
    pub(super) station: StationId,
    pub(super) scanned_us: i64,
    pub(super) now_us: i64,
    pub(super) entry: &'static str,
    pub(super) operator: Option<&'a str>,
    pub(super) scan_no: ScanNo,
}

/// Does what a scan did to a box and to all that is in it.
pub(super) fn follow(conn: &Connection, memory: &mut Memory, carried: &Carried<'_>) -> rusqlite::Result<()> {
    let (id, to, in_transit, is_opened) = match carried.act {
        Act::BoxMoved { carried, to, in_transit } => (*carried, *to, *in_transit, false),
        Act::BoxOpened { opened, at } => (*opened, *at, false, true),
        _ => return Ok(()),
    };
    let inside: Vec<(VolumeId, CustodianId, Option<MovementNo>)> = conn
        .prepare_cached(
            "select volume_id, home_id, movement_no from volume where at_id = ?1 and at_id <> home_id order by filing_key",
        )?
        .query_map(params![id.0], |row| {
            let last: Option<i64> = row.get(2)?;
            Ok((VolumeId(row.get(0)?), CustodianId(row.get(1)?), last.map(MovementNo)))
        })?
        .collect::<rusqlite::Result<_>>()?;
    conn.prepare_cached(
        "insert into box_move (box_id, from_id, to_id, in_transit, charts, opened, at_us, operator, scan_no)
         values (?1, (select parent_id from custodian where custodian_id = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        id.0,
        to.0,
        in_transit.then_some(1),
        i64::try_from(inside.len()).unwrap_or(i64::MAX),
        is_opened.then_some(1),
        carried.now_us,
        carried.operator,
        carried.scan_no.0,
    ])?;
    conn.prepare_cached("update custodian set parent_id = ?2 where custodian_id = ?1")?
        .execute(params![id.0, to.0])?;
    let (role, _) = known::lending(conn, to)?;
    if !is_opened {
        return serve(conn, memory, carried, wanted_in(conn, id)?, (to, in_transit, role, None));
    }
    for (volume, home, last) in inside {
        let is_back = to == home || role != Role::Holder;
        let kind = if is_back { MovementKind::CheckedIn } else { MovementKind::Unpacked };
        let row = MovementRow {
            volume,
            previous: last,
            kind,
            from: id,
            to,
            scanned_us: carried.scanned_us,
            recorded_us: carried.now_us,
            entry: carried.entry,
            station: Some(carried.station),
            operator: carried.operator,
            scan_no: Some(carried.scan_no),
            outcome: Outcome {
                due_us: due_back(conn, memory, (volume, kind, to), carried.now_us)?,
                ..Outcome::of(kind, false, carried.now_us)
            },
            ..MovementRow::empty()
        };
        let no = append_movement(conn, &mut memory.heads.movement, &row)?;
        update_whereabouts(conn, &row, no)?;
        serve(conn, memory, carried, vec![volume], (to, false, role, Some(no)))?;
    }
    Ok(())
}

/// Does for who waits what became of these volumes.
fn serve(
    conn: &Connection,
    memory: &Memory,
    carried: &Carried<'_>,
    volumes: Vec<VolumeId>,
    (to, in_transit, role, movement): (CustodianId, bool, Role, Option<MovementNo>),
) -> rusqlite::Result<()> {
    let zone = scene::zone(memory);
    for volume in volumes {
        let queue = scene::queue(conn, volume, timestamp(carried.now_us), &zone)?;
        let passage = Passage { to, in_transit, is_elsewhere: role == Role::Holder };
        let doing = doing(carried.session.mode());
        for (request, step) in effects(&queue, doing, passage) {
            let row = steps::StepRow {
                request,
                step,
                at_us: carried.now_us,
                why: None,
                actor: carried.operator,
                scan: Some(carried.scan_no),
                movement,
            };
            steps::step(conn, &row)?;
        }
    }
    Ok(())
}
