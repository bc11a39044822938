//! Gives stations and sources of the configuration their numbers, and makes the custodians they stand for.

use super::record::{AuditRow, Memory, StationFacts, insert_audit};
use super::{known, micros, timestamp};
use crate::label::LabelKind;
use crate::tracking::grammar::{Act, Rules, Session, StationKind};
use crate::tracking::{CustodianId, SourceId, StationId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, named_params, params};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Most scans of a station that are looked at to take its session up.
const REPLAYED_MAX: i64 = 10_000;

/// A checkpoint as the configuration describes it.
#[derive(Debug, Clone)]
pub struct Station {
    /// Its key in the configuration.
    pub name: String,
    /// What people call it; also names its custodian if that has to be made.
    pub title: String,
    /// Code of the custodian that it stands for.
    pub custodian: String,
    /// What it does by itself.
    pub kind: StationKind,
    /// Silence after which a batch is at its end.
    pub idle: Duration,
    /// Silence after which a badge must be scanned again.
    pub badge_idle: Duration,
    /// It has a label printer.
    pub prints: bool,
    /// Within this time, the same label from the same source is one reading.
    pub double_read_window: Duration,
    /// Names of its sources.
    pub sources: Vec<String>,
}

/// The numbers under which stations and sources are stored.
#[derive(Debug, Clone, Default)]
pub struct Numbered {
    /// By station name.
    pub stations: HashMap<String, StationId>,
    /// By source name.
    pub sources: HashMap<String, SourceId>,
    /// Codes of custodians that had to be made, because nobody had imported them.
    pub custodians_made: Vec<String>,
}

/// Numbers all stations and makes them the ones that scans are accepted from.
pub(super) fn number(
    conn: &Connection,
    memory: &mut Memory,
    stations: &[Station],
    now: Timestamp,
) -> rusqlite::Result<Numbered> {
    let mut numbered = Numbered::default();
    let mut facts = Vec::new();
    for station in stations {
        let id = StationId(numbered_name(conn, "station", &station.name)?);
        let custodian = match find_custodian(conn, &station.custodian)? {
            Some(custodian) => custodian,
            None => {
                numbered.custodians_made.push(station.custodian.clone());
                make_custodian(conn, memory, station, now)?
            }
        };
        let rules = Rules {
            kind: station.kind,
            custodian,
            idle: station.idle,
            badge_idle: station.badge_idle,
            prints: station.prints,
        };
        facts.push((id, rules, station.double_read_window));
        numbered.stations.insert(station.name.clone(), id);
        for source in &station.sources {
            numbered.sources.insert(source.clone(), SourceId(numbered_name(conn, "source", source)?));
        }
    }
    let standing = |kind| {
        facts.iter().filter(move |(_, rules, _)| rules.kind == kind).map(|(_, rules, _)| rules.custodian)
    };
    memory.checkpoints = Arc::new(standing(StationKind::Checkpoint).collect());
    memory.desks = Arc::new(standing(StationKind::Desk).collect());
    let mut standing_here = HashMap::new();
    for (id, rules, double_read_window) in facts {
        let here = known::place(conn, memory, rules.custodian)?;
        let here = here.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        standing_here.insert(id, Arc::new(StationFacts { rules, here, double_read_window }));
    }
    memory.stations = Arc::new(standing_here);
    register_own_labels(conn, now)?;
    resume(conn, memory)?;
    Ok(numbered)
}

/// Who has no label on file is printed with Outguide's own: from now on it means them.
fn register_own_labels(conn: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    for (kind, nameless) in [
        (
            LabelKind::Custodian,
            "select custodian_id from custodian
             where custodian_id not in (select target_id from label where kind = 'custodian')",
        ),
        (
            LabelKind::Person,
            "select person_id from person where person_id not in (select target_id from label where kind = 'person')",
        ),
    ] {
        let ids: Vec<i64> =
            conn.prepare(nameless)?.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        for id in ids {
            conn.prepare_cached(
                "insert into label (kind, key, target_id, created_at_us) values (?1, ?2, ?3, ?4) on conflict do nothing",
            )?
            .execute(params![kind.as_str(), kind.own_key(id.unsigned_abs()), id, micros(now)])?;
        }
    }
    Ok(())
}

/// Takes up the sessions of all stations where the journal left them.
pub(super) fn resume(conn: &Connection, memory: &mut Memory) -> rusqlite::Result<()> {
    for (id, station) in memory.stations.iter() {
        if !memory.sessions.contains_key(id) {
            memory.sessions.insert(*id, replay(conn, *id, &station.rules)?);
        }
        memory.touched.push(*id);
    }
    Ok(())
}

/// Does again what the station's scans did since it was last silent for so long that all had lapsed.
fn replay(conn: &Connection, station: StationId, rules: &Rules) -> rusqlite::Result<Session> {
    let longest = rules.idle.max(rules.badge_idle);
    let mut scans = conn.prepare_cached(
        "select recorded_at_us, act from scan where station_id = ?1 order by scan_no desc limit ?2",
    )?;
    let mut rows = scans.query(params![station.0, REPLAYED_MAX])?;
    let mut acts: Vec<(Timestamp, String)> = Vec::new();
    while let Some(row) = rows.next()? {
        // What could not be read is no act, but a shelf's label after it is not about the chart before it.
        let act = row.get::<_, Option<String>>(1)?.unwrap_or_default();
        let at = timestamp(row.get(0)?);
        let later = acts.last().map_or(at, |(at, _)| *at);
        if Duration::try_from(later.duration_since(at)).unwrap_or_default() > longest {
            break;
        }
        acts.push((at, act));
    }
    let mut session = Session::default();
    for (at, act) in acts.into_iter().rev() {
        let (act, movement) = Act::parse(&act).unwrap_or((Act::Unread, None));
        session.apply(rules, &act, movement, at);
    }
    Ok(session)
}

fn numbered_name(conn: &Connection, table: &'static str, name: &str) -> rusqlite::Result<i64> {
    let (insert, select) = match table {
        "station" => (
            "insert into station (name) values (:name) on conflict (name) do nothing",
            "select station_id from station where name = :name",
        ),
        _ => (
            "insert into source (name) values (:name) on conflict (name) do nothing",
            "select source_id from source where name = :name",
        ),
    };
    conn.execute(insert, named_params! { ":name": name })?;
    conn.query_row(select, named_params! { ":name": name }, |row| row.get(0))
}

/// The custodian with this code.
pub(super) fn find_custodian(conn: &Connection, code: &str) -> rusqlite::Result<Option<CustodianId>> {
    conn.prepare_cached("select custodian_id from custodian where code = :code")?
        .query_row(named_params! { ":code": code }, |row| row.get(0).map(CustodianId))
        .optional()
}

fn make_custodian(
    conn: &Connection,
    memory: &mut Memory,
    station: &Station,
    now: Timestamp,
) -> rusqlite::Result<CustodianId> {
    conn.execute(
        "insert into custodian (code, name, kind, created_at_us) values (:code, :name, 'other', :now)",
        named_params! { ":code": station.custodian, ":name": station.title, ":now": micros(now) },
    )?;
    let id = CustodianId(conn.last_insert_rowid());
    let detail = format!("custodian {} made for station {}", station.custodian, station.name);
    let row = AuditRow {
        at_us: micros(now),
        action: "custodian",
        actor: Some("outguide"),
        scan_no: None,
        movement_no: None,
        detail: Some(&detail),
    };
    insert_audit(conn, &mut memory.heads.audit, &row)?;
    Ok(id)
}
