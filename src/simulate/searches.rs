//! One search, by the plan and by the orders that it is compared with: the same chart at the same spot, the same minutes
//! and chances ([`Searcher`]), the same chart given up after the same time.

use super::tally::Way;
use super::{Play, SimulateError};
use crate::demo::file_room::{BUDGET_MIN, Day, FileRoom, Searcher, Spot, custodian};
use crate::missing::plan::{LastSeen, Look, Place, Plan, Thoroughness};
use crate::store::CaseView;
use crate::tracking::{CustodianId, VolumeId};

/// Places of a plan that are compared.
const FIRST: usize = 5;

/// What a search by the plan came to.
struct Walk {
    looked: Vec<Place>,
    found: Option<Place>,
    minutes: f64,
}

impl Play {
    /// Searches for a chart by the plan, and plays the other ways for comparison.
    pub(super) async fn search(&mut self, case: &CaseView, day: Day) -> Result<(), SimulateError> {
        let Some(plan) = self.store.search_plan(case.id, Vec::new()).await? else { return Ok(()) };
        let seed = self.seed.wrapping_mul(1_000_003).wrapping_add(case.id.0.unsigned_abs());
        let walk = by_plan(&self.room, &plan, case.volume, seed);
        let first = first_places(&plan);
        let is_lost = self.episodes.contains_key(&case.volume);
        let found = walk.found.is_some();
        self.report.way(Way::Plan, is_lost).add(&self.room, case.volume, &first, found, walk.minutes);
        if is_lost {
            let spot = self.room.spot(case.volume).map_or("nowhere", Spot::kind);
            let spot = self.report.spots.entry(format!("{}: {spot}", case.last_seen.as_str())).or_default();
            spot.add(&self.room, case.volume, &first, found, walk.minutes);
        }
        self.compare_ways(case, &plan, day, seed).await?;
        *self.report.seen.entry(case.last_seen.as_str()).or_default() += 1;
        for place in &walk.looked {
            let look = Look { place: *place, how: Thoroughness::ShelfByShelf };
            self.store.tell_look(case.id, look, None).await?;
        }
        if let Some(place) = walk.found {
            self.store.tell_found(case.id, place, Vec::new(), None).await?;
            for event in self.room.bring_back(case.volume) {
                if let crate::demo::file_room::Event::Scan(station, label) = event {
                    self.scan(station, &label).await?;
                }
            }
        }
        Ok(())
    }

    async fn compare_ways(
        &mut self,
        case: &CaseView,
        plan: &Plan,
        day: Day,
        seed: u64,
    ) -> Result<(), SimulateError> {
        let paper = self.paper_order(case, day).await?;
        let last_known = vec![last_known(case)];
        let mut random: Vec<Place> = plan.candidates().iter().map(|candidate| candidate.place).collect();
        random.extend(paper.iter().filter(|place| !random.contains(place)).copied().collect::<Vec<_>>());
        fastrand::Rng::with_seed(seed).shuffle(&mut random);
        for (way, order) in [(Way::LastKnown, last_known), (Way::Paper, paper), (Way::Random, random)] {
            let (found, minutes) = by_order(&self.room, &order, way == Way::Paper, case.volume, seed);
            let is_lost = self.episodes.contains_key(&case.volume);
            self.report.way(way, is_lost).add(&self.room, case.volume, &order, found, minutes);
        }
        Ok(())
    }

    /// A paper procedure's order: its slot and around it, sorting, the last two holders, the requester, all clinics.
    async fn paper_order(&self, case: &CaseView, day: Day) -> Result<Vec<Place>, SimulateError> {
        let mut order = vec![home_slot(case.volume), Place::Sorting(custodian("SORT"))];
        let clinics = FileRoom::clinics();
        let history = self.store.history(case.volume, None).await?;
        let names: Vec<String> = history
            .map(|page| {
                page.movements.into_iter().flat_map(|movement| [movement.to, movement.from]).collect()
            })
            .unwrap_or_default();
        let custodians = self.store.custodians().await?;
        let id = |name: &String| {
            custodians.iter().find(|other| other.custodian.name == *name).map(|other| other.custodian.id)
        };
        let mut holders: Vec<CustodianId> = Vec::new();
        for holder in names.iter().filter_map(id).filter(|id| clinics.contains(id)) {
            if !holders.contains(&holder) && holders.len() < 2 {
                holders.push(holder);
            }
        }
        let requester =
            self.visits(|visit| visit.volume == case.volume && visit.booked <= day && visit.day >= day);
        let requester = requester.first().map(|visit| visit.clinic);
        for place in holders.into_iter().chain(requester).chain(clinics).map(Place::Desk) {
            if !order.contains(&place) {
                order.push(place);
            }
        }
        Ok(order)
    }
}

fn home_slot(volume: VolumeId) -> Place {
    Place::Slot { area: custodian("FILE"), next: volume }
}

fn last_known(case: &CaseView) -> Place {
    match case.last_seen {
        LastSeen::Home => home_slot(case.volume),
        LastSeen::Sorting => Place::Sorting(case.answerable),
        LastSeen::OnTheWay | LastSeen::Holder => Place::Desk(case.answerable),
    }
}

/// The first places of the plan, if each is looked at in vain.
fn first_places(plan: &Plan) -> Vec<Place> {
    let mut plan = plan.clone();
    let (mut places, mut here): (Vec<Place>, _) = (Vec::new(), None);
    // Each look lowers its place, so that others come in time; the bound only keeps a mistake from turning in circles.
    for _ in 0..FIRST * 10 {
        if places.len() == FIRST {
            break;
        }
        let Some(next) = plan.next_from(here) else { break };
        let place = next.place;
        here = next.room;
        if !places.contains(&place) {
            places.push(place);
        }
        plan.looked(Look { place, how: Thoroughness::ShelfByShelf });
    }
    places
}

fn by_plan(room: &FileRoom, plan: &Plan, wanted: VolumeId, seed: u64) -> Walk {
    let (mut plan, mut searcher) = (plan.clone(), Searcher::new(seed));
    let mut walk = Walk { looked: Vec::new(), found: None, minutes: BUDGET_MIN };
    let mut here = None;
    while let Some(next) = plan.next_from(here) {
        let place = next.place;
        here = next.room;
        let is_found = searcher.look(room, place, wanted);
        if searcher.minutes > BUDGET_MIN {
            break;
        }
        if is_found {
            return Walk { found: Some(place), minutes: searcher.minutes, ..walk };
        }
        walk.looked.push(place);
        plan.looked(Look { place, how: Thoroughness::ShelfByShelf });
    }
    walk
}

/// Looks at places in a fixed order; who goes by paper reads the chart's own section of the shelves at last.
fn by_order(
    room: &FileRoom,
    order: &[Place],
    then_section: bool,
    wanted: VolumeId,
    seed: u64,
) -> (bool, f64) {
    let mut searcher = Searcher::new(seed);
    for place in order {
        let is_found = searcher.look(room, *place, wanted);
        if searcher.minutes > BUDGET_MIN {
            return (false, BUDGET_MIN);
        }
        if is_found {
            return (true, searcher.minutes);
        }
    }
    if then_section && searcher.read_section(room, wanted) && searcher.minutes <= BUDGET_MIN {
        return (true, searcher.minutes);
    }
    (false, BUDGET_MIN)
}
