//! The queue for one volume: who is first, what a scan does for them, and what the clerk is told.

use super::{Priority, RequestState, RequestStep};
use crate::tracking::{CustodianId, PullListId, RequestId};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// How long before it is needed a request traps the volume at a scan: a weekend. What is wanted later is pulled with its
/// list, and must not keep a chart off its shelf for weeks.
pub const HOLD_WITHIN: SignedDuration = SignedDuration::from_hours(72);

/// An open request, as a scan of its volume sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Which.
    pub id: RequestId,
    /// Where it stands.
    pub state: RequestState,
    /// To whom the volume goes.
    pub to: CustodianId,
    /// What they are called.
    pub to_name: String,
    /// Who asked.
    pub requester: String,
    /// By when it is needed.
    pub needed_at: Timestamp,
    /// The day of that by the clock of the room.
    pub day: Date,
    /// The same by the clock of the room.
    pub when: String,
    /// How much it matters.
    pub priority: Priority,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// The pull list that it is on.
    pub list: Option<PullListId>,
    /// It is needed so soon that the volume is kept for it.
    pub is_now: bool,
}

/// What the station works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    /// Nothing of the kind.
    Else,
    /// A list is pulled.
    Pulling(PullListId),
    /// A list is sent out.
    Sending(PullListId),
    /// One slip's chart is sent out.
    Slip(RequestId),
}

/// Where a volume went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passage {
    /// To whom.
    pub to: CustodianId,
    /// It is on its way there.
    pub in_transit: bool,
    /// It left the file room, or went back onto its own shelf: what it was pulled for has to pull it again.
    pub is_elsewhere: bool,
}

/// Puts a queue in order: needed by, priority, time asked.
pub fn in_order(queue: &mut [Wanted]) {
    queue.sort_by_key(|wanted| {
        (wanted.needed_at, std::cmp::Reverse(wanted.priority), wanted.asked_at, wanted.id)
    });
}

impl Doing {
    fn is_for(self, wanted: &Wanted) -> bool {
        match self {
            Doing::Else => false,
            Doing::Pulling(list) | Doing::Sending(list) => wanted.list == Some(list),
            Doing::Slip(id) => wanted.id == id,
        }
    }
}

/// What a movement of the volume does for the requests of its queue, which is in order. It serves the first that it is for,
/// and whoever else of that place wants it the same day.
pub fn effects(queue: &[Wanted], doing: Doing, passage: Passage) -> Vec<(RequestId, RequestStep)> {
    let arrives = if passage.in_transit { RequestStep::Sent } else { RequestStep::Delivered };
    let mut served = None;
    let mut steps = Vec::new();
    for wanted in queue {
        let is_meant = doing.is_for(wanted)
            || wanted.is_now
            || matches!(wanted.state, RequestState::Pulled | RequestState::Sent);
        let is_under_way = matches!(wanted.state, RequestState::Pulled | RequestState::Sent);
        let step = if wanted.to == passage.to && is_meant && served.is_none_or(|day| day == wanted.day) {
            served = Some(wanted.day);
            Some(arrives)
        } else if matches!(doing, Doing::Pulling(_)) && doing.is_for(wanted) {
            Some(RequestStep::Pulled)
        } else {
            let is_lost = passage.is_elsewhere || wanted.state == RequestState::Sent;
            (is_under_way && is_lost && wanted.to != passage.to).then_some(RequestStep::PutBack)
        };
        let step = step.filter(|step| wanted.state.after(*step).is_some_and(|after| after != wanted.state));
        steps.extend(step.map(|step| (wanted.id, step)));
    }
    steps
}

fn waiting(queue: &[Wanted]) -> impl Iterator<Item = &Wanted> {
    queue.iter().filter(|wanted| wanted.is_now || wanted.state != RequestState::Requested)
}

/// Who waits for the volume now.
pub fn first_waiting(queue: &[Wanted]) -> Option<&Wanted> {
    waiting(queue).next()
}

/// What the clerk is told about who waits for the volume; nothing if this scan is for them. `to`: where the volume goes by
/// this scan, or is.
pub fn hold(queue: &[Wanted], doing: Doing, to: CustodianId) -> Option<String> {
    let first = first_waiting(queue)?;
    if first.to == to {
        let next = waiting(queue).find(|wanted| wanted.to != to)?;
        return Some(format!("from here it goes straight on: {}", next.told()));
    }
    if doing.is_for(first) {
        return None;
    }
    Some(format!("HOLD {}", first.told()))
}

impl Wanted {
    /// For whom, when and where: never who the patient is.
    pub fn told(&self) -> String {
        let urgent = match self.priority {
            Priority::Routine => "",
            Priority::Urgent => ", urgent",
            Priority::Stat => ", a patient waits",
        };
        // What ends it in the sentence does not stand in it: see `without_requester`.
        let words = self.requester.split([',', ';']).map(str::trim).collect::<Vec<_>>().join(" ");
        let requester: String = words.chars().take(60).collect();
        format!("for {requester}, {}, {}{urgent}", self.when, self.to_name)
    }
}

/// What a scan was told, for a screen that anybody walks past: who asked for the chart may be the patient.
pub fn without_requester(told: &str) -> String {
    let mut rest = told;
    let mut kept = String::with_capacity(told.len());
    let begun = |text: &str| {
        ["HOLD for ", "straight on: for ", "wanted for "]
            .into_iter()
            .filter_map(|begin| text.find(begin).map(|at| at + begin.len()))
            .min()
    };
    while let Some((before, after)) = begun(rest).and_then(|at| rest.split_at_checked(at)) {
        kept.push_str(before.strip_suffix("for ").unwrap_or(before));
        rest = after.split_once(", ").map_or("", |(_, after)| after);
    }
    kept += rest;
    // What is sent out by a list or slip: `to Heart clinic for Dr Lee`.
    match kept.split_once(" for ") {
        Some((place, _)) if kept.starts_with("to ") => place.to_owned(),
        _ => kept,
    }
}

/// A time as a clerk reads it: the hour, and the day if it is not today.
pub fn local_time(at: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let (at, now) = (at.to_zoned(zone.clone()), now.to_zoned(zone.clone()));
    let format = if at.date() == now.date() { "%H:%M" } else { "%a %-d %b %H:%M" };
    at.strftime(format).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SORTING: CustodianId = CustodianId(2);
    const HEART: CustodianId = CustodianId(3);
    const EYES: CustodianId = CustodianId(4);
    const SKIN: CustodianId = CustodianId(5);
    const LIST: PullListId = PullListId(1);

    fn wanted(id: i64, to: CustodianId, hour: i8, state: RequestState) -> Wanted {
        Wanted {
            id: RequestId(id),
            state,
            to,
            to_name: format!("clinic {}", to.0),
            requester: format!("Dr {id}"),
            needed_at: format!("2026-11-22T{hour:02}:00:00Z").parse().unwrap(),
            day: Date::constant(2026, 11, 22),
            when: format!("{hour}:00"),
            priority: Priority::Routine,
            asked_at: Timestamp::UNIX_EPOCH,
            list: (id == 1).then_some(LIST),
            is_now: true,
        }
    }

    fn queue(states: [RequestState; 2]) -> Vec<Wanted> {
        vec![wanted(1, HEART, 9, states[0]), wanted(2, EYES, 14, states[1])]
    }

    fn to(to: CustodianId, in_transit: bool) -> Passage {
        Passage { to, in_transit, is_elsewhere: to != SORTING }
    }

    #[test]
    fn the_order_is_needed_by_then_priority_then_time_asked() {
        let mut queue: Vec<_> = [14, 9, 9, 9]
            .iter()
            .zip(1..)
            .map(|(hour, id)| wanted(id, HEART, *hour, RequestState::Requested))
            .collect();
        queue[2].priority = Priority::Stat;
        queue[3].asked_at = Timestamp::from_second(-1).unwrap();
        in_order(&mut queue);
        assert_eq!(queue.iter().map(|wanted| wanted.id.0).collect::<Vec<_>>(), [3, 4, 2, 1]);
    }

    #[test]
    fn what_a_movement_does_for_who_waits() {
        use RequestState as S;
        use RequestStep as P;
        let one = |id: i64, step| vec![(RequestId(id), step)];
        let cases = [
            ("sent to the first", [S::Requested; 2], Doing::Else, to(HEART, true), one(1, P::Sent)),
            ("received there", [S::Sent, S::Requested], Doing::Else, to(HEART, false), one(1, P::Delivered)),
            ("no checkpoint there", [S::Requested; 2], Doing::Else, to(HEART, false), one(1, P::Delivered)),
            ("sent to the second", [S::Requested; 2], Doing::Else, to(EYES, true), one(2, P::Sent)),
            ("to nobody in the queue", [S::Requested; 2], Doing::Else, to(SKIN, true), vec![]),
            ("gone astray", [S::Sent, S::Requested], Doing::Else, to(SKIN, false), one(1, P::PutBack)),
            (
                "came back on the way",
                [S::Sent, S::Requested],
                Doing::Else,
                to(SORTING, false),
                one(1, P::PutBack),
            ),
            (
                "pulled, still in the file room",
                [S::Pulled, S::Requested],
                Doing::Else,
                to(SORTING, false),
                vec![],
            ),
            (
                "pulled and put back",
                [S::Pulled, S::Requested],
                Doing::Else,
                to(CustodianId(1), false),
                one(1, P::PutBack),
            ),
            (
                "a row is ticked",
                [S::Requested; 2],
                Doing::Pulling(LIST),
                to(SORTING, false),
                one(1, P::Pulled),
            ),
            (
                "ticked though it was not found",
                [S::NotFound, S::Requested],
                Doing::Pulling(LIST),
                to(SORTING, false),
                one(1, P::Pulled),
            ),
            ("ticked twice", [S::Pulled, S::Requested], Doing::Pulling(LIST), to(SORTING, false), vec![]),
            (
                "another list is pulled",
                [S::Requested; 2],
                Doing::Pulling(PullListId(9)),
                to(SORTING, false),
                vec![],
            ),
        ];
        for (name, states, doing, passage, expect) in cases {
            assert_eq!(effects(&queue(states), doing, passage), expect, "{name}");
        }
        let mut later = queue([S::Requested; 2]);
        later[0].is_now = false;
        assert_eq!(effects(&later, Doing::Else, to(HEART, false)), [], "wanted in three weeks");
        let mut same = queue([S::Requested; 2]);
        same[1].to = HEART;
        let both = vec![(RequestId(1), P::Sent), (RequestId(2), P::Sent)];
        assert_eq!(effects(&same, Doing::Else, to(HEART, true)), both, "two doctors of one clinic, one day");
        same[1].day = Date::constant(2026, 11, 23);
        assert_eq!(effects(&same, Doing::Else, to(HEART, true)), one(1, P::Sent), "tomorrow it comes again");
        let slip = effects(&later, Doing::Slip(RequestId(1)), to(HEART, false));
        assert_eq!(slip, one(1, P::Delivered), "but its slip was scanned");
    }

    #[test]
    fn who_waits_is_told_unless_the_scan_is_for_them() {
        use RequestState as S;
        let queue = queue([S::Requested; 2]);
        let told = |queue: &[Wanted], doing, to| hold(queue, doing, to).unwrap_or_default();
        assert_eq!(told(&queue, Doing::Else, SORTING), "HOLD for Dr 1, 9:00, clinic 3");
        assert_eq!(
            told(&queue, Doing::Else, EYES),
            "HOLD for Dr 1, 9:00, clinic 3",
            "the second is not first"
        );
        assert_eq!(told(&queue, Doing::Pulling(LIST), SORTING), "");
        assert_eq!(
            told(&queue, Doing::Else, HEART),
            "from here it goes straight on: for Dr 2, 14:00, clinic 4"
        );
        assert_eq!(told(&queue[..1], Doing::Else, HEART), "");
        assert_eq!(told(&[], Doing::Else, HEART), "");
        let later: Vec<_> = queue.into_iter().map(|wanted| Wanted { is_now: false, ..wanted }).collect();
        assert_eq!(told(&later, Doing::Else, SORTING), "", "in three weeks");
    }

    #[test]
    fn who_asked_is_left_out_for_passers_by() {
        let mut queue = queue([RequestState::Requested; 2]);
        queue[0].requester = "Doe, Jane; for HOLD for her mother".into();
        let held = hold(&queue, Doing::Else, SORTING).unwrap();
        assert_eq!(without_requester(&held), "HOLD 9:00, clinic 3");
        let on = hold(&queue, Doing::Else, HEART).unwrap();
        assert_eq!(without_requester(&on), "from here it goes straight on: 14:00, clinic 4");
        let missed = format!("wanted {}: tell them", queue[0].told());
        assert_eq!(without_requester(&missed), "wanted 9:00, clinic 3: tell them");
        let both = format!("wrong chart, but {held}; 3 of 4");
        assert_eq!(without_requester(&both), "wrong chart, but HOLD 9:00, clinic 3; 3 of 4");
        assert_eq!(without_requester("done: 3 charts"), "done: 3 charts");
        assert_eq!(without_requester("to clinic 3 for Eva Muster"), "to clinic 3");
    }

    #[test]
    fn times_are_those_of_the_room() {
        let zone = TimeZone::get("Europe/Zurich").unwrap();
        let now = "2026-11-22T09:42:00Z".parse().unwrap();
        assert_eq!(local_time("2026-11-22T09:40:00Z".parse().unwrap(), now, &zone), "10:40");
        assert_eq!(local_time("2026-11-23T09:40:00Z".parse().unwrap(), now, &zone), "Mon 23 Nov 10:40");
    }
}
