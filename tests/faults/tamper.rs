//! Changes behind Outguide's back, by somebody or by a failing disk: each is found and named, or changed nothing.

use crate::disk;
use crate::story::Story;
use outguide::store::{Place, restore, verify};
use rusqlite::Connection;
use std::path::Path;

/// What so many changes came to.
#[derive(Debug, Default, Clone)]
pub(crate) struct Found {
    pub(crate) changes: usize,
    /// They are named.
    pub(crate) named: usize,
    /// Everything reads as before: unused bytes, or a copy of something that is made anew.
    pub(crate) harmless: usize,
    /// Journal, history or audit log, or where a chart is, reads otherwise, and nobody says so.
    pub(crate) silent: usize,
    /// The same outside of the chains: names, numbers and labels of the lists.
    pub(crate) silent_lists: usize,
    pub(crate) first: Option<String>,
}

const CHAINED: [(&str, &str, &[&str]); 3] = [
    (
        "scan",
        "scan_no",
        &[
            "scan_id",
            "station_id",
            "scanned_at_us",
            "recorded_at_us",
            "operator",
            "frame",
            "verdict",
            "why",
            "volume_id",
            "act",
            "hash",
        ],
    ),
    (
        "movement",
        "movement_no",
        &[
            "volume_id",
            "previous_no",
            "kind",
            "from_id",
            "to_id",
            "scanned_at_us",
            "recorded_at_us",
            "operator",
            "scan_no",
            "in_transit",
            "due_at_us",
            "skip",
            "undoes_no",
            "hash",
        ],
    ),
    ("audit", "audit_no", &["at_us", "action", "actor", "scan_no", "movement_no", "detail", "hash"]),
];
/// Where a chart is, which follows from history.
const WHEREABOUTS: [&str; 3] = ["at_id", "since_us", "movement_no"];

#[expect(clippy::disallowed_methods, reason = "somebody with a database tool does not ask the store")]
fn open(dir: &Path) -> rusqlite::Result<Connection> {
    Connection::open(dir.join("outguide.db"))
}

/// Rows of the chained tables and whereabouts, and of the rest, as text.
fn dump(dir: &Path) -> rusqlite::Result<(String, String)> {
    let conn = open(dir)?;
    let rows = |sql: &str| -> rusqlite::Result<String> {
        let mut statement = conn.prepare(sql)?;
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| {
            (0..columns)
                .map(|column| row.get_ref(column).map(|value| format!("{value:?}|")))
                .collect::<Result<String, _>>()
        })?;
        rows.collect()
    };
    let kept = [
        "select * from scan order by 1",
        "select * from movement order by 1",
        "select * from audit order by 1",
    ];
    let mut kept: String = kept.into_iter().map(rows).collect::<Result<_, _>>()?;
    kept += &rows("select volume_id, at_id, since_us, movement_no, in_transit from volume order by 1")?;
    let lists = [
        "custodian",
        "person",
        "patient",
        "chart",
        "volume",
        "label",
        "station",
        "source",
        "work_item",
        "site",
    ];
    let lists = lists
        .into_iter()
        .map(|table| rows(&format!("select * from {table} order by 1, 2")))
        .collect::<Result<_, _>>()?;
    Ok((kept, lists))
}

/// What `verify` says; `None` if it finds nothing.
fn said(dir: &Path) -> Option<Vec<String>> {
    match verify(&Place::new(dir), &mut |_, _| ()) {
        Ok(report) => Some(report.findings).filter(|findings| !findings.is_empty()),
        Err(error) => Some(vec![format!("{error:?}")]),
    }
}

fn is_of_the_chain(finding: &str) -> bool {
    finding.contains("was changed after it was written") || finding.contains("was taken out")
}

/// Edits of rows with a database tool, the triggers taken off and put back. The second result is the control: what
/// `verify` would have named without a hash chain.
pub(crate) fn edits(story: &Story, count: usize, seed: u64) -> (Found, Found) {
    let mut random = fastrand::Rng::with_seed(seed);
    let scratch = crate::scratch();
    let _watch = disk::watch(scratch.path());
    let (mut found, mut chainless) = (Found::default(), Found::default());
    for _ in 0..count {
        put(scratch.path(), &story.database);
        let sql = edit(scratch.path(), &mut random).unwrap();
        let findings = said(scratch.path()).unwrap_or_default();
        found.changes += 1;
        chainless.changes += 1;
        match findings.is_empty() {
            true => {
                found.silent += 1;
                found.first.get_or_insert(sql);
            }
            false => found.named += 1,
        }
        match findings.iter().all(|finding| is_of_the_chain(finding)) {
            true => chainless.silent += 1,
            false => chainless.named += 1,
        }
    }
    (found, chainless)
}

/// Changes one value or takes one row out; returns how.
fn edit(dir: &Path, random: &mut fastrand::Rng) -> rusqlite::Result<String> {
    let conn = open(dir)?;
    conn.execute_batch("pragma foreign_keys = off")?;
    let triggers: Vec<(String, String)> = conn
        .prepare("select name, sql from sqlite_schema where type = 'trigger'")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    for (name, _) in &triggers {
        conn.execute_batch(&format!("drop trigger {name}"))?;
    }
    let sql = loop {
        let sql = if random.u8(..5) == 0 {
            let column = random.choice(WHEREABOUTS).unwrap_or_default();
            format!(
                "update volume set {column} = coalesce({column}, 0) + 1 where volume_id = {}",
                random.usize(1..=crate::room::CHARTS)
            )
        } else {
            let (table, key, columns) = CHAINED[random.usize(..CHAINED.len())];
            let last: i64 =
                conn.query_row(&format!("select max({key}) from {table}"), [], |row| row.get(0))?;
            let no = random.i64(1..=last);
            if random.u8(..8) == 0 {
                format!("delete from {table} where {key} = {no}")
            } else {
                let column = columns[random.usize(..columns.len())];
                format!(
                    "update {table} set {column} = case typeof({column}) when 'integer' then {column} + 1 when 'null' then 1
                     when 'blob' then cast(zeroblob(length({column})) as blob) else {column} || '-' end where {key} = {no}"
                )
            }
        };
        // What the tables themselves refuse is no change.
        match conn.execute(&sql, []) {
            Ok(0) | Err(_) => {}
            Ok(_) => break sql,
        }
    };
    for (_, sql) in triggers {
        conn.execute_batch(&sql)?;
    }
    Ok(sql)
}

fn put(dir: &Path, database: &[u8]) {
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        std::fs::remove_file(entry.path()).unwrap();
    }
    std::fs::write(dir.join("outguide.db"), database).unwrap();
}

/// Where two dumps differ first: some of the one, and of the other.
fn difference(one: &str, other: &str) -> String {
    const AROUND: usize = 60;
    let at = one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count();
    let some = |text: &str| {
        let from = at.saturating_sub(AROUND);
        String::from_utf8_lossy(&text.as_bytes()[from.min(text.len())..(at + AROUND).min(text.len())])
            .into_owned()
    };
    format!("{} instead of {}", some(other), some(one))
}

/// One bit of the database is turned.
pub(crate) fn flips(story: &Story, count: usize, seed: u64) -> Found {
    let mut random = fastrand::Rng::with_seed(seed);
    let scratch = crate::scratch();
    let _watch = disk::watch(scratch.path());
    put(scratch.path(), &story.database);
    let whole = dump(scratch.path()).unwrap();
    let mut found = Found::default();
    for _ in 0..count {
        let mut database = story.database.clone();
        let at = random.usize(..database.len());
        database[at] ^= 1 << random.u8(..8);
        put(scratch.path(), &database);
        let findings = said(scratch.path());
        found.changes += 1;
        match (findings, dump(scratch.path())) {
            (Some(_), _) => found.named += 1,
            (None, Ok(now)) if now == whole => found.harmless += 1,
            (None, Ok(now)) if now.0 == whole.0 => found.silent_lists += 1,
            (None, now) => {
                found.silent += 1;
                let how = now.map_or_else(|error| error.to_string(), |now| difference(&whole.0, &now.0));
                found.first.get_or_insert(format!("bit in byte {at}: {how}"));
            }
        }
    }
    found
}

/// One bit of a backup is turned, and it is restored: refused, or what comes back is whole.
pub(crate) fn flipped_backups(story: &Story, count: usize, seed: u64) -> Found {
    let mut random = fastrand::Rng::with_seed(seed);
    let (scratch, room) = (crate::scratch(), crate::scratch());
    let (_watch, _other) = (disk::watch(scratch.path()), disk::watch(room.path()));
    put(scratch.path(), &story.database);
    let whole = dump(scratch.path()).unwrap();
    let mut found = Found::default();
    for _ in 0..count {
        let mut database = story.database.clone();
        let at = random.usize(..database.len());
        database[at] ^= 1 << random.u8(..8);
        std::fs::write(scratch.path().join("copy.db"), database).unwrap();
        put(room.path(), &story.database);
        let now = crate::room::clock().now();
        let restored =
            restore(&Place::new(room.path()), &scratch.path().join("copy.db"), now, &mut |_, _| ());
        found.changes += 1;
        match (restored, dump(room.path())) {
            // Refused: the database is as it was.
            (Err(_), Ok(now)) if now == whole => found.named += 1,
            // It notes the restore at the end of the audit log, and has an epoch of its own.
            (Ok(_), Ok(now)) if now.0.len() > whole.0.len() => found.harmless += 1,
            (_, now) => {
                found.silent += 1;
                found.first.get_or_insert(format!("bit in byte {at} of a backup: {}", now.is_ok()));
            }
        }
    }
    found
}
