//! The hash chains over journal, history and audit log.
//!
//! The hash of a row is SHA-256 over the hash of the row before it (32 zero bytes for the first) and the row's columns
//! in the order of `schema.sql`, each as a tag byte, its length and its bytes, so that no two rows encode alike.
//! SQLite has no page checksums: this is what finds a flipped bit as well as an edited row.

use super::StoreError;
use rusqlite::{Connection, types::ValueRef};
use sha2::{Digest, Sha256};

/// A SHA-256.
pub(super) type Hash = [u8; 32];

/// Collects the columns of one row; hashed in one go, because the hash takes small pieces slowly.
pub(super) struct RowHash(Vec<u8>);

/// Bytes that an ordinary row encodes to.
const ROW_BYTES: usize = 384;

impl RowHash {
    pub(super) fn after(previous: &Hash) -> RowHash {
        let mut row = Vec::with_capacity(ROW_BYTES);
        row.extend_from_slice(previous);
        RowHash(row)
    }

    fn field(mut self, tag: u8, bytes: &[u8]) -> RowHash {
        self.0.push(tag);
        self.0.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        self.0.extend_from_slice(bytes);
        self
    }

    pub(super) fn integer(self, value: i64) -> RowHash {
        self.field(b'i', &value.to_be_bytes())
    }

    pub(super) fn text(self, value: &str) -> RowHash {
        self.field(b't', value.as_bytes())
    }

    pub(super) fn blob(self, value: &[u8]) -> RowHash {
        self.field(b'b', value)
    }

    pub(super) fn maybe_integer(self, value: Option<i64>) -> RowHash {
        match value {
            Some(value) => self.integer(value),
            None => self.field(b'n', &[]),
        }
    }

    pub(super) fn maybe_text(self, value: Option<&str>) -> RowHash {
        match value {
            Some(value) => self.text(value),
            None => self.field(b'n', &[]),
        }
    }

    /// A column of a later schema: its name and its value, or nothing at all.
    pub(super) fn later_integer(self, name: &str, value: Option<i64>) -> RowHash {
        match value {
            Some(value) => self.text(name).integer(value),
            None => self,
        }
    }

    /// As [`RowHash::later_integer`], for text.
    pub(super) fn later_text(self, name: &str, value: Option<&str>) -> RowHash {
        match value {
            Some(value) => self.text(name).text(value),
            None => self,
        }
    }

    fn stored(self, value: ValueRef<'_>) -> RowHash {
        match value {
            ValueRef::Null => self.field(b'n', &[]),
            ValueRef::Integer(value) => self.integer(value),
            ValueRef::Real(value) => self.field(b'r', &value.to_be_bytes()),
            ValueRef::Text(value) => self.field(b't', value),
            ValueRef::Blob(value) => self.blob(value),
        }
    }

    pub(super) fn finish(self) -> Hash {
        Sha256::digest(&self.0).into()
    }
}

/// The last row of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Head {
    pub(super) no: i64,
    pub(super) hash: Hash,
}

impl Head {
    const EMPTY: Head = Head { no: 0, hash: [0; 32] };
}

/// The last rows of all chains.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Heads {
    pub(super) scan: Head,
    pub(super) movement: Head,
    pub(super) audit: Head,
}

/// A table with a chain: all columns in order, `hash` last.
pub(super) struct Chained {
    pub(super) table: &'static str,
    /// What its rows are called in messages.
    pub(super) row_word: &'static str,
    select_from: &'static str,
    /// Columns that came with a later schema, at the end of `select_from`: each counts with its name, and only if it has a
    /// value, so that rows from before still fit.
    later: &'static [&'static str],
    select_last: &'static str,
}

pub(super) const CHAINS: [Chained; 3] = [
    Chained {
        table: "scan",
        row_word: "scan",
        select_from: "select scan_no, scan_id, station_id, source_id, scanned_at_us, recorded_at_us, entry, operator, frame, \
                      verdict, why, volume_id, hash, act from scan where scan_no >= :from order by scan_no",
        later: &["act"],
        select_last: "select coalesce(max(scan_no), 0) from scan",
    },
    Chained {
        table: "movement",
        row_word: "movement",
        select_from: "select movement_no, volume_id, previous_no, kind, from_id, to_id, late, scanned_at_us, recorded_at_us, \
                      entry, station_id, operator, scan_no, hash, in_transit, due_at_us, missing_since_us, skip, undoes_no \
                      from any_movement where movement_no >= :from order by movement_no",
        later: &["in_transit", "due_at_us", "missing_since_us", "skip", "undoes_no"],
        select_last: "select coalesce(max(movement_no), 0) from movement",
    },
    Chained {
        table: "audit",
        row_word: "audit row",
        select_from: "select audit_no, at_us, action, actor, scan_no, movement_no, detail, hash from audit \
                      where audit_no >= :from order by audit_no",
        later: &[],
        select_last: "select coalesce(max(audit_no), 0) from audit",
    },
];

/// How many links at the end of each chain are checked whenever the database is opened for writing.
const LINKS_CHECKED_AT_OPEN: i64 = 256;

impl Heads {
    /// The numbers of the last rows, and nothing of what they say.
    pub(super) fn numbers(conn: &Connection) -> Result<[i64; 3], StoreError> {
        let mut numbers = [0; 3];
        for (number, chain) in numbers.iter_mut().zip(&CHAINS) {
            *number = conn
                .query_row(chain.select_last, [], |row| row.get(0))
                .map_err(StoreError::sqlite("be read"))?;
        }
        Ok(numbers)
    }

    /// Reads the heads and checks the last links of every chain.
    pub(super) fn load_checked(conn: &Connection) -> Result<Heads, StoreError> {
        let mut heads = [Head::EMPTY; 3];
        for (head, chain) in heads.iter_mut().zip(&CHAINS) {
            let last: i64 = conn
                .query_row(chain.select_last, [], |row| row.get(0))
                .map_err(StoreError::sqlite("be read"))?;
            let from = (last - LINKS_CHECKED_AT_OPEN).max(1);
            *head = chain
                .walk(conn, from, &mut |_| ())?
                .map_err(|broken| StoreError::Broken(broken.to_string()))?;
        }
        let [scan, movement, audit] = heads;
        Ok(Heads { scan, movement, audit })
    }
}

/// The first row of a chain that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{row_word} {no} {fault}")]
pub struct BrokenLink {
    row_word: &'static str,
    no: i64,
    fault: &'static str,
}

impl BrokenLink {
    /// The number of the row.
    pub fn no(&self) -> i64 {
        self.no
    }
}

impl Chained {
    /// Walks the chain from row `from` (whose predecessor is taken on trust unless `from` is 1) to its end.
    ///
    /// `step` hears the number of every row. Returns the head, or the first row that does not fit.
    pub(super) fn walk(
        &self,
        conn: &Connection,
        from: i64,
        step: &mut dyn FnMut(i64),
    ) -> Result<Result<Head, BrokenLink>, StoreError> {
        let failed = || StoreError::sqlite("be read row by row");
        let broken = |no, fault| BrokenLink { row_word: self.row_word, no, fault };
        let mut statement = conn.prepare_cached(self.select_from).map_err(failed())?;
        let hash_column = statement.column_count().saturating_sub(1 + self.later.len());
        let mut rows =
            statement.query(rusqlite::named_params! { ":from": (from - 1).max(1) }).map_err(failed())?;
        let mut head = Head { no: if from > 1 { from - 2 } else { 0 }, ..Head::EMPTY };
        let mut trusted = from > 1;
        while let Some(row) = rows.next().map_err(failed())? {
            let no: i64 = row.get(0).map_err(failed())?;
            step(no);
            if no != head.no + 1 {
                return Ok(Err(broken(head.no + 1, "is missing: it was taken out")));
            }
            let mut hash = RowHash::after(&head.hash);
            for column in 0..hash_column {
                hash = hash.stored(row.get_ref(column).map_err(failed())?);
            }
            for (column, name) in (hash_column + 1..).zip(self.later) {
                match row.get_ref(column).map_err(failed())? {
                    ValueRef::Null => {}
                    value => hash = hash.text(name).stored(value),
                }
            }
            let stored: Hash = row.get(hash_column).map_err(failed())?;
            if !trusted && hash.finish() != stored {
                return Ok(Err(broken(no, "was changed after it was written")));
            }
            trusted = false;
            head = Head { no, hash: stored };
        }
        Ok(Ok(head))
    }
}
