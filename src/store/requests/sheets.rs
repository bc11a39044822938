//! What is wanted of a folder whose sheets were put into another: from now on it is wanted of that one.

use super::super::change::Ledger;
use super::steps::{StepRow, WAS_THERE, step};
use crate::tracking::request::RequestStep;
use crate::tracking::{RequestId, VolumeId};
use rusqlite::params;

/// Has the open requests for a folder, and what was asked of its holder for them, follow its sheets.
pub(in crate::store) fn follow_sheets(
    ledger: &Ledger<'_>,
    folder: VolumeId,
    into: VolumeId,
    actor: Option<&str>,
) -> rusqlite::Result<()> {
    let conn = ledger.conn;
    // Of two requests of one place for one time, one is enough.
    let open: Vec<(RequestId, bool)> = conn
        .prepare_cached(
            "select request_id, exists (select 1 from request other
                                        where other.volume_id = ?2 and other.closed_at_us is null and other.to_id = request.to_id
                                          and other.needed_at_us = request.needed_at_us)
             from request where volume_id = ?1 and closed_at_us is null order by request_id",
        )?
        .query_map(params![folder.0, into.0], |row| Ok((RequestId(row.get(0)?), row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    if open.is_empty() {
        return Ok(());
    }
    let why = conn
        .prepare_cached(
            "select 'its sheets are in volume ' || number || ' of ' || mrn || ' now' from volume join chart using (chart_id)
             where volume_id = ?1",
        )?
        .query_row(params![into.0], |row| row.get::<_, String>(0))?;
    for (request, is_asked) in open {
        let take = |taken, why: &str| {
            let row = StepRow {
                request,
                step: taken,
                at_us: ledger.now_us(),
                why: Some(why),
                actor,
                scan: None,
                movement: None,
            };
            step(conn, &row).map(drop)
        };
        if is_asked {
            take(RequestStep::Cancelled, &format!("{why}, which is asked for already"))?;
            continue;
        }
        conn.prepare_cached("update request set volume_id = ?2 where request_id = ?1")?
            .execute(params![request.0, into.0])?;
        conn.prepare_cached("update recall set volume_id = ?2 where request_id = ?1")?
            .execute(params![request.0, into.0])?;
        take(RequestStep::SheetsMoved, &why)?;
        let is_there = conn
            .prepare_cached(
                "select 1 from request join volume using (volume_id)
                 where request_id = ?1 and to_id = at_id and in_transit is null and missing_since_us is null",
            )?
            .exists(params![request.0])?;
        if is_there {
            take(RequestStep::Delivered, WAS_THERE)?;
        }
    }
    Ok(())
}
