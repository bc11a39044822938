//! Volumes that several want on one day.

use super::super::{Store, StoreError, micros, timestamp};
use super::scene::state;
use super::views::{REQUEST_COLUMNS, RequestView, request_view};
use crate::tracking::request::{Want, conflicts};
use crate::tracking::{CustodianId, RequestId, VolumeId};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::{Connection, params};

/// A volume and who wants it, in the order in which it goes from one to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictView {
    /// The requests, the first first; each tells where the volume is.
    pub chain: Vec<RequestView>,
    /// Two of them want it within so short a time that it can hardly be with both.
    pub is_tight: bool,
}

impl Store {
    /// What is wanted by more than one on one day of the room, among what is needed from `from` to `to`.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn conflicts(
        &self,
        from: Timestamp,
        to: Timestamp,
        zone: TimeZone,
    ) -> Result<Vec<ConflictView>, StoreError> {
        self.read("look for conflicts", move |conn| {
            let wants = wants(conn, from, to)?;
            let sql = format!("select {REQUEST_COLUMNS} where r.request_id = ?1");
            let mut statement = conn.prepare_cached(&sql)?;
            let mut found = Vec::new();
            for conflict in conflicts(wants, &zone) {
                let chain =
                    conflict.chain.iter().map(|want| statement.query_row(params![want.id.0], request_view));
                found.push(ConflictView {
                    chain: chain.collect::<rusqlite::Result<_>>()?,
                    is_tight: conflict.is_tight,
                });
            }
            Ok(found)
        })
        .await
    }
}

/// What is wanted from one time to another.
pub(in crate::store) fn wants(
    conn: &Connection,
    from: Timestamp,
    to: Timestamp,
) -> rusqlite::Result<Vec<Want>> {
    conn.prepare_cached(
        "select request_id, volume_id, to_id, needed_at_us, state from request
         where needed_at_us >= ?1 and needed_at_us < ?2",
    )?
    .query_map(params![micros(from), micros(to)], |row| {
        Ok(Want {
            id: RequestId(row.get(0)?),
            volume: VolumeId(row.get(1)?),
            to: CustodianId(row.get(2)?),
            needed_at: timestamp(row.get(3)?),
            state: state(row, 4)?,
        })
    })?
    .collect()
}
