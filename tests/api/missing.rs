//! Missing charts as programs see them.

use crate::room::Room;
use serde_json::json;

#[tokio::test]
async fn a_case_is_listed_looked_for_and_found() {
    let room = Room::new().await;
    assert_eq!(room.get("/api/v1/missing").await.json()["cases"], json!([]));
    let wish =
        json!({ "query": "V1", "to": "CLIN", "requester": "Dr Lee", "needed_at": "2099-01-01T10:00:00Z" });
    room.post("/api/v1/requests", &wish).await;
    let step = json!({ "step": "not-found", "why": "the slot is empty", "seen": 1 });
    assert_eq!(room.post("/api/v1/requests/1/steps", &step).await.json()["state"], "not-found");
    let list = room.get("/api/v1/missing").await.json();
    assert_eq!((&list["cases"][0]["level"], &list["cases"][0]["id"]), (&json!("searching"), &json!(1)));
    assert_eq!(list["cases"][0]["needed_at"], "2099-01-01T10:00:00Z");
    let case = room.get("/api/v1/missing/1").await.json();
    let first = case["places"][0]["place"].as_str().unwrap().to_owned();
    let before = case["places"][0]["probability"].as_f64().unwrap();
    let look = json!({ "place": first, "how": "shelf-by-shelf" });
    assert_eq!(room.post("/api/v1/missing/1/looks", &look).await.status.as_u16(), 204);
    let case = room.get("/api/v1/missing/1").await.json();
    let after =
        case["places"].as_array().unwrap().iter().find(|place| place["place"] == first.as_str()).unwrap();
    assert!(after["probability"].as_f64().unwrap() < before && after["looks"] == 2, "{after}");
    let timeline = room.get("/api/v1/charts/1/timeline").await.json();
    let told: Vec<String> = timeline["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            format!(
                "{} {} {}",
                entry["kind"].as_str().unwrap(),
                entry["what"].as_str().unwrap(),
                entry["case"]
            )
        })
        .collect();
    for entry in ["look shelf-by-shelf 1", "case searching 1", "request not-found null", "request asked null"]
    {
        assert!(told.iter().any(|told| told == entry), "{entry} in {told:?}");
    }
    assert_eq!(timeline["next"], json!(null));
    assert_eq!(room.get("/api/v1/charts/99/timeline").await.status.as_u16(), 404);
    assert_eq!(room.get("/api/v1/charts/1/timeline?from=x").await.status.as_u16(), 422);
    assert_eq!(room.post("/api/v1/missing/1/finds", &json!({ "place": first })).await.status.as_u16(), 204);
    for (path, body, expect) in [
        ("looks", json!({ "place": "attic", "how": "glance" }), 422),
        ("looks", json!({ "place": first, "how": "somehow" }), 422),
        ("finds", json!({ "place": "" }), 422),
    ] {
        assert_eq!(
            room.post(&format!("/api/v1/missing/1/{path}"), &body).await.status.as_u16(),
            expect,
            "{body}"
        );
    }
    assert_eq!(room.get("/api/v1/missing/99").await.status.as_u16(), 404);
    assert_eq!(room.post("/api/v1/missing/99/looks", &look).await.status.as_u16(), 409);
}
