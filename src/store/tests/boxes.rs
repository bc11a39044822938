//! A tote on its way, and what is in it.

use super::requests::{CLIN, counter};
use super::*;
use crate::tracking::grammar::MovementKind;
use crate::tracking::request::RequestState;
use crate::tracking::{Command, CustodianId};
use jiff::SignedDuration;

const TOTE: i64 = 30;

async fn room_with_tote(room: &Room) -> Open {
    let (open, _) = counter(room).await;
    let key = LabelKind::Custodian.own_key(30);
    room.sql(&format!(
        "insert into custodian (custodian_id, code, name, kind, parent_id, created_at_us) values ({TOTE}, 'T1', 'Tote 1', 'box', 1, 0);
         insert into label (kind, key, target_id, created_at_us) values ('custodian', '{key}', {TOTE}, 0)"
    ));
    open
}

impl Open {
    async fn place(&self, station: &str, id: u64) -> (Verdict, String) {
        self.answered(station, LabelKind::Custodian, &LabelKind::Custodian.own_key(id)).await
    }

    async fn said(&self, station: &str, command: Command) -> Verdict {
        self.answered(station, LabelKind::Command, &command.key()).await.0
    }

    async fn view(&self, key: &str) -> VolumeView {
        self.store.locate(Locate { label: Some(key.into()), mrn: None }).await.unwrap().remove(0)
    }

    async fn door(&self) -> (u64, u64) {
        let since = self.clock.now() - SignedDuration::from_hours(8);
        let board = self.store.board(self.numbered.stations["clinic"], "CLIN".into(), since, 1);
        let arrivals = board.await.unwrap().unwrap().arrivals;
        (arrivals.arrived, arrivals.expected)
    }
}

#[tokio::test]
async fn a_tote_goes_to_a_clinic_with_three_charts_and_comes_back_empty() {
    let room = Room::new();
    let open = room_with_tote(&room).await;
    let request = open.ask(1, CLIN, 120).await;
    open.place("desk", 30).await;
    for chart in ["V1", "V2", "V3"] {
        assert_eq!(open.chart("desk", chart).await.0, Verdict::Moved, "wanted or not: it is being packed");
    }
    assert_eq!(open.whereabouts("V1").await, "T1");
    open.place("desk", 2).await;
    let sent = open.place("desk", 30).await;
    assert_eq!(sent, (Verdict::Moved, "Tote 1 with 3 charts is on its way to CLIN".to_owned()));
    assert_eq!(open.request_state(request).await, RequestState::Sent);
    assert_eq!(open.view("V1").await.within.as_deref(), Some("CLIN, on its way there"));
    assert_eq!(open.door().await, (0, 3));
    open.clock.advance(Duration::from_secs(30 * 3600));
    let lost = open.store.never_arrived(open.clock.now() - SignedDuration::from_hours(24)).await.unwrap();
    let lost: Vec<_> = lost
        .rows
        .iter()
        .map(|row| (row.label.as_str(), row.to.code.as_str(), row.within.as_deref()))
        .collect();
    assert_eq!(
        lost,
        [("V1", "CLIN", Some("Tote 1")), ("V2", "CLIN", Some("Tote 1")), ("V3", "CLIN", Some("Tote 1"))]
    );
    assert_eq!(open.place("clinic", 30).await.0, Verdict::Moved);
    assert_eq!(open.view("V1").await.within.as_deref(), Some("CLIN"));
    assert_eq!(open.request_state(request).await, RequestState::Delivered);
    assert_eq!(open.door().await, (3, 3));
    // One is taken out and scanned, then all the rest at once.
    assert_eq!(open.chart("clinic", "V2").await.0, Verdict::Moved);
    open.said("clinic", Command::OpenBox).await;
    let opened = open.place("clinic", 30).await;
    assert!(opened.1.starts_with("2 charts are out of Tote 1 and here"), "{}", opened.1);
    for chart in ["V1", "V2", "V3"] {
        assert_eq!(open.whereabouts(chart).await, "CLIN");
    }
    assert_eq!(open.view("V3").await.last, Some(MovementKind::Unpacked));
    assert_eq!(open.door().await, (3, 3));
    assert_eq!(open.said("clinic", Command::Undo).await, Verdict::Refused);
    open.desk_command(Command::CheckIn).await;
    assert_eq!(
        open.place("desk", 30).await.1,
        "Tote 1 with no charts is here; scan OPEN BOX and Tote 1 when they are taken out"
    );
    let steps = open.store.box_steps(CustodianId(TOTE)).await.unwrap();
    let steps: Vec<_> =
        steps.iter().map(|step| (step.to.as_str(), step.charts, step.in_transit, step.opened)).collect();
    assert_eq!(
        steps,
        [
            ("FILE", 0, false, false),
            ("CLIN", 2, false, true),
            ("CLIN", 3, false, false),
            ("CLIN", 3, true, false)
        ]
    );
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn a_tote_that_goes_elsewhere_than_a_chart_in_it_is_wanted_says_so() {
    let room = Room::new();
    let open = room_with_tote(&room).await;
    open.ask(1, CLIN, 120).await;
    open.place("desk", 30).await;
    open.chart("desk", "V1").await;
    open.place("desk", 3).await;
    let (verdict, why) = open.place("desk", 30).await;
    assert_eq!(verdict, Verdict::Attention);
    assert!(
        why.starts_with("in it: HOLD for Dr Lee") && why.ends_with("Tote 1 with 1 chart goes to Eye clinic"),
        "{why}"
    );
    // A scan of the box that comes in late does not carry it back.
    let early = open.clock.now() - SignedDuration::from_hours(1);
    let key = LabelKind::Custodian.own_key(30);
    let sighting = Sighting::Label { kind: LabelKind::Custodian, key: key.clone() };
    let late = Scan { sighting, scanned_at: early, ..open.scan("clinic", &key) };
    assert_eq!(open.store.record(late).await.unwrap().verdict, Verdict::Refused);
    assert_eq!(open.view("V1").await.within.as_deref(), Some("Eye clinic"));
    open.close();
    let open = Open { count: 90.into(), ..room.open().await };
    assert_eq!(open.view("V1").await.within.as_deref(), Some("Eye clinic"));
    open.close();
}
