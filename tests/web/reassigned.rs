//! A custodian that closes: its open requests go to another.

use crate::room::Room;
use axum::body::Body;
use axum::http::{StatusCode, header};
use outguide::access::Role;

#[tokio::test]
async fn open_requests_of_who_closes_go_to_another() {
    let room = Room::new(&[("12-34-56", "V1"), ("12-34-57", "V2")]).await;
    let schedule = r#"{"appointments":[{"mrn":"12-34-56","clinic":"CLIN","start":"2026-11-22T15:00:00Z"},
                       {"mrn":"12-34-57","clinic":"CLIN","start":"2026-11-22T16:00:00Z"}]}"#;
    let send = async |address: &str, body: &'static str| {
        let request = room.request("POST", Some(Role::Supervisor), address);
        room.send(request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body)).unwrap())
            .await
    };
    assert_eq!(send("/api/v1/schedule", schedule).await.status, StatusCode::OK);
    let page = room.page("/custodians/2/close").await;
    assert!(page.contains("action=\"/custodians/2/reassign-requests\""), "{page}");
    let itself = room.post("/custodians/2/reassign-requests", &[("to", "2")]).await;
    assert!(itself.body.contains("go there already"), "{}", itself.body);
    let done = room.post("/custodians/2/reassign-requests", &[("to", "3")]).await;
    assert_eq!(done.location(), "/custodians/2/close#requests", "{}", done.body);
    assert_eq!(room.rows("select distinct to_id || ' ' || state from request"), ["3 requested"]);
    let list = room.rows("select distinct custodian_id from pull_list join request using (pull_list_id)");
    assert_eq!(list, ["3"], "they are on the list of who gets them");
    let steps = room.rows("select why from request_step where step = 'rescheduled'");
    assert_eq!(steps, ["goes to EVIL instead of CLIN", "goes to EVIL instead of CLIN"]);
    let none = room.post("/custodians/2/reassign-requests", &[("to", "3")]).await;
    assert_eq!(none.status, StatusCode::CONFLICT, "{}", none.body);
    let back = send("/api/v1/custodians/3/reassign-requests", r#"{"to":2}"#).await;
    assert!(back.body.contains("\"done\":2") && back.body.contains("\"left\":0"), "{}", back.body);
    room.sql("update custodian set closed_at_us = 1 where code = 'EVIL'");
    let closed = room.post("/custodians/2/reassign-requests", &[("to", "3")]).await;
    assert!(closed.body.contains("it is closed; choose another"), "{}", closed.body);
    room.sound();
}
