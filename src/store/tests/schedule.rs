//! Schedules: only what is new, moved or cancelled does anything.

use super::requests::{CLIN, counter};
use super::*;
use crate::tracking::PullListId;

pub(super) fn line(line: u64, mrn: &str, clinic: &str, start: &str) -> AppointmentLine {
    AppointmentLine {
        line,
        id: None,
        mrn: Mrn::parse(mrn).unwrap(),
        clinic: clinic.into(),
        start: format!("2023-11-15T{start}:00+01:00").parse().unwrap(),
        provider: Some("Dr Lee".into()),
        is_cancelled: false,
    }
}

pub(super) async fn take(open: &Open, lines: Vec<AppointmentLine>) -> ScheduleReport {
    open.clock.advance(Duration::from_secs(60));
    open.store.take_schedule(lines, Vec::new(), "page", None).await.unwrap()
}

pub(super) fn counts(report: &ScheduleReport) -> [u64; 5] {
    [report.added, report.moved, report.cancelled, report.unchanged, report.refused.len() as u64]
}

pub(super) async fn rows(open: &Open, list: i64) -> Vec<(String, String, &'static str)> {
    let page = open.store.pull_list(PullListId(list)).await.unwrap().unwrap();
    let local = |at: Timestamp| at.to_zoned(jiff::tz::TimeZone::get("Europe/Zurich").unwrap());
    let row = |row: &PullRow| {
        let request = &row.request;
        (request.mrn.clone(), local(request.needed_at).strftime("%H:%M").to_string(), request.state.as_str())
    };
    page.rows.iter().map(row).collect()
}

#[tokio::test]
async fn the_same_schedule_again_changes_nothing_and_another_only_what_differs() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    let first = vec![
        line(2, "1", "CLIN", "09:00"),
        line(3, "2", "clin", "10:00"),
        line(4, "3", "Eye clinic", "11:00"),
    ];
    assert_eq!(counts(&take(&open, first.clone()).await), [3, 0, 0, 0, 0]);
    assert_eq!(counts(&take(&open, first.clone()).await), [0, 0, 0, 3, 0]);
    let row = |mrn: &str, time: &str, state| (mrn.to_owned(), time.to_owned(), state);
    assert_eq!(
        rows(&open, 1).await,
        [row("00-00-01", "09:00", "requested"), row("00-00-02", "10:00", "requested")]
    );
    // One moved, one new, one gone; the other clinic is not in this file, and so is left alone.
    let second = vec![line(2, "1", "CLIN", "09:30"), line(3, "4", "CLIN", "08:00")];
    assert_eq!(counts(&take(&open, second).await), [1, 1, 1, 0, 0]);
    let expect = [
        row("00-00-01", "09:30", "requested"),
        row("00-00-02", "10:00", "cancelled"),
        row("00-00-04", "08:00", "requested"),
    ];
    assert_eq!(rows(&open, 1).await, expect);
    assert_eq!(rows(&open, 2).await, [row("00-00-03", "11:00", "requested")]);
    // It takes place after all.
    assert_eq!(counts(&take(&open, first).await), [1, 1, 1, 1, 0]);
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn an_appointment_with_an_id_moves_from_clinic_to_clinic_and_day_to_day() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    let with_id = |line: AppointmentLine| AppointmentLine { id: Some("A7".into()), ..line };
    take(&open, vec![with_id(line(2, "1", "CLIN", "09:00"))]).await;
    assert_eq!(counts(&take(&open, vec![with_id(line(2, "1", "EYES", "10:00"))]).await), [0, 1, 0, 0, 0]);
    assert_eq!(rows(&open, 1).await, []);
    assert_eq!(rows(&open, 2).await, [("00-00-01".to_owned(), "10:00".to_owned(), "requested")]);
    let gone = AppointmentLine { is_cancelled: true, ..with_id(line(2, "1", "EYES", "10:00")) };
    assert_eq!(counts(&take(&open, vec![gone]).await), [0, 0, 1, 0, 0]);
    assert_eq!(rows(&open, 2).await[0].2, "cancelled");
    open.close();
}

#[tokio::test]
async fn yesterday_unknown_clinics_and_charts_are_a_work_list_and_no_crash() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    let yesterday = AppointmentLine {
        start: "2023-11-13T09:00:00+01:00".parse().unwrap(),
        ..line(2, "1", "CLIN", "09:00")
    };
    let lines = vec![
        yesterday,
        line(3, "777", "CLIN", "09:00"),
        line(4, "1", "Nowhere", "09:00"),
        line(5, "1", "CLIN", "09:00"),
        line(6, "1", "CLIN", "09:00"),
    ];
    let report = take(&open, lines).await;
    assert_eq!(counts(&report), [3, 0, 0, 0, 2]);
    assert!(report.refused[0].1.contains("2023-11-13 is over"), "{:?}", report.refused);
    assert!(report.refused[1].1.contains("twice"), "{:?}", report.refused);
    assert_eq!((report.without_chart, report.unknown_clinics.len()), (1, 1));
    let lacking = open.store.appointments_lacking().await.unwrap();
    let mut lacks: Vec<_> = lacking.iter().map(|seen| (seen.mrn.as_str(), seen.lacks.as_str())).collect();
    lacks.sort_unstable();
    assert_eq!(lacks, [("1", "clinic"), ("777", "chart")]);
    assert_eq!(rows(&open, 1).await.len(), 1);
    assert_eq!(open.store.retry_schedule(None).await.unwrap(), 2);
    open.close();
    // What was missing comes with a list, and is requested when it is tried again.
    let mut importer = Importer::open(&room.place(), room.clock.now(), false).unwrap();
    importer.chart(&chart("777", "V777")).unwrap().unwrap();
    importer.custodian(&custodian("Nowhere")).unwrap().unwrap();
    importer.finish("a chart").unwrap();
    let open = room.open().await;
    assert_eq!(open.store.retry_schedule(None).await.unwrap(), 0);
    assert!(open.store.appointments_lacking().await.unwrap().is_empty());
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn a_clinic_gets_the_volumes_that_it_wants() {
    let room = Room::new();
    let mut importer = Importer::open(&room.place(), room.clock.now(), false).unwrap();
    let of = |label: &str, volume, record_type: &str| ChartLine {
        volume,
        record_type: record_type.into(),
        ..chart("1", label)
    };
    for line in [of("V11", 2, "medical"), of("V12", 1, "dental")] {
        importer.chart(&line).unwrap().unwrap();
    }
    importer.finish("more").unwrap();
    let (open, eyes) = counter(&room).await;
    let wants = vec![("medical".to_owned(), true), ("dental".to_owned(), false)];
    open.store.set_clinic_wants(eyes, wants, None).await.unwrap();
    take(
        &open,
        vec![line(2, "1", "CLIN", "09:00"), line(3, "1", "EYES", "10:00"), line(4, "2", "EYES", "11:00")],
    )
    .await;
    assert_eq!(
        rows(&open, 1).await.len(),
        1,
        "the newest volume of the medical record, if nobody said anything"
    );
    assert_eq!(rows(&open, 2).await.len(), 4);
    let lacking = open.store.appointments_lacking().await.unwrap();
    assert_eq!(lacking.iter().map(|seen| seen.lacks.as_str()).collect::<Vec<_>>(), ["record-type"]);
    assert_eq!(open.store.clinic_wants().await.unwrap()[0].wants.len(), 2);
    open.close();
}

#[tokio::test]
async fn a_list_that_was_printed_tells_what_is_new_since() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    take(&open, vec![line(2, "1", "CLIN", "09:00"), line(3, "2", "CLIN", "10:00")]).await;
    assert_eq!(open.store.print_pull_list(PullListId(1), None).await.unwrap(), None);
    take(&open, vec![line(2, "1", "CLIN", "09:00"), line(3, "3", "CLIN", "10:00")]).await;
    let page = open.store.pull_list(PullListId(1)).await.unwrap().unwrap();
    let printed = page.view.printed_at.unwrap();
    let new: Vec<_> =
        page.rows.iter().filter(|row| row.changed_at > printed).map(|row| row.request.mrn.as_str()).collect();
    assert_eq!(new, ["00-00-02", "00-00-03"], "one cancelled, one new");
    assert_eq!(page.view.updates, 2);
    assert_eq!(page.view.to.id, CLIN);
    open.close();
}

/// Six thousand numbers that nobody knows, in one schedule: a scan waits for some lines of it, not for all.
#[tokio::test]
async fn scans_are_recorded_between_the_parts_of_a_schedule() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    let lines: Vec<_> = (2..1002).map(|no| line(no, &format!("9{no:05}"), "CLIN", "09:00")).collect();
    let commits = open.store.health().commits;
    let store = open.store.clone();
    let taking = tokio::spawn(async move { store.take_schedule(lines, Vec::new(), "page", None).await });
    let mut scans = 0_u32;
    while !taking.is_finished() {
        open.store.record(open.scan("desk", "V1")).await.unwrap();
        open.clock.advance(Duration::from_secs(5));
        scans += 1;
    }
    assert_eq!(counts(&taking.await.unwrap().unwrap()), [1000, 0, 0, 0, 0]);
    assert!(open.store.health().commits - commits >= 50, "it was taken in too few parts");
    assert!(scans > 5, "scans waited for it: {scans}");
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}
