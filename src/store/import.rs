//! Takes custodians, charts and volumes from lists, line by line; a bad line does not stop the good ones.
//!
//! Imports run while no daemon does: one process writes, and a list of a million lines must not hold up a scan.

use super::chain::Heads;
use super::lock::{self, Lock};
use super::open::{self, Place};
use super::record::{AuditRow, MovementRow, append_movement, insert_audit, update_whereabouts};
use super::stations::find_custodian;
use super::{StoreError, micros};
use crate::tracking::{CustodianId, FilingScheme, Move, Mrn, VolumeId};
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
        chart(&self.conn, &mut self.heads, line, micros(self.now)).map_err(StoreError::sqlite("take a chart"))
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

/// What is on file of a volume that a line names.
struct Known {
    volume: VolumeId,
    label: String,
    home: CustodianId,
    moved: bool,
}

fn chart(
    conn: &Connection,
    heads: &mut Heads,
    line: &ChartLine,
    now_us: i64,
) -> rusqlite::Result<LineResult> {
    let Some((home, filing)) = file_area(conn, &line.home)? else {
        return Ok(Err(format!("home {} is not on file; import custodians first", line.home)));
    };
    let at = match &line.at {
        Some(code) => match find_custodian(conn, code)? {
            Some(at) => Some(at),
            None => return Ok(Err(format!("location {code} is not on file; import custodians first"))),
        },
        None => None,
    };
    if let Some(owner) = label_owner(conn, line)? {
        return Ok(Err(owner));
    }
    let chart_id = chart_id(conn, line, now_us)?;
    let filing_key = filing.sort_key(line.mrn.key());
    match known_volume(conn, chart_id, line.volume)? {
        None => {
            let volume = insert_volume(conn, chart_id, line, home, &filing_key, now_us)?;
            if let Some(at) = at.filter(|at| *at != home) {
                place(conn, heads, volume, home, at, now_us)?;
            }
            Ok(Ok(Effect::Added))
        }
        Some(known) => update_volume(conn, &known, line, home, &filing_key, now_us).map(Ok),
    }
}

fn file_area(conn: &Connection, code: &str) -> rusqlite::Result<Option<(CustodianId, FilingScheme)>> {
    conn.prepare_cached("select custodian_id, filing_scheme from custodian where code = :code")?
        .query_row(named_params! { ":code": code }, |row| {
            let scheme: String = row.get(1)?;
            let scheme = FilingScheme::parse(&scheme).unwrap_or(FilingScheme::Numeric);
            Ok((CustodianId(row.get(0)?), scheme))
        })
        .optional()
}

/// Says so if the label belongs to another volume than the line's.
fn label_owner(conn: &Connection, line: &ChartLine) -> rusqlite::Result<Option<String>> {
    let owner = conn
        .prepare_cached(
            "select chart.mrn_key, chart.record_type, volume.number
             from label join volume on volume_id = target_id join chart using (chart_id)
             where label.kind = 'volume' and key = :key",
        )?
        .query_row(named_params! { ":key": line.label }, |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, u32>(2)?))
        })
        .optional()?;
    Ok(owner
        .filter(|(key, kind, number)| {
            (key.as_str(), kind.as_str(), *number) != (line.mrn.key(), line.record_type.as_str(), line.volume)
        })
        .map(|_| {
            format!("label {} is on another chart already; every volume needs a label of its own", line.label)
        }))
}

fn chart_id(conn: &Connection, line: &ChartLine, now_us: i64) -> rusqlite::Result<i64> {
    let found = conn
        .prepare_cached("select chart_id from chart where mrn_key = :key and record_type = :type")?
        .query_row(named_params! { ":key": line.mrn.key(), ":type": line.record_type }, |row| row.get(0))
        .optional()?;
    if let Some(id) = found {
        return Ok(id);
    }
    conn.prepare_cached(
        "insert into chart (mrn, mrn_key, record_type, created_at_us) values (:mrn, :key, :type, :now)",
    )?
    .execute(named_params! {
        ":mrn": line.mrn.written(), ":key": line.mrn.key(), ":type": line.record_type, ":now": now_us,
    })?;
    Ok(conn.last_insert_rowid())
}

fn known_volume(conn: &Connection, chart_id: i64, number: u32) -> rusqlite::Result<Option<Known>> {
    conn.prepare_cached(
        "select volume_id, label, home_id, movement_no is not null from volume where chart_id = :chart and number = :number",
    )?
    .query_row(named_params! { ":chart": chart_id, ":number": number }, |row| {
        Ok(Known {
            volume: VolumeId(row.get(0)?),
            label: row.get(1)?,
            home: CustodianId(row.get(2)?),
            moved: row.get(3)?,
        })
    })
    .optional()
}

fn insert_volume(
    conn: &Connection,
    chart_id: i64,
    line: &ChartLine,
    home: CustodianId,
    filing_key: &str,
    now_us: i64,
) -> rusqlite::Result<VolumeId> {
    conn.prepare_cached(
        "insert into volume (chart_id, number, label, home_id, filing_key, at_id, created_at_us)
         values (:chart, :number, :label, :home, :filing, :home, :now)",
    )?
    .execute(named_params! {
        ":chart": chart_id, ":number": line.volume, ":label": line.label, ":home": home.0, ":filing": filing_key,
        ":now": now_us,
    })?;
    let volume = VolumeId(conn.last_insert_rowid());
    count_home(conn, home, 1)?;
    add_label(conn, "volume", &line.label, volume.0, now_us)?;
    close_work_item(conn, &line.label, now_us)?;
    Ok(volume)
}

fn update_volume(
    conn: &Connection,
    known: &Known,
    line: &ChartLine,
    home: CustodianId,
    filing_key: &str,
    now_us: i64,
) -> rusqlite::Result<Effect> {
    if known.label == line.label && known.home == home {
        return Ok(Effect::Unchanged);
    }
    if known.label != line.label {
        add_label(conn, "volume", &line.label, known.volume.0, now_us)?;
        close_work_item(conn, &line.label, now_us)?;
    }
    if known.home != home {
        count_home(conn, known.home, -1)?;
        count_home(conn, home, 1)?;
    }
    conn.prepare_cached(
        "update volume set label = :label, home_id = :home, filing_key = :filing,
                at_id = case when :moved then at_id else :home end where volume_id = :id",
    )?
    .execute(named_params! {
        ":label": line.label, ":home": home.0, ":filing": filing_key, ":moved": known.moved, ":id": known.volume.0,
    })?;
    Ok(Effect::Changed)
}

fn count_home(conn: &Connection, home: CustodianId, by: i64) -> rusqlite::Result<()> {
    conn.prepare_cached("update custodian set volumes_home = volumes_home + :by where custodian_id = :id")?
        .execute(named_params! { ":by": by, ":id": home.0 })?;
    Ok(())
}

/// Records that a list says who has a volume.
fn place(
    conn: &Connection,
    heads: &mut Heads,
    volume: VolumeId,
    home: CustodianId,
    at: CustodianId,
    now_us: i64,
) -> rusqlite::Result<()> {
    let row = MovementRow {
        volume,
        previous: None,
        kind: "import",
        from: home,
        to: at,
        late: false,
        scanned_us: now_us,
        recorded_us: now_us,
        entry: "keyed",
        station: None,
        operator: None,
        scan_no: None,
    };
    let no = append_movement(conn, &mut heads.movement, &row)?;
    update_whereabouts(conn, &Move { volume, from: home, to: at, late: false }, no, now_us)
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
