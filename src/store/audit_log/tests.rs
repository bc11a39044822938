//! Reading the audit log walks through few rows, however many there are.

use super::*;

/// Two million rows of scans would take a while: the plans say the same.
#[test]
fn no_page_walks_through_all_rows() {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(include_str!("../schema.sql")).unwrap();
    let plan = |sql: &str| {
        let filled = [(":actor", "'x'"), (":first", "1"), (":end", "9"), (":limit", "9")];
        let sql = filled.into_iter().fold(sql.to_owned(), |sql, (name, value)| sql.replace(name, value));
        let sql = format!("explain query plan {sql}");
        let mut statement = conn.prepare(&sql).unwrap();
        let lines = statement.query_map([], |row| row.get::<_, String>(3)).unwrap();
        lines.map(Result::unwrap).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(plan(OF_ALL), "SEARCH audit USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)");
    assert_eq!(
        plan(OF_PERSON),
        "SEARCH audit USING INDEX audit_actor (actor=? AND audit_no>? AND audit_no<?)"
    );
    assert_eq!(plan(SCANS_OF_PERSON), "SEARCH audit USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)");
}

#[test]
fn charts_are_read_from_what_rows_tell() {
    let check = |detail: &str, expect: &[i64]| assert_eq!(charts_of(detail), expect, "{detail}");
    check("open chart 7 volume 8", &[7]);
    check("board scans of earlier: chart 7, chart 9", &[7, 9]);
    check("search found chart 7 9 8", &[7, 8, 9]);
    check("search found 12 charts: 3 4 5 and more", &[3, 4, 5]);
    check("volume 3 of chart 4 became volume 2 of chart 5", &[4, 5]);
    check("print chart 1, label of volume 1", &[1]);
    check("list custodian 1", &[]);
    check("", &[]);
}

#[test]
fn the_rows_of_a_charts_movements_are_found_between_others() {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(include_str!("../schema.sql")).unwrap();
    conn.execute_batch("pragma foreign_keys = off").unwrap();
    // Movement 3 is an import's and has no row; views stand in between.
    for (no, movement) in
        [(1, Some(1)), (2, None), (3, None), (4, Some(2)), (5, None), (6, Some(4)), (7, None)]
    {
        conn.execute(
            "insert into audit (audit_no, at_us, action, movement_no, hash) values (?1, ?1, 'scan', ?2, zeroblob(32))",
            params![no, movement],
        )
        .unwrap();
    }
    let rows: Vec<_> = (0..6).map(|movement| row_of_movement(&conn, movement).unwrap()).collect();
    assert_eq!(rows, [None, Some(1), Some(4), None, Some(6), None]);
}
