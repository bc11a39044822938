//! Who is found by what, and that nothing typed reads without end.

use super::*;
use crate::clock::Clock;
use crate::store::{ChartLine, CustodianLine, Importer, Options, PatientLine, Place, StoreThread};
use crate::tracking::search::TEXT_CHARS_MAX;
use jiff::civil::Date;
use proptest::prelude::*;

const TODAY: Date = Date::constant(2026, 11, 22);

struct Room {
    store: Store,
    _thread: StoreThread,
    dir: tempfile::TempDir,
}

/// Charts of patients: number, name, date of birth.
fn room(patients: &[(&str, &str, &str)]) -> Room {
    let dir = tempfile::tempdir().unwrap();
    let place = Place::new(dir.path());
    let clock = Clock::system();
    let mut importer = Importer::open(&place, clock.now(), false).unwrap();
    importer.custodian(&CustodianLine::new("FILE", "File room")).unwrap().unwrap();
    for (mrn, name, born) in patients {
        chart(&mut importer, mrn, name, born);
    }
    importer.finish("a test").unwrap();
    let options = Options { place, queue: 8, readers: 1 };
    let (store, _thread) = Store::open(&options, &clock).unwrap();
    Room { store, _thread, dir }
}

fn chart(importer: &mut Importer, mrn: &str, name: &str, born: &str) {
    let mut line = ChartLine::new(Mrn::parse(mrn).unwrap(), format!("V{mrn}"), "FILE");
    line.name = Some(name.to_owned()).filter(|name| !name.is_empty());
    line.born = born.parse().ok();
    importer.chart(&line).unwrap().unwrap();
}

impl Room {
    async fn find(&self, text: &str) -> Found {
        self.store.find(None, Asked::read(text, TODAY)).await.unwrap()
    }

    /// The numbers of the charts found, in order; `+` at the end if there are more.
    async fn told(&self, text: &str) -> String {
        let found = self.find(text).await;
        let mut numbers: Vec<&str> = found.hits.iter().map(|hit| hit.volumes[0].mrn.as_str()).collect();
        numbers.extend(found.more.then_some("+"));
        numbers.join(" ")
    }
}

const PATIENTS: [(&str, &str, &str); 14] = [
    ("101", "Garcia, Maria", "1956-03-12"),
    ("102", "Garcia, Maria", "1960-01-01"),
    ("103", "Garcia Lopez, Maria Carmen", "1970-05-05"),
    ("104", "García, Mario", "1956-03-12"),
    ("105", "Núñez, José", "1956-03-12"),
    ("106", "O'Brien, Mary-Ann", "1980-12-31"),
    ("107", "McDonald, Ian", "1944-02-28"),
    ("108", "Müller, Jürgen", "1961-07-09"),
    ("109", "van der Berg, Jan", "1999-09-09"),
    ("110", "Smith-Jones, Anna", "1990-10-10"),
    ("111", "Suharto", ""),
    ("112", "", "1977-07-07"),
    ("1956", "Wałęsa, Łukasz", "1943-09-29"),
    ("114", "Li, Bo", "1988-08-08"),
];

#[tokio::test]
async fn whoever_is_meant_is_found() {
    let room = room(&PATIENTS);
    for (text, expect) in [
        ("garcia maria", "101 102 103"),
        ("Maria GARCÍA", "101 102 103"),
        ("maria garcia 12.3.1956", "101"),
        ("12.3.56 garcia", "101 104"),
        ("garcia m 1960", "102"),
        ("garcia maria 13.3.1956", "101 104"),
        ("garcia lopez", "103"),
        ("lopez c", "103"),
        ("nunez 12.3.56 jose", "105"),
        ("nunez jsoe", "105"),
        ("unnez jose", "105"),
        ("nunes", "105"),
        ("obrien", "106"),
        ("maryann o'brien", "106"),
        ("mary ann", "106"),
        ("macdonald", "107"),
        ("mc donald ian", "107"),
        ("mueller", "108"),
        ("mull jur", "108"),
        ("berg", "109"),
        ("vanderberg jan", "109"),
        ("de berg", "109"),
        ("smithjones", "110"),
        ("jones", "110"),
        ("suharto", "111"),
        ("suhatro", "111"),
        ("suh", "111"),
        ("7.7.1977", "112"),
        ("july 7 1977", "112"),
        ("walesa", "1956"),
        ("1956", "1956"),
        ("garcia 1956", "101 104"),
        ("bo li", "114"),
        ("li", "114"),
        ("8.8.88 b", "114"),
        ("8.8.88 x", ""),
        ("12.3.56", "101 104 105"),
        ("101", "101"),
        ("garcia 101", "101"),
        ("nobody", ""),
        ("garcia pedro", ""),
        ("m", ""),
        ("", ""),
        ("%", ""),
    ] {
        assert_eq!(room.told(text).await, expect, "{text:?}");
    }
}

#[tokio::test]
async fn a_number_of_somebody_else_is_shown_and_not_opened() {
    let room = room(&PATIENTS);
    let found = room.find("suharto 101").await;
    assert_eq!(found.hits[0].name.as_deref(), Some("Suharto"), "the name counts");
    let found = room.find("nobody 101").await;
    assert_eq!(found.hits[0].why, "the number fits, the name does not");
    assert!(found.only().is_none());
}

#[tokio::test]
async fn a_number_that_was_given_up_or_that_another_house_gave_finds_the_chart() {
    let room = room(&[]);
    drop((room.store, room._thread));
    // The daemon has let go of the file once its threads have ended.
    let place = Place::new(room.dir.path());
    let mut importer = loop {
        if let Ok(importer) = Importer::open(&place, Clock::system().now(), false) {
            break importer;
        }
        std::thread::yield_now();
    };
    chart(&mut importer, "500", "Kim, Ann", "1970-01-01");
    for (assigner, number) in [("", "900"), ("LAB", "77"), ("XRAY", "78")] {
        let line = PatientLine {
            mrn: Mrn::parse(if assigner.is_empty() { "500" } else { number }).unwrap(),
            assigner: assigner.to_owned(),
            others: vec![Mrn::parse(number).unwrap()],
            name: Some("Kim, Ann".to_owned()),
            born: None,
            inpatient: None,
        };
        importer.patient(&line).unwrap().unwrap();
    }
    importer.finish("a test").unwrap();
    let (store, _thread) = Store::open(&Options { place, queue: 8, readers: 1 }, &Clock::system()).unwrap();
    let numbers = async |text: &str| {
        let found = store.find(None, Asked::read(text, TODAY)).await.unwrap();
        (found.hits.len(), found.without_chart)
    };
    assert_eq!(numbers("900").await, (1, 0));
    assert_eq!(numbers("78").await, (0, 0), "another house's number leads to a patient without a chart");
    assert_eq!(numbers("kim ann").await, (1, 2));
}

#[tokio::test]
async fn of_very_many_a_list_is_shown_and_more_is_asked_for() {
    let many: Vec<(String, String)> = (0..1200)
        .map(|n| {
            (format!("{}", 1000 + n), format!("19{:02}-{:02}-{:02}", 30 + n % 60, n % 12 + 1, n % 28 + 1))
        })
        .collect();
    let many: Vec<(&str, &str, &str)> =
        many.iter().map(|(mrn, born)| (mrn.as_str(), "Garcia, Maria", born.as_str())).collect();
    let room = room(&many);
    for text in ["maria garcia", "garcia", "gar", "m garcia", "maria garcai", "gracia"] {
        let found = room.find(text).await;
        assert_eq!((found.hits.len(), found.more), (CHARTS_MAX, true), "{text}");
    }
    let born = many[777].2;
    let found = room.find(&format!("maria garcia {born}")).await;
    assert!(!found.more && found.hits.iter().all(|hit| hit.born == born.parse().ok()), "{found:?}");
    assert!(!found.hits.is_empty());
}

#[tokio::test]
async fn another_name_or_date_of_birth_is_found_instead_of_the_old_one() {
    let room = room(&[("7", "Meier, Anna", "1970-01-01")]);
    drop((room.store, room._thread));
    let place = Place::new(room.dir.path());
    let mut importer = loop {
        if let Ok(importer) = Importer::open(&place, Clock::system().now(), false) {
            break importer;
        }
        std::thread::yield_now();
    };
    chart(&mut importer, "7", "Keller, Anna", "1970-02-01");
    importer.finish("a test").unwrap();
    let filed: i64 = crate::store::open::scratch(&place.db())
        .unwrap()
        .query_row("select count(*) from patient_word", [], |row| row.get(0))
        .unwrap();
    assert_eq!(filed, 2, "the old name is still filed");
    let (store, _thread) = Store::open(&Options { place, queue: 8, readers: 1 }, &Clock::system()).unwrap();
    for (text, expect) in
        [("meier", 0), ("keller", 1), ("keller anna 1.2.1970", 1), ("2.1.1970 meier", 0), ("1.1.1970", 0)]
    {
        let found = store.find(None, Asked::read(text, TODAY)).await.unwrap();
        assert_eq!(found.hits.len(), expect, "{text}");
    }
}

#[test]
fn names_from_before_are_filed_however_often_it_is_broken_off() {
    let mut conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(include_str!("../schema.sql")).unwrap();
    conn.execute_batch(
        "insert into name_fill values (1, 0);
         insert into patient (patient_id, name, born, created_at_us) values (1, 'Kim, Ann', '1970-01-31', 0), (5, null, null, 0),
           (9, 'Lee', null, 0);",
    )
    .unwrap();
    crate::store::names::fill(&mut conn).unwrap();
    // As if it had been broken off after the first patient.
    conn.execute_batch("insert into name_fill values (1, 1)").unwrap();
    crate::store::names::fill(&mut conn).unwrap();
    let filed: Vec<String> = conn
        .prepare(
            "select word || '/' || other || '/' || born || '/' || patient_id from patient_word order by 1",
        )
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<rusqlite::Result<_>>()
        .unwrap();
    assert_eq!(filed, ["ann/kim/19700131/1", "kim/ann/19700131/1", "lee//0/9"]);
    let owed: i64 = conn.query_row("select count(*) from name_fill", [], |row| row.get(0)).unwrap();
    assert_eq!(owed, 0);
}

/// How SQLite runs a look-up, step by step.
fn plan(sql: &str) -> String {
    let conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(include_str!("../schema.sql")).unwrap();
    let mut statement = conn.prepare(&format!("explain query plan {sql}")).unwrap();
    let count = statement.parameter_count();
    let steps = statement
        .query_map(rusqlite::params_from_iter(vec!["1"; count]), |row| row.get::<_, String>(3))
        .unwrap();
    steps.collect::<rusqlite::Result<Vec<_>>>().unwrap().join("; ")
}

/// A search by name once took a second with a million charts: a statement in it walked through all of them.
#[test]
fn no_look_up_walks_through_a_table() {
    let sources = [include_str!("../find.rs"), include_str!("search.rs"), include_str!("../patients.rs")];
    let written = sources.into_iter().flat_map(|source| source.split('"'));
    let written = written.filter(|sql| sql.starts_with("select ") || sql.starts_with("with "));
    let all: Vec<String> = written.filter(|sql| !sql.contains('{')).map(str::to_owned).collect();
    let count = all.len();
    for sql in all.into_iter().chain([VOLUMES_OF_CHART.clone()]) {
        let plan = plan(&sql);
        for table in ["chart", "mrn", "patient", "patient_word", "word_key", "volume", "label"] {
            let walks = plan.split("; ").any(|step| {
                let mut words = step.split(' ');
                words.next() == Some("SCAN") && words.next() == Some(table)
            });
            assert!(!walks && !plan.contains("AUTOMATIC"), "{sql}\n{plan}");
        }
    }
    assert!(count >= 11, "the statements have moved: {count}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_is_answered(text in "\\PC{0,300}") {
        prop_assume!(text.chars().count() <= TEXT_CHARS_MAX);
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(include_str!("../schema.sql")).unwrap();
        conn.execute_batch("insert into patient (patient_id, name, born, created_at_us) values (1, 'Kim, Ann', '1970-01-31', 0)").unwrap();
        conn.execute_batch("insert into name_fill values (1, 0)").unwrap();
        crate::store::names::fill(&mut conn).unwrap();
        find(&conn, None, &Asked::read(&text, TODAY)).unwrap();
    }
}

fn room_sql(room: &Room, sql: &str) {
    super::super::open::scratch(&Place::new(room.dir.path()).db()).unwrap().execute_batch(sql).unwrap();
}

#[tokio::test]
async fn after_a_merge_the_former_name_date_and_foreign_number_still_find_the_chart() {
    let room =
        room(&[("201", "Smith, Ann", "1970-01-02"), ("202", "Maiden, Ann", "1970-02-01"), ("203", "", "")]);
    room_sql(&room, "insert into mrn values ('elsewhere', '9999', '9999', 2, 0, null)");
    let merge = room.store.merge_number(ChartId(1), Mrn::parse("202").unwrap(), None).await.unwrap();
    for text in ["maiden ann", "1.2.1970", "9999", "202"] {
        assert_eq!(room.told(text).await, "201", "{text}");
    }
    let found = room.find("maiden").await;
    assert_eq!(found.hits[0].why, "former name Maiden, Ann");
    assert_eq!(found.hits[0].name.as_deref(), Some("Smith, Ann"));
    assert_eq!(room.told("ann").await, "201", "found twice, shown once");
    room.store.undo_merge(merge, None).await.unwrap();
    assert_eq!(room.told("maiden").await, "202");
    assert_eq!(room.told("ann").await, "202 201");
    // A survivor without a patient gets the retired chart's, until the merge is undone.
    let merge = room.store.merge_number(ChartId(3), Mrn::parse("202").unwrap(), None).await.unwrap();
    assert_eq!(room.told("maiden").await, "203");
    assert_eq!(room.find("maiden").await.hits[0].why, "");
    assert_eq!(room.find("203").await.hits[0].name.as_deref(), Some("Maiden, Ann"));
    room.store.undo_merge(merge, None).await.unwrap();
    assert_eq!(room.told("maiden").await, "202");
    assert_eq!(room.find("203").await.hits[0].name, None);
}
