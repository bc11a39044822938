//! The room keeps its charts, plays the same days again, and errs as told.

use super::*;

fn play(seed: u64, errors: Errors, days: Day) -> (FileRoom, Vec<Event>) {
    let world = World::with_charts(seed, 400);
    let mut room = FileRoom::new(seed, &world, errors, days + 1);
    let mut events = Vec::new();
    let home = |_| Believed { at: custodian("FILE"), in_transit: false };
    for day in 1..days {
        events.extend(room.deliver());
        events.extend(room.refile());
        events.extend(room.see_patients(day, &home));
        events.extend(room.come_back(day));
        let visits: Vec<Visit> = room.visits().iter().filter(|visit| visit.day == day + 1).copied().collect();
        events.extend(room.pull(&visits, &home));
    }
    (room, events)
}

fn count(events: &[Event], is: impl Fn(&Event) -> bool) -> usize {
    events.iter().filter(|event| is(event)).count()
}

#[test]
fn a_seed_plays_the_same_days() {
    let errors = Errors { transpose: 0.1, pass_on: 0.1, ..Errors::default() };
    assert_eq!(play(1, errors, 6).1, play(1, errors, 6).1);
    assert_ne!(play(1, errors, 6).1, play(2, errors, 6).1);
}

#[test]
fn without_errors_charts_are_in_their_slots_or_on_their_way() {
    let (room, events) = play(3, Errors::default(), 8);
    let misfiled = room.volumes().filter(|volume| {
        let folder = room.folder(*volume).unwrap();
        matches!(folder.spot, Spot::Shelf(rank) if rank != folder.rank)
            || matches!(folder.spot, Spot::Inside(_))
    });
    assert_eq!(misfiled.count(), 0);
    assert!(count(&events, |event| matches!(event, Event::Scan(..))) > 500);
}

#[test]
fn each_error_leaves_charts_where_it_says() {
    let all = |errors| play(4, errors, 8).0;
    let on_wrong_shelf = |room: &FileRoom| {
        room.folders
            .iter()
            .filter(|folder| matches!(folder.spot, Spot::Shelf(rank) if rank != folder.rank))
            .count()
    };
    assert!(on_wrong_shelf(&all(Errors { transpose: 0.5, ..Errors::default() })) > 5);
    assert!(on_wrong_shelf(&all(Errors { misread: 0.5, ..Errors::default() })) > 5);
    assert!(on_wrong_shelf(&all(Errors { slide: 0.5, ..Errors::default() })) > 5);
    assert!(on_wrong_shelf(&all(Errors { wrong_section: 0.5, ..Errors::default() })) > 5);
    let inside = |room: &FileRoom| room.at(|spot| matches!(spot, Spot::Inside(_))).len();
    assert!(inside(&all(Errors { slip_inside: 0.5, ..Errors::default() })) > 5);
    assert!(inside(&all(Errors { slip_at_desk: 0.5, ..Errors::default() })) > 5);
    let offices = all(Errors { take_along: 0.5, ..Errors::default() });
    assert!(offices.at(|spot| matches!(spot, Spot::Desk(at) if clinic_of(at).is_some())).len() > 5);
}

#[test]
fn who_searches_the_right_place_long_enough_finds_and_pays_for_it() {
    use crate::missing::plan::Place;
    let mut room = FileRoom::new(1, &World::with_charts(1, 400), Errors::default(), 2);
    let wanted = VolumeId(7);
    room.put(wanted, Spot::Inside(VolumeId(9)));
    room.put(VolumeId(9), Spot::Desk(custodian("RAD")));
    let mut searcher = Searcher::new(1);
    assert!(!searcher.look(&room, Place::Sorting(custodian("SORT")), wanted));
    assert!((searcher.minutes - 7.0).abs() < 1e-9, "in the file room there is no way to walk");
    assert!(!searcher.look(&room, Place::Desk(custodian("CARD")), wanted));
    let found = (0..50).any(|_| searcher.look(&room, Place::Beside(VolumeId(9)), wanted));
    assert!(found && room.is_at(Place::Desk(custodian("RAD")), wanted));
    assert!(searcher.minutes > 7.0 + 16.0);
}
