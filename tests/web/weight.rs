//! Pages of a busy file room stay light: what weighs is cut into parts, and no row is lost between them.

use crate::room::Room;
use std::collections::BTreeSet;

/// Rows that each list has.
const ROWS: usize = 300;
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
    let mut rows = BTreeSet::new();
    let mut next = Some(address.to_owned());
    while let Some(here) = next {
        let page = room.page(&here).await;
        assert!(page.len() < BYTES_MAX, "{here}: {} bytes", page.len());
        let found = page.split(row).skip(1).filter_map(|rest| rest.split(['"', '?']).next());
        let before = rows.len();
        rows.extend(found.map(str::to_owned));
        assert!(rows.len() > before, "{here}: nothing new, after {before}: {page}");
        assert!(page.contains(&format!(" of {ROWS}</span>")), "{here}: how many there are: {page}");
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
