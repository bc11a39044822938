//! Locating by name and date of birth, and what the page of a chart says at a glance.

use crate::room::{HOSTILE, Room};
use axum::http::StatusCode;
use std::time::Duration;

const PATIENTS: [(&str, &str, &str, &str); 6] = [
    ("12-34-56", "V1", "Garcia, Maria", "1956-03-12"),
    ("12-34-57", "V2", "Garcia, Maria", "1960-01-01"),
    ("12-34-58", "V3", "Núñez, José", "1956-03-12"),
    ("12-34-59", "V4", "", "1999-12-31"),
    ("12-34-60", "V5", "O'Brien, Mary-Ann", "1980-12-31"),
    ("12-34-60", "V6", "O'Brien, Mary-Ann", "1980-12-31"),
];

#[tokio::test]
async fn the_only_patient_meant_is_opened_at_once_and_the_page_says_how_the_text_was_read() {
    let room = Room::of_patients(&PATIENTS).await;
    for (text, expect, says) in [
        ("garcia maria 12.3.1956", "/charts/1?by=name", "Read as a patient: the only one with a chart."),
        ("3/12/1956 maria GARCÍA", "/charts/1?by=name", "Garcia, Maria"),
        ("nunez 12.3.56 jose", "/charts/3?by=name", "Núñez, José"),
        ("nunez jsoe", "/charts/3?by=nearly", "Compare name and date of birth"),
        ("31.12.1999", "/charts/4?by=name", "Name not on file"),
        ("mary ann o brien", "/charts/5?by=name", "born 31 Dec 1980 (45)"),
        ("garcia 12-34-57", "/charts/2?by=number", "born 1 Jan 1960 (66)"),
    ] {
        let answer = room.locate(text).await;
        assert_eq!(
            (answer.status, answer.location()),
            (StatusCode::SEE_OTHER, expect),
            "{text}: {}",
            answer.body
        );
        let page = room.page(expect).await;
        assert!(page.contains(says), "{text}: no {says} in {page}");
        assert!(page.contains("<title>Chart – North file room</title>"), "a name in the title");
    }
}

#[tokio::test]
async fn of_several_a_list_has_what_tells_them_apart() {
    let room = Room::of_patients(&PATIENTS).await;
    room.scan("clinic", "V2").await;
    let page = room.locate("maria garcia").await.body;
    for expect in [
        "Which chart?",
        "12 Mar 1956 (70)",
        "1 Jan 1960 (66)",
        "12-34-57",
        "<strong>Cardiology</strong>",
        "Read as a patient with the name maria garcia.",
    ] {
        assert!(page.contains(expect), "no {expect} in {page}");
    }
    assert!(!page.contains("There are more"));
    let page = room.locate("mraia garcia").await.body;
    assert!(page.contains("<span class=\"why\">name nearly: 1 letter differs</span>"), "{page}");
    let page = room.locate("nobody 12-34-56").await.body;
    assert!(page.contains("the number fits, the name does not"), "{page}");
}

#[tokio::test]
async fn nothing_found_says_how_name_and_date_were_read() {
    let room = Room::of_patients(&PATIENTS).await;
    for (text, expect) in [
        (
            "smith 3/4/1956",
            "Read as a patient with the name smith, born on 3 April 1956 or 4 March 1956; nobody",
        ),
        ("smith 1956", "with the name smith, born in 1956; nobody"),
        ("smith 1956", "Read as record number 1956; no chart has this number."),
        ("m", "letters alone are too little"),
        ("smith", "What to do next"),
        ("smith", "spelt otherwise is found by the date of birth alone"),
        ("5.5.2055", "Read as record number 5.5.2055; no chart"),
    ] {
        let answer = room.locate(text).await;
        assert_eq!(answer.status, StatusCode::OK, "{text}");
        assert!(answer.body.contains(expect), "{text}: no {expect} in {}", answer.body);
    }
    assert!(!room.locate("smith").await.body.contains("record number smith"), "a name is told as a number");
}

#[tokio::test]
async fn of_too_many_a_page_is_shown_that_asks_for_more_and_is_light() {
    let many: Vec<(String, String, String)> = (0..60)
        .map(|n| (format!("{}", 5000 + n), format!("V{n}"), format!("19{:02}-05-05", 30 + n)))
        .collect();
    let name = format!("Garcia-Montalban {}, Maria del Carmen", "x".repeat(80));
    let many: Vec<_> = many
        .iter()
        .map(|(mrn, label, born)| (mrn.as_str(), label.as_str(), name.as_str(), born.as_str()))
        .collect();
    let room = Room::of_patients(&many).await;
    let page = room.locate("garcia").await.body;
    assert!(page.contains("There are more. Type the date of birth as well"), "{page}");
    assert_eq!(page.matches("data-th=\"Born\"").count(), 20);
    let mut weight = page.len();
    for address in page.split('"').filter(|part| part.starts_with("/static/")) {
        weight += room.get(address).await.body.len();
    }
    assert!(weight < 50 * 1024, "the list weighs {weight} bytes with style and script");
}

#[tokio::test]
async fn pages_of_locating_weigh_less_than_50_kb_with_style_and_script() {
    let room = Room::of_patients(&PATIENTS).await;
    for number in 0..70 {
        room.scan(if number % 2 == 0 { "clinic" } else { "desk" }, "V1").await;
    }
    for address in ["/", "/charts/1"] {
        let page = room.page(address).await;
        let assets: std::collections::BTreeSet<&str> =
            page.split('"').filter(|part| part.starts_with("/static/")).collect();
        assert!(assets.len() >= 3, "{assets:?}");
        let mut weight = page.len();
        for asset in assets {
            let answer = room.get(asset).await;
            assert_eq!(answer.status, StatusCode::OK, "{asset}");
            weight += answer.body.len();
        }
        assert!(weight < 50 * 1024, "{address} weighs {weight} bytes");
    }
}

#[tokio::test]
async fn one_timeline_has_the_movements_of_all_volumes() {
    let room = Room::of_patients(&PATIENTS).await;
    for _ in 0..2 {
        room.scan("clinic", "V5").await;
        room.scan("clinic", "V6").await;
        room.scan("desk", "V5").await;
        room.scan("desk", "V6").await;
    }
    let page = room.page("/charts/5").await;
    let volumes: Vec<&str> =
        page.split("data-th=\"Volume\">").skip(1).map(|rest| rest.split('<').next().unwrap()).collect();
    assert_eq!(volumes, ["2", "1", "2", "1", "2", "1", "2", "1"]);
    let page = room.page("/charts/5?before=0.0.0").await;
    assert!(page.contains("There is nothing older"), "{page}");
}

#[tokio::test]
async fn the_page_says_how_to_reach_who_has_it_and_what_else_is_known() {
    let room = Room::of_patients(&PATIENTS).await;
    room.sql(
        "update custodian set mail = 'heart@example.org' where code = 'CLIN';
         insert into mrn values ('', '900', '9-00', 1, 0, 5), ('LAB', '77', 'L 77', 1, 0, null);
         update chart set temporary_for = 1 where chart_id = 4;
         insert into chart (chart_id, mrn, mrn_key, record_type, created_at_us, patient_id) values (9, '12-34-56', '123456', 'dental', 0, 1);
         insert into volume (chart_id, number, label, home_id, filing_key, at_id, created_at_us) values (9, 1, 'V9', 1, '', 2, 0);",
    );
    room.scan("clinic", "V1").await;
    room.app.clock.advance(Duration::from_secs(60));
    let page = room.page("/charts/1").await;
    for expect in [
        "heart@example.org",
        "ext. 4411",
        "<strong>sure</strong>: scanned there",
        "Other numbers: <span class=\"code\">L 77</span> (LAB), <span class=\"code\">9-00</span> (former)",
        "A temporary chart stands in for it</strong>: <a href=\"/charts/4\">12-34-59</a>, at File area A.",
        "Other charts of this patient: <a href=\"/charts/9\">dental 12-34-56</a>, at Cardiology",
        "Garcia, Maria</strong>, born 12 Mar 1956 (70)",
    ] {
        assert!(page.contains(expect), "no {expect} in {page}");
    }
    assert!(
        room.page("/charts/4")
            .await
            .contains("It stands in for <a href=\"/charts/1\">chart 12-34-56</a>, which is at Cardiology")
    );
    assert_eq!(room.locate("9-00").await.location(), "", "two charts have it");
    assert_eq!(room.locate("77 garcia").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_hostile_name_is_only_text() {
    let room = Room::of_patients(&[("1", "V1", HOSTILE, ""), ("2", "V2", HOSTILE, "")]).await;
    for page in [room.locate("draw").await.body, room.page("/charts/1").await] {
        assert!(page.contains("&#60;img src=x") && !page.contains("<img"), "{page}");
        assert!(!page.contains('\u{202e}') && !page.contains('\u{1b}'));
    }
}
