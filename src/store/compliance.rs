//! Scan compliance: of the charts that passed through a place with a scanner, how many were scanned there.

use super::since::{Log, first_since};
use super::{Store, StoreError, micros};
use crate::tracking::StationId;
use jiff::Timestamp;
use rusqlite::{Connection, params};

/// How well a station scans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compliance {
    /// Movements that were scanned at the station.
    pub scanned: u64,
    /// Movements that turned up elsewhere without the scan that should have been made at its place: arrived from there
    /// without having been sent, or sent there, never scanned in, and seen further on.
    pub left_out: u64,
}

impl Compliance {
    /// The share that was scanned, in whole per cent, rounded down; `None` if nothing passed.
    pub fn percent(self) -> Option<u64> {
        (self.scanned * 100).checked_div(self.scanned + self.left_out)
    }
}

impl Store {
    /// A station's scan compliance since a time. Scans left out are counted for its place, so that stations of one place
    /// share them.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn compliance(
        &self,
        station: StationId,
        custodian: String,
        since: Timestamp,
    ) -> Result<Compliance, StoreError> {
        self.read("count scans that were left out", move |conn| compliance(conn, station, &custodian, since))
            .await
    }
}

fn compliance(
    conn: &Connection,
    station: StationId,
    custodian: &str,
    since: Timestamp,
) -> rusqlite::Result<Compliance> {
    let first = first_since(conn, Log::Scans, since)?;
    let scanned = conn
        .prepare_cached(
            "select count(*) from scan where station_id = ?1 and scan_no >= ?2
             and verdict in ('moved', 'attention', 'found')",
        )?
        .query_row(params![station.0, first], |row| row.get(0))?;
    let left_out = conn
        .prepare_cached(
            "select count(*) from movement
             where from_id = (select custodian_id from custodian where code = ?1) and recorded_at_us >= ?2
               and skip in ('not-sent', 'not-received')",
        )?
        .query_row(params![custodian, micros(since)], |row| row.get(0))?;
    Ok(Compliance { scanned, left_out })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_of_all_that_passed() {
        for (scanned, left_out, percent) in
            [(0, 0, None), (10, 0, Some(100)), (0, 3, Some(0)), (199, 1, Some(99)), (1, 2, Some(33))]
        {
            assert_eq!(Compliance { scanned, left_out }.percent(), percent);
        }
    }
}
