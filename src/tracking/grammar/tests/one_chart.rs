//! Commands for one chart, and noise between them.

use super::*;

#[test]
fn a_label_is_printed_for_one_chart_and_what_was_under_way_goes_on() {
    let mut desk = desk();
    desk.scan("@3");
    desk.scan("v1");
    desk.scan("PRINT LABEL");
    let told = desk.scan("v2");
    assert_eq!((told.verdict, told.act), (Verdict::Ready, Act::Label(VolumeId(2))));
    assert_eq!(desk.read("v2", true).verdict, Verdict::DoubleRead, "one label, and no movement");
    assert_eq!((desk.at(2), desk.session.standing()), ((FILE, false), 1));
    assert_eq!(desk.kind("v2"), Some(MovementKind::ChargedOut), "charts still go to cardiology");
    // A command that was scanned twice, and one in between.
    for word in ["PRINT LABEL", "MISSING", "PRINT LABEL", "PRINT LABEL", "v3"] {
        desk.scan(word);
    }
    assert_eq!(desk.session.mode(), Mode::To(CARDIOLOGY), "as after MISSING");
    desk.scan("DONE");
    assert_eq!(desk.scan("v3").verdict, Verdict::Waiting);
    desk.scan("PRINT LABEL");
    assert_eq!(desk.scan("v4").verdict, Verdict::Refused, "a merged folder");
    desk.rules.prints = false;
    assert!(desk.scan("PRINT LABEL").why.unwrap().contains("no label printer"));
}

#[test]
fn a_missing_chart_whose_label_is_read_twice_stays_missing() {
    let mut door = FileRoom::new(StationKind::Checkpoint, CARDIOLOGY);
    door.scan("MISSING");
    assert_eq!(door.scan("v1").verdict, Verdict::FlaggedMissing);
    assert_eq!(door.read("v1", true).verdict, Verdict::DoubleRead);
    assert!(door.volumes[&VolumeId(1)].is_missing);
}

#[test]
fn what_was_moved_before_a_sweep_is_not_confirmed_by_it() {
    let mut desk = desk();
    for word in ["@3", "v1", "SIGHTED", "@3", "v2"] {
        desk.scan(word);
    }
    let why = desk.scan("DONE").why.unwrap();
    assert!(why.starts_with("done: 1 confirmed"), "{why}");
}

#[test]
fn what_is_told_later_leaves_the_session_as_it_is() {
    let mut desk = desk();
    for word in ["badge", "@3", "v1"] {
        desk.scan(word);
    }
    let before = desk.session.clone();
    let (volume, kind) = (VolumeId(2), MovementKind::Refiled);
    let moved = Act::Move { volume, kind, from: CARDIOLOGY, to: FILE, in_transit: false, skip: None };
    for act in [moved, Act::Nothing] {
        let told = Act::Told(Box::new(act));
        let line = told.journal(Some(MovementNo(9))).unwrap();
        let (told, movement) = Act::parse(&line).unwrap();
        desk.session.apply(&desk.rules, &told, movement, desk.now + Duration::from_secs(60));
        assert_eq!(desk.session, before, "{line}");
    }
}

#[test]
fn what_was_under_way_goes_on_after_a_chart_that_is_missing() {
    for word in ["MISSING", "FOUND"] {
        let mut door = FileRoom::new(StationKind::Checkpoint, FILE);
        door.scan("@3");
        door.scan("v1");
        door.scan("MISSING");
        door.scan("v2");
        if word == "FOUND" {
            door.scan(word);
            door.scan("v2");
        }
        door.scan("v3");
        assert_eq!(door.at(3), door.at(1), "after {word} charts still go to the place");
        door.scan("CHECK IN");
        door.scan(word);
        door.scan("MISSING");
        assert_eq!(door.session.mode(), Mode::Missing);
        door.scan("DONE");
        assert_eq!(door.session.mode(), Mode::Rest);
    }
}

#[test]
fn noise_keeps_no_batch_and_no_badge_alive() {
    let mut desk = desk();
    desk.scan("badge");
    desk.scan("@3");
    for _ in 0..20 {
        desk.wait(100);
        desk.session.apply(&desk.rules, &Act::Unread, None, desk.now);
    }
    assert_eq!(desk.scan("v1").verdict, Verdict::Waiting);
    assert_eq!(desk.session.operator(), None);
}
