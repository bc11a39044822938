//! Every older version arrives at the same schema, and its data with it.

use super::*;

fn memory() -> Connection {
    Connection::open_in_memory().unwrap()
}

fn objects(conn: &Connection) -> Vec<(String, String, Option<String>)> {
    conn.prepare("select type, name, sql from sqlite_schema order by type, name")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .unwrap()
        .map(|row| {
            row.map(|(kind, name, sql): (_, _, Option<String>)| (kind, name, sql.map(|sql| bare(&sql))))
                .unwrap()
        })
        .collect()
}

/// A statement without comments and layout.
fn bare(sql: &str) -> String {
    let code = sql.lines().map(|line| line.split("--").next().unwrap_or_default());
    code.flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ").replace(" ,", ",").replace(" )", ")")
}

/// Data as an old version may have held it, by version, with its scans, movements and audit rows.
const DATA: &[(i64, &str, [i64; 3])] = &[
    (1, include_str!("../../../tests/migrations/v1.sql"), [4, 3, 5]),
    (2, include_str!("../../../tests/migrations/v2.sql"), [10, 7, 11]),
    (3, include_str!("../../../tests/migrations/v3.sql"), [10, 7, 11]),
];

#[test]
fn an_empty_file_arrives_at_schema_sql() {
    let mut migrated = memory();
    up(&mut migrated, &Place::new("test"), 0).unwrap();
    let designed = memory();
    designed.execute_batch(include_str!("../schema.sql")).unwrap();
    assert_eq!(objects(&migrated), objects(&designed));
}

#[test]
fn every_old_version_keeps_its_data_and_its_chains() {
    assert_eq!(DATA.len() as i64, NEWEST, "add tests/migrations/v{NEWEST}.sql");
    for (version, data, [scans, movements, audits]) in DATA {
        let mut conn = memory();
        for (number, step) in (1..).zip(STEPS).take_while(|(number, _)| number <= version) {
            conn.execute_batch(step.sql).unwrap();
            conn.pragma_update(None, "user_version", number).unwrap();
        }
        conn.execute_batch(data).unwrap();
        crate::store::archive::attach_none(&conn).unwrap();
        up(&mut conn, &Place::new("test"), 0).unwrap();
        let report = crate::store::verify::verify_connection(&conn, &mut |_, _| ()).unwrap();
        assert_eq!(report.findings, [""; 0], "from version {version}");
        assert_eq!(
            report.rows,
            [("scan", *scans), ("movement", *movements), ("audit", *audits)],
            "from version {version}"
        );
        let place: String = conn
            .query_row(
                "select custodian.code from label join volume on volume_id = target_id
                 join custodian on custodian_id = at_id where key = 'V1'",
                [],
                |row| row.get(0),
            )
            .unwrap();
        assert_eq!(place, "CLIN", "from version {version}");
    }
}

#[test]
fn a_schema_that_somebody_changed_is_told() {
    for (change, expect) in [
        ("select 1", &[][..]),
        ("drop trigger scan_is_kept", &["schema: trigger scan_is_kept is not there"]),
        ("drop index volume_home", &["schema: index volume_home is not there"]),
        ("create table _litestream_seq (id integer primary key, seq integer)", &[]),
        ("create table extra (n)", &["schema: table extra is not of Outguide"]),
        (
            "pragma writable_schema = on;
             update sqlite_schema set sql = replace(sql, '(requester <>', '(reqtester <>') where name = 'request'",
            &["schema: table request is not defined as Outguide made it"],
        ),
    ] {
        let mut conn = memory();
        up(&mut conn, &Place::new("test"), 0).unwrap();
        conn.execute_batch(change).unwrap();
        assert_eq!(differences(&conn).unwrap(), expect, "{change}");
    }
}
