//! Scans of network clients.

use crate::room::{Room, scan};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn a_scan_is_recorded_once_however_often_it_is_delivered() {
    let room = Room::new().await;
    let first = room.post("/api/v1/scans", &scan(1, "clinic", "V1")).await;
    let expect = json!({
        "scan_no": 1, "verdict": "moved", "title": "Recorded", "why": null, "signal": "recorded", "volume": 1, "repeated": false,
    });
    assert_eq!((first.status.as_u16(), first.json()), (201, expect));
    assert_eq!(first.header("cache-control"), "no-store");
    let again = room.post("/api/v1/scans", &scan(1, "clinic", "V1")).await;
    assert_eq!((again.status.as_u16(), &again.json()["repeated"]), (200, &json!(true)));
    assert_eq!(again.json()["scan_no"], 1);
    for other in [scan(1, "clinic", "V2"), scan(1, "desk", "V1")] {
        let taken = room.post("/api/v1/scans", &other).await;
        assert_eq!(
            (taken.status.as_u16(), &taken.json()["type"]),
            (409, &json!("/help#problem-scan-id-taken"))
        );
    }
    let history = room.get("/api/v1/volumes/1/history").await.json();
    assert_eq!(history["movements"].as_array().unwrap().len(), 1);
    assert_eq!(room.get("/api/v1/stations/clinic").await.json()["not_recorded"], json!(null));
}

#[tokio::test]
async fn a_code_of_bytes_an_own_time_and_a_typed_entry_are_kept() {
    let room = Room::new().await;
    room.clock.advance(Duration::from_secs(600));
    let mut body = scan(1, "clinic", "");
    body.as_object_mut().unwrap().remove("code");
    body["code_hex"] = "5d43305631".into(); // ]C0V1
    body["scanned_at"] = "2023-11-14T23:14:20+01:00".into();
    body["entry"] = "keyed".into();
    let answer = room.post("/api/v1/scans", &body).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["verdict"]),
        (201, &json!("moved")),
        "{}",
        answer.text
    );
    let movement = room.get("/api/v1/volumes/1/history").await.json()["movements"][0].clone();
    assert_eq!(
        (&movement["scanned_at"], &movement["entry"]),
        (&json!("2023-11-14T22:14:20Z"), &json!("keyed"))
    );
    assert_eq!(movement["recorded_at"], "2023-11-14T22:23:20Z");
}

async fn check_refused(room: &Room, change: (&str, Value), fields: &[&str]) {
    let mut body = scan(1, "clinic", "V1");
    body[change.0] = change.1;
    let answer = room.post("/api/v1/scans", &body).await;
    assert_eq!(answer.status, 422, "{body}: {}", answer.text);
    let problem = answer.json();
    let named: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|error| error["field"].as_str().unwrap()).collect();
    assert_eq!(named, fields, "{body}: {problem}");
}

#[tokio::test]
async fn what_is_wrong_with_a_scan_is_said_field_by_field() {
    let room = Room::new().await;
    check_refused(&room, ("id", json!("seven")), &["id"]).await;
    check_refused(&room, ("station", json!("nowhere")), &["station"]).await;
    check_refused(&room, ("code", json!("")), &["code"]).await;
    check_refused(&room, ("code", json!("V".repeat(4097))), &["code"]).await;
    check_refused(&room, ("code_hex", json!("00")), &["code"]).await;
    check_refused(&room, ("scanned_at", json!("2023-11-14T22:18:21Z")), &["scanned_at"]).await;
    check_refused(&room, ("scanned_at", json!("yesterday")), &["scanned_at"]).await;
    check_refused(&room, ("scanned_at", json!("2023-11-14T22:13:20")), &["scanned_at"]).await;
    let all = json!({ "id": "x", "station": "clinic", "code_hex": "0", "scanned_at": "9" });
    let problem = room.post("/api/v1/scans", &all).await.json();
    assert_eq!(problem["errors"].as_array().unwrap().len(), 3, "{problem}");
    let mut ahead = scan(1, "clinic", "V".repeat(4096).as_str());
    ahead["scanned_at"] = "2023-11-14T22:18:20Z".into();
    assert_eq!(room.post("/api/v1/scans", &ahead).await.status, 201, "5 minutes and 4096 bytes are allowed");
}

#[tokio::test]
async fn a_scan_that_is_not_on_disk_is_the_loudest_answer_and_heals_under_the_same_id() {
    let room = Room::new().await;
    let hold = crate::health::hold_database(&room);
    let answer = room.post("/api/v1/scans", &scan(1, "clinic", "V1")).await;
    let problem = answer.json();
    assert_eq!(
        (answer.status.as_u16(), &problem["type"]),
        (503, &json!("/help#problem-not-recorded")),
        "{problem}"
    );
    assert_eq!(problem["title"], "NOT RECORDED");
    assert!(!answer.header("retry-after").is_empty());
    assert!(!answer.text.contains("locked"), "the cause stays inside: {}", answer.text);
    assert_eq!(room.get("/api/v1/stations").await.json()["stations"][1]["not_recorded"]["count"], 1);
    drop(hold);
    let mut answer = answer;
    for _ in 0..100 {
        if answer.status != 503 {
            break;
        }
        // The recorder opens the database again after a second by this clock.
        room.clock.advance(Duration::from_secs(2));
        tokio::time::sleep(Duration::from_millis(100)).await;
        answer = room.post("/api/v1/scans", &scan(1, "clinic", "V1")).await;
    }
    // 200 if the first delivery reached the disk after its client had been given up on.
    assert!([200, 201].contains(&answer.status.as_u16()), "{}", answer.text);
    assert_eq!(room.get("/api/v1/stations").await.json()["stations"][1]["not_recorded"], json!(null));
}

#[tokio::test]
async fn a_client_that_hangs_up_does_not_keep_the_news_from_the_pages() {
    let room = Room::new().await;
    // From now on the token is known without a look into the database.
    room.get("/api/v1/stations").await;
    let mut heard = room.app.changes.listen();
    let body = scan(1, "clinic", "V1");
    let posting = room.post("/api/v1/scans", &body);
    // Polled once, which queues the scan, then dropped as hyper does when the client goes away.
    tokio::select! { biased; answer = posting => panic!("answered at once: {}", answer.text), () = std::future::ready(()) => () }
    let change = tokio::time::timeout(Duration::from_secs(5), heard.recv()).await.expect("no news").unwrap();
    assert_eq!(change.topic(), "station/clinic");
}
