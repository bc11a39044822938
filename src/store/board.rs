//! What a station's page shows: its counts of the day and its last scans.

use super::arrivals::{arrivals, sweep_count};
use super::known::person_code;
use super::read::named;
use super::requests::scene;
use super::since::{Log, first_since};
use super::standing::Standing;
use super::views::{BoardScan, BoardStep, BoardView, BoardVolume, SessionView};
use super::{Store, StoreError, micros, timestamp};
use crate::tracking::grammar::{Act, Mode, MovementKind};
use crate::tracking::{ChartId, MovementNo, ScanNo, StationId, Verdict, VolumeId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

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
        let standing = self.state.standing(station).map(|standing| standing.at(self.clock.now()));
        self.read("show a station", move |conn| {
            board(conn, station, &custodian, since, rows, standing.as_ref())
        })
        .await
    }
}

pub(super) const SCAN_COLUMNS: &str = "scan_no, recorded_at_us, verdict, why, frame, volume_id, act";

impl Store {
    /// Scans of a station by their numbers, `first` to `last`, in order; what became of what a form told.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn scans(
        &self,
        station: StationId,
        (first, last): (ScanNo, ScanNo),
        rows: u32,
    ) -> Result<Vec<BoardScan>, StoreError> {
        self.read("show scans", move |conn| {
            let sql = format!(
                "select {SCAN_COLUMNS} from scan where scan_no between ?1 and ?2 and station_id = ?3
                 order by scan_no limit ?4"
            );
            conn.prepare_cached(&sql)?
                .query_map(params![first.0, last.0, station.0, rows], |row| board_scan(conn, row))?
                .collect()
        })
        .await
    }
}

fn board(
    conn: &Connection,
    station: StationId,
    custodian: &str,
    since: Timestamp,
    rows: u32,
    standing: Option<&Standing>,
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
            named_params! { ":station": station.0, ":first": first_since(conn, Log::Scans, since)?, ":since": micros(since) },
            |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, u64>(1)?))
            },
        )?
        .filter_map(|row| row.map(|(word, count)| Verdict::parse(&word).map(|verdict| (verdict, count))).transpose())
        .collect::<rusqlite::Result<_>>()?;
    let session = standing.map(|standing| board_session(conn, standing)).transpose()?;
    let sql = format!(
        "select {SCAN_COLUMNS} from scan where station_id = :station order by scan_no desc limit :rows"
    );
    let scans = conn
        .prepare_cached(&sql)?
        .query_map(named_params! { ":station": station.0, ":rows": rows }, |row| board_scan(conn, row))?
        .collect::<rusqlite::Result<_>>()?;
    let arrivals = arrivals(conn, custodian.id, since)?;
    Ok(Some(BoardView { custodian, counts, arrivals, session, scans }))
}

pub(super) fn board_scan(conn: &Connection, row: &Row<'_>) -> rusqlite::Result<BoardScan> {
    let verdict: String = row.get(2)?;
    let act: Option<String> = row.get(6)?;
    let (act, movement) = act.as_deref().and_then(Act::parse).unwrap_or((Act::Unread, None));
    let volume = match act {
        // A command's scan has no volume of its own.
        Act::Undo { volume, .. } => Some(volume),
        _ => row.get::<_, Option<i64>>(5)?.map(VolumeId),
    };
    Ok(BoardScan {
        no: ScanNo(row.get(0)?),
        at: timestamp(row.get(1)?),
        verdict: Verdict::parse(&verdict).unwrap_or(Verdict::Noted),
        why: row.get(3)?,
        frame: row.get(4)?,
        volume: volume.map(|volume| board_volume(conn, volume)).transpose()?,
        swept: match act {
            Act::Done(sweep) => sweep,
            _ => None,
        },
        step: movement.map(|movement| board_step(conn, movement)).transpose()?,
    })
}

fn board_volume(conn: &Connection, volume: VolumeId) -> rusqlite::Result<BoardVolume> {
    conn.prepare_cached(
        "select chart_id, mrn, number, (select count(*) from volume v where v.chart_id = volume.chart_id), label
         from volume join chart using (chart_id) where volume_id = :volume",
    )?
    .query_row(named_params! { ":volume": volume.0 }, |row| {
        Ok(BoardVolume {
            volume,
            chart: ChartId(row.get(0)?),
            mrn: row.get(1)?,
            number: row.get(2)?,
            of: row.get(3)?,
            label: row.get(4)?,
        })
    })
}

fn board_step(conn: &Connection, movement: MovementNo) -> rusqlite::Result<BoardStep> {
    conn.prepare_cached(
        "select f.name, t.name, m.kind, m.in_transit, f.kind = 'person', t.kind = 'person' from any_movement m join custodian f on f.custodian_id = from_id
         join custodian t on t.custodian_id = to_id where movement_no = ?1",
    )?
    .query_row(params![movement.0], |row| {
        let kind: String = row.get(2)?;
        Ok(BoardStep {
            from: row.get(0)?,
            to: row.get(1)?,
            kind: MovementKind::parse(&kind).unwrap_or(MovementKind::Received),
            in_transit: row.get::<_, Option<i64>>(3)?.is_some(),
            are_people: (row.get(4)?, row.get(5)?),
        })
    })
}

/// What the station does with the next chart, in words for its page.
fn board_session(conn: &Connection, standing: &Standing) -> rusqlite::Result<SessionView> {
    let place = match standing.mode {
        Mode::To(id) | Mode::Sighted(id) => Some(id),
        _ => None,
    };
    let name = |id: i64, sql: &str| -> rusqlite::Result<Option<String>> {
        conn.prepare_cached(sql)?.query_row(params![id], |row| row.get(0)).optional()
    };
    let place = place
        .map(|id| {
            conn.prepare_cached("select name, kind = 'person' from custodian where custodian_id = ?1")?
                .query_row(params![id.0], |row| Ok((row.get::<_, String>(0)?, row.get::<_, bool>(1)?)))
                .optional()
        })
        .transpose()?
        .flatten();
    let operator =
        standing.operator.map(|id| name(id.0, "select name from person where person_id = ?1")).transpose()?;
    let operator_code = standing.operator.map(|id| person_code(conn, id)).transpose()?;
    let progress = match standing.mode {
        Mode::Pull(list) | Mode::Send(list) => Some(scene::progress_since(conn, list, standing.chart)?),
        _ => None,
    };
    Ok(SessionView {
        kind: standing.kind,
        mode: standing.mode,
        is_person: place.as_ref().is_some_and(|(_, is_person)| *is_person),
        place: place.map(|(name, _)| name),
        operator: operator.flatten(),
        operator_code: operator_code.flatten(),
        batch: standing.batch,
        loose: standing
            .loose
            .iter()
            .map(|volume| board_volume(conn, *volume))
            .collect::<rusqlite::Result<_>>()?,
        progress,
        sweep: standing.sweep.map(|sweep| sweep_count(conn, sweep)).transpose()?.flatten(),
        ends_at: standing.ends_at,
    })
}
