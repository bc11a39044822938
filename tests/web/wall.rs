//! The screen on the wall: what is to be done, and nothing that names a patient.

use crate::room::Room;
use axum::body::Body;
use axum::http::StatusCode;
use outguide::access::Role;

/// What nobody may read who only walks past.
const NAME: &str = "Quastenflosser";
const NUMBER: &str = "98-76-54";
const KEY: &str = "987654";

async fn room() -> Room {
    let room = Room::of_patients(&[
        (NUMBER, "V1", "Quastenflosser, Wilhelmina", "1931-07-17"),
        ("12-34-56", "V2", "", ""),
    ])
    .await;
    for chart in ["1", "2"] {
        let wish = [
            ("chart", chart),
            ("volumes", "newest"),
            ("to", "2"),
            ("requester", "Quastenflosser herself"),
            ("channel", "walk-in"),
            ("priority", "urgent"),
            ("purpose", "Quastenflosser 98-76-54"),
            ("comment", "born 1931-07-17"),
            ("needed", "2026-11-22T12:00"),
            ("form", chart),
        ];
        assert_eq!(room.post("/requests", &wish).await.status, StatusCode::SEE_OTHER);
    }
    room
}

fn names_nobody(what: &str, text: &str) {
    let told = text.to_lowercase();
    for marked in [NAME, NUMBER, KEY, "wilhelmina", "1931", "17 jul", "76-54"] {
        assert!(!told.contains(&marked.to_lowercase()), "{what} tells {marked}: {text}");
    }
}

#[tokio::test]
async fn the_wall_says_what_to_do_and_from_which_shelf() {
    let room = room().await;
    let wall = room.get_as(Some(Role::Display), "/wall").await;
    assert_eq!(wall.status, StatusCode::OK, "{}", wall.body);
    assert!(wall.body.contains("<dt>to pull</dt><dd>2</dd>"), "{}", wall.body);
    assert!(wall.body.contains("12:00</time>") && wall.body.contains("urgent"), "{}", wall.body);
    assert!(wall.body.contains("Cardiology</td>"), "{}", wall.body);
    assert!(wall.body.contains("File area A, <strong>section 54</strong>"), "{}", wall.body);
    assert!(wall.body.contains("section 56"), "{}", wall.body);
    // Pulled and sent: nothing is left of it.
    room.scan("clinic", "V1").await;
    let wall = room.get_as(Some(Role::Display), "/wall").await.body;
    assert!(wall.contains("<dt>to pull</dt><dd>1</dd>") && !wall.contains("section 54"), "{wall}");
    assert_eq!(room.get_as(Some(Role::Requester), "/wall").await.status, StatusCode::FORBIDDEN);
    assert_eq!(room.get_as(None, "/wall").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_scan_that_is_not_on_disk_is_told_on_the_wall() {
    let room = room().await;
    assert!(!room.get("/wall").await.body.contains("NOT RECORDED</h2>"));
    room.sql("create trigger broken before insert on scan begin select raise(abort, 'broken'); end;");
    assert_eq!(room.scan("clinic", "V1").await, None);
    let wall = room.get_as(Some(Role::Display), "/wall").await.body;
    assert!(wall.contains("NOT RECORDED</h2>") && wall.contains("Heart clinic"), "{wall}");
}

#[tokio::test]
async fn neither_wall_nor_screen_nor_stream_names_a_patient() {
    let room = room().await;
    room.make_desk().await;
    let stream = room.request("GET", Some(Role::Display), "/api/v1/changes").body(Body::empty()).unwrap();
    let (listen, app) = (room.app.clone(), room.app.clone());
    let heard = tokio::spawn(async move {
        use tower::ServiceExt;
        let answer = outguide::web::router(listen).oneshot(stream).await.unwrap();
        axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap()
    });
    while app.changes.listeners() == 0 {
        tokio::task::yield_now().await;
    }
    // Every kind of outcome that could have a number in it: the list with its next folder, the trap, a typed number, an
    // unknown label, a late one.
    let list = room.rows("select label from pull_list").pop();
    let slip = room.rows("select label from request where request_id = 1").remove(0);
    let codes = ["V1", "V2", "V2", "V987654", slip.as_str(), "V2", "V1", "junk"];
    for code in codes.into_iter().chain(list.as_deref()).chain(["V1"]) {
        room.scan("desk", code).await;
        names_nobody("the screen", &room.get_as(Some(Role::Display), "/stations/desk").await.body);
        names_nobody("the wall", &room.get_as(Some(Role::Display), "/wall").await.body);
    }
    let form = room.page("/stations/desk/keyed").await;
    let id = form.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let typed = [("id", id.as_str()), ("text", NUMBER), ("volume", "1")];
    assert_eq!(room.post("/stations/desk/keyed", &typed).await.status, StatusCode::SEE_OTHER);
    names_nobody("the screen", &room.get_as(Some(Role::Display), "/stations/desk").await.body);
    app.stop.cancel();
    let heard = String::from_utf8(heard.await.unwrap().to_vec()).unwrap();
    assert!(heard.contains("station/desk"), "{heard}");
    names_nobody("the stream", &heard);
    // The same scans name it to who may read it: the test looks at something.
    assert!(room.get("/stations/desk").await.body.contains(NUMBER));
}

#[tokio::test]
async fn a_list_tells_its_next_folder_to_clerks_only() {
    let room = room().await;
    room.make_desk().await;
    let label = room.rows("select label from pull_list").pop().unwrap();
    room.scan("desk", &label).await;
    let clerk = room.get("/stations/desk").await.body;
    assert!(clerk.contains("next: 98-76-54"), "{clerk}");
    let screen = room.get_as(Some(Role::Display), "/stations/desk").await.body;
    assert!(screen.contains("0 of 2"), "{screen}");
    names_nobody("the screen", &screen);
}

#[tokio::test]
async fn a_screen_of_the_whole_room_opens_the_wall_and_no_station() {
    let room = room().await;
    let cookie =
        crate::sign_in::sign_in_as(&room.app.store, "wall", Role::Display, Some("*"), "unknown").await;
    let get = async |address: &str| {
        let request = axum::http::Request::get(address)
            .header("host", "localhost:8470")
            .header("cookie", format!("__Host-outguide={cookie}"));
        room.send(request.body(Body::empty()).unwrap()).await
    };
    assert_eq!(get("/").await.location(), "/wall");
    assert_eq!(get("/wall").await.status, StatusCode::OK);
    assert_eq!(get("/stations/desk").await.status, StatusCode::NOT_FOUND);
    assert_eq!(get("/charts/1").await.status, StatusCode::FORBIDDEN);
}
