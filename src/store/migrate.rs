//! Brings a database to the newest schema, one numbered file after the other.

use super::StoreError;
use super::place::{APPLICATION_ID, Place};
use rusqlite::{Connection, TransactionBehavior, named_params};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// One step of the schema; its version is its place in [`STEPS`], counted from 1.
struct Step {
    name: &'static str,
    sql: &'static str,
}

/// What Litestream keeps in a database that it copies; it says nothing of charts.
const OF_LITESTREAM: [&str; 2] = ["table _litestream_lock", "table _litestream_seq"];

/// One file for each of the things it brought.
const PAGES: &str = concat!(
    include_str!("migrations/0003_work_items.sql"),
    "\n",
    include_str!("migrations/0003_sign_in.sql"),
    include_str!("migrations/0003_desk.sql"),
    include_str!("migrations/0003_restricted.sql"),
    include_str!("migrations/0003_audit_log.sql"),
    include_str!("migrations/0003_compliance.sql"),
    include_str!("migrations/0003_missing.sql"),
    include_str!("migrations/0003_shelved.sql"),
    include_str!("migrations/0003_names.sql"),
    "\n",
    include_str!("migrations/0003_combine.sql"),
    "\n",
    include_str!("migrations/0003_requests.sql"),
    "\n",
    include_str!("migrations/0003_arrivals.sql"),
    "\n",
    include_str!("migrations/0003_boxes.sql"),
    "\n",
    include_str!("migrations/0003_room.sql"),
    "\n",
    include_str!("migrations/0003_notices.sql"),
    "\n",
    include_str!("migrations/0003_scanned.sql"),
    "\n",
    include_str!("migrations/0003_archive.sql"),
);

const STEPS: &[Step] = &[
    Step { name: "main job", sql: include_str!("migrations/0001_main_job.sql") },
    Step { name: "file room", sql: include_str!("migrations/0002_file_room.sql") },
    Step { name: "pages", sql: PAGES },
];

/// The schema version this program knows.
pub(super) const NEWEST: i64 = STEPS.len() as i64;

/// Applies the steps that are missing, each in a transaction of its own: a crash leaves an old version or the next one.
pub(super) fn up(conn: &mut Connection, place: &Place, now_us: i64) -> Result<(), StoreError> {
    let failed = || StoreError::sqlite("be brought to the newest schema");
    let found: i64 = conn
        .query_row("select user_version from pragma_user_version", [], |row| row.get(0))
        .map_err(failed())?;
    for (version, step) in (1..).zip(STEPS).filter(|(version, _)| *version > found) {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed())?;
        tx.execute_batch(step.sql).map_err(failed())?;
        tx.execute(
            "insert into migration (version, name, sha256, applied_at_us) values (:version, :name, :sha256, :now)",
            named_params! { ":version": version, ":name": step.name, ":sha256": Sha256::digest(step.sql).as_slice(), ":now": now_us },
        )
        .map_err(failed())?;
        if version == 1 {
            tx.execute(
                "insert into site (site_id, epoch, created_at_us) values (1, randomblob(16), :now)",
                named_params! { ":now": now_us },
            )
            .map_err(failed())?;
            tx.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed())?;
        }
        tx.pragma_update(None, "user_version", version).map_err(failed())?;
        tx.commit().map_err(failed())?;
        tracing::info!(version, name = step.name, db = %place.db().display(), "database schema brought up");
    }
    Ok(())
}

/// What stands in the schema otherwise than the steps made it: tables, indexes and triggers that are missing, changed or
/// not ours. SQLite itself leaves a CHECK that makes no sense unread where it only reads, and a trigger taken off is gone.
pub(super) fn differences(conn: &Connection) -> rusqlite::Result<Vec<String>> {
    let (ours, found) = (ours()?, definitions(conn)?);
    let missing_or_changed = ours.iter().filter_map(|(name, sql)| match found.get(name) {
        None => Some(format!("schema: {name} is not there")),
        Some(found) => (found != sql).then(|| format!("schema: {name} is not defined as Outguide made it")),
    });
    let strange =
        found.keys().filter(|name| !ours.contains_key(*name) && !OF_LITESTREAM.contains(&name.as_str()));
    Ok(missing_or_changed.chain(strange.map(|name| format!("schema: {name} is not of Outguide"))).collect())
}

/// The definitions that all steps together make, found once: who verifies thousands of small databases spends more than
/// half of the time on them otherwise.
fn ours() -> rusqlite::Result<&'static BTreeMap<String, String>> {
    static OURS: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    if let Some(ours) = OURS.get() {
        return Ok(ours);
    }
    let made = Connection::open_in_memory()?;
    for step in STEPS {
        made.execute_batch(step.sql)?;
    }
    let made = definitions(&made)?;
    Ok(OURS.get_or_init(|| made))
}

/// The statements that made the tables, indexes and triggers, by kind and name.
fn definitions(conn: &Connection) -> rusqlite::Result<BTreeMap<String, String>> {
    conn.prepare("select type || ' ' || name, sql from sqlite_schema where sql is not null and name not like 'sqlite\\_%' escape '\\'")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

#[cfg(test)]
mod tests;
