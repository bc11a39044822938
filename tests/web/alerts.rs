//! What a scan is told, on the page that everybody walks past, on the form for typed labels, and what never arrived.

use crate::room::Room;
use outguide::access::Role;
use outguide::label::CheckScheme;
use outguide::tracking::{PullListId, Verdict};

async fn with_list(role: Option<Role>) -> Room {
    let room = Room::new(&[("12-34-56", "V1"), ("12-34-57", "V2"), ("12-34-58", "V3")]).await;
    let line = |mrn, hour| {
        format!(r#"{{"mrn":"{mrn}","clinic":"CLIN","start":"2026-11-22T{hour}:00Z","provider":"Doe, Jane"}}"#)
    };
    let schedule =
        format!(r#"{{"appointments":[{},{}]}}"#, line("12-34-56", "11:00"), line("12-34-58", "12:00"));
    let request = room.request("POST", role, "/api/v1/schedule").header("content-type", "application/json");
    let taken = room.send(request.body(schedule.into()).unwrap()).await;
    assert!(taken.status.is_success(), "{}", taken.body);
    room
}

#[tokio::test]
async fn no_scan_tells_passers_by_whose_chart_it_is_or_who_asked() {
    let room = with_list(Some(Role::Clerk)).await;
    let list = room.app.store.pull_list(PullListId(1)).await.unwrap().unwrap().view.label;
    let mut said = String::new();
    // Wanted; its list; a row; the same again; a chart of no list; a chart of it when nothing is pulled any more.
    for code in ["V1", list.as_str(), "V1", "V1", "V2", "V3", "V3"] {
        room.scan("desk", code).await.unwrap();
        let clerk = room.page("/stations/desk").await;
        said.push_str(&clerk);
        let screen = room.get_as(Some(Role::Display), "/stations/desk").await.body;
        for kept in ["12-34-5", "Doe", "Jane"] {
            assert!(!screen.contains(kept), "after {code} a screen says {kept}: {screen}");
        }
    }
    for told in ["HOLD for Doe Jane", "1 of 2, next: 12-34-58, shelf File area A", "ticked already: 1 of 2"] {
        assert!(said.contains(told), "{told}");
    }
    for why in room.rows("select coalesce(why, '') from scan") {
        assert!(!why.contains("12-34-5"), "a scan was told a record number: {why}");
    }
}

#[tokio::test]
async fn a_typed_label_is_told_the_same_as_a_scanned_one() {
    let label = format!("W1{}", CheckScheme::Iso7064Mod37_36.compute("W1").unwrap());
    let room = Room::new(&[("12-34-56", &label)]).await;
    room.sql("update volume set worn_at_us = 1");
    for (word, verdict) in [("Recorded: look", Verdict::Attention), ("Not moved: look", Verdict::Look)] {
        room.app.clock.advance(std::time::Duration::from_secs(5));
        let form = room.page("/stations/clinic/keyed").await;
        let (_, rest) = form.split_once("name=\"id\" value=\"").unwrap();
        let id = rest.split('"').next().unwrap();
        let done = room.post("/stations/clinic/keyed", &[("id", id), ("text", &label)]).await;
        let page = room.page(done.location()).await;
        assert!(page.contains(word) && page.contains("its label is worn: print a new one"), "{word}: {page}");
        let last = room.rows("select verdict from scan order by scan_no desc limit 1");
        assert_eq!(last, [verdict.as_str()]);
    }
}

#[tokio::test]
async fn what_never_arrived_is_on_the_work_list_with_who_sent_it() {
    let room = Room::new(&[("12-34-56", "V1"), ("12-34-57", "V2")]).await;
    assert!(room.page("/arrivals").await.contains("was scanned where it arrived"));
    room.scan("clinic", "V1").await;
    room.sql("update volume set in_transit = 1 where label = 'V1'");
    let board = room.page("/stations/clinic").await;
    assert!(board.contains("<strong>0 of 1</strong> that were sent here arrived"), "{board}");
    assert!(!room.page("/work").await.contains("/arrivals"), "not yet");
    room.app.clock.advance(std::time::Duration::from_secs(25 * 3600));
    let work = room.page("/work").await;
    assert!(work.contains("<strong>1</strong> chart was sent and never arrived"), "{work}");
    let list = room.page("/arrivals").await;
    for told in ["12-34-56", "File area A", "Cardiology", "ext. 4411", "for more than 24 hours"] {
        assert!(list.contains(told), "{told}: {list}");
    }
    assert!(!list.contains("12-34-57"));
    let answer = room.get("/api/v1/never-arrived").await.body;
    assert!(answer.contains("\"hours\":24,\"of\":1") && answer.contains("\"to\":{\"id\":2"), "{answer}");
}
