//! What the questions are answered with.

use crate::room::{Room, scan};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_chart_is_found_by_its_label_and_by_its_number_in_any_notation() {
    let room = Room::new().await;
    room.post("/api/v1/scans", &scan(1, "clinic", "V2")).await;
    for (query, readings) in
        [("V2", json!(["label", "mrn"])), ("87-65-42", json!(["mrn"])), (" 0876542 ", json!(["mrn"]))]
    {
        let answer = room.post("/api/v1/charts/search", &json!({ "query": query })).await;
        let found = answer.json();
        assert_eq!((answer.status.as_u16(), &found["readings"]), (200, &readings), "{query}: {found}");
        let volume = &found["volumes"][0];
        assert_eq!(volume["label"], "V2");
        assert_eq!(volume["mrn"], "87-65-42");
        assert_eq!(volume["number"], 1);
        assert_eq!(volume["record_type"], "medical");
        assert_eq!(volume["home"]["code"], "FILE");
        let at = json!({ "id": volume["at"]["id"], "code": "CLIN", "name": "CLIN room", "phone": "1234" });
        assert_eq!(volume["at"], at);
        assert_eq!(volume["since"], "2023-11-14T22:13:20Z");
        assert_eq!(volume["station"], "clinic");
        assert_eq!(volume["is_home"], false);
    }
}

#[tokio::test]
async fn a_chart_is_found_by_name_and_date_of_birth_with_what_differs() {
    let room = Room::new().await;
    for (query, readings, differs) in [
        ("lopez ana 12.3.1956", json!(["mrn", "name", "born"]), ""),
        ("12/3/56 LÓPEZ", json!(["mrn", "name", "born"]), ""),
        ("ana lopze", json!(["mrn", "name"]), "name nearly: 1 letter differs"),
        ("1956-03-12", json!(["mrn", "born"]), ""),
    ] {
        let found = room.post("/api/v1/charts/search", &json!({ "query": query })).await.json();
        assert_eq!(found["readings"], readings, "{query}");
        let volume = &found["volumes"][0];
        assert_eq!(volume["label"], "V3", "{query}: {found}");
        assert_eq!(volume["patient"], json!({ "name": "López, Ana", "born": "1956-03-12" }));
        assert_eq!(
            (&volume["differs"], &volume["is_nearly"]),
            (&json!(differs), &json!(!differs.is_empty()))
        );
        assert_eq!(found["more"], false);
    }
}

#[tokio::test]
async fn what_is_not_on_file_is_an_empty_answer() {
    let room = Room::new().await;
    let found = room.post("/api/v1/charts/search", &json!({ "query": "V999" })).await.json();
    assert_eq!(
        found,
        json!({ "readings": ["label", "mrn"], "volumes": [], "more": false, "restricted": [] })
    );
    let found = room.post("/api/v1/charts/search", &json!({ "query": "<?>" })).await.json();
    assert_eq!(found, json!({ "readings": [], "volumes": [], "more": false, "restricted": [] }));
    let never_moved = room.post("/api/v1/charts/search", &json!({ "query": "V1" })).await.json();
    assert_eq!(never_moved["volumes"][0]["since"], json!(null));
    assert_eq!(never_moved["volumes"][0]["is_home"], true);
}

#[tokio::test]
async fn a_long_history_comes_in_parts_newest_first() {
    let room = Room::new().await;
    for count in 0..60 {
        room.clock.advance(Duration::from_secs(60));
        let station = if count % 2 == 0 { "clinic" } else { "desk" };
        assert_eq!(room.post("/api/v1/scans", &scan(count, station, "V1")).await.status, 201);
    }
    let first = room.get("/api/v1/volumes/1/history").await.json();
    let newest = &first["movements"][0];
    assert_eq!((newest["from"].as_str(), newest["to"].as_str()), (Some("CLIN room"), Some("FILE room")));
    assert_eq!((newest["kind"].as_str(), newest["entry"].as_str()), (Some("checked-in"), Some("scanned")));
    assert_eq!((newest["station"].as_str(), newest["late"].as_bool()), (Some("desk"), Some(false)));
    assert_eq!(first["movements"].as_array().unwrap().len(), 50);
    let rest = room.get(&format!("/api/v1/volumes/1/history?from={}", first["next"])).await.json();
    assert_eq!(rest["movements"].as_array().unwrap().len(), 10);
    assert_eq!(rest["next"], json!(null));
    let untouched = room.get("/api/v1/volumes/2/history").await.json();
    assert_eq!(untouched, json!({ "movements": [], "next": null }));
}

#[tokio::test]
async fn stations_show_their_counts_and_last_scans() {
    let room = Room::new().await;
    let stations = room.get("/api/v1/stations").await.json();
    let desk = json!({
        "name": "desk", "title": "The desk", "custodian": "FILE", "scanners": ["desk-scanner"], "not_recorded": null,
    });
    assert_eq!(stations["stations"][0], desk);
    room.post("/api/v1/scans", &scan(1, "clinic", "V1")).await;
    room.post("/api/v1/scans", &scan(2, "clinic", "V2")).await;
    room.post("/api/v1/scans", &scan(3, "clinic", "V\u{7}77")).await;
    let board = room.get("/api/v1/stations/clinic").await.json();
    assert_eq!((board["name"].as_str(), board["holder"]["code"].as_str()), (Some("clinic"), Some("CLIN")));
    assert_eq!(board["today_since"], "2023-11-14T00:00:00Z");
    let counts = json!([{ "verdict": "moved", "scans": 2 }, { "verdict": "refused", "scans": 1 }]);
    assert_eq!(board["today"], counts);
    let session = &board["session"];
    assert_eq!((session["kind"].as_str(), session["mode"].as_str()), (Some("checkpoint"), Some("rest")));
    assert_eq!((session["batch"].as_u64(), session["operator"].is_null()), (Some(2), true));
    assert_eq!((session["ends_at"].is_string(), session["place"].is_null()), (true, true));
    let scans = &board["scans"];
    assert_eq!((scans[0]["code"].as_str(), scans[0]["signal"].as_str()), (Some("V␇77"), Some("refused")));
    assert_eq!(scans[1]["title"], "Recorded");
    let volume = &scans[1]["volume"];
    assert_eq!((volume["mrn"].as_str(), scans[1]["from"].as_str()), (Some("87-65-42"), Some("FILE room")));
}

#[tokio::test]
async fn custodians_scanners_and_unknown_labels_are_listed() {
    let room = Room::new().await;
    room.post("/api/v1/scans", &scan(1, "clinic", "V1")).await;
    room.post("/api/v1/scans", &scan(2, "clinic", "V77")).await;
    let custodians = room.get("/api/v1/custodians").await.json();
    let file = &custodians["custodians"][1];
    assert_eq!((file["code"].as_str(), file["at_home"].as_u64()), (Some("FILE"), Some(2)));
    assert_eq!(file["away"], 1);
    let scanners = room.get("/api/v1/scanners").await.json();
    assert_eq!(scanners["scanners"][0]["name"], "desk-scanner");
    assert_eq!(scanners["scanners"][0]["presence"], "starting");
    let items = room.get("/api/v1/work-items").await.json();
    assert_eq!(
        (items["work_items"][0]["label"].as_str(), items["work_items"][0]["times"].as_u64()),
        (Some("V77"), Some(1))
    );
}
