//! Boxes and totes.

use super::wanted::want;
use super::*;

fn words(decision: &Decision) -> &str {
    decision.why.as_deref().unwrap_or_default()
}

#[test]
fn a_tote_is_packed_sent_received_and_opened_by_one_scan_each() {
    let mut desk = desk();
    assert_eq!(words(&desk.scan("@7")), "charts that you scan now go to Tote 1; DONE at the end");
    assert_eq!(desk.scan("v1").verdict, Verdict::Moved);
    desk.scan("v2");
    assert_eq!(desk.at(1), (TOTE, false));
    // A place, then the tote: it goes there, and so do charts beside it.
    desk.scan("@4");
    let sent = desk.scan("@7");
    assert_eq!(sent.act, Act::BoxMoved { carried: TOTE, to: SURGERY, in_transit: true });
    assert_eq!(
        (sent.verdict, words(&sent)),
        (Verdict::Moved, "Tote 1 with 3 charts is on its way to Surgery")
    );
    let again = desk.scan("@7");
    assert_eq!((again.verdict, again.act), (Verdict::AlreadyHere, Act::Nothing));
    assert_eq!(desk.scan("v3").verdict, Verdict::Moved);
    assert_eq!(desk.at(3), (SURGERY, true));
    let mut door = FileRoom::new(StationKind::Checkpoint, SURGERY);
    door.load = desk.load.clone();
    let here = door.scan("@7");
    assert_eq!(here.act, Act::BoxMoved { carried: TOTE, to: SURGERY, in_transit: false });
    assert_eq!(
        words(&here),
        "Tote 1 with 3 charts is here; scan OPEN BOX and Tote 1 when they are taken out"
    );
    assert_eq!(door.scan("@7").verdict, Verdict::AlreadyHere);
    door.scan("OPEN BOX");
    let opened = door.scan("@7");
    assert_eq!(opened.act, Act::BoxOpened { opened: TOTE, at: SURGERY });
    assert_eq!(door.session.mode(), Mode::Rest, "one box, not all that follow");
}

#[test]
fn in_every_mode_a_tote_is_packed_or_moved() {
    for (words, moves_to) in [
        (&["CHARGE OUT"][..], None),
        (&["TRANSFER"], None),
        (&["@3"], Some((CARDIOLOGY, false))),
        (&["@4"], Some((SURGERY, true))),
        (&["@7"], None),
        (&["CHECK IN"], Some((SORTING, false))),
        (&["REFILE"], None),
        (&["MISSING"], None),
        (&["PRINT LABEL"], None),
    ] {
        let mut desk = desk();
        for word in words {
            desk.scan(word);
        }
        let expect = match moves_to {
            Some((to, in_transit)) => Act::BoxMoved { carried: TOTE, to, in_transit },
            None => Act::Mode(Mode::To(TOTE)),
        };
        assert_eq!(desk.scan("@7").act, expect, "{words:?}");
    }
    let mut desk = desk();
    desk.scan("SIGHTED");
    assert_eq!(desk.scan("@7").act, Act::Mode(Mode::Sighted(TOTE)), "what is in it is confirmed");
}

#[test]
fn what_cannot_be_done_with_a_tote_is_told() {
    let mut desk = desk();
    desk.scan("OPEN BOX");
    assert_eq!(desk.scan("@3").verdict, Verdict::Refused, "no box");
    assert_eq!(desk.scan("v1").verdict, Verdict::Waiting, "no box");
    desk.load.charts = 301;
    assert!(words(&desk.scan("@7")).contains("one by one"));
    desk.load.is_around = true;
    assert!(words(&desk.scan("@7")).contains("cannot be put into itself"));
    desk.scan("@3");
    assert_eq!(desk.scan("@7").verdict, Verdict::Refused);
    desk.load = Load { charts: 0, is_around: false, ..desk.load };
    desk.scan("OPEN BOX");
    assert_eq!(words(&desk.scan("@7")), "Tote 1 is empty on record; it is here");
    let to_closed = Act::Mode(Mode::To(CLOSED));
    desk.session.apply(&desk.rules, &to_closed, None, desk.now);
    assert!(words(&desk.scan("@7")).starts_with("Old clinic is closed"));
}

#[test]
fn what_was_scanned_before_a_tote_went_is_not_taken_back_after_it() {
    let mut desk = desk();
    for word in ["@7", "v1", "@3", "@7"] {
        desk.scan(word);
    }
    assert_eq!(desk.scan("UNDO").verdict, Verdict::Refused, "folder 1 went along");
    assert_eq!(desk.scan("v2").verdict, Verdict::Moved);
    assert_eq!(desk.scan("UNDO").verdict, Verdict::Undone);
    assert_eq!(desk.scan("UNDO").verdict, Verdict::Refused);
    assert_eq!(desk.session.standing(), 1, "it still counts");
}

#[test]
fn who_waits_is_told_when_the_tote_goes_and_not_while_it_is_packed() {
    let mut desk = desk();
    desk.volumes.get_mut(&VolumeId(1)).unwrap().wanted = vec![want(3, SURGERY, None)];
    desk.scan("@7");
    assert_eq!(desk.scan("v1").verdict, Verdict::Moved);
    desk.load.held = Some("HOLD for Dr 3, 10:30, Surgery".to_owned());
    desk.scan("@3");
    let sent = desk.scan("@7");
    assert_eq!(sent.verdict, Verdict::Attention);
    assert_eq!(words(&sent), "in it: HOLD for Dr 3, 10:30, Surgery; Tote 1 with 3 charts goes to Cardiology");
    assert_eq!(desk.scan("@7").verdict, Verdict::Look);
}
