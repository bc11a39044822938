//! A scan that was delivered before: answered as it was then.

use super::record::{RecordError, Recorded};
use crate::tracking::{Scan, ScanNo, Verdict, VolumeId};
use rusqlite::{Connection, named_params};

/// The answer given when this very scan was delivered before.
pub(super) fn delivered_before(conn: &Connection, scan: &Scan) -> Result<Recorded, RecordError> {
    let mut statement = conn.prepare_cached(
        "select scan_no, verdict, why, volume_id, station_id = :station and source_id = :source and frame = :frame
         from scan where scan_id = :id",
    )?;
    let found = statement
        .query_row(
            named_params! {
                ":id": scan.id.to_bytes(), ":station": scan.station.0, ":source": scan.source.0, ":frame": scan.frame,
            },
            |row| {
                let verdict: String = row.get(1)?;
                let recorded = Recorded {
                    scan_no: ScanNo(row.get(0)?),
                    verdict: Verdict::parse(&verdict).unwrap_or(Verdict::Noted),
                    why: row.get(2)?,
                    volume: row.get::<_, Option<i64>>(3)?.map(VolumeId),
                    movement: None,
                    label: false,
                    repeated: true,
                };
                Ok((recorded, row.get::<_, bool>(4)?))
            },
        )?;
    match found {
        (recorded, true) => Ok(recorded),
        (_, false) => Err(RecordError::IdTaken),
    }
}
