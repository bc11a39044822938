//! What programs put on file and put right.

use crate::room::{Answer, Room, scan};
use serde_json::{Value, json};

async fn volumes(room: &Room, query: &str) -> Vec<Value> {
    let found = room.post("/api/v1/charts/search", &json!({ "query": query })).await.json();
    found["volumes"].as_array().unwrap().clone()
}

fn problem(answer: &Answer, status: u16, expect: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text);
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert!(answer.text.contains(expect), "{expect}: {}", answer.text);
}

#[tokio::test]
async fn a_chart_is_put_on_file_put_right_and_retired() {
    let room = Room::new().await;
    let chart = json!({ "mrn": "87-65-50", "name": "Doe, Jane", "born": "1956-12-31", "home": 1, "at": 2, "label": "V500" });
    let added = room.post("/api/v1/charts", &chart).await;
    assert_eq!(added.status.as_u16(), 201, "{}", added.text);
    let (id, volume) = (added.json()["chart"].clone(), added.json()["volume"].clone());
    let [found] = &volumes(&room, "876550").await[..] else { panic!("one volume") };
    assert_eq!((&found["id"], found["at"]["code"].as_str()), (&volume, Some("CLIN")));
    problem(&room.post("/api/v1/charts", &chart).await, 409, "is on file already");
    let with = |field: &str, value: Value| {
        let mut other = chart.clone();
        other[field] = value;
        other
    };
    for (body, status, expect) in [
        (with("mrn", json!("<b>")), 422, "no record number"),
        (with("born", json!("2056-12-31")), 422, "still to come"),
        (with("label", json!("rubbish")), 422, "\"field\":\"label\""),
        (with("mrn", json!("87-65-51")), 409, "under another number"),
        (json!({ "mrn": "87-65-52", "label": "V501" }), 422, "\"field\":\"home\""),
        (
            json!({ "mrn": "87-65-52", "label": "V501", "home": 1, "record_type": "tax" }),
            409,
            "no such kind of record",
        ),
        (json!({ "mrn": "87-65-52", "label": "V501", "home": 99 }), 409, "no such custodian"),
    ] {
        problem(&room.post("/api/v1/charts", &body).await, status, expect);
    }
    let mut other = with("mrn", json!("87-65-51"));
    (other["other_patient"], other["label"]) = (json!(true), json!("V502"));
    assert_eq!(room.post("/api/v1/charts", &other).await.status.as_u16(), 201);
    let patient = format!("/api/v1/charts/{id}/patient");
    assert_eq!(room.post(&patient, &json!({ "name": "Doe, Janet" })).await.status.as_u16(), 204);
    problem(&room.post(&patient, &json!({ "name": "Doe, Janet" })).await, 409, "nothing was changed");
    let number = format!("/api/v1/charts/{id}/number");
    problem(&room.post(&number, &json!({ "number": "87-65-51" })).await, 409, "merge the two numbers");
    assert_eq!(room.post(&number, &json!({ "number": "87-65-60" })).await.status.as_u16(), 204);
    assert_eq!(volumes(&room, "876560").await[0]["id"], volume);
    let stay = format!("/api/v1/charts/{id}/stay");
    assert_eq!(room.post(&stay, &json!({ "inpatient": true })).await.status.as_u16(), 204);
    problem(&room.post(&stay, &json!({ "inpatient": true })).await, 409, "nothing was changed");
    let home = format!("/api/v1/volumes/{volume}/home");
    assert_eq!(room.post(&home, &json!({ "home": 2 })).await.status.as_u16(), 204);
    problem(&room.post(&home, &json!({ "home": 99 })).await, 409, "no such custodian");
    let state = format!("/api/v1/volumes/{volume}/state");
    problem(
        &room.post(&state, &json!({ "state": "lost", "why": "x" })).await,
        422,
        "active, retired or destroyed",
    );
    problem(&room.post(&state, &json!({ "state": "retired", "why": " " })).await, 409, "say why");
    assert_eq!(
        room.post(&state, &json!({ "state": "retired", "why": "ten years" })).await.status.as_u16(),
        204
    );
    let answered = room.post("/api/v1/scans", &scan(1, "clinic", "V500")).await;
    assert_ne!(answered.json()["verdict"], "moved", "{}", answered.text);
}

#[tokio::test]
async fn custodians_are_added_changed_and_closed() {
    let room = Room::new().await;
    let eyes = json!({ "code": "EYE", "name": "Eye clinic", "kind": "clinic", "parent": "CLIN", "room": "B 12", "due": "2wd",
        "hours": { "working_days": "mon-thu", "opens": "08:00", "closes": "12:00", "holidays": ["2027-01-01"] } });
    let added = room.post("/api/v1/custodians", &eyes).await;
    assert_eq!((added.status.as_u16(), added.json()["id"].as_i64()), (201, Some(3)), "{}", added.text);
    let shown = room.get("/api/v1/custodians/3").await.json();
    for field in ["code", "name", "kind", "parent", "room", "due", "hours"] {
        assert_eq!(shown[field], eyes[field], "{field}");
    }
    assert_eq!((&shown["closed"], &shown["filing"]), (&json!(false), &json!("td-2-2")));
    assert_eq!(room.get("/api/v1/custodians/2").await.json()["parts"], json!([3]));
    assert_eq!(
        room.post("/api/v1/custodians/3", &json!({ "name": "Eyes", "room": "" })).await.status.as_u16(),
        204
    );
    let shown = room.get("/api/v1/custodians/3").await.json();
    assert_eq!((&shown["name"], &shown["room"], &shown["due"]), (&json!("Eyes"), &json!(""), &json!("2wd")));
    problem(&room.post("/api/v1/custodians/2", &json!({ "parent": "EYE" })).await, 409, "cannot be part of");
    problem(&room.post("/api/v1/custodians", &json!({ "code": "X" })).await, 409, "the name is empty");
    let never = json!({ "hours": { "working_days": "", "opens": "08:00", "closes": "12:00" } });
    problem(&room.post("/api/v1/custodians/3", &never).await, 409, "working day");
    assert_eq!(room.post("/api/v1/custodians/3/close", &json!({})).await.status.as_u16(), 204);
    assert_eq!(room.get("/api/v1/custodians/3").await.json()["closed"], json!(true));
    problem(&room.post("/api/v1/custodians/3/close", &json!({})).await, 409, "closed before");
    assert_eq!(room.post("/api/v1/custodians/3/open", &json!({})).await.status.as_u16(), 204);
    assert_eq!(room.get("/api/v1/custodians/77").await.status.as_u16(), 404);
}

#[tokio::test]
async fn people_come_and_go() {
    let room = Room::new().await;
    let added = room.post("/api/v1/people", &json!({ "code": "ANN", "name": "Ann Miller" })).await;
    let id = added.json()["id"].as_i64().unwrap();
    let person = format!("/api/v1/people/{id}");
    problem(&room.post("/api/v1/people", &json!({ "code": "ANN", "name": "Other" })).await, 409, "taken");
    assert_eq!(
        room.post(&person, &json!({ "name": "Ann Smith", "active": false })).await.status.as_u16(),
        204
    );
    let expect = json!({ "id": id, "code": "ANN", "name": "Ann Smith", "active": false });
    assert_eq!(room.get(&person).await.json(), expect);
    assert!(room.get("/api/v1/people").await.json()["people"].as_array().unwrap().contains(&expect));
    problem(&room.post(&person, &json!({ "active": false })).await, 409, "nothing to change");
    problem(&room.post("/api/v1/people/99", &json!({ "name": "X" })).await, 409, "nobody has this number");
    assert_eq!(room.get("/api/v1/people/99").await.status.as_u16(), 404);
}

#[tokio::test]
async fn a_kind_of_record_gives_a_chart_its_home() {
    let room = Room::new().await;
    let dental = json!({ "name": "dental", "title": "Dental record", "home": 2, "due": "5wd" });
    assert_eq!(room.post("/api/v1/record-types", &dental).await.status.as_u16(), 204);
    let kinds = room.get("/api/v1/record-types").await.json();
    assert!(kinds["record_types"].as_array().unwrap().iter().any(|kind| kind["due"] == "5wd"), "{kinds}");
    let chart = json!({ "mrn": "87-65-41", "record_type": "dental", "label": "V600" });
    let added = room.post("/api/v1/charts", &chart).await;
    assert_eq!(added.status.as_u16(), 201, "{}", added.text);
    let found = volumes(&room, "V600").await;
    assert_eq!(found[0]["home"]["code"], "CLIN");
    problem(
        &room.post("/api/v1/record-types", &json!({ "name": "x", "due": "soon" })).await,
        409,
        "due-back rule",
    );
}
