//! Old movements go into the archive by themselves, and nobody who looks at a chart notices.

use crate::support::{Room, Running};
use jiff::SignedDuration;
use outguide::clock::Clock;
use outguide::import::Kind;
use outguide::label::LabelKind;
use outguide::store::{Options, Station, Store};
use outguide::tracking::grammar::StationKind;
use outguide::tracking::{Entry, Scan, ScanId, Sighting};
use std::time::Duration;

/// Movements of chart V1, two years ago.
const OLD: u32 = 40;

/// V1 is carried to and fro between the doors, two years ago.
async fn live_through(room: &Room) {
    let clock = Clock::manual(Clock::system().now() - SignedDuration::from_hours(24 * 730));
    let options = Options { place: room.place(), queue: 64, readers: 1 };
    let (store, thread) = Store::open(&options, &clock).unwrap();
    let doors = [("file-door", "FILE"), ("cardiology", "CARD")];
    let station = |(name, custodian): (&str, &str)| Station {
        name: name.into(),
        title: name.into(),
        custodian: custodian.into(),
        kind: StationKind::Checkpoint,
        idle: Duration::from_secs(120),
        badge_idle: Duration::from_secs(900),
        prints: false,
        double_read_window: Duration::from_secs(2),
        sources: vec![format!("{name}-scanner")],
    };
    let numbered = store.set_stations(doors.map(station).into()).await.unwrap();
    for count in 0..OLD {
        clock.advance(Duration::from_secs(3600));
        let name = doors[(count as usize + 1) % 2].0;
        let scan = Scan {
            id: ScanId::new(clock.now().as_millisecond().cast_unsigned(), 1, count),
            station: numbered.stations[name],
            source: numbered.sources[&format!("{name}-scanner")],
            scanned_at: clock.now(),
            arrived: clock.elapsed(),
            entry: Entry::Scanned,
            operator: None,
            frame: b"V1".to_vec(),
            sighting: Sighting::Label { kind: LabelKind::Volume, key: "V1".into() },
            resend: false,
        };
        assert!(store.record(scan).await.unwrap().movement.is_some());
    }
    drop(store);
    thread.join();
}

/// What the chart's page shows, its past among it.
fn page(daemon: &Running) -> String {
    let page = daemon.get("/charts/1");
    page.split_once("<main").expect("a page").1.to_owned()
}

#[tokio::test]
async fn what_is_old_goes_into_the_archive_and_history_is_whole() {
    let mut room = Room::new("[[label]]\nkind = \"volume\"\npattern = \"V[0-9]+\"\n");
    room.import(Kind::Custodians, "code,name\nFILE,File room\nCARD,Cardiology\n");
    room.import(Kind::Charts, "mrn,label,home\n1,V1,FILE\n2,V2,FILE\n");
    room.station("cardiology", "CARD", "answer = \"ack-nak\"");
    live_through(&room).await;
    let daemon = room.serve(0);
    let before = page(&daemon);
    assert!(before.matches("Cardiology").count() >= OLD as usize / 2, "{before}");
    assert!(!room.place().archive().exists(), "nobody asked for one");
    assert!(daemon.stop().success());

    room.configure("[tracking]\narchive_after_years = 1\n");
    let mut daemon = room.serve(0);
    daemon.wait_for("old movements were moved into the archive moved=39", 1);
    assert_eq!(page(&daemon), before, "the page of the chart");
    daemon.kill();
    let verified = room.command(&["verify"]);
    let said = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(verified.status.success() && said.contains("40 movement rows"), "{said}");

    let archive = room.place().archive();
    let aside = room.dir.path().join("aside");
    std::fs::rename(&archive, &aside).unwrap();
    let refused = room.command(&["verify"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("outguide-archive.db, which is missing"), "{said}");
    std::fs::rename(&aside, &archive).unwrap();
    let daemon = room.serve(0);
    assert_eq!(page(&daemon), before, "the page of the chart");
    assert!(daemon.stop().success());
}
