//! A million charts with names from a CSV file, against a bare loop that inserts the same rows in as large commits; then the
//! same file again, when every line is on file.

use crate::measure::median;
use crate::room::directory;
use outguide::clock::Clock;
use outguide::import::{ImportReport, Kind, List};
use outguide::store::{CustodianLine, Importer, Place};
use outguide::tracking::{Filed, FilingScheme, Mrn};
use rusqlite::{Connection, OpenFlags, params};
use std::fmt::Write;
use std::path::Path;
use std::time::Instant;

const CHARTS: u64 = 1_000_000;
const ROUNDS: usize = 3;
const LINES_PER_COMMIT: u64 = 100_000;
/// Coprime to [`CHARTS`]: numbers come in no order, as names would bring them.
const STRIDE: u64 = 618_033;

pub(crate) fn run() {
    println!(
        "import of {CHARTS} charts with names and dates of birth, in no order of numbers, {ROUNDS} rounds"
    );
    println!("| what | seconds | charts/s | of bare loop |");
    println!("| --- | --- | --- | --- |");
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let dir = directory();
        let file = write_list(dir.path());
        let (place, bare_place) = (Place::new(dir.path().join("ours")), Place::new(dir.path().join("bare")));
        let bare = bare_loop(&bare_place);
        custodians(&place);
        let (new, report) = import(&place, &file);
        assert_eq!(report.added, CHARTS);
        let (again, report) = import(&place, &file);
        assert_eq!(report.unchanged, CHARTS);
        rounds.push((bare, new, again));
    }
    let bare = median(rounds.iter().map(|round| round.0).collect());
    for (what, seconds) in [
        ("bare loop", bare),
        ("new charts", median(rounds.iter().map(|round| round.1).collect())),
        ("all on file already", median(rounds.iter().map(|round| round.2).collect())),
    ] {
        println!("| {what} | {seconds:.1} | {:.0} | {:.2} |", CHARTS as f64 / seconds, seconds / bare);
    }
}

fn numbers() -> impl Iterator<Item = u64> {
    (0..CHARTS).map(|count| count * STRIDE % CHARTS + 1)
}

fn name(number: u64) -> String {
    format!("Family {}, Given {}", number % 9973, number % 997)
}

fn born(number: u64) -> String {
    format!("{}-{:02}-{:02}", 1930 + number % 90, number % 12 + 1, number % 28 + 1)
}

fn write_list(dir: &Path) -> std::path::PathBuf {
    let mut text = String::from("mrn,label,home,name,born\n");
    for number in numbers() {
        writeln!(text, "{number:07},V{number},C0,\"{}\",{}", name(number), born(number)).unwrap();
    }
    let file = dir.join("charts.csv");
    std::fs::write(&file, text).unwrap();
    file
}

fn custodians(place: &Place) {
    let mut importer = Importer::open(place, Clock::system().now(), false).unwrap();
    importer.custodian(&CustodianLine::new("C0", "File room")).unwrap().unwrap();
    importer.finish("bench").unwrap();
}

fn import(place: &Place, file: &Path) -> (f64, ImportReport) {
    let start = Instant::now();
    let importer = Importer::open(place, Clock::system().now(), false).unwrap();
    let report = List::new(Kind::Charts, file).import(importer, &mut |_| ()).unwrap();
    (start.elapsed().as_secs_f64(), report)
}

/// The rows alone: no file, no look-ups, nothing checked but by the schema.
#[expect(clippy::disallowed_methods, reason = "the baseline is SQLite without the store")]
fn bare_loop(place: &Place) -> f64 {
    custodians(place);
    let conn = Connection::open_with_flags(place.db(), OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    let pragmas = "pragma synchronous = full; pragma foreign_keys = on; pragma wal_autocheckpoint = 16000; \
                   pragma cache_size = -262144; begin immediate";
    let start = Instant::now();
    conn.execute_batch(pragmas).unwrap();
    let insert = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
        conn.prepare_cached(sql).unwrap().execute(values).unwrap();
        conn.last_insert_rowid()
    };
    let scheme = FilingScheme::parse("").unwrap();
    for (count, number) in (1..).zip(numbers()) {
        let mrn = Mrn::parse(&format!("{number:07}")).unwrap();
        let patient = insert(
            "insert into patient (name, born, created_at_us) values (?1, ?2, 1)",
            params![name(number), born(number)],
        );
        insert(
            "insert into mrn (mrn_key, mrn, patient_id, since_us) values (?1, ?2, ?3, 1)",
            params![mrn.key(), mrn.written(), patient],
        );
        let chart = insert(
            "insert into chart (mrn, mrn_key, created_at_us, patient_id) values (?1, ?2, 1, ?3)",
            params![mrn.written(), mrn.key(), patient],
        );
        let label = format!("V{number}");
        let volume = insert(
            "insert into volume (chart_id, number, label, home_id, filing_key, at_id, created_at_us)
             values (?1, 1, ?2, 1, ?3, 1, 1)",
            params![chart, label, scheme.sort_key(&Filed::by_number(mrn.key(), 1))],
        );
        insert(
            "insert into label (kind, key, target_id, created_at_us) values ('volume', ?1, ?2, 1)",
            params![label, volume],
        );
        if count % LINES_PER_COMMIT == 0 {
            conn.execute_batch("commit; begin immediate").unwrap();
        }
    }
    conn.execute_batch("commit; pragma wal_checkpoint(truncate)").unwrap();
    start.elapsed().as_secs_f64()
}
