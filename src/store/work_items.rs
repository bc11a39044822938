//! The work list: what somebody has to look at.

use super::change::{Stop, Unchanged};
use super::views::WorkItemView;
use super::{Store, StoreError, timestamp};
use crate::tracking::WorkItemId;
use rusqlite::named_params;

/// Most items that the list shows.
const ROWS_MAX: i64 = 200;

/// The item is not open (any more).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("somebody has closed this item already, or it never was")]
pub struct NotOpen;

impl Store {
    /// Labels that were scanned and that nobody knows, the newest first.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn work_items(&self) -> Result<Vec<WorkItemView>, StoreError> {
        self.read("list unknown labels", |conn| {
            conn.prepare_cached(
                "select work_item_id, key, times, station.name, opened_at_us, seen_at_us
                 from work_item join station using (station_id)
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
                })
            })?
            .collect()
        })
        .await
    }

    /// Takes an item off the list because somebody has looked; scanned again, the label comes back.
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
                     where work_item_id = :item and closed_at_us is null",
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
