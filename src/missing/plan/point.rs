//! Where each clue points to, given what is known of the chart.

use super::facts::{Companion, Facts, Pointer, Slot, Who};
use super::{Clue, LastSeen, Place};

/// Visits further away than this from the last scan say nothing.
const VISIT_DAYS_MAX: f64 = 21.0;

/// The places that a clue points to; none if it does not apply.
pub(super) fn point(clue: Clue, facts: &Facts) -> Vec<Pointer> {
    match clue {
        Clue::HomeSlot => vec![home(facts, "it may have been put back without a scan, or overlooked")],
        Clue::Slid => vec![home(facts, "folders slide a few places to the left or right")],
        Clue::InsideNeighbour => vec![home(facts, "it may have slipped into or behind the folder beside it")],
        Clue::Transposed
        | Clue::LookAlike
        | Clue::SwappedGroups
        | Clue::AdjacentSection
        | Clue::SameColour => misfiled(clue, facts),
        Clue::Beside => companions(&facts.companions, facts.seen, "it was scanned next to"),
        Clue::OtherVolume => {
            companions(&facts.other_volumes, facts.seen, "volumes of one chart stay together:")
        }
        Clue::OtherNumber => {
            let why = "the patient has another number, and this is its slot";
            facts.other_numbers.iter().map(|other| slot(other, facts, 1.0, why)).collect()
        }
        Clue::Sorting => sorting(facts),
        Clue::Bin => {
            let weight = if facts.days > 2.0 { 0.4 } else { 1.0 };
            let at = |who: &Who| {
                pointer(
                    Place::Bin(who.id),
                    weight,
                    format!("bin for {}", who.name),
                    "it was sent there and may never have been taken out".to_owned(),
                )
            };
            facts.holder.iter().filter(|_| facts.seen != LastSeen::Home).map(at).collect()
        }
        Clue::WrongBin => {
            let why = "charts were sent there in the same hours, and bins get mixed up";
            facts.other_destinations.iter().map(|who| desk(who, 1.0, why)).collect()
        }
        Clue::LastHolder => {
            let why = match facts.seen {
                LastSeen::OnTheWay => "it was sent there; it may have arrived without a scan",
                LastSeen::Holder => "the last scan says that it is there",
                LastSeen::Home | LastSeen::Sorting => {
                    "they had it last, and may have it again without a scan"
                }
            };
            facts.holder.iter().map(|who| desk(who, 1.0, why)).collect()
        }
        Clue::HolderBefore => {
            let why = match facts.seen {
                LastSeen::OnTheWay => "they sent it, and it may never have left",
                _ => "they had it before",
            };
            facts.holder_before.iter().map(|who| desk(who, 1.0, why)).collect()
        }
        Clue::TakenAlong => {
            let why = "an office of its last holder: charts are taken along";
            facts.offices.iter().map(|who| desk(who, 1.0, why)).collect()
        }
        Clue::Visit => visits(facts),
        Clue::OtherHolder => {
            let why = |share: f64| format!("{:.0} % of the charts went there lately", share * 100.0);
            let others = facts.traffic.iter().filter(|(who, _)| facts.holder.as_ref() != Some(who));
            others.map(|(who, share)| desk(who, *share, why(*share))).collect()
        }
        Clue::Habit => {
            let why = |finds: f64| format!("{finds:.0} lost charts of this holder were found there before");
            facts.habits.iter().map(|(who, finds)| desk(who, *finds, why(*finds))).collect()
        }
    }
}

fn pointer(place: Place, weight: f64, name: String, why: String) -> Pointer {
    let room = match place {
        Place::Desk(holder) | Place::Bin(holder) => Some(holder),
        Place::Slot { .. } | Place::Sorting(_) | Place::Beside(_) => None,
    };
    Pointer { place, room, weight, name, why }
}

fn desk(who: &Who, weight: f64, why: impl Into<String>) -> Pointer {
    pointer(Place::Desk(who.id), weight, who.name.clone(), why.into())
}

fn home(facts: &Facts, why: &str) -> Pointer {
    slot(&facts.home, facts, 1.0, why)
}

/// A slot; one among the folders around home is looked at together with home.
fn slot(slot: &Slot, facts: &Facts, weight: f64, why: impl Into<String>) -> Pointer {
    let is_home = slot.area == facts.home.area
        && (slot.next == facts.home.next || facts.neighbours.contains(&slot.next));
    let slot = if is_home { &facts.home } else { slot };
    let place = Place::Slot { area: slot.area, next: slot.next };
    let name =
        if is_home { format!("its own slot and around it: {}", slot.words) } else { slot.words.clone() };
    pointer(place, weight, name, why.into())
}

fn misfiled(clue: Clue, facts: &Facts) -> Vec<Pointer> {
    let why = match clue {
        Clue::Transposed => "its number with two digits exchanged",
        Clue::LookAlike => "its number with a digit taken for one that looks like it",
        Clue::SwappedGroups => "its number with two groups exchanged",
        Clue::AdjacentSection => "the section beside its own",
        _ => "another section of the same colour",
    };
    let of_clue = facts.misfiles.iter().filter(|(kind, _)| *kind == clue);
    of_clue.map(|(_, misfile)| slot(misfile, facts, 1.0, why)).collect()
}

/// While charts are filed, the one in hand may slip into the one before; on a desk any of those around may take it along.
fn companions(all: &[Companion], seen: LastSeen, why: &str) -> Vec<Pointer> {
    let is_filed = matches!(seen, LastSeen::Home | LastSeen::Sorting);
    let point = |other: &Companion| {
        let apart = f64::from(other.apart.max(1));
        let weight = if is_filed { 1.0 / apart } else { 1.0 / (1.0 + apart / 8.0) };
        let why = format!("{why} {}, which is with {}", other.label, other.at.name);
        match &other.slot {
            Some(slot) => {
                let place = Place::Slot { area: slot.area, next: slot.next };
                pointer(place, weight, format!("around {}: {}", other.label, slot.words), why)
            }
            None => {
                let name = format!("inside and around {}", other.label);
                Pointer { room: Some(other.at.id), ..pointer(Place::Beside(other.volume), weight, name, why) }
            }
        }
    };
    all.iter().map(point).collect()
}

fn sorting(facts: &Facts) -> Vec<Pointer> {
    let mates = facts.mates.filter(|mates| mates.left_it_behind());
    let (weight, why) = match (facts.seen, mates) {
        (LastSeen::Sorting, _) => (1.0, "it came back and was not scanned onto its shelf".to_owned()),
        (_, Some(mates)) => {
            (1.0, format!("{} of the {} charts that went along are back", mates.gone_on, mates.with_it))
        }
        _ => (1.0, "what comes back without a scan waits there".to_owned()),
    };
    let at = |who: &Who| pointer(Place::Sorting(who.id), weight, who.name.clone(), why.clone());
    facts.sorting.iter().map(at).collect()
}

/// Nearer visits weigh more, and those after the last scan more than those before it.
fn visits(facts: &Facts) -> Vec<Pointer> {
    let point = |visit: &super::Visit| {
        let days = visit.days_after;
        let is_near =
            days.abs() <= VISIT_DAYS_MAX && facts.holder.as_ref().is_none_or(|who| who.id != visit.at.id);
        is_near.then(|| {
            let (weight, when) = if days < 0.0 { (0.3, "before") } else { (1.0, "after") };
            let why = format!("the patient's visit there is {:.0} d {when} the last scan", days.abs());
            desk(&visit.at, weight / (1.0 + days.abs() / 4.0), why)
        })
    };
    facts.visits.iter().filter_map(point).collect()
}
