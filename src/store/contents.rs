//! One hash over everything that a database says, whatever its version: two that say the same have the same.

use super::chain::Hash;
use super::place::Place;
use super::{StoreError, open};
use rusqlite::{Connection, types::ValueRef};
use sha2::{Digest, Sha256};

/// The hash over all tables of the database in `place`, as it stands.
///
/// # Errors
/// The database could not be opened or read.
pub fn contents(place: &Place) -> Result<[u8; 32], StoreError> {
    let conn = open::reader(place)?;
    of(&conn).map_err(StoreError::sqlite("be read"))
}

/// SHA-256 over the names of all tables and their rows in the order of the file.
pub(super) fn of(conn: &Connection) -> rusqlite::Result<Hash> {
    let tables: Vec<(String, String)> = conn
        .prepare("select name, sql from sqlite_schema where type = 'table' and name not like 'sqlite\\_%' escape '\\' order by name")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut hash = Sha256::new();
    for (table, sql) in tables {
        field(&mut hash, b'T', table.as_bytes());
        field(&mut hash, b'S', sql.as_bytes());
        let mut statement = conn.prepare(&format!("select * from \"{table}\" not indexed"))?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                match row.get_ref(column)? {
                    ValueRef::Null => field(&mut hash, b'n', &[]),
                    ValueRef::Integer(value) => field(&mut hash, b'i', &value.to_be_bytes()),
                    ValueRef::Real(value) => field(&mut hash, b'r', &value.to_be_bytes()),
                    ValueRef::Text(value) => field(&mut hash, b't', value),
                    ValueRef::Blob(value) => field(&mut hash, b'b', value),
                }
            }
        }
    }
    Ok(hash.finalize().into())
}

fn field(hash: &mut Sha256, tag: u8, bytes: &[u8]) {
    hash.update([tag]);
    hash.update((bytes.len() as u64).to_be_bytes());
    hash.update(bytes);
}
