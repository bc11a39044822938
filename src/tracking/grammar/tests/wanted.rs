//! Slips and pull lists at a station, and what is told of who waits.

use super::*;
use crate::tracking::request::Priority;

const LIST: PullListId = PullListId(1);

pub(super) fn want(id: i64, to: CustodianId, list: Option<PullListId>) -> Wanted {
    Wanted {
        id: RequestId(id),
        state: RequestState::Requested,
        to,
        to_name: place(to).name,
        requester: format!("Dr {id}"),
        day: jiff::civil::Date::constant(2026, 11, 22),
        needed_at: Timestamp::from_second(1_800_000_000 + id * 600).unwrap(),
        when: format!("10:{id}0"),
        priority: Priority::Routine,
        asked_at: Timestamp::UNIX_EPOCH,
        list,
        is_now: true,
    }
}

impl FileRoom {
    /// Folders 1 and 2 are on list 1; folder 1 is wanted by somebody else later, folder 3 without a list, folder 2 by a place
    /// with a checkpoint.
    pub(super) fn wanted(mut self) -> FileRoom {
        let wanted = [
            (1, vec![want(1, CARDIOLOGY, Some(LIST)), want(4, SURGERY, None)]),
            (2, vec![want(2, SURGERY, Some(LIST))]),
            (3, vec![want(3, SURGERY, None)]),
        ];
        for (id, wanted) in wanted {
            self.volumes.get_mut(&VolumeId(id)).unwrap().wanted = wanted;
        }
        self
    }

    fn requests(&self) -> impl Iterator<Item = (&Volume, &Wanted)> {
        self.volumes.values().flat_map(|volume| volume.wanted.iter().map(move |wanted| (volume, wanted)))
    }

    fn state(&self, id: i64) -> RequestState {
        self.requests().find(|(_, wanted)| wanted.id.0 == id).unwrap().1.state
    }

    pub(super) fn slip(&self, id: RequestId) -> Slip {
        let (volume, wanted) = self.requests().find(|(_, wanted)| wanted.id == id).unwrap();
        Slip {
            id,
            state: wanted.state,
            to_name: wanted.to_name.clone(),
            is_open: true,
            at_name: volume.at_name.clone(),
        }
    }

    pub(super) fn progress(&self, list: PullListId, without: Option<VolumeId>) -> Progress {
        let rows = || self.requests().filter(move |(_, wanted)| wanted.list == Some(list));
        let next = rows()
            .filter(|(volume, wanted)| Some(volume.id) != without && wanted.state == RequestState::Requested);
        Progress {
            ticked: rows().filter(|(_, wanted)| wanted.state.is_ticked()).count(),
            of: rows().count(),
            next: next.map(|(volume, _)| volume.id).min().map(|id| NextRow {
                volume: id,
                label: String::new(),
                mrn: "12-34-56".to_owned(),
                number: 1,
                place: format!("shelf {id}"),
            }),
        }
    }

    pub(super) fn list_progress(&self, meaning: &Meaning) -> Option<Progress> {
        match (meaning, self.session.mode()) {
            (Meaning::Volume(volume), Mode::Pull(list) | Mode::Send(list)) => {
                Some(self.progress(list, Some(volume.id)))
            }
            _ => None,
        }
    }

    pub(super) fn destination(&self, mode: Mode, meaning: &Meaning) -> Option<CustodianId> {
        let of = |wanted: &Wanted| match mode {
            Mode::Slip(id) => wanted.id == id,
            Mode::Send(list) => wanted.list == Some(list),
            _ => false,
        };
        self.requests()
            .find(|(volume, wanted)| {
                let is_it = matches!(meaning, Meaning::Volume(scanned) if scanned.id == volume.id);
                of(wanted) && (is_it || matches!(mode, Mode::Slip(_)))
            })
            .map(|(_, wanted)| wanted.to)
    }

    /// Does to the requests what the store would do.
    pub(super) fn serve(&mut self, act: &Act) {
        if let Act::NotFound(id) = act {
            let mut all = self.volumes.values_mut().flat_map(|volume| volume.wanted.iter_mut());
            all.find(|wanted| wanted.id == *id).unwrap().state = RequestState::NotFound;
        }
        let Act::Move { volume, kind, to, in_transit, .. } = act else { return };
        if *kind == MovementKind::Missing {
            return;
        }
        let volume = self.volumes.get_mut(volume).unwrap();
        let is_elsewhere = place(*to).role == Role::Holder || *to == volume.home;
        let passage = Passage { to: *to, in_transit: *in_transit, is_elsewhere };
        for (id, step) in effects(&volume.wanted, doing(self.session.mode()), passage) {
            let wanted = volume.wanted.iter_mut().find(|wanted| wanted.id == id).unwrap();
            wanted.state = wanted.state.after(step).unwrap();
        }
        volume.wanted.retain(|wanted| wanted.state.is_open() || wanted.list.is_some());
    }
}

fn words(decision: &Decision) -> &str {
    decision.why.as_deref().unwrap_or_default()
}

#[test]
fn a_list_is_pulled_by_scanning() {
    let mut desk = desk().wanted();
    let begun = desk.scan("l1");
    assert_eq!(begun.verdict, Verdict::Ready);
    assert!(words(&begun).ends_with("0 of 2, next: shelf 1"), "{begun:?}");
    let ticked = desk.scan("v2");
    assert_eq!((ticked.verdict, words(&ticked)), (Verdict::Moved, "1 of 2, next: shelf 1"));
    assert_eq!((desk.at(2), desk.state(2)), ((SORTING, false), RequestState::Pulled));
    let wrong = desk.scan("v3");
    assert_eq!(wrong.verdict, Verdict::Refused);
    assert!(
        words(&wrong)
            .starts_with("wrong chart: not on pull list 1, and nothing was moved, but HOLD for Dr 3"),
        "{wrong:?}"
    );
    assert_eq!(desk.at(3), (FILE, false));
    assert_eq!(words(&desk.scan("v2")), "ticked already: 1 of 2, next: shelf 1");
    // A row's own bar code says that it was looked for in vain; the list goes on after it.
    desk.scan("MISSING");
    assert_eq!(desk.scan("s1").act, Act::NotFound(RequestId(1)));
    assert_eq!(desk.state(1), RequestState::NotFound);
    assert_eq!(desk.session.mode(), Mode::Pull(LIST));
    let found = desk.scan("v1");
    assert_eq!((found.verdict, words(&found)), (Verdict::Moved, "2 of 2: done"));
}

#[test]
fn the_shelves_of_the_desk_itself_confirm_what_is_pulled() {
    let mut desk = FileRoom::new(StationKind::Desk, FILE).wanted();
    desk.scan("l1");
    assert_eq!(desk.kind("v2"), Some(MovementKind::Sighted));
    assert_eq!(desk.state(2), RequestState::Pulled);
    assert_eq!(desk.scan("UNDO").verdict, Verdict::Undone, "a wrong tick is taken back");
}

#[test]
fn a_list_is_sent_out_each_chart_to_who_wants_it() {
    let mut desk = desk().wanted();
    desk.scan("CHARGE OUT");
    assert!(
        words(&desk.scan("l1")).starts_with("charts of pull list 1 that you scan now go to who wants them")
    );
    let sent = desk.scan("v2");
    assert_eq!((sent.verdict, words(&sent)), (Verdict::Moved, "to Surgery: 1 of 2, next: shelf 1"));
    assert_eq!((desk.at(2), desk.state(2)), ((SURGERY, true), RequestState::Sent));
    let first = desk.scan("v1");
    assert_eq!(first.verdict, Verdict::Attention, "somebody waits after the first");
    assert!(words(&first).starts_with("from here it goes straight on: for Dr 4"), "{first:?}");
    assert_eq!(desk.at(1), (CARDIOLOGY, false));
    assert_eq!(desk.state(1), RequestState::Delivered, "nobody scans there");
    assert_eq!(desk.scan("v3").verdict, Verdict::Refused);
}

#[test]
fn a_slip_sends_its_one_chart() {
    let mut desk = desk().wanted();
    let ready = desk.scan("s3");
    assert_eq!(words(&ready), "scan the chart of this slip: it goes to Surgery; it is with File room");
    let wrong = desk.scan("v1");
    assert_eq!((wrong.verdict, desk.at(1)), (Verdict::Refused, (FILE, false)));
    assert_eq!(desk.scan("v3").verdict, Verdict::Moved);
    assert_eq!(desk.at(3), (SURGERY, true));
    assert_eq!(desk.session.mode(), Mode::Rest, "one chart, not all that follow");
    // In the middle of a list it goes back to the list.
    desk.scan("l1");
    desk.scan("s4");
    assert_eq!(desk.scan("v1").verdict, Verdict::Attention, "the other clinic was first");
    assert_eq!(desk.session.mode(), Mode::Pull(LIST));
}

#[test]
fn a_chart_that_comes_back_and_is_wanted_is_trapped() {
    let mut desk = desk().wanted();
    let rest = desk.scan("v3");
    assert_eq!(words(&rest), "HOLD for Dr 3, 10:30, Surgery; nothing was moved: scan its slip, or the place");
    desk.scan("CHECK IN");
    let trapped = desk.scan("v3");
    assert_eq!((trapped.verdict, words(&trapped)), (Verdict::Attention, "HOLD for Dr 3, 10:30, Surgery"));
    desk.scan("@3");
    let elsewhere = desk.scan("v3");
    assert_eq!((elsewhere.verdict, words(&elsewhere)), (Verdict::Attention, "HOLD for Dr 3, 10:30, Surgery"));
    desk.scan("@4");
    assert_eq!(desk.scan("v3").verdict, Verdict::Moved);
}

#[test]
fn who_waits_comes_before_everything_else() {
    let mut door = FileRoom::new(StationKind::Checkpoint, SORTING).wanted();
    let volume = door.volumes.get_mut(&VolumeId(3)).unwrap();
    volume.attention = Attention { temporary: true, ..Attention::default() };
    assert_eq!(words(&door.scan("v3")), "HOLD for Dr 3, 10:30, Surgery");
    let mut door = FileRoom::new(StationKind::Checkpoint, SORTING).wanted();
    door.volumes.get_mut(&VolumeId(3)).unwrap().is_missing = true;
    assert_eq!(words(&door.scan("v3")), "HOLD for Dr 3, 10:30, Surgery");
}

#[test]
fn a_slip_that_is_over_is_refused() {
    let mut desk = desk().wanted();
    let slip = Slip { state: RequestState::Delivered, ..desk.slip(RequestId(3)) };
    let here = place(SORTING);
    let moment = Moment {
        now: desk.now,
        double_read: false,
        last: None,
        here: &here,
        before: None,
        there: None,
        load: None,
        progress: None,
    };
    let over = decide(&desk.session, &desk.rules, &Meaning::Slip(slip), &moment);
    assert_eq!(over.verdict, Verdict::Refused);
    desk.scan("DONE");
}
