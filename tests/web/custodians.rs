//! Custodians and people are changed while the daemon runs, and stations know at once.

use crate::room::{Answer, Room};
use axum::http::StatusCode;
use outguide::tracking::{Command, CustodianId, PersonId, Verdict};

const CLINIC: &[(&str, &str)] = &[
    ("code", "EYE"),
    ("name", "Eye clinic"),
    ("kind", "clinic"),
    ("parent", "CLIN"),
    ("phone", "ext. 7"),
    ("due", "2wd"),
    ("filing", "td-2-2"),
];

/// The fields of the eye clinic, some of them otherwise.
fn with<'a>(other: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    CLINIC
        .iter()
        .filter(|(name, _)| other.iter().all(|(others, _)| name != others))
        .chain(other)
        .copied()
        .collect()
}

fn refused(answer: &Answer, why: &str) {
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
    assert!(
        answer.body.contains(why) && answer.body.contains("Nothing was changed"),
        "{why}: {}",
        answer.body
    );
}

fn audited(room: &Room, detail: &str) -> bool {
    room.count(&format!("select count(*) from audit where detail = '{detail}'")) == 1
}

#[tokio::test]
async fn a_hostile_kind_is_shown_and_given_back_and_does_nothing() {
    let room = Room::new(&[("12-34-56", "V1")]).await;
    let answer = room.post("/custodians/new", &with(&[("kind", "\u{1b}[31m<b>")])).await;
    let option = "<option value=\"\u{1b}[31m&#60;b&#62;\" selected>␛[31m&#60;b&#62;</option>";
    assert!(answer.body.contains(option), "{}", answer.body);
}

#[tokio::test]
async fn one_is_added_changed_closed_and_opened_again() {
    let room = Room::new(&[("12-34-56", "V1")]).await;
    let added = room.post("/custodians/new", CLINIC).await;
    assert_eq!(added.location(), "/custodians/4", "{}", added.body);
    assert!(room.page("/custodians/4").await.contains("Eye clinic"));
    let keys = room.app.store.label_keys().await.unwrap();
    assert!(keys.custodians.contains_key(&4), "its label can be printed");
    refused(&room.post("/custodians/new", CLINIC).await, "the code EYE is taken");
    let changed = room.post("/custodians/4/edit", &with(&[("name", "Eye and ear"), ("phone", "")])).await;
    assert_eq!(changed.status, StatusCode::SEE_OTHER, "{}", changed.body);
    let form = room.app.store.custodian_form(CustodianId(4)).await.unwrap().unwrap();
    assert_eq!((form.code.as_str(), form.name.as_str(), form.phone.as_str()), ("EYE", "Eye and ear", ""));
    assert_eq!((form.parent.as_str(), form.due.as_str()), ("CLIN", "2wd"));
    assert_eq!(room.post("/custodians/4/close", &[]).await.status, StatusCode::SEE_OTHER);
    assert!(room.page("/custodians/4/edit").await.contains("takes no charts"));
    assert_eq!(room.post("/custodians/4/close", &[]).await.status, StatusCode::CONFLICT);
    assert_eq!(room.post("/custodians/4/open", &[]).await.status, StatusCode::SEE_OTHER);
    for what in ["added", "changed", "closed", "opened again"] {
        assert!(audited(&room, &format!("custodian EYE {what}")), "{what}");
    }
    let standing = room.post("/custodians/2/close", &[]).await;
    assert_eq!(standing.status, StatusCode::CONFLICT);
    assert!(standing.body.contains("a station stands for it"), "{}", standing.body);
}

#[tokio::test]
async fn what_cannot_be_is_told_and_the_form_stays_filled_in() {
    let room = Room::new(&[]).await;
    room.post("/custodians/new", CLINIC).await;
    for (fields, why) in [
        (with(&[("code", "A B")]), "no blanks"),
        (with(&[("code", "EAR"), ("name", " ")]), "the name is empty"),
        (with(&[("code", "EAR"), ("kind", "circus")]), "is no kind"),
        (with(&[("code", "EAR"), ("due", "soon")]), "soon"),
        (with(&[("code", "EAR"), ("filing", "by hand")]), "is no filing scheme"),
        (with(&[("code", "EAR"), ("parent", "NOBODY")]), "parent NOBODY is not on file"),
    ] {
        let answer = room.post("/custodians/new", &fields).await;
        refused(&answer, why);
        assert!(answer.body.contains("value=\"ext. 7\""));
    }
    // The cardiology has the eye clinic, and cannot be part of it.
    let circle = [("name", "Cardiology"), ("kind", "clinic"), ("parent", "EYE"), ("filing", "td-2-2")];
    refused(&room.post("/custodians/2/edit", &circle).await, "EYE is part of CLIN");
    assert_eq!(room.count("select count(*) from custodian"), 4);
}

#[tokio::test]
async fn a_station_has_the_new_name_at_once() {
    let room = Room::new(&[("12-34-56", "V1")]).await;
    let renamed = [("name", "Heart centre"), ("kind", "clinic"), ("filing", "td-2-2")];
    assert_eq!(room.post("/custodians/2/edit", &renamed).await.status, StatusCode::SEE_OTHER);
    room.scan("clinic", &Command::WhoAmI.key()).await;
    let page = room.page("/stations/clinic").await;
    assert!(page.contains("this station stands for Heart centre"), "{page}");
    assert_eq!(room.scan("clinic", "V1").await, Some(Verdict::Moved));
}

#[tokio::test]
async fn people_come_and_go_and_their_badges_with_them() {
    let room = Room::new(&[]).await;
    assert_eq!(room.post("/people", &[("code", "ANN"), ("name", "Ann Miller")]).await.location(), "/people");
    assert!(room.page("/people").await.contains("Ann Miller"));
    assert!(room.app.store.label_keys().await.unwrap().people.contains_key(&1), "a badge can be printed");
    refused(&room.post("/people", &[("code", "ANN"), ("name", "Another")]).await, "the code ANN is taken");
    refused(&room.post("/people", &[("code", ""), ("name", "Nobody")]).await, "a code has");
    room.post("/people/1/leave", &[]).await;
    assert!(room.page("/people").await.contains("the badge is refused"));
    assert_eq!(room.post("/people/1/leave", &[]).await.status, StatusCode::CONFLICT);
    room.post("/people/1/return", &[]).await;
    let people = room.app.store.colleagues().await.unwrap();
    assert_eq!((people[0].id, people[0].is_active), (PersonId(1), true));
    for what in ["added", "left", "works here again"] {
        assert!(audited(&room, &format!("person ANN {what}")), "{what}");
    }
}
