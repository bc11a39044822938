//! Checks a database from the ground up: file, schema, references, chains, and whereabouts against history.

use super::audit_log::charts_of;
use super::chain::{CHAINS, Chained};
use super::history::Outcome;
use super::log_damage::{self, Damage};
use super::open;
use super::place::Place;
use super::{StoreError, lock, migrate, timestamp};
use crate::tracking::{CustodianId, MovementNo, Step, Whereabouts, recompute};
use rusqlite::{Connection, Row, named_params};
use std::collections::HashMap;

/// Volumes that are compared in one walk over history: bounds memory to about 100 MB.
const VOLUMES_AT_ONCE: i64 = 1_000_000;
/// Most findings that are listed of one kind; the rest are counted.
const FINDINGS_MAX: usize = 20;

/// Told from time to time: what is being checked, and how far it is.
pub type Progress<'a> = &'a mut dyn FnMut(&'static str, i64);

/// What a verification saw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Rows seen per chain.
    pub rows: Vec<(&'static str, i64)>,
    /// Volumes whose whereabouts were compared.
    pub volumes: i64,
    /// What is wrong, most important first; empty: all is well.
    pub findings: Vec<String>,
}

/// Verifies the database in `place` as it stands; a running daemon is not disturbed.
///
/// # Errors
/// The database could not be opened or read at all.
pub fn verify(place: &Place, progress: Progress<'_>) -> Result<VerifyReport, StoreError> {
    progress("write-ahead log", 0);
    let damage = log_damage::look(place)?;
    let conn = open::reader(place)?;
    refuse_older(&conn, place)?;
    let mut report = verify_connection(&conn, progress)?;
    if let Some(damage) = damage {
        report.findings.insert(0, told(place, &damage));
    }
    Ok(report)
}

/// The damage, and how to get out of it: a daemon that runs still has in memory what it wrote.
fn told(place: &Place, damage: &Damage) -> String {
    let (what, step) = match damage {
        Damage::Mended { bits } => (
            format!("{bits} wrong bits of the write-ahead log"),
            "`outguide serve` puts them right at its start",
        ),
        Damage::Settled { frame } => (
            format!("the write-ahead log is damaged in frame {frame}, all of it is in the database"),
            "`outguide serve` clears it away at its start",
        ),
        Damage::Behind => (
            "the end of the write-ahead log is gone, and the rest does not fit the database, which by itself is sound".to_owned(),
            "`outguide serve` clears it away at its start",
        ),
        Damage::Lost { frame, commits } => (
            format!(
                "the write-ahead log is damaged in frame {frame}, {commits} commits from there on cannot be read"
            ),
            "keep a copy of it",
        ),
    };
    let runs = lock::holder(place).is_some();
    let step = if runs {
        "stop the daemon in order, which moves what it knows into the database, and verify again"
    } else {
        step
    };
    format!("{what}; {step}")
}

/// An older schema lacks columns that are looked at: it would seem damaged.
fn refuse_older(conn: &Connection, place: &Place) -> Result<(), StoreError> {
    let found: i64 = conn
        .query_row("select user_version from pragma_user_version", [], |row| row.get(0))
        .map_err(StoreError::sqlite("be verified"))?;
    if found < migrate::NEWEST {
        return Err(StoreError::Older { db: place.db(), found, known: migrate::NEWEST });
    }
    Ok(())
}

pub(super) fn verify_connection(
    conn: &Connection,
    progress: Progress<'_>,
) -> Result<VerifyReport, StoreError> {
    let failed = || StoreError::sqlite("be verified");
    conn.execute_batch("begin").map_err(failed())?;
    let mut report = VerifyReport::default();
    progress("file structure", 0);
    report.findings.extend(file_structure(conn).map_err(failed())?);
    match migrate::differences(conn) {
        Ok(differences) => report.findings.extend(differences.into_iter().take(FINDINGS_MAX)),
        Err(error) => report.findings.push(format!("schema cannot be read: {error}")),
    }
    for chain in &CHAINS {
        walk_chain(conn, chain, &mut report, progress)?;
    }
    if let Err(error) = compare_whereabouts(conn, &mut report, progress) {
        report.findings.push(format!("whereabouts could not be compared: {error}"));
    }
    report.findings.extend(counters(conn).map_err(failed())?);
    report.findings.extend(named_charts(conn).map_err(failed())?);
    report.findings.extend(nobodys_names(conn).map_err(failed())?);
    report.findings.extend(no_movements(conn).map_err(failed())?);
    conn.execute_batch("commit").map_err(failed())?;
    Ok(report)
}

/// What names a movement has no foreign key: it may be in the archive.
fn no_movements(conn: &Connection) -> rusqlite::Result<Vec<String>> {
    conn.prepare(
        "select what, count(*) from (
           select 'steps of requests' as what, movement_no as no from request_step where movement_no is not null
           union all
           select 'changed times to be back', movement_no from due_change)
         where not exists (select 1 from any_movement m where m.movement_no = no) group by what",
    )?
    .query_map([], |row| {
        let (what, count): (String, u64) = (row.get(0)?, row.get(1)?);
        Ok(format!("{count} {what} name a movement that is not there"))
    })?
    .collect()
}

/// Filed names have no foreign key.
fn nobodys_names(conn: &Connection) -> rusqlite::Result<Option<String>> {
    let count: u64 = conn
        .prepare(
            "select count(*) from patient_word w where not exists (select 1 from patient p where p.patient_id = w.patient_id)",
        )?
        .query_row([], |row| row.get(0))?;
    Ok((count > 0).then(|| format!("{count} filed names are of patients who are not there")))
}

pub(super) fn file_structure(conn: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut findings: Vec<String> = conn
        .prepare("pragma integrity_check(20)")?
        .query_map([], |row| row.get::<_, String>(0))?
        .filter(|line| line.as_ref().map_or(true, |line| line != "ok"))
        .map(|line| {
            line.map_or_else(
                |error| format!("file structure: {error}"),
                |line| format!("file structure: {line}"),
            )
        })
        .collect();
    let dangling = conn
        .prepare("pragma foreign_key_check")?
        .query_map([], |row| {
            Ok(format!(
                "{} row {:?} refers to a row that is not there",
                row.get::<_, String>(0)?,
                row.get::<_, Option<i64>>(1)?
            ))
        })?
        .take(FINDINGS_MAX)
        .collect::<rusqlite::Result<Vec<_>>>()?;
    findings.extend(dangling);
    Ok(findings)
}

fn walk_chain(
    conn: &Connection,
    chain: &Chained,
    report: &mut VerifyReport,
    progress: Progress<'_>,
) -> Result<(), StoreError> {
    let mut seen = 0;
    let walked = chain.walk(conn, 1, &mut |no| {
        seen = no;
        if no % 100_000 == 0 {
            progress(chain.table, no);
        }
    });
    match walked {
        Ok(Ok(_)) => {}
        Ok(Err(broken)) => report.findings.push(broken.to_string()),
        Err(error) => {
            report.findings.push(format!("{} after row {seen} cannot be read: {error}", chain.table))
        }
    }
    report.rows.push((chain.table, seen));
    Ok(())
}

/// One volume's movements, folded as history is read.
struct Folded {
    home: CustodianId,
    stored: Whereabouts,
    computed: Whereabouts,
    stored_outcome: Outcome,
    computed_outcome: Outcome,
    last: Option<i64>,
    broken_link: Option<i64>,
}

fn compare_whereabouts(
    conn: &Connection,
    report: &mut VerifyReport,
    progress: Progress<'_>,
) -> rusqlite::Result<()> {
    let last: i64 = conn.query_row("select coalesce(max(volume_id), 0) from volume", [], |row| row.get(0))?;
    let mut first = 1;
    while first <= last {
        progress("whereabouts", first);
        let mut volumes = load_volumes(conn, first, first + VOLUMES_AT_ONCE)?;
        fold_movements(conn, first, first + VOLUMES_AT_ONCE, &mut volumes)?;
        fold_due_changes(conn, first, first + VOLUMES_AT_ONCE, &mut volumes)?;
        for (id, volume) in &volumes {
            report.volumes += 1;
            let finding = finding(*id, volume);
            if report.findings.len() < FINDINGS_MAX {
                report.findings.extend(finding);
            }
        }
        first += VOLUMES_AT_ONCE;
    }
    Ok(())
}

fn load_volumes(conn: &Connection, from: i64, to: i64) -> rusqlite::Result<HashMap<i64, Folded>> {
    conn.prepare_cached(
        "select volume_id, home_id, at_id, since_us, movement_no, in_transit, due_at_us, missing_since_us from volume where volume_id >= :from and volume_id < :to",
    )?
    .query_map(named_params! { ":from": from, ":to": to }, |row| {
        let home = CustodianId(row.get(1)?);
        let stored = Whereabouts {
            at: CustodianId(row.get(2)?),
            since: row.get::<_, Option<i64>>(3)?.map(timestamp),
            movement: row.get::<_, Option<i64>>(4)?.map(MovementNo),
        };
        let computed = recompute(home, []);
        let folded = Folded {
            home,
            stored,
            computed,
            stored_outcome: outcome(row, 5)?,
            computed_outcome: Outcome::default(),
            last: None,
            broken_link: None,
        };
        Ok((row.get(0)?, folded))
    })?
    .collect()
}

fn fold_movements(
    conn: &Connection,
    from: i64,
    to: i64,
    volumes: &mut HashMap<i64, Folded>,
) -> rusqlite::Result<()> {
    let mut statement = conn.prepare_cached(
        "select movement_no, volume_id, previous_no, to_id, scanned_at_us, late, in_transit, due_at_us, missing_since_us
         from any_movement
         where volume_id >= :from and volume_id < :to order by movement_no",
    )?;
    let mut rows = statement.query(named_params! { ":from": from, ":to": to })?;
    while let Some(row) = rows.next()? {
        let no: i64 = row.get(0)?;
        let Some(volume) = volumes.get_mut(&row.get::<_, i64>(1)?) else { continue };
        let step = Step {
            no: MovementNo(no),
            to: CustodianId(row.get(3)?),
            scanned_at: timestamp(row.get(4)?),
            late: row.get(5)?,
        };
        if row.get::<_, Option<i64>>(2)? != volume.last && volume.broken_link.is_none() {
            volume.broken_link = Some(no);
        }
        volume.last = Some(no);
        if !step.late {
            volume.computed = recompute(volume.home, [step]);
            volume.computed_outcome = outcome(row, 6)?;
        }
    }
    Ok(())
}

/// What was due back otherwise than its last movement said, because its patient was admitted or discharged.
fn fold_due_changes(
    conn: &Connection,
    from: i64,
    to: i64,
    volumes: &mut HashMap<i64, Folded>,
) -> rusqlite::Result<()> {
    let mut statement = conn.prepare_cached(
        "select volume_id, movement_no, due_at_us from due_change
         where volume_id >= :from and volume_id < :to order by volume_id, movement_no, audit_no",
    )?;
    let mut rows = statement.query(named_params! { ":from": from, ":to": to })?;
    while let Some(row) = rows.next()? {
        let Some(volume) = volumes.get_mut(&row.get::<_, i64>(0)?) else { continue };
        let movement: i64 = row.get(1)?;
        if volume.computed.movement.is_some_and(|last| movement >= last.0) {
            volume.computed_outcome.due_us = row.get(2)?;
        }
    }
    Ok(())
}

/// What a volume or a movement row says besides the place.
fn outcome(row: &Row<'_>, first: usize) -> rusqlite::Result<Outcome> {
    Ok(Outcome {
        in_transit: row.get::<_, Option<i64>>(first)?.is_some(),
        due_us: row.get(first + 1)?,
        missing_us: row.get(first + 2)?,
    })
}

fn finding(id: i64, volume: &Folded) -> Option<String> {
    if let Some(no) = volume.broken_link {
        return Some(format!("movement {no} of volume {id} does not follow on the one before it"));
    }
    if volume.stored.movement.map(|no| no.0) != volume.last {
        return Some(format!(
            "volume {id} does not name its last movement: the end of its history is missing"
        ));
    }
    if volume.stored_outcome != volume.computed_outcome {
        return Some(format!(
            "volume {id} is stored as on its way, due or missing otherwise than its history says"
        ));
    }
    let (stored, computed) = (&volume.stored, &volume.computed);
    ((stored.at, stored.since) != (computed.at, computed.since)).then(|| {
        format!(
            "volume {id} is stored as with custodian {}, but its history says custodian {}",
            stored.at, computed.at
        )
    })
}

/// A view that is not found by its chart is as good as not noted.
fn named_charts(conn: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut find = conn.prepare("select 1 from audit_chart where chart_id = ?1 and audit_no = ?2")?;
    let mut statement = conn.prepare(
        "select audit_no, detail from audit where scan_no is null and detail like '%chart%' order by audit_no",
    )?;
    let mut rows = statement.query([])?;
    let mut findings = Vec::new();
    while let Some(row) = rows.next()?.filter(|_| findings.len() < FINDINGS_MAX) {
        let (no, detail): (i64, String) = (row.get(0)?, row.get(1)?);
        for chart in charts_of(&detail) {
            if !find.exists([chart, no])? {
                findings.push(format!("audit row {no} names chart {chart}, but is not found by it"));
            }
        }
    }
    Ok(findings)
}

fn counters(conn: &Connection) -> rusqlite::Result<Vec<String>> {
    conn.prepare(
        "select code, volumes_home, n from (
           select c.code, c.volumes_home, (select count(*) from volume where home_id = c.custodian_id) as n from custodian c)
         where volumes_home <> n limit 20",
    )?
    .query_map([], |row| {
        Ok(format!(
            "custodian {} counts {} volumes as its own, but {} are",
            row.get::<_, String>(0)?,
            row.get::<_, i64>(1)?,
            row.get::<_, i64>(2)?
        ))
    })?
    .collect()
}
