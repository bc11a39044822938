//! What should not happen, and does: found twice, closed twice, a clock that is set back.

use super::*;
use crate::missing::case::NoSuchStep;
use jiff::SignedDuration;

#[tokio::test]
async fn a_chart_that_is_found_twice_ends_its_case_once() {
    let room = room().await;
    let case = room.store.tell_sign(VolumeId(7), Sign::Flagged, None).await.unwrap().unwrap();
    assert!(room.chart("door", 7).await.why.unwrap().starts_with("WAS MISSING"));
    let ended = room.store.case_detail(case).await.unwrap().unwrap();
    room.wait(1);
    let again = room.chart("side", 7).await.why.unwrap_or_default();
    assert!(!again.contains("WAS MISSING"), "{again}");
    room.command(crate::tracking::Command::Found).await;
    let told = room.chart("desk", 7).await;
    assert_ne!(told.verdict, crate::tracking::Verdict::Found, "it is not missed any more: {told:?}");
    let place = Spot::Desk(CustodianId(DOOR));
    for _ in 0..2 {
        room.store.tell_found(case, place, vec![], None).await.unwrap();
    }
    let detail = room.store.case_detail(case).await.unwrap().unwrap();
    assert_eq!((detail.steps.len(), detail.closed_at), (ended.steps.len(), ended.closed_at));
    let figures = room.store.missing_figures(Timestamp::UNIX_EPOCH).await.unwrap();
    assert_eq!((figures.opened, figures.found), (1, 1));
    assert_eq!(room.cases().await, []);
    room.close();
}

#[tokio::test]
async fn of_two_who_close_a_case_the_second_is_told_that_it_is_closed() {
    let room = room().await;
    room.store.set_missing_rules(Rules { confirms_finds: true, ..Rules::default() }).await.unwrap();
    let case = room.store.tell_sign(VolumeId(7), Sign::Flagged, None).await.unwrap().unwrap();
    room.chart("door", 7).await;
    let (one, other) = tokio::join!(
        room.store.confirm_find(case, true, Some("ann".into())),
        room.store.confirm_find(case, true, Some("sue".into()))
    );
    let (first, late) = if one.is_ok() { (one, other) } else { (other, one) };
    assert_eq!(first.unwrap(), Level::Found);
    let Err(Unchanged::Refused(why)) = late else { panic!("{late:?}") };
    assert!(matches!(why, NoSuchCase::NotOpen | NoSuchCase::Step(NoSuchStep(_))), "{why:?}");
    assert!(why.to_string().contains("it may have been scanned meanwhile"), "{why}");
    let denied = room.store.confirm_find(case, false, Some("sue".into())).await;
    assert!(denied.is_err(), "what is found stays found");
    assert!(room.store.presume_lost(case, "weeks".into(), None).await.is_err());
    let steps = room.store.case_detail(case).await.unwrap().unwrap().steps;
    assert_eq!(steps.iter().filter(|step| step.level == Level::Found).count(), 1);
    // Both say why: the last word counts, and neither is lost.
    room.store.tell_reason(case, Reason::Misfiled, None, Some("ann".into())).await.unwrap();
    room.store
        .tell_reason(case, Reason::Misfiled, Some("two digits".into()), Some("sue".into()))
        .await
        .unwrap();
    let record = room.store.case_record(case).await.unwrap().unwrap();
    let noted =
        |who: &str| record.rows.iter().any(|row| row.what == "note" && row.who.as_deref() == Some(who));
    assert!(noted("ann") && noted("sue"), "{:#?}", record.rows);
    room.close();
}

#[tokio::test]
async fn a_clock_that_is_set_back_a_month_neither_doubles_nor_loses_a_case() {
    let room = room().await;
    room.send(DOOR, 1..=3).await;
    room.chart("door", 1).await;
    room.wait(24 * 7);
    room.sweep().await;
    let before = room.cases().await;
    assert!(!before.is_empty());
    let now = room.clock.now();
    room.clock.set_wall(now - SignedDuration::from_hours(24 * 30));
    for _ in 0..3 {
        room.sweep().await;
        room.wait(1);
    }
    assert_eq!(room.cases().await, before, "nothing is opened twice, nothing forgotten");
    let (volume, _) = before[0];
    assert!(room.chart("side", volume).await.movement.is_some());
    assert!(room.cases().await.iter().all(|(of, _)| *of != volume), "a scan ends it all the same");
    room.clock.set_wall(now);
    room.sweep().await;
    assert_eq!(room.cases().await, before[1..]);
    room.close();
}
