//! When the file room is open, and when charts are due back if their holder says nothing else.

use std::collections::BTreeSet;

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use super::fields::{At, Fields, choose};
use super::problems::Problems;
use crate::tracking::{Calendar, CalendarError, DueRule};

const DAYS: [(&str, usize); 7] =
    [("mon", 0), ("tue", 1), ("wed", 2), ("thu", 3), ("fri", 4), ("sat", 5), ("sun", 6)];
const WORKING_DAYS: [bool; 7] = [true, true, true, true, true, false, false];

/// The calendar and the rule for holders that have none of their own.
pub(super) fn calendar(
    fields: &Fields<'_>,
    zone: &TimeZone,
    problems: &mut Problems<'_>,
) -> Option<(Calendar, DueRule)> {
    fields.refuse_unknown(problems);
    let working_days = working_days(fields, problems);
    let opens = time(fields, "opens", Time::constant(8, 0, 0, 0), problems);
    let closes = time(fields, "closes", Time::constant(17, 0, 0, 0), problems);
    let holidays = holidays(fields, problems);
    let due = due(fields, problems);
    match Calendar::new(zone.clone(), working_days, opens, closes, holidays) {
        Ok(calendar) => Some((calendar, due)),
        Err(error) => {
            let key = match error {
                CalendarError::NoWorkingDay => "working_days",
                CalendarError::Hours { .. } => "closes",
                CalendarError::Holidays(_) => "holidays",
            };
            problems.add(fields.place_of(key).unwrap_or(fields.place), error.to_string());
            None
        }
    }
}

fn working_days(fields: &Fields<'_>, problems: &mut Problems<'_>) -> [bool; 7] {
    let Some(given) = fields.texts("working_days", problems) else { return WORKING_DAYS };
    let mut days = [false; 7];
    for word in given.value {
        let Some(day) = choose("working_days", word, &DAYS, problems) else { continue };
        if let Some(works) = days.get_mut(day.value) {
            *works = true;
        }
    }
    days
}

fn time(fields: &Fields<'_>, key: &str, default: Time, problems: &mut Problems<'_>) -> Time {
    let Some(At { place, value }) = fields.text(key, problems) else { return default };
    value.parse().unwrap_or_else(|_| {
        problems.add(place, format!("`{key}` {value:?} is no time of day; write it as \"08:00\""));
        default
    })
}

fn holidays(fields: &Fields<'_>, problems: &mut Problems<'_>) -> BTreeSet<Date> {
    let Some(given) = fields.texts("holidays", problems) else { return BTreeSet::new() };
    let parse = |At { place, value }: At<&str>| {
        let date = value.parse::<Date>().ok();
        if date.is_none() {
            problems.add(place, format!("`holidays` {value:?} is no date; write it as \"2027-01-01\""));
        }
        date
    };
    given.value.into_iter().filter_map(parse).collect()
}

fn due(fields: &Fields<'_>, problems: &mut Problems<'_>) -> DueRule {
    let Some(At { place, value }) = fields.text("due", problems) else { return DueRule::Never };
    DueRule::parse(value).unwrap_or_else(|error| {
        problems.add(place, error.to_string());
        DueRule::Never
    })
}
