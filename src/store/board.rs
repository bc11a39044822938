//! What a station's page shows: its counts of the day and its last scans.

use super::read::named;
use super::views::{BoardScan, BoardView, BoardVolume};
use super::{Store, StoreError, micros, timestamp};
use crate::tracking::{ChartId, ScanNo, StationId, Verdict, VolumeId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, named_params};

/// How many of a volume's last movements are looked through for the one that a board's scan made.
const BOARD_STEPS: usize = 8;

impl Store {
    /// What a station's page shows: counts since `since` and the last `rows` scans.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn board(
        &self,
        station: StationId,
        custodian: String,
        since: Timestamp,
        rows: u32,
    ) -> Result<Option<BoardView>, StoreError> {
        self.read("show a station", move |conn| board(conn, station, &custodian, since, rows)).await
    }
}

fn board(
    conn: &Connection,
    station: StationId,
    custodian: &str,
    since: Timestamp,
    rows: u32,
) -> rusqlite::Result<Option<BoardView>> {
    let custodian = conn
        .prepare_cached("select custodian_id, code, name, phone from custodian where code = :code")?
        .query_row(named_params! { ":code": custodian }, |row| named(row, 0))
        .optional()?;
    let Some(custodian) = custodian else { return Ok(None) };
    let counts = conn
        .prepare_cached(
            "select verdict, count(*) from scan
             where station_id = :station and scan_no >= :first and recorded_at_us >= :since group by verdict",
        )?
        .query_map(
            named_params! { ":station": station.0, ":first": first_scan_since(conn, since)?, ":since": micros(since) },
            |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, u64>(1)?))
            },
        )?
        .filter_map(|row| row.map(|(word, count)| Verdict::parse(&word).map(|verdict| (verdict, count))).transpose())
        .collect::<rusqlite::Result<_>>()?;
    let scans = conn
        .prepare_cached(
            "select scan_no, recorded_at_us, verdict, why, frame, volume_id from scan
             where station_id = :station order by scan_no desc limit :rows",
        )?
        .query_map(named_params! { ":station": station.0, ":rows": rows }, |row| board_scan(conn, row))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Some(BoardView { custodian, counts, scans }))
}

/// The first scan recorded since a time, found by halving: scan numbers have no gaps and times (but for clock steps)
/// only rise, so no index over millions of times has to be kept for it.
pub(super) fn first_scan_since(conn: &Connection, since: Timestamp) -> rusqlite::Result<i64> {
    let mut at = conn.prepare_cached("select recorded_at_us >= :since from scan where scan_no = :no")?;
    let mut low = 1;
    let mut high: i64 =
        conn.query_row("select coalesce(max(scan_no), 0) + 1 from scan", [], |row| row.get(0))?;
    while low < high {
        let middle = low + (high - low) / 2;
        let recent: Option<bool> = at
            .query_row(named_params! { ":no": middle, ":since": micros(since) }, |row| row.get(0))
            .optional()?;
        if recent.unwrap_or(true) { high = middle } else { low = middle + 1 }
    }
    Ok(low)
}

fn board_scan(conn: &Connection, row: &Row<'_>) -> rusqlite::Result<BoardScan> {
    let no = ScanNo(row.get(0)?);
    let verdict: String = row.get(2)?;
    let volume: Option<i64> = row.get(5)?;
    Ok(BoardScan {
        no,
        at: timestamp(row.get(1)?),
        verdict: Verdict::parse(&verdict).unwrap_or(Verdict::Noted),
        why: row.get(3)?,
        frame: row.get(4)?,
        volume: volume.map(|volume| board_volume(conn, VolumeId(volume), no)).transpose()?,
    })
}

fn board_volume(conn: &Connection, volume: VolumeId, scan: ScanNo) -> rusqlite::Result<BoardVolume> {
    let (mut board, mut next): (BoardVolume, Option<i64>) = conn
        .prepare_cached(
            "select chart_id, mrn, number, (select count(*) from volume v where v.chart_id = volume.chart_id), label, movement_no
             from volume join chart using (chart_id) where volume_id = :volume",
        )?
        .query_row(named_params! { ":volume": volume.0 }, |row| {
            let board = BoardVolume {
                chart: ChartId(row.get(0)?),
                mrn: row.get(1)?,
                number: row.get(2)?,
                of: row.get(3)?,
                label: row.get(4)?,
                from: None,
            };
            Ok((board, row.get(5)?))
        })?;
    let mut statement = conn.prepare_cached(
        "select coalesce(scan_no, 0), name, previous_no from movement join custodian on custodian_id = from_id
         where movement_no = :no",
    )?;
    for _ in 0..BOARD_STEPS {
        let Some(no) = next else { break };
        let (by_scan, from, previous): (i64, String, Option<i64>) = statement
            .query_row(named_params! { ":no": no }, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        if by_scan == scan.0 {
            board.from = Some(from);
        }
        // History runs back in time: past the scan's own number, its movement cannot come any more.
        if by_scan <= scan.0 {
            break;
        }
        next = previous;
    }
    Ok(board)
}
