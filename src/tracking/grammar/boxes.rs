//! Boxes and totes: charts are scanned into one, and then it is moved, received and opened by one scan each.

use super::act::Act;
use super::decide::{Decision, Moment, told};
use super::session::{Mode, Session};
use super::{Place, Rules, StationKind};
use crate::tracking::{CustodianId, Verdict};
use jiff::Timestamp;

/// Most charts that are taken out of a box by one scan: more than a box holds, and few enough to be written at once.
const OPENED_MAX: usize = 300;

/// A box as it is when it is scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    /// Charts in it.
    pub charts: usize,
    /// Where it is.
    pub at: Option<CustodianId>,
    /// It was sent there and has not been scanned there.
    pub in_transit: bool,
    /// When it was scanned there; nothing if it never was.
    pub since: Option<Timestamp>,
    /// The place that it would go to lies in it.
    pub is_around: bool,
    /// Who waits for a chart in it, somewhere else than where it would go.
    pub held: Option<String>,
}

/// A box's label, where it does not say what charts are put into; nothing if it does.
pub(super) fn box_scanned(
    session: &Session,
    rules: &Rules,
    place: &Place,
    moment: &Moment<'_>,
) -> Option<Decision> {
    let load = moment.load.filter(|_| place.is_box)?;
    match session.mode() {
        Mode::Open => Some(opened(rules, place, load)),
        Mode::To(_) => {
            let there = moment.there.filter(|there| !there.is_box)?;
            Some(moved(place, load, there, moment))
        }
        Mode::CheckIn => Some(moved(place, load, moment.here, moment)),
        Mode::Rest if rules.kind == StationKind::Checkpoint => Some(moved(place, load, moment.here, moment)),
        _ => None,
    }
}

fn charts(load: &Load) -> String {
    match load.charts {
        0 => "no charts".to_owned(),
        1 => "1 chart".to_owned(),
        charts => format!("{charts} charts"),
    }
}

fn around(place: &Place) -> Decision {
    let why = format!("{} cannot be put into itself; scan another place", place.name);
    told(Verdict::Refused, why, Act::Nothing)
}

fn moved(place: &Place, load: &Load, to: &Place, moment: &Moment<'_>) -> Decision {
    if load.is_around {
        return around(place);
    }
    if !to.is_open {
        let why = format!("{} is closed and takes no charts; scan another place", to.name);
        return told(Verdict::Refused, why, Act::Nothing);
    }
    let is_here = to.id == moment.here.id;
    let in_transit = !is_here && to.has_checkpoint;
    let (name, charts) = (&place.name, charts(load));
    let said = if in_transit {
        format!("{name} with {charts} is on its way to {}", to.name)
    } else if is_here {
        format!("{name} with {charts} is here; scan OPEN BOX and {name} when they are taken out")
    } else {
        format!("{name} with {charts} goes to {}", to.name)
    };
    let why = load.held.as_ref().map_or_else(|| said.clone(), |held| format!("in it: {held}; {said}"));
    if load.at == Some(to.id) && load.in_transit == in_transit {
        let verdict = if load.held.is_some() { Verdict::Look } else { Verdict::AlreadyHere };
        return told(verdict, why, Act::Nothing);
    }
    let verdict = if load.held.is_some() { Verdict::Attention } else { Verdict::Moved };
    told(verdict, why, Act::BoxMoved { carried: place.id, to: to.id, in_transit })
}

fn opened(rules: &Rules, place: &Place, load: &Load) -> Decision {
    if load.is_around {
        return around(place);
    }
    if load.charts > OPENED_MAX {
        let why = format!(
            "{} holds {} charts on record, too many to be taken out at once; scan them one by one",
            place.name, load.charts
        );
        return told(Verdict::Refused, why, Act::Nothing);
    }
    let act = Act::BoxOpened { opened: place.id, at: rules.custodian };
    if load.charts == 0 {
        return told(Verdict::Ready, format!("{} is empty on record; it is here", place.name), act);
    }
    let said = format!(
        "{} are out of {} and here; what is not there: MISSING and its label",
        charts(load),
        place.name
    );
    match &load.held {
        Some(held) => told(Verdict::Attention, format!("in it: {held}; {said}"), act),
        None => told(Verdict::Moved, said, act),
    }
}
