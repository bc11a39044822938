//! What an import of charts keeps at hand from line to line.

use crate::tracking::{CustodianId, FilingScheme};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// A custodian whose shelves volumes belong on.
pub(super) struct Area {
    pub(super) id: CustodianId,
    pub(super) filing: FilingScheme,
}

/// What an import of charts keeps at hand from line to line.
#[derive(Default)]
pub(super) struct Shelves {
    /// Custodians by code, as far as lines have named them.
    areas: HashMap<String, Rc<Area>>,
    /// Volumes that custodians have gained or lost as their own since [`Shelves::write`].
    homes: HashMap<CustodianId, i64>,
    /// Kinds of records that are on file.
    record_types: HashSet<String>,
    /// Whether any label waits on the work list.
    pub(super) labels_wait: bool,
    /// Whether any number was ever retired by a merge; a first import need not ask for each line.
    pub(super) merges: bool,
    /// Lines whose location was left alone because a scan came after the last list.
    pub(super) outranked: u64,
}

impl Shelves {
    /// Forgets what another line may have changed.
    pub(super) fn forget(&mut self) {
        self.areas.clear();
        self.record_types.clear();
    }

    /// The custodian of a code, if it is on file.
    pub(super) fn area(&mut self, conn: &Connection, code: &str) -> rusqlite::Result<Option<Rc<Area>>> {
        if let Some(area) = self.areas.get(code) {
            return Ok(Some(Rc::clone(area)));
        }
        let found = conn
            .prepare_cached("select custodian_id, filing_scheme from custodian where code = ?1")?
            .query_row(params![code], |row| {
                let scheme: String = row.get(1)?;
                let filing = FilingScheme::parse(&scheme).unwrap_or(FilingScheme::Numeric);
                Ok(Rc::new(Area { id: CustodianId(row.get(0)?), filing }))
            })
            .optional()?;
        if let Some(area) = &found {
            self.areas.insert(code.to_owned(), Rc::clone(area));
        }
        Ok(found)
    }

    /// A kind of record that a chart of a list has is one that is kept here.
    pub(super) fn know_record_type(&mut self, conn: &Connection, name: &str) -> rusqlite::Result<()> {
        if !self.record_types.contains(name) {
            conn.prepare_cached(
                "insert into record_type (record_type, title) values (?1, ?1) on conflict (record_type) do nothing",
            )?
            .execute(params![name])?;
            self.record_types.insert(name.to_owned());
        }
        Ok(())
    }

    pub(super) fn count_home(&mut self, home: CustodianId, by: i64) {
        *self.homes.entry(home).or_default() += by;
    }

    /// Writes the numbers of volumes at home, which would otherwise be one more write for each line.
    pub(super) fn write(&mut self, conn: &Connection) -> rusqlite::Result<()> {
        for (home, by) in self.homes.drain() {
            conn.prepare_cached(
                "update custodian set volumes_home = volumes_home + ?2 where custodian_id = ?1",
            )?
            .execute(params![home.0, by])?;
        }
        Ok(())
    }
}
