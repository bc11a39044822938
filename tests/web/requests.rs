//! Requests, pull lists and schedules in a browser without a script.

use crate::room::{HOSTILE, Room};
use axum::body::Body;
use axum::http::{StatusCode, header};
use outguide::access::Role;
use outguide::tracking::Verdict;

/// A form for chart 1 to the heart clinic, at 12:00 of the day.
fn wish<'a>(form: &'a str, requester: &'a str, needed: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("chart", "1"),
        ("volumes", "newest"),
        ("to", "2"),
        ("needed", needed),
        ("channel", "phone"),
        ("priority", "urgent"),
        ("requester", requester),
        ("purpose", "visit"),
        ("form", form),
    ]
}

async fn room() -> Room {
    Room::new(&[("12-34-56", "V1"), ("12-34-57", "V2"), ("12-34-58", "V3")]).await
}

async fn upload(room: &Room, text: &str) -> crate::room::Answer {
    let body = format!(
        "--x\r\ncontent-disposition: form-data; name=\"text\"\r\n\r\n{text}\r\n--x\r\ncontent-disposition: form-data; \
         name=\"map\"\r\n\r\n\r\n--x--\r\n"
    );
    let request = room
        .request("POST", Some(Role::Supervisor), "/schedule")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=x");
    room.send(request.body(Body::from(body)).unwrap()).await
}

#[tokio::test]
async fn a_request_is_made_on_a_charts_page_and_is_shown_there() {
    let room = room().await;
    assert!(room.page("/charts/1").await.contains("Nobody asked for it"));
    let form = room.page("/requests/new?chart=1").await;
    assert!(form.contains("12-34-56") && form.contains("value=\"2026-11-22T12:42\""), "{form}");
    let taken = room.post("/requests", &wish("f1", "Dr Lee", "2026-11-22T12:00")).await;
    assert_eq!((taken.status, taken.location()), (StatusCode::SEE_OTHER, "/requests/1"));
    let again = room.post("/requests", &wish("f1", "Dr Lee", "2026-11-22T12:00")).await;
    assert_eq!(again.location(), "/requests/1", "sent twice, made once");
    let page = room.page("/requests/1").await;
    assert!(page.contains("Dr Lee, phone message") && page.contains("Sun 22 Nov 2026, 12:00"), "{page}");
    assert!(!page.contains("<title>12-34-56"), "no number in a title");
    assert!(room.page("/charts/1").await.contains("Who needs it next</h2>\n\n<ol>\n<li"));
    assert!(room.page("/requests").await.contains("12-34-56"));
    assert!(room.page("/requests?to=2").await.contains("12-34-56"));
    assert!(room.page("/requests?to=1").await.contains("Nobody waits for a chart here"));
    let mine = room.post("/requests/of", &[("requester", "dr lee")]).await;
    assert!(mine.body.contains("12-34-56"), "{}", mine.body);
    let slip = room.page("/requests/1/slip").await;
    assert!(slip.contains("<svg") && slip.contains("Cardiology"), "{slip}");
}

#[tokio::test]
async fn one_volume_of_several_is_asked_for() {
    let room = Room::new(&[("12-34-56", "V1"), ("12-34-56", "V2"), ("77-88-99", "V3")]).await;
    let form = room.page("/requests/new?chart=1&volume=1").await;
    assert!(
        form.contains("name=\"volumes\" value=\"1\" checked") && form.contains("Volume 2 alone"),
        "{form}"
    );
    let ask = async |form: &str, fields: &[(&str, &str)]| {
        let common = [("to", "2"), ("needed", "2026-11-22T12:00"), ("requester", "Dr Lee"), ("form", form)];
        room.post("/requests", &[&common, fields].concat()).await
    };
    let of = |request: &str| {
        room.rows(&format!("select volume_id from request where request_id = {request}")).join(" ")
    };
    let first = ask("f1", &[("chart", "1"), ("volumes", "1")]).await;
    assert_eq!((first.location(), of("1").as_str()), ("/requests/1", "1"), "{}", first.body);
    let second = ask("f2", &[("q", "V2"), ("volumes", "this")]).await;
    assert_eq!((second.location(), of("2").as_str()), ("/requests/2", "2"), "{}", second.body);
    for (fields, why) in [
        (vec![("q", "12-34-56"), ("volumes", "this")], "several volumes"),
        (vec![("chart", "1"), ("volumes", "3")], "no such volume"),
    ] {
        let refused = ask("f3", &fields).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.body);
        assert!(refused.body.contains(why), "{why}: {}", refused.body);
    }
    assert!(!room.page("/requests/new?chart=2").await.contains("alone"), "one volume is no choice");
    assert!(room.page("/charts/1").await.contains("/requests/new?chart=1&amp;volume=1"));
}

#[tokio::test]
async fn what_is_refused_says_why_and_keeps_the_form() {
    let room = room().await;
    let refused = async |fields: &[(&str, &str)]| {
        let answer = room.post("/requests", fields).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
        answer.body
    };
    let past = refused(&wish("f1", "Dr Lee", "2026-11-21T12:00")).await;
    assert!(past.contains("has passed") && past.contains("value=\"Dr Lee\""), "{past}");
    assert!(refused(&wish("f1", "", "2026-11-22T12:00")).await.contains("say who asks"));
    assert!(refused(&wish("f1", " \u{7} ", "2026-11-22T12:00")).await.contains("say who asks"));
    assert!(refused(&wish("f1", &"x".repeat(300), "2026-11-22T12:00")).await.contains("at most 200"));
    assert!(refused(&wish("f1", "Dr Lee", "tomorrow")).await.contains("write a date and a time"));
    assert!(refused(&[("q", "99-99-99"), ("to", "2")]).await.contains("no chart has this label"));
    assert_eq!(room.get("/requests/new?chart=99").await.status, StatusCode::NOT_FOUND);
    room.post("/requests", &wish("f1", "Dr Lee", "2026-11-22T12:00")).await;
    assert!(refused(&wish("f2", "Dr Lee", "2026-11-22T12:30")).await.contains("this is request 1 again"));
}

#[tokio::test]
async fn hostile_text_shows_as_text_everywhere() {
    let room = room().await;
    room.post("/requests", &wish("f1", HOSTILE, "2026-11-22T12:00")).await;
    room.post(
        "/requests",
        &[("chart", "2"), ("to", "3"), ("needed", "2026-11-22T12:00"), ("requester", HOSTILE)],
    )
    .await;
    assert_eq!(room.scan("clinic", "V2").await, Some(Verdict::Attention));
    for address in [
        "/requests",
        "/requests/1",
        "/requests/2",
        "/requests/2/slip",
        "/pulls",
        "/pulls/2",
        "/pulls/2/print",
        "/charts/2",
        "/stations/clinic",
        "/requests/new",
        "/schedule",
    ] {
        let page = room.page(address).await;
        assert!(
            !page.contains("<img") && !page.contains('\u{202e}') && !page.contains('\u{1b}'),
            "{address}: {page}"
        );
    }
}

#[tokio::test]
async fn of_two_who_act_on_one_page_the_second_is_told_what_changed() {
    let room = room().await;
    room.post("/requests", &wish("f1", "Dr Lee", "2026-11-22T12:00")).await;
    let act = |step: &'static str| {
        let room = &room;
        async move { room.post("/requests/1", &[("step", step), ("why", "not needed"), ("seen", "1")]).await }
    };
    assert_eq!(act("cancelled").await.status, StatusCode::SEE_OTHER);
    let late = act("not-fillable").await;
    assert_eq!(late.status, StatusCode::CONFLICT);
    assert!(late.body.contains("cancelled by supervisor (not needed)"), "{}", late.body);
    assert_eq!(act("delivered").await.status, StatusCode::BAD_REQUEST, "only a scan delivers");
}

#[tokio::test]
async fn a_schedule_becomes_pull_lists_that_are_worked_and_printed() {
    let room = room().await;
    let text = "MRN,Clinic,Date,Time,Doctor\n12-34-58,CLIN,2026-11-22,13:00,Dr Lee\n12-34-56,CLIN,2026-11-22,12:00,Dr Lee\n\
                12-34-56,EVIL,2026-11-22,15:00,Dr Ng\n99,CLIN,2026-11-22,16:00,Dr Lee\n12-34-56,Nowhere,2026-11-22,17:00,\n\
                12-34-56,CLIN,2026-11-20,17:00,\n";
    let taken = upload(&room, text).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.body);
    assert!(taken.body.contains("Taken: 5 new, 0 moved, 0 cancelled, 0 as before"), "{}", taken.body);
    assert!(taken.body.contains("Not on file as clinics: Nowhere"), "{}", taken.body);
    assert!(taken.body.contains("2026-11-20 is over"), "{}", taken.body);
    assert!(taken.body.contains("no chart has this number"), "{}", taken.body);
    assert!(upload(&room, text).await.body.contains("0 new, 0 moved, 0 cancelled, 5 as before"));
    assert!(room.page("/pulls").await.contains("0 of 2"));
    let list = room.page("/pulls/1").await;
    let (first, last) = (list.find("12-34-56").unwrap(), list.find("12-34-58").unwrap());
    assert!(first < last, "in the order of the shelves, not of the day: {list}");
    let board = room.page("/conflicts").await;
    assert!(board.contains("12-34-56") && board.contains("Dr Ng") && !board.contains("12-34-58"), "{board}");

    let ticked = room.post("/pulls/1", &[("request", "1"), ("step", "pulled"), ("seen", "1")]).await;
    assert_eq!(ticked.location(), "/pulls/1#r1");
    let without = room.post("/pulls/1", &[("request", "2"), ("step", "not-found"), ("seen", "1")]).await;
    assert_eq!(without.status, StatusCode::CONFLICT, "not without a reason");
    room.post("/pulls/1", &[("request", "2"), ("step", "not-found"), ("why", "no outguide"), ("seen", "1")])
        .await;
    let list = room.page("/pulls/1").await;
    assert!(list.contains("not found: no outguide") && list.contains("1 of 2"), "{list}");

    let begun = room.post("/pulls/1/print", &[("clerks", "2")]).await;
    assert_eq!(begun.location(), "/pulls/1/print?clerks=2");
    let paper = room.page(begun.location()).await;
    assert!(paper.contains("page 1 of 1") && paper.contains("<svg"), "{paper}");
    assert!(upload(&room, "mrn,clinic,start\n12-34-57,CLIN,2026-11-22 14:00\n").await.body.contains("1 new"));
    room.app.clock.advance(std::time::Duration::from_secs(60));
    assert!(
        upload(&room, "mrn,clinic,start\n12-34-57,CLIN,2026-11-22 14:30\n").await.body.contains("1 moved")
    );
    let begun = room.post("/pulls/1/print", &[("updates", "1")]).await;
    assert!(begun.location().contains("since="), "{}", begun.location());
    let paper = room.page(begun.location()).await;
    assert!(paper.contains("updates only") && paper.contains("12-34-57"), "{paper}");
    let wants = room.post("/schedule/wants", &[("clinic", "2"), ("wants", "medical all, dental")]).await;
    assert_eq!(wants.status, StatusCode::SEE_OTHER);
    assert!(room.page("/schedule").await.contains("medical, all volumes"));
}

#[tokio::test]
async fn a_schedule_that_is_none_is_told_and_changes_nothing() {
    let room = room().await;
    for (text, expect) in [
        ("", "the schedule is empty"),
        ("hello", "the header lacks"),
        ("mrn,clinic\n1,A\n", "no column says when"),
        ("\u{0}\u{1}\u{2}", "the header"),
    ] {
        let answer = upload(&room, text).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{text:?}");
        assert!(answer.body.contains(expect), "{text:?}: {}", answer.body);
    }
    let answer = upload(&room, "mrn,clinic,start\n1\u{202e},CLIN,x\n1,CLIN,3/4/2026 10:00\n").await;
    assert!(answer.body.contains("2 lines were left out"), "{}", answer.body);
    assert!(room.page("/pulls").await.contains("Nothing is to be pulled"));
}

#[tokio::test]
async fn a_scan_of_a_wanted_chart_says_hold_on_the_stations_page() {
    let room = room().await;
    room.post("/requests", &wish("f1", "Dr Lee", "2026-11-22T12:00")).await;
    assert_eq!(room.scan("desk", "V1").await, Some(Verdict::Look));
    let page = room.page("/stations/desk").await;
    assert!(page.contains("HOLD for Dr Lee") && page.contains("Cardiology, urgent"), "{page}");
    assert_eq!(room.scan("clinic", "V1").await, Some(Verdict::Moved));
    assert!(room.page("/requests/1").await.contains("delivered"));
}

/// Sends one step of request 1 as somebody.
async fn step_as(room: &Room, role: Role, step: &str) -> crate::room::Answer {
    room.post_as(Some(role), "/requests/1", &[("step", step), ("why", "not needed")]).await
}

#[tokio::test]
async fn whoever_only_asks_for_charts_changes_what_they_asked_for_and_nothing_else() {
    let room = room().await;
    room.post_as(Some(Role::Clerk), "/requests", &wish("f1", "Dr Lee", "2026-11-22T12:00")).await;
    room.sql("update volume set at_id = 3 where volume_id = 1");
    for step in ["cancelled", "recalled"] {
        let refused = step_as(&room, Role::Requester, step).await;
        assert_eq!(refused.status, StatusCode::CONFLICT, "{step}: {}", refused.body);
        assert!(refused.body.contains("somebody else made this request"), "{}", refused.body);
        let by_program = room.request("POST", Some(Role::Requester), "/api/v1/requests/1/steps");
        let body = format!(r#"{{"step":"{step}","why":"not needed"}}"#);
        let by_program = by_program.header(header::CONTENT_TYPE, "application/json").body(Body::from(body));
        assert_eq!(room.send(by_program.unwrap()).await.status, StatusCode::CONFLICT, "{step}");
    }
    let page = room.get_as(Some(Role::Requester), "/requests/1").await.body;
    assert!(!page.contains("What to do"), "{page}");
    room.sql("update request set asked_by = 'requester' where request_id = 1");
    let page = room.get_as(Some(Role::Requester), "/requests/1").await.body;
    assert!(page.contains("cancel</option>") && !page.contains("not-found"), "{page}");
    for step in ["recalled", "cancelled"] {
        assert_eq!(step_as(&room, Role::Requester, step).await.location(), "/requests/1", "{step}");
    }
}

#[tokio::test]
async fn what_is_done_with_a_request_is_chosen_and_never_the_first_button() {
    let room = room().await;
    room.post("/requests", &wish("f1", "Dr Lee", "2026-11-22T12:00")).await;
    let page = room.page("/requests/1").await;
    let form = page.split("<form").find(|form| form.contains("name=\"why\"")).unwrap();
    assert!(form.contains("name=\"step\" required><option value=\"\">"), "{form}");
    assert_eq!(form.matches("<button").count(), 1, "{form}");
    assert_eq!(step_as(&room, Role::Supervisor, "").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_list_that_was_asked_for_by_a_form_does_not_ask_again_by_itself() {
    let room = room().await;
    assert!(room.page("/requests").await.contains("data-live=\"*\""));
    let asked = room.post("/requests/of", &[("requester", "Dr Lee")]).await;
    assert!(asked.body.contains("data-live=\"\""), "{}", asked.body);
    assert!(room.post("/requests/of", &[("requester", "")]).await.body.contains("data-live=\"\""));
}

#[tokio::test]
async fn a_schedule_of_a_large_hospital_fits() {
    let room = room().await;
    // Of what a clinic exports, most is nothing to us.
    let note = "x".repeat(1000);
    let lines = (0..200).map(|n| format!("99-99-{n:02},CLIN,2026-11-23T08:00,{note}\n"));
    let text = format!("mrn,clinic,start,remarks\n{}", lines.collect::<String>());
    assert!(text.len() > 2 * room.app.limits.body_bytes_max);
    let taken = upload(&room, &text).await;
    assert_eq!(taken.status, StatusCode::OK, "{}", taken.body);
    let line = r#"{"mrn":"99-99-99","clinic":"CLIN","start":"2026-11-23T08:00:00Z"}"#;
    let body = format!(r#"{{"appointments":[{line}]{}}}"#, " ".repeat(200_000));
    let request = room.request("POST", Some(Role::Clerk), "/api/v1/schedule");
    let request = request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body)).unwrap();
    assert_ne!(room.send(request).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let other = room.post("/requests/of", &[("requester", &"x".repeat(100_000))]).await;
    assert!(!other.status.is_success(), "other forms are as small as before");
}
