//! A label that will not read is typed: the same way as a scan, once, and never into another patient's chart.

use crate::room::{Answer, Room};
use axum::http::StatusCode;
use outguide::label::CheckScheme;
use outguide::tracking::{ChartId, Entry, VolumeId};

const PAGE: &str = "/stations/clinic/keyed";

fn value(body: &str, name: &str) -> String {
    let (_, rest) = body.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| panic!("{body}"));
    rest.split('"').next().unwrap().to_owned()
}

/// Fills in a fresh form.
async fn key(room: &Room, text: &str, more: &[(&str, &str)]) -> Answer {
    let id = value(&room.page(PAGE).await, "id");
    let fields = [&[("id", id.as_str()), ("text", text)], more].concat();
    room.post(PAGE, &fields).await
}

async fn at(room: &Room, volume: i64) -> String {
    let chart = room.app.store.chart(ChartId(1)).await.unwrap().unwrap();
    let volume = chart.volumes.into_iter().find(|view| view.volume == VolumeId(volume)).unwrap();
    volume.at.code
}

async fn movements(room: &Room, volume: i64) -> Vec<Entry> {
    let history = room.app.store.history(VolumeId(volume), None).await.unwrap().unwrap();
    history.movements.into_iter().map(|movement| movement.entry).collect()
}

fn checked(number: u32) -> String {
    let payload = format!("W{number}");
    let check = CheckScheme::Iso7064Mod37_36.compute(&payload).unwrap();
    payload + &check
}

#[tokio::test]
async fn a_label_with_a_check_character_is_recorded_at_once_and_a_new_label_is_offered() {
    let label = checked(1);
    let room = Room::new(&[("12-34-56", &label)]).await;
    let answer = key(&room, &format!(" {label} "), &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(answer.location(), "/stations/clinic/keyed?scan=1");
    let page = room.page(answer.location()).await;
    assert!(page.contains("Recorded") && page.contains("File area A → Cardiology"), "{page}");
    assert!(page.contains("href=\"/volumes/1/label\""), "{page}");
    assert_eq!((at(&room, 1).await, movements(&room, 1).await), ("CLIN".into(), vec![Entry::Keyed]));
    assert!(room.page("/stations/clinic").await.contains("File area A → Cardiology"));
    assert!(room.page("/charts/1").await.contains("typed"));
}

#[tokio::test]
async fn a_wrong_check_character_is_told_and_nothing_is_recorded() {
    let label = checked(1);
    let room = Room::new(&[("12-34-56", &label)]).await;
    let mut wrong = label.clone();
    let last = wrong.pop().unwrap();
    wrong.push(if last == 'A' { 'B' } else { 'A' });
    let answer = key(&room, &wrong, &[]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("check character does not fit"), "{}", answer.body);
    assert_eq!(value(&answer.body, "text"), wrong, "it can be corrected");
    assert!(room.app.store.history(VolumeId(1), None).await.unwrap().unwrap().movements.is_empty());
    assert!(room.page("/stations/clinic").await.contains("Nothing was scanned here yet"));
}

#[tokio::test]
async fn what_has_no_check_character_is_confirmed_by_volume_and_place_and_never_by_name() {
    let room = Room::new(&[("12-34-56", "V1"), ("12-34-56", "V2")]).await;
    room.sql("update chart set patient_id = null; insert into patient (patient_id, name, created_at_us) values (9, 'Doe', 0); update chart set patient_id = 9");
    for (text, offered) in [("V1", 1), ("123456", 2), ("12-34-56", 2)] {
        let answer = key(&room, text, &[]).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(answer.body.matches("Yes: record volume").count(), offered, "{text}: {}", answer.body);
        assert!(answer.body.contains("File area A") && !answer.body.contains("Doe"), "{}", answer.body);
        assert!(movements(&room, 1).await.is_empty() && movements(&room, 2).await.is_empty());
    }
    let answer = key(&room, "123456", &[("volume", "2")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert!(!answer.location().contains("123456"));
    assert_eq!((at(&room, 1).await, at(&room, 2).await), ("FILE".into(), "CLIN".into()));
    // A folder of another chart cannot be slipped in.
    let answer = key(&room, "999", &[("volume", "1")]).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(at(&room, 1).await, "FILE");
}

#[tokio::test]
async fn a_form_that_is_sent_twice_is_one_scan() {
    let label = checked(1);
    let room = Room::new(&[("12-34-56", &label), ("12-34-57", "V2")]).await;
    let id = value(&room.page(PAGE).await, "id");
    let first = room.post(PAGE, &[("id", &id), ("text", &label)]).await;
    let second = room.post(PAGE, &[("id", &id), ("text", &label)]).await;
    assert_eq!((first.status, first.location()), (second.status, second.location()));
    assert_eq!(movements(&room, 1).await.len(), 1);
    // The browser's way back and another text: told, not taken for the first.
    let other = room.post(PAGE, &[("id", &id), ("text", "V2"), ("volume", "2")]).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_ne!(value(&other.body, "id"), id);
}

#[tokio::test]
async fn what_nobody_knows_goes_onto_the_work_list_only_if_it_stands_so_on_the_folder() {
    let room = Room::new(&[("12-34-56", "V1")]).await;
    let answer = key(&room, "V77", &[]).await;
    assert!(answer.body.contains("No chart has this"), "{}", answer.body);
    assert!(room.app.store.work_items().await.unwrap().is_empty());
    let answer = key(&room, "V77", &[("unknown", "yes")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(room.app.store.work_items().await.unwrap()[0].key, "V77");
    assert_eq!(room.get("/stations/nowhere/keyed").await.status, StatusCode::NOT_FOUND);
    assert_eq!(key(&room, "  ", &[]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

/// Who has no scanner has no card of commands either.
#[tokio::test]
async fn a_command_is_typed_as_the_word_on_its_card() {
    let room = Room::new(&[("12-34-56", "V1")]).await;
    for typed in ["who am i", "WHO AM I"] {
        let answer = key(&room, typed, &[]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{typed}: {}", answer.body);
    }
    // What this room's formats do not read as a command stays what it was.
    assert!(key(&room, "undo", &[]).await.body.contains("No chart has this"));
    assert_eq!(room.rows("select cast(frame as text) from scan"), ["K10L", "K10L"]);
}
