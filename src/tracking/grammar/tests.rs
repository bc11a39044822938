//! The table of the grammar, row by row, and what holds for any sequence of labels.

mod alert;
mod boxes;
mod one_chart;
mod shelf;
mod wanted;

use super::*;
use crate::tracking::request::{Passage, RequestState, effects};
use crate::tracking::{Command, PullListId, RequestId, Verdict};
use proptest::prelude::*;
use std::collections::HashMap;

const FILE: CustodianId = CustodianId(1);
const SORTING: CustodianId = CustodianId(2);
const CARDIOLOGY: CustodianId = CustodianId(3);
const SURGERY: CustodianId = CustodianId(4);
const CLOSED: CustodianId = CustodianId(5);
const SHELF: CustodianId = CustodianId(6);
const TOTE: CustodianId = CustodianId(7);

/// A file room of four folders and one station that is scanned at.
struct FileRoom {
    rules: Rules,
    session: Session,
    now: Timestamp,
    volumes: HashMap<VolumeId, Volume>,
    /// Whose place each movement took, to be given back by UNDO.
    before: HashMap<MovementNo, (CustodianId, bool)>,
    history: i64,
    journal: Vec<(String, Timestamp)>,
    /// What is in the tote, and where it is.
    load: Load,
}

fn place(id: CustodianId) -> Place {
    let (name, role) = match id {
        FILE => ("File room", Role::FileArea),
        SORTING => ("Sorting shelf", Role::Sorting),
        SURGERY => ("Surgery", Role::Holder),
        CLOSED => ("Old clinic", Role::Holder),
        SHELF => ("14-C", Role::FileArea),
        TOTE => ("Tote 1", Role::Holder),
        _ => ("Cardiology", Role::Holder),
    };
    Place {
        id,
        name: name.to_owned(),
        role,
        is_open: id != CLOSED,
        has_checkpoint: id == SURGERY,
        is_box: id == TOTE,
        area: (id == SHELF).then_some(FILE),
    }
}

impl FileRoom {
    fn new(kind: StationKind, custodian: CustodianId) -> FileRoom {
        let volume = |id| Volume {
            id: VolumeId(id),
            chart: ChartId(id),
            home: FILE,
            at: FILE,
            at_name: "File room".to_owned(),
            at_role: Role::FileArea,
            at_is_box: false,
            at_sends: true,
            since: None,
            in_transit: false,
            is_missing: false,
            is_active: id != 4,
            has_shelf: false,
            last: None,
            has_case: false,
            attention: Attention::default(),
            wanted: Vec::new(),
        };
        FileRoom {
            rules: Rules {
                kind,
                custodian,
                idle: Duration::from_secs(120),
                badge_idle: Duration::from_secs(900),
                prints: true,
            },
            session: Session::default(),
            now: Timestamp::from_second(1_800_000_000).unwrap(),
            volumes: (1..=4).map(|id| (VolumeId(id), volume(id))).collect(),
            before: HashMap::new(),
            history: 0,
            journal: Vec::new(),
            load: Load {
                charts: 3,
                at: Some(FILE),
                in_transit: false,
                since: None,
                is_around: false,
                held: None,
            },
        }
    }

    fn wait(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
    }

    /// Scans a word: `v1`, `@3` for a place, `s1` for a slip, `l1` for a list, `badge`, or a command.
    fn scan(&mut self, word: &str) -> Decision {
        self.read(word, false)
    }

    fn read(&mut self, word: &str, double_read: bool) -> Decision {
        let meaning = match word.split_at(1) {
            ("v", id) if id.len() == 1 => {
                Meaning::Volume(Box::new(self.volumes[&VolumeId(id.parse().unwrap())].clone()))
            }
            ("s", id) => Meaning::Slip(self.slip(RequestId(id.parse().unwrap()))),
            ("l", id) if id.len() == 1 => {
                let id = PullListId(id.parse().unwrap());
                Meaning::Order(Order { id, progress: self.progress(id, None) })
            }
            ("@", id) => Meaning::Place(place(CustodianId(id.parse().unwrap()))),
            _ if word == "badge" || word == "gone" => Meaning::Person(Person {
                id: PersonId(7),
                name: "Ann".to_owned(),
                is_active: word == "badge",
            }),
            _ => Meaning::Command(Command::from_key(word).unwrap()),
        };
        self.session.settle(&self.rules, self.now);
        let here = place(self.rules.custodian);
        let there = match self.session.mode() {
            Mode::To(id) | Mode::Sighted(id) => Some(place(id)),
            mode => self.destination(mode, &meaning).map(place),
        };
        let progress = self.list_progress(&meaning);
        let last = self.session.to_undo().and_then(|step| self.volumes[&step.volume].last);
        let chart = self.session.chart().map(|id| self.volumes[&id].clone());
        let moment = Moment {
            now: self.now,
            before: chart.as_ref(),
            double_read,
            last: last.map(|no| LastMove { no }),
            here: &here,
            there: there.as_ref(),
            load: Some(&self.load),
            progress: progress.as_ref(),
        };
        let decision = decide(&self.session, &self.rules, &meaning, &moment);
        self.serve(&decision.act);
        let movement = self.write(&decision.act);
        self.session.apply(&self.rules, &decision.act, movement, self.now);
        self.journal.extend(decision.act.journal(movement).map(|line| (line, self.now)));
        decision
    }

    /// Does to the folders what the store would do.
    fn write(&mut self, act: &Act) -> Option<MovementNo> {
        if let Act::BoxMoved { to, in_transit, .. } = act {
            self.load = Load { at: Some(*to), in_transit: *in_transit, ..self.load.clone() };
        }
        let (volume, at, in_transit) = match act {
            Act::Move { volume, to, in_transit, .. } => (*volume, *to, *in_transit),
            Act::Undo { volume, undoes } => {
                let (at, in_transit) = self.before[undoes];
                (*volume, at, in_transit)
            }
            _ => return None,
        };
        self.history += 1;
        let no = MovementNo(self.history);
        let row = self.volumes.get_mut(&volume).unwrap();
        self.before.insert(no, (row.at, row.in_transit));
        if let Act::Move { kind, .. } = act {
            row.is_missing = *kind == MovementKind::Missing;
        }
        let seen = place(at);
        (row.at, row.in_transit, row.at_name, row.at_role) = (at, in_transit, seen.name, seen.role);
        row.at_sends = at == FILE;
        row.at_is_box = at == TOTE;
        (row.last, row.since) = (Some(no), Some(self.now));
        Some(no)
    }

    fn kind(&mut self, word: &str) -> Option<MovementKind> {
        match self.scan(word).act {
            Act::Move { kind, .. } => Some(kind),
            _ => None,
        }
    }

    fn at(&self, volume: i64) -> (CustodianId, bool) {
        let volume = &self.volumes[&VolumeId(volume)];
        (volume.at, volume.in_transit)
    }
}

fn desk() -> FileRoom {
    FileRoom::new(StationKind::Desk, SORTING)
}

#[test]
fn at_a_checkpoint_everything_that_is_scanned_is_now_here() {
    let mut door = FileRoom::new(StationKind::Checkpoint, CARDIOLOGY);
    assert_eq!(door.scan("v1").verdict, Verdict::Moved);
    assert_eq!(door.at(1), (CARDIOLOGY, false));
    assert_eq!(door.scan("v1").verdict, Verdict::AlreadyHere);
    assert_eq!(door.scan("v4").verdict, Verdict::Refused, "a merged folder");
}

#[test]
fn a_desk_moves_nothing_until_it_knows_where_to() {
    let mut desk = desk();
    let told = desk.scan("v1");
    assert_eq!((told.verdict, told.act), (Verdict::Waiting, Act::Nothing));
    assert!(told.why.unwrap().contains("with File room"));
    assert_eq!(desk.scan("CHARGE OUT").verdict, Verdict::Ready);
    assert_eq!(desk.scan("v1").verdict, Verdict::Waiting, "no place yet");
    assert_eq!(desk.scan("@5").verdict, Verdict::Refused, "a closed place");
    desk.scan("@3");
    assert_eq!(desk.kind("v1"), Some(MovementKind::ChargedOut));
    let again = desk.scan("v1");
    assert_eq!(again.why.as_deref(), Some("already in this batch (1 of 1)"));
    assert_eq!(desk.kind("v2"), Some(MovementKind::ChargedOut));
    assert_eq!(desk.scan("DONE").why.as_deref(), Some("done: 2 charts"));
    assert_eq!(desk.scan("v3").verdict, Verdict::Waiting);
}

#[test]
fn what_is_sent_to_a_checkpoint_is_on_its_way_until_it_is_scanned_there() {
    let mut desk = desk();
    desk.scan("@4");
    assert_eq!(desk.kind("v1"), Some(MovementKind::Dispatched));
    assert_eq!(desk.at(1), (SURGERY, true));
    let mut door = FileRoom::new(StationKind::Checkpoint, SURGERY);
    door.volumes = desk.volumes.clone();
    door.now = desk.now + Duration::from_secs(600);
    let Act::Move { kind, skip, .. } = door.scan("v1").act else { panic!("no movement") };
    assert_eq!((kind, skip), (MovementKind::Received, None));
    // What came without having been sent, and what was sent elsewhere, show what was left out.
    let Act::Move { skip, .. } = door.scan("v2").act else { panic!("no movement") };
    assert_eq!(skip, Some(Skip::NotSent));
    let mut other = FileRoom::new(StationKind::Checkpoint, CARDIOLOGY);
    other.volumes = desk.volumes.clone();
    other.now = desk.now + Duration::from_secs(600);
    let Act::Move { skip, .. } = other.scan("v1").act else { panic!("no movement") };
    assert_eq!(skip, Some(Skip::NotReceived));
    other.now = desk.now + Duration::from_secs(1);
    other.volumes = desk.volumes.clone();
    let Act::Move { skip, .. } = other.scan("v1").act else { panic!("no movement") };
    assert_eq!(skip, Some(Skip::Impossible));
}

#[test]
fn charts_are_handed_on_come_back_and_are_refiled() {
    let mut desk = desk();
    desk.scan("@3");
    desk.scan("v1");
    desk.scan("TRANSFER");
    desk.scan("@4");
    desk.rules.custodian = SORTING;
    assert_eq!(desk.kind("v1"), Some(MovementKind::Dispatched));
    desk.scan("CHECK IN");
    assert_eq!(desk.kind("v1"), Some(MovementKind::CheckedIn));
    assert_eq!(desk.at(1), (SORTING, false));
    desk.scan("REFILE");
    assert_eq!(desk.kind("v1"), Some(MovementKind::Refiled));
    assert_eq!(desk.at(1), (FILE, false));
}

#[test]
fn undo_goes_back_through_the_batch_and_no_further() {
    let mut desk = desk();
    assert_eq!(desk.scan("UNDO").verdict, Verdict::Refused);
    desk.scan("@3");
    for word in ["v1", "v2", "@4", "v1"] {
        desk.scan(word);
    }
    assert_eq!(desk.at(1), (SURGERY, true));
    assert_eq!(desk.scan("UNDO").verdict, Verdict::Undone);
    assert_eq!(desk.at(1), (CARDIOLOGY, false));
    desk.scan("UNDO");
    assert_eq!((desk.at(1), desk.at(2)), ((CARDIOLOGY, false), (FILE, false)));
    desk.scan("UNDO");
    assert_eq!(desk.at(1), (FILE, false));
    assert_eq!(desk.scan("UNDO").verdict, Verdict::Refused);
    // A chart that another station has scanned since has moved on.
    desk.scan("v3");
    desk.volumes.get_mut(&VolumeId(3)).unwrap().last = Some(MovementNo(999));
    assert_eq!(desk.scan("UNDO").verdict, Verdict::Refused);
}

#[test]
fn a_room_is_confirmed_in_one_sweep() {
    let mut desk = FileRoom::new(StationKind::Checkpoint, CARDIOLOGY);
    desk.scan("v1");
    desk.wait(500);
    desk.scan("SIGHTED");
    assert_eq!(desk.scan("v1").verdict, Verdict::Sighted);
    assert_eq!(desk.scan("v1").why.as_deref(), Some("already in this batch (1 of 1)"));
    assert_eq!(desk.scan("v2").verdict, Verdict::Moved, "it was not said to be here");
    assert_eq!(
        desk.scan("DONE").why.as_deref(),
        Some("done: 2 confirmed; what was not seen stands on the page")
    );
}

#[test]
fn missing_is_flagged_for_one_chart_and_any_scan_finds_it() {
    let mut desk = desk();
    desk.scan("MISSING");
    assert_eq!(desk.scan("v1").verdict, Verdict::FlaggedMissing);
    assert_eq!(desk.scan("v2").verdict, Verdict::Waiting, "one chart, not all that follow");
    desk.scan("MISSING");
    assert_eq!(desk.scan("v1").verdict, Verdict::AlreadyHere);
    desk.scan("FOUND");
    assert_eq!(desk.scan("v1").verdict, Verdict::Found);
    desk.scan("MISSING");
    desk.scan("v2");
    let mut door = FileRoom::new(StationKind::Checkpoint, CARDIOLOGY);
    door.volumes = desk.volumes.clone();
    door.now = desk.now + Duration::from_secs(600);
    assert_eq!(door.scan("v2").verdict, Verdict::Attention);
    assert!(!door.volumes[&VolumeId(2)].is_missing);
}

#[test]
fn waiting_ends_the_batch_and_lets_the_badge_lapse_later() {
    let mut desk = desk();
    assert_eq!(desk.scan("gone").verdict, Verdict::Refused);
    desk.scan("badge");
    desk.scan("@3");
    desk.scan("v1");
    assert_eq!(desk.session.ends_at(&desk.rules), Some(desk.now + Duration::from_secs(120)));
    desk.wait(121);
    assert_eq!(desk.scan("v2").verdict, Verdict::Waiting);
    assert!(desk.session.operator().is_some() && desk.session.batch().is_empty());
    desk.wait(901);
    desk.scan("WHO AM I");
    assert_eq!(desk.session.operator(), None);
}

fn words() -> impl Strategy<Value = Vec<(String, u64)>> {
    let word = prop_oneof![
        (1..=4).prop_map(|id| format!("v{id}")),
        (1..=7).prop_map(|id| format!("@{id}")),
        (1..=4).prop_map(|id| format!("s{id}")),
        (1..=2).prop_map(|id| format!("l{id}")),
        Just("badge".to_owned()),
        Just("gone".to_owned()),
        proptest::sample::select(Command::ALL.to_vec()).prop_map(|command| command.word().to_owned()),
    ];
    proptest::collection::vec((word, 0..300_u64), 0..60)
}

proptest! {
    /// Whatever is scanned: every scan has an outcome and a next step, UNDO is exact, and the journal gives the same
    /// session again.
    #[test]
    fn any_sequence_leaves_a_defined_state(words in words(), checkpoint: bool) {
        let kind = if checkpoint { StationKind::Checkpoint } else { StationKind::Desk };
        let mut room = FileRoom::new(kind, if checkpoint { CARDIOLOGY } else { SORTING }).wanted();
        for (word, wait) in &words {
            room.wait(*wait);
            let before = room.volumes.clone();
            let decision = room.scan(word);
            let moved = room.volumes.iter().filter(|(id, volume)| before[id].last != volume.last).count();
            prop_assert!(moved <= 1);
            prop_assert_eq!(moved == 1, matches!(decision.act, Act::Move { .. } | Act::Undo { .. }));
            let is_other = [Verdict::FlaggedMissing, Verdict::Undone].contains(&decision.verdict);
            if !decision.verdict.is_movement() && !is_other {
                prop_assert_eq!(moved, 0, "{:?} moved a chart", decision.verdict);
            }
            if decision.verdict != Verdict::Moved && decision.verdict != Verdict::Sighted
                && decision.verdict != Verdict::AlreadyHere {
                prop_assert!(decision.why.is_some(), "{:?} says nothing", decision.verdict);
            }
        }
        let mut replayed = Session::default();
        for (line, at) in &room.journal {
            let (act, movement) = Act::parse(line).unwrap();
            replayed.apply(&room.rules, &act, movement, *at);
        }
        prop_assert_eq!(replayed, room.session);
    }
}
