//! Takes custodians, people, patients, charts and volumes from lists, line by line; a bad line does not stop the good ones.
//!
//! Imports run while no daemon does: one process writes, and a list of a million lines must not hold up a scan.

mod charts;
mod custodians;
mod flags;
mod known;
mod labels;
mod lines;
pub(super) mod patients;
mod people;
mod shelves;
mod stand_ins;

pub use lines::{ChartLine, ChartState, CustodianLine, Effect, Ended, LineResult, PatientLine, PersonLine};

use super::chain::Heads;
use super::known::label_target;
use super::lock::{self, Lock};
use super::names;
use super::open;
use super::place::Place;
use super::record::{AuditRow, insert_audit};
use super::{StoreError, micros};
use crate::tracking::Mrn;
use charts::Desk;
use flags::Flags;
use jiff::Timestamp;
use labels::{Owner, labelled};
use rusqlite::Connection;
use shelves::Shelves;
use std::collections::HashSet;

/// An import writes to random places of big indexes: 256 MB of pages keep the hot ones of a few million charts at hand.
const CACHE: &str = "pragma cache_size = -262144";

/// An import under way; holds the lock on the database. Dropped before its end, it leaves what its last
/// [`Importer::checkpoint`] kept.
pub struct Importer {
    conn: Connection,
    heads: Heads,
    now: Timestamp,
    dry_run: bool,
    shelves: Shelves,
    owned: Owned,
    filing: names::Filing,
    /// Lines of charts since the last [`Importer::checkpoint`].
    lines: u64,
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
        let (shelves, owned) = (Shelves::default(), Owned::default());
        let filing =
            names::Filing::new(&conn).map_err(StoreError::sqlite("be asked for the newest patient"))?;
        let mut importer =
            Importer { conn, heads, now, dry_run, shelves, owned, filing, lines: 0, _lock: lock };
        importer.run(CACHE)?;
        importer.run("begin immediate")?;
        (importer.shelves.labels_wait, importer.shelves.merges) = importer
            .conn
            .query_row(
                "select exists (select 1 from work_item where closed_at_us is null and kind = 'unknown-label'),
                        exists (select 1 from merge)",
                [],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .map_err(StoreError::sqlite("be asked for unknown labels"))?;
        Ok(importer)
    }

    /// When the import runs.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Whether everything is undone at the end.
    pub fn is_dry_run(&self) -> bool {
        self.dry_run
    }

    /// Adds or changes a custodian.
    ///
    /// # Errors
    /// The database failed; nothing since the last [`Importer::checkpoint`] is kept.
    pub fn custodian(&mut self, line: &CustodianLine) -> Result<LineResult, StoreError> {
        self.shelves.forget();
        custodians::custodian(&self.conn, &mut self.owned, line, micros(self.now))
            .map_err(StoreError::sqlite("take a custodian"))
    }

    /// Takes a custodian from below another before a tree is changed as a whole, unless `parent` is where it is.
    ///
    /// # Errors
    /// The database failed.
    pub fn detach(&mut self, code: &str, parent: &str) -> Result<Effect, StoreError> {
        custodians::detach(&self.conn, code, parent)
            .map_err(StoreError::sqlite("take a custodian's parent away"))
    }

    /// Puts a custodian below another, or at the top if `parent` is empty; both must be on file.
    ///
    /// # Errors
    /// The database failed.
    pub fn parent(&mut self, code: &str, parent: &str) -> Result<LineResult, StoreError> {
        custodians::set_parent(&self.conn, code, parent)
            .map_err(StoreError::sqlite("take a custodian's parent"))
    }

    /// What a custodian is part of: the code, empty at the top; `None` if it is not on file.
    ///
    /// # Errors
    /// The database failed.
    pub fn parent_of(&self, code: &str) -> Result<Option<String>, StoreError> {
        custodians::parent_code(&self.conn, code).map_err(StoreError::sqlite("find a custodian"))
    }

    /// Whether a custodian of this code is on file.
    ///
    /// # Errors
    /// The database failed.
    pub fn has_custodian(&mut self, code: &str) -> Result<bool, StoreError> {
        let found = self.shelves.area(&self.conn, code);
        found.map(|area| area.is_some()).map_err(StoreError::sqlite("find a custodian"))
    }

    /// Adds or changes a person with a badge.
    ///
    /// # Errors
    /// The database failed; nothing since the last [`Importer::checkpoint`] is kept.
    pub fn person(&mut self, line: &PersonLine) -> Result<LineResult, StoreError> {
        people::person(&self.conn, &mut self.owned, line, micros(self.now))
            .map_err(StoreError::sqlite("take a person"))
    }

    /// The code of the custodian that a label is on, if it is on file.
    ///
    /// # Errors
    /// The database failed.
    pub fn custodian_of_label(&self, key: &str) -> Result<Option<String>, StoreError> {
        labels::owner_code(&self.conn, Owner::Custodian, key).map_err(StoreError::sqlite("find a label"))
    }

    /// The code of the person whose badge a label is on, if it is on file.
    ///
    /// # Errors
    /// The database failed.
    pub fn person_of_label(&self, key: &str) -> Result<Option<String>, StoreError> {
        labels::owner_code(&self.conn, Owner::Person, key).map_err(StoreError::sqlite("find a label"))
    }

    /// Adds or changes a patient; charts of the numbers become the patient's.
    ///
    /// # Errors
    /// The database failed; nothing since the last [`Importer::checkpoint`] is kept.
    pub fn patient(&mut self, line: &PatientLine) -> Result<LineResult, StoreError> {
        if self.shelves.merges && line.assigner.is_empty() {
            let retired = known::is_retired(&self.conn, &line.mrn);
            if retired.map_err(StoreError::sqlite("find a retired number"))? {
                // The list has the name from before the merge.
                return Ok(Ok(Effect::Unchanged));
            }
        }
        let Importer { conn, heads, now, .. } = self;
        let mut flags = Flags { conn, heads, now_us: micros(*now) };
        patients::patient(&mut flags, line).map_err(StoreError::sqlite("take a patient"))
    }

    /// Adds or changes a chart and one of its volumes, and its patient.
    ///
    /// # Errors
    /// The database failed; nothing since the last [`Importer::checkpoint`] is kept.
    pub fn chart(&mut self, line: &ChartLine) -> Result<LineResult, StoreError> {
        self.lines += 1;
        let Importer { conn, heads, shelves, now, .. } = self;
        let mut desk = Desk { conn, heads, shelves, now_us: micros(*now) };
        desk.chart(line).map_err(StoreError::sqlite("take a chart"))
    }

    /// Makes a chart the stand-in for another of its record type; both must be on file.
    ///
    /// # Errors
    /// The database failed.
    pub fn stand_in(&mut self, mrn: &Mrn, record_type: &str, real: &Mrn) -> Result<LineResult, StoreError> {
        stand_ins::stand_in(&self.conn, mrn, record_type, real)
            .map_err(StoreError::sqlite("take a chart's stand-in"))
    }

    /// The number (as compared) of the chart that one on file stands in for, empty if for none; `None` if it is not on file.
    ///
    /// # Errors
    /// The database failed.
    pub fn stands_in_for(&self, mrn_key: &str, record_type: &str) -> Result<Option<String>, StoreError> {
        stand_ins::stands_in_for(&self.conn, mrn_key, record_type).map_err(StoreError::sqlite("find a chart"))
    }

    /// Lines that named another location than a scan since the last list did; the scan counts.
    pub fn outranked(&self) -> u64 {
        self.shelves.outranked
    }

    /// Makes what was done so far durable, so that an import that is broken off can simply be started again; the audit log
    /// has it even if it is not.
    ///
    /// # Errors
    /// The database failed.
    pub fn checkpoint(&mut self) -> Result<(), StoreError> {
        self.write_up(false)?;
        if self.dry_run {
            return Ok(());
        }
        let lines = std::mem::take(&mut self.lines);
        self.audit(&format!("import, so far: {lines} lines of charts"))?;
        self.run("commit")?;
        self.run("begin immediate")
    }

    /// Ends the import and writes `detail` (counts, never names) into the audit log; a dry run is undone.
    ///
    /// # Errors
    /// The database failed.
    pub fn finish(mut self, detail: &str) -> Result<(), StoreError> {
        self.write_up(true)?;
        if self.dry_run {
            return self.give_up();
        }
        self.audit(detail)?;
        self.run("commit")?;
        self.truncate_wal()
    }

    /// Writes what lines have left to be written for many of them together.
    fn write_up(&mut self, is_end: bool) -> Result<(), StoreError> {
        self.shelves.write(&self.conn).map_err(StoreError::sqlite("count volumes"))?;
        let filed = if is_end { self.filing.end(&self.conn) } else { self.filing.go_on(&self.conn) };
        filed.map_err(StoreError::sqlite("have the names of patients filed"))
    }

    fn audit(&mut self, detail: &str) -> Result<(), StoreError> {
        let row = AuditRow {
            at_us: micros(self.now),
            action: "import",
            actor: Some("outguide import"),
            scan_no: None,
            movement_no: None,
            detail: Some(detail),
        };
        insert_audit(&self.conn, &mut self.heads.audit, &row)
            .map_err(StoreError::sqlite("write the audit log"))
    }

    /// Ends the import without keeping anything since the last [`Importer::checkpoint`].
    ///
    /// # Errors
    /// The database failed.
    pub fn give_up(self) -> Result<(), StoreError> {
        self.run("rollback")?;
        self.truncate_wal()
    }

    fn truncate_wal(&self) -> Result<(), StoreError> {
        self.conn
            .query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()))
            .map_err(StoreError::sqlite("be checkpointed"))
    }

    fn run(&self, sql: &str) -> Result<(), StoreError> {
        self.conn.execute_batch(sql).map_err(StoreError::sqlite("keep the import"))
    }
}

/// Who has a label, read once: a list of many thousand people must not ask for each of them.
#[derive(Default)]
struct Owned {
    custodians: Option<HashSet<i64>>,
    people: Option<HashSet<i64>>,
}

impl Owned {
    fn of(&mut self, conn: &Connection, owner: Owner) -> rusqlite::Result<&mut HashSet<i64>> {
        let owned = match owner {
            Owner::Custodian => &mut self.custodians,
            Owner::Person => &mut self.people,
        };
        match owned {
            Some(owned) => Ok(owned),
            None => Ok(owned.insert(labelled(conn, owner)?)),
        }
    }

    fn note(&mut self, owner: Owner, id: i64) {
        let owned = match owner {
            Owner::Custodian => &mut self.custodians,
            Owner::Person => &mut self.people,
        };
        if let Some(owned) = owned {
            owned.insert(id);
        }
    }

    /// The label to register for `id`: the one that a list brings, or Outguide's own for who has none.
    fn key_for(
        &mut self,
        conn: &Connection,
        owner: Owner,
        brought: Option<&str>,
        id: i64,
    ) -> rusqlite::Result<Key> {
        let key = match brought {
            Some(key) => key.to_owned(),
            None if self.of(conn, owner)?.contains(&id) => return Ok(Key::Kept),
            None => owner.own_key(id),
        };
        let is_free = label_target(conn, owner.kind(), &key)?.is_none_or(|target| target == id);
        Ok(if is_free { Key::Free(key) } else { Key::Taken })
    }
}

/// What one line says of a custodian, and of what it is part; empty: of nothing. For changes without an import.
pub(super) fn custodian_line(
    conn: &Connection,
    line: &CustodianLine,
    parent: &str,
    now_us: i64,
) -> rusqlite::Result<LineResult> {
    match custodians::custodian(conn, &mut Owned::default(), line, now_us)? {
        Ok(_) => custodians::set_parent(conn, &line.code, parent),
        Err(why) => Ok(Err(why)),
    }
}

/// What one line says of a person. For changes without an import.
pub(super) fn person_line(conn: &Connection, line: &PersonLine, now_us: i64) -> rusqlite::Result<LineResult> {
    people::person(conn, &mut Owned::default(), line, now_us)
}

/// Which label is to be registered.
enum Key {
    /// This one.
    Free(String),
    /// None: there is one.
    Kept,
    /// None: it is somebody else's.
    Taken,
}

fn label_in_use(what: &str, brought: Option<&str>, owner: Owner, id: i64) -> String {
    match brought {
        Some(label) => format!("label {label} is in use already; every {what} needs a label of its own"),
        None => format!(
            "outguide's own label for it, {}, is in use already; give this {what} another label",
            owner.own_key(id)
        ),
    }
}
