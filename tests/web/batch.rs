//! Any one chart of a batch is taken back on the station's page, by the rules of UNDO.

use crate::room::Room;
use axum::http::StatusCode;
use outguide::access::Role;
use outguide::tracking::Verdict;

fn at(room: &Room, label: &str) -> String {
    room.rows(&format!(
        "select code from volume join custodian on custodian_id = at_id where label = '{label}'"
    ))
    .remove(0)
}

/// The key of the form that takes a volume back.
fn form(page: &str, volume: &str) -> String {
    let end = format!("\"><input type=\"hidden\" name=\"volume\" value=\"{volume}\">");
    page.split(&end).next().unwrap().rsplit('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn any_one_chart_of_the_batch_is_taken_back_and_the_rest_stays() {
    let room =
        Room::new(&[("12-34-56", "V1"), ("12-34-57", "V2"), ("12-34-58", "V3"), ("12-34-59", "V4")]).await;
    for label in ["V1", "V2", "V3"] {
        assert_eq!(room.scan("clinic", label).await, Some(Verdict::Moved), "{label}");
    }
    let page = room.page("/stations/clinic").await;
    assert_eq!(page.matches("action=\"/stations/clinic/take-back\"").count(), 3, "{page}");
    let id = form(&page, "1");
    let back = [("id", id.as_str()), ("volume", "1")];
    // The first of three: UNDO would take the last.
    let done = room.post("/stations/clinic/take-back", &back).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/stations/clinic"), "{}", done.body);
    assert_eq!(["V1", "V2", "V3"].map(|label| at(&room, label)), ["FILE", "CLIN", "CLIN"]);
    let again = room.post("/stations/clinic/take-back", &back).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "the same form again is the same scan");
    assert_eq!(room.count("select count(*) from movement where kind = 'undone'"), 1);
    let undone =
        "select m.undoes_no || ' ' || m.entry || ' ' || m.operator from movement m where kind = 'undone'";
    assert_eq!(room.rows(undone), ["1 keyed supervisor"]);
    let page = room.page("/stations/clinic").await;
    assert_eq!(page.matches("action=\"/stations/clinic/take-back\"").count(), 2, "{page}");
    // One that has moved on since stays where it is.
    let stale = form(&page, "2");
    room.scan("desk", "V2").await;
    let refused = room.post("/stations/clinic/take-back", &[("id", &stale), ("volume", "2")]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.body);
    assert!(refused.body.contains("scanned elsewhere since"), "{}", refused.body);
    assert_eq!(at(&room, "V2"), "FILE");
    // One that is not of this batch at all.
    let id = room.app.intake.new_id().to_string();
    let other = room.post("/stations/clinic/take-back", &[("id", &id), ("volume", "4")]).await;
    assert_eq!(other.status, StatusCode::CONFLICT, "{}", other.body);
    assert!(other.body.contains("nothing that could be taken back"), "{}", other.body);
    // Whoever walks past is not offered it.
    assert!(!room.get_as(Some(Role::Display), "/stations/clinic").await.body.contains("take-back"));
    room.sound();
}
