//! Every route is walked with a restricted chart in the room: nobody who gave no reason reads whose it is.

use crate::matrix::address;
use crate::room::{Answer, Room};
use axum::body::Body;
use axum::http::{StatusCode, header};
use outguide::access::Role;
use outguide::tracking::{PullListId, Verdict};
use outguide::web::{Route, routes};
use std::collections::BTreeSet;
use std::time::Duration;

/// Chart 1, with a second folder and a number that was merged into its own; in it is everything that pages are about:
/// request 1 on pull list 1, notice 1, case 1, item 1 to combine, a folder that never arrived, one to be labelled.
async fn room(is_restricted: bool) -> Room {
    let room = Room::of_patients(&[
        ("12-34-56", "V7701", "Quastenflosser, Wilhelmina", "1931-07-17"),
        ("65-43-21", "V7702", "Quastenflosser, Maria", "1956-12-31"),
        ("77-66-55", "V7703", "Quastenflosser, Wilhelmina", "1931-07-17"),
        ("12-34-56", "V7704", "Quastenflosser, Wilhelmina", "1931-07-17"),
    ])
    .await;
    room.post("/charts/1/merge", &[("number", "77-66-55"), ("confirmed", "yes")]).await;
    room.post("/schedule/wants", &[("clinic", "2"), ("wants", "medical all")]).await;
    let booked = |clinic: &str, hour: u32| {
        format!(r#"{{"mrn":"12-34-56","clinic":"{clinic}","start":"2026-11-22T{hour}:00:00Z"}}"#)
    };
    let schedule = format!(
        r#"{{"appointments":[{},{},{}]}}"#,
        booked("CLIN", 15),
        booked("EVIL", 16),
        booked("Nowhere", 17)
    );
    let taken = room.request("POST", Some(Role::Supervisor), "/api/v1/schedule");
    let taken = taken.header(header::CONTENT_TYPE, "application/json").body(Body::from(schedule)).unwrap();
    assert_eq!(room.send(taken).await.status, StatusCode::OK);
    crate::notices::ask_for_one(&room).await;
    let flagged = [("sign", "holder-denies"), ("sure", "yes")];
    assert_eq!(room.post("/volumes/1/missing", &flagged).await.location(), "/missing/1");
    room.sql("update volume set label_due = 1 where label in ('V7701', 'V7702', 'V7704');");
    let list = room.app.store.pull_list(PullListId(1)).await.unwrap().unwrap().view.label;
    room.make_desk().await;
    room.scan("clinic", "V7704").await;
    room.scan("desk", "V7704").await;
    room.scan("desk", &list).await;
    room.sql("update volume set in_transit = 1, since_us = 1 where label = 'V7704'");
    room.scan("clinic", "V7799").await;
    room.app.clock.advance(Duration::from_secs(3 * 3600));
    if is_restricted {
        let fields = [("restricted", "yes"), ("why", "a member of the staff")];
        let answer = room.post_as(Some(Role::Privacy), "/charts/1/restriction", &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    }
    room
}

/// What of an answer is of the patient. `Quastenflosser` is asked for, and another has the name.
fn tells(answer: &Answer) -> Option<&'static str> {
    let body = answer.body.replace("number&quot;:&quot;77", "");
    ["Wilhelmina", "1931", "12-34-56", "123456", "77-66-55"].into_iter().find(|mark| body.contains(mark))
}

/// The form or body that makes a route show as much as it can, without any of the marks in it.
fn said(route: &Route, form: &str) -> (String, String) {
    let address = address(route).replace("/custodians/1/close", "/custodians/2/close");
    let body = match route.path.as_str() {
        "/locate" => "q=quastenflosser".to_owned(),
        "/labels" => "what=shelf&custodian=1&on=sheet%3Al7160&symbology=code128".to_owned(),
        "/labels/initial" => "area=1&on=sheet%3Al7160&symbology=code128".to_owned(),
        "/stations/{name}/keyed" => format!("id={form}&text=V7701"),
        "/earlier" => "at=2026-11-22T12:00&station=desk&done=came&place=&lines=V7704".to_owned(),
        "/work/{item}/label" => return ("/work/2/label".to_owned(), "number=776655".to_owned()),
        "/charts/{chart}/merge" => return ("/charts/2/merge".to_owned(), "number=776655".to_owned()),
        "/charts/new" => "mrn=776655&record_type=medical&home=FILE&label=V8800".to_owned(),
        "/requests/of" => "requester=CLIN".to_owned(),
        "/audit" => "number=776655".to_owned(),
        "/pulls/{list}" => "request=1&step=pulled".to_owned(),
        "/api/v1/charts/search" => r#"{"query":"quastenflosser"}"#.to_owned(),
        "/api/v1/requests" => {
            r#"{"query":"776655","to":"CLIN","needed_at":"2026-11-22T18:00:00Z","requester":"x"}"#.to_owned()
        }
        path if path.starts_with("/api/") => "{}".to_owned(),
        _ => "chart=1&volumes=newest&to=2&requester=x&needed=2026-11-22T18:00&volume=1&life=retired&why=because\
              &home=FILE&name=x&place=desk+2&how=glance&reason=other&has_it=no&found=no&step=cancelled&at=2&stay=discharged"
            .to_owned(),
    };
    (address, body)
}

async fn ask(room: &Room, route: &Route, role: Role, form: &str) -> Answer {
    let (address, body) = said(route, form);
    let kind = if route.path.starts_with("/api/") {
        "application/json"
    } else {
        "application/x-www-form-urlencoded"
    };
    let request = room.request(route.method, Some(role), &address).header(header::CONTENT_TYPE, kind);
    let body = if route.method == "POST" { Body::from(body) } else { Body::empty() };
    room.send(request.body(body).unwrap()).await
}

fn walk() -> Vec<Route> {
    let ends = ["/sign-out", "/api/v1/changes", "/help"];
    let mut routes: Vec<_> =
        routes().into_iter().filter(|route| !ends.contains(&route.path.as_str())).collect();
    // What is read before what changes it; what opens the chart comes after the walk.
    routes.retain(|route| {
        !["/charts/{chart}/open", "/charts/{chart}/restriction"].contains(&route.path.as_str())
    });
    routes.sort_by_key(|route| route.method == "POST");
    routes
}

/// The routes that told something of the patient, and what.
async fn told(room: &Room, role: Role) -> BTreeSet<(String, &'static str)> {
    let form = if role == Role::Supervisor || role == Role::Clerk {
        let page = room.page("/stations/clinic/keyed").await;
        page.split("name=\"id\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    } else {
        String::new()
    };
    let mut told = BTreeSet::new();
    for route in walk() {
        let answer = ask(room, &route, role, &form).await;
        if let Some(what) = tells(&answer) {
            told.insert((format!("{} {}", route.method, route.path), what));
        }
    }
    told
}

#[tokio::test]
async fn nobody_without_a_reason_sees_whose_a_restricted_chart_is() {
    // The control: with nothing restricted, so many routes tell.
    let mut open = BTreeSet::new();
    for role in [Role::Supervisor, Role::Privacy] {
        open.extend(told(&room(false).await, role).await.into_iter().map(|(route, _)| route));
    }
    for route in [
        "GET /charts/{chart}",
        "GET /requests",
        "GET /requests/{request}",
        "GET /pulls/{list}",
        "GET /pulls/{list}/print",
        "GET /conflicts",
        "GET /schedule",
        "GET /missing",
        "GET /missing/{case}",
        "GET /missing/{case}/sheet",
        "GET /missing/{case}/record",
        "GET /notices/{notice}",
        "GET /notices/slips",
        "GET /arrivals",
        "GET /work",
        "GET /work/{item}",
        "GET /custodians/{custodian}",
        "GET /custodians/{custodian}/close",
        "GET /stations/{name}",
        "GET /labels/initial",
        "GET /volumes/{volume}/label",
        "POST /locate",
        "POST /stations/{name}/keyed",
        "POST /earlier",
        "POST /work/{item}/label",
        "POST /charts/{chart}/merge",
        "POST /charts/new",
        "POST /requests/of",
        "POST /api/v1/charts/search",
        "GET /api/v1/requests",
        "GET /api/v1/requests/{id}",
        "GET /api/v1/pull-lists/{id}",
        "GET /api/v1/missing",
        "GET /api/v1/notices/{id}",
        "GET /api/v1/never-arrived",
        "GET /api/v1/stations/{name}",
    ] {
        assert!(open.contains(route), "{route} tells nothing of a chart that is open: {open:#?}");
    }
    for role in Role::ALL {
        let closed = told(&room(true).await, role).await;
        assert!(closed.is_empty(), "{role:?} reads of a closed chart: {closed:#?}");
    }
}

/// Whatever is done to a single chart waits for the reason, too.
#[tokio::test]
async fn nothing_is_done_to_a_closed_chart_but_scans_and_the_work_of_lists() {
    let room = room(true).await;
    let history = |room: &Room| {
        room.rows("select group_concat(action || coalesce(detail, '')) from audit where action not in ('view', 'scan')")
    };
    let before = history(&room);
    let mut tried = 0;
    for route in walk().iter().filter(|route| route.method == "POST") {
        let is_of_one = ["{chart}", "{volume}", "{case}", "{request}", "{merge}"]
            .iter()
            .any(|part| route.path.contains(part))
            || route.path.starts_with("/api/v1/")
                && route.path.contains("{id}")
                && ["charts", "volumes", "requests", "missing", "merges", "work-items"]
                    .iter()
                    .any(|word| route.path.starts_with(&format!("/api/v1/{word}/")));
        if is_of_one {
            let answer = ask(&room, route, Role::Supervisor, "").await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{route:?}: {}", answer.body);
            tried += 1;
        }
    }
    assert!(tried > 35, "{tried}");
    assert_eq!(history(&room), before, "something was done");
    // The work goes on: a row of a list is ticked, a label typed, a folder scanned.
    let row = room.rows("select request_id from request where volume_id = 3 and pull_list_id = 1").remove(0);
    let ticked = room.post("/pulls/1", &[("request", &row), ("step", "pulled")]).await;
    assert_eq!(ticked.location(), format!("/pulls/1#r{row}"), "{}", ticked.body);
    assert_eq!(room.scan("clinic", "V7701").await, Some(Verdict::Look), "a case is open: it is found");
    assert!(room.scan("desk", "V7701").await.is_some());
    let list = room.page("/pulls/1").await;
    assert!(list.contains("restricted, V7703"), "{list}");
}

/// Who pulls a folder without its number goes by the shelf and the label; a reason shows the number, for that sign-in.
#[tokio::test]
async fn a_pull_list_says_where_a_closed_folder_stands() {
    let room = room(true).await;
    room.sql("update volume set at_id = 1, in_transit = null where chart_id = 1");
    for page in ["/pulls/1", "/pulls/1/print"] {
        let page = room.page(page).await;
        assert!(
            page.contains("restricted, V7703") && page.contains("section 55, then 66, then 77"),
            "{page}"
        );
    }
    room.post("/charts/1/open", &[("why", "the ward called")]).await;
    let page = room.page("/pulls/1").await;
    assert!(page.contains("77-66-55") && !page.contains("restricted"), "{page}");
    let other = room.get_as(Some(Role::Clerk), "/pulls/1").await.body;
    assert!(!other.contains("77-66-55"), "{other}");
}

/// Labels of the others are printed; what was left out is said.
#[tokio::test]
async fn a_shelf_of_labels_leaves_a_closed_folder_out_and_says_so() {
    let room = room(true).await;
    let shelf = [("what", "shelf"), ("custodian", "1"), ("on", "sheet:l7160"), ("symbology", "code128")];
    let sheet = room.post("/labels", &shelf).await;
    assert_eq!(sheet.status, StatusCode::OK, "{}", sheet.body);
    assert!(sheet.body.contains("V7702") && !sheet.body.contains("V7701"), "{}", sheet.body);
    assert!(sheet.body.contains("folders are of restricted charts and left out"), "{}", sheet.body);
    let listed =
        [("what", "volumes"), ("list", "V7702\nV7701"), ("on", "sheet:l7160"), ("symbology", "code128")];
    let refused = room.post("/labels", &listed).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("line 2, V7701: its chart is restricted; open it first"),
        "{}",
        refused.body
    );
}

/// A program that says why reads a whole list; each chart that is opened so is in the books once.
#[tokio::test]
async fn programs_read_lists_whole_with_a_reason() {
    let room = room(true).await;
    let ask = async |why: Option<&str>| {
        let mut request = room.request("GET", Some(Role::Supervisor), "/api/v1/requests");
        if let Some(why) = why {
            request = request.header("x-outguide-reason", why);
        }
        room.send(request.body(Body::empty()).unwrap()).await.body
    };
    assert!(ask(None).await.contains("\"mrn\":\"restricted, V7703\""));
    assert!(ask(Some("nightly audit")).await.contains("77-66-55"));
    assert_eq!(room.count("select count(*) from glass"), 1);
}
