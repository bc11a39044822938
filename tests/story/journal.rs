//! The journal of a daemon that has ended, row by row.

use crate::support::Room;

/// One entry.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Scan {
    pub(crate) source: String,
    pub(crate) frame: Vec<u8>,
    pub(crate) verdict: String,
}

/// All entries in the order of recording.
#[expect(clippy::disallowed_methods, reason = "reads the journal of a daemon that has ended")]
pub(crate) fn journal(room: &Room) -> Vec<Scan> {
    let file = room.place().db();
    let db = rusqlite::Connection::open_with_flags(file, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let sql = "select source.name, frame, verdict from scan join source using (source_id) order by scan_no";
    let mut rows = db.prepare(sql).unwrap();
    let scan =
        |row: &rusqlite::Row<'_>| Ok(Scan { source: row.get(0)?, frame: row.get(1)?, verdict: row.get(2)? });
    rows.query_map([], scan).unwrap().map(Result::unwrap).collect()
}
