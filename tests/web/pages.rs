//! What the pages say.

use crate::room::Room;
use axum::http::StatusCode;
use outguide::tracking::Verdict;
use std::time::Duration;

/// Number of the tests' chart. No page may put it into an address or a title.
const MRN: &str = "12-34-56";

#[tokio::test]
async fn every_page_is_there_and_light() {
    let charts: Vec<(String, String)> =
        (0..150).map(|n| (format!("10-{:02}-{:02}", n / 100, n % 100), format!("V{n}"))).collect();
    let charts: Vec<_> = charts.iter().map(|(mrn, label)| (mrn.as_str(), label.as_str())).collect();
    let room = Room::new(&charts).await;
    for number in 0..70 {
        let station = if number % 2 == 0 { "clinic" } else { "desk" };
        room.scan(station, "V7").await;
        room.scan(station, &format!("V9999{number}")).await;
    }
    for number in 20..140 {
        room.scan("clinic", &format!("V{number}")).await;
    }
    for (address, expect) in [
        ("/", "Volumes on file"),
        ("/charts/8", "10-00-07"),
        ("/stations", "Heart clinic"),
        ("/stations/desk", "recorded today"),
        ("/custodians", "Cardiology"),
        ("/custodians?sort=away", "aria-sort=\"descending\""),
        ("/custodians/1", "in shelf order"),
        ("/custodians/2", "Next 100"),
        ("/scanners", "/dev/scanner/desk"),
        ("/work", "V9999"),
        ("/help", "NOT RECORDED"),
        ("/labels", "Folders of a shelf"),
        ("/volumes/1/label", "Print this label"),
        ("/setup", "]C0OUTGUIDE-TEST"),
        ("/setup/zebra", "AIM"),
        ("/setup/opticon", "answer = "),
    ] {
        let page = room.page(address).await;
        assert!(page.contains(expect), "{address} lacks {expect}");
        assert!(page.len() < 50 * 1024, "{address} weighs {} bytes", page.len());
        assert!(page.contains("– North file room</title>"), "{address}");
        assert!(page.contains("action=\"/locate\""), "{address} has no box");
    }
}

#[tokio::test]
async fn one_chart_found_is_opened_at_once_by_label_or_number() {
    let room = Room::new(&[(MRN, "V1"), (MRN, "V2"), ("77-88-99", "V3")]).await;
    for (text, expect) in [
        ("V2", "/charts/1?by=label&volume=2"),
        (" V3\r\n", "/charts/2?by=label&volume=3"),
        ("*V3*", "/charts/2?by=label&volume=3"),
        (MRN, "/charts/1?by=number"),
        ("00123456", "/charts/1?by=number"),
        ("12 34 56", "/charts/1?by=number"),
        ("778899", "/charts/2?by=number"),
    ] {
        let answer = room.locate(text).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, expect), "{text}");
    }
    let page = room.page("/charts/1?by=label&volume=2").await;
    assert!(page.contains("Read as a label: now <span class=\"code\">V2</span>, volume 2."), "{page}");
    let first = page.find("Volume 2 of 2").unwrap();
    assert!(first < page.find("Volume 1 of 2").unwrap(), "the volume that was scanned stands first");
    assert!(room.page("/charts/1?by=number").await.contains("Read as a record number."));
}

#[tokio::test]
async fn nothing_found_says_how_the_text_was_read_and_what_to_do() {
    let room = Room::new(&[(MRN, "V1")]).await;
    for (text, expect) in [
        ("V404", "Read as chart label V404; no chart has this label."),
        ("V404", "Read as record number V404; no chart has this number."),
        ("999999", "Read as a label: it looks like none of this file room&#39;s labels."),
        ("5901234123457", "Read as a bar code: this is the bar code of a product"),
        ("NOREAD", "Read as a label: the scanner could not read the label"),
        ("<b>", "Not read as a record number"),
        ("", "Nothing was typed"),
        ("999999", "What to do next"),
    ] {
        let answer = room.locate(text).await;
        assert_eq!(answer.status, StatusCode::OK, "{text}");
        assert!(answer.body.contains(expect), "{text}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_chart_is_shown_with_who_has_it_since_when_and_how_it_got_there() {
    let room = Room::new(&[(MRN, "V1")]).await;
    let page = room.page("/charts/1").await;
    assert!(page.contains("at home") && page.contains("it never moved"), "{page}");
    assert_eq!(room.scan("clinic", "V1").await, Some(Verdict::Moved));
    room.app.clock.advance(Duration::from_secs(2 * 3600 + 600));
    let page = room.page("/charts/1").await;
    for expect in [
        "<strong>Cardiology</strong> <span class=\"word\">away</span>",
        "ext. 4411",
        "Sun 22 Nov 2026, 10:42</time> <span class=\"ago\">2 h 10 min ago</span>",
        "Heart clinic",
        "File area A",
        "scanned",
    ] {
        assert!(page.contains(expect), "no {expect} in {page}");
    }
}

#[tokio::test]
async fn a_long_history_is_read_page_by_page() {
    let room = Room::new(&[(MRN, "V1")]).await;
    for number in 0..60 {
        room.scan(if number % 2 == 0 { "clinic" } else { "desk" }, "V1").await;
    }
    let page = room.page("/charts/1").await;
    let (_, older) = page.split_once("/charts/1?before=").unwrap();
    let page = room.page(&format!("/charts/1?before={}", older.split('#').next().unwrap())).await;
    assert!(page.contains("Newest") && !page.contains("Older"), "{page}");
    assert_eq!(page.matches("data-th=\"From\"").count(), 10);
    assert_eq!(room.get("/charts/1?before=10,x").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(room.get("/charts/1?volume=99").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_station_shows_its_last_scan_and_counts_the_day() {
    let room = Room::new(&[(MRN, "V1"), ("2", "V2")]).await;
    assert!(room.page("/stations/clinic").await.contains("Nothing was scanned here yet"));
    room.scan("clinic", "V1").await;
    room.scan("clinic", "V1").await;
    room.scan("clinic", "V2").await;
    room.scan("clinic", "V404").await;
    let page = room.page("/stations/clinic").await;
    for expect in [
        "<strong>2</strong> recorded today",
        "outcome look",
        "Unknown label",
        "no chart has this label; put the chart aside",
        "File area A → Cardiology",
        "Already here",
        MRN,
        "<noscript><meta http-equiv=\"refresh\" content=\"5;url=/stations/clinic?live\"></noscript>",
        "data-live=\"station/clinic scanners configuration\"",
        "aria-labelledby=\"last\" data-no=\"4\" data-tone=\"attention\"",
        "<tr data-no=\"3\" data-tone=\"ok\">",
        "<tr data-no=\"2\" data-tone=\"attention\">",
        "<tr data-no=\"1\" data-tone=\"ok\">",
        "aria-label=\"Sound\" hidden>",
    ] {
        assert!(page.contains(expect), "no {expect} in {page}");
    }
    assert!(room.page("/stations/desk").await.contains("not recorded") || !page.contains("NOT RECORDED"));
    room.app.clock.advance(Duration::from_secs(24 * 3600));
    assert!(room.page("/stations/clinic").await.contains("<strong>0</strong> recorded today"));
}

#[tokio::test]
async fn a_scan_that_is_not_on_disk_is_the_loudest_thing_on_its_station_until_one_is() {
    let room = Room::new(&[(MRN, "V1")]).await;
    room.sql("create trigger poison before insert on scan begin select raise(abort, 'poison'); end");
    assert_eq!(room.scan("clinic", "V1").await, None);
    let lost =
        |page: &str| page.split("data-lost=\"").nth(1).map(|rest| rest.split('"').next().unwrap().to_owned());
    let first = lost(&room.page("/stations/clinic").await);
    assert!(first.is_some());
    assert_eq!(lost(&room.page("/stations/clinic").await), first, "the same one sounds again");
    assert_eq!(room.scan("clinic", "V1").await, None);
    let page = room.page("/stations/clinic").await;
    assert_ne!(lost(&page), first, "the second one does not sound");
    for expect in [
        "<section class=\"outcome not-recorded\" role=\"alert\" ",
        "Keep the chart in your hand and scan it again",
        "2 scans in a row are not on record",
    ] {
        assert!(page.contains(expect), "no {expect} in {page}");
    }
    assert!(room.page("/stations").await.contains("NOT RECORDED"));
    assert!(!room.page("/stations/desk").await.contains("NOT RECORDED"));
    room.sql("drop trigger poison");
    assert_eq!(room.scan("clinic", "V1").await, Some(Verdict::Moved));
    assert!(!room.page("/stations/clinic").await.contains("NOT RECORDED"));
}

#[tokio::test]
async fn a_shelf_is_read_page_by_page_without_its_numbers_in_addresses() {
    let charts: Vec<(String, String)> =
        (0..130).map(|n| (format!("50-{:02}-{:02}", n / 100, n % 100), format!("V{n}"))).collect();
    let charts: Vec<_> = charts.iter().map(|(mrn, label)| (mrn.as_str(), label.as_str())).collect();
    let room = Room::new(&charts).await;
    let first = room.page("/custodians/1").await;
    let next = first.split("?after=").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let second = room.page(&format!("/custodians/1?after={next}")).await;
    let numbers = |page: &str| -> Vec<String> {
        page.split("<a class=\"code\"")
            .skip(1)
            .filter_map(|rest| rest.split('>').nth(1)?.split('<').next().map(str::to_owned))
            .collect()
    };
    let all = [numbers(&first), numbers(&second)].concat();
    assert_eq!((numbers(&first).len(), all.len()), (100, 130));
    assert_eq!(all.first().map(String::as_str), Some("50-00-00"));
    let mut once = all.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), 130, "a chart is on both pages");
    for address in [&first, &second].iter().flat_map(|page| page.split("href=\"").skip(1)) {
        let address = address.split('"').next().unwrap();
        assert!(!address.contains("50-"), "{address}");
    }
}

#[tokio::test]
async fn errors_name_the_next_step() {
    let room = Room::new(&[(MRN, "V1")]).await;
    for (address, status) in [
        ("/nowhere", StatusCode::NOT_FOUND),
        ("/charts/99", StatusCode::NOT_FOUND),
        ("/charts/abc", StatusCode::NOT_FOUND),
        ("/charts/1?before=x", StatusCode::BAD_REQUEST),
        ("/custodians?sort=height", StatusCode::BAD_REQUEST),
        ("/custodians/99", StatusCode::NOT_FOUND),
        ("/stations/attic", StatusCode::NOT_FOUND),
        ("/static/0/none.css", StatusCode::NOT_FOUND),
    ] {
        assert_eq!(room.get(address).await.status, status, "{address}");
    }
    assert!(room.get("/charts/99").await.body.contains("What to do next"));
    assert_eq!(room.get("/locate").await.location(), "/");
}

#[tokio::test]
async fn a_chart_that_its_batch_came_back_without_is_doubted() {
    let room = Room::new(&[("1", "V1"), ("2", "V2"), ("3", "V3"), ("4", "V4"), ("5", "V5")]).await;
    for label in ["V1", "V2", "V3", "V4"] {
        room.scan("clinic", label).await;
    }
    let sure = room.page("/charts/1").await;
    assert!(sure.contains("scanned there"), "{sure}");
    for label in ["V2", "V3"] {
        room.scan("desk", label).await;
    }
    let page = room.page("/charts/1").await;
    assert!(page.contains("2 of the 3 charts that went along have come back without it"), "{page}");
    assert!(room.page("/charts/5").await.contains("never scanned"));
}

#[tokio::test]
async fn an_item_of_the_work_list_is_closed_once_and_with_a_reason() {
    let room = Room::new(&[(MRN, "V1")]).await;
    room.scan("clinic", "V9999").await;
    assert!(room.page("/work").await.contains("V9999"));
    assert_eq!(room.post("/work/1/close", &[("why", " \n ")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(room.page("/work").await.contains("V9999"));
    let answer = room.post("/work/1/close", &[("why", "an empty folder")]).await;
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/work"), "{}", answer.body);
    assert!(!room.page("/work").await.contains("V9999"));
    let again = room.post("/work/1/close", &[("why", "an empty folder")]).await;
    assert_eq!(again.status, StatusCode::CONFLICT);
    assert!(again.body.contains("somebody has closed this item already"), "{}", again.body);
    room.scan("clinic", "V9999").await;
    assert!(room.page("/work").await.contains("V9999"), "scanned again, it is back");
}

#[tokio::test]
async fn a_database_that_cannot_be_read_is_said_so_without_its_reasons() {
    let room = Room::new(&[(MRN, "V1")]).await;
    room.sql("alter table label rename to mislaid; drop index volume_home");
    room.sql("alter table work_item rename to mislaid_too");
    let answer = room.get("/work").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.headers.contains_key("retry-after"));
    assert!(answer.body.contains("The record cannot be read"), "{}", answer.body);
    for secret in ["work_item", "no such table", "SQLITE"] {
        assert!(!answer.body.contains(secret), "{}", answer.body);
    }
}

#[tokio::test]
async fn every_maker_has_its_page_of_set_up_codes() {
    let room = Room::new(&[]).await;
    let list = room.page("/setup").await;
    let makers: Vec<_> = list
        .split("href=\"")
        .filter_map(|rest| rest.split('"').next())
        .filter(|to| to.starts_with("/setup/"))
        .collect();
    assert_eq!(makers.len(), 8, "{makers:?}");
    for address in &makers {
        let page = room.page(address).await;
        assert_eq!(page.matches("class=\"source\"").count(), 7, "{address}");
        assert_eq!(page.matches("<h2>").count(), 7, "{address}");
        // Whoever prints it reads below each symbol what is in it.
        assert_eq!(page.matches("<svg xmlns").count(), page.matches("</text>").count(), "{address}");
    }
    for address in ["/scanners", "/help"] {
        assert!(room.page(address).await.contains("href=\"/setup\""), "{address}");
    }
    assert_eq!(room.get("/setup/nobody").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn codes_that_try_a_scanner_show_what_the_page_promises() {
    let room = Room::new(&[]).await;
    let list = room.page("/setup").await;
    assert!(list.contains(">OUTGUIDE-TEST</text>"));
    for (arrives, expect) in [("]C0OUTGUIDE-TEST", "]C0OUTGUIDE-TEST"), ("OUTGUIDE-TEST", "OUTGUIDE-TEST")] {
        room.scan("desk", arrives).await;
        let page = room.page("/stations/desk").await;
        assert!(page.contains(&format!("<p class=\"what code\">{expect}</p>")), "{page}");
        assert!(page.contains("Unknown label"));
    }
}
