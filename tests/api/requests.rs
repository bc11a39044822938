//! Requests and the schedule as programs make them.

use crate::room::Room;
use serde_json::json;

#[tokio::test]
async fn a_request_is_made_once_seen_and_ended() {
    let room = Room::new().await;
    let (query, to) = ("87-65-41", "CLIN");
    let wish = json!({ "query": query, "to": to, "requester": "Dr Lee", "needed_at": "2099-01-01T10:00:00Z", "key": "k1" });
    let made = room.post("/api/v1/requests", &wish).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.json());
    let again = room.post("/api/v1/requests", &wish).await.json();
    assert_eq!((&again["repeated"], &again["requests"]), (&json!(true), &json!([1])));
    let other =
        json!({ "query": query, "to": to, "requester": "Dr Ng", "needed_at": "2099-01-01T11:00:00Z" });
    let refused = room.post("/api/v1/requests", &other).await;
    assert_eq!(refused.status.as_u16(), 409, "as every refusal");
    assert!(refused.json()["detail"].as_str().unwrap().starts_with("this is request 1 again"));
    let open = room.get(&format!("/api/v1/requests?to={to}")).await.json();
    assert_eq!(open["more"], json!(false));
    assert_eq!(
        (&open["requests"][0]["state"], &open["requests"][0]["steps"]),
        (&json!("requested"), &json!(1))
    );
    let step = |step: &'static str| json!({ "step": step, "why": "not needed", "seen": 1 });
    let ended = room.post("/api/v1/requests/1/steps", &step("cancelled")).await.json();
    assert_eq!(ended["state"], "cancelled");
    let late = room.post("/api/v1/requests/1/steps", &step("not-fillable")).await;
    let told = late.json()["detail"].as_str().unwrap().to_owned();
    assert!(told.contains("cancelled by") && told.contains("(not needed)"), "{told}");
    assert_eq!(room.post("/api/v1/requests/1/steps", &step("delivered")).await.status.as_u16(), 422);
    assert_eq!(room.get("/api/v1/requests/99").await.status.as_u16(), 404);
    assert_eq!(room.get("/api/v1/pull-lists/1").await.json()["rows"], 0);
}

#[tokio::test]
async fn one_volume_is_asked_for_by_its_label() {
    let room = Room::new().await;
    let body = |query: &str| json!({ "query": query, "this_volume": true, "to": "CLIN", "needed_at": "2099-01-01T10:00:00Z", "requester": "Dr Lee" });
    let made = room.post("/api/v1/requests", &body("V2")).await;
    assert_eq!(made.status.as_u16(), 201, "{}", made.text);
    assert_eq!(room.get("/api/v1/requests/1").await.json()["volume_label"], "V2");
}

#[tokio::test]
async fn a_schedule_tells_what_it_could_not_do() {
    let room = Room::new().await;
    let body = json!({ "appointments": [
        { "mrn": "999999", "clinic": "Nowhere", "start": "2099-01-01T10:00:00Z" },
        { "mrn": "<b>", "clinic": "Nowhere", "start": "2099-01-01T10:00:00Z" },
        { "mrn": "1", "clinic": "", "start": "2099-01-01T10:00:00Z" },
        { "mrn": "1", "clinic": "X", "start": "1999-01-01T10:00:00Z" },
    ] });
    let taken = room.post("/api/v1/schedule", &body).await.json();
    assert_eq!((&taken["added"], &taken["unknown_clinics"]), (&json!(1), &json!(["Nowhere"])), "{taken}");
    let numbers: Vec<_> =
        taken["refused"].as_array().unwrap().iter().map(|refused| refused["number"].clone()).collect();
    assert_eq!(numbers, [json!(2), json!(3), json!(4)], "{taken}");
}
