//! Scan compliance: of the charts that passed through a place with a scanner, how many were scanned there.

use super::mates::mates_of;
use super::since::{Log, first_since};
use super::{Store, StoreError, micros};
use crate::tracking::grammar::MovementKind;
use crate::tracking::mates::goes_in_batches;
use crate::tracking::{Mates, MovementNo, StationId};
use jiff::Timestamp;
use rusqlite::{Connection, params};

/// Volumes of a place whose batch-mates are looked at: a day of a large clinic, and a hundredth of a second.
const LEFT_BEHIND_OF: i64 = 200;

/// How well a station scans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compliance {
    /// Movements that were scanned at the station.
    pub scanned: u64,
    /// Movements that turned up elsewhere without the scan that should have been made at its place: arrived from there
    /// without having been sent, or sent there, never scanned in, and seen further on.
    pub left_out: u64,
    /// Movements that were scanned elsewhere only seconds after the scan at its place: one of the two is wrong.
    pub impossible: u64,
    /// Volumes that are on record at its place, or on their way there, while most of those that went along have gone on: the
    /// next scan was left out, or they are lost. Of the last `LEFT_BEHIND_OF` that came.
    pub left_behind: u64,
}

impl Compliance {
    /// All that speaks for a scan that was not made, or was made wrongly.
    pub fn doubtful(self) -> u64 {
        self.left_out + self.impossible + self.left_behind
    }

    /// The share that was scanned, in whole per cent, rounded down; `None` if nothing passed.
    pub fn percent(self) -> Option<u64> {
        (self.scanned * 100).checked_div(self.scanned + self.doubtful())
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
    // Scans that say more than the word may be of charts that were confirmed or flagged; the movement tells.
    let scanned = conn
        .prepare_cached(
            "select (select count(*) from scan where station_id = ?1 and scan_no >= ?2 and verdict in ('moved', 'found'))
               + (select count(*) from scan join movement m
                    on m.movement_no = cast(substr(act, instr(substr(act, 6), ' ') + 6) as integer)
                  where scan.station_id = ?1 and scan.scan_no >= ?2 and verdict = 'attention' and act like 'move %'
                    and m.kind not in ('sighted', 'missing'))",
        )?
        .query_row(params![station.0, first], |row| row.get(0))?;
    let (left_out, impossible) = conn
        .prepare_cached(
            "select count(*) filter (where skip <> 'impossible'), count(*) filter (where skip = 'impossible') from movement
             where from_id = (select custodian_id from custodian where code = ?1) and recorded_at_us >= ?2
               and skip is not null",
        )?
        .query_row(params![custodian, micros(since)], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let left_behind = left_behind(conn, custodian, since)?;
    Ok(Compliance { scanned, left_out, impossible, left_behind })
}

fn left_behind(conn: &Connection, custodian: &str, since: Timestamp) -> rusqlite::Result<u64> {
    let there: Vec<(MovementNo, Option<MovementKind>, bool)> = conn
        .prepare_cached(
            "select movement_no, m.kind, v.in_transit is not null from volume v join movement m using (movement_no)
             where v.at_id = (select custodian_id from custodian where code = ?1) and v.at_id <> v.home_id
               and v.since_us >= ?2 and v.missing_since_us is null
             order by v.since_us desc limit ?3",
        )?
        .query_map(params![custodian, micros(since), LEFT_BEHIND_OF], |row| {
            let kind: String = row.get(1)?;
            Ok((MovementNo(row.get(0)?), MovementKind::parse(&kind), row.get(2)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let mut count = 0;
    for (movement, kind, in_transit) in there {
        if kind.is_some_and(goes_in_batches) {
            let mates = mates_of(conn, movement, in_transit)?;
            count += u64::from(mates.is_some_and(Mates::left_it_behind));
        }
    }
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_of_all_that_passed() {
        for (scanned, left_out, percent) in
            [(0, 0, None), (10, 0, Some(100)), (0, 3, Some(0)), (199, 1, Some(99)), (1, 2, Some(33))]
        {
            for (impossible, left_behind) in [(0, 0), (left_out, 0), (0, left_out)] {
                let left_out = left_out - impossible - left_behind;
                let found = Compliance { scanned, left_out, impossible, left_behind };
                assert_eq!(found.percent(), percent);
            }
        }
    }
}
