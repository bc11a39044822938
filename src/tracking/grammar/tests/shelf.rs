//! Shelves of a file area without order.

use super::*;

fn shelved(told: &Decision) -> Option<i64> {
    match told.act {
        Act::Shelved { volume, shelf: SHELF } => Some(volume.0),
        _ => None,
    }
}

#[test]
fn a_shelf_after_a_chart_that_is_home_is_where_it_stands() {
    let mut desk = desk();
    desk.scan("@3");
    desk.scan("v1");
    assert_eq!(desk.scan("@6").verdict, Verdict::Refused, "it is in cardiology");
    desk.scan("REFILE");
    assert_eq!(desk.kind("v1"), Some(MovementKind::Refiled));
    let told = desk.scan("@6");
    assert_eq!((shelved(&told), told.why.as_deref()), (Some(1), Some("the chart stands in 14-C now")));
    assert_eq!(desk.session.mode(), Mode::Refile, "the next chart is refiled too");
    // One that is home already, and one that is read twice.
    assert_eq!(desk.scan("v2").verdict, Verdict::AlreadyHere);
    assert_eq!(shelved(&desk.scan("@6")), Some(2));
    desk.scan("v3");
    desk.read("v3", true);
    assert_eq!(shelved(&desk.scan("@6")), Some(3));
    let mut door = FileRoom::new(StationKind::Checkpoint, FILE);
    door.scan("v1");
    assert_eq!(shelved(&door.scan("@6")), Some(1), "at the checkpoint of the file area");
}

#[test]
fn anything_in_between_parts_a_shelf_from_its_chart() {
    for between in ["v4", "@3", "badge", "DONE", "WHO AM I", "UNDO", "noise", "wait"] {
        let mut desk = desk();
        desk.scan("REFILE");
        desk.scan("v1");
        match between {
            "noise" => desk.session.apply(&desk.rules, &Act::Unread, None, desk.now),
            "wait" => desk.wait(121),
            word => drop(desk.scan(word)),
        }
        let told = desk.scan("@6");
        assert_eq!((told.verdict, shelved(&told)), (Verdict::Refused, None), "{between}");
    }
}
