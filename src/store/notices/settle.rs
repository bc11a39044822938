//! Charts that somebody was asked for and that were scanned elsewhere since: asking ends, and others are told.

use super::{About, Added, Decided, Mark, Never, WALK_MAX, add, stay_no, unwritten};
use crate::notice::Rules;
use crate::store::change::Ledger;
use crate::store::{Store, StoreError};
use crate::tracking::{CustodianId, VolumeId};
use rusqlite::{Connection, OptionalExtension, params};
use std::sync::Arc;

/// Volumes of a page.
const PAGE: i64 = 200;

/// A chart that somebody was asked for.
struct Open {
    notice: i64,
    stay: i64,
    to: i64,
    /// The message reached them, or may have.
    was_told: bool,
}

impl Store {
    /// Ends asking for charts that moved on, one page of them, and tells everybody who was asked, but for the holder who
    /// only had to give it back. Run twice it writes nothing new.
    ///
    /// # Errors
    /// The database failed; nothing of the page is written.
    pub async fn settle_notices(&self, rules: Arc<Rules>, from: Mark) -> Result<Decided, StoreError> {
        let (volumes, next) = self.read("find charts that came back", move |conn| page(conn, from)).await?;
        if volumes.is_empty() {
            return Ok(Decided { next, ..Decided::default() });
        }
        let settled = self.change::<_, Never>(move |ledger| {
            let mut decided = Decided { next, ..Decided::default() };
            for volume in &volumes {
                decided.asked += settle(ledger, &rules, *volume)?;
            }
            Ok(decided)
        });
        settled.await.map_err(|error| unwritten(&error))
    }
}

/// Volumes with movements since somebody was asked for them.
fn page(conn: &Connection, from: Mark) -> rusqlite::Result<(Vec<VolumeId>, Option<Mark>)> {
    let volumes: Vec<i64> = conn
        .prepare_cached(
            "select distinct nv.volume_id from notice_volume nv join volume v on v.volume_id = nv.volume_id
             where nv.settled_at_us is null and nv.volume_id > ?1 and v.movement_no <> nv.stay_no
               and v.missing_since_us is null
             order by nv.volume_id limit ?2",
        )?
        .query_map(params![from.volume, PAGE], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let is_full = i64::try_from(volumes.len()).is_ok_and(|rows| rows == PAGE);
    let next = volumes.last().filter(|_| is_full).map(|volume| Mark { due_us: 0, volume: *volume });
    Ok((volumes.into_iter().map(VolumeId).collect(), next))
}

fn settle(ledger: &mut Ledger<'_>, rules: &Rules, volume: VolumeId) -> rusqlite::Result<usize> {
    let last: Option<i64> = ledger
        .conn
        .prepare_cached("select movement_no from volume where volume_id = ?1 and missing_since_us is null")?
        .query_row(params![volume.0], |row| row.get(0))
        .optional()?
        .flatten();
    let Some(last) = last else { return Ok(0) };
    let now_at = stay_no(ledger.conn, last)?;
    let mut told = 0;
    for open in open(ledger.conn, volume)? {
        if open.stay == now_at {
            continue;
        }
        let (holder, was_missing) =
            (holder(ledger.conn, open.stay)?, was_missing(ledger.conn, last, open.stay)?);
        let wants_to_know = open.was_told && (was_missing || holder != Some(open.to));
        if wants_to_know && !is_told_found(ledger.conn, volume, &open)? {
            let about =
                About { volume, stay: open.stay, step: "found", to: CustodianId(open.to), needed: None };
            if add(ledger, rules, &about)? == Added::TooMany {
                // The recipient had too many for now: it stays owed.
                continue;
            }
            told += 1;
        }
        ledger
            .conn
            .prepare_cached(
                "update notice_volume set settled_at_us = ?1 where notice_id = ?2 and volume_id = ?3",
            )?
            .execute(params![ledger.now_us(), open.notice, volume.0])?;
    }
    Ok(told)
}

fn open(conn: &Connection, volume: VolumeId) -> rusqlite::Result<Vec<Open>> {
    conn.prepare_cached(
        "select nv.notice_id, nv.stay_no, nv.to_id, n.state = 'sent' or (n.state = 'queued' and n.tries > 0)
         from notice_volume nv join notice n using (notice_id)
         where nv.volume_id = ?1 and nv.settled_at_us is null order by nv.notice_id",
    )?
    .query_map(params![volume.0], |row| {
        Ok(Open { notice: row.get(0)?, stay: row.get(1)?, to: row.get(2)?, was_told: row.get(3)? })
    })?
    .collect()
}

fn is_told_found(conn: &Connection, volume: VolumeId, open: &Open) -> rusqlite::Result<bool> {
    conn.prepare_cached(
        "select exists (select 1 from notice_volume
                        where volume_id = ?1 and stay_no = ?2 and step = 'found' and to_id = ?3)",
    )?
    .query_row(params![volume.0, open.stay, open.to], |row| row.get(0))
}

fn holder(conn: &Connection, stay: i64) -> rusqlite::Result<Option<i64>> {
    conn.prepare_cached("select to_id from any_movement where movement_no = ?1")?
        .query_row(params![stay], |row| row.get(0))
        .optional()
}

/// Whether it was flagged missing between two of its movements.
fn was_missing(conn: &Connection, last: i64, stay: i64) -> rusqlite::Result<bool> {
    let mut at = last;
    for _ in 0..WALK_MAX {
        let step: Option<(bool, Option<i64>)> = conn
            .prepare_cached("select kind = 'missing', previous_no from any_movement where movement_no = ?1")?
            .query_row(params![at], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        match step {
            Some((true, _)) => return Ok(true),
            Some((false, Some(before))) if before > stay => at = before,
            _ => return Ok(false),
        }
    }
    Ok(false)
}
