//! The questions that pages and clients ask. Each is one method, one snapshot, and uses an index all the way.

use super::views::{
    BoardScan, BoardView, BoardVolume, ChartView, CustodianPage, CustodianView, FileRoomTotals, HistoryPage,
    MovementView, Named, VolumeView, WorkItemView,
};
use super::{Store, StoreError, micros, timestamp};
use crate::tracking::{ChartId, CustodianId, Entry, MovementNo, Mrn, ScanNo, StationId, Verdict, VolumeId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, named_params};

/// Most volumes that one search answers with.
const HITS_MAX: i64 = 50;
/// Rows of a page.
const PAGE_ROWS: usize = 100;
/// Movements of a history page.
const HISTORY_ROWS: usize = 50;
/// How many of a volume's last movements are looked through for the one that a board's scan made.
const BOARD_STEPS: usize = 8;

/// What a search text may mean; the caller has read it by the label formats and as a number.
#[derive(Debug, Clone, Default)]
pub struct Locate {
    /// Key of a volume's label.
    pub label: Option<String>,
    /// A patient's number.
    pub mrn: Option<Mrn>,
}

/// Where the next page of a list in shelf order starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Filing key of the last row.
    pub filing_key: String,
    /// Its volume.
    pub volume: VolumeId,
}

const VOLUME_COLUMNS: &str = "
  volume.volume_id, chart.chart_id, chart.mrn, chart.record_type, volume.number, volume.label,
  home.custodian_id, home.code, home.name, home.phone, at.custodian_id, at.code, at.name, at.phone,
  volume.since_us, station.name, volume.filing_key
  from volume
  join chart using (chart_id)
  join custodian home on home.custodian_id = volume.home_id
  join custodian at on at.custodian_id = volume.at_id
  left join movement using (movement_no)
  left join station on station.station_id = movement.station_id";

impl Store {
    /// Volumes that a search text means: those of the label's chart, or all charts with the number.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn locate(&self, wanted: Locate) -> Result<Vec<VolumeView>, StoreError> {
        self.read("locate a chart", move |conn| {
            if let Some(key) = &wanted.label {
                let hits = by_label(conn, key)?;
                if !hits.is_empty() {
                    return Ok(hits);
                }
            }
            wanted.mrn.as_ref().map_or(Ok(Vec::new()), |mrn| by_mrn(conn, mrn))
        })
        .await
    }

    /// A chart with its volumes; `None` if there is none.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn chart(&self, chart: ChartId) -> Result<Option<ChartView>, StoreError> {
        self.read("show a chart", move |conn| {
            let sql =
                format!("select {VOLUME_COLUMNS} where volume.chart_id = :chart order by volume.number");
            let volumes = volumes(conn, &sql, named_params! { ":chart": chart.0 })?;
            Ok(volumes.first().map(|first| ChartView {
                chart,
                mrn: first.mrn.clone(),
                record_type: first.record_type.clone(),
                volumes: volumes.clone(),
            }))
        })
        .await
    }

    /// A volume's movements, newest first, from `from` (or the newest) on; `None` if there is no such volume.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn history(
        &self,
        volume: VolumeId,
        from: Option<MovementNo>,
    ) -> Result<Option<HistoryPage>, StoreError> {
        self.read("show a history", move |conn| history(conn, volume, from, HISTORY_ROWS)).await
    }

    /// Every custodian with its counts.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn custodians(&self) -> Result<Vec<CustodianView>, StoreError> {
        self.read("count what custodians hold", |conn| custodian_views(conn, None)).await
    }

    /// What a custodian holds, in shelf order, a page at a time; `None` if there is no such custodian.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn custodian(
        &self,
        custodian: CustodianId,
        after: Option<Cursor>,
    ) -> Result<Option<CustodianPage>, StoreError> {
        self.read("list what a custodian holds", move |conn| custodian_page(conn, custodian, after.as_ref()))
            .await
    }

    /// What a custodian holds, in shelf order, from the row after a volume on: as [`Store::custodian`], for addresses,
    /// which must not hold a filing key because the patient's number is in it.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn custodian_after(
        &self,
        custodian: CustodianId,
        after: Option<VolumeId>,
    ) -> Result<Option<CustodianPage>, StoreError> {
        self.read("list what a custodian holds", move |conn| {
            let after = after.map(|volume| cursor_of(conn, volume)).transpose()?.flatten();
            custodian_page(conn, custodian, after.as_ref())
        })
        .await
    }

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

    /// Labels that nobody knows, the latest first.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn work_items(&self) -> Result<Vec<WorkItemView>, StoreError> {
        self.read("list unknown labels", |conn| {
            conn.prepare_cached(
                "select key, times, station.name, opened_at_us, seen_at_us from work_item join station using (station_id)
                 where closed_at_us is null order by seen_at_us desc limit :rows",
            )?
            .query_map(named_params! { ":rows": PAGE_ROWS }, |row| {
                Ok(WorkItemView {
                    key: row.get(0)?,
                    times: row.get(1)?,
                    station: row.get(2)?,
                    opened_at: timestamp(row.get(3)?),
                    seen_at: timestamp(row.get(4)?),
                })
            })?
            .collect()
        })
        .await
    }

    /// The file room in four numbers.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn totals(&self) -> Result<FileRoomTotals, StoreError> {
        self.read("count", |conn| {
            conn.prepare_cached(
                "select (select coalesce(sum(volumes_home), 0) from custodian),
                        (select count(*) from volume where at_id <> home_id),
                        (select count(*) from work_item where closed_at_us is null),
                        (select coalesce(max(movement_no), 0) from movement)",
            )?
            .query_row([], |row| {
                Ok(FileRoomTotals {
                    volumes: row.get(0)?,
                    away: row.get(1)?,
                    work_items: row.get(2)?,
                    movements: row.get(3)?,
                })
            })
        })
        .await
    }
}

fn by_label(conn: &Connection, key: &str) -> rusqlite::Result<Vec<VolumeView>> {
    let sql = format!(
        "select {VOLUME_COLUMNS}
         where volume.volume_id = (select target_id from label where kind = 'volume' and key = :key)"
    );
    volumes(conn, &sql, named_params! { ":key": key })
}

fn by_mrn(conn: &Connection, mrn: &Mrn) -> rusqlite::Result<Vec<VolumeView>> {
    let sql = format!(
        "select {VOLUME_COLUMNS} where chart.mrn_key = :key order by chart.record_type, volume.number limit :hits"
    );
    volumes(conn, &sql, named_params! { ":key": mrn.key(), ":hits": HITS_MAX })
}

fn volumes(
    conn: &Connection,
    sql: &str,
    params: &[(&str, &dyn rusqlite::ToSql)],
) -> rusqlite::Result<Vec<VolumeView>> {
    conn.prepare_cached(sql)?.query_map(params, volume_view)?.collect()
}

fn volume_view(row: &Row<'_>) -> rusqlite::Result<VolumeView> {
    Ok(VolumeView {
        volume: VolumeId(row.get(0)?),
        chart: ChartId(row.get(1)?),
        mrn: row.get(2)?,
        record_type: row.get(3)?,
        number: row.get(4)?,
        label: row.get(5)?,
        home: named(row, 6)?,
        at: named(row, 10)?,
        since: row.get::<_, Option<i64>>(14)?.map(timestamp),
        station: row.get(15)?,
    })
}

fn named(row: &Row<'_>, first: usize) -> rusqlite::Result<Named> {
    Ok(Named {
        id: CustodianId(row.get(first)?),
        code: row.get(first + 1)?,
        name: row.get(first + 2)?,
        phone: row.get(first + 3)?,
    })
}

fn history(
    conn: &Connection,
    volume: VolumeId,
    from: Option<MovementNo>,
    rows: usize,
) -> rusqlite::Result<Option<HistoryPage>> {
    let newest: Option<Option<i64>> = conn
        .prepare_cached("select movement_no from volume where volume_id = :volume")?
        .query_row(named_params! { ":volume": volume.0 }, |row| row.get(0))
        .optional()?;
    let Some(newest) = newest else { return Ok(None) };
    let mut next = from.map(|no| no.0).or(newest);
    let mut statement = conn.prepare_cached(
        "select movement_no, movement.kind, a.name, b.name, scanned_at_us, recorded_at_us, entry, station.name, operator,
                late, previous_no
         from movement
         join custodian a on a.custodian_id = from_id
         join custodian b on b.custodian_id = to_id
         left join station using (station_id)
         where movement_no = :no and volume_id = :volume",
    )?;
    let mut movements = Vec::new();
    while let Some(no) = next.filter(|_| movements.len() < rows) {
        let found = statement
            .query_row(named_params! { ":no": no, ":volume": volume.0 }, |row| {
                Ok((movement_view(row)?, row.get::<_, Option<i64>>(10)?))
            })
            .optional()?;
        let Some((movement, previous)) = found else { break };
        movements.push(movement);
        next = previous;
    }
    Ok(Some(HistoryPage { movements, next: next.map(MovementNo) }))
}

fn movement_view(row: &Row<'_>) -> rusqlite::Result<MovementView> {
    let entry: String = row.get(6)?;
    Ok(MovementView {
        no: MovementNo(row.get(0)?),
        kind: row.get(1)?,
        from: row.get(2)?,
        to: row.get(3)?,
        scanned_at: timestamp(row.get(4)?),
        recorded_at: timestamp(row.get(5)?),
        entry: if entry == Entry::Keyed.as_str() { Entry::Keyed } else { Entry::Scanned },
        station: row.get(7)?,
        operator: row.get(8)?,
        late: row.get(9)?,
    })
}

/// Counts come from the small index of volumes that are away, and from the kept number of volumes at home.
fn custodian_views(conn: &Connection, only: Option<CustodianId>) -> rusqlite::Result<Vec<CustodianView>> {
    conn.prepare_cached(
        "with away as materialized (
           select at_id, home_id, count(*) as n from volume where at_id <> home_id group by at_id, home_id)
         select c.custodian_id, c.code, c.name, c.phone, c.kind, parent.name, c.volumes_home,
                coalesce((select sum(n) from away where at_id = c.custodian_id), 0),
                coalesce((select sum(n) from away where home_id = c.custodian_id), 0)
         from custodian c left join custodian parent on parent.custodian_id = c.parent_id
         where :only is null or c.custodian_id = :only
         order by c.name, c.custodian_id",
    )?
    .query_map(named_params! { ":only": only.map(|id| id.0) }, |row| {
        let home: u64 = row.get(6)?;
        let away: u64 = row.get(8)?;
        Ok(CustodianView {
            custodian: named(row, 0)?,
            kind: row.get(4)?,
            parent: row.get(5)?,
            visiting: row.get(7)?,
            at_home: home.saturating_sub(away),
            away,
        })
    })?
    .collect()
}

/// Where a volume stands in shelf order, even if it has left the shelf; `None` if there is no such volume.
fn cursor_of(conn: &Connection, volume: VolumeId) -> rusqlite::Result<Option<Cursor>> {
    conn.prepare_cached("select filing_key from volume where volume_id = :volume")?
        .query_row(named_params! { ":volume": volume.0 }, |row| {
            Ok(Cursor { filing_key: row.get(0)?, volume })
        })
        .optional()
}

fn custodian_page(
    conn: &Connection,
    custodian: CustodianId,
    after: Option<&Cursor>,
) -> rusqlite::Result<Option<CustodianPage>> {
    let Some(view) = custodian_views(conn, Some(custodian))?.into_iter().next() else { return Ok(None) };
    let (filing_key, volume) = after.map_or(("", 0), |cursor| (cursor.filing_key.as_str(), cursor.volume.0));
    let mut rows: Vec<(String, VolumeView)> = Vec::new();
    // Two walks in shelf order, one along each index; no sort of everything that a custodian holds.
    for condition in [
        "volume.at_id = :id and volume.at_id <> volume.home_id",
        "volume.home_id = :id and volume.at_id = :id",
    ] {
        let sql = format!(
            "select {VOLUME_COLUMNS} where {condition} and (volume.filing_key, volume.volume_id) > (:filing, :volume)
             order by volume.filing_key, volume.volume_id limit :rows"
        );
        let params = named_params! {
            ":id": custodian.0, ":filing": filing_key, ":volume": volume, ":rows": PAGE_ROWS + 1,
        };
        let mut statement = conn.prepare_cached(&sql)?;
        for row in statement.query_map(params, |row| Ok((row.get(16)?, volume_view(row)?)))? {
            rows.push(row?);
        }
    }
    rows.sort_by(|a, b| (&a.0, a.1.volume).cmp(&(&b.0, b.1.volume)));
    let more = rows.len() > PAGE_ROWS;
    rows.truncate(PAGE_ROWS);
    let next = rows
        .last()
        .filter(|_| more)
        .map(|(key, last)| Cursor { filing_key: key.clone(), volume: last.volume });
    Ok(Some(CustodianPage { view, volumes: rows.into_iter().map(|(_, volume)| volume).collect(), next }))
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
fn first_scan_since(conn: &Connection, since: Timestamp) -> rusqlite::Result<i64> {
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
