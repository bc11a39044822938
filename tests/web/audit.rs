//! The audit log as the privacy office reads it.

use crate::room::Room;
use axum::http::{StatusCode, header};
use outguide::access::Role;
use outguide::store::Viewed;

/// Has what waits written down.
async fn settle(room: &Room) {
    room.app.store.end_sign_ins(outguide::access::AccountId(99), None, "test".into()).await.unwrap();
}

#[tokio::test]
async fn the_log_is_read_by_person_chart_and_day_and_reading_it_is_in_it() {
    let room = Room::new(&[("12-34-56", "V1"), ("65-43-21", "V2")]).await;
    room.scan("clinic", "V2").await;
    room.get("/charts/1").await;
    room.get_as(Some(Role::Privacy), "/charts/2").await;
    settle(&room).await;
    let page = async |address: &str| {
        let answer = room.get_as(Some(Role::Privacy), address).await;
        assert_eq!(answer.status, StatusCode::OK, "{address}: {}", answer.body);
        answer.body
    };
    let all = page("/audit").await;
    assert!(all.contains("open chart 1 volume 1") && all.contains("open chart 2 volume 2"), "{all}");
    assert!(!all.contains("12-34-56"), "{all}");
    let one = page("/audit?chart=2").await;
    assert!(!one.contains("open chart 1 ") && one.contains("open chart 2 volume 2"), "{one}");
    assert!(one.contains(">scan</td>"), "the movement of the chart is there, too: {one}");
    assert!(!page("/audit?who=supervisor").await.contains("open chart 2"));
    assert!(page("/audit?day=2026-11-22").await.contains("open chart 1"));
    assert!(!page("/audit?day=2026-11-21").await.contains("open chart 1"));
    assert_eq!(room.get_as(Some(Role::Privacy), "/audit?day=gestern").await.status, StatusCode::BAD_REQUEST);
    settle(&room).await;
    assert!(page("/audit").await.contains("audit log, chart 2"));
    assert_eq!(room.get_as(Some(Role::Supervisor), "/audit").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_is_looked_for_stays_out_of_addresses_and_of_the_log() {
    let room = Room::new(&[("12-34-56", "V1"), ("65-43-21", "V2")]).await;
    room.get("/charts/2").await;
    settle(&room).await;
    let look = async |fields: &[(&str, &str)]| room.post_as(Some(Role::Privacy), "/audit", fields).await;
    let found = look(&[("number", "65-43-21"), ("who", "supervisor"), ("day", "2026-11-22")]).await;
    assert_eq!(found.location(), "/audit?who=supervisor&chart=2&day=2026%2D11%2D22");
    let page = room.get_as(Some(Role::Privacy), found.location()).await.body;
    assert!(
        page.contains("open chart 2 volume 2") && page.contains("method=\"post\" action=\"/audit\""),
        "{page}"
    );
    for unknown in [[("number", "99-99-99")], [("who", "Garcia")]] {
        let refused = look(&unknown).await;
        assert_eq!((refused.status, refused.location()), (StatusCode::BAD_REQUEST, ""));
    }
    room.get_as(Some(Role::Privacy), "/audit?who=Garcia").await;
    settle(&room).await;
    let log = room.rows("select coalesce(detail, '') from audit").concat();
    assert!(log.contains("log, of somebody unknown") && log.contains("log, of supervisor chart 2"), "{log}");
    assert!(!log.contains("Garcia") && !log.contains("65-43-21"), "{log}");
}

#[tokio::test]
async fn the_file_has_no_formulas() {
    let room = Room::new(&[]).await;
    room.app.store.viewed(Some("=cmd|' /C calc'!A0"), Viewed::Audit, "x").unwrap();
    settle(&room).await;
    let file = room.get_as(Some(Role::Privacy), "/audit/file").await;
    assert_eq!(file.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    assert!(file.body.starts_with("no,at,action,who,scan,chart,what\n"), "{}", file.body);
    assert!(file.body.contains(",'=cmd|"), "{}", file.body);
}
