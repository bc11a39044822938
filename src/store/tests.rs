//! The store against a real database in a temporary directory.

mod alerts;
mod archive;
mod arrivals;
mod boxes;
mod due;
mod folders;
mod merges;
mod plans;
mod shelves;
mod told;

mod panic;
mod recovery;
mod roll_back;

use super::*;
use crate::label::LabelKind;
use crate::tracking::{Entry, Mrn, ScanId, Sighting, SourceId, StationId, Verdict, VolumeId};

mod lasting;
mod lists;
mod requests;
mod schedule;
mod wanted;

struct Room {
    dir: tempfile::TempDir,
    clock: Clock,
}

/// An open store with two stations, "desk" (custodian FILE) and "clinic" (custodian CLIN), and the charts V1 to V9.
struct Open {
    store: Store,
    thread: StoreThread,
    numbered: Numbered,
    clock: Clock,
    count: std::sync::atomic::AtomicU32,
}

impl Room {
    fn new() -> Room {
        let dir = tempfile::tempdir().unwrap();
        let room = Room { dir, clock: Clock::manual(Timestamp::from_second(1_700_000_000).unwrap()) };
        let mut importer = Importer::open(&room.place(), room.clock.now(), false).unwrap();
        for code in ["FILE", "CLIN"] {
            importer.custodian(&custodian(code)).unwrap().unwrap();
        }
        for number in 1..10 {
            importer.chart(&chart(&format!("00-00-0{number}"), &format!("V{number}"))).unwrap().unwrap();
        }
        importer.finish("nine charts").unwrap();
        room
    }

    fn place(&self) -> Place {
        Place::new(self.dir.path())
    }

    async fn open(&self) -> Open {
        self.open_with(crate::tracking::grammar::StationKind::Checkpoint).await
    }

    async fn open_with(&self, kind: crate::tracking::grammar::StationKind) -> Open {
        let options = Options { place: self.place(), queue: 64, readers: 1 };
        let (store, thread) = Store::open(&options, &self.clock).unwrap();
        let station = |name: &str, custodian: &str| Station {
            kind,
            idle: Duration::from_secs(120),
            badge_idle: Duration::from_secs(900),
            prints: false,
            name: name.into(),
            title: name.into(),
            custodian: custodian.into(),
            double_read_window: Duration::from_secs(2),
            sources: vec![format!("{name}-scanner")],
        };
        let numbered =
            store.set_stations(vec![station("desk", "FILE"), station("clinic", "CLIN")]).await.unwrap();
        Open { store, thread, numbered, clock: self.clock.clone(), count: 0.into() }
    }

    fn sql(&self, sql: &str) {
        open::scratch(&self.place().db()).unwrap().execute_batch(sql).unwrap();
    }

    fn findings(&self) -> Vec<String> {
        verify(&self.place(), &mut |_, _| ()).unwrap().findings
    }
}

impl Open {
    fn scan(&self, station: &str, key: &str) -> Scan {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        Scan {
            id: ScanId::new(u64::from(count), 1, count),
            station: *self.numbered.stations.get(station).unwrap_or(&StationId(99)),
            source: *self.numbered.sources.get(&format!("{station}-scanner")).unwrap_or(&SourceId(99)),
            scanned_at: self.clock.now(),
            arrived: self.clock.elapsed(),
            entry: Entry::Scanned,
            operator: None,
            frame: key.as_bytes().to_vec(),
            sighting: Sighting::Label { kind: LabelKind::Volume, key: key.into() },
            resend: false,
        }
    }

    async fn verdict(&self, station: &str, key: &str) -> Verdict {
        self.store.record(self.scan(station, key)).await.unwrap().verdict
    }

    async fn whereabouts(&self, key: &str) -> String {
        let wanted = Locate { label: Some(key.into()), mrn: None };
        self.store.locate(wanted).await.unwrap()[0].at.code.clone()
    }

    fn close(self) {
        drop(self.store);
        self.thread.join();
    }
}

fn custodian(code: &str) -> CustodianLine {
    CustodianLine { kind: Some("clinic".into()), ..CustodianLine::new(code, code) }
}

fn chart(mrn: &str, label: &str) -> ChartLine {
    ChartLine::new(Mrn::parse(mrn).unwrap(), label, "FILE")
}

#[tokio::test]
async fn a_scan_moves_a_chart_and_is_in_its_history() {
    let room = Room::new();
    let open = room.open().await;
    assert_eq!(open.verdict("clinic", "V1").await, Verdict::Moved);
    assert_eq!(open.verdict("clinic", "V1").await, Verdict::DoubleRead);
    open.clock.advance(Duration::from_secs(3));
    assert_eq!(open.verdict("clinic", "V1").await, Verdict::AlreadyHere);
    assert_eq!(open.verdict("desk", "V1").await, Verdict::Moved);
    assert_eq!(open.verdict("desk", "V77").await, Verdict::Unknown);
    assert_eq!(open.whereabouts("V1").await, "FILE");
    let history = open.store.history(VolumeId(1), None).await.unwrap().unwrap();
    let path: Vec<_> = history.movements.iter().map(|step| (step.from.as_str(), step.to.as_str())).collect();
    assert_eq!(path, [("CLIN", "FILE"), ("FILE", "CLIN")]);
    assert_eq!(open.store.work_items().await.unwrap()[0].key, "V77");
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn a_scan_that_was_left_out_counts_against_who_should_have_made_it() {
    let room = Room::new();
    let open = room.open_with(crate::tracking::grammar::StationKind::Desk).await;
    let custodian_label = Scan {
        sighting: Sighting::Label { kind: LabelKind::Custodian, key: "L-CLIN".into() },
        ..open.scan("clinic", "L-CLIN")
    };
    room.sql("insert into label values ('custodian', 'L-CLIN', 2, 0)");
    assert_eq!(open.store.record(custodian_label).await.unwrap().verdict, Verdict::Ready);
    // Nobody scans them out of the file room; the clinic scans them in.
    for key in ["V1", "V2", "V3"] {
        assert_eq!(open.verdict("clinic", key).await, Verdict::Moved);
    }
    let since = open.clock.now() - jiff::SignedDuration::from_hours(24);
    let of = async |station: &str, place: &str, since| {
        let id = *open.numbered.stations.get(station).unwrap();
        let found = open.store.compliance(id, place.to_owned(), since).await.unwrap();
        (found.scanned, found.left_out)
    };
    assert_eq!((of("desk", "FILE", since).await, of("clinic", "CLIN", since).await), ((0, 3), (3, 0)));
    open.clock.advance(Duration::from_secs(3600));
    assert_eq!(of("desk", "FILE", open.clock.now()).await, (0, 0), "that was before");
    open.close();
}

#[tokio::test]
async fn the_same_delivery_twice_is_one_scan() {
    let room = Room::new();
    let open = room.open().await;
    let scan = open.scan("clinic", "V1");
    let first = open.store.record(scan.clone()).await.unwrap();
    let again = open.store.record(scan.clone()).await.unwrap();
    assert_eq!((again.scan_no, again.verdict, again.repeated), (first.scan_no, first.verdict, true));
    let forged = Scan { frame: b"V2".to_vec(), ..scan };
    assert_eq!(open.store.record(forged).await, Err(NotRecorded::IdTaken));
    open.close();
}

#[tokio::test]
async fn a_failing_scan_does_not_take_its_neighbours_with_it() {
    let room = Room::new();
    let open = room.open().await;
    // It fails at its last row, when journal, movement and whereabouts are written: all of that has to be undone.
    room.sql(
        "create trigger poison before insert on audit
         when (select frame from scan where scan_no = new.scan_no) = x'5632' begin select raise(abort, 'poison'); end",
    );
    let keys = ["V1", "V2", "V3", "V4"];
    let scans: Vec<_> = keys.map(|key| open.scan("clinic", key)).into();
    let answers = futures_util::future::join_all(scans.into_iter().map(|scan| open.store.record(scan))).await;
    let verdicts: Vec<_> =
        answers.iter().map(|answer| answer.as_ref().map(|recorded| recorded.verdict).ok()).collect();
    assert_eq!(verdicts, [Some(Verdict::Moved), None, Some(Verdict::Moved), Some(Verdict::Moved)]);
    assert_eq!(open.store.health().red, None, "one bad job is no reason to stop recording");
    room.sql("drop trigger poison");
    assert_eq!(open.verdict("clinic", "V2").await, Verdict::Moved);
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn a_scan_from_a_station_that_is_not_configured_is_not_recorded() {
    let room = Room::new();
    let open = room.open().await;
    assert_eq!(open.store.record(open.scan("nowhere", "V1")).await, Err(NotRecorded::NoSuchStation));
    open.close();
}

#[tokio::test]
async fn a_late_delivery_changes_history_but_not_the_present() {
    let room = Room::new();
    let open = room.open().await;
    let late = open.scan("desk", "V1");
    open.clock.advance(Duration::from_secs(600));
    assert_eq!(open.verdict("clinic", "V1").await, Verdict::Moved);
    assert_eq!(open.store.record(late).await.unwrap().verdict, Verdict::Late);
    assert_eq!(open.whereabouts("V1").await, "CLIN");
    assert_eq!(open.verdict("desk", "V1").await, Verdict::Moved);
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn a_second_daemon_is_refused_and_told_who_holds_the_database() {
    let room = Room::new();
    let open = room.open().await;
    let refused = Importer::open(&room.place(), room.clock.now(), false).err().unwrap().to_string();
    assert!(refused.contains(&format!("process {}", std::process::id())), "{refused}");
    open.close();
}

/// What `verify` says after somebody ran `sql` behind Outguide's back, on a database with three movements.
async fn check_tampering(sql: &str, expect: &str) {
    let room = Room::new();
    let open = room.open().await;
    for (station, key) in [("clinic", "V1"), ("clinic", "V2"), ("desk", "V1")] {
        assert_eq!(open.verdict(station, key).await, Verdict::Moved);
    }
    open.close();
    for table in ["scan", "movement", "audit"] {
        room.sql(&format!("drop trigger {table}_is_kept; drop trigger {table}_is_final"));
    }
    room.sql(&format!("pragma foreign_keys = off; {sql}"));
    let findings = room.findings();
    assert!(findings.iter().any(|finding| finding.contains(expect)), "{sql}: {findings:?}");
}

#[tokio::test]
async fn every_change_behind_our_back_is_found_and_named() {
    check_tampering("update movement set to_id = 1 where movement_no = 2", "movement 2 was changed").await;
    check_tampering("update scan set frame = x'00' where scan_no = 1", "scan 1 was changed").await;
    check_tampering("delete from movement where movement_no = 2", "movement 2 is missing").await;
    check_tampering("delete from movement where movement_no = 3", "the end of its history is missing").await;
    check_tampering("update audit set actor = 'somebody' where audit_no = 2", "audit row 2 was changed")
        .await;
    check_tampering("update volume set at_id = 2 where volume_id = 9", "its history says custodian 1").await;
    check_tampering(
        "insert into due_change values (1, 7, 1, null)",
        "1 changed times to be back name a movement that is not there",
    )
    .await;
    check_tampering("update custodian set volumes_home = 3 where code = 'FILE'", "counts 3 volumes").await;
}

#[tokio::test]
async fn history_cannot_be_changed_by_a_statement() {
    let room = Room::new();
    let open = room.open().await;
    open.verdict("clinic", "V1").await;
    let conn = open::scratch(&room.place().db()).unwrap();
    for sql in [
        "delete from movement",
        "update movement set late = 1",
        "delete from scan",
        "update audit set at_us = 0",
    ] {
        let refused = conn.execute_batch(sql).unwrap_err().to_string();
        assert!(refused.contains("only added to"), "{sql}: {refused}");
    }
    drop(conn);
    open.close();
}

#[tokio::test]
async fn a_tampered_end_of_history_is_refused_at_start() {
    let room = Room::new();
    let open = room.open().await;
    open.verdict("clinic", "V1").await;
    open.verdict("clinic", "V2").await;
    open.close();
    room.sql("drop trigger movement_is_final; update movement set to_id = 1 where movement_no = 2");
    let options = Options { place: room.place(), queue: 1, readers: 1 };
    let refused = Store::open(&options, &room.clock).err().unwrap().to_string();
    assert!(refused.contains("movement 2 was changed") && refused.contains("outguide verify"), "{refused}");
}

#[tokio::test]
async fn a_backup_of_a_busy_database_comes_back_whole() {
    let room = Room::new();
    let open = room.open().await;
    open.verdict("clinic", "V1").await;
    let copies = tempfile::tempdir().unwrap();
    let file = copies.path().join("copy.db");
    let report = backup(&room.place(), &file, &mut |_, _| ()).unwrap();
    assert_eq!((report.verified.volumes, report.verified.findings.len()), (9, 0));
    let twice = backup(&room.place(), &file, &mut |_, _| ()).unwrap_err().to_string();
    assert!(twice.contains("exists already"), "{twice}");
    let live = restore(&room.place(), &file, room.clock.now(), &mut |_, _| ()).unwrap_err().to_string();
    assert!(live.contains("in use by another outguide"), "{live}");
    open.verdict("clinic", "V2").await;
    open.close();
    let report = restore(&room.place(), &file, room.clock.now(), &mut |_, _| ()).unwrap();
    assert!(report.moved_aside.unwrap().exists(), "the database in the way is kept");
    assert_eq!(room.findings(), [""; 0]);
    let open = room.open().await;
    assert_eq!((open.whereabouts("V1").await, open.whereabouts("V2").await), ("CLIN".into(), "FILE".into()));
    open.close();
}

#[tokio::test]
async fn files_that_are_not_ours_are_refused_with_the_next_step() {
    let newer = Room::new();
    newer.sql("pragma user_version = 99");
    let foreign = Room::new();
    foreign.sql("pragma application_id = 7");
    for (room, expect) in [(newer, "install the newer outguide"), (foreign, "not an Outguide database")] {
        let options = Options { place: room.place(), queue: 1, readers: 1 };
        let refused = Store::open(&options, &room.clock).err().unwrap().to_string();
        assert!(refused.contains(expect), "{refused}");
    }
}

#[tokio::test]
async fn a_question_that_panics_does_not_take_its_reader_with_it() {
    let room = Room::new();
    let open = room.open().await;
    let broken = open.store.read("answer", |_| -> rusqlite::Result<()> { panic!("a bug") }).await;
    assert!(matches!(broken, Err(StoreError::Closed)), "{broken:?}");
    assert_eq!(open.whereabouts("V1").await, "FILE");
    open.close();
}
