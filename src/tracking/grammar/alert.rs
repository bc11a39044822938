//! The one alert of a scan: of all that matters about the chart in hand the most important thing, in a fixed order and with
//! what to do, whatever the station is doing.

use super::act::{Act, MovementKind};
use super::decide::{Decision, Moment};
use super::session::{Mode, Session};
use super::wanted::doing;
use super::{Role, Volume};
use crate::tracking::request::{first_waiting, hold};
use crate::tracking::{CustodianId, Verdict};

/// What matters about a chart, the most important first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Wanted,
    WasMissing,
    Temporary,
    OthersElsewhere,
    MergeDue,
    WrongFileRoom,
    LabelWorn,
    DuePassed,
}

/// The fixed order. Later kinds take their place in it.
const ORDER: [Kind; 8] = [
    Kind::Wanted,
    Kind::WasMissing,
    Kind::Temporary,
    Kind::OthersElsewhere,
    Kind::MergeDue,
    Kind::WrongFileRoom,
    Kind::LabelWorn,
    Kind::DuePassed,
];

/// What becomes of the chart by this scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// It is put, or confirmed, somewhere.
    Put,
    /// It is in hand and stays where it is on record.
    Unmoved,
    /// It is being found.
    Found,
    /// It is being missed: nobody has it in hand.
    Missed,
}

/// What the alert is decided on.
struct Sight<'a> {
    session: &'a Session,
    volume: &'a Volume,
    manner: Manner,
    /// Where the volume goes by this scan, or is.
    to: CustodianId,
    /// Charts are kept or sorted there.
    is_file_room: bool,
    /// It is being put into a box.
    is_packed: bool,
}

/// An alert in words.
struct Alert {
    kind: Kind,
    sentence: String,
    /// Somebody has to do something about it now.
    is_urgent: bool,
}

/// A decision about a volume with the alert that belongs to it. A refusal says nothing else: the chart is scanned again.
pub(super) fn alerted(
    session: &Session,
    volume: &Volume,
    decision: Decision,
    moment: &Moment<'_>,
) -> Decision {
    if decision.verdict == Verdict::Refused {
        return decision;
    }
    let Some(alert) = foremost(&Sight::new(session, volume, &decision.act, moment)) else { return decision };
    let is_found = decision.verdict == Verdict::Found;
    let verdict = match decision.verdict {
        verdict if !alert.is_urgent => verdict,
        Verdict::Moved | Verdict::Sighted | Verdict::FlaggedMissing | Verdict::Found => Verdict::Attention,
        Verdict::AlreadyHere | Verdict::DoubleRead | Verdict::Ready => Verdict::Look,
        verdict => verdict,
    };
    // That it was missing is what FOUND says itself; of all else only who waits comes before that.
    let why = match decision.why {
        Some(why) if is_found && alert.kind != Kind::Wanted => format!("{why}; {}", alert.sentence),
        Some(why) => format!("{}; {why}", alert.sentence),
        None => alert.sentence,
    };
    Decision { verdict, why: Some(why), act: decision.act }
}

/// What a volume that is refused, and stays where it is, is told besides.
pub(super) fn of_refused(session: &Session, volume: &Volume, moment: &Moment<'_>) -> Option<String> {
    foremost(&Sight::new(session, volume, &Act::Nothing, moment)).map(|alert| alert.sentence)
}

fn foremost(sight: &Sight<'_>) -> Option<Alert> {
    ORDER.into_iter().find_map(|kind| {
        let sentence = sight.sentence(kind)?;
        let is_back = kind == Kind::DuePassed && sight.manner == Manner::Put && sight.is_file_room;
        Some(Alert { kind, sentence, is_urgent: !is_back })
    })
}

impl<'a> Sight<'a> {
    fn new(session: &'a Session, volume: &'a Volume, act: &Act, moment: &Moment<'_>) -> Sight<'a> {
        let is_again = session.one() == Some(volume.id) && volume.is_missing;
        let (to, manner) = match act {
            Act::Move { to, kind: MovementKind::Missing, .. } => (*to, Manner::Missed),
            Act::Move { to, kind: MovementKind::Found, .. } => (*to, Manner::Found),
            Act::Move { to, .. } => (*to, Manner::Put),
            _ if session.mode() == Mode::Missing || is_again => (volume.at, Manner::Missed),
            // A checkpoint, a place and a sweep put the chart where it is already.
            Act::Seen(_) if session.mode() != Mode::PrintLabel => (volume.at, Manner::Put),
            _ => (volume.at, Manner::Unmoved),
        };
        let known = [Some(moment.here), moment.there].into_iter().flatten();
        let place = known.into_iter().find(|place| place.id == to);
        let is_packed = manner == Manner::Put && place.is_some_and(|place| place.is_box);
        let role = place.map(|place| place.role);
        let role = role.unwrap_or(if to == volume.home { Role::FileArea } else { volume.at_role });
        Sight { session, volume, manner, to, is_file_room: role != Role::Holder, is_packed }
    }

    /// What is to be said of this kind; nothing if it does not arise.
    fn sentence(&self, kind: Kind) -> Option<String> {
        let seen = &self.volume.attention;
        let is_missed = self.manner == Manner::Missed;
        let told = |holds: bool, in_hand: &str, missed: &str| {
            holds.then(|| if is_missed { missed } else { in_hand }.to_owned())
        };
        match kind {
            Kind::Wanted => self.wanted(),
            Kind::WasMissing => self.was_missing(),
            Kind::Temporary => told(
                seen.temporary,
                "a temporary chart belongs to it: unite the two",
                "a temporary chart stands in for it: work with that one until it is found",
            ),
            Kind::OthersElsewhere => (seen.others_elsewhere > 0).then(|| self.others_elsewhere()),
            Kind::MergeDue => told(
                seen.merge_due,
                "two charts of this patient are to be combined: put it on the merge shelf",
                "two charts of this patient are to be combined: look for it with the other one",
            ),
            Kind::WrongFileRoom => self.wrong_file_room(),
            Kind::LabelWorn => {
                let is_printing = self.session.mode() == Mode::PrintLabel;
                told(
                    seen.label_worn && !is_printing,
                    "its label is worn: print a new one",
                    "its label is worn, and may have been overlooked: look for a folder that is hard to read",
                )
            }
            Kind::DuePassed => self.due_passed(),
        }
    }

    fn wanted(&self) -> Option<String> {
        if self.manner == Manner::Missed {
            let first = first_waiting(&self.volume.wanted)?;
            return Some(format!("wanted {}: tell them that it is missing", first.told()));
        }
        // Where its box goes says whether it goes to who waits.
        if self.is_packed {
            return None;
        }
        hold(&self.volume.wanted, doing(self.session.mode()), self.to)
    }

    /// It was flagged, or is being searched for.
    fn was_missing(&self) -> Option<String> {
        let volume = self.volume;
        let searched = volume.attention.wanted_back.as_ref();
        let needed_by = searched.and_then(|searched| searched.needed_by.as_ref());
        match (self.manner, needed_by) {
            _ if !volume.is_missing && searched.is_none() => None,
            (Manner::Put, Some(by)) => {
                Some(format!("WAS MISSING, needed by {by}: take it there, and tell the supervisor"))
            }
            (Manner::Put, None) => Some("WAS MISSING: tell the supervisor that it is found".to_owned()),
            (Manner::Unmoved, _) => {
                let state = if volume.is_missing { "flagged missing" } else { "being searched for" };
                Some(format!("it is {state}: scan FOUND, then this chart again"))
            }
            (Manner::Found | Manner::Missed, _) => None,
        }
    }

    fn others_elsewhere(&self) -> String {
        let count = self.volume.attention.others_elsewhere;
        let volumes = if count == 1 { "volume is" } else { "volumes are" };
        let next = if self.manner == Manner::Missed {
            "look for it there"
        } else {
            "see the chart's page for where"
        };
        format!("{count} more {volumes} elsewhere: {next}")
    }

    /// What is pulled, or is not in hand, is not put on a shelf.
    fn wrong_file_room(&self) -> Option<String> {
        let is_shelved = self.manner != Manner::Missed && !matches!(self.session.mode(), Mode::Pull(_));
        let home = self.volume.attention.belongs_to.as_ref().filter(|_| is_shelved)?;
        Some(format!("wrong file room: it belongs to {home}, send it there"))
    }

    fn due_passed(&self) -> Option<String> {
        let volume = self.volume;
        // What arrives is due anew.
        let arrives = volume.in_transit && volume.at == self.to && self.manner == Manner::Put;
        if !volume.attention.due_passed || arrives {
            return None;
        }
        Some(match self.manner {
            Manner::Missed => format!("it was due back: ask {} for it first", volume.at_name),
            Manner::Unmoved => "it is overdue: scan CHECK IN and it again, or send it back".to_owned(),
            Manner::Put | Manner::Found if self.is_file_room => {
                "it was overdue and is back: put it with what is to be refiled".to_owned()
            }
            Manner::Put | Manner::Found => {
                "it was overdue: send it back, or ask the file room for more time".to_owned()
            }
        })
    }
}
