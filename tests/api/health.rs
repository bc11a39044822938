//! Whether the daemon is alive and ready, and its figures.

use crate::room::{Room, scan};
use rusqlite::Connection;
use serde_json::json;
use std::time::Duration;

/// Keeps everybody else from writing, as a backup program of another maker might, until it is dropped.
#[expect(clippy::disallowed_methods, reason = "plays the other program")]
pub(crate) fn hold_database(room: &Room) -> Connection {
    let other = Connection::open(outguide::store::Place::new(room.dir.path()).db()).unwrap();
    other.execute_batch("begin immediate").unwrap();
    other
}

#[tokio::test]
async fn it_is_alive_while_the_recorder_turns() {
    let room = Room::new().await;
    assert_eq!(room.get("/livez").await.status, 200);
    // The recorder shows that it is alive twice a second; between two signs it looks silent for as long as we say.
    let mut answers = Vec::new();
    for _ in 0..5 {
        room.clock.advance(Duration::from_secs(11));
        answers.push(room.get("/livez").await.status.as_u16());
    }
    assert!(answers.contains(&503), "{answers:?}");
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(room.get("/livez").await.status, 200);
}

#[tokio::test]
async fn a_scanner_that_is_missing_is_a_reason_but_does_not_make_it_unready() {
    let room = Room::new().await;
    let answer = room.get("/readyz").await;
    assert_eq!(answer.status, 200);
    let reason = json!({ "part": "scanner", "name": "desk-scanner", "why": "has not been tried yet" });
    assert_eq!(answer.json(), json!({ "status": "degraded", "reasons": [reason] }));
}

#[tokio::test]
async fn a_database_that_fails_makes_it_unready_until_it_works_again() {
    let room = Room::new().await;
    let hold = hold_database(&room);
    assert_eq!(room.post("/api/v1/scans", &scan(1, "clinic", "V1")).await.status, 503);
    let mut answer = room.get("/readyz").await;
    for _ in 0..100 {
        if answer.status == 503 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        answer = room.get("/readyz").await;
    }
    assert_eq!((answer.status.as_u16(), &answer.json()["status"]), (503, &json!("not-ready")));
    assert_eq!(answer.json()["reasons"][0]["part"], "database");
    assert!(answer.json()["reasons"][0]["why"].as_str().unwrap().len() > 10);
    assert!(room.get("/metrics").await.text.contains("outguide_database_up 0\n"));
    drop(hold);
    for _ in 0..100 {
        if room.get("/readyz").await.status == 200 {
            break;
        }
        // The recorder opens the database again after a second by this clock.
        room.clock.advance(Duration::from_secs(2));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(room.get("/metrics").await.text.contains("outguide_database_up 1\n"));
}

#[tokio::test]
async fn figures_tell_what_happened() {
    let room = Room::new().await;
    room.post("/api/v1/scans", &scan(1, "clinic", "V1")).await;
    room.post("/api/v1/scans", &scan(2, "clinic", "V77")).await;
    let _listener = room.app.changes.listen();
    let answer = room.get("/metrics").await;
    assert!(answer.header("content-type").starts_with("application/openmetrics-text"));
    for line in [
        "outguide_volumes 3",
        "outguide_volumes_away 1",
        "outguide_work_items_open 1",
        "outguide_movements_total 1",
        "outguide_database_up 1",
        "outguide_live_streams 1",
        "outguide_source_up{source=\"desk-scanner\"} 0",
        "outguide_source_frames_total{source=\"desk-scanner\"} 0",
        "outguide_source_hang_ups_total{source=\"desk-scanner\"} 0",
        "outguide_station_not_recorded{station=\"clinic\"} 0",
    ] {
        assert!(answer.text.lines().any(|found| found == line), "{line} is not in\n{}", answer.text);
    }
    assert!(answer.text.contains("outguide_build_info{version=\""));
    assert!(answer.text.contains("\noutguide_scans_recorded_total "));
}
