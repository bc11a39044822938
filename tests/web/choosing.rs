//! A custodian is chosen from a list where there are few, and typed where there are many; what is not clear is asked, and
//! what was filled in is kept.

use crate::room::Room;
use axum::http::StatusCode;
use outguide::access::Role;

/// More places than a list shows.
const MANY: usize = 50;

/// Several fields that a form is sent again with.
fn kept(page: &str) -> Vec<(String, String)> {
    let form = page.split("<form").find(|form| form.contains("class=\"fits\"")).unwrap();
    let attribute = |input: &str, name: &str| {
        let (_, rest) = input.split_once(&format!("{name}=\"")).unwrap();
        rest.split('"').next().unwrap().replace("&#10;", "\n")
    };
    let inputs = form.split("<input type=\"hidden\"").skip(1);
    inputs.map(|input| (attribute(input, "name"), attribute(input, "value"))).collect()
}

#[tokio::test]
async fn few_are_a_list_and_many_are_typed() {
    let room = Room::new(&[("12-34-56", "V1")]).await;
    assert!(room.page("/requests/new").await.contains("<select id=\"to\" name=\"to\" required>"));
    let room = Room::large(&[("12-34-56", "V1")], MANY).await;
    let page = room.page("/requests/new").await;
    assert!(page.contains("<input id=\"to\" name=\"to.id\"") && !page.contains("Clinic 7"), "{page}");
    let change = room.page("/charts/1/change").await;
    assert!(
        change.contains("name=\"home.id\"") && change.contains("value=\"File area A (FILE)\""),
        "{change}"
    );
}

#[tokio::test]
async fn a_typed_name_code_or_label_is_who_it_means() {
    let room = Room::large(&[("12-34-56", "V1")], MANY).await;
    let label = room.app.store.label_keys().await.unwrap().custodians.remove(&2).unwrap();
    for (typed, id) in [
        ("CLIN", "2"),
        ("cardiology", "2"),
        ("Cardiology (CLIN)", "2"),
        ("cardio", "2"),
        (" C7 ", "10"),
        ("clinic 7 heart", "10"),
        (label.as_str(), "2"),
    ] {
        let answer = room.post("/requests/to", &[("to.id", typed)]).await;
        assert_eq!(answer.location(), format!("/requests?to={id}"), "{typed}: {}", answer.body);
    }
    assert_eq!(room.post("/requests/to", &[("to.id", " ")]).await.location(), "/requests");
    let page = room.page("/requests?to=2").await;
    assert!(page.contains("value=\"Cardiology (CLIN)\""), "it says whose these are: {page}");
}

#[tokio::test]
async fn what_is_not_clear_is_asked_and_everything_else_is_kept() {
    let room = Room::large(&[("12-34-56", "V1")], MANY).await;
    let wish = [
        ("chart", "1"),
        ("volumes", "newest"),
        ("needed", "2026-11-22T12:00"),
        ("channel", "phone"),
        ("priority", "urgent"),
        ("requester", "Dr \"Lee\" <b>"),
        ("to.id", "clinic"),
        ("form", "f1"),
    ];
    let asked = room.post("/requests", &wish).await;
    assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", asked.body);
    assert!(asked.body.contains("Which one is “clinic”?") && asked.body.contains("30 more are called so"));
    assert!(asked.body.contains("action=\"/requests\"") && !asked.body.contains("<b>"), "{}", asked.body);
    assert_eq!(room.count("select count(*) from request"), 0, "nothing is done yet");
    let choice = "<button name=\"to\" value=\"4\">Clinic 1 of";
    assert!(asked.body.contains(choice), "{}", asked.body);
    let mut again = kept(&asked.body);
    assert_eq!(again.len(), wish.len() - 1);
    for (name, value) in &mut again {
        if name == "requester" {
            "Dr Lee".clone_into(value);
        }
    }
    again.push(("to".to_owned(), "4".to_owned()));
    let again: Vec<(&str, &str)> = again.iter().map(|(name, value)| (&**name, &**value)).collect();
    assert_eq!(room.post("/requests", &again).await.location(), "/requests/1");
    let nobody = room.post("/requests", &[("to.id", "dentist"), ("comment", "blue")]).await;
    assert!(nobody.body.contains("Nobody and no place is called “dentist”"), "{}", nobody.body);
    assert!(nobody.body.contains("name=\"comment\" value=\"blue\""), "{}", nobody.body);
}

#[tokio::test]
async fn codes_and_places_to_search_are_chosen_the_same_way() {
    let room = Room::large(&[("12-34-56", "V1")], MANY).await;
    let eyes = [
        ("code", "EYE"),
        ("name", "Eyes"),
        ("kind", "clinic"),
        ("filing", "td-2-2"),
        ("parent.code", "cardio"),
    ];
    let added = room.post("/custodians/new", &eyes).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);
    assert_eq!(room.count("select count(*) from custodian where code = 'EYE' and parent_id = 2"), 1);
    let case = room.post("/volumes/1/missing", &[("sign", "home-slot-empty"), ("sure", "yes")]).await;
    let found = format!("{}/found", case.location());
    let answer = room.post(&found, &[("place.desk", "cardiology")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let new = [("mrn", "99-88-77"), ("record_type", "medical"), ("home.code", "file area"), ("at.code", "")];
    let new = room.post("/charts/new", &new).await;
    assert_eq!(new.status, StatusCode::SEE_OTHER, "{}", new.body);
}

#[tokio::test]
async fn nobody_learns_of_custodians_who_may_not_see_them() {
    let room = Room::new(&[]).await;
    for role in [None, Some(Role::Display)] {
        let answer = room.post_as(role, "/sign-in", &[("x.id", "a"), ("name", "x"), ("password", "y")]).await;
        assert!(
            !answer.body.contains("Cardiology") && !answer.body.contains("File area"),
            "{role:?}: {}",
            answer.body
        );
    }
}
