//! What can be changed about a chart, as a clerk does it: by forms, one after the other, without a script.

use crate::room::{Answer, Room};
use axum::http::StatusCode;
use outguide::tracking::Verdict;

const A: &str = "12-34-56";
const B: &str = "77-88-99";

fn leads_to(answer: &Answer, address: &str) {
    assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, address), "{}", answer.body);
}

fn refused(answer: &Answer, why: &str) {
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
    assert!(answer.body.contains(why), "no {why} in {}", answer.body);
}

/// The word for the last scan of a label, and what else was told.
async fn told(room: &Room, station: &str, code: &str) -> String {
    room.app.clock.advance(std::time::Duration::from_secs(60));
    assert_ne!(room.scan(station, code).await, None);
    room.page(&format!("/stations/{station}")).await
}

#[tokio::test]
async fn two_numbers_are_merged_after_both_charts_were_looked_at() {
    let room = Room::new(&[(A, "V1"), (B, "V2")]).await;
    room.scan("clinic", "V2").await;
    let looked = room.post("/charts/1/merge", &[("number", "778899")]).await;
    assert_eq!(looked.status, StatusCode::OK);
    for expect in
        ["12-34-56</span> survives", "778899</span> is retired", "V2", "Cardiology", "other way round"]
    {
        assert!(looked.body.contains(expect), "no {expect} in {}", looked.body);
    }
    leads_to(&room.locate(B).await, "/charts/2?by=number");
    let done = room.post("/charts/1/merge", &[("number", "778899"), ("confirmed", "yes")]).await;
    leads_to(&done, "/charts/1");
    leads_to(&room.locate(B).await, "/charts/1?by=number");
    leads_to(&room.locate("V2").await, "/charts/1?by=label&volume=2");
    leads_to(&room.get("/charts/2?volume=2&by=label").await, "/charts/1?by=label&volume=2");
    let page = room.page("/charts/1").await;
    for expect in ["Folders are to be combined", "a number merged into this one", "merged with number", B] {
        assert!(page.contains(expect), "no {expect} in {page}");
    }
    assert!(told(&room, "desk", "V2").await.contains("are to be combined"));
    let list = room.page("/work").await;
    assert!(list.contains("Folders to be combined") && list.contains("href=\"/work/1\""), "{list}");
    let task = room.page("/work/1").await;
    assert!(task.contains("its sheets are in volume 1, V1"), "{task}");
    leads_to(&room.post("/work/1/combine", &[("volume", "2"), ("into", "")]).await, "/work");
    assert!(room.page("/work").await.contains("Nothing to do"));
    let page = room.page("/charts/1").await;
    assert!(page.contains("volume 2 came from number") && page.contains("Volume 2 of 2"), "{page}");
    refused(&room.post("/work/1/combine", &[("volume", "2")]).await, "not to be combined (any more)");
    refused(&room.post("/work/1/close", &[("why", "done")]).await, "closed this item already");
    refused(&room.get("/work/1").await, "closed this item already");
}

#[tokio::test]
async fn a_merge_that_makes_no_sense_is_refused_before_anything_is_shown() {
    let room = Room::new(&[(A, "V1"), (B, "V2")]).await;
    for (number, why) in [(A, "own number"), ("4711", "no chart has this number")] {
        for confirmed in [&[("number", number)][..], &[("number", number), ("confirmed", "yes")]] {
            refused(&room.post("/charts/1/merge", confirmed).await, why);
        }
    }
    assert_eq!(
        room.post("/charts/1/merge", &[("number", "<b>")]).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    room.post("/charts/1/merge", &[("number", B), ("confirmed", "yes")]).await;
    refused(&room.post("/charts/1/merge", &[("number", B)]).await, "merged into this chart already");
    assert_eq!(room.post("/charts/99/merge", &[("number", B)]).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_wrong_merge_is_undone_from_the_charts_page() {
    let room = Room::new(&[(A, "V1"), (B, "V2")]).await;
    room.post("/charts/1/merge", &[("number", B), ("confirmed", "yes")]).await;
    let page = room.page("/charts/1/change").await;
    assert!(page.contains("action=\"/charts/1/merges/1/undo\""), "{page}");
    leads_to(&room.post("/charts/1/merges/1/undo", &[]).await, "/charts/1");
    leads_to(&room.locate(B).await, "/charts/2?by=number");
    assert!(room.page("/charts/1").await.contains("was wrong, and undone"));
    assert!(room.page("/work").await.contains("Nothing to do"));
    refused(&room.post("/charts/1/merges/1/undo", &[]).await, "undone already");
}

#[tokio::test]
async fn a_new_volume_has_a_label_from_the_stock_or_one_to_print() {
    let room = Room::new(&[(A, "V1")]).await;
    let done = room.post("/charts/1/volumes", &[("at", "2"), ("label", " V500\r\n")]).await;
    leads_to(&done, "/charts/1?volume=2");
    let page = room.page("/charts/1?volume=2").await;
    for expect in ["Volume 2 of 2", "begun there, never scanned", "volume 2 begun", "V500"] {
        assert!(page.contains(expect), "no {expect} in {page}");
    }
    leads_to(&room.post("/charts/1/volumes", &[("at", "2"), ("label", "")]).await, "/volumes/3/label");
    assert!(room.page("/volumes/3/label").await.contains("Print this label"));
    let several = [("at", "2"), ("label", "V600\r\n\r\n V601\r\n")];
    leads_to(&room.post("/charts/1/volumes", &several).await, "/charts/1/change#labels");
    let several = [("at", "2"), ("label", ""), ("count", "3")];
    leads_to(&room.post("/charts/1/volumes", &several).await, "/charts/1/change#labels");
    assert!(room.page("/charts/1/change").await.contains("Volume 8"), "three, two more, and three more");
    for (label, count, expect) in
        [("", "7", "choose 1 to 6"), ("V1\nV2\nV3\nV4\nV5\nV6\nV7", "1", "7 labels")]
    {
        let fields = [("at", "2"), ("label", label), ("count", count)];
        let answer = room.post("/charts/1/volumes", &fields).await;
        assert!(answer.status.is_client_error() && answer.body.contains(expect), "{}", answer.body);
    }
    for (label, expect) in [("5901234123457", "no label of this file room"), ("V1", "on another folder")] {
        let answer = room.post("/charts/1/volumes", &[("at", "2"), ("label", label)]).await;
        assert!(answer.status.is_client_error() && answer.body.contains(expect), "{label}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_temporary_chart_is_made_and_united() {
    let room = Room::new(&[(A, "V1")]).await;
    leads_to(&room.post("/charts/1/temporary", &[("at", "2"), ("label", "V900")]).await, "/charts/2");
    let page = room.page("/charts/2").await;
    assert!(page.contains("T-12-34-56") && page.contains("A temporary chart."), "{page}");
    assert!(room.page("/charts/1").await.contains("A temporary chart stands in for it"));
    assert!(told(&room, "clinic", "V1").await.contains("unite the two"));
    assert!(room.page("/charts/1/change").await.contains("action=\"/charts/2/unite\""));
    leads_to(&room.post("/charts/2/unite", &[("into", "1")]).await, "/charts/2");
    leads_to(&room.get("/charts/2").await, "/charts/1");
    leads_to(&room.locate("V900").await, "/charts/1?by=label&volume=1");
    let page = room.page("/charts/1").await;
    assert!(!page.contains("stands in for it") && page.contains("united with the temporary chart"), "{page}");
}

#[tokio::test]
async fn a_worn_label_is_said_printed_anew_and_said_to_be_good() {
    let room = Room::new(&[(A, "V1")]).await;
    assert!(!room.page("/volumes/1/label").await.contains("The new label is on the folder"));
    leads_to(&room.post("/volumes/1/worn", &[("worn", "yes")]).await, "/charts/1?volume=1");
    assert!(told(&room, "clinic", "V1").await.contains("label is worn"));
    assert!(room.page("/charts/1").await.contains("</svg> worn</span>"));
    assert!(room.page("/volumes/1/label").await.contains("The new label is on the folder"));
    room.post("/volumes/1/worn", &[("worn", "no")]).await;
    assert!(!room.page("/charts/1").await.contains("</svg> worn</span>"));
    leads_to(&room.post("/volumes/1/labels", &[("label", "V700")]).await, "/charts/1?volume=1");
    leads_to(&room.locate("V1").await, "/charts/1?by=label&volume=1");
    leads_to(&room.locate("V700").await, "/charts/1?by=label&volume=1");
    leads_to(&room.post("/volumes/1/labels", &[("label", "")]).await, "/volumes/1/label");
}

#[tokio::test]
async fn an_unknown_label_is_put_on_file_by_number_and_one_click() {
    let room = Room::new(&[(A, "V1"), (A, "V2")]).await;
    assert_eq!(room.scan("clinic", "V404").await, Some(Verdict::Unknown));
    assert!(room.page("/work").await.contains("href=\"/work/1\">V404</a>"));
    assert!(room.page("/work/1").await.contains("nobody knows it"));
    let none = room.post("/work/1/label", &[("number", "4711")]).await;
    assert!(none.status.is_success() && none.body.contains("No chart has the number"), "{}", none.body);
    let shown = room.post("/work/1/label", &[("number", "123456")]).await;
    assert_eq!(shown.body.matches("The label is on this folder").count(), 2, "{}", shown.body);
    leads_to(&room.post("/work/1/label", &[("volume", "2")]).await, "/work");
    leads_to(&room.locate("V404").await, "/charts/1?by=label&volume=2");
    assert!(room.page("/work").await.contains("Nothing to do"));
    assert_eq!(room.scan("clinic", "V404").await, Some(Verdict::Moved));
    refused(&room.post("/work/1/label", &[("volume", "2")]).await, "closed this item already");
}

#[tokio::test]
async fn pages_of_changes_have_no_number_in_address_or_title() {
    let room = Room::new(&[(A, "V1"), (B, "V2")]).await;
    room.post("/charts/1/temporary", &[("at", "2"), ("label", "V900")]).await;
    room.post("/charts/1/merge", &[("number", B), ("confirmed", "yes")]).await;
    for address in ["/charts/1/change", "/charts/1", "/work", "/work/1"] {
        let page = room.page(address).await;
        let title = page.split("<title>").nth(1).unwrap().split("</title>").next().unwrap();
        let links = page.split("href=\"").chain(page.split("action=\"")).skip(1);
        let links: Vec<_> = links.map(|rest| rest.split('"').next().unwrap()).collect();
        for number in ["123456", A, "778899", B] {
            assert!(!title.contains(number), "{title}");
            assert!(links.iter().skip(1).all(|link| !link.contains(number)), "{address}: {links:?}");
        }
        assert!(!page.contains(" style=") && !page.contains(" onclick="));
    }
}
