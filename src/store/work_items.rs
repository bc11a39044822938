//! The work list: what somebody has to look at.

use super::change::{Stop, Unchanged};
use super::views::WorkItemView;
use super::{Store, StoreError, timestamp};
use crate::tracking::{ChartId, Scan, ScanNo, WorkItemId};
use rusqlite::{Connection, named_params};

/// Most items that the list shows.
const ROWS_MAX: i64 = 200;

/// The item is not open (any more).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("somebody has closed this item already, or it leaves the list only when its folders are combined")]
pub struct NotOpen;

impl Store {
    /// Everything that somebody has to look at, the newest first; what is to be done about folders that are to be combined
    /// is in [`Store::combine_tasks`].
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn work_items(&self) -> Result<Vec<WorkItemView>, StoreError> {
        self.read("read the work list", |conn| {
            conn.prepare_cached(
                "select work_item_id, key, times, station.name, opened_at_us, seen_at_us, kind, chart_id
                 from work_item left join station using (station_id)
                 where closed_at_us is null order by seen_at_us desc limit :rows",
            )?
            .query_map(named_params! { ":rows": ROWS_MAX }, |row| {
                Ok(WorkItemView {
                    id: WorkItemId(row.get(0)?),
                    key: row.get(1)?,
                    times: row.get(2)?,
                    station: row.get(3)?,
                    opened_at: timestamp(row.get(4)?),
                    seen_at: timestamp(row.get(5)?),
                    kind: row.get(6)?,
                    chart: row.get::<_, Option<i64>>(7)?.map(ChartId),
                })
            })?
            .collect()
        })
        .await
    }

    /// Takes an item off the list because somebody has looked; scanned again, a label comes back. Folders that are to be
    /// combined leave the list when they are, or when the merge is undone.
    ///
    /// # Errors
    /// It is not open, or the database failed; nothing is changed.
    pub async fn close_work_item(
        &self,
        item: WorkItemId,
        why: String,
        actor: Option<String>,
    ) -> Result<(), Unchanged<NotOpen>> {
        self.change(move |ledger| {
            let closed = ledger
                .conn
                .prepare_cached(
                    "update work_item set closed_at_us = :now, closed_why = :why
                     where work_item_id = :item and closed_at_us is null and kind <> 'combine-folders'",
                )?
                .execute(named_params! { ":now": ledger.now_us(), ":why": why, ":item": item.0 })?;
            if closed == 0 {
                return Err(Stop::Refused(NotOpen));
            }
            Ok(ledger.audit("work-item", actor.as_deref(), &format!("item {item} closed: {why}"))?)
        })
        .await
    }
}

/// Puts a label that nobody knows onto the list, or counts it again.
pub(super) fn open_unknown(
    conn: &Connection,
    key: &str,
    scan: &Scan,
    scan_no: ScanNo,
    now_us: i64,
) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "insert into work_item (kind, key, station_id, scan_no, times, opened_at_us, seen_at_us)
         values ('unknown-label', :key, :station, :scan, 1, :now, :now)
         on conflict (kind, key) where closed_at_us is null
         do update set times = times + 1, station_id = :station, scan_no = :scan, seen_at_us = :now",
    )?
    .execute(named_params! { ":key": key, ":station": scan.station.0, ":scan": scan_no.0, ":now": now_us })?;
    Ok(())
}
