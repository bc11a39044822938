//! Writes one scan down: journal, verdict, movement, whereabouts, work item and audit row, in the caller's transaction.
//!
//! The statements that every scan runs number their parameters: forty names looked up for each scan stood out in the
//! writer's profile.

use super::chain::{Head, Heads, RowHash};
use super::{micros, timestamp};
use crate::label::LabelKind;
use crate::tracking::{
    CustodianId, DoubleReads, Judgement, Move, MovementNo, Scan, ScanNo, Scene, Sighting, StationId, Verdict,
    VolumeFacts, VolumeId, judge,
};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, named_params, params};
use std::collections::HashMap;
use std::time::Duration;

/// What became of a scan that is on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its place in the journal.
    pub scan_no: ScanNo,
    /// The word for it.
    pub verdict: Verdict,
    /// What the clerk is told beyond the word.
    pub why: Option<String>,
    /// The volume whose label it was.
    pub volume: Option<VolumeId>,
    /// The movement it made.
    pub movement: Option<MovementNo>,
    /// The scan was on disk already; this delivery changed nothing.
    pub repeated: bool,
}

/// A station as the recorder needs it.
#[derive(Debug, Clone, Copy)]
pub(super) struct StationFacts {
    pub(super) custodian: CustodianId,
    pub(super) double_read_window: Duration,
}

/// What the writer keeps in memory between transactions.
#[derive(Debug)]
pub(super) struct Memory {
    pub(super) heads: Heads,
    pub(super) stations: HashMap<StationId, StationFacts>,
    pub(super) reads: DoubleReads,
}

/// Why one scan could not be written although the database works.
#[derive(Debug, thiserror::Error)]
pub(super) enum RecordError {
    #[error("station {0} is not configured")]
    NoSuchStation(StationId),
    #[error("this scan id was used before for another scan; make a new id for each scan")]
    IdTaken,
    #[error(transparent)]
    Sqlite(#[from] rusqlite::Error),
}

/// Records one scan. On an error the caller rolls back and restores `memory.heads`.
pub(super) fn record(
    conn: &Connection,
    memory: &mut Memory,
    scan: &Scan,
    now: Timestamp,
) -> Result<Recorded, RecordError> {
    let station = *memory.stations.get(&scan.station).ok_or(RecordError::NoSuchStation(scan.station))?;
    let double_read = memory.reads.note(scan.source, &scan.frame, scan.arrived, station.double_read_window);
    let volume = find_volume(conn, &scan.sighting)?;
    let scene = Scene {
        custodian: station.custodian,
        now,
        double_read,
        volume: volume.as_ref().map(|found| found.facts),
    };
    let judged = judge(scan, &scene);

    let now_us = micros(now);
    let volume_id = volume.as_ref().map(|found| found.facts.volume);
    let Some(scan_no) = insert_scan(conn, &mut memory.heads.scan, scan, &judged, volume_id, now_us)? else {
        return delivered_before(conn, scan);
    };
    let mut movement = None;
    if let (Some(step), Some(found)) = (judged.movement, &volume) {
        let no = insert_movement(
            conn,
            &mut memory.heads.movement,
            &step,
            found.last_movement,
            scan,
            scan_no,
            now_us,
        )?;
        update_whereabouts(conn, &step, no, micros(scan.scanned_at))?;
        movement = Some(no);
    }
    if let Some(key) = &judged.work_item {
        open_work_item(conn, key, scan, scan_no, now_us)?;
    }
    let row = AuditRow {
        at_us: now_us,
        action: "scan",
        actor: scan.operator.as_deref(),
        scan_no: Some(scan_no),
        movement_no: movement,
        detail: None,
    };
    insert_audit(conn, &mut memory.heads.audit, &row)?;
    Ok(Recorded {
        scan_no,
        verdict: judged.verdict,
        why: judged.why,
        volume: volume_id,
        movement,
        repeated: false,
    })
}

/// The answer given when this very scan was delivered before.
fn delivered_before(conn: &Connection, scan: &Scan) -> Result<Recorded, RecordError> {
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

struct FoundVolume {
    facts: VolumeFacts,
    last_movement: Option<i64>,
}

fn find_volume(conn: &Connection, sighting: &Sighting) -> rusqlite::Result<Option<FoundVolume>> {
    let Sighting::Label { kind: LabelKind::Volume, key } = sighting else {
        return Ok(None);
    };
    conn.prepare_cached(
        "select volume_id, at_id, since_us, movement_no from volume
         where volume_id = (select target_id from label where kind = 'volume' and key = ?1)",
    )?
    .query_row(params![key], |row| {
        let facts = VolumeFacts {
            volume: VolumeId(row.get(0)?),
            at: CustodianId(row.get(1)?),
            since: row.get::<_, Option<i64>>(2)?.map(timestamp),
        };
        Ok(FoundVolume { facts, last_movement: row.get(3)? })
    })
    .optional()
}

/// Adds the scan to the journal; `None` if a scan with its id is there already (asking first would cost every scan what
/// only a repeated delivery needs).
fn insert_scan(
    conn: &Connection,
    head: &mut Head,
    scan: &Scan,
    judged: &Judgement,
    volume: Option<VolumeId>,
    now_us: i64,
) -> rusqlite::Result<Option<ScanNo>> {
    let no = head.no + 1;
    let id = scan.id.to_bytes();
    let scanned_us = micros(scan.scanned_at);
    let hash = RowHash::after(&head.hash)
        .integer(no)
        .blob(&id)
        .integer(scan.station.0)
        .integer(scan.source.0)
        .integer(scanned_us)
        .integer(now_us)
        .text(scan.entry.as_str())
        .maybe_text(scan.operator.as_deref())
        .blob(&scan.frame)
        .text(judged.verdict.as_str())
        .maybe_text(judged.why.as_deref())
        .maybe_integer(volume.map(|id| id.0))
        .finish();
    let inserted = conn.prepare_cached(
        "insert into scan (scan_no, scan_id, station_id, source_id, scanned_at_us, recorded_at_us, entry, operator, frame,
                           verdict, why, volume_id, hash)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
         on conflict (scan_id) do nothing",
    )?
    .execute(params![
        no, id, scan.station.0, scan.source.0, scanned_us, now_us, scan.entry.as_str(), scan.operator, scan.frame,
        judged.verdict.as_str(), judged.why, volume.map(|id| id.0), hash,
    ])?;
    if inserted == 0 {
        return Ok(None);
    }
    *head = Head { no, hash };
    Ok(Some(ScanNo(no)))
}

fn insert_movement(
    conn: &Connection,
    head: &mut Head,
    step: &Move,
    previous: Option<i64>,
    scan: &Scan,
    scan_no: ScanNo,
    now_us: i64,
) -> rusqlite::Result<MovementNo> {
    let row = MovementRow {
        volume: step.volume,
        previous,
        kind: "received",
        from: step.from,
        to: step.to,
        late: step.late,
        scanned_us: micros(scan.scanned_at),
        recorded_us: now_us,
        entry: scan.entry.as_str(),
        station: Some(scan.station),
        operator: scan.operator.as_deref(),
        scan_no: Some(scan_no),
    };
    append_movement(conn, head, &row)
}

/// A movement about to be added.
pub(super) struct MovementRow<'a> {
    pub(super) volume: VolumeId,
    pub(super) previous: Option<i64>,
    pub(super) kind: &'static str,
    pub(super) from: CustodianId,
    pub(super) to: CustodianId,
    pub(super) late: bool,
    pub(super) scanned_us: i64,
    pub(super) recorded_us: i64,
    pub(super) entry: &'static str,
    pub(super) station: Option<StationId>,
    pub(super) operator: Option<&'a str>,
    pub(super) scan_no: Option<ScanNo>,
}

/// Adds a movement to the end of history.
pub(super) fn append_movement(
    conn: &Connection,
    head: &mut Head,
    row: &MovementRow<'_>,
) -> rusqlite::Result<MovementNo> {
    let no = head.no + 1;
    let station = row.station.map(|id| id.0);
    let scan_no = row.scan_no.map(|no| no.0);
    let hash = RowHash::after(&head.hash)
        .integer(no)
        .integer(row.volume.0)
        .maybe_integer(row.previous)
        .text(row.kind)
        .integer(row.from.0)
        .integer(row.to.0)
        .integer(i64::from(row.late))
        .integer(row.scanned_us)
        .integer(row.recorded_us)
        .text(row.entry)
        .maybe_integer(station)
        .maybe_text(row.operator)
        .maybe_integer(scan_no)
        .finish();
    conn.prepare_cached(
        "insert into movement (movement_no, volume_id, previous_no, kind, from_id, to_id, late, scanned_at_us, recorded_at_us,
                               entry, station_id, operator, scan_no, hash)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?
    .execute(params![
        no, row.volume.0, row.previous, row.kind, row.from.0, row.to.0, row.late, row.scanned_us, row.recorded_us,
        row.entry, station, row.operator, scan_no, hash,
    ])?;
    *head = Head { no, hash };
    Ok(MovementNo(no))
}

/// Makes a movement the present; a late one only becomes the last link of the volume's history.
pub(super) fn update_whereabouts(
    conn: &Connection,
    step: &Move,
    no: MovementNo,
    scanned_us: i64,
) -> rusqlite::Result<()> {
    if step.late {
        conn.prepare_cached("update volume set movement_no = :no where volume_id = :volume")?
            .execute(named_params! { ":no": no.0, ":volume": step.volume.0 })?;
    } else {
        conn.prepare_cached(
            "update volume set at_id = ?1, since_us = ?2, movement_no = ?3 where volume_id = ?4",
        )?
        .execute(params![step.to.0, scanned_us, no.0, step.volume.0])?;
    }
    Ok(())
}

fn open_work_item(
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

/// An audit row about to be added.
pub(super) struct AuditRow<'a> {
    pub(super) at_us: i64,
    pub(super) action: &'static str,
    pub(super) actor: Option<&'a str>,
    pub(super) scan_no: Option<ScanNo>,
    pub(super) movement_no: Option<MovementNo>,
    pub(super) detail: Option<&'a str>,
}

/// Adds a row to the end of the audit log.
pub(super) fn insert_audit(conn: &Connection, head: &mut Head, row: &AuditRow<'_>) -> rusqlite::Result<()> {
    let no = head.no + 1;
    let scan_no = row.scan_no.map(|no| no.0);
    let movement_no = row.movement_no.map(|no| no.0);
    let hash = RowHash::after(&head.hash)
        .integer(no)
        .integer(row.at_us)
        .text(row.action)
        .maybe_text(row.actor)
        .maybe_integer(scan_no)
        .maybe_integer(movement_no)
        .maybe_text(row.detail)
        .finish();
    conn.prepare_cached(
        "insert into audit (audit_no, at_us, action, actor, scan_no, movement_no, detail, hash)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![no, row.at_us, row.action, row.actor, scan_no, movement_no, row.detail, hash])?;
    *head = Head { no, hash };
    Ok(())
}
