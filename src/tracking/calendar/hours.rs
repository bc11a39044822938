//! Opening hours as people write them into a form, for a place whose calendar is not the file room's.

use super::{Calendar, CalendarError};
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use std::collections::BTreeSet;

/// Names of the days, Monday first.
const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// When a place is open, as it is written and stored.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hours {
    /// Its working days: `mon tue wed`, or `mon-fri`.
    pub working_days: String,
    /// When it opens, local time: `08:00`.
    pub opens: String,
    /// When it closes, local time.
    pub closes: String,
    /// Days on which it is closed all the same: `2027-01-01`, with blanks or commas between.
    pub holidays: String,
}

/// Why nothing can be open so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// A word that is no day of the week.
    #[error("{0:?} is no day of the week; write mon tue wed thu fri sat sun, or mon-fri")]
    Day(String),
    /// A text that is no time of day.
    #[error("{0:?} is no time of day; write it as 08:00")]
    Time(String),
    /// A text that is no date.
    #[error("{0:?} is no date; write it as 2027-01-01")]
    Holiday(String),
    /// Days and hours that make no calendar.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}

impl Hours {
    /// Nothing is written: the place has the hours of what it is part of.
    pub fn is_empty(&self) -> bool {
        [&self.working_days, &self.opens, &self.closes, &self.holidays]
            .iter()
            .all(|text| text.trim().is_empty())
    }

    /// The calendar of a place that is open so, by the clocks of `zone`.
    ///
    /// # Errors
    /// A part cannot be read, or the place never opens.
    pub fn calendar(&self, zone: TimeZone) -> Result<Calendar, HoursError> {
        let time =
            |text: &str| text.trim().parse::<Time>().map_err(|_| HoursError::Time(text.trim().to_owned()));
        let holidays = words(&self.holidays)
            .map(|day| day.parse::<Date>().map_err(|_| HoursError::Holiday(day.to_owned())))
            .collect::<Result<BTreeSet<_>, _>>()?;
        let days = working_days(&self.working_days)?;
        Ok(Calendar::new(zone, days, time(&self.opens)?, time(&self.closes)?, holidays)?)
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || c == ',' || c == ';').filter(|word| !word.is_empty())
}

fn working_days(text: &str) -> Result<[bool; 7], HoursError> {
    let lower = text.to_lowercase();
    let mut works = [false; 7];
    for word in words(&lower) {
        let (first, last) = word.split_once('-').unwrap_or((word, word));
        let place = |name: &str| {
            DAYS.iter().position(|day| *day == name).ok_or_else(|| HoursError::Day(word.to_owned()))
        };
        let (first, last) = (place(first)?, place(last)?);
        if first > last {
            return Err(HoursError::Day(word.to_owned()));
        }
        works.iter_mut().skip(first).take(last - first + 1).for_each(|day| *day = true);
    }
    Ok(works)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracking::{DueRule, Stay};

    fn hours(working_days: &str, opens: &str, closes: &str, holidays: &str) -> Hours {
        let [working_days, opens, closes, holidays] =
            [working_days, opens, closes, holidays].map(str::to_owned);
        Hours { working_days, opens, closes, holidays }
    }

    #[test]
    fn a_place_has_days_and_holidays_of_its_own() {
        // Thursday noon; closed on Friday, and on Tuesday for once.
        let charged_at = "2026-11-19T12:00:00Z".parse().unwrap();
        for (days, holidays, expect) in [
            ("mon-fri", "", "2026-11-20T17:00:00Z"),
            ("Mon tue,WED thu", "", "2026-11-23T17:00:00Z"),
            ("tue", "2026-11-24; 2026-12-25", "2026-12-01T17:00:00Z"),
        ] {
            let calendar = hours(days, "08:00", "17:00", holidays).calendar(TimeZone::UTC).unwrap();
            let due = calendar.due_at(DueRule::WorkingDays(1), charged_at, Stay::Outpatient);
            assert_eq!(due, Some(expect.parse().unwrap()), "{days}");
        }
    }

    #[test]
    fn what_cannot_be_is_told() {
        let check = |hours: Hours, expect: &str| {
            let why = hours.calendar(TimeZone::UTC).unwrap_err().to_string();
            assert!(why.contains(expect), "{why}");
        };
        check(hours("mon-caturday", "08:00", "17:00", ""), "no day of the week");
        check(hours("fri-mon", "08:00", "17:00", ""), "no day of the week");
        check(hours("mon", "8 o'clock", "17:00", ""), "no time of day");
        check(hours("mon", "08:00", "17:00", "Christmas"), "no date");
        check(hours("", "08:00", "17:00", ""), "no day of the week is a working day");
        check(hours("mon", "17:00", "08:00", ""), "open for an hour or more");
        assert!(hours(" ", "", "", "").is_empty() && !hours("", "08:00", "", "").is_empty());
    }
}
