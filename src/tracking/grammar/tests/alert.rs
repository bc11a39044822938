//! The one alert of a scan: every mode with every kind, and the order of the kinds in every mode.

use super::wanted::want;
use super::*;
use crate::tracking::Signal;

/// What can matter, in the fixed order.
const KINDS: [&str; 8] = ["wanted", "missing", "temporary", "volumes", "merge", "room", "worn", "due"];

/// How an alert is put: the chart is put somewhere, is back in the file room, stays where it is, is found, or is missed.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Way {
    Put,
    Back,
    Unmoved,
    Found,
    Missed,
}

struct Case {
    name: &'static str,
    /// A station just before the scan of folder 1.
    room: FileRoom,
    is_double_read: bool,
    way: Way,
    /// Without and with an alert.
    verdicts: [Verdict; 2],
    /// Kinds that do not arise.
    never: &'static [&'static str],
}

/// A station where these labels were scanned already, with folder 1 there.
fn at(mut room: FileRoom, folder_at: CustodianId, words: &[&str]) -> FileRoom {
    let row = room.volumes.get_mut(&VolumeId(1)).unwrap();
    (row.at, row.at_name, row.at_role) = (folder_at, place(folder_at).name, place(folder_at).role);
    for word in words {
        room.scan(word);
    }
    room
}

/// The same with a pull list of folder 1, and a slip of folder 3.
fn listed(room: FileRoom, words: &[&str]) -> FileRoom {
    let mut room = room;
    let list = |id, wanted| (VolumeId(id), vec![wanted]);
    for (id, wanted) in [list(1, want(1, CARDIOLOGY, Some(PullListId(1)))), list(3, want(3, SURGERY, None))] {
        room.volumes.get_mut(&id).unwrap().wanted = wanted;
    }
    at(room, FILE, words)
}

fn unlisted(mut room: FileRoom) -> FileRoom {
    room.volumes.get_mut(&VolumeId(1)).unwrap().wanted.clear();
    room
}

fn case(name: &'static str, room: FileRoom, way: Way, plain: Verdict) -> Case {
    let alert = match plain {
        Verdict::AlreadyHere | Verdict::DoubleRead | Verdict::Ready => Verdict::Look,
        Verdict::Waiting | Verdict::Refused => plain,
        _ => Verdict::Attention,
    };
    Case { name, room, is_double_read: false, way, verdicts: [plain, alert], never: &[] }
}

fn cases() -> Vec<Case> {
    use Way::{Back, Found, Missed, Put, Unmoved};
    let door = || FileRoom::new(StationKind::Checkpoint, CARDIOLOGY);
    let not_missing: &[_] = &["missing"];
    vec![
        case("a checkpoint takes it", door(), Put, Verdict::Moved),
        case("already here", at(door(), CARDIOLOGY, &[]), Put, Verdict::AlreadyHere),
        case("already in this batch", at(door(), FILE, &["v1"]), Put, Verdict::AlreadyHere),
        Case {
            is_double_read: true,
            ..case("read twice", at(door(), FILE, &["v1"]), Put, Verdict::DoubleRead)
        },
        case("a desk at rest", desk(), Unmoved, Verdict::Waiting),
        case("no place yet", at(desk(), FILE, &["CHARGE OUT"]), Unmoved, Verdict::Waiting),
        case("to a place", at(desk(), FILE, &["@3"]), Put, Verdict::Moved),
        case("handed on", at(desk(), SURGERY, &["TRANSFER", "@3"]), Put, Verdict::Moved),
        case("checked in", at(desk(), CARDIOLOGY, &["CHECK IN"]), Back, Verdict::Moved),
        case("refiled", at(desk(), SORTING, &["REFILE"]), Back, Verdict::Moved),
        case("sighted", at(door(), CARDIOLOGY, &["SIGHTED"]), Put, Verdict::Sighted),
        case("sighted in another room", at(desk(), CARDIOLOGY, &["SIGHTED", "@3"]), Put, Verdict::Sighted),
        case("not said to be here", at(door(), SURGERY, &["SIGHTED"]), Put, Verdict::Moved),
        case("sighted twice", at(door(), CARDIOLOGY, &["SIGHTED", "v1"]), Put, Verdict::AlreadyHere),
        Case {
            never: &["missing", "room"],
            ..case("flagged", at(desk(), CARDIOLOGY, &["MISSING"]), Missed, Verdict::FlaggedMissing)
        },
        Case {
            never: &["missing", "room"],
            ..case(
                "flagged already",
                at(desk(), CARDIOLOGY, &["MISSING", "v1", "MISSING"]),
                Missed,
                Verdict::AlreadyHere,
            )
        },
        Case {
            never: &["missing", "room"],
            is_double_read: true,
            ..case("flagged and read twice", at(desk(), CARDIOLOGY, &["MISSING", "v1"]), Missed, {
                Verdict::DoubleRead
            })
        },
        Case {
            never: not_missing,
            ..case("found", at(desk(), CARDIOLOGY, &["MISSING", "v1", "FOUND"]), Found, Verdict::Found)
        },
        Case {
            never: not_missing,
            ..case("found, never missed", at(desk(), CARDIOLOGY, &["FOUND"]), Unmoved, Verdict::AlreadyHere)
        },
        Case {
            never: &["worn"],
            ..case("a label is printed", at(desk(), FILE, &["PRINT LABEL"]), Unmoved, Verdict::Ready)
        },
        Case { never: &["room"], ..case("pulled", listed(desk(), &["l1"]), Back, Verdict::Moved) },
        Case {
            never: &["room"],
            ..case("ticked already", listed(desk(), &["l1", "v1"]), Unmoved, Verdict::AlreadyHere)
        },
        case("sent out", listed(desk(), &["CHARGE OUT", "l1"]), Put, Verdict::Moved),
        case("sent by its slip", listed(desk(), &["s1"]), Put, Verdict::Moved),
        case("another chart's slip", unlisted(listed(desk(), &["s3"])), Unmoved, Verdict::Refused),
    ]
}

fn set(room: &mut FileRoom, kind: &str) {
    let volume = room.volumes.get_mut(&VolumeId(1)).unwrap();
    match kind {
        "wanted" => volume.wanted.insert(0, want(9, SURGERY, None)),
        "missing" => volume.is_missing = true,
        "temporary" => volume.attention.temporary = true,
        "volumes" => volume.attention.others_elsewhere = 2,
        "merge" => volume.attention.merge_due = true,
        "room" => volume.attention.belongs_to = Some("Annex".to_owned()),
        "worn" => volume.attention.label_worn = true,
        _ => volume.attention.due_passed = true,
    }
}

/// What is said of a kind, and what to do.
fn words(kind: &str, way: Way) -> &'static str {
    match (kind, way) {
        ("wanted", Way::Missed) => "wanted for Dr 9, 10:90, Surgery: tell them that it is missing",
        ("wanted", _) => "HOLD for Dr 9, 10:90, Surgery",
        ("missing", Way::Unmoved) => "it is flagged missing: scan FOUND, then this chart again",
        ("missing", _) => "WAS MISSING: tell the supervisor that it is found",
        ("temporary", Way::Missed) => "a temporary chart stands in for it: work with that one",
        ("temporary", _) => "a temporary chart belongs to it: unite the two",
        ("volumes", Way::Missed) => "2 more volumes are elsewhere: look for it there",
        ("volumes", _) => "2 more volumes are elsewhere: see the chart's page",
        ("merge", Way::Missed) => "two charts of this patient are to be combined: look for it with the other",
        ("merge", _) => "two charts of this patient are to be combined: put it on the merge shelf",
        ("room", _) => "wrong file room: it belongs to Annex, send it there",
        ("worn", Way::Missed) => "its label is worn, and may have been overlooked: look for",
        ("worn", _) => "its label is worn: print a new one",
        (_, Way::Put) => "it was overdue: send it back, or ask",
        (_, Way::Back | Way::Found) => "it was overdue and is back: put it with what is to be refiled",
        (_, Way::Unmoved) => "it is overdue: scan CHECK IN",
        (_, Way::Missed) => "it was due back: ask Cardiology for it first",
    }
}

#[test]
fn every_kind_is_told_in_every_mode_with_what_to_do() {
    for (case, kind) in (0..cases().len()).flat_map(|case| KINDS.map(|kind| (case, kind))) {
        let Case { name, mut room, is_double_read, way, verdicts, never } = cases().swap_remove(case);
        set(&mut room, kind);
        let is_new = kind == "missing" && way == Way::Put && verdicts[1] == Verdict::Look;
        let told = room.read("v1", is_double_read);
        let why = told.why.unwrap_or_default();
        if never.contains(&kind) {
            let others = KINDS.iter().filter(|kind| **kind != "missing" && **kind != "due");
            let said = others.filter(|kind| why.contains(words(kind, way))).count();
            assert_eq!(said, 0, "{name}, {kind}: {why}");
            assert!(kind == "missing" || told.verdict == verdicts[0], "{name}, {kind}: {why}");
            continue;
        }
        assert!(why.contains(words(kind, way)), "{name}, {kind}: {why}");
        let is_back = kind == "due" && way == Way::Back;
        let expect = match verdicts {
            _ if is_back => verdicts[0],
            // A chart that is found where it was said to be is put on record there.
            _ if is_new => Verdict::Attention,
            [_, alert] => alert,
        };
        assert_eq!(told.verdict, expect, "{name}, {kind}: {why}");
        let signal = if is_back { Signal::Recorded } else { Signal::Look };
        assert!(told.verdict == Verdict::Refused || told.verdict.signal() == signal, "{name}, {kind}");
    }
}

#[test]
fn without_an_alert_nothing_is_said() {
    for Case { name, mut room, is_double_read, verdicts, .. } in cases() {
        assert_eq!(room.read("v1", is_double_read).verdict, verdicts[0], "{name}");
    }
}

#[test]
fn the_order_of_the_kinds_is_the_same_in_every_mode() {
    for (case, from) in (0..cases().len()).flat_map(|case| (0..KINDS.len()).map(move |from| (case, from))) {
        let Case { name, mut room, is_double_read, way, never, .. } = cases().swap_remove(case);
        for kind in &KINDS[from..] {
            set(&mut room, kind);
        }
        let Some(first) = KINDS[from..].iter().find(|kind| !never.contains(kind)) else { continue };
        let why = room.read("v1", is_double_read).why.unwrap_or_default();
        assert!(why.contains(words(first, way)), "{name}: {why} is not the first from {}", KINDS[from]);
        let said = KINDS.iter().filter(|kind| !never.contains(kind) && why.contains(words(kind, way)));
        assert_eq!(said.count(), 1, "{name}: one alert, not {why}");
    }
}

#[test]
fn what_arrives_late_is_due_anew() {
    let mut door = FileRoom::new(StationKind::Checkpoint, SURGERY);
    let row = door.volumes.get_mut(&VolumeId(1)).unwrap();
    (row.at, row.in_transit, row.attention.due_passed) = (SURGERY, true, true);
    let told = door.scan("v1");
    assert_eq!((told.verdict, told.why), (Verdict::Moved, None));
}

#[test]
fn a_room_that_is_closed_in_the_middle_of_its_sweep_takes_nothing_more() {
    let mut desk = desk();
    let closed = Act::Mode(Mode::Sighted(CLOSED));
    desk.session.apply(&desk.rules, &closed, None, desk.now);
    let told = desk.scan("v1");
    assert_eq!((told.verdict, told.act), (Verdict::Refused, Act::Nothing));
    assert!(told.why.unwrap().starts_with("Old clinic is closed"));
}

#[test]
fn a_chart_that_is_searched_for_says_who_needs_it() {
    use crate::tracking::grammar::WantedBack;
    let back = |needed_by: Option<&str>| {
        let mut door = FileRoom::new(StationKind::Checkpoint, SORTING);
        let volume = door.volumes.get_mut(&VolumeId(3)).unwrap();
        volume.attention.wanted_back = Some(WantedBack { needed_by: needed_by.map(str::to_owned) });
        let told = door.scan("v3");
        assert_eq!(told.verdict, Verdict::Attention);
        told.why.unwrap()
    };
    assert_eq!(
        back(Some("Surgery")),
        "WAS MISSING, needed by Surgery: take it there, and tell the supervisor"
    );
    assert_eq!(back(None), "WAS MISSING: tell the supervisor that it is found");
}
