//! When charts are due back: by whose rule and whose calendar, and never while the patient is in a ward.

use super::requests::counter;
use super::*;
use crate::tracking::{ChartId, Command, CustodianId, Hours};
use jiff::civil::Date;
use std::collections::BTreeSet;

const EYES: CustodianId = CustodianId(3);

/// Zurich, open every day from 7 to 18; everybody may have a chart for two days.
fn two_days(open: &Open) {
    let zone = jiff::tz::TimeZone::get("Europe/Zurich").unwrap();
    let (opens, closes) = (jiff::civil::time(7, 0, 0, 0), jiff::civil::time(18, 0, 0, 0));
    let calendar = Calendar::new(zone, [true; 7], opens, closes, BTreeSet::new()).unwrap();
    open.store.set_due_back(calendar, DueRule::WorkingDays(2)).unwrap();
}

async fn due(open: &Open, key: &str) -> Option<String> {
    let wanted = Locate { label: Some(key.into()), mrn: None };
    let due = open.store.locate(wanted).await.unwrap()[0].due?;
    let zone = jiff::tz::TimeZone::get("Europe/Zurich").unwrap();
    Some(due.to_zoned(zone).strftime("%F %H:%M").to_string())
}

async fn send(open: &Open, place: &str, key: &str) {
    open.answered("desk", LabelKind::Custodian, place).await;
    open.answered("desk", LabelKind::Volume, key).await;
    open.answered("desk", LabelKind::Command, &Command::Done.key()).await;
}

/// The keys of the labels of custodians, by number.
async fn places(open: &Open) -> impl Fn(i64) -> String + use<> {
    let keys = open.store.label_keys().await.unwrap().custodians;
    move |id| keys[&id].clone()
}

// The room's clock begins on Tuesday 14 November 2023.
#[tokio::test]
async fn a_place_lends_by_its_own_days_or_by_those_of_what_it_is_part_of() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    two_days(&open);
    let place = places(&open).await;
    send(&open, &place(3), "V1").await;
    assert_eq!(due(&open, "V1").await.as_deref(), Some("2023-11-16 18:00"));
    let hours = Hours {
        working_days: "mon tue".into(),
        opens: "08:00".into(),
        closes: "12:00".into(),
        holidays: "2023-11-20".into(),
    };
    let site = CustodianForm {
        code: "NORTH".into(),
        name: "North site".into(),
        kind: "site".into(),
        filing: "td-2-2".into(),
        hours,
        ..CustodianForm::default()
    };
    open.store.add_custodian(site, None).await.unwrap();
    let eyes = open.store.custodian_form(EYES).await.unwrap().unwrap();
    open.store
        .change_custodian(EYES, CustodianForm { parent: "NORTH".into(), ..eyes.clone() }, None)
        .await
        .unwrap();
    send(&open, &place(3), "V2").await;
    // Tuesday the 21st and Monday the 27th: Monday the 20th is a holiday there.
    assert_eq!(due(&open, "V2").await.as_deref(), Some("2023-11-27 12:00"));
    let daily = Hours {
        working_days: "mon-sun".into(),
        opens: "06:00".into(),
        closes: "20:00".into(),
        holidays: String::new(),
    };
    let own = CustodianForm { parent: "NORTH".into(), hours: daily, ..eyes };
    open.store.change_custodian(EYES, own, None).await.unwrap();
    send(&open, &place(3), "V3").await;
    assert_eq!(due(&open, "V3").await.as_deref(), Some("2023-11-16 20:00"));
    let bad = Hours { working_days: "mon".into(), ..Hours::default() };
    let form = open.store.custodian_form(EYES).await.unwrap().unwrap();
    assert!(
        open.store.change_custodian(EYES, CustodianForm { hours: bad, ..form.clone() }, None).await.is_err()
    );
    assert_eq!(
        open.store.custodian_form(EYES).await.unwrap(),
        Some(form),
        "what is refused leaves nothing behind"
    );
    open.close();
}

#[tokio::test]
async fn a_kind_of_record_has_a_rule_for_holders_without_one() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    two_days(&open);
    let place = places(&open).await;
    let five = RecordTypeForm { name: "medical".into(), due: "5d".into(), ..RecordTypeForm::default() };
    open.store.set_record_type(five, None).await.unwrap();
    send(&open, &place(3), "V1").await;
    assert_eq!(due(&open, "V1").await.as_deref(), Some("2023-11-19 18:00"));
    let eyes = open.store.custodian_form(EYES).await.unwrap().unwrap();
    open.store.change_custodian(EYES, CustodianForm { due: "1d".into(), ..eyes }, None).await.unwrap();
    send(&open, &place(3), "V2").await;
    assert_eq!(due(&open, "V2").await.as_deref(), Some("2023-11-15 18:00"));
    open.close();
}

#[tokio::test]
async fn nothing_of_an_inpatient_is_due_until_the_discharge() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    two_days(&open);
    let place = places(&open).await;
    let chart = open.store.locate(Locate { label: Some("V1".into()), mrn: None }).await.unwrap()[0].chart;
    send(&open, &place(3), "V1").await;
    assert_eq!(due(&open, "V1").await.as_deref(), Some("2023-11-16 18:00"));
    open.store.set_inpatient(chart, true, Some("ann".into())).await.unwrap();
    assert_eq!(due(&open, "V1").await, None);
    assert!(open.store.set_inpatient(chart, true, None).await.is_err(), "twice is once");
    // Handed on meanwhile, and that taken back: still nothing is due.
    send(&open, &place(2), "V1").await;
    assert_eq!(due(&open, "V1").await, None);
    open.answered("desk", LabelKind::Custodian, &place(2)).await;
    open.clock.advance(Duration::from_secs(86_400));
    assert_eq!(due(&open, "V2").await, None, "another's chart is at home");
    open.store.set_inpatient(chart, false, Some("ann".into())).await.unwrap();
    assert_eq!(due(&open, "V1").await.as_deref(), Some("2023-11-17 18:00"));
    assert!(open.store.inpatient_since(chart).await.unwrap().is_none());
    open.close();
    assert_eq!(room.findings(), [""; 0]);
    room.sql("update volume set due_at_us = 5 where volume_id = 1");
    assert!(room.findings()[0].contains("due or missing otherwise than its history says"));
}

#[tokio::test]
async fn taken_back_a_movement_brings_back_no_time_of_before_the_admission() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    two_days(&open);
    let place = places(&open).await;
    send(&open, &place(3), "V1").await;
    open.answered("desk", LabelKind::Custodian, &place(2)).await;
    open.answered("desk", LabelKind::Volume, "V1").await;
    open.store.set_inpatient(ChartId(1), true, None).await.unwrap();
    open.answered("desk", LabelKind::Command, &Command::Undo.key()).await;
    assert_eq!((open.whereabouts("V1").await.as_str(), due(&open, "V1").await), ("EYES", None));
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}

#[tokio::test]
async fn a_new_chart_and_a_number_put_right_leave_the_database_whole() {
    let room = Room::new();
    let (open, _) = counter(&room).await;
    let new = NewChart {
        mrn: Mrn::parse("77-00-01").unwrap(),
        assigner: "Other house".into(),
        name: Some("Doe, Jane".into()),
        born: Some(Date::constant(1956, 12, 31)),
        record_type: "medical".into(),
        home: CustodianId(1),
        at: EYES,
        label: NewLabel::Own,
    };
    let (chart, volume) = open.store.add_chart(new.clone(), None).await.unwrap();
    assert!(open.store.add_chart(new, None).await.is_err());
    open.store.set_home(volume, EYES, true, None).await.unwrap();
    open.store.correct_number(chart, Mrn::parse("77-00-02").unwrap(), None).await.unwrap();
    let patient = open.store.chart(chart).await.unwrap().unwrap().patient.unwrap();
    let numbers: Vec<_> =
        patient.numbers.iter().map(|number| (number.mrn.as_str(), number.until.is_some())).collect();
    assert!(numbers.contains(&("77-00-01", false)), "the other house's number is theirs still: {numbers:?}");
    assert!(numbers.contains(&("77-00-02", false)), "{numbers:?}");
    open.close();
    assert_eq!(room.findings(), [""; 0]);
}
