//! Restricted charts: nobody reads one without a reason, and the privacy office reads the reasons.

use crate::room::{Answer, Room};
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use outguide::access::{Permission, Role};
use outguide::web::door::Rules;
use std::time::Duration;

const NAME: &str = "Quastenflosser";

async fn room() -> Room {
    let room = Room::of_patients(&[
        ("12-34-56", "V1", "Quastenflosser, Wilhelmina", "1931-07-17"),
        ("65-43-21", "V2", "Garcia, Maria", "1956-12-31"),
    ])
    .await;
    let fields = [("restricted", "yes"), ("why", "a member of the staff")];
    let answer = room.post_as(Some(Role::Privacy), "/charts/1/restriction", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    room
}

fn is_closed(what: &str, answer: &Answer) {
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{what}: {}", answer.body);
    for kept in [NAME, "12-34-56", "1931", "File area", "Cardiology"] {
        assert!(!answer.body.contains(kept), "{what} tells {kept}: {}", answer.body);
    }
}

async fn wish(room: &Room) {
    let wish = [
        ("chart", "1"),
        ("volumes", "newest"),
        ("to", "2"),
        ("requester", "Dr Lee"),
        ("channel", "phone"),
        ("priority", "routine"),
        ("needed", "2026-11-22T12:00"),
        ("form", "f1"),
    ];
    assert_eq!(room.post("/requests", &wish).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn whoever_opens_it_gives_a_reason_and_the_privacy_office_reads_it() {
    let room = room().await;
    wish(&room).await;
    let pages = [
        "/charts/1",
        "/charts/1?by=number",
        "/charts/1/change",
        "/requests/1",
        "/requests/1/slip",
        "/volumes/1/label",
        "/volumes/1/label.svg",
    ];
    for page in pages {
        let answer = room.get(page).await;
        is_closed(page, &answer);
        assert!(answer.body.contains("V1<") && answer.body.contains("action=\"/charts/1/open\""), "{page}");
    }
    is_closed(
        "printing",
        &room
            .post(
                "/labels",
                &[("what", "volume"), ("volume", "1"), ("on", "sheet:l7160"), ("symbology", "code128")],
            )
            .await,
    );
    let short = room.post("/charts/1/open", &[("why", " x "), ("to", "/charts/1")]).await;
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    is_closed("no reason", &room.get("/charts/1").await);
    let opened =
        room.post("/charts/1/open", &[("why", "the ward called"), ("to", "/charts/1?by=number")]).await;
    assert_eq!(opened.location(), "/charts/1?by=number");
    for page in pages {
        assert_eq!(room.get(page).await.status, StatusCode::OK, "{page}");
    }
    assert!(room.page("/charts/1").await.contains(NAME));
    is_closed("for another", &room.get_as(Some(Role::Clerk), "/charts/1").await);
    let log = room.get_as(Some(Role::Privacy), "/audit").await.body;
    assert!(
        log.contains("Restricted charts opened: 1 to look at") && log.contains("the ward called"),
        "{log}"
    );
    let row = room.rows("select actor || ': ' || detail from audit where action = 'break-glass'");
    assert_eq!(row, ["supervisor: chart 1 opened: the ward called"]);
    room.post_as(Some(Role::Privacy), "/audit/glass/1", &[]).await;
    let log = room.get_as(Some(Role::Privacy), "/audit").await.body;
    assert!(!log.contains("to look at") && log.contains("opening 1 looked at"), "{log}");
    room.app.clock.advance(Duration::from_secs(3600));
    is_closed("an hour later", &room.get("/charts/1").await);
}

#[tokio::test]
async fn nobody_is_sent_elsewhere_by_the_form() {
    let room = room().await;
    for bad in ["//evil.example", "https://evil.example", "/charts/\\evil", "", "/accounts"] {
        let answer = room.post("/charts/1/open", &[("why", "the ward called"), ("to", bad)]).await;
        assert_eq!(answer.location(), "/charts/1", "{bad}");
    }
}

#[tokio::test]
async fn lists_show_its_folder_and_nothing_else() {
    let room = room().await;
    let found = room.locate("quastenflosser wilhelmina").await;
    assert_eq!(found.location(), "/charts/1?by=name", "the only one is opened, and asks");
    room.sql("update patient set name = 'Quastenflosser, Maria' where patient_id = 2;");
    room.sql("delete from patient_word; insert into name_fill values (1, 0);");
    let both = room.locate("12-34-56").await;
    assert_eq!(both.location(), "/charts/1?by=number");
    room.sql("insert into chart (mrn, mrn_key, record_type, created_at_us, patient_id) select '12-34-56', mrn_key, 'dental', 1, patient_id from chart where chart_id = 1;
              insert into volume (chart_id, number, label, home_id, filing_key, at_id, created_at_us) values (3, 1, 'V9', 1, 'x', 1, 1);");
    let list = room.locate("12-34-56").await;
    assert_eq!(list.status, StatusCode::OK, "{}", list.body);
    let rows = list.body.split("<tr>").skip(2).filter_map(|row| row.split("</tr>").next());
    let rows: Vec<_> = rows.collect();
    let (hidden, open): (Vec<&str>, Vec<&str>) = rows.iter().partition(|row| row.contains("/charts/1\""));
    assert_eq!((hidden.len(), open.len()), (1, 1), "{}", list.body);
    assert!(hidden[0].contains("restricted, V1"), "{}", hidden[0]);
    for kept in [NAME, "12-34-56", "1931", "File area"] {
        assert!(!hidden[0].contains(kept), "{}", hidden[0]);
    }
    // Another chart of the patient does not say where the restricted one is.
    let other = room.page("/charts/3").await;
    assert!(other.contains("medical restricted</a></p>"), "{other}");
}

#[tokio::test]
async fn what_is_merged_into_it_or_stands_in_for_it_is_restricted_too() {
    let room = room().await;
    room.sql("update chart set merged_into = 2, state = 'merged' where chart_id = 1");
    is_closed("the surviving chart", &room.get("/charts/2").await);
    room.sql(
        "update chart set merged_into = null, state = 'active', temporary_for = null where chart_id = 1;
              update chart set temporary_for = 1 where chart_id = 2;",
    );
    is_closed("the temporary chart", &room.get("/charts/2").await);
    room.sql("update chart set temporary_for = null where chart_id = 2");
    assert_eq!(room.get("/charts/2").await.status, StatusCode::OK);
}

#[tokio::test]
async fn programs_give_a_reason_in_a_header_each_time() {
    let room = room().await;
    wish(&room).await;
    let token = crate::token::token(&room.app.store, &[Permission::Locate, Permission::Request]).await;
    let ask = async |method: &str, address: &str, body: &'static str, why: Option<&str>| {
        let mut request = Request::builder().method(method).uri(address);
        request =
            request.header(header::HOST, "localhost:8470").header(header::CONTENT_TYPE, "application/json");
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        if let Some(why) = why {
            request = request.header("x-outguide-reason", why);
        }
        room.send(request.body(Body::from(body)).unwrap()).await
    };
    for address in ["/api/v1/volumes/1/history", "/api/v1/charts/1/timeline", "/api/v1/requests/1"] {
        let closed = ask("GET", address, "", None).await;
        is_closed(address, &closed);
        assert!(
            closed.body.contains("#problem-restricted") && closed.body.contains("x-outguide-reason"),
            "{}",
            closed.body
        );
        assert_eq!(ask("GET", address, "", Some("x")).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(ask("GET", address, "", Some("nightly audit")).await.status, StatusCode::OK);
        is_closed("each time", &ask("GET", address, "", None).await);
    }
    let query = "{\"query\": \"quastenflosser wilhelmina\"}";
    let masked = ask("POST", "/api/v1/charts/search", query, None).await;
    assert!(masked.body.contains("\"restricted\":[{\"chart\":1,\"label\":\"V1\"}]"), "{}", masked.body);
    assert!(masked.body.contains("\"volumes\":[]") && !masked.body.contains("Wilhelmina"), "{}", masked.body);
    let whole = ask("POST", "/api/v1/charts/search", query, Some("nightly audit")).await;
    assert!(whole.body.contains("Wilhelmina"), "{}", whole.body);
    assert_eq!(room.count("select count(*) from glass"), 4);
}

#[tokio::test]
async fn only_who_may_restricts_and_it_is_told_on_the_chart() {
    let room = Room::with(&[("12-34-56", "V1")], Rules::default()).await;
    let fields = [("restricted", "yes"), ("why", "a member of the staff")];
    for role in [Role::Clerk, Role::Requester, Role::Administrator] {
        assert_eq!(
            room.post_as(Some(role), "/charts/1/restriction", &fields).await.status,
            StatusCode::FORBIDDEN
        );
    }
    assert_eq!(room.post("/charts/1/restriction", &fields).await.status, StatusCode::SEE_OTHER);
    assert_eq!(room.post("/charts/1/restriction", &fields).await.status, StatusCode::CONFLICT);
    room.scan("desk", "V1").await;
    assert!(room.page("/charts/1/restriction").await.contains("a member of the staff"));
    let fields = [("restricted", "no"), ("why", "it was a mistake")];
    assert_eq!(room.post("/charts/1/restriction", &fields).await.status, StatusCode::SEE_OTHER);
    let page = room.page("/charts/1").await;
    assert!(
        page.contains("restricted: opened with a reason only") && page.contains("restricted no more"),
        "{page}"
    );
}

/// Whoever types a label by hand, enters scans of earlier, or opens the page of changes sees patients' data.
#[tokio::test]
async fn the_pages_of_entries_and_changes_are_in_the_log() {
    let room = Room::new(&[("12-34-56", "V1"), ("65-43-21", "V2")]).await;
    let id =
        |page: &str| page.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    room.page("/charts/2/change").await;
    let form = id(&room.page("/stations/clinic/keyed").await);
    let typed = room.post("/stations/clinic/keyed", &[("id", &form), ("text", "12-34-56")]).await;
    assert!(typed.body.contains("12-34-56"), "{}", typed.body);
    let done =
        room.post("/stations/clinic/keyed", &[("id", &form), ("text", "12-34-56"), ("volume", "1")]).await;
    room.page(done.location()).await;
    room.app.clock.advance(Duration::from_secs(5 * 3600));
    let earlier = [
        ("at", "2026-11-22T12:00"),
        ("station", "desk"),
        ("done", "came"),
        ("place", ""),
        ("lines", "V1\nV2"),
    ];
    let looked = room.post("/earlier", &earlier).await;
    assert_eq!(looked.status, StatusCode::OK, "{}", looked.body);
    room.app.store.end_sign_ins(outguide::access::AccountId(99), None, "test".into()).await.unwrap();
    let log = room.rows("select detail from audit where action = 'view'");
    for expect in [
        "open chart 2, changes",
        "search entry by hand: chart 1",
        "board entry by hand: chart 1 volume 1",
        "board scans of earlier: chart 1, chart 2",
    ] {
        assert!(log.iter().any(|row| row == expect), "{expect}: {log:?}");
    }
}
