//! A station's scans of late, as its rhythm.

use super::since::{Log, first_since};
use super::{Store, StoreError, timestamp};
use crate::tracking::{Rhythm, StationId};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::{Connection, params};

impl Store {
    /// Learns a station's rhythm from its scans since `since`, by the hours of `zone`.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn rhythm(
        &self,
        station: StationId,
        since: Timestamp,
        zone: TimeZone,
    ) -> Result<Rhythm, StoreError> {
        self.read("learn a station's rhythm", move |conn| rhythm(conn, station, since, zone)).await
    }
}

/// The index over a station's scans has their times: no row of the journal is read.
fn rhythm(
    conn: &Connection,
    station: StationId,
    since: Timestamp,
    zone: TimeZone,
) -> rusqlite::Result<Rhythm> {
    let mut rhythm = Rhythm::new(zone);
    let mut times = conn.prepare_cached(
        "select recorded_at_us from scan where station_id = ?1 and scan_no >= ?2 order by scan_no",
    )?;
    let mut rows = times.query(params![station.0, first_since(conn, Log::Scans, since)?])?;
    while let Some(row) = rows.next()? {
        rhythm.scan(timestamp(row.get(0)?));
    }
    Ok(rhythm)
}
