//! Takes custodians, charts and volumes from lists, line by line; a bad line does not stop the good ones.
//!
//! Imports run while no daemon does: one process writes, and a list of a million lines must not hold up a scan.

mod charts;

use super::chain::Heads;
use super::lock::{self, Lock};
use super::open;
use super::place::Place;
use super::record::{AuditRow, insert_audit};
use super::stations::find_custodian;
use super::{StoreError, micros};
use crate::tracking::{CustodianId, FilingScheme, Mrn};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, named_params};

/// A custodian as a list names it.
#[derive(Debug, Clone)]
pub struct CustodianLine {
    /// What configuration and other lists call it.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// file-area, clinic, ward, person, box, other.
    pub kind: String,
    /// How to reach the holder.
    pub phone: Option<String>,
    /// Order of its shelves.
    pub filing: FilingScheme,
    /// Key of its label.
    pub label: Option<String>,
}

/// A volume, with the chart that owns it, as a list names it.
#[derive(Debug, Clone)]
pub struct ChartLine {
    /// The patient's number.
    pub mrn: Mrn,
    /// medical, dental, …
    pub record_type: String,
    /// 1 for the first volume.
    pub volume: u32,
    /// Key of its label.
    pub label: String,
    /// Code of the custodian where it belongs.
    pub home: String,
    /// Code of the custodian who has it now, if the list says so.
    pub at: Option<String>,
}

/// What a line did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It was new.
    Added,
    /// It was known, and something of it changed.
    Changed,
    /// Nothing new.
    Unchanged,
}

/// A line's effect, or why it was left out.
pub type LineResult = Result<Effect, String>;

/// An import under way; holds the lock on the database.
pub struct Importer {
    conn: Connection,
    heads: Heads,
    now: Timestamp,
    dry_run: bool,
    _lock: Lock,
}

impl Importer {
    /// Opens the database, which is made if there is none, for an import at `now`.
    ///
    /// With `dry_run` everything is done as usual and undone at the end.
    ///
    /// # Errors
    /// A daemon runs on this database, or it cannot be opened.
    pub fn open(place: &Place, now: Timestamp, dry_run: bool) -> Result<Importer, StoreError> {
        let lock = lock::take(place)?;
        let (conn, heads) = open::writer(place, micros(now))?;
        let importer = Importer { conn, heads, now, dry_run, _lock: lock };
        importer.run("begin immediate")?;
        Ok(importer)
    }

    /// Adds or changes a custodian.
    ///
    /// # Errors
    /// The database failed; nothing since the last [`Importer::checkpoint`] is kept.
    pub fn custodian(&mut self, line: &CustodianLine) -> Result<LineResult, StoreError> {
        custodian(&self.conn, line, micros(self.now)).map_err(StoreError::sqlite("take a custodian"))
    }

    /// Puts a custodian below another; both must be on file.
    ///
    /// # Errors
    /// The database failed.
    pub fn parent(&mut self, code: &str, parent: &str) -> Result<LineResult, StoreError> {
        set_parent(&self.conn, code, parent).map_err(StoreError::sqlite("take a custodian's parent"))
    }

    /// Adds or changes a chart and one of its volumes.
    ///
    /// # Errors
    /// The database failed; nothing since the last [`Importer::checkpoint`] is kept.
    pub fn chart(&mut self, line: &ChartLine) -> Result<LineResult, StoreError> {
        charts::chart(&self.conn, &mut self.heads, line, micros(self.now))
            .map_err(StoreError::sqlite("take a chart"))
    }

    /// Makes what was done so far durable, so that an import that is broken off can simply be started again.
    ///
    /// # Errors
    /// The database failed.
    pub fn checkpoint(&mut self) -> Result<(), StoreError> {
        if self.dry_run {
            return Ok(());
        }
        self.run("commit")?;
        self.run("begin immediate")
    }

    /// Ends the import and writes `detail` (counts, never names) into the audit log; a dry run is undone.
    ///
    /// # Errors
    /// The database failed.
    pub fn finish(mut self, detail: &str) -> Result<(), StoreError> {
        if self.dry_run {
            return self.run("rollback");
        }
        let row = AuditRow {
            at_us: micros(self.now),
            action: "import",
            actor: Some("outguide import"),
            scan_no: None,
            movement_no: None,
            detail: Some(detail),
        };
        insert_audit(&self.conn, &mut self.heads.audit, &row)
            .map_err(StoreError::sqlite("write the audit log"))?;
        self.run("commit")?;
        self.conn
            .query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))
            .map_err(StoreError::sqlite("be checkpointed"))
    }

    fn run(&self, sql: &str) -> Result<(), StoreError> {
        self.conn.execute_batch(sql).map_err(StoreError::sqlite("keep the import"))
    }
}

fn custodian(conn: &Connection, line: &CustodianLine, now_us: i64) -> rusqlite::Result<LineResult> {
    let known = find_custodian(conn, &line.code)?;
    if let Some(label) = &line.label
        && label_target(conn, "custodian", label)?.is_some_and(|target| Some(CustodianId(target)) != known)
    {
        return Ok(Err(format!("label {label} is in use already; every custodian needs a label of its own")));
    }
    let effect = match known {
        Some(id) => update_custodian(conn, id, line)?,
        None => {
            conn.prepare_cached(
                "insert into custodian (code, name, kind, phone, filing_scheme, created_at_us)
                 values (:code, :name, :kind, :phone, :filing, :now)",
            )?
            .execute(named_params! {
                ":code": line.code, ":name": line.name, ":kind": line.kind, ":phone": line.phone,
                ":filing": line.filing.to_string(), ":now": now_us,
            })?;
            Effect::Added
        }
    };
    if let (Some(label), Some(id)) = (&line.label, find_custodian(conn, &line.code)?) {
        add_label(conn, "custodian", label, id.0, now_us)?;
    }
    Ok(Ok(effect))
}

fn update_custodian(conn: &Connection, id: CustodianId, line: &CustodianLine) -> rusqlite::Result<Effect> {
    let changed = conn
        .prepare_cached(
            "update custodian set name = :name, kind = :kind, phone = :phone, filing_scheme = :filing
             where custodian_id = :id
               and (name, kind, phone, filing_scheme) is not (:name, :kind, :phone, :filing)",
        )?
        .execute(named_params! {
            ":id": id.0, ":name": line.name, ":kind": line.kind, ":phone": line.phone, ":filing": line.filing.to_string(),
        })?;
    Ok(if changed > 0 { Effect::Changed } else { Effect::Unchanged })
}

fn set_parent(conn: &Connection, code: &str, parent: &str) -> rusqlite::Result<LineResult> {
    let Some(child) = find_custodian(conn, code)? else {
        return Ok(Err(format!("custodian {code} is not on file")));
    };
    let Some(above) = find_custodian(conn, parent)? else {
        return Ok(Err(format!("parent {parent} is not on file; add a line for it")));
    };
    let circular: bool = conn.query_row(
        "with recursive up (id) as (
           select :parent union select parent_id from custodian join up on custodian_id = id where parent_id is not null)
         select exists (select 1 from up where id = :child)",
        named_params! { ":parent": above.0, ":child": child.0 },
        |row| row.get(0),
    )?;
    if circular {
        return Ok(Err(format!("{parent} is part of {code}, so {code} cannot be part of {parent}")));
    }
    let changed = conn.execute(
        "update custodian set parent_id = :parent where custodian_id = :child and parent_id is not :parent",
        named_params! { ":parent": above.0, ":child": child.0 },
    )?;
    Ok(Ok(if changed > 0 { Effect::Changed } else { Effect::Unchanged }))
}

fn label_target(conn: &Connection, kind: &str, key: &str) -> rusqlite::Result<Option<i64>> {
    conn.prepare_cached("select target_id from label where kind = :kind and key = :key")?
        .query_row(named_params! { ":kind": kind, ":key": key }, |row| row.get(0))
        .optional()
}

/// Makes a label that is free, or the target's own, resolve to `target`.
fn add_label(conn: &Connection, kind: &str, key: &str, target: i64, now_us: i64) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "insert into label (kind, key, target_id, created_at_us) values (:kind, :key, :target, :now)
         on conflict (kind, key) do nothing",
    )?
    .execute(named_params! { ":kind": kind, ":key": key, ":target": target, ":now": now_us })?;
    Ok(())
}

/// A label that nobody knew is known now.
fn close_work_item(conn: &Connection, key: &str, now_us: i64) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "update work_item set closed_at_us = :now, closed_why = 'the label came with an import'
         where kind = 'unknown-label' and key = :key and closed_at_us is null",
    )?
    .execute(named_params! { ":now": now_us, ":key": key })?;
    Ok(())
}
