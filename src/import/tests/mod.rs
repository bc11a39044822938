//! Lists as hospitals send them, good and bad.

mod charts;
mod mapping;
mod sheets;
mod whole;

use super::*;
use crate::store::{Place, verify};
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags};

/// A file room with the custodians FILE and CLIN.
struct Room {
    dir: tempfile::TempDir,
}

impl Room {
    fn new() -> Room {
        let room = Room { dir: tempfile::tempdir().unwrap() };
        room.import(Kind::Custodians, b"code,name\nFILE,File room\nCLIN,Clinic\n");
        room
    }

    fn file(&self, kind: Kind, text: &[u8]) -> PathBuf {
        let file = self.dir.path().join(format!("{}.csv", kind.as_str()));
        std::fs::write(&file, text).unwrap();
        file
    }

    /// A list that takes its good lines, however many are bad.
    fn list(&self, kind: Kind, text: &[u8]) -> List {
        List { tolerance: Tolerance::Any, ..List::new(kind, self.file(kind, text)) }
    }

    fn importer(&self, dry_run: bool) -> Importer {
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        Importer::open(&Place::new(self.dir.path().join("data")), now, dry_run).unwrap()
    }

    fn run(&self, list: &List) -> Result<ImportReport, ImportError> {
        let report = list.import(self.importer(false), &mut |_| ());
        let findings = verify(&Place::new(self.dir.path().join("data")), &mut |_, _| ()).unwrap().findings;
        assert_eq!(findings, [""; 0], "{list:?}");
        report
    }

    fn import(&self, kind: Kind, text: &[u8]) -> String {
        self.said(self.run(&self.list(kind, text)))
    }

    fn said(&self, result: Result<ImportReport, ImportError>) -> String {
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
    fn ask(&self, sql: &str) -> String {
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
fn check(charts: &[u8], expect: &str) {
    let said = Room::new().import(Kind::Charts, charts);
    assert_eq!(said, expect, "{}", String::from_utf8_lossy(charts));
}

/// Imports lists one after the other into one room; after each, the report and what is then on file.
fn story(sql: &str, lists: &[(Kind, &str, &str, &str)]) {
    let room = Room::new();
    for (kind, text, report, on_file) in lists {
        assert_eq!(room.import(*kind, text.as_bytes()), *report, "{text}");
        assert_eq!(room.ask(sql), *on_file, "{text}");
    }
}

#[test]
fn good_lines_go_in_and_bad_ones_are_numbered() {
    check(
        b"mrn,label,home\n1,V1,FILE\n2,V2,ATTIC\n3,V3,FILE\n",
        "+2 ~0 =0 3: home ATTIC is not on file; import custodians first",
    );
    check(b"mrn,label,home\n1,V1,FILE\n1,V1,FILE\n", "+1 ~0 =1");
    check(b"mrn,label,home\n1,,FILE\n", "+0 ~0 =0 2: label is empty; fill it in");
    check(b"mrn,label,home\n1,V1,FILE\n-,V2,FILE\n", "+1 ~0 =0 3: mrn is empty; fill it in");
    check(b"mrn,label,home,volume\n1,V1,FILE,0\n", "+0 ~0 =0 2: volume: write a number from 1 to 999");
    check(
        b"mrn,label,home\n1,V1,FILE\n2,V1,FILE\n",
        "+1 ~0 =0 3: label V1 is on another chart already; every volume needs a label of its own",
    );
    check(
        b"mrn,label,home,state\n1,V1,FILE,inactive\n",
        "+0 ~0 =0 2: state: write one of active, merge-due, merged, retired, destroyed",
    );
}

#[test]
fn custodians_say_what_they_say_and_nothing_else() {
    let sql = "select c.code, c.name, c.kind, c.phone, c.mail, c.due_rule, c.filing_scheme, p.code, c.closed_at_us is not null
               from custodian c left join custodian p on p.custodian_id = c.parent_id where c.code like 'W%' order by 1";
    let kind = Kind::Custodians;
    story(
        sql,
        &[
            (
                kind,
                "code,name,kind,parent,phone,mail,due,filing,closed\nW1,Ward,ward,W0,+49 1,w@x.example,3 d,numeric,no\nW0,House,,,,,,,\n",
                "+2 ~0 =0",
                "W0 House other - -  td-2-2 - 0 | W1 Ward ward +49 1 w@x.example 3 d numeric W0 0",
            ),
            (
                kind,
                "code,name\nW1,Ward\n",
                "+0 ~0 =1",
                "W0 House other - -  td-2-2 - 0 | W1 Ward ward +49 1 w@x.example 3 d numeric W0 0",
            ),
            (
                kind,
                "code,name,phone,mail,due,parent,closed\nW1,Ward,,,,,\n",
                "+0 ~0 =1",
                "W0 House other - -  td-2-2 - 0 | W1 Ward ward +49 1 w@x.example 3 d numeric W0 0",
            ),
            (
                kind,
                "code,name,phone,mail,due,parent,closed\nW1,Ward 1,-,-,-,-,yes\n",
                "+0 ~1 =0",
                "W0 House other - -  td-2-2 - 0 | W1 Ward 1 ward - -  numeric - 1",
            ),
            (
                kind,
                "code,name,closed,parent\nW1,Ward 1,2020-01-31,W0\nW0,House,ja,\n",
                "+0 ~2 =0",
                "W0 House other - -  td-2-2 - 1 | W1 Ward 1 ward - -  numeric W0 1",
            ),
            (
                kind,
                "code,name,closed\nW1,Ward 1,nein\nW0,House,vielleicht\n",
                "+0 ~1 =0 3: closed is no date; write it as year-month-day, such as 1970-12-31; or write yes or no",
                "W0 House other - -  td-2-2 - 1 | W1 Ward 1 ward - -  numeric W0 0",
            ),
        ],
    );
}

#[test]
fn a_new_filing_order_orders_the_folders_on_the_shelves_anew() {
    story(
        "select filing_key from volume order by label",
        &[
            (
                Kind::Charts,
                "mrn,label,home\n72248,V1,FILE\n72249,V2,CLIN\n",
                "+2 ~0 =0",
                "48-22-0000000007 | 49-22-0000000007",
            ),
            (
                Kind::Custodians,
                "code,name,filing\nFILE,File room,numeric\n",
                "+0 ~1 =0",
                "0000072248 | 49-22-0000000007",
            ),
            (
                Kind::Custodians,
                "code,name,filing\nFILE,File room,numeric\n",
                "+0 ~0 =1",
                "0000072248 | 49-22-0000000007",
            ),
        ],
    );
}

#[test]
fn whoever_has_no_label_gets_outguides_own() {
    let sql = "select kind, key, target_id from label order by kind, target_id, key";
    story(
        sql,
        &[
            (
                Kind::People,
                "code,name\nmm,Mia\n",
                "+1 ~0 =0",
                "custodian L1P 1 | custodian L2N 2 | person P19 1",
            ),
            (
                Kind::People,
                "code,name,label\nmm,Mia,\nbo,Bo,B-7\n",
                "+1 ~0 =1",
                "custodian L1P 1 | custodian L2N 2 | person P19 1 | person B-7 2",
            ),
            (
                Kind::People,
                "code,name,label\nmm,Mia,B-8\nbo,Bo,\nyi,Yi,B-7\n",
                "+0 ~1 =1 4: label B-7 is bo's already; everyone needs a label of their own",
                "custodian L1P 1 | custodian L2N 2 | person B-8 1 | person P19 1 | person B-7 2",
            ),
            (
                Kind::Custodians,
                "code,name,label\nX,X,L4\nY,Y,L4\nZ,Z,L5H\nQ,Q,\nR,R,R5\nQ,Q,\n",
                "+4 ~0 =0 3: label L4 is X's already; everyone needs a label of their own | \
                 5: outguide's own label for it, L5H, is in use already; give this custodian another label",
                "custodian L1P 1 | custodian L2N 2 | custodian L4 3 | custodian L5H 4 | custodian R5 5 | custodian L6F 6 | person B-8 1 | \
                 person P19 1 | person B-7 2",
            ),
        ],
    );
}

#[test]
fn people_come_and_go() {
    story(
        "select code, name, left_at_us from person",
        &[
            (
                Kind::People,
                "code,name,left\nmm,Mia Mu,2020-01-31\n",
                "+1 ~0 =0",
                "mm Mia Mu 1580428800000000",
            ),
            (Kind::People, "code,name,left\nmm,Mia Mu,yes\n", "+0 ~0 =1", "mm Mia Mu 1580428800000000"),
            (Kind::People, "code,name,left\nmm,Mia My,no\n", "+0 ~1 =0", "mm Mia My -"),
            (
                Kind::People,
                "code,name\nm m,Mia My\n",
                "+0 ~0 =0 2: code: write it without blanks",
                "mm Mia My -",
            ),
        ],
    );
}

#[test]
fn patients_have_numbers_and_get_their_charts() {
    let sql = "select c.mrn, p.name, p.born, (select group_concat(assigner || ':' || mrn, ',') from mrn m
                 where m.patient_id = p.patient_id)
               from chart c left join patient p using (patient_id) order by c.mrn";
    story(
        sql,
        &[
            (Kind::Charts, "mrn,label,home\n1,V1,FILE\n2,V2,FILE\n", "+2 ~0 =0", "1 - - - | 2 - - -"),
            (
                Kind::Patients,
                "mrn,name,born,other_mrns\n001,Ada,1915-12-10,\n7,Bo,,2 0-9\n",
                "+2 ~0 =0",
                "1 Ada 1915-12-10 :001 | 2 Bo - :2,:7,:0-9",
            ),
            (
                Kind::Patients,
                "mrn,name,born\n1,Ada,\n9,,\n2,Bo,\n",
                "+0 ~0 =3",
                "1 Ada 1915-12-10 :001 | 2 Bo - :2,:7,:0-9",
            ),
            (
                Kind::Patients,
                "mrn,name,other_mrns,assigner\n1,Ada,2,\n5,Cy,1;6 6,LAB\n6-6,Cyd,,LAB\n",
                "+1 ~1 =0 2: its numbers are on file as those of different patients; a list does not unite patients: correct the numbers",
                "1 Ada 1915-12-10 :001 | 2 Bo - :2,:7,:0-9",
            ),
            (
                Kind::Patients,
                "mrn,name,born\n1,Ada L,31.12.1915\n2,Bo,1/2/70\n",
                "+0 ~1 =0 3: born has a year of two digits; write all four",
                "1 Ada L 1915-12-31 :001 | 2 Bo - :2,:7,:0-9",
            ),
        ],
    );
}
