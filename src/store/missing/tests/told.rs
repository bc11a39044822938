//! What people, requests and rounds through a room tell.

use super::*;

#[tokio::test]
async fn a_request_that_was_looked_for_in_vain_opens_a_case_with_who_needs_it() {
    let room = room().await;
    let needed_at = room.clock.now() + Duration::from_secs(4 * 3600);
    let request = room.ask(8, DOOR, needed_at).await;
    let step = PageStep {
        request,
        step: crate::tracking::request::RequestStep::NotFound,
        why: Some("slot is empty".into()),
        seen_steps: None,
        whose: crate::store::Whose::Anybodys,
        actor: Some("ann".into()),
    };
    room.store.step_request(step).await.unwrap();
    let case = room.store.open_cases(CaseId(0), 1).await.unwrap().remove(0);
    assert_eq!((case.volume, case.level, case.needed_at), (VolumeId(8), Level::Searching, Some(needed_at)));
    assert_eq!(case.signs, [Sign::NotFillable]);
    let detail = room.store.case_detail(case.id).await.unwrap().unwrap();
    assert_eq!(detail.steps[0].actor.as_deref(), Some("ann"));
    assert_eq!(detail.needed_by.unwrap().code, "DOOR");
    let recorded = room.chart("side", 8).await;
    let why = recorded.why.unwrap();
    assert!(why.starts_with("HOLD") && why.contains("DOOR"), "{why}");
    room.close();
}

#[tokio::test]
async fn what_a_round_did_not_see_is_searched_for_and_of_a_room_seen_in_part_nothing_is_said() {
    let room = room().await;
    room.send(FAR, 1..=6).await;
    let round = async |seen: std::ops::RangeInclusive<i64>| {
        room.command(crate::tracking::Command::Sighted).await;
        let far = LabelKind::Custodian.own_key(FAR.unsigned_abs());
        room.scan("desk", LabelKind::Custodian, &far).await;
        for volume in seen {
            room.chart("desk", volume).await;
        }
        room.command(crate::tracking::Command::Done).await;
    };
    round(1..=3).await;
    assert_eq!(room.sweep().await, 0, "half of a room is no room");
    round(1..=4).await;
    assert_eq!(room.sweep().await, 2);
    assert_eq!(room.cases().await, [(5, Level::Searching), (6, Level::Searching)]);
    assert_eq!(room.sweep().await, 0, "twice");
    room.chart("door", 5).await;
    assert_eq!(room.cases().await, [(6, Level::Searching)]);
    room.close();
}

#[tokio::test]
async fn lines_of_a_search_sheet_are_told_at_a_desk() {
    let room = room().await;
    let case = room.store.tell_sign(VolumeId(7), Sign::NotFillable, None).await.unwrap().unwrap();
    let plan = room.store.search_plan(case, vec![]).await.unwrap().unwrap();
    let places: Vec<_> = plan.candidates().iter().take(3).map(|place| place.place).collect();
    room.store.make_sheet(case, places.clone(), None).await.unwrap();
    let sheet = room.store.sheet_lines(case).await.unwrap();
    room.store.make_sheet(case, places.clone(), None).await.unwrap();
    assert_eq!(room.store.sheet_lines(case).await.unwrap(), sheet, "the same for ever");
    let told = room.scan("desk", LabelKind::Request, &sheet[0].not_there).await;
    assert_eq!(told.why.unwrap(), "line 1: looked, not there; go on with the next line");
    let again = room.scan("desk", LabelKind::Request, &sheet[0].not_there).await;
    assert_eq!(again.verdict, crate::tracking::Verdict::DoubleRead);
    let found = room.scan("desk", LabelKind::Request, &sheet[1].found).await;
    assert_eq!(found.why.unwrap(), "found at line 2: now scan the chart itself");
    let detail = room.store.case_detail(case).await.unwrap().unwrap();
    assert_eq!((detail.looks.len(), detail.looks[0].place), (1, places[0]));
    assert_eq!((detail.found_place, detail.found_clue.is_some()), (Some(places[1]), true));
    assert!((room.store.finds().await.unwrap().all(LastSeen::Home) - 1.0).abs() < 1e-9);
    room.chart("door", 7).await;
    let late = room.scan("desk", LabelKind::Request, &sheet[2].not_there).await;
    assert!(late.why.unwrap().contains("this search is over"));
    room.close();
}

#[tokio::test]
async fn a_find_waits_for_the_supervisor_where_the_site_says_so() {
    let room = room().await;
    room.store.set_missing_rules(Rules { confirms_finds: true, ..Rules::default() }).await.unwrap();
    let case = room.store.tell_sign(VolumeId(7), Sign::Flagged, Some("ann".into())).await.unwrap().unwrap();
    assert!(room.store.tell_sign(VolumeId(7), Sign::Flagged, None).await.is_err(), "flagged already");
    assert!(room.store.confirm_find(case, true, None).await.is_err(), "nobody scanned it");
    assert!(room.chart("door", 7).await.why.unwrap().starts_with("WAS MISSING"));
    assert_eq!(room.cases().await, [(7, Level::FoundUnconfirmed)]);
    assert_eq!(room.store.confirm_find(case, false, Some("sue".into())).await.unwrap(), Level::Missing);
    let detail = room.store.case_detail(case).await.unwrap().unwrap();
    assert!(detail.folder.missing_since.is_some(), "denied, it is flagged again");
    assert!(room.store.tell_reason(case, Reason::Misfiled, None, None).await.is_err(), "still open");
    assert!(room.store.presume_lost(case, " ".into(), None).await.is_err(), "without a reason");
    room.store.presume_lost(case, "searched for three weeks".into(), Some("sue".into())).await.unwrap();
    room.chart("door", 7).await;
    assert_eq!(room.store.confirm_find(case, true, Some("sue".into())).await.unwrap(), Level::Found);
    room.store
        .tell_reason(case, Reason::Misfiled, Some("two digits".into()), Some("sue".into()))
        .await
        .unwrap();
    let place = Spot::Desk(CustodianId(DOOR));
    room.store.tell_found(case, place, vec![], None).await.unwrap();
    let detail = room.store.case_detail(case).await.unwrap().unwrap();
    assert_eq!((detail.reason, detail.found_place), (Some(Reason::Misfiled), Some(place)));
    let record = room.store.case_record(case).await.unwrap().unwrap();
    let of = |what| record.rows.iter().filter(|row| row.what == what).count();
    assert_eq!((of("level"), of("sign"), of("movement")), (6, 1, 4), "{:#?}", record.rows);
    assert!(of("note") >= 5 && record.rows.is_sorted());
    let figures = room.store.missing_figures(Timestamp::UNIX_EPOCH).await.unwrap();
    assert_eq!((figures.opened, figures.found, figures.in_time, figures.lost), (1, 1, 0, 0));
    assert_eq!((figures.movements, figures.custodians.len(), figures.found_where.len()), (4, 1, 1));
    room.close();
}

#[tokio::test]
async fn two_searchers_are_sent_to_different_places() {
    let room = room().await;
    let case = room.store.tell_sign(VolumeId(7), Sign::NotFillable, None).await.unwrap().unwrap();
    let desk = Spot::Desk(CustodianId(FAR));
    room.store.claim_place(case, desk, "ann".into()).await.unwrap();
    let claims = room.store.case_detail(case).await.unwrap().unwrap().claims;
    assert_eq!((claims[0].place, claims[0].who.as_str()), (desk, "ann"));
    room.clock.advance(Duration::from_secs(31 * 60));
    assert_eq!(room.store.case_detail(case).await.unwrap().unwrap().claims, [], "it is anybody's again");
    room.store.claim_place(case, desk, "bob".into()).await.unwrap();
    room.store.tell_look(case, Look { place: desk, how: Thoroughness::Glance }, None).await.unwrap();
    assert_eq!(room.store.case_detail(case).await.unwrap().unwrap().claims, []);
    room.close();
}
