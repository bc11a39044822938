//! Movements: how they are added to history, and what they leave behind.

use super::chain::{Head, RowHash};
use crate::tracking::grammar::{MovementKind, Skip};
use crate::tracking::{CustodianId, MovementNo, ScanNo, StationId, VolumeId};
use rusqlite::{Connection, named_params, params};

/// What a volume is after a movement, besides where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Outcome {
    /// It is on its way.
    pub(super) in_transit: bool,
    /// When it should be back.
    pub(super) due_us: Option<i64>,
    /// Since when it is missing.
    pub(super) missing_us: Option<i64>,
}

impl Outcome {
    /// What a movement of this kind leaves behind.
    pub(super) fn of(kind: MovementKind, in_transit: bool, now_us: i64) -> Outcome {
        Outcome { in_transit, due_us: None, missing_us: (kind == MovementKind::Missing).then_some(now_us) }
    }

    fn transit(self) -> Option<i64> {
        self.in_transit.then_some(1)
    }
}

/// A movement about to be added.
#[derive(Debug, Clone)]
pub(super) struct MovementRow<'a> {
    pub(super) volume: VolumeId,
    pub(super) previous: Option<MovementNo>,
    pub(super) kind: MovementKind,
    pub(super) from: CustodianId,
    pub(super) to: CustodianId,
    pub(super) late: bool,
    pub(super) scanned_us: i64,
    pub(super) recorded_us: i64,
    pub(super) entry: &'static str,
    pub(super) station: Option<StationId>,
    pub(super) operator: Option<&'a str>,
    pub(super) scan_no: Option<ScanNo>,
    pub(super) outcome: Outcome,
    pub(super) skip: Option<Skip>,
    pub(super) undoes: Option<MovementNo>,
}

impl MovementRow<'_> {
    /// A received movement of nothing from nowhere, to be filled in.
    pub(super) fn empty() -> Self {
        MovementRow {
            volume: VolumeId(0),
            previous: None,
            kind: MovementKind::Received,
            from: CustodianId(0),
            to: CustodianId(0),
            late: false,
            scanned_us: 0,
            recorded_us: 0,
            entry: "scanned",
            station: None,
            operator: None,
            scan_no: None,
            outcome: Outcome::default(),
            skip: None,
            undoes: None,
        }
    }
}

/// Adds a movement to the end of history.
pub(super) fn append_movement(
    conn: &Connection,
    head: &mut Head,
    row: &MovementRow<'_>,
) -> rusqlite::Result<MovementNo> {
    let no = head.no + 1;
    let previous = row.previous.map(|no| no.0);
    let (station, scan_no) = (row.station.map(|id| id.0), row.scan_no.map(|no| no.0));
    let (skip, undoes) = (row.skip.map(Skip::as_str), row.undoes.map(|no| no.0));
    let Outcome { due_us, missing_us, .. } = row.outcome;
    let transit = row.outcome.transit();
    let hash = RowHash::after(&head.hash)
        .integer(no)
        .integer(row.volume.0)
        .maybe_integer(previous)
        .text(row.kind.as_str())
        .integer(row.from.0)
        .integer(row.to.0)
        .integer(i64::from(row.late))
        .integer(row.scanned_us)
        .integer(row.recorded_us)
        .text(row.entry)
        .maybe_integer(station)
        .maybe_text(row.operator)
        .maybe_integer(scan_no)
        .later_integer("in_transit", transit)
        .later_integer("due_at_us", due_us)
        .later_integer("missing_since_us", missing_us)
        .later_text("skip", skip)
        .later_integer("undoes_no", undoes)
        .finish();
    conn.prepare_cached(
        "insert into movement (movement_no, volume_id, previous_no, kind, from_id, to_id, late, scanned_at_us, recorded_at_us,
                               entry, station_id, operator, scan_no, hash, in_transit, due_at_us, missing_since_us, skip,
                               undoes_no)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
    )?
    .execute(params![
        no, row.volume.0, previous, row.kind.as_str(), row.from.0, row.to.0, row.late, row.scanned_us, row.recorded_us,
        row.entry, station, row.operator, scan_no, hash, transit, due_us, missing_us, skip, undoes,
    ])?;
    *head = Head { no, hash };
    Ok(MovementNo(no))
}

/// Makes a movement the present; a late one only becomes the last link of the volume's history.
pub(super) fn update_whereabouts(
    conn: &Connection,
    row: &MovementRow<'_>,
    no: MovementNo,
) -> rusqlite::Result<()> {
    if row.late {
        conn.prepare_cached("update volume set movement_no = :no where volume_id = :volume")?
            .execute(named_params! { ":no": no.0, ":volume": row.volume.0 })?;
    } else {
        let Outcome { due_us, missing_us, .. } = row.outcome;
        conn.prepare_cached(
            "update volume set at_id = ?1, since_us = ?2, movement_no = ?3, in_transit = ?5, due_at_us = ?6,
                               missing_since_us = ?7 where volume_id = ?4",
        )?
        .execute(params![
            row.to.0,
            row.scanned_us,
            no.0,
            row.volume.0,
            row.outcome.transit(),
            due_us,
            missing_us,
        ])?;
    }
    Ok(())
}

/// Who had a volume at `at_us`, by its history from `last` backwards; nothing if it had not moved by then.
pub(super) fn had_then(
    conn: &Connection,
    last: Option<MovementNo>,
    at_us: i64,
) -> rusqlite::Result<Option<CustodianId>> {
    let mut step = conn.prepare_cached(
        "select previous_no, from_id, to_id, late, scanned_at_us <= ?2 from any_movement where movement_no = ?1",
    )?;
    let (mut next, mut before) = (last.map(|no| no.0), None);
    while let Some(no) = next {
        let (previous, from, to, late, is_before): (Option<i64>, i64, i64, bool, bool) = step
            .query_row(params![no, at_us], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
            })?;
        match (late, is_before) {
            (false, true) => return Ok(Some(CustodianId(to))),
            (false, false) => before = Some(CustodianId(from)),
            (true, _) => {}
        }
        next = previous;
    }
    Ok(before)
}

/// What was before a movement.
pub(super) struct Before {
    /// Where the movement had put the volume.
    pub(super) was_at: CustodianId,
    /// Where it had been.
    pub(super) at: CustodianId,
    /// What else it had been.
    pub(super) outcome: Outcome,
}

/// What a volume was before a movement that is to be taken back.
pub(super) fn outcome_before(conn: &Connection, movement: MovementNo) -> rusqlite::Result<Before> {
    let (was_at, at, mut previous): (i64, i64, Option<i64>) = conn
        .prepare_cached("select to_id, from_id, previous_no from any_movement where movement_no = ?1")?
        .query_row([movement.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let mut outcome = Outcome::default();
    while let Some(no) = previous {
        let (late, before, left) = left_behind(conn, no)?;
        if !late {
            outcome = left;
            break;
        }
        // Late movements in between changed nothing.
        previous = before;
    }
    Ok(Before { was_at: CustodianId(was_at), at: CustodianId(at), outcome })
}

/// Whether a movement was late, which was before it, and what it left behind, as patients' admissions changed it since.
fn left_behind(conn: &Connection, no: i64) -> rusqlite::Result<(bool, Option<i64>, Outcome)> {
    conn.prepare_cached(
        "select p.late, p.previous_no, p.in_transit,
                iif(exists (select 1 from due_change d where d.volume_id = p.volume_id and d.movement_no = p.movement_no),
                    (select d.due_at_us from due_change d where d.volume_id = p.volume_id and d.movement_no = p.movement_no
                     order by d.audit_no desc limit 1), p.due_at_us),
                p.missing_since_us
         from any_movement p where p.movement_no = ?1",
    )?
    .query_row([no], |row| {
        let in_transit = row.get::<_, Option<i64>>(2)?.is_some();
        Ok((row.get(0)?, row.get(1)?, Outcome { in_transit, due_us: row.get(3)?, missing_us: row.get(4)? }))
    })
}
