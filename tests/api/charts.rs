//! Changes to charts by programs: the same rules as on the pages, and problems that say what to do.

use crate::room::{Room, scan};
use serde_json::{Value, json};

async fn volumes(room: &Room, query: &str) -> Vec<(i64, i64)> {
    let found = room.post("/api/v1/charts/search", &json!({ "query": query })).await.json();
    let volumes = found["volumes"].as_array().unwrap();
    let id = |volume: &Value, name: &str| volume[name].as_i64().unwrap();
    volumes.iter().map(|volume| (id(volume, "chart"), id(volume, "id"))).collect()
}

#[tokio::test]
async fn numbers_are_merged_combined_and_taken_apart() {
    let room = Room::new().await;
    let [(a, _), ..] = volumes(&room, "V1").await[..] else { panic!("no V1") };
    let [(b, folder), ..] = volumes(&room, "V3").await[..] else { panic!("no V3") };
    let merge = format!("/api/v1/charts/{a}/merge");
    let merged = room.post(&merge, &json!({ "number": "876543" })).await;
    assert_eq!(merged.status, 201, "{}", merged.text);
    assert!(volumes(&room, "87-65-43").await.iter().all(|(chart, _)| *chart == a));
    let items = room.get("/api/v1/work-items").await.json();
    let item = &items["work_items"][0];
    assert_eq!((item["kind"].as_str(), item["chart"].as_i64()), (Some("combine-folders"), Some(a)));
    let combine = format!("/api/v1/work-items/{}/combine", item["id"]);
    assert_eq!(room.post(&combine, &json!({ "volume": folder })).await.status, 204);
    let undo = format!("/api/v1/merges/{}/undo", merged.json()["merge"]);
    assert_eq!(room.post(&undo, &json!({})).await.status, 204);
    assert!(volumes(&room, "87-65-43").await.contains(&(b, folder)));
    for (address, body, expect) in [
        (&merge, json!({ "number": "4711" }), "no chart has this number"),
        (&undo, json!({}), "undone already"),
        (&combine, json!({ "volume": folder }), "not to be combined"),
    ] {
        let problem = room.post(address, &body).await;
        assert_eq!(problem.header("content-type"), "application/problem+json");
        assert_eq!(
            (problem.status.as_u16(), problem.json()["type"].as_str()),
            (409, Some("/help#problem-refused"))
        );
        assert!(problem.text.contains(expect), "{}", problem.text);
    }
    assert_eq!(room.post(&merge, &json!({ "number": "<b>" })).await.status, 422);
}

#[tokio::test]
async fn folders_are_begun_relabelled_and_united() {
    let room = Room::new().await;
    let [(chart, volume), ..] = volumes(&room, "V1").await[..] else { panic!("no V1") };
    let begin = format!("/api/v1/charts/{chart}/volumes");
    let begun = room.post(&begin, &json!({ "at": 1, "label": "V500" })).await;
    assert_eq!((begun.status.as_u16(), begun.json()["chart"].as_i64()), (201, Some(chart)));
    // The formats of this room would not read a label of Outguide's own.
    let own = room.post(&begin, &json!({ "at": 1 })).await;
    assert!(own.status == 422 && own.text.contains("preprinted stock"), "{}", own.text);
    assert_eq!(room.post(&begin, &json!({ "at": 1, "label": "V500" })).await.status, 409);
    assert_eq!(room.post(&begin, &json!({ "at": 1, "label": "rubbish" })).await.status, 422);
    let several = room.post(&begin, &json!({ "at": 1, "labels": ["V501", "V502"] })).await;
    assert_eq!(several.status, 201, "{}", several.text);
    assert_eq!(several.json()["volumes"].as_array().map(Vec::len), Some(2));
    for wrong in [json!([]), json!(["V1", "V2", "V3", "V4", "V5", "V6", "V7"])] {
        let answer = room.post(&begin, &json!({ "at": 1, "labels": wrong })).await;
        assert!(answer.status == 422 && answer.text.contains("1 to 6"), "{}", answer.text);
    }
    let made =
        room.post(&format!("/api/v1/charts/{chart}/temporary"), &json!({ "at": 1, "label": "V900" })).await;
    let unite = format!("/api/v1/charts/{}/unite", made.json()["chart"]);
    assert_eq!(room.post(&unite, &json!({ "volume": volume })).await.status, 204);
    assert_eq!(volumes(&room, "V900").await, [(chart, volume)]);
    let worn = format!("/api/v1/volumes/{volume}/worn");
    for is_worn in [true, false] {
        assert_eq!(room.post(&worn, &json!({ "worn": is_worn })).await.status, 204);
    }
    let label = room.post(&format!("/api/v1/volumes/{volume}/labels"), &json!({ "label": "V700" })).await;
    assert_eq!((label.status.as_u16(), label.json()["label"].as_str()), (201, Some("V700")));
    room.post("/api/v1/scans", &scan(1, "clinic", "V77")).await;
    let items = room.get("/api/v1/work-items").await.json();
    let item = format!("/api/v1/work-items/{}/label", items["work_items"][0]["id"]);
    assert_eq!(room.post(&item, &json!({ "volume": volume })).await.status, 204);
    assert_eq!(volumes(&room, "V77").await, [(chart, volume)]);
}
