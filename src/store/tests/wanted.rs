//! Requests, when charts are merged, folders emptied, scans told late, and charts already where they are wanted.

use super::requests::{CLIN, counter, wish};
use super::schedule::{counts, line, rows, take};
use super::*;
use crate::tracking::grammar::Mode;
use crate::tracking::request::RequestState;
use crate::tracking::{ChartId, Command, CustodianId, RequestId};

const A: ChartId = ChartId(1);
const B: ChartId = ChartId(2);
const C: ChartId = ChartId(3);

impl Open {
    /// The volume that a request is for, and its steps.
    async fn wanted(&self, request: RequestId) -> (i64, Vec<&'static str>) {
        let (view, steps) = self.store.request(request).await.unwrap().unwrap();
        (view.volume.0, steps.iter().map(|step| step.step.as_str()).collect())
    }

    async fn tell_at(&self, station: &str, key: &str) {
        let scan = Scan { scanned_at: self.clock.now() - Duration::from_secs(60), ..self.scan(station, key) };
        let told = Told { scans: vec![scan], mode: Mode::CheckIn };
        self.store.record_told(Arc::new(told)).await.unwrap();
    }

    /// The volumes that a request of this kind is for.
    async fn asked(&self, volumes: Volumes, to: CustodianId) -> Vec<i64> {
        let taken = self.store.ask(NewRequest { volumes, ..wish(self, 1, to, 90) }).await.unwrap();
        let mut found = Vec::new();
        for request in taken.requests {
            found.push(self.wanted(request).await.0);
        }
        found
    }

    async fn lacks(&self) -> Vec<(String, String)> {
        let lacking = self.store.appointments_lacking().await.unwrap();
        lacking.into_iter().map(|seen| (seen.mrn, seen.lacks)).collect()
    }
}

#[tokio::test]
async fn what_is_told_later_delivers_and_puts_back_as_a_scan_does() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    open.clock.advance(Duration::from_secs(600));
    let first = open.ask(1, CLIN, 120).await;
    open.clock.advance(Duration::from_secs(600));
    open.tell_at("clinic", "V1").await;
    assert_eq!(open.request_state(first).await, RequestState::Delivered);
    let second = open.ask(2, CLIN, 120).await;
    open.answered("desk", LabelKind::Request, &open.slip(second).await).await;
    open.chart("desk", "V2").await;
    assert_eq!(open.request_state(second).await, RequestState::Sent);
    open.clock.advance(Duration::from_secs(600));
    open.tell_at("desk", "V2").await;
    assert_eq!(open.request_state(second).await, RequestState::Requested);
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn what_is_wanted_of_an_emptied_folder_is_wanted_of_the_one_with_its_sheets() {
    let room = Room::new();
    let (open, eyes) = counter(&room).await;
    let first = open.ask(2, eyes, 120).await;
    let twice = (open.ask(2, CLIN, 240).await, open.ask(1, CLIN, 240).await);
    open.merge(A, "2").await.unwrap();
    open.combine(2, Some(1)).await.unwrap();
    assert_eq!(open.wanted(first).await, (1, vec!["asked", "sheets-moved"]));
    let steps = open.store.request(first).await.unwrap().unwrap().1;
    assert_eq!(steps[1].why.as_deref(), Some("its sheets are in volume 1 of 00-00-01 now"));
    assert_eq!(open.wanted(twice.0).await.1, ["asked", "cancelled"], "the same is asked for there");
    assert_eq!(open.wanted(twice.1).await, (1, vec!["asked"]));
    let (_, why) = open.chart("desk", "V1").await;
    assert!(why.starts_with("HOLD for Dr Lee"), "{why}");
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn requests_follow_merges_to_the_chart_that_survives() {
    let room = Room::new();
    let (open, eyes) = counter(&room).await;
    open.merge(A, "2").await.unwrap();
    let old = open.ask(2, CLIN, 120).await;
    for chart in [A, B] {
        let listed = open.store.requests_of_chart(chart, 10).await.unwrap();
        assert_eq!(listed.iter().map(|seen| seen.id).collect::<Vec<_>>(), [old], "{chart}");
    }
    open.merge(C, "1").await.unwrap();
    for chart in [A, B, C] {
        assert_eq!(open.asked(Volumes::Newest(chart), eyes).await, [3], "{chart}: the survivor's own");
        open.clock.advance(Duration::from_secs(25 * 3600));
    }
    assert_eq!(open.asked(Volumes::All(B), eyes).await, [3, 1, 2]);
    open.close();
    room.sql("update volume set state = 'retired' where volume_id = 3");
    let (open, eyes) = counter(&room).await;
    open.clock.advance(Duration::from_secs(25 * 3600));
    assert_eq!(open.asked(Volumes::Newest(B), eyes).await, [2], "nothing of the survivor's is in use");
    open.close();
}

#[tokio::test]
async fn an_appointment_under_a_retired_number_gets_the_survivors_chart() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    open.merge(A, "2").await.unwrap();
    open.merge(C, "1").await.unwrap();
    take(&open, vec![line(2, "2", "CLIN", "09:00")]).await;
    assert_eq!(open.lacks().await, []);
    assert_eq!(rows(&open, 1).await, [("00-00-03".to_owned(), "09:00".to_owned(), "requested")]);
    open.close();
}

#[tokio::test]
async fn a_chart_without_a_folder_in_use_is_lacking() {
    let room = Room::new();
    room.sql("update volume set state = 'retired' where volume_id = 1");
    let (open, _) = counter(&room).await;
    let report = take(&open, vec![line(2, "1", "CLIN", "09:00")]).await;
    assert_eq!(report.without_chart, 1);
    assert_eq!(open.lacks().await, [("1".to_owned(), "folder".to_owned())]);
    open.close();
}

#[tokio::test]
async fn the_chart_that_a_merge_made_is_out_of_use_when_it_is_undone() {
    let room = Room::new();
    let mut importer = Importer::open(&room.place(), room.clock.now(), false).unwrap();
    let line = ChartLine { record_type: "dental".into(), ..chart("2", "V22") };
    importer.chart(&line).unwrap().unwrap();
    importer.finish("dental").unwrap();
    let open = room.open().await;
    open.merge(A, "2").await.unwrap();
    open.undo(1).await.unwrap();
    assert_eq!(open.state(ChartId(11)).await, "retired");
    open.merge(A, "2").await.unwrap();
    open.combine(10, None).await.unwrap();
    assert_eq!(open.state(ChartId(11)).await, "active", "merged again it has a folder");
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn clinics_with_letters_beyond_ascii_get_their_cancellations() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    take(&open, vec![line(2, "1", "Öffentliche Ä", "09:00"), line(3, "2", "Öffentliche Ä", "10:00")]).await;
    let second = take(&open, vec![line(2, "1", "Öffentliche Ä", "09:00")]).await;
    assert_eq!(counts(&second), [0, 0, 1, 1, 0]);
    open.close();
}

#[tokio::test]
async fn a_line_that_cannot_be_read_cancels_nothing() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    let first = vec![line(2, "1", "CLIN", "09:00"), line(3, "2", "CLIN", "10:00")];
    take(&open, first.clone()).await;
    let unread = vec![Unread { line: 3, why: "no time".to_owned(), of: None }];
    let report = open.store.take_schedule(first[..1].to_vec(), unread, "page", None).await.unwrap();
    assert_eq!(counts(&report), [0, 0, 0, 1, 1]);
    assert_eq!(report.kept, 1);
    assert_eq!(rows(&open, 1).await.len(), 2);
    // Read whole, the schedule cancels again.
    assert_eq!(counts(&take(&open, first[..1].to_vec()).await), [0, 0, 1, 1, 0]);
    open.close();
}

#[tokio::test]
async fn what_is_there_already_is_delivered_and_stays_so() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    open.chart("clinic", "V1").await;
    take(&open, vec![line(2, "1", "CLIN", "09:00")]).await;
    let is = |time: &str, state| vec![("00-00-01".to_owned(), time.to_owned(), state)];
    assert_eq!(rows(&open, 1).await, is("09:00", "delivered"));
    assert_eq!(counts(&take(&open, vec![line(2, "1", "CLIN", "10:00")]).await), [0, 1, 0, 0, 0]);
    assert_eq!(rows(&open, 1).await, is("09:00", "delivered"), "no second request");
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn what_was_there_too_early_is_delivered_when_its_time_comes() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    let week = 7 * 24 * 60;
    let (seen, unseen) = (open.ask(1, CLIN, week).await, open.ask(2, CLIN, week).await);
    for key in ["V1", "V2"] {
        open.chart("clinic", key).await;
    }
    assert_eq!(open.store.expire_requests().await.unwrap(), 0);
    assert_eq!(open.request_state(seen).await, RequestState::Requested);
    open.clock.advance(Duration::from_secs(6 * 24 * 3600));
    assert_eq!(open.chart("clinic", "V1").await.0, Verdict::AlreadyHere);
    assert_eq!(open.request_state(seen).await, RequestState::Delivered);
    assert_eq!(open.request_state(unseen).await, RequestState::Requested);
    assert_eq!(open.store.expire_requests().await.unwrap(), 1);
    assert_eq!(open.request_state(unseen).await, RequestState::Delivered);
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn a_sending_is_taken_back_though_the_time_was_changed_since() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    let with_id = |line: AppointmentLine| AppointmentLine { id: Some("A7".into()), ..line };
    take(&open, vec![with_id(line(2, "1", "CLIN", "09:00"))]).await;
    open.desk_command(Command::ChargeOut).await;
    open.answered("desk", LabelKind::Request, &open.list_label(1).await).await;
    open.chart("desk", "V1").await;
    assert_eq!(rows(&open, 1).await[0].2, "sent");
    let changed = with_id(line(2, "1", "CLIN", "10:00"));
    open.store.take_schedule(vec![changed], Vec::new(), "page", None).await.unwrap();
    assert_eq!(open.desk_command(Command::Undo).await, Verdict::Undone);
    assert_eq!(rows(&open, 1).await[0].2, "requested");
    open.close();
}

#[tokio::test]
async fn an_emptied_folder_that_is_scanned_for_a_list_goes_where_its_sheets_are_wanted() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    open.merge(A, "2").await.unwrap();
    open.combine(2, Some(1)).await.unwrap();
    take(&open, vec![line(2, "1", "CLIN", "09:00")]).await;
    open.desk_command(Command::ChargeOut).await;
    open.answered("desk", LabelKind::Request, &open.list_label(1).await).await;
    let (verdict, why) = open.chart("desk", "V2").await;
    assert_eq!(verdict, Verdict::Moved, "{why}");
    assert_eq!(rows(&open, 1).await[0].2, "sent");
    open.close();
}

#[tokio::test]
async fn a_second_try_says_in_the_audit_log_what_it_did() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    take(&open, vec![line(2, "1", "Nowhere", "09:00")]).await;
    assert_eq!(open.store.retry_schedule(Some("ANN".into())).await.unwrap(), 1);
    let rows = open.store.audit_log(AuditFilter::default(), 1).await.unwrap().rows;
    assert_eq!(rows[0].actor.as_deref(), Some("ANN"));
    assert_eq!(rows[0].detail.as_deref(), Some("schedule tried again: 1 looked at, 1 still lack something"));
    open.close();
}

#[tokio::test]
async fn an_appointment_whose_doctor_is_left_empty_is_asked_for_by_its_clinic() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    let nobody = AppointmentLine { provider: Some(String::new()), ..line(2, "1", "CLIN", "09:00") };
    assert_eq!(counts(&take(&open, vec![nobody]).await), [1, 0, 0, 0, 0]);
    let asked = open.store.requests(RequestsOf::Everybody, 300).await.unwrap();
    assert_eq!(asked[0].requester, "CLIN");
    open.close();
}
