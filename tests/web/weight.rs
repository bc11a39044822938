//! Pages of a busy or large file room stay light: what weighs is cut into parts, and no row is lost between them.

use crate::room::Room;
use std::collections::BTreeSet;
use std::time::Duration;

/// Rows that each list has.
const ROWS: usize = 300;
/// Places, and people, of a large hospital.
const LARGE: usize = 5000;
/// Most bytes of a page.
const BYTES_MAX: usize = 50_000;

/// Every chart is asked for, on one pull list, sent and never arrived, and searched for.
async fn busy() -> Room {
    let charts: Vec<(String, String)> =
        (1..=ROWS).map(|at| (format!("12-{:02}-{:02}", at / 100, at % 100), format!("V{at}"))).collect();
    let charts: Vec<(&str, &str)> = charts.iter().map(|(mrn, label)| (&**mrn, &**label)).collect();
    let room = Room::new(&charts).await;
    for chart in 1..=ROWS {
        let (chart, form) = (chart.to_string(), format!("f{chart}"));
        let wish = [
            ("chart", &*chart),
            ("volumes", "newest"),
            ("to", "2"),
            ("needed", "2026-11-22T12:00"),
            ("channel", "phone"),
            ("priority", "urgent"),
            ("requester", "Dr Lee, heart clinic"),
            ("form", &*form),
        ];
        assert_eq!(room.post("/requests", &wish).await.location(), format!("/requests/{chart}"));
        let flag = format!("/volumes/{chart}/missing");
        let missing = room.post(&flag, &[("sign", "home-slot-empty"), ("sure", "yes")]);
        assert_eq!(missing.await.location(), format!("/missing/{chart}"));
    }
    room
}

/// Walks a list to its end; the addresses of its rows.
async fn walk(room: &Room, address: &str, row: &str) -> BTreeSet<String> {
    walk_of(room, address, row, ROWS).await
}

/// The same of a list of so many rows.
async fn walk_of(room: &Room, address: &str, row: &str, of: usize) -> BTreeSet<String> {
    let mut rows = BTreeSet::new();
    let mut next = Some(address.to_owned());
    while let Some(here) = next {
        let page = room.page(&here).await;
        assert!(page.len() < BYTES_MAX, "{here}: {} bytes", page.len());
        let found = page.split(row).skip(1).filter_map(|rest| rest.split(['"', '?']).next());
        let before = rows.len();
        rows.extend(found.map(str::to_owned));
        assert!(rows.len() > before, "{here}: nothing new, after {before}: {page}");
        assert!(page.contains(&format!(" of {of}</span>")), "{here}: how many there are: {page}");
        let link = page.split_once("\">Next</a>").and_then(|(before, _)| before.rsplit_once("href=\"?"));
        let path = address.split('?').next().unwrap();
        next = link.map(|(_, query)| format!("{path}?{}", query.replace("&#38;", "&").replace("&amp;", "&")));
    }
    rows
}

#[tokio::test]
async fn every_part_of_a_long_list_is_light_and_together_they_have_every_row() {
    let room = busy().await;
    for (address, row) in [
        ("/requests", "<td data-th=\"Chart\"><a class=\"code\" href=\"/requests/"),
        ("/requests?to=2", "<td data-th=\"Chart\"><a class=\"code\" href=\"/requests/"),
        ("/missing", "<td data-th=\"Chart\"><a class=\"code\" href=\"/charts/"),
    ] {
        assert_eq!(walk(&room, address, row).await.len(), ROWS, "{address}");
    }
    let list = room.rows("select pull_list_id from pull_list order by 1").pop().unwrap();
    assert_eq!(walk(&room, &format!("/pulls/{list}"), "<tr id=\"r").await.len(), ROWS);
    let ticked = [("request", "300"), ("step", "pulled"), ("seen", "1"), ("page", "11")];
    let ticked = room.post(&format!("/pulls/{list}"), &ticked).await;
    assert_eq!(ticked.location(), format!("/pulls/{list}?page=11#r300"));
    let theirs = [("requester", "Dr Lee, heart clinic"), ("page", "1")];
    let theirs = room.post("/requests/of", &theirs).await.body;
    assert!(theirs.contains("51 to 100 of 300") && theirs.contains("name=\"page\" value=\"2\""), "{theirs}");
    assert!(theirs.len() < BYTES_MAX, "{} bytes", theirs.len());
}

#[tokio::test]
async fn every_part_of_what_never_arrived_is_light() {
    let charts: Vec<(String, String)> =
        (1..=ROWS).map(|at| (format!("12-{:02}-{:02}", at / 100, at % 100), format!("V{at}"))).collect();
    let charts: Vec<(&str, &str)> = charts.iter().map(|(mrn, label)| (&**mrn, &**label)).collect();
    let room = Room::new(&charts).await;
    room.app.clock.advance(Duration::from_hours(5));
    let labels: Vec<&str> = charts.iter().map(|(_, label)| *label).collect();
    let sent = [
        ("at", "2026-11-22T12:00"),
        ("station", "desk"),
        ("done", "went"),
        ("place", "3"),
        ("lines", &labels.join("\n")),
        ("id", &room.app.intake.new_id().to_string()),
        ("record", "yes"),
    ];
    let answer = room.post("/earlier", &sent).await;
    assert!(answer.location().contains("first=1"), "{}", answer.body);
    room.sql("update volume set in_transit = 1");
    room.app.clock.advance(Duration::from_hours(72));
    let rows = walk(&room, "/arrivals", "<th scope=\"row\"><a class=\"code\" href=\"/charts/").await;
    assert_eq!(rows.len(), ROWS);
}

#[tokio::test]
async fn with_five_thousand_custodians_and_people_pages_are_light_and_each_is_found() {
    let room = Room::large(&[("12-34-56", "V1"), ("12-34-57", "V2"), ("12-34-56", "V3")], LARGE).await;
    for (address, row, of) in [
        ("/custodians", "<th scope=\"row\"><a href=\"/custodians/", LARGE + 3),
        ("/people", "action=\"/people/", LARGE),
    ] {
        let rows = walk_of(&room, address, row, of).await;
        let rows: BTreeSet<_> =
            rows.iter().filter_map(|row| row.split('/').next()?.parse::<u32>().ok()).collect();
        assert_eq!(rows.len(), of, "{address}");
    }
    // Where one is chosen, too.
    let list = room.post("/volumes/1/missing", &[("sign", "home-slot-empty"), ("sure", "yes")]).await;
    let case = list.location().to_owned();
    for address in [
        "/custodians?sort=away&page=50",
        "/requests",
        "/requests/new",
        "/requests?to=7",
        "/charts/new",
        "/charts/1/change",
        "/earlier",
        "/labels",
        "/schedule",
        "/record-types",
        "/custodians/new",
        "/custodians/2/edit",
        "/custodians/2/close",
        &case,
    ] {
        let page = room.page(address).await;
        assert!(page.len() < BYTES_MAX, "{address}: {} bytes", page.len());
    }
    let found = room.post("/custodians/find", &[("custodian.id", "Clinic 4999")]).await;
    assert!(found.location().starts_with("/custodians/"), "{}", found.body);
}
