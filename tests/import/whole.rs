//! Nothing half-done: too many bad lines, circles, dry runs, and imports that are broken off.

use super::*;

fn charts(lines: impl Iterator<Item = (usize, &'static str)>) -> Vec<u8> {
    let lines = lines.map(|(number, home)| format!("{number},V{number},{home}\n"));
    format!("mrn,label,home\n{}", lines.collect::<String>()).into_bytes()
}

/// Imports charts of which every `bad_every`th of `bad` names a home that is not there.
fn check(lines: usize, bad: std::ops::Range<usize>, every: usize, tolerance: Tolerance, expect: &str) {
    let room = Room::new();
    let is_bad = |number: usize| bad.contains(&number) && number.is_multiple_of(every);
    let text = charts((1..=lines).map(|number| (number, if is_bad(number) { "ATTIC" } else { "FILE" })));
    let list = List { tolerance, ..room.list(Kind::Charts, &text) };
    let report = room.run(&list).unwrap();
    let on_file = room.ask("select count(*) from volume");
    let found =
        format!("{:?}: {} of {} bad, {on_file} on file", report.outcome, report.refused, report.lines);
    assert_eq!(found, expect);
}

#[test]
fn a_list_with_more_than_a_tenth_of_bad_lines_is_not_begun() {
    use Tolerance::{Any, Tenth};
    check(20, 0..20, 10, Tenth, "Kept: 1 of 20 bad, 19 on file");
    check(19, 0..19, 9, Tenth, "Stopped: 2 of 19 bad, 0 on file");
    check(19, 0..19, 9, Any, "Kept: 2 of 19 bad, 17 on file");
    check(3, 0..4, 2, Tenth, "Stopped: 1 of 3 bad, 0 on file");
    // Of the first thousand, even if the rest is good.
    check(30_000, 0..1000, 9, Tenth, "Stopped: 111 of 1000 bad, 0 on file");
    // Of all, even if the first thousand are good and much would be on disk by then.
    check(30_000, 21_000..30_001, 2, Tenth, "Stopped: 4501 of 30000 bad, 0 on file");
    check(30_000, 21_000..30_001, 4, Tenth, "Kept: 2251 of 30000 bad, 27749 on file");
}

#[test]
fn bad_lines_that_only_the_database_finds_stop_it_too() {
    let room = Room::new();
    let text = "mrn,label,home\n1,V,FILE\n2,V,FILE\n3,V,FILE\n";
    let list = List::new(Kind::Charts, room.file(Kind::Charts, text.as_bytes()));
    let report = room.run(&list).unwrap();
    assert_eq!((report.outcome, report.added, report.refused), (Outcome::Stopped, 0, 2));
    assert_eq!(room.ask("select count(*) from volume"), "0");
}

#[test]
fn a_circle_of_custodians_leaves_its_lines_out_whole() {
    let sql = "select c.code, c.name, p.code from custodian c left join custodian p on p.custodian_id = c.parent_id order by 1";
    let kind = Kind::Custodians;
    story(
        sql,
        &[
            (
                kind,
                "code,name,parent\nA,A,B\nB,B,A\nC,C,A\nD,D,FILE\n",
                "+1 ~0 =0 2: parent goes round in a circle: A, B, A; correct the list | \
                 3: parent goes round in a circle: B, A, B; correct the list | \
                 4: parent A is neither on file nor on a good line of this list; add a line for it",
                "CLIN Clinic - | D D FILE | FILE File room -",
            ),
            (
                kind,
                "code,name,parent\nFILE,Archive,D\nCLIN,Clinics,FILE\n",
                "+0 ~1 =0 2: parent goes round in a circle: FILE, D, FILE; correct the list",
                "CLIN Clinics FILE | D D FILE | FILE File room -",
            ),
            (
                kind,
                "code,name,parent\nFILE,Archive,D\nD,D,-\n",
                "+0 ~2 =0",
                "CLIN Clinics FILE | D D - | FILE Archive D",
            ),
        ],
    );
    let room = Room::new();
    let text = b"code,name,parent\nA,A,B\nB,B,A\nC,C,\n";
    let list = List::new(kind, room.file(kind, text));
    assert_eq!(room.run(&list).unwrap().outcome, Outcome::Stopped);
    assert_eq!(room.ask("select group_concat(code) from custodian"), "CLIN,FILE");
}

#[test]
fn a_dry_run_says_what_would_be_and_keeps_nothing() {
    let room = Room::new();
    let text = charts((1..=25_000).map(|number| (number, "FILE")));
    let list = room.list(Kind::Charts, &text);
    let dry = list.import(room.importer(true), &mut |_| ()).unwrap();
    assert_eq!((dry.outcome, dry.added), (Outcome::Undone, 25_000));
    assert_eq!(room.ask("select (select count(*) from volume), (select count(*) from audit)"), "0 1");
    let wet = room.run(&list).unwrap();
    assert_eq!(ImportReport { outcome: Outcome::Kept, ..dry }, wet);
}

#[test]
fn an_import_that_is_broken_off_goes_on_where_it_was() {
    let room = Room::new();
    let text = charts((1..=110_000).map(|number| (number, if number % 3 == 0 { "CLIN" } else { "FILE" })));
    let list = room.list(Kind::Charts, &text);
    let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        list.import(room.importer(false), &mut |step| {
            assert!(step.stage == Stage::Reading || step.lines < 110_000, "pulled the plug");
        })
    }));
    assert!(broken.is_err());
    assert_eq!(
        room.ask("select (select count(*) from volume), (select sum(volumes_home) from custodian)"),
        "100000 100000"
    );
    let mut on_file = 0;
    let report = list.import(room.importer(false), &mut |step| on_file = on_file.max(step.on_file)).unwrap();
    assert_eq!((report.added, report.unchanged, on_file), (10_000, 100_000, 100_000));
}
