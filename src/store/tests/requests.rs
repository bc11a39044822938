//! Requests, from the question to the chart in somebody's hand.

use super::*;
use crate::tracking::grammar::StationKind;
use crate::tracking::request::{Channel, Priority, RequestState, RequestStep};
use crate::tracking::{ChartId, Command, CustodianId, PullListId, RequestId};
use std::collections::BTreeSet;

pub(super) const FILE: CustodianId = CustodianId(1);
pub(super) const CLIN: CustodianId = CustodianId(2);

/// The room with a desk at FILE, a door at CLIN, and a third place, EYES, where nobody scans; its clocks are of Zurich.
pub(super) async fn counter(room: &Room) -> (Open, CustodianId) {
    let mut importer = Importer::open(&room.place(), room.clock.now(), false).unwrap();
    importer
        .custodian(&CustodianLine { kind: Some("clinic".into()), ..CustodianLine::new("EYES", "Eye clinic") })
        .unwrap()
        .unwrap();
    let file = CustodianLine { kind: Some("file-area".into()), ..CustodianLine::new("FILE", "FILE") };
    importer.custodian(&file).unwrap().unwrap();
    importer.finish("a clinic").unwrap();
    let mut open = room.open().await;
    let station = |name: &str, custodian: &str, kind| Station {
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
    let stations =
        vec![station("desk", "FILE", StationKind::Desk), station("clinic", "CLIN", StationKind::Checkpoint)];
    open.numbered = open.store.set_stations(stations).await.unwrap();
    let zone = jiff::tz::TimeZone::get("Europe/Zurich").unwrap();
    let (opens, closes) = (jiff::civil::time(7, 0, 0, 0), jiff::civil::time(18, 0, 0, 0));
    let calendar = Calendar::new(zone, [true; 7], opens, closes, BTreeSet::new());
    open.store.set_due_back(calendar.unwrap(), DueRule::Never).unwrap();
    (open, CustodianId(3))
}

impl Open {
    /// Scans a label of any kind; the word and what the clerk is told.
    pub(super) async fn answered(&self, station: &str, kind: LabelKind, key: &str) -> (Verdict, String) {
        self.clock.advance(Duration::from_secs(3));
        let scan = Scan { sighting: Sighting::Label { kind, key: key.into() }, ..self.scan(station, key) };
        let recorded = self.store.record(scan).await.unwrap();
        (recorded.verdict, recorded.why.unwrap_or_default())
    }

    pub(super) async fn chart(&self, station: &str, key: &str) -> (Verdict, String) {
        self.answered(station, LabelKind::Volume, key).await
    }

    pub(super) async fn desk_command(&self, command: Command) -> Verdict {
        self.answered("desk", LabelKind::Command, &command.key()).await.0
    }

    pub(super) async fn request_state(&self, request: RequestId) -> RequestState {
        self.store.request(request).await.unwrap().unwrap().0.state
    }

    pub(super) async fn list_label(&self, list: i64) -> String {
        self.store.pull_list(PullListId(list)).await.unwrap().unwrap().view.label
    }

    pub(super) async fn slip(&self, request: RequestId) -> String {
        self.store.request(request).await.unwrap().unwrap().0.label
    }

    pub(super) async fn ask(&self, volume: i64, to: CustodianId, minutes: u64) -> RequestId {
        self.store.ask(wish(self, volume, to, minutes)).await.unwrap().requests[0]
    }
}

pub(super) fn wish(open: &Open, volume: i64, to: CustodianId, minutes: u64) -> NewRequest {
    NewRequest {
        volumes: Volumes::One(VolumeId(volume)),
        to,
        needed_at: open.clock.now() + Duration::from_secs(minutes * 60),
        channel: Channel::Phone,
        requester: "Dr Lee".into(),
        requester_id: None,
        purpose: "visit".into(),
        comment: String::new(),
        priority: Priority::Routine,
        form: None,
        actor: None,
    }
}

#[tokio::test]
async fn a_request_goes_from_the_shelf_to_who_asked() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    let request = open.ask(1, CLIN, 120).await;
    let (verdict, why) = open.answered("desk", LabelKind::Request, &open.list_label(1).await).await;
    assert_eq!(verdict, Verdict::Ready);
    assert!(why.ends_with("0 of 1, next: shelf FILE"), "{why}");
    let (verdict, why) = open.chart("desk", "V2").await;
    assert_eq!(verdict, Verdict::Refused, "{why}");
    assert_eq!(open.chart("desk", "V1").await, (Verdict::Sighted, "1 of 1: done".into()));
    assert_eq!(open.request_state(request).await, RequestState::Pulled);
    open.desk_command(Command::ChargeOut).await;
    open.answered("desk", LabelKind::Request, &open.list_label(1).await).await;
    assert_eq!(open.chart("desk", "V1").await, (Verdict::Moved, "to CLIN: 1 of 1: done".into()));
    assert_eq!(open.request_state(request).await, RequestState::Sent);
    assert_eq!(open.chart("clinic", "V1").await.0, Verdict::Moved);
    assert_eq!(open.request_state(request).await, RequestState::Delivered);
    let steps = open.store.request(request).await.unwrap().unwrap().1;
    let words: Vec<_> = steps.iter().map(|step| (step.step.as_str(), step.station.as_deref())).collect();
    let expect =
        [("asked", None), ("pulled", Some("desk")), ("sent", Some("desk")), ("delivered", Some("clinic"))];
    assert_eq!(words, expect);
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn undo_takes_back_what_a_scan_did_for_a_request() {
    let room = Room::new();
    let (open, eyes) = counter(&room).await;
    let request = open.ask(1, eyes, 120).await;
    open.answered("desk", LabelKind::Request, &open.slip(request).await).await;
    assert_eq!(open.chart("desk", "V1").await.0, Verdict::Moved);
    assert_eq!(open.request_state(request).await, RequestState::Delivered, "nobody scans at the eye clinic");
    assert_eq!(open.desk_command(Command::Undo).await, Verdict::Undone);
    assert_eq!(open.request_state(request).await, RequestState::Requested);
    assert_eq!(open.whereabouts("V1").await, "FILE");
    open.answered("desk", LabelKind::Request, &open.slip(request).await).await;
    assert_eq!(open.chart("desk", "V1").await.0, Verdict::Moved);
    let over = open.answered("desk", LabelKind::Request, &open.slip(request).await).await;
    assert_eq!(over.0, Verdict::Refused, "{}", over.1);
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn one_chart_wanted_twice_goes_straight_from_the_first_to_the_second() {
    let room = Room::new();
    let (open, eyes) = counter(&room).await;
    let (first, second) = (open.ask(1, CLIN, 60).await, open.ask(1, eyes, 240).await);
    let found = open
        .store
        .conflicts(room.clock.now(), Timestamp::MAX, jiff::tz::TimeZone::get("Europe/Zurich").unwrap())
        .await
        .unwrap();
    let chain: Vec<_> = found[0].chain.iter().map(|want| want.id).collect();
    assert_eq!((chain, found[0].is_tight), (vec![first, second], false));
    open.answered("desk", LabelKind::Request, &open.slip(second).await).await;
    let (verdict, why) = open.chart("desk", "V1").await;
    assert_eq!(verdict, Verdict::Attention);
    assert!(why.starts_with("HOLD for Dr Lee, Wed 15 Nov 00:13, CLIN"), "{why}");
    open.desk_command(Command::Undo).await;
    open.answered("desk", LabelKind::Request, &open.slip(first).await).await;
    let (_, why) = open.chart("desk", "V1").await;
    assert!(
        why.starts_with("from here it goes straight on: for Dr Lee, Wed 15 Nov 03:13, Eye clinic"),
        "{why}"
    );
    let (verdict, why) = open.chart("clinic", "V1").await;
    assert_eq!(
        (open.request_state(first).await, open.request_state(second).await),
        (RequestState::Delivered, RequestState::Requested)
    );
    assert_eq!(verdict, Verdict::Attention);
    assert!(why.starts_with("from here it goes straight on"), "{why}");
    open.answered("clinic", LabelKind::Request, &open.slip(second).await).await;
    assert_eq!(open.chart("clinic", "V1").await.0, Verdict::Moved);
    assert_eq!(open.request_state(second).await, RequestState::Delivered);
    let history = open.store.history(VolumeId(1), None).await.unwrap().unwrap();
    assert_eq!(history.movements[0].from, "CLIN", "it never went back to the shelf");
    open.close();
}

#[tokio::test]
async fn what_is_looked_for_in_vain_is_on_record_with_its_reason() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    let request = open.ask(1, CLIN, 60).await;
    let step = |why: Option<&str>| PageStep {
        request,
        step: RequestStep::NotFound,
        why: why.map(str::to_owned),
        seen_steps: None,
        actor: None,
        whose: Whose::Anybodys,
    };
    let refused = open.store.step_request(step(None)).await.unwrap_err();
    assert_eq!(refused, Unchanged::Refused(NotStepped::NoReason));
    open.store.step_request(step(Some("outguide without a name"))).await.unwrap();
    assert_eq!(open.request_state(request).await, RequestState::NotFound);
    let (_, why) = open.chart("desk", "V1").await;
    assert!(why.starts_with("HOLD for Dr Lee"), "found by chance: {why}");
    open.close();
}

#[tokio::test]
async fn a_second_submit_a_duplicate_and_what_is_there_already() {
    let room = Room::new();
    let (open, eyes) = counter(&room).await;
    let form = NewRequest { form: Some("f1".into()), ..wish(&open, 1, CLIN, 60) };
    let first = open.store.ask(form.clone()).await.unwrap();
    let second = open.store.ask(form).await.unwrap();
    assert_eq!((second.requests, second.is_repeated), (first.requests, true));
    let told = async |wish| open.store.ask(wish).await.unwrap_err().to_string();
    assert!(told(wish(&open, 1, CLIN, 61)).await.starts_with("this is request 1 again"));
    assert!(told(wish(&open, 1, FILE, 60)).await.starts_with("you have it already"));
    assert!(
        told(NewRequest { needed_at: Timestamp::UNIX_EPOCH, ..wish(&open, 2, CLIN, 0) })
            .await
            .contains("has passed")
    );
    assert!(told(wish(&open, 1, CustodianId(99), 60)).await.starts_with("this place is not on file"));
    let chart = NewRequest { volumes: Volumes::All(ChartId(99)), ..wish(&open, 1, CLIN, 60) };
    assert!(told(chart).await.starts_with("nothing of this chart is in use"));
    let hurry = open.store.ask(wish(&open, 1, eyes, 10)).await.unwrap();
    assert!(hurry.warnings[0].starts_with("too soon to count on it"), "{:?}", hurry.warnings);
    open.close();
}

#[tokio::test]
async fn of_two_who_act_on_one_request_the_second_is_told_what_the_first_did() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    let request = open.ask(1, CLIN, 60).await;
    let step = |step| PageStep {
        request,
        step,
        why: Some("clinic closed".into()),
        seen_steps: Some(1),
        actor: Some("ANN".into()),
        whose: Whose::Anybodys,
    };
    open.store.step_request(step(RequestStep::Cancelled)).await.unwrap();
    let told = open.store.step_request(step(RequestStep::NotFillable)).await.unwrap_err().to_string();
    assert!(told.contains("cancelled by ANN (clinic closed)"), "{told}");
    assert_eq!(open.request_state(request).await, RequestState::Cancelled);
    let late = PageStep { seen_steps: None, ..step(RequestStep::NotFillable) };
    let told = open.store.step_request(late).await.unwrap_err().to_string();
    assert!(told.starts_with("this request is cancelled"), "{told}");
    open.close();
}

#[tokio::test]
async fn who_has_it_is_asked_once_and_owed_a_notice() {
    let room = Room::new();
    let (open, eyes) = counter(&room).await;
    let request = open.ask(1, eyes, 60).await;
    assert_eq!(
        open.store.recall(request, None, None, Whose::Anybodys).await.unwrap_err(),
        Unchanged::Refused(NotStepped::AtHome)
    );
    open.chart("clinic", "V1").await;
    for _ in 0..2 {
        open.store.recall(request, None, None, Whose::Anybodys).await.unwrap();
    }
    let steps = open.store.request(request).await.unwrap().unwrap().1;
    assert_eq!(steps.iter().filter(|step| step.step == RequestStep::Recalled).count(), 1);
    let owed: i64 = open::scratch(&room.place().db())
        .unwrap()
        .query_row("select count(*) from recall where holder_id = 2 and noticed_at_us is null", [], |row| {
            row.get(0)
        })
        .unwrap();
    assert_eq!(owed, 1);
    open.close();
}

#[tokio::test]
async fn a_request_whose_time_has_passed_ends_by_itself_and_traps_nothing() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    let request = open.ask(1, CLIN, 60).await;
    assert_eq!(open.store.expire_requests().await.unwrap(), 0);
    open.clock.advance(Duration::from_secs(15 * 24 * 3600));
    assert_eq!(open.chart("desk", "V1").await.0, Verdict::Waiting);
    assert!(!open.chart("desk", "V1").await.1.contains("HOLD"));
    assert_eq!(open.store.expire_requests().await.unwrap(), 1);
    assert_eq!(open.request_state(request).await, RequestState::Expired);
    open.close();
}

#[tokio::test]
async fn the_steps_of_a_request_are_only_added_to() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    open.ask(1, CLIN, 60).await;
    let conn = open::scratch(&room.place().db()).unwrap();
    for sql in ["delete from request_step", "update request_step set at_us = 0"] {
        assert!(conn.execute_batch(sql).unwrap_err().to_string().contains("only added to"));
    }
    let plan: String = conn
        .query_row(
            "explain query plan select 1 from request r where r.volume_id = 1 and r.closed_at_us is null",
            [],
            |row| row.get(3),
        )
        .unwrap();
    assert!(plan.contains("request_open"), "a scan looks into the index of open requests only: {plan}");
    open.close();
}
