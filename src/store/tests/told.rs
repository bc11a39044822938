//! Scans that are told later, beside those of the scanners.

use super::*;
use crate::tracking::Command;
use crate::tracking::grammar::Mode;

impl Open {
    async fn command(&self, station: &str, command: Command) -> Verdict {
        let sighting = Sighting::Label { kind: LabelKind::Command, key: command.key() };
        let scan = Scan { sighting, ..self.scan(station, command.word()) };
        self.store.record(scan).await.unwrap().verdict
    }

    async fn is_missing(&self, key: &str) -> bool {
        let wanted = Locate { label: Some(key.into()), mrn: None };
        self.store.locate(wanted).await.unwrap()[0].missing_since.is_some()
    }

    /// Tells that `key` came to the desk so long ago.
    async fn tell(&self, key: &str, ago: Duration) {
        let scan = Scan { scanned_at: self.clock.now() - ago, ..self.scan("desk", key) };
        let told = Told { scans: vec![scan], mode: Mode::CheckIn };
        self.store.record_told(Arc::new(told)).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_taken_back_is_as_it_was_whatever_was_told_in_between() {
    let room = Room::new();
    let open = room.open().await;
    room.clock.advance(Duration::from_hours(2));
    open.command("clinic", Command::Missing).await;
    open.verdict("clinic", "V1").await;
    open.tell("V1", Duration::from_hours(1)).await;
    assert!(open.is_missing("V1").await, "the past changes nothing now");
    room.clock.advance(Duration::from_secs(600));
    open.verdict("desk", "V1").await;
    assert!(!open.is_missing("V1").await);
    assert_eq!(open.command("desk", Command::Undo).await, Verdict::Undone);
    assert!(open.is_missing("V1").await);
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn what_is_told_is_in_no_batch_also_after_a_start() {
    let room = Room::new();
    let open = room.open().await;
    room.clock.advance(Duration::from_hours(2));
    open.verdict("desk", "V2").await;
    open.verdict("clinic", "V3").await;
    room.clock.advance(Duration::from_secs(30));
    open.tell("V1", Duration::from_secs(1)).await;
    open.tell("V3", Duration::from_hours(1)).await;
    open.close();
    let open = Open { count: 100.into(), ..room.open().await };
    assert_eq!(open.command("clinic", Command::Undo).await, Verdict::Refused, "it has been told elsewhere");
    room.clock.advance(Duration::from_secs(1));
    assert_eq!(open.command("desk", Command::Undo).await, Verdict::Refused, "V2 was at home before");
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}
