//! Notices as programs read and answer them.

use crate::room::{Room, scan};
use jiff::civil::Time;
use outguide::notice::{Caps, Ladder, Rules, Step, To, When};
use outguide::store::Mark;
use outguide::tracking::{Calendar, DueRule};
use serde_json::json;
use std::sync::Arc;

/// The clinic has V1 too long, and is asked for it: notice 1.
pub(crate) async fn ask_for_one(room: &Room) {
    let midnight = Time::midnight();
    let calendar = Calendar::new(
        jiff::tz::TimeZone::UTC,
        [true; 7],
        midnight,
        midnight,
        std::collections::BTreeSet::new(),
    )
    .unwrap();
    room.app.store.set_due_back(calendar.clone(), DueRule::SameDay).unwrap();
    let scanned = room.post("/api/v1/scans", &scan(77, "clinic", "V1")).await;
    assert!(scanned.status.is_success(), "{}", scanned.text);
    let step = Step {
        name: "late".into(),
        when: When::parse("1d after").unwrap(),
        to: To::Holder,
        by_webhook: false,
    };
    let rules = Rules {
        ladder: Ladder::new(vec![step], &calendar).unwrap(),
        calendar,
        quiet: Vec::new(),
        answer_hours: 4,
        needed_ahead: jiff::SignedDuration::from_hours(24),
        caps: Caps::default(),
        has_mail: true,
        takes: outguide::notice::Takes::Nothing,
    };
    room.clock.advance(std::time::Duration::from_secs(30 * 86_400));
    assert_eq!(room.app.store.decide_notices(Arc::new(rules), Mark::START).await.unwrap().asked, 1);
}

#[tokio::test]
async fn a_notice_is_listed_shown_and_answered() {
    let room = Room::new().await;
    ask_for_one(&room).await;
    let list = room.get("/api/v1/notices").await;
    let notice = &list.json()["notices"][0];
    assert_eq!(
        (&notice["step"], &notice["to"]["code"], &notice["state"]),
        (&json!("late"), &json!("CLIN"), &json!("queued"))
    );
    assert!(!list.text.contains("mrn"), "a list of notices names no chart");
    let shown = room.get("/api/v1/notices/1").await.json();
    let volume = shown["asked"][0]["volume"].clone();
    assert_eq!(shown["asked"][0]["label"], "V1");
    let say = |answer: &str| json!({ "answers": [{ "volume": volume, "answer": answer, "detail": "FILE" }] });
    assert_eq!(room.post("/api/v1/notices/1/answers", &say("passed")).await.status.as_u16(), 204);
    assert_eq!(room.get("/api/v1/notices/1").await.json()["answers"][0]["detail"], "FILE");
    for (address, body, status) in [
        ("/api/v1/notices/1/answers", say("eaten"), 422),
        ("/api/v1/notices/1/answers", json!({ "answers": [] }), 409),
        ("/api/v1/notices/1/answers", json!({ "answers": [{ "volume": 99, "answer": "here" }] }), 409),
        ("/api/v1/notices/9/answers", say("here"), 409),
    ] {
        assert_eq!(room.post(address, &body).await.status.as_u16(), status, "{address} {body}");
    }
    assert_eq!(room.get("/api/v1/notices/9").await.status.as_u16(), 404);
    let figures = &room.get("/api/v1/notice-figures").await.json()["custodians"][0];
    assert_eq!(
        (
            &figures["code"],
            &figures["notices"],
            &figures["charts"],
            &figures["answers"],
            &figures["came_back"]
        ),
        (&json!("CLIN"), &json!(1), &json!(1), &json!(1), &json!(0))
    );
}
