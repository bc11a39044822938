//! What became of the charts that went along with one.

use super::views::VolumeView;
use crate::tracking::mates::{APART_MAX, NEAR, goes_in_batches};
use crate::tracking::{Mates, MovementNo};
use rusqlite::{Connection, OptionalExtension, params};

/// Looks the batch-mates of a volume up, where its last movement is one that charts make together. Reads the movements
/// next to that one in history: those of a batch were recorded beside each other.
pub(super) fn mates(conn: &Connection, view: &VolumeView) -> rusqlite::Result<Option<Mates>> {
    let Some(no) = last_movement(conn, view)?.filter(|_| view.last.is_some_and(goes_in_batches)) else {
        return Ok(None);
    };
    mates_of(conn, no, view.in_transit)
}

/// What became of the charts that made a movement together with one that made no other since.
pub(super) fn mates_of(
    conn: &Connection,
    no: MovementNo,
    in_transit: bool,
) -> rusqlite::Result<Option<Mates>> {
    // Another folder of the same batch has gone on if it has moved since: to its place, if this one is still on its
    // way; else back to the shelves or to those who sort for them.
    conn.prepare_cached(
        "select count(*), coalesce(sum(v.movement_no > m.movement_no and v.missing_since_us is null and (
                  case when ?4 then v.in_transit is null or v.at_id <> m.to_id
                       else v.in_transit is null
                            and (v.at_id = v.home_id or c.kind in ('file-area', 'site', 'shelf', 'sorting')) end)), 0)
         from any_movement mine
         join any_movement m on m.movement_no between mine.movement_no - ?3 and mine.movement_no + ?3
         join volume v on v.volume_id = m.volume_id
         join custodian c on c.custodian_id = v.at_id
         where mine.movement_no = ?1 and m.volume_id <> mine.volume_id and m.station_id = mine.station_id
           and m.to_id = mine.to_id and m.kind = mine.kind and m.late = 0
           and abs(m.recorded_at_us - mine.recorded_at_us) <= ?2",
    )?
    .query_row(params![no.0, i64::try_from(APART_MAX.as_micros()).unwrap_or(i64::MAX), NEAR, in_transit], |row| {
        Ok(Mates { with_it: row.get(0)?, gone_on: row.get(1)? })
    })
    .optional()
}

fn last_movement(conn: &Connection, view: &VolumeView) -> rusqlite::Result<Option<MovementNo>> {
    let found: Option<i64> = conn
        .prepare_cached("select movement_no from volume where volume_id = ?1")?
        .query_row(params![view.volume.0], |row| row.get(0))?;
    Ok(found.map(MovementNo))
}
