//! A look at a database from outside, without disturbing whoever uses it.

use super::open;
use super::place::Place;
use super::{StoreError, lock};
use std::collections::HashSet;

/// What a look at a database shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glance {
    /// Its schema version.
    pub schema_version: i64,
    /// Volumes on file.
    pub volumes: u64,
    /// Movements ever.
    pub movements: u64,
    /// Codes of all custodians.
    pub custodians: HashSet<String>,
    /// The process that has it open for writing.
    pub held_by: Option<String>,
}

/// Looks at the database in `place`; `None` if there is none yet.
///
/// # Errors
/// It is damaged, another program's, or written by a newer version.
pub fn glance(place: &Place) -> Result<Option<Glance>, StoreError> {
    if !place.db().exists() {
        return Ok(None);
    }
    let conn = open::reader(place)?;
    let failed = || StoreError::sqlite("be looked at");
    let (schema_version, volumes, movements) = conn
        .query_row(
            "select (select user_version from pragma_user_version), (select coalesce(sum(volumes_home), 0) from custodian),
                    (select coalesce(max(movement_no), 0) from movement)",
            [],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .map_err(failed())?;
    let custodians = conn
        .prepare("select code from custodian")
        .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
        .map_err(failed())?;
    Ok(Some(Glance { schema_version, volumes, movements, custodians, held_by: lock::holder(place) }))
}
