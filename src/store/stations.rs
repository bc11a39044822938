//! Gives stations and sources of the configuration their numbers, and makes the custodians they stand for.

use super::micros;
use super::record::{AuditRow, Memory, StationFacts, insert_audit};
use crate::tracking::{CustodianId, SourceId, StationId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, named_params};
use std::collections::HashMap;
use std::time::Duration;

/// A checkpoint as the configuration describes it.
#[derive(Debug, Clone)]
pub struct Station {
    /// Its key in the configuration.
    pub name: String,
    /// What people call it; also names its custodian if that has to be made.
    pub title: String,
    /// Code of the custodian that it stands for.
    pub custodian: String,
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
    let mut facts = HashMap::new();
    for station in stations {
        let id = StationId(numbered_name(conn, "station", &station.name)?);
        let custodian = match find_custodian(conn, &station.custodian)? {
            Some(custodian) => custodian,
            None => {
                numbered.custodians_made.push(station.custodian.clone());
                make_custodian(conn, memory, station, now)?
            }
        };
        facts.insert(id, StationFacts { custodian, double_read_window: station.double_read_window });
        numbered.stations.insert(station.name.clone(), id);
        for source in &station.sources {
            numbered.sources.insert(source.clone(), SourceId(numbered_name(conn, "source", source)?));
        }
    }
    memory.stations = facts;
    Ok(numbered)
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
