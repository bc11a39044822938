//! A database that fails, and what is left of it at the end.

use super::*;
use futures_util::future::join_all;

/// Time passes by hand alone: nobody has waited, so it is a scan that has the database tried again.
#[tokio::test]
async fn the_scan_that_comes_when_a_failed_database_is_due_to_be_tried_again_is_recorded() {
    let room = Room { clock: Clock::played(Timestamp::from_second(1_700_000_000).unwrap()), ..Room::new() };
    let open = room.open().await;
    assert_eq!(open.verdict("clinic", "V1").await, Verdict::Moved);
    let (db, away) = (room.place().db(), room.dir.path().join("away"));
    std::fs::rename(&db, &away).unwrap();
    let scan = |key| open.store.record(open.scan("clinic", key));
    assert!(matches!(scan("V2").await, Err(NotRecorded::Database(_))));
    // Tried again, and still away.
    open.clock.advance(Duration::from_secs(1));
    assert!(matches!(scan("V2").await, Err(NotRecorded::Database(_))));
    std::fs::rename(&away, &db).unwrap();
    assert!(matches!(scan("V3").await, Err(NotRecorded::Database(_))), "it is not yet time to try again");
    open.clock.advance(Duration::from_secs(1));
    assert_eq!(open.verdict("clinic", "V4").await, Verdict::Moved);
    assert_eq!((open.whereabouts("V3").await, open.whereabouts("V4").await), ("FILE".into(), "CLIN".into()));
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

/// Whoever closes last takes the log away: the writer waits for those who still read.
#[tokio::test]
async fn an_orderly_end_leaves_no_log_beside_the_database() {
    let room = Room::new();
    let mut log = room.place().db().into_os_string();
    log.push("-wal");
    let open = room.open().await;
    let scans = (1..10).map(|number| open.scan("clinic", &format!("V{number}")));
    assert!(join_all(scans.map(|scan| open.store.record(scan))).await.iter().all(Result::is_ok));
    assert!(std::path::Path::new(&log).exists());
    let (begun, begins) = std::sync::mpsc::channel();
    let long = open.store.read("take long", move |_| {
        begun.send(()).unwrap();
        std::thread::sleep(Duration::from_millis(300));
        Ok(())
    });
    // Whoever asked is gone before the answer.
    assert!(tokio::time::timeout(Duration::from_millis(1), long).await.is_err());
    begins.recv().unwrap();
    open.close();
    assert!(!std::path::Path::new(&log).exists());
}
