//! A file room that takes lists, and what is then on file.

use jiff::Timestamp;
use outguide::import::{ImportError, ImportReport, Kind, List, Outcome, Tolerance};
use outguide::store::{Importer, Place, verify};
use rusqlite::{Connection, OpenFlags};
use std::path::PathBuf;

/// A file room with the custodians FILE and CLIN.
pub(crate) struct Room {
    pub(crate) dir: tempfile::TempDir,
}

impl Room {
    pub(crate) fn new() -> Room {
        let room = Room { dir: tempfile::tempdir().unwrap() };
        room.import(Kind::Custodians, b"code,name\nFILE,File room\nCLIN,Clinic\n");
        room
    }

    pub(crate) fn file(&self, kind: Kind, text: &[u8]) -> PathBuf {
        let file = self.dir.path().join(format!("{}.csv", kind.as_str()));
        std::fs::write(&file, text).unwrap();
        file
    }

    /// A list that takes its good lines, however many are bad.
    pub(crate) fn list(&self, kind: Kind, text: &[u8]) -> List {
        List { tolerance: Tolerance::Any, ..List::new(kind, self.file(kind, text)) }
    }

    pub(crate) fn importer(&self, dry_run: bool) -> Importer {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        Importer::open(&Place::new(self.dir.path().join("data")), now, dry_run).unwrap()
    }

    pub(crate) fn run(&self, list: &List) -> Result<ImportReport, ImportError> {
        let report = list.import(self.importer(false), &mut |_| ());
        let findings = verify(&Place::new(self.dir.path().join("data")), &mut |_, _| ()).unwrap().findings;
        assert_eq!(findings, [""; 0], "{list:?}");
        report
    }

    pub(crate) fn import(&self, kind: Kind, text: &[u8]) -> String {
        self.said(self.run(&self.list(kind, text)))
    }

    pub(crate) fn said(&self, result: Result<ImportReport, ImportError>) -> String {
        let said = match result {
            Ok(report) => {
                let bad: Vec<_> = report.bad.iter().map(|(line, why)| format!("{line}: {why}")).collect();
                let stopped = if report.outcome == Outcome::Stopped { "stopped " } else { "" };
                let ImportReport { added, changed, unchanged, .. } = report;
                format!("{stopped}+{added} ~{changed} ={unchanged} {}", bad.join(" | "))
            }
            Err(error) => error.to_string().replace(&self.dir.path().display().to_string(), ""),
        };
        said.trim_end().to_owned()
    }

    /// The rows of a question to the database, columns with blanks and rows with bars between them.
    pub(crate) fn ask(&self, sql: &str) -> String {
        #[expect(clippy::disallowed_methods, reason = "a test looks at what is on file")]
        let conn = Connection::open_with_flags(
            self.dir.path().join("data/outguide.db"),
            OpenFlags::SQLITE_OPEN_READ_ONLY,
        )
        .unwrap();
        let mut statement = conn.prepare(sql).unwrap();
        let columns = statement.column_count();
        let rows = statement.query_map([], |row| {
            let column = |at| {
                Ok(match row.get_ref(at)? {
                    rusqlite::types::ValueRef::Null => "-".to_owned(),
                    rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                    value => value.as_str().unwrap().to_owned(),
                })
            };
            (0..columns).map(column).collect::<rusqlite::Result<Vec<_>>>().map(|row| row.join(" "))
        });
        rows.unwrap().collect::<Result<Vec<_>, _>>().unwrap().join(" | ")
    }
}

/// Imports one list of charts into a fresh room.
pub(crate) fn check(charts: &[u8], expect: &str) {
    let said = Room::new().import(Kind::Charts, charts);
    assert_eq!(said, expect, "{}", String::from_utf8_lossy(charts));
}

/// Imports lists one after the other into one room; after each, the report and what is then on file.
pub(crate) fn story(sql: &str, lists: &[(Kind, &str, &str, &str)]) {
    let room = Room::new();
    for (kind, text, report, on_file) in lists {
        assert_eq!(room.import(*kind, text.as_bytes()), *report, "{text}");
        assert_eq!(room.ask(sql), *on_file, "{text}");
    }
}
