//! What a screen shows that anybody can walk past, when everything that scans are told stands on it.

use crate::room::Room;
use outguide::access::Role;
use outguide::tracking::PullListId;

#[tokio::test]
async fn a_screen_says_nothing_of_what_a_scan_was_told_and_no_name_of_a_person() {
    let room = Room::new(&[("12-34-56", "V7701"), ("12-34-57", "V7702"), ("12-34-58", "V7703")]).await;
    room.sql("update custodian set kind = 'person', name = 'Jane Roe, MD' where code = 'CLIN'");
    let line = |mrn, hour| {
        format!(r#"{{"mrn":"{mrn}","clinic":"CLIN","start":"2026-11-22T{hour}:00Z","provider":"Doe, John"}}"#)
    };
    let schedule =
        format!(r#"{{"appointments":[{},{}]}}"#, line("12-34-56", "11:00"), line("12-34-58", "12:00"));
    let request = room.request("POST", Some(Role::Clerk), "/api/v1/schedule");
    let taken =
        room.send(request.header("content-type", "application/json").body(schedule.into()).unwrap()).await;
    assert!(taken.status.is_success(), "{}", taken.body);
    let list = room.app.store.pull_list(PullListId(1)).await.unwrap().unwrap().view.label;
    room.app.intake.labels().tell("desk", Err("label V7703 of 12-34-58 cannot be drawn".to_owned()));
    let mut said = String::new();
    room.scan("clinic", "V7702").await.unwrap();
    for code in ["V7702", "V7701", list.as_str(), "V7701", "V7701", "V7702", "V7703", "V7703"] {
        room.scan("desk", code).await.unwrap();
        said.push_str(&room.page("/stations/desk").await);
        let screen = room.get_as(Some(Role::Display), "/stations/desk").await.body;
        for kept in ["12-34-5", "Doe", "John", "Jane", "Roe", "V7701", "V7702", "V7703"] {
            assert!(!screen.contains(kept), "after {code} a screen says {kept}: {screen}");
        }
        assert!(screen.contains("Label not printed"), "{screen}");
    }
    // All of that is there for who is signed in.
    for told in ["12-34-58", "Doe", "Jane Roe", "cannot be drawn"] {
        assert!(said.contains(told), "{told}");
    }
    let screen = room.get_as(Some(Role::Display), "/stations/desk").await.body;
    assert!(screen.contains("a person → File area A"), "where it went is still told: {screen}");
}
