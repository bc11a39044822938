//! Writes one scan down: journal, verdict, movement, whereabouts, work item and audit row, in the caller's transaction.
//!
//! The statements that every scan runs number their parameters: looking up forty names a scan stood out in the profile.

pub(super) use super::audit::{AuditRow, insert_audit};
use super::chain::{Head, Heads, RowHash};
use super::history::{MovementRow, Outcome, append_movement, had_then, outcome_before, update_whereabouts};
pub(super) use super::memory::{DueBack, Memory, StationFacts};
use super::repeated::delivered_before;
use super::requests::{scene, steps};
use super::{boxes, due, known, label_work, micros, missing::cases, notices, shelves, work_items};
use crate::tracking::grammar::{Act, Meaning, Mode, Moment, MovementKind, Place, Session};
use crate::tracking::{Judgement, MovementNo, PersonId, Scan, ScanNo, Scene, Sighting, StationId, Verdict};
use crate::tracking::{VolumeId, judge};
use jiff::Timestamp;
use rusqlite::{Connection, params};
use std::sync::Arc;

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
    /// It asked for a new label of the volume.
    pub label: bool,
    /// The scan was on disk already; this delivery changed nothing.
    pub repeated: bool,
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

/// Records one scan. On an error the caller rolls back and restores `memory.heads`; the session is as it was.
pub(super) fn record(
    conn: &Connection,
    memory: &mut Memory,
    scan: &Scan,
    now: Timestamp,
) -> Result<Recorded, RecordError> {
    let station = memory.stations.get(&scan.station).ok_or(RecordError::NoSuchStation(scan.station))?;
    let station = Arc::clone(station);
    let mut session = memory.sessions.remove(&scan.station).unwrap_or_default();
    session.settle(&station.rules, now);
    let recorded = record_at(conn, memory, (&station, &mut session, false), scan, now);
    memory.sessions.insert(scan.station, session);
    memory.touched.push(scan.station);
    recorded
}

/// Records what somebody wrote down when it could not be scanned, and what it was scanned for. The station's own session
/// has no part in it.
pub(super) fn record_told(
    conn: &Connection,
    memory: &mut Memory,
    scan: &Scan,
    told: Mode,
    now: Timestamp,
) -> Result<Recorded, RecordError> {
    let station = memory.stations.get(&scan.station).ok_or(RecordError::NoSuchStation(scan.station))?;
    let station = Arc::clone(station);
    record_at(conn, memory, (&station, &mut Session::told(told), true), scan, now)
}

/// Records a scan at a station with a settled session, which is changed as the last thing.
fn record_at(
    conn: &Connection,
    memory: &mut Memory,
    (station, session, is_told): (&StationFacts, &mut Session, bool),
    scan: &Scan,
    now: Timestamp,
) -> Result<Recorded, RecordError> {
    let double_read =
        !is_told && memory.reads.note(scan.source, &scan.frame, scan.arrived, station.double_read_window);
    let seen = Seen { double_read, is_told, now: if is_told { scan.scanned_at } else { now } };
    let (meaning, judged) = judge_scan(conn, memory, station, session, scan, seen)?;
    let written = Written {
        scan,
        judged: &judged,
        volume: match &meaning {
            Some(Meaning::Volume(volume)) => Some(volume.id),
            _ => None,
        },
        operator: operator(conn, scan, session.operator())?,
        now_us: micros(now),
    };
    let Some(scan_no) = insert_scan(conn, &mut memory.heads, &written)? else {
        return delivered_before(conn, scan);
    };
    let movement = move_volume(conn, memory, &written, meaning.as_ref(), scan_no)?;
    let seen = cases::Scanned {
        meaning: meaning.as_ref(),
        judged: &judged,
        here: station.here.id,
        actor: written.operator.as_deref(),
        confirms: memory.confirms_finds(),
        now_us: written.now_us,
    };
    cases::scanned(conn, &seen)?;
    carry(conn, memory, session, &written, scan_no)?;
    shelves::follow(conn, &judged.act, meaning.as_ref(), written.now_us)?;
    label_work::after_scan(conn, memory, &scan.sighting, written.volume)?;
    let done = steps::Done {
        act: &judged.act,
        volume: match &meaning {
            Some(Meaning::Volume(volume)) => Some(volume),
            _ => None,
        },
        here: station.here.id,
        at_us: written.now_us,
        actor: written.operator.as_deref(),
        scan: scan_no,
        movement,
    };
    steps::after_scan(conn, session, &done)?;
    if let Act::Replied(code) = judged.act {
        notices::take_reply(conn, code, scan_no, written.operator.as_deref(), written.now_us)?;
    }
    if let Some(key) = &judged.work_item {
        work_items::open_unknown(conn, key, scan, scan_no, written.now_us)?;
    }
    let row = AuditRow {
        at_us: written.now_us,
        action: "scan",
        actor: written.operator.as_deref(),
        scan_no: Some(scan_no),
        movement_no: movement,
        detail: None,
    };
    insert_audit(conn, &mut memory.heads.audit, &row)?;
    let volume = written.volume;
    session.apply(&station.rules, &judged.act, movement, now);
    let label = matches!(judged.act, Act::Label(_));
    Ok(Recorded {
        scan_no,
        verdict: judged.verdict,
        why: judged.why,
        volume,
        movement,
        label,
        repeated: false,
    })
}

/// How a scan came in.
#[derive(Clone, Copy)]
struct Seen {
    double_read: bool,
    /// It was written down and told later.
    is_told: bool,
    /// When it counts: now, or when it was written down.
    now: Timestamp,
}

/// Finds out what the label stands for and what its scan means.
fn judge_scan(
    conn: &Connection,
    memory: &Memory,
    station: &StationFacts,
    session: &Session,
    scan: &Scan,
    Seen { double_read, is_told, now }: Seen,
) -> rusqlite::Result<(Option<Meaning>, Judgement)> {
    let there = match session.mode() {
        Mode::To(id) | Mode::Sighted(id) if id == station.here.id => Some(station.here.clone()),
        Mode::To(id) | Mode::Sighted(id) => known::place(conn, memory, id)?,
        mode => scene::destination(conn, memory, mode, &scan.sighting)?,
    };
    let to = there.as_ref().unwrap_or(&station.here);
    let meaning = known::meaning(conn, memory, &scan.sighting, to, now)?;
    let last = match (&scan.sighting, &meaning, session.to_undo()) {
        (Sighting::TakeBack { volume }, ..) => known::last_move(conn, *volume)?,
        (_, Some(Meaning::Command(_)), Some(step)) => known::last_move(conn, step.volume)?,
        _ => None,
    };
    let before = match (&meaning, session.chart()) {
        (Some(Meaning::Place(Place { area: Some(_), .. })), Some(chart)) => {
            known::volume_again(conn, memory, chart, &station.here, now)?
        }
        _ => None,
    };
    let load = match &meaning {
        Some(Meaning::Place(place)) if place.is_box => Some(boxes::load(conn, memory, place.id, to.id, now)?),
        _ => None,
    };
    let progress = match (&meaning, session.mode()) {
        (Some(Meaning::Volume(volume)), Mode::Pull(list) | Mode::Send(list)) => {
            Some(scene::progress(conn, list, Some(volume.id))?)
        }
        _ => None,
    };
    let moment = Moment {
        now,
        before: before.as_ref(),
        double_read: double_read || scan.resend,
        last,
        here: &station.here,
        there: there.as_ref(),
        load: load.as_ref(),
        progress: progress.as_ref(),
    };
    let rules = &station.rules;
    let scene = Scene { rules, session, double_read, is_told, meaning: meaning.clone(), moment };
    let judged = judge(scan, &scene);
    Ok((meaning, judged))
}

/// Who scanned: whoever the scan names, else whose badge the station knows.
fn operator(conn: &Connection, scan: &Scan, badge: Option<PersonId>) -> rusqlite::Result<Option<String>> {
    match (&scan.operator, badge) {
        (Some(operator), _) => Ok(Some(operator.clone())),
        (None, Some(person)) => known::person_code(conn, person),
        (None, None) => Ok(None),
    }
}

/// A scan about to be written.
struct Written<'a> {
    scan: &'a Scan,
    judged: &'a Judgement,
    volume: Option<VolumeId>,
    operator: Option<String>,
    now_us: i64,
}

/// A movement of nothing, as this scan made it.
fn scanned_row<'a>(written: &'a Written<'_>, scan_no: ScanNo) -> MovementRow<'a> {
    let scan = written.scan;
    MovementRow {
        scanned_us: micros(scan.scanned_at),
        recorded_us: written.now_us,
        entry: scan.entry.as_str(),
        station: Some(scan.station),
        operator: written.operator.as_deref(),
        scan_no: Some(scan_no),
        ..MovementRow::empty()
    }
}

/// Adds the movement that a scan made, and makes it the present.
fn move_volume(
    conn: &Connection,
    memory: &mut Memory,
    written: &Written<'_>,
    meaning: Option<&Meaning>,
    scan_no: ScanNo,
) -> rusqlite::Result<Option<MovementNo>> {
    let scan = written.scan;
    let act = match &written.judged.act {
        Act::Told(act) => act,
        act => act,
    };
    // What was told counts from when it was written down.
    let from_us =
        if matches!(written.judged.act, Act::Told(_)) { micros(scan.scanned_at) } else { written.now_us };
    let last = last_of(meaning);
    let row = scanned_row(written, scan_no);
    let row = match act {
        Act::Move { volume, kind, from, to, in_transit, skip } => MovementRow {
            volume: *volume,
            previous: last,
            kind: *kind,
            from: *from,
            to: *to,
            skip: *skip,
            outcome: Outcome {
                due_us: due::due_back(conn, memory, (*volume, *kind, *to), from_us)?,
                ..Outcome::of(*kind, *in_transit, from_us)
            },
            ..row
        },
        Act::Late { volume, kind, from, to } => MovementRow {
            volume: *volume,
            previous: last,
            kind: *kind,
            from: had_then(conn, last, row.scanned_us)?.unwrap_or(*from),
            to: *to,
            late: true,
            ..row
        },
        Act::Undo { volume, undoes } => {
            let before = outcome_before(conn, *undoes)?;
            MovementRow {
                volume: *volume,
                previous: known::last_move(conn, *volume)?.map(|last| last.no),
                from: before.was_at,
                to: before.at,
                undoes: Some(*undoes),
                kind: MovementKind::Undone,
                outcome: due::unless_inpatient(conn, *volume, before.outcome)?,
                ..row
            }
        }
        Act::Unread
        | Act::Nothing
        | Act::Mode(_)
        | Act::Operator(_)
        | Act::Done(_)
        | Act::Label(_)
        | Act::BoxMoved { .. }
        | Act::BoxOpened { .. }
        | Act::Seen(_)
        | Act::Shelved { .. }
        | Act::NotFound(_)
        | Act::Replied(_)
        | Act::Searched(_)
        | Act::Told(_) => return Ok(None),
    };
    let no = append_movement(conn, &mut memory.heads.movement, &row)?;
    update_whereabouts(conn, &row, no)?;
    Ok(Some(no))
}

/// What a scan did to a box it did to all that is in it.
fn carry(
    conn: &Connection,
    memory: &mut Memory,
    session: &Session,
    written: &Written<'_>,
    scan_no: ScanNo,
) -> rusqlite::Result<()> {
    let carried = boxes::Carried {
        act: &written.judged.act,
        session,
        station: written.scan.station,
        scanned_us: micros(written.scan.scanned_at),
        now_us: written.now_us,
        entry: written.scan.entry.as_str(),
        operator: written.operator.as_deref(),
        scan_no,
    };
    boxes::follow(conn, memory, &carried)
}

fn last_of(meaning: Option<&Meaning>) -> Option<MovementNo> {
    match meaning {
        Some(Meaning::Volume(volume)) => volume.last,
        _ => None,
    }
}

/// Adds the scan to the journal; `None` if a scan with its id is there already (asking first would cost every scan what
/// only a repeated delivery needs).
fn insert_scan(
    conn: &Connection,
    heads: &mut Heads,
    written: &Written<'_>,
) -> rusqlite::Result<Option<ScanNo>> {
    let Written { scan, judged, volume, operator, now_us } = written;
    let no = heads.scan.no + 1;
    let id = scan.id.to_bytes();
    let scanned_us = micros(scan.scanned_at);
    // The movement follows in the same transaction, so its number is known.
    let act = judged.act.journal(Some(MovementNo(heads.movement.no + 1)));
    let hash = RowHash::after(&heads.scan.hash)
        .integer(no)
        .blob(&id)
        .integer(scan.station.0)
        .integer(scan.source.0)
        .integer(scanned_us)
        .integer(*now_us)
        .text(scan.entry.as_str())
        .maybe_text(operator.as_deref())
        .blob(&scan.frame)
        .text(judged.verdict.as_str())
        .maybe_text(judged.why.as_deref())
        .maybe_integer(volume.map(|id| id.0))
        .later_text("act", act.as_deref())
        .finish();
    let inserted = conn.prepare_cached(
        "insert into scan (scan_no, scan_id, station_id, source_id, scanned_at_us, recorded_at_us, entry, operator, frame,
                           verdict, why, volume_id, hash, act)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
         on conflict (scan_id) do nothing",
    )?
    .execute(params![
        no, id, scan.station.0, scan.source.0, scanned_us, now_us, scan.entry.as_str(), operator, scan.frame,
        judged.verdict.as_str(), judged.why, volume.map(|id| id.0), hash, act,
    ])?;
    if inserted == 0 {
        return Ok(None);
    }
    heads.scan = Head { no, hash };
    Ok(Some(ScanNo(no)))
}
