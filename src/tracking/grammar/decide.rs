//! What a scan does at a station: one decision for each kind of label in each mode. Total: every label in every mode has
//! a defined outcome.

use super::act::{Act, MovementKind, Skip};
use super::alert::alerted;
use super::boxes::{self, Load};
use super::searched::{self, SearchCode};
use super::session::{Batched, Mode, Session};
use super::wanted::{self, Order, Progress, Reply, Slip};
use super::{LastMove, Person, Place, Role, Rules, StationKind, Volume};
use crate::tracking::{Command, CustodianId, Verdict, VolumeId};
use jiff::Timestamp;
use std::time::Duration;

/// Faster than this nobody carries a chart from one station to another and scans it there.
const CARRY: Duration = Duration::from_secs(20);

/// A label of this file room that is on file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// A folder.
    Volume(Box<Volume>),
    /// A place or holder.
    Place(Place),
    /// A badge.
    Person(Person),
    /// A request's slip.
    Slip(Slip),
    /// A pull list.
    Order(Order),
    /// An answer on a notice's slip.
    Reply(Reply),
    /// A line of a search sheet.
    SearchCode(SearchCode),
    /// A command.
    Command(Command),
}

/// What is known besides the label.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// Now, by the daemon's wall clock.
    pub now: Timestamp,
    /// The same label came from the same source a moment ago, or the scanner says that it sends it again.
    pub double_read: bool,
    /// For UNDO: the last movement of the volume that [`Session::to_undo`] names.
    pub last: Option<LastMove>,
    /// The station's own place.
    pub here: &'a Place,
    /// For a shelf's label: the volume that [`Session::chart`] names.
    pub before: Option<&'a Volume>,
    /// The place of [`Mode::To`] or [`Mode::Sighted`], or where the chart of [`Mode::Slip`] or [`Mode::Send`] is wanted.
    pub there: Option<&'a Place>,
    /// For a box's label: what is in it, and where it is.
    pub load: Option<&'a Load>,
    /// For a chart of [`Mode::Pull`] or [`Mode::Send`]: how far the list is without it.
    pub progress: Option<&'a Progress>,
}

/// What a scan does, and what the clerk is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The word for it.
    pub verdict: Verdict,
    /// What the clerk is told beyond the word.
    pub why: Option<String>,
    /// What it does.
    pub act: Act,
}

/// Decides what a label does at a station whose session has been settled.
pub fn decide(session: &Session, rules: &Rules, meaning: &Meaning, moment: &Moment<'_>) -> Decision {
    match meaning {
        Meaning::Volume(volume) => volume_scanned(session, rules, volume, moment),
        Meaning::Place(place) => match place.area {
            Some(area) => shelf_scanned(place, area, moment.before),
            None => boxes::box_scanned(session, rules, place, moment)
                .unwrap_or_else(|| place_scanned(session, place)),
        },
        Meaning::Person(person) => badge_scanned(person),
        Meaning::Slip(slip) => wanted::slip_scanned(session, slip),
        Meaning::Order(order) => wanted::order_scanned(session, order),
        Meaning::Reply(reply) => wanted::reply_scanned(reply),
        Meaning::SearchCode(code) => searched::scanned(code),
        Meaning::Command(command) => command_scanned(session, rules, *command, moment),
    }
}

pub(super) fn told(verdict: Verdict, why: impl Into<String>, act: Act) -> Decision {
    Decision { verdict, why: Some(why.into()), act }
}

fn place_scanned(session: &Session, place: &Place) -> Decision {
    if session.mode() == Mode::Open {
        let why = format!("{} is no box; scan the box that is opened, or DONE", place.name);
        return told(Verdict::Refused, why, Act::Nothing);
    }
    if !place.is_open {
        let why = format!("{} is closed and takes no charts; scan another place", place.name);
        return told(Verdict::Refused, why, Act::Nothing);
    }
    if matches!(session.mode(), Mode::Sighted(_)) {
        let why = format!("every chart that you scan now is confirmed at {}; DONE at the end", place.name);
        return told(Verdict::Ready, why, Act::Mode(Mode::Sighted(place.id)));
    }
    let why = format!("charts that you scan now go to {}; DONE at the end", place.name);
    told(Verdict::Ready, why, Act::Mode(Mode::To(place.id)))
}

/// Where there is no order, the shelf on which a folder was put is all that finds it again.
fn shelf_scanned(shelf: &Place, area: CustodianId, before: Option<&Volume>) -> Decision {
    match before {
        _ if !shelf.is_open => {
            let why = format!("{} is closed and takes no charts; put the chart on another shelf", shelf.name);
            told(Verdict::Refused, why, Act::Nothing)
        }
        Some(volume) if volume.home == area && volume.at == area && !volume.in_transit => {
            let act = Act::Shelved { volume: volume.id, shelf: shelf.id };
            told(Verdict::Ready, format!("the chart stands in {} now", shelf.name), act)
        }
        Some(_) => {
            let why = "the chart before it is not home in this file area; REFILE and the chart, then the shelf again";
            told(Verdict::Refused, why, Act::Nothing)
        }
        None => {
            let why = "scan the chart that stands there first, then the shelf again";
            told(Verdict::Refused, why, Act::Nothing)
        }
    }
}

fn badge_scanned(person: &Person) -> Decision {
    if !person.is_active {
        let why = "this badge is of somebody who does not work here any more; scan your own";
        return told(Verdict::Refused, why, Act::Nothing);
    }
    // No name: the screen beside the scanner is for everybody.
    told(Verdict::Ready, "badge read: what is scanned now is yours", Act::Operator(person.id))
}

fn command_scanned(session: &Session, rules: &Rules, command: Command, moment: &Moment<'_>) -> Decision {
    let ready = |why: &str, mode| told(Verdict::Ready, why, Act::Mode(mode));
    match command {
        Command::ChargeOut | Command::Transfer => {
            ready("scan the place that the charts go to, then the charts", Mode::Whither)
        }
        Command::CheckIn => {
            ready("charts that you scan now have come back here; DONE at the end", Mode::CheckIn)
        }
        Command::Refile => {
            ready("charts that you scan now go onto their own shelf; DONE at the end", Mode::Refile)
        }
        Command::Sighted => ready(
            "every chart that you scan now is confirmed here; scan a place first if it is another room; DONE at the end",
            Mode::Sighted(rules.custodian),
        ),
        Command::Missing => ready("scan the label of the chart that is missing", Mode::Missing),
        Command::Found => ready("scan the chart that was found", Mode::Found),
        Command::PrintLabel if rules.prints => {
            ready("scan the chart that gets a new label, or type its label", Mode::PrintLabel)
        }
        Command::PrintLabel => {
            let why = "this station has no label printer; open the chart's page and print its label there";
            told(Verdict::Refused, why, Act::Nothing)
        }
        Command::OpenBox => ready("scan the box: all that is in it is here then", Mode::Open),
        Command::Undo => undo(session.to_undo(), moment),
        Command::Done => done(session),
        Command::WhoAmI => told(Verdict::Ready, who_am_i(session, moment), Act::Nothing),
    }
}

/// Takes one chart of the batch back, wherever in it that is: by the same rules as UNDO, which takes the last.
pub fn take_back(session: &Session, volume: VolumeId, moment: &Moment<'_>) -> Decision {
    undo(session.to_take_back(volume), moment)
}

fn undo(step: Option<Batched>, moment: &Moment<'_>) -> Decision {
    let Some(step) = step else {
        let why =
            "this batch has nothing that could be taken back; correct it by scanning the chart where it is";
        return told(Verdict::Refused, why, Act::Nothing);
    };
    if moment.last.is_none_or(|last| last.no != step.tip) {
        let why =
            "the chart has been scanned elsewhere since, so this cannot be taken back; scan it where it is";
        return told(Verdict::Refused, why, Act::Nothing);
    }
    let act = Act::Undo { volume: step.volume, undoes: step.movement };
    told(Verdict::Undone, "taken back: the chart is where it was before", act)
}

fn done(session: &Session) -> Decision {
    let moved = session.standing();
    let why = match (session.sweep(), moved) {
        (Some(_), _) => {
            let confirmed = session.confirmed();
            format!("done: {confirmed} confirmed; what was not seen stands on the page")
        }
        (_, 0) => "done: nothing was moved".to_owned(),
        (_, 1) => "done: 1 chart".to_owned(),
        (_, moved) => format!("done: {moved} charts"),
    };
    told(Verdict::Ready, why, Act::Done(session.sweep()))
}

fn who_am_i(session: &Session, moment: &Moment<'_>) -> String {
    let there = moment.there.map_or("another place", |place| place.name.as_str());
    let does = match session.mode() {
        Mode::Rest => format!("this station stands for {}", moment.here.name),
        Mode::Whither => "a place is to be scanned next".to_owned(),
        Mode::To(_) => format!("charts go to {there}"),
        Mode::CheckIn => "charts are checked in".to_owned(),
        Mode::Refile => "charts are refiled".to_owned(),
        Mode::Sighted(_) => format!("charts are confirmed at {there}"),
        Mode::Missing => "the next chart is flagged missing".to_owned(),
        Mode::Found => "the next chart is told to be found".to_owned(),
        Mode::PrintLabel => "the next chart gets a new label".to_owned(),
        Mode::Open => "the next box is opened".to_owned(),
        Mode::Pull(list) => format!("pull list {list} is pulled"),
        Mode::Send(list) => format!("charts of pull list {list} are sent out"),
        Mode::Slip(request) => format!("the chart of request {request} goes to {there}"),
    };
    let who = if session.operator().is_some() { "your badge is known" } else { "no badge was scanned" };
    let count = session.standing();
    format!("{does}; {who}; {count} in this batch")
}

fn volume_scanned(session: &Session, rules: &Rules, volume: &Volume, moment: &Moment<'_>) -> Decision {
    if !volume.is_active {
        let why = "this folder was merged, retired or destroyed; put it aside and tell the supervisor";
        return told(Verdict::Refused, why, Act::Nothing);
    }
    if let (Mode::To(_) | Mode::Sighted(_), Some(there)) =
        (session.mode(), moment.there.filter(|there| !there.is_open))
    {
        let why = format!("{} is closed and takes no charts; scan another place", there.name);
        return told(Verdict::Refused, why, Act::Nothing);
    }
    alerted(session, volume, volume_meant(session, rules, volume, moment), moment)
}

fn volume_meant(session: &Session, rules: &Rules, volume: &Volume, moment: &Moment<'_>) -> Decision {
    if moment.double_read && session.one() == Some(volume.id) {
        return Decision { verdict: Verdict::DoubleRead, why: None, act: Act::Seen(volume.id) };
    }
    match session.mode() {
        Mode::PrintLabel => told(
            Verdict::Ready,
            "a new label is being printed; the chart was not moved",
            Act::Label(volume.id),
        ),
        Mode::Missing => flagged(volume),
        Mode::Found => found(volume, rules.custodian),
        Mode::Open => told(Verdict::Waiting, "scan the box that is opened first, or DONE", Act::Nothing),
        Mode::Whither => told(Verdict::Waiting, "scan the place first, then this chart again", Act::Nothing),
        Mode::Sighted(custodian) => sighted(session, volume, custodian, moment),
        Mode::To(custodian) => moved(session, volume, custodian, moment),
        Mode::Refile => moved(session, volume, volume.home, moment),
        Mode::CheckIn => moved(session, volume, rules.custodian, moment),
        Mode::Pull(list) => wanted::pulled(session, rules, volume, list, moment),
        Mode::Send(_) | Mode::Slip(_) => wanted::sent(session, volume, moment),
        Mode::Rest if rules.kind == StationKind::Checkpoint => {
            moved(session, volume, rules.custodian, moment)
        }
        Mode::Rest => told(Verdict::Waiting, at_rest(session, volume), Act::Nothing),
    }
}

/// What a desk without a place says: where the chart is, and what to scan.
fn at_rest(session: &Session, volume: &Volume) -> String {
    if wanted::held(session, volume, volume.at).is_some() {
        return "nothing was moved: scan its slip, or the place".to_owned();
    }
    let way = if volume.in_transit { "on its way to" } else { "with" };
    format!("nothing was moved: this chart is {way} {}; scan a place or a command first", volume.at_name)
}

fn flagged(volume: &Volume) -> Decision {
    if volume.is_missing {
        return told(Verdict::AlreadyHere, "this chart is flagged missing already", Act::Mode(Mode::Rest));
    }
    let act = stays(volume, MovementKind::Missing, volume.at);
    told(Verdict::FlaggedMissing, format!("flagged missing; {} had it last", volume.at_name), act)
}

fn found(volume: &Volume, here: CustodianId) -> Decision {
    if !volume.is_missing && volume.attention.wanted_back.is_none() {
        let why = "this chart is not flagged missing; scan it as usual";
        return told(Verdict::AlreadyHere, why, Act::Mode(Mode::Rest));
    }
    told(
        Verdict::Found,
        "it was missing: found, and now here; tell the supervisor",
        stays(volume, MovementKind::Found, here),
    )
}

fn sighted(session: &Session, volume: &Volume, place: CustodianId, moment: &Moment<'_>) -> Decision {
    if let Some(decision) = read_before(session, volume, place, moment) {
        return decision;
    }
    if volume.at == place && !volume.in_transit && !volume.is_missing {
        return Decision {
            verdict: Verdict::Sighted,
            why: None,
            act: stays(volume, MovementKind::Sighted, place),
        };
    }
    moved(session, volume, place, moment)
}

/// A movement that puts a volume where it is, or was found.
pub(super) fn stays(volume: &Volume, kind: MovementKind, to: CustodianId) -> Act {
    Act::Move { volume: volume.id, kind, from: volume.at, to, in_transit: false, skip: None }
}

/// The volume stands in the batch already, where it is.
pub(super) fn read_before(
    session: &Session,
    volume: &Volume,
    to: CustodianId,
    moment: &Moment<'_>,
) -> Option<Decision> {
    let (place, count) = session.place_of(volume.id)?;
    // One that was flagged since is found by this scan.
    if volume.at != to || volume.is_missing {
        return None;
    }
    if moment.double_read {
        return Some(Decision { verdict: Verdict::DoubleRead, why: None, act: Act::Seen(volume.id) });
    }
    let why = format!("already in this batch ({place} of {count})");
    Some(told(Verdict::AlreadyHere, why, Act::Seen(volume.id)))
}

pub(super) fn moved(session: &Session, volume: &Volume, to: CustodianId, moment: &Moment<'_>) -> Decision {
    if let Some(decision) = read_before(session, volume, to, moment) {
        return decision;
    }
    let is_here = to == moment.here.id;
    let arrives = is_here || to == volume.home;
    let place = if is_here { Some(moment.here) } else { moment.there };
    let in_transit = !arrives && place.is_some_and(|place| place.has_checkpoint);
    if volume.at == to && volume.in_transit == in_transit && !volume.is_missing {
        let verdict = if moment.double_read { Verdict::DoubleRead } else { Verdict::AlreadyHere };
        return Decision { verdict, why: None, act: Act::Seen(volume.id) };
    }
    let role = place.map_or(Role::FileArea, |place| place.role);
    let kind = match session.mode() {
        Mode::Refile => MovementKind::Refiled,
        // Taken out of a box by its own scan: it has arrived.
        _ if volume.at_is_box && is_here && role == Role::Holder => MovementKind::Received,
        _ => kind_of(volume, to, role, in_transit),
    };
    let skip = skip_of(volume, to, is_here, moment.now);
    let act = Act::Move { volume: volume.id, kind, from: volume.at, to, in_transit, skip };
    Decision { verdict: Verdict::Moved, why: None, act }
}

/// What a movement is called, by where from and where to.
fn kind_of(volume: &Volume, to: CustodianId, role: Role, in_transit: bool) -> MovementKind {
    let from_file_room = volume.at_role != Role::Holder;
    if in_transit {
        MovementKind::Dispatched
    } else if volume.in_transit && volume.at == to {
        MovementKind::Received
    } else if to == volume.home || role != Role::Holder {
        MovementKind::CheckedIn
    } else if from_file_room {
        MovementKind::ChargedOut
    } else {
        MovementKind::Transferred
    }
}

/// What must have been left out. A scan at a place proves that the volume is there, however it came.
fn skip_of(volume: &Volume, to: CustodianId, is_here: bool, now: Timestamp) -> Option<Skip> {
    if !is_here || volume.is_missing {
        return None;
    }
    let since = volume.since.and_then(|since| Duration::try_from(now.duration_since(since)).ok());
    if since.is_some_and(|since| since < CARRY) && volume.at != to {
        return Some(Skip::Impossible);
    }
    match (volume.in_transit, volume.at == to) {
        (true, true) => None,
        (true, false) => Some(Skip::NotReceived),
        // Who has no desk to scan at cannot have left it out.
        (false, _) => volume.at_sends.then_some(Skip::NotSent),
    }
}
