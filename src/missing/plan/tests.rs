//! What holds for every plan, and the plans of a few charts.

use super::*;
use crate::tracking::VolumeId;
use proptest::prelude::*;

fn who(id: i64) -> Who {
    Who { id: CustodianId(id), name: format!("Clinic {id}") }
}

fn slot(next: i64) -> Slot {
    Slot { area: CustodianId(1), next: VolumeId(next), words: format!("slot {next}") }
}

pub(super) fn facts(seen: LastSeen) -> Facts {
    Facts {
        seen,
        days: 1.0,
        home: slot(100),
        neighbours: vec![VolumeId(99), VolumeId(101)],
        holder: Some(who(3)),
        holder_before: Some(who(4)),
        offices: vec![who(31)],
        sorting: vec![who(2)],
        other_destinations: vec![who(5), who(6)],
        traffic: vec![(who(8), 0.6), (who(9), 0.4)],
        misfiles: vec![
            (Clue::Transposed, slot(200)),
            (Clue::Transposed, slot(300)),
            (Clue::LookAlike, slot(101)),
        ],
        companions: vec![Companion {
            volume: VolumeId(7),
            label: "V7".into(),
            at: who(9),
            slot: None,
            apart: 1,
        }],
        other_volumes: vec![],
        other_numbers: vec![],
        visits: vec![Visit { at: who(8), days_after: 2.0 }],
        habits: vec![],
        mates: None,
        looks: vec![],
    }
}

fn plan(seen: LastSeen) -> Plan {
    Plan::new(&facts(seen), &Finds::default(), &Efforts::default())
}

fn sum(plan: &Plan) -> f64 {
    plan.elsewhere() + plan.candidates().iter().map(Candidate::probability).sum::<f64>()
}

fn probability(plan: &Plan, place: Place) -> f64 {
    plan.candidates().iter().find(|candidate| candidate.place == place).map_or(0.0, Candidate::probability)
}

#[test]
fn a_chart_that_is_not_in_its_slot_is_looked_for_around_it_and_one_that_is_out_where_it_is() {
    let home = Place::Slot { area: CustodianId(1), next: VolumeId(100) };
    assert_eq!(plan(LastSeen::Home).candidates()[0].place, home);
    let out = plan(LastSeen::OnTheWay);
    let likeliest =
        out.candidates().iter().max_by(|a, b| a.probability().total_cmp(&b.probability())).unwrap();
    assert_eq!(likeliest.place, Place::Desk(CustodianId(3)));
    assert!(likeliest.explained().contains("arrived without a scan"), "{}", likeliest.explained());
}

#[test]
fn slots_around_home_are_looked_at_with_it() {
    let plan = plan(LastSeen::Home);
    assert_eq!(probability(&plan, Place::Slot { area: CustodianId(1), next: VolumeId(101) }), 0.0);
}

#[test]
fn a_site_learns_from_its_finds_and_forgets_when_told() {
    let bin = Place::Bin(CustodianId(3));
    let mut finds = Finds::default();
    let before = probability(&Plan::new(&facts(LastSeen::OnTheWay), &finds, &Efforts::default()), bin);
    (0..100).for_each(|_| finds.add(LastSeen::OnTheWay, Clue::Bin, 1.0));
    let learned = Plan::new(&facts(LastSeen::OnTheWay), &finds, &Efforts::default());
    assert!(probability(&learned, bin) > 0.75 && before < 0.3);
    assert_eq!(learned.candidates()[0].place, bin);
    assert!(learned.candidates()[0].explained().contains("100.0 finds here"));
    let elsewhere = Plan::new(&facts(LastSeen::Home), &finds, &Efforts::default());
    assert_eq!(
        elsewhere,
        plan(LastSeen::Home),
        "what was learned of charts under way says nothing of others"
    );
}

#[test]
fn a_find_is_shared_by_the_clues_that_explain_it() {
    let home = Place::Slot { area: CustodianId(1), next: VolumeId(100) };
    let shares = plan(LastSeen::Home).found_at(home);
    assert!(shares.len() >= 3 && (shares.iter().map(|(_, share)| share).sum::<f64>() - 1.0).abs() < 1e-9);
}

#[test]
fn a_plan_without_a_place_says_elsewhere() {
    let facts = Facts { sorting: vec![], holder: None, ..facts(LastSeen::Home) };
    let plan = Plan::new(&facts, &Finds::default(), &Efforts::default());
    assert!((sum(&plan) - 1.0).abs() < 1e-9);
}

/// Expected minutes until the chart is found when the places are looked at in this order, once each; what is never found
/// costs all of them.
fn expected_minutes(plan: &Plan, order: &[usize]) -> f64 {
    let (mut spent, mut expected, mut left) = (0.0, 0.0, 1.0);
    for at in order {
        let candidate = &plan.candidates()[*at];
        spent += candidate.minutes();
        let found = candidate.probability() * candidate.notices();
        expected += found * spent;
        left -= found;
    }
    expected + left * spent
}

fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![vec![]];
    }
    let shorter = orders(count - 1);
    let insert = |order: &Vec<usize>, at| {
        let mut longer = order.clone();
        longer.insert(at, count - 1);
        longer
    };
    shorter.iter().flat_map(|order| (0..count).map(move |at| insert(order, at))).collect()
}

fn efforts() -> impl Strategy<Value = Efforts> {
    let effort = || {
        (1.0..40.0_f64, 0.0..9.0_f64, 0.2..1.0_f64).prop_map(|(looking, way, notices)| Effort {
            looking,
            way,
            notices,
        })
    };
    (effort(), effort(), effort(), effort(), effort())
        .prop_map(|(slot, desk, sorting, bin, beside)| Efforts { slot, desk, sorting, bin, beside })
}

proptest! {
    #[test]
    fn probabilities_add_up_and_a_look_never_raises_its_place(
        seen in proptest::sample::select(LastSeen::ALL.to_vec()),
        efforts in efforts(),
        looks in proptest::collection::vec((0..12_usize, any::<bool>()), 0..25),
    ) {
        let mut plan = Plan::new(&facts(seen), &Finds::default(), &efforts);
        prop_assert_eq!(&plan, &Plan::new(&facts(seen), &Finds::default(), &efforts));
        prop_assert!((sum(&plan) - 1.0).abs() < 1e-9);
        for (at, thorough) in looks {
            let place = plan.candidates()[at % plan.candidates().len()].place;
            let how = if thorough { Thoroughness::ShelfByShelf } else { Thoroughness::Glance };
            let before = plan.clone();
            plan.looked(Look { place, how });
            prop_assert!((sum(&plan) - 1.0).abs() < 1e-9);
            for candidate in before.candidates() {
                let (was, is) = (candidate.probability(), probability(&plan, candidate.place));
                let keeps_side = if candidate.place == place { is <= was + 1e-12 } else { is >= was - 1e-12 };
                prop_assert!(keeps_side);
            }
            prop_assert!(plan.elsewhere() >= before.elsewhere());
        }
        let worths: Vec<f64> = plan.candidates().iter().map(Candidate::worth).collect();
        prop_assert!(worths.windows(2).all(|pair| pair[0] >= pair[1]));
    }

    #[test]
    fn no_other_order_finds_it_sooner(efforts in efforts(), seen in proptest::sample::select(LastSeen::ALL.to_vec())) {
        let few = Facts {
            offices: vec![], visits: vec![], misfiles: vec![], companions: vec![], holder_before: None, traffic: vec![],
            other_destinations: vec![who(5)], ..facts(seen)
        };
        let plan = Plan::new(&few, &Finds::default(), &efforts);
        let count = plan.candidates().len();
        prop_assert!((3..=6).contains(&count));
        let best = expected_minutes(&plan, &(0..count).collect::<Vec<_>>());
        for order in orders(count) {
            prop_assert!(expected_minutes(&plan, &order) >= best - 1e-9);
        }
    }

    #[test]
    fn people_who_search_at_once_do_not_meet(people in 1..5_usize) {
        let plan = plan(LastSeen::Home);
        let mut all: Vec<Place> = plan.shared(people).concat();
        let mut expect: Vec<Place> = plan.candidates().iter().map(|candidate| candidate.place).collect();
        all.sort_unstable();
        expect.sort_unstable();
        prop_assert_eq!(all, expect);
    }
}
