//! Missing charts in a browser without a script: reported, searched for, found, explained, and told to the privacy officer.

use crate::room::{HOSTILE, Room};
use axum::http::StatusCode;
use outguide::access::Role;
use outguide::tracking::Verdict;

async fn room() -> Room {
    let charts: Vec<(String, String)> =
        (0..20).map(|at| (format!("12-34-{:02}", 56 + at), format!("V{}", at + 1))).collect();
    let charts: Vec<(&str, &str)> =
        charts.iter().map(|(number, label)| (number.as_str(), label.as_str())).collect();
    Room::new(&charts).await
}

const SURE: [(&str, &str); 2] = [("sign", "home-slot-empty"), ("sure", "yes")];

#[tokio::test]
async fn nothing_is_reported_unless_somebody_says_that_they_are_sure() {
    let room = room().await;
    let chart = room.page("/charts/1").await;
    assert!(chart.contains("href=\"/volumes/1/missing\""), "{chart}");
    let form = room.page("/volumes/1/missing").await;
    assert!(form.contains("value=\"no\" checked") && !form.contains("value=\"yes\" checked"), "{form}");
    for fields in [vec![("sign", "flagged")], vec![("sign", "flagged"), ("sure", "no")]] {
        let answer = room.post("/volumes/1/missing", &fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains("Nothing was changed: say Yes"), "{}", answer.body);
        assert!(answer.body.contains("value=\"flagged\" checked"), "{}", answer.body);
    }
    assert!(room.page("/missing").await.contains("No chart is missed"));
    let strange = room.post("/volumes/1/missing", &[("sign", "gone"), ("sure", "yes")]).await;
    assert_eq!(strange.status, StatusCode::BAD_REQUEST);
    assert_eq!(room.post("/volumes/1/missing", &SURE).await.location(), "/missing/1");
    let board = room.page("/missing").await;
    assert!(board.contains("1: being searched for") && board.contains("12-34-56"), "{board}");
    assert!(room.page("/charts/1").await.contains("case 1</a> says where to look"));
    assert!(room.page("/volumes/1/missing").await.contains("It has a case already"));
    assert_eq!(room.get("/missing/99").await.status, StatusCode::NOT_FOUND);
    assert_eq!(room.get("/volumes/99/missing").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn who_may_declare_a_chart_missing_is_settled_by_the_site() {
    let room = room().await;
    room.let_supervisors_flag();
    let flag = [("sign", "flagged"), ("sure", "yes")];
    let clerk = room.post_as(Some(Role::Clerk), "/volumes/1/missing", &flag).await;
    assert_eq!(clerk.status, StatusCode::FORBIDDEN);
    let form = room.get_as(Some(Role::Clerk), "/volumes/1/missing").await.body;
    assert!(form.contains("a supervisor declares charts missing") && !form.contains("value=\"flagged\""));
    assert_eq!(room.post_as(Some(Role::Clerk), "/volumes/2/missing", &SURE).await.location(), "/missing/1");
    assert_eq!(room.post("/volumes/1/missing", &flag).await.location(), "/missing/2");
    assert!(room.page("/charts/1").await.contains("flagged missing"));
    let again = room.post("/volumes/1/missing", &flag).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.body.contains("flagged missing already"), "{}", again.body);
}

/// The places of a case's page, as its forms name them.
fn places(page: &str) -> Vec<String> {
    let found = page.split("name=\"place\" value=\"").skip(1);
    let mut places: Vec<String> =
        found.map(|rest| rest.split('"').next().unwrap_or_default().to_owned()).collect();
    places.dedup();
    places
}

#[tokio::test]
async fn a_case_says_where_to_look_learns_from_looks_and_sends_two_searchers_apart() {
    let room = room().await;
    room.post("/volumes/1/missing", &SURE).await;
    let page = room.page("/missing/1").await;
    assert!(page.contains("its slot is empty") && page.contains("<details>"), "{page}");
    assert!(!page.contains("<title>12-34"), "no number in a title");
    let first = places(&page)[0].clone();
    room.post_as(Some(Role::Clerk), "/missing/1/claim", &[]).await;
    let claimed = room.page("/missing/1").await;
    assert!(claimed.contains("clerk goes there"), "{claimed}");
    room.post("/missing/1/claim", &[]).await;
    let both = room.page("/missing/1").await;
    assert!(both.contains("clerk goes there") && both.contains("you go there"), "{both}");
    let look = [("place", first.as_str()), ("how", "shelf-by-shelf")];
    assert_eq!(room.post("/missing/1/look", &look).await.location(), "/missing/1");
    let after = room.page("/missing/1").await;
    assert_ne!(places(&after)[0], first, "what was looked through goes down");
    assert!(after.contains("looked, not there") && after.contains("folder by folder"));
    for bad in [[("place", "attic"), ("how", "glance")], [("place", first.as_str()), ("how", "somehow")]] {
        assert_eq!(room.post("/missing/1/look", &bad).await.status, StatusCode::BAD_REQUEST);
    }
    room.post("/missing/1/found", &[("place", &places(&after)[0])]).await;
    assert_eq!(room.scan("clinic", "V1").await, Some(Verdict::Attention));
    assert!(room.page("/stations/clinic").await.contains("WAS MISSING"));
    let found = room.page("/missing/1").await;
    assert!(found.contains("<small>found</small>") && found.contains("Why was it not where"), "{found}");
    let late = room.post("/missing/1/look", &look).await;
    assert_eq!(late.status, StatusCode::CONFLICT, "{}", late.body);
    let why = [("reason", "misfiled"), ("words", HOSTILE)];
    assert_eq!(room.post("/missing/1/reason", &why).await.location(), "/missing/1");
    let told = room.page("/missing/1").await;
    assert!(told.contains("misfiled on the shelf") && !told.contains("<img"), "{told}");
    let figures = room.page("/missing").await;
    assert!(figures.contains("Where they were found") && figures.contains("Missing rate"), "{figures}");
    assert!(room.page("/missing/finds").await.contains("found</span>"));
    room.post("/missing/finds/forget", &[]).await;
    assert!(!room.page("/missing/finds").await.contains("found</span>"));
}

#[tokio::test]
async fn a_holder_answers_and_a_supervisor_gives_up_with_a_reason() {
    let room = room().await;
    room.scan("clinic", "V3").await;
    room.post("/volumes/3/missing", &[("sign", "holder-denies"), ("sure", "yes")]).await;
    assert!(room.page("/missing/1").await.contains("What Cardiology says"));
    assert_eq!(
        room.post("/missing/1/answer", &[("has_it", "perhaps")]).await.status,
        StatusCode::BAD_REQUEST
    );
    let without = room.post("/missing/1/lost", &[("why", " ")]).await;
    assert_eq!(without.status, StatusCode::CONFLICT);
    let clerk = room.post_as(Some(Role::Clerk), "/missing/1/lost", &[("why", "weeks")]).await;
    assert_eq!(clerk.status, StatusCode::FORBIDDEN);
    room.post("/missing/1/lost", &[("why", "three weeks of searching")]).await;
    assert!(room.page("/missing/1").await.contains("presumed lost: three weeks of searching"));
    assert_eq!(room.scan("desk", "V3").await, Some(Verdict::Attention));
    assert!(room.page("/missing/1").await.contains("<small>found</small>"));
    room.scan("clinic", "V4").await;
    room.post("/volumes/4/missing", &[("sign", "holder-denies"), ("sure", "yes")]).await;
    room.post("/missing/2/answer", &[("has_it", "yes")]).await;
    assert!(room.page("/missing/2").await.contains("not missing after all"));
}

#[tokio::test]
async fn a_sheet_has_lines_in_walking_order_whose_bar_codes_tell() {
    let room = room().await;
    room.post("/volumes/1/missing", &SURE).await;
    assert!(room.page("/missing/1/sheet").await.contains("no lines yet"));
    assert_eq!(room.post("/missing/1/sheet", &[]).await.location(), "/missing/1/sheet");
    let sheet = room.page("/missing/1/sheet").await;
    assert!(sheet.matches("<svg").count() >= 4 && sheet.contains("Looking for"), "{sheet}");
    let codes = room.rows("select label from missing_code order by code_id");
    assert_eq!(room.scan("clinic", &codes[0]).await, Some(Verdict::Ready));
    assert_eq!(room.scan("clinic", &codes[0]).await, Some(Verdict::DoubleRead));
    assert_eq!(room.scan("clinic", &codes[1]).await, Some(Verdict::Ready));
    assert_eq!(room.count("select count(*) from missing_look"), 1);
    assert_eq!(room.count("select count(*) from missing_case where found_place is not null"), 1);
}

#[tokio::test]
async fn the_privacy_officer_has_the_record_and_the_sixty_days() {
    let room = room().await;
    room.post("/volumes/1/missing", &[("sign", "flagged"), ("sure", "yes")]).await;
    room.page("/missing/1").await;
    let list = room.get_as(Some(Role::Privacy), "/missing/records").await;
    assert!(list.body.contains("60 days left") && list.body.contains("does not say"), "{}", list.body);
    tokio::time::sleep(std::time::Duration::ZERO).await;
    room.scan("clinic", "V1").await;
    let file = room.get_as(Some(Role::Privacy), "/missing/1/record").await;
    assert_eq!(file.status, StatusCode::OK);
    let text = file.body;
    for part in [
        "sixty days from discovery,,2027-01-21",
        "sign,,somebody flagged it missing",
        "level,supervisor,missing",
        "view,supervisor,\"open chart 1, case 1\"",
        "level,,found: it was scanned",
        "movement,supervisor,flagged missing",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(room.get_as(Some(Role::Clerk), "/missing/1/record").await.status, StatusCode::FORBIDDEN);
    assert_eq!(room.get_as(Some(Role::Privacy), "/missing/99/record").await.status, StatusCode::NOT_FOUND);
}
