//! The file room's calendar, and when a chart that was charged out is due back. Pure.
//!
//! A day is the time from its midnight to the next, as the clocks of the room show it; where they show a midnight twice
//! the first one counts. What the clocks leave out belongs to nobody: opening hours in it begin or end at the change.

mod hours;

pub use hours::{Hours, HoursError};

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::collections::BTreeSet;
use std::fmt;

mod openings;

/// Most holidays of a calendar: fifty years of twenty.
const HOLIDAYS_MAX: usize = 1000;
/// Days that are searched for one on which the room opens: a room that opens once a week and has all the holidays on
/// that day, with weeks to spare for days that a clock change takes away.
const SEARCH_DAYS_MAX: usize = 7 * (HOLIDAYS_MAX + 100);
/// The least that a room opens on a working day, so that a sum of hours is a bounded number of days.
const OPEN_LEAST: SignedDuration = SignedDuration::from_hours(1);
/// Most days or hours in a rule.
const COUNT_MAX: u16 = 999;

/// When the file room is open.
#[derive(Debug, Clone)]
pub struct Calendar {
    zone: TimeZone,
    working_days: [bool; 7],
    opens: Time,
    closes: Time,
    holidays: BTreeSet<Date>,
}

/// Why there can be no such calendar.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// The room never opens.
    #[error("no day of the week is a working day; name at least one")]
    NoWorkingDay,
    /// It closes before it opens, or right after.
    #[error(
        "the room opens at {opens} and closes at {closes}; it must be open for an hour or more before midnight"
    )]
    Hours {
        /// Local time.
        opens: Time,
        /// Local time.
        closes: Time,
    },
    /// More holidays than a calendar takes.
    #[error("{0} holidays are more than {HOLIDAYS_MAX}; leave out those long past")]
    Holidays(usize),
}

/// When a chart that was charged out must be back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueRule {
    /// Never overdue: `none`.
    Never,
    /// By closing time of the day; charged out when the room has closed, of the next working day: `same-day`.
    SameDay,
    /// By closing time of so many working days after the day: `3wd`.
    WorkingDays(u16),
    /// By closing time of so many days after the day, or of the working day after that: `10d`.
    Days(u16),
    /// Within so many hours during which the room is open: `4h`.
    Hours(u16),
    /// By closing time of so many working days after the patient's discharge: `until-discharge+1wd`.
    UntilDischarge(u16),
}

/// A text that is no due-back rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no due-back rule; write `none`, `same-day`, `3wd` (working days), `10d` (days), `4h` (hours that the room \
     is open) or `until-discharge+1wd`, with numbers from 1 to {COUNT_MAX}"
)]
pub struct DueRuleError(String);

/// Whether the chart's patient is in a ward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stay {
    /// The patient was in no ward while the chart has been out.
    Outpatient,
    /// The patient is in a ward.
    Inpatient,
    /// The patient was in a ward and left it at this time.
    Discharged(Timestamp),
}

/// A day on which the room opens: from `opens` until just before `closes`.
#[derive(Debug, Clone, Copy)]
struct OpenDay {
    date: Date,
    opens: Timestamp,
    closes: Timestamp,
}

/// Monday to Friday, 8 to 17, by universal time.
impl Default for Calendar {
    fn default() -> Calendar {
        Calendar {
            zone: TimeZone::UTC,
            working_days: [true, true, true, true, true, false, false],
            opens: Time::constant(8, 0, 0, 0),
            closes: Time::constant(17, 0, 0, 0),
            holidays: BTreeSet::new(),
        }
    }
}

impl Calendar {
    /// The zone of the room's clocks.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// A room in `zone` that opens at `opens` and closes at `closes`, local time, on each working day (Monday first) that
    /// is no holiday. It may close at midnight; one that opens then, too, is open all day.
    ///
    /// # Errors
    /// There is no working day, the room is open for less than an hour or past midnight, or there are more than 1000
    /// holidays.
    pub fn new(
        zone: TimeZone,
        working_days: [bool; 7],
        opens: Time,
        closes: Time,
        holidays: BTreeSet<Date>,
    ) -> Result<Calendar, CalendarError> {
        let midnight = SignedDuration::from_hours(24);
        let until =
            if closes == Time::midnight() { midnight } else { Time::midnight().duration_until(closes) };
        if until - Time::midnight().duration_until(opens) < OPEN_LEAST {
            return Err(CalendarError::Hours { opens, closes });
        }
        if working_days == [false; 7] {
            return Err(CalendarError::NoWorkingDay);
        }
        if holidays.len() > HOLIDAYS_MAX {
            return Err(CalendarError::Holidays(holidays.len()));
        }
        Ok(Calendar { zone, working_days, opens, closes, holidays })
    }

    /// When a chart is due back that was charged out at `charged_at`: always at that time or later, while the room is open
    /// or just when it closes, and never earlier for one that was charged out later.
    ///
    /// `None` if it is never due: by [`DueRule::Never`], by [`DueRule::UntilDischarge`] while the patient is an inpatient,
    /// or at a time after the year 9999. The other rules do not ask for the stay.
    pub fn due_at(&self, rule: DueRule, charged_at: Timestamp, stay: Stay) -> Option<Timestamp> {
        match (rule, stay) {
            (DueRule::Never, _) | (DueRule::UntilDischarge(_), Stay::Inpatient) => None,
            (DueRule::SameDay, _) => {
                let today = self.open_day(self.date(charged_at)?)?;
                let day = if charged_at < today.closes { today } else { self.open_day_after(today.date, 1)? };
                Some(day.closes)
            }
            (DueRule::WorkingDays(count), _) | (DueRule::UntilDischarge(count), Stay::Outpatient) => {
                Some(self.open_day_after(self.date(charged_at)?, count)?.closes)
            }
            (DueRule::UntilDischarge(count), Stay::Discharged(at)) => {
                Some(self.open_day_after(self.date(charged_at.max(at))?, count)?.closes)
            }
            (DueRule::Days(count), _) => {
                let date = self.date(charged_at)?.checked_add(i64::from(count).days()).ok()?;
                Some(self.open_day(date)?.closes)
            }
            (DueRule::Hours(hours), _) => self.add_working_hours(charged_at, hours),
        }
    }

    /// The next day after `date` on which the room opens; `None` after the year 9999.
    pub fn next_working_day(&self, date: Date) -> Option<Date> {
        self.open_day_after(date, 1).map(|day| day.date)
    }

    /// Says whether the room is open. At closing time it is not.
    pub fn is_open(&self, at: Timestamp) -> bool {
        let today = self.date(at).and_then(|date| self.hours(date));
        today.is_some_and(|day| (day.opens..day.closes).contains(&at))
    }

    /// The moment at which the room will have been open for so many hours since `from`; `None` after the year 9999.
    ///
    /// Hours that end with the day end at its closing time; none at all end when the room is open next.
    pub fn add_working_hours(&self, from: Timestamp, hours: u16) -> Option<Timestamp> {
        let mut left = SignedDuration::from_hours(hours.into());
        let mut date = self.date(from)?;
        loop {
            let day = self.open_day(date)?;
            let start = day.opens.max(from);
            let open = day.closes.duration_since(start);
            if start < day.closes && left <= open {
                return start.checked_add(left).ok();
            }
            left -= open.max(SignedDuration::ZERO);
            date = day.date.tomorrow().ok()?;
        }
    }

    /// The `count`th day on which the room opens after `date`.
    fn open_day_after(&self, date: Date, count: u16) -> Option<OpenDay> {
        let mut day = self.open_day(date.tomorrow().ok()?)?;
        for _ in 1..count {
            day = self.open_day(day.date.tomorrow().ok()?)?;
        }
        Some(day)
    }

    /// The first day from `date` on on which the room opens.
    fn open_day(&self, date: Date) -> Option<OpenDay> {
        date.series(1.day()).take(SEARCH_DAYS_MAX).find_map(|date| self.hours(date))
    }

    /// When the room opens and closes on this day, if it does.
    fn hours(&self, date: Date) -> Option<OpenDay> {
        let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).ok()?;
        if !*self.working_days.get(weekday)? || self.holidays.contains(&date) {
            return None;
        }
        let opens = self.instant(date.to_datetime(self.opens))?;
        let end = if self.closes == Time::midnight() { date.tomorrow().ok()? } else { date };
        let closes = self.instant(end.to_datetime(self.closes))?;
        // A change of the clocks may leave nothing of the hours, or of the whole day.
        (opens < closes).then_some(OpenDay { date, opens, closes })
    }

    /// The day that `at` belongs to. Clocks that go back over midnight show the old date again: the new day stays.
    fn date(&self, at: Timestamp) -> Option<Date> {
        let shown = self.zone.to_datetime(at).date();
        let next = shown.tomorrow().ok()?;
        Some(if self.instant(next.to_datetime(Time::midnight()))? <= at { next } else { shown })
    }

    /// The first moment at which the clocks show `local` or later; a later time is never an earlier moment.
    fn instant(&self, local: DateTime) -> Option<Timestamp> {
        let shown = self.zone.to_ambiguous_timestamp(local);
        let is_left_out = matches!(shown.offset(), AmbiguousOffset::Gap { .. });
        let earlier = shown.earlier().ok()?;
        if !is_left_out {
            return Some(earlier);
        }
        self.zone.following(earlier).next().map(|change| change.timestamp())
    }
}

impl DueRule {
    /// Reads `none`, `same-day`, `3wd`, `10d`, `4h` or `until-discharge+1wd`, with any numbers from 1 to 999.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(text: &str) -> Result<DueRule, DueRuleError> {
        let word = text.trim();
        let working_days = |text: &str| text.strip_suffix("wd").and_then(count);
        let rule = match word {
            "none" => Some(DueRule::Never),
            "same-day" => Some(DueRule::SameDay),
            _ => None,
        };
        rule.or_else(|| {
            word.strip_prefix("until-discharge+").and_then(working_days).map(DueRule::UntilDischarge)
        })
        .or_else(|| working_days(word).map(DueRule::WorkingDays))
        .or_else(|| word.strip_suffix('d').and_then(count).map(DueRule::Days))
        .or_else(|| word.strip_suffix('h').and_then(count).map(DueRule::Hours))
        .ok_or_else(|| DueRuleError(text.to_owned()))
    }
}

fn count(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|count| digits && (1..=COUNT_MAX).contains(count))
}

impl fmt::Display for DueRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DueRule::Never => f.write_str("none"),
            DueRule::SameDay => f.write_str("same-day"),
            DueRule::WorkingDays(count) => write!(f, "{count}wd"),
            DueRule::Days(count) => write!(f, "{count}d"),
            DueRule::Hours(count) => write!(f, "{count}h"),
            DueRule::UntilDischarge(count) => write!(f, "until-discharge+{count}wd"),
        }
    }
}

#[cfg(test)]
mod tests;
