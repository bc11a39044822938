//! File areas without order: on which shelf each folder was put, which is all that finds it again.

use crate::tracking::grammar::{Act, Meaning};
use crate::tracking::{CustodianId, Filed, FilingScheme, VolumeId};
use rusqlite::{Connection, OptionalExtension, params};

/// Writes down what a scan says of the shelf of a volume. One that comes home stands somewhere else than before, until its
/// shelf is scanned; one that leaves, and comes back by UNDO, still has its own.
pub(super) fn follow(
    conn: &Connection,
    act: &Act,
    meaning: Option<&Meaning>,
    now_us: i64,
) -> rusqlite::Result<()> {
    match (act, meaning) {
        (Act::Shelved { volume, shelf }, _) => put(conn, *volume, Some(*shelf), now_us),
        (Act::Told(act), _) => follow(conn, act, meaning, now_us),
        (Act::Move { to, from, .. }, Some(Meaning::Volume(volume)))
            if volume.has_shelf && *to == volume.home && from != to =>
        {
            put(conn, volume.id, None, now_us)
        }
        _ => Ok(()),
    }
}

fn put(conn: &Connection, volume: VolumeId, shelf: Option<CustodianId>, now_us: i64) -> rusqlite::Result<()> {
    match shelf {
        Some(shelf) => conn
            .prepare_cached(
                "insert into shelved (volume_id, shelf_id, since_us) values (?1, ?2, ?3)
                 on conflict (volume_id) do update set shelf_id = ?2, since_us = ?3",
            )?
            .execute(params![volume.0, shelf.0, now_us])?,
        None => {
            conn.prepare_cached("delete from shelved where volume_id = ?1")?.execute(params![volume.0])?
        }
    };
    let key = conn
        .prepare_cached(
            "select mrn_key, number, shelf.name, area.filing_scheme
             from volume join chart using (chart_id) join custodian area on area.custodian_id = home_id
             left join shelved using (volume_id) left join custodian shelf on shelf.custodian_id = shelf_id
             where volume_id = ?1",
        )?
        .query_row(params![volume.0], |row| {
            let (mrn_key, slot): (String, Option<String>) = (row.get(0)?, row.get(2)?);
            let scheme: String = row.get(3)?;
            let filed = Filed { slot: slot.as_deref(), ..Filed::by_number(&mrn_key, row.get(1)?) };
            Ok(FilingScheme::parse(&scheme)
                .ok()
                .filter(|scheme| *scheme == FilingScheme::Free)
                .map(|free| free.sort_key(&filed)))
        })
        .optional()?;
    if let Some(key) = key.flatten() {
        conn.prepare_cached("update volume set filing_key = ?2 where volume_id = ?1")?
            .execute(params![volume.0, key])?;
    }
    Ok(())
}
