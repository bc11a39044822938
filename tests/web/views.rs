//! Whoever sees a patient's number is written down.

use crate::matrix::{address, furnish};
use crate::room::Room;
use outguide::access::Role;
use outguide::web::routes;

/// Pages whose views are not noted yet.
const NOT_YET: [&str; 0] = [];

/// Views on record. A change writes down what waits.
async fn views(room: &Room) -> i64 {
    room.app.store.end_sign_ins(outguide::access::AccountId(99), None, "test".into()).await.unwrap();
    room.count("select count(*) from audit where action = 'view'")
}

async fn furnished() -> Room {
    let room = Room::new(&[("93-71-46", "V1"), ("93-71-46", "V1B"), ("93-71-55", "V2")]).await;
    furnish(&room).await;
    room.scan("desk", "V1").await;
    room.scan("desk", "V4711").await;
    room
}

#[tokio::test]
async fn no_page_and_no_answer_shows_a_number_without_a_row_in_the_audit_log() {
    let room = furnished().await;
    let merged = [("number", "93-71-55"), ("confirmed", "yes")];
    room.post("/charts/1/merge", &merged).await;
    let mut shown = Vec::new();
    for route in routes().iter().filter(|route| route.method == "GET" && route.path != "/api/v1/changes") {
        let there = address(route);
        for address in [there.clone(), there.replace("/1", "/2"), format!("{there}?chart=1")] {
            room.app.clock.advance(std::time::Duration::from_secs(600));
            let before = views(&room).await;
            let answer = room.get(&address).await;
            if !answer.body.contains("93-71-46") && !answer.body.contains("93-71-55") {
                continue;
            }
            shown.push(route.path.clone());
            let is_noted = views(&room).await > before;
            assert!(
                is_noted || NOT_YET.contains(&route.path.as_str()),
                "{address} shows a number and is not noted"
            );
        }
    }
    for path in
        ["/work", "/work/{item}", "/requests/new", "/requests/{request}", "/charts/{chart}", "/pulls/{list}"]
    {
        assert!(
            shown.iter().any(|shown| shown == path),
            "{path} shows no number, so nothing was tried: {shown:?}"
        );
    }
}

#[tokio::test]
async fn numbers_that_are_asked_for_by_a_form_are_noted_with_their_charts() {
    let room = furnished().await;
    let rows = async |since: i64| {
        views(&room).await;
        room.rows(&format!(
            "select detail from audit where action = 'view' and audit_no > {since} order by audit_no"
        ))
    };
    let last = room.count("select max(audit_no) from audit");
    let both = room.post("/charts/1/merge", &[("number", "93-71-55")]).await;
    assert!(both.body.contains("93-71-55"), "{}", both.body);
    assert_eq!(rows(last).await, ["open chart 1, to be merged", "open chart 2, to be merged"]);
    let last = room.count("select max(audit_no) from audit");
    let folders = room.post("/work/1/label", &[("number", "93-71-46")]).await;
    assert!(folders.body.contains("93-71-46"), "{}", folders.body);
    assert_eq!(rows(last).await, ["search found chart 1"]);
    let last = room.count("select max(audit_no) from audit");
    for _ in 0..2 {
        room.locate("93-71-46").await;
        room.post(
            "/labels",
            &[
                ("what", "volumes"),
                ("list", "93-71-46\n93-71-55"),
                ("on", "sheet:l7160"),
                ("symbology", "code128"),
            ],
        )
        .await;
    }
    let noted = rows(last).await;
    assert_eq!(noted[..2], ["search found chart 1", "print 3 labels volume 1 volume 2 volume 3"]);
    assert_eq!(noted[..2], noted[2..], "each search and each print is noted, not the first of a minute");
}

#[tokio::test]
async fn a_search_notes_every_chart_that_it_shows() {
    let many: Vec<_> = (0..15).map(|n| (format!("12-34-{n:02}"), format!("V{n}"))).collect();
    let many: Vec<_> =
        many.iter().map(|(mrn, label)| (mrn.as_str(), label.as_str(), "Vogel, Anna", "1956-03-12")).collect();
    let room = Room::of_patients(&many).await;
    let found = room.locate("vogel anna").await.body;
    let shown = found.matches("href=\"/charts/").count();
    views(&room).await;
    let noted = room.rows("select detail from audit where action = 'view'");
    assert!(shown > 10, "{found}");
    assert_eq!(noted[0].matches(" chart ").count(), shown, "{noted:?}");
}

#[tokio::test]
async fn a_program_that_recalls_a_chart_again_sees_it_again() {
    let room = furnished().await;
    room.sql("update volume set at_id = 3");
    let count = async || {
        room.app.clock.advance(std::time::Duration::from_secs(600));
        let request = room.request("POST", Some(Role::Supervisor), "/api/v1/requests/1/steps");
        let body = r#"{"step":"recalled"}"#;
        let before = views(&room).await;
        let answer =
            room.send(request.header("content-type", "application/json").body(body.into()).unwrap()).await;
        assert!(answer.body.contains("93-71-46"), "{}", answer.body);
        views(&room).await - before
    };
    assert_eq!((count().await, count().await), (1, 1));
}
