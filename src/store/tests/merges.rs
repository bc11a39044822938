//! Merges of numbers: what the file room sees before, after, and when they were wrong.

use super::*;
use crate::tracking::combining::Against;
use crate::tracking::{ChartId, CustodianId, MergeId, WorkItemId};

/// Charts of the tests' room: number 1 has V1, number 2 has V2, and so on.
const A: ChartId = ChartId(1);
const B: ChartId = ChartId(2);
const C: ChartId = ChartId(3);

pub(super) fn mrn(text: &str) -> Mrn {
    Mrn::parse(text).unwrap()
}

impl Open {
    pub(super) async fn located(&self, number: &str) -> Vec<(i64, u32, String)> {
        let wanted = Locate { label: None, mrn: Some(mrn(number)) };
        let hits = self.store.locate(wanted).await.unwrap();
        hits.into_iter().map(|hit| (hit.chart.0, hit.number, hit.label)).collect()
    }

    /// What a scan is told besides the word for it.
    pub(super) async fn told(&self, station: &str, key: &str) -> String {
        self.clock.advance(Duration::from_secs(60));
        self.store.record(self.scan(station, key)).await.unwrap().why.unwrap_or_default()
    }

    pub(super) async fn merge(&self, survivor: ChartId, retired: &str) -> Result<(), Against> {
        self.clock.advance(Duration::from_secs(1));
        refusal(self.store.merge_number(survivor, mrn(retired), None).await).map(drop)
    }

    pub(super) async fn undo(&self, merge: i64) -> Result<(), Against> {
        self.clock.advance(Duration::from_secs(1));
        refusal(self.store.undo_merge(MergeId(merge), None).await)
    }

    pub(super) async fn combine(&self, folder: i64, into: Option<i64>) -> Result<(), Against> {
        self.clock.advance(Duration::from_secs(1));
        let tasks = self.store.combine_tasks().await.unwrap();
        let task = tasks.iter().find(|task| task.folders.iter().any(|view| view.volume.0 == folder));
        let item = task.map_or(WorkItemId(0), |task| task.item);
        refusal(self.store.combine_folder(item, VolumeId(folder), into.map(VolumeId), None).await)
    }

    pub(super) async fn state(&self, chart: ChartId) -> String {
        self.store.chart_affairs(chart).await.unwrap().unwrap().state
    }

    pub(super) async fn steps(&self, chart: ChartId) -> Vec<&'static str> {
        let affairs = self.store.chart_affairs(chart).await.unwrap().unwrap();
        affairs.timeline.iter().map(|event| event.step.as_str()).collect()
    }
}

pub(super) fn refusal<T>(done: Result<T, Unchanged<Against>>) -> Result<T, Against> {
    done.map_err(|error| match error {
        Unchanged::Refused(why) => why,
        Unchanged::NotRecorded(why) => panic!("not recorded: {why}"),
    })
}

fn row(chart: i64, number: u32, label: &str) -> (i64, u32, String) {
    (chart, number, label.to_owned())
}

#[tokio::test]
async fn after_a_merge_both_numbers_and_both_labels_find_the_surviving_chart() {
    let room = Room::new();
    let open = room.open().await;
    open.verdict("clinic", "V2").await;
    open.merge(A, "00-00-02").await.unwrap();
    for number in ["1", "2", "00-00-02"] {
        assert_eq!(open.located(number).await, [row(1, 1, "V1"), row(1, 1, "V2")], "{number}");
    }
    assert_eq!(open.whereabouts("V2").await, "CLIN");
    let [task] = open.store.combine_tasks().await.unwrap().try_into().unwrap();
    assert_eq!((task.survivor.chart, task.retired.mrn.as_str()), (A, "00-00-02"));
    assert_eq!(task.folders.len(), 1);
    let items = open.store.work_items().await.unwrap();
    assert_eq!(
        (items[0].kind.as_str(), items[0].chart, &items[0].station),
        ("combine-folders", Some(A), &None)
    );
    for key in ["V1", "V2"] {
        let why = open.told("clinic", key).await + &open.told("desk", key).await;
        assert!(why.contains("are to be combined"), "{key}: {why}");
    }
    assert_eq!(open.steps(A).await, ["merged"]);
    assert_eq!(open.steps(B).await, ["merged"]);
    assert_eq!(
        open.store.close_work_item(items[0].id, "done".into(), None).await,
        Err(Unchanged::Refused(NotOpen)),
        "a task is done by doing it"
    );
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn combined_folders_are_volumes_of_the_survivor_and_the_alert_is_gone() {
    let room = Room::new();
    let open = room.open().await;
    open.merge(A, "2").await.unwrap();
    open.combine(2, None).await.unwrap();
    for number in ["1", "2"] {
        assert_eq!(open.located(number).await, [row(1, 1, "V1"), row(1, 2, "V2")], "{number}");
    }
    assert_eq!(open.store.combine_tasks().await.unwrap(), []);
    assert_eq!((open.state(A).await.as_str(), open.state(B).await.as_str()), ("active", "merged"));
    assert_eq!(open.told("clinic", "V1").await, "");
    assert_eq!(open.steps(A).await, ["combined", "merged"]);
    assert_eq!(open.combine(2, None).await, Err(Against::NoTask));
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn the_label_of_an_emptied_folder_means_the_one_that_has_its_sheets() {
    let room = Room::new();
    let open = room.open().await;
    open.verdict("clinic", "V2").await;
    open.merge(A, "2").await.unwrap();
    assert_eq!(open.combine(2, Some(3)).await, Err(Against::IntoElsewhere));
    open.combine(2, Some(1)).await.unwrap();
    assert_eq!(open.located("2").await, [row(1, 1, "V1")]);
    open.clock.advance(Duration::from_secs(60));
    assert_eq!(open.verdict("clinic", "V2").await, Verdict::Moved);
    assert_eq!(open.whereabouts("V1").await, "CLIN");
    let clinic = open.store.custodian(CustodianId(2), None).await.unwrap().unwrap();
    assert_eq!(clinic.volumes.iter().map(|view| view.volume.0).collect::<Vec<_>>(), [1]);
    // What was put into a folder that is emptied later follows.
    open.merge(C, "1").await.unwrap();
    open.combine(1, Some(3)).await.unwrap();
    assert_eq!(open.whereabouts("V2").await, "FILE");
    assert_eq!(open.undo(1).await, Err(Against::SheetsMoved));
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn a_wrong_merge_is_taken_back_before_and_after_folders_became_volumes() {
    for combine_first in [false, true] {
        let room = Room::new();
        room.sql(
            "update custodian set volumes_home = 8 where custodian_id = 1;
                  update custodian set volumes_home = 1 where custodian_id = 2;
                  update volume set home_id = 2, at_id = 2 where volume_id = 2",
        );
        let open = room.open().await;
        open.merge(A, "2").await.unwrap();
        if combine_first {
            open.combine(2, None).await.unwrap();
            let view = open.store.volume(VolumeId(2)).await.unwrap().unwrap();
            assert_eq!((view.home.code.as_str(), view.at.code.as_str()), ("FILE", "FILE"));
        }
        open.undo(1).await.unwrap();
        assert_eq!(open.located("1").await, [row(1, 1, "V1")]);
        assert_eq!(open.located("2").await, [row(2, 1, "V2")]);
        let view = open.store.volume(VolumeId(2)).await.unwrap().unwrap();
        assert_eq!((view.home.code.as_str(), view.at.code.as_str()), ("CLIN", "CLIN"));
        assert_eq!((open.state(A).await.as_str(), open.state(B).await.as_str()), ("active", "active"));
        assert_eq!(open.store.combine_tasks().await.unwrap(), []);
        assert_eq!(open.told("clinic", "V1").await, "");
        assert_eq!(open.undo(1).await, Err(Against::Undone));
        assert!(open.steps(B).await.starts_with(&["merge-undone"]));
        // The right way round, afterwards.
        open.merge(B, "1").await.unwrap();
        assert_eq!(open.located("1").await, [row(2, 1, "V2"), row(2, 1, "V1")]);
        open.close();
        assert_eq!(room.findings(), [""; 0]);
    }
}

#[tokio::test]
async fn what_cannot_be_merged_is_refused_and_leaves_nothing() {
    let room = Room::new();
    let open = room.open().await;
    open.merge(A, "2").await.unwrap();
    let audits = audit_rows(&room);
    for (survivor, number, expect) in [
        (A, "1", Against::Itself),
        (A, "4711", Against::NoSuchNumber),
        (A, "2", Against::AlreadyMerged),
        (C, "2", Against::RetiredNumber),
        (B, "3", Against::RetiredChart),
        (ChartId(99), "3", Against::NoSuchChart),
    ] {
        assert_eq!(open.merge(survivor, number).await, Err(expect), "{survivor} {number}");
    }
    assert_eq!(audit_rows(&room), audits);
    open.close();
}

fn audit_rows(room: &Room) -> i64 {
    let conn = open::scratch(&room.place().db()).unwrap();
    conn.query_row("select count(*) from audit", [], |row| row.get(0)).unwrap()
}

#[tokio::test]
async fn a_merge_of_a_merge_leads_to_the_last_survivor_and_is_undone_from_the_end() {
    let room = Room::new();
    let open = room.open().await;
    open.merge(A, "2").await.unwrap();
    open.merge(C, "1").await.unwrap();
    for number in ["1", "2", "3"] {
        let expect = [row(3, 1, "V3"), row(3, 1, "V1"), row(3, 1, "V2")];
        assert_eq!(open.located(number).await, expect, "{number}");
    }
    assert_eq!(open.store.combine_tasks().await.unwrap().len(), 2);
    open.combine(2, None).await.unwrap();
    assert_eq!(open.state(C).await, "merge-due");
    assert_eq!(open.undo(2).await, Err(Against::LaterMerge));
    open.undo(1).await.unwrap();
    assert_eq!(open.located("2").await, [row(2, 1, "V2")]);
    open.combine(1, None).await.unwrap();
    assert_eq!((open.state(A).await.as_str(), open.state(C).await.as_str()), ("merged", "active"));
    open.undo(2).await.unwrap();
    assert_eq!(open.located("1").await, [row(1, 1, "V1")]);
    // One that stands on another falls without it.
    open.merge(A, "2").await.unwrap();
    open.merge(C, "1").await.unwrap();
    open.undo(4).await.unwrap();
    assert_eq!(open.located("2").await, [row(1, 1, "V1"), row(1, 1, "V2")]);
    assert_eq!((open.state(A).await.as_str(), open.state(C).await.as_str()), ("merge-due", "active"));
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn every_record_type_of_the_number_is_merged() {
    let room = Room::new();
    let mut importer = Importer::open(&room.place(), room.clock.now(), false).unwrap();
    for (number, label) in [("2", "V22"), ("4", "V44")] {
        let line = ChartLine { record_type: "dental".into(), ..chart(number, label) };
        importer.chart(&line).unwrap().unwrap();
    }
    importer.finish("dental").unwrap();
    let open = room.open().await;
    open.merge(A, "2").await.unwrap();
    let charts: Vec<_> =
        open.located("2").await.into_iter().map(|(chart, _, label)| (chart, label)).collect();
    assert_eq!(charts, [(12, "V22".into()), (1, "V1".into()), (1, "V2".into())]);
    let dental = open.store.chart(ChartId(12)).await.unwrap().unwrap();
    assert_eq!((dental.mrn.as_str(), dental.record_type.as_str()), ("00-00-01", "dental"));
    assert_eq!(open.store.combine_tasks().await.unwrap().len(), 2);
    open.combine(10, None).await.unwrap();
    assert_eq!(open.store.combine_tasks().await.unwrap().len(), 1);
    // A chart of a type that the survivor has, and one that it has not: undone together.
    open.undo(1).await.unwrap();
    let charts: Vec<_> = open.located("2").await.into_iter().map(|(chart, ..)| chart).collect();
    assert_eq!(charts, [10, 2]);
    assert_eq!(open.located("1").await, [row(1, 1, "V1")]);
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn a_missing_folder_gets_its_number_but_nobody_has_its_sheets() {
    let room = Room::new();
    room.sql("update volume set missing_since_us = 1 where volume_id = 2");
    let open = room.open().await;
    open.merge(A, "2").await.unwrap();
    assert_eq!(open.combine(2, Some(1)).await, Err(Against::FolderMissing));
    open.combine(2, None).await.unwrap();
    let view = open.store.volume(VolumeId(2)).await.unwrap().unwrap();
    assert!(view.missing_since.is_some());
    assert_eq!(view.number, 2);
    open.close();
}

#[tokio::test]
async fn folders_out_of_use_follow_by_themselves() {
    let room = Room::new();
    room.sql(
        "update volume set state = 'retired' where volume_id = 2;
              update chart set state = 'retired' where chart_id = 2",
    );
    let open = room.open().await;
    open.merge(A, "2").await.unwrap();
    assert_eq!(open.store.combine_tasks().await.unwrap(), []);
    assert_eq!(open.located("2").await, [row(1, 1, "V1"), row(1, 2, "V2")]);
    assert_eq!(open.state(A).await, "active");
    open.undo(1).await.unwrap();
    assert_eq!((open.located("2").await, open.state(B).await.as_str()), (vec![row(2, 1, "V2")], "retired"));
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn a_retired_number_is_in_the_list_of_numbers_until_when() {
    let room = Room::new();
    room.sql(
        "insert into patient (patient_id, name, born, created_at_us) values (1, 'Doe, Jo', null, 0), (2, 'Roe, Jo', null, 0);
              insert into mrn values ('', '1', '1', 1, 0, null), ('', '2', '2', 2, 0, null);
              update chart set patient_id = chart_id where chart_id <= 2",
    );
    let open = room.open().await;
    let numbers = || {
        let conn = open::scratch(&room.place().db()).unwrap();
        let sql =
            "select group_concat(mrn_key || ':' || patient_id || ':' || (until_us is null), ' ') from mrn";
        conn.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap()
    };
    open.merge(A, "2").await.unwrap();
    assert_eq!(numbers(), "1:1:1 2:1:0");
    open.merge(A, "3").await.unwrap();
    assert_eq!(numbers(), "1:1:1 2:1:0 3:1:0");
    open.undo(1).await.unwrap();
    open.undo(2).await.unwrap();
    assert_eq!(numbers(), "1:1:1 2:2:1");
    open.close();
}

#[tokio::test]
async fn a_later_import_of_the_retired_number_makes_no_second_chart() {
    for combine_first in [None, Some(None), Some(Some(1))] {
        let room = Room::new();
        let open = room.open().await;
        open.merge(A, "2").await.unwrap();
        if let Some(into) = combine_first {
            open.combine(2, into).await.unwrap();
        }
        open.close();
        let mut importer = Importer::open(&room.place(), room.clock.now(), false).unwrap();
        let merged = ChartLine { state: Some(ChartState::Merged), ..chart("2", "V2") };
        for line in [chart("2", "V2"), chart("1", "V1"), merged] {
            assert_eq!(importer.chart(&line).unwrap(), Ok(Effect::Unchanged), "{combine_first:?}");
        }
        let second = ChartLine { volume: 2, ..chart("2", "V20") };
        let dental = ChartLine { record_type: "dental".into(), ..chart("2", "V21") };
        for line in [second, dental] {
            let why = importer.chart(&line).unwrap().unwrap_err();
            assert!(why.contains("retired by a merge"), "{why}");
        }
        let patient = PatientLine {
            mrn: mrn("2"),
            assigner: String::new(),
            others: Vec::new(),
            inpatient: None,
            name: Some("Old Name".into()),
            born: None,
        };
        assert_eq!(importer.patient(&patient).unwrap(), Ok(Effect::Unchanged));
        importer.finish("again").unwrap();
        let open = room.open().await;
        assert!(open.located("2").await.iter().all(|(chart, ..)| *chart == 1), "{combine_first:?}");
        open.close();
        assert_eq!(room.findings(), [""; 0]);
    }
}
