//! What was sent, what arrived, and what did not.

use super::requests::counter;
use super::*;
use crate::tracking::Command;
use jiff::SignedDuration;

impl Open {
    async fn send_to_clinic(&self, charts: &[&str]) {
        let clinic = LabelKind::Custodian.own_key(2);
        assert_eq!(self.answered("desk", LabelKind::Custodian, &clinic).await.0, Verdict::Ready);
        for chart in charts {
            self.chart("desk", chart).await;
        }
        self.desk_command(Command::Done).await;
    }

    /// How many arrived of how many.
    async fn arrived(&self) -> (u64, u64) {
        let (clinic, day) =
            (self.numbered.stations["clinic"], self.clock.now() - SignedDuration::from_hours(8));
        let board = self.store.board(clinic, "CLIN".into(), day, 1).await.unwrap().unwrap();
        (board.arrivals.arrived, board.arrivals.expected)
    }

    async fn lost(&self, hours: i64) -> Vec<String> {
        let before = self.clock.now() - SignedDuration::from_hours(hours);
        let list = self.store.never_arrived(before).await.unwrap();
        assert_eq!(list.of, list.rows.len() as u64);
        list.rows.into_iter().map(|row| format!("{} {}→{}", row.label, row.from.code, row.to.code)).collect()
    }
}

#[tokio::test]
async fn arrivals_are_counted_at_the_door() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    assert_eq!(open.arrived().await, (0, 0));
    open.send_to_clinic(&["V1", "V2", "V3"]).await;
    assert_eq!(open.arrived().await, (0, 3));
    open.chart("clinic", "V1").await;
    open.chart("clinic", "V1").await;
    open.chart("clinic", "V9").await;
    assert_eq!(open.arrived().await, (1, 3), "once, and not what was never sent");
    open.answered("clinic", LabelKind::Command, &Command::Undo.key()).await;
    open.answered("clinic", LabelKind::Command, &Command::Undo.key()).await;
    assert_eq!(open.arrived().await, (0, 3), "taken back");
    open.answered("clinic", LabelKind::Command, &Command::Sighted.key()).await;
    for chart in ["V1", "V2"] {
        open.chart("clinic", chart).await;
    }
    assert_eq!(open.arrived().await, (2, 3), "a sweep is an arrival too");
    let board = open.store.board(open.numbered.stations["clinic"], "CLIN".into(), open.clock.now(), 1);
    let sweep = board.await.unwrap().unwrap().session.unwrap().sweep.unwrap();
    assert_eq!((sweep.seen, sweep.on_record), (2, 2));
    open.clock.advance(Duration::from_secs(20 * 3600));
    assert_eq!(open.arrived().await, (0, 1), "the next day only what is still on its way");
    open.close();
}

#[tokio::test]
async fn what_never_arrives_is_listed_with_who_sent_it() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    open.send_to_clinic(&["V1", "V2"]).await;
    open.clock.advance(Duration::from_secs(3 * 3600));
    open.send_to_clinic(&["V3"]).await;
    open.chart("clinic", "V1").await;
    assert_eq!(open.lost(24).await, [""; 0]);
    assert_eq!(open.lost(2).await, ["V2 FILE→CLIN"]);
    // A late movement that comes in afterwards is history, and changes nothing.
    let late =
        Scan { scanned_at: open.clock.now() - SignedDuration::from_hours(5), ..open.scan("clinic", "V2") };
    assert_eq!(open.store.record(late).await.unwrap().verdict, Verdict::Late);
    open.clock.advance(Duration::from_secs(3 * 3600));
    assert_eq!(open.lost(2).await, ["V2 FILE→CLIN", "V3 FILE→CLIN"]);
    open.chart("clinic", "V2").await;
    assert_eq!(open.lost(2).await, ["V3 FILE→CLIN"]);
    open.close();
}

#[tokio::test]
async fn a_station_answers_for_impossible_ways_and_for_what_its_batch_left_behind() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    let stations = open.numbered.stations.clone();
    let of = async |station: &str, place: &str| {
        let since = open.clock.now() - SignedDuration::from_hours(24);
        let found = open.store.compliance(stations[station], place.to_owned(), since).await.unwrap();
        (found.scanned, found.left_out, found.impossible, found.left_behind)
    };
    open.send_to_clinic(&["V1", "V2", "V3", "V4"]).await;
    open.clock.advance(Duration::from_secs(600));
    for chart in ["V1", "V2", "V3"] {
        open.chart("clinic", chart).await;
    }
    assert_eq!(of("clinic", "CLIN").await, (3, 0, 0, 1), "V4 went along, and is not there");
    open.chart("clinic", "V4").await;
    assert_eq!(of("clinic", "CLIN").await, (4, 0, 0, 0));
    // Three seconds after the clinic's door nobody has carried it back.
    let desk = Scan { scanned_at: open.clock.now(), ..open.scan("desk", "V4") };
    open.desk_command(Command::CheckIn).await;
    open.store.record(desk).await.unwrap();
    assert_eq!(of("clinic", "CLIN").await, (4, 0, 1, 0));
    open.close();
}
