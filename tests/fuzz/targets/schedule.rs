//! Schedules: any spreadsheet that a program or a page sends.

use crate::input::Input;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use outguide::import::schedule::{LINES_MAX, Reading, read};
use outguide::import::{DateOrder, Mapping};
use std::sync::LazyLock;

static ZONE: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::get("Europe/Zurich").unwrap());

pub(crate) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let dates = input.one_of([None, Some(DateOrder::DayFirst), Some(DateOrder::MonthFirst)]);
    let mapping = input.one_of(["", "start=Appt Time", "mrn=A,clinic=B,start=C"]);
    let reading = Reading {
        mapping: Mapping::parse(mapping).unwrap_or_default(),
        dates,
        zone: ZONE.clone(),
        now: Timestamp::from_second(1_795_000_000).unwrap(),
    };
    let text = input.rest();
    let found = read(text, &reading);
    assert_eq!(found, read(text, &reading), "read twice, read alike");
    match found {
        Ok(schedule) => {
            assert!(schedule.lines.len() + schedule.refused.len() <= LINES_MAX);
            for line in &schedule.lines {
                assert!(!line.mrn.key().is_empty() && !line.clinic.is_empty(), "{line:?}");
            }
            assert!(schedule.refused.iter().all(|refused| !refused.why.is_empty()));
        }
        Err(why) => assert!(!why.is_empty(), "it says nothing"),
    }
}
