//! When the room opens next, and on which working days before and after another: what reminders are timed by.

use super::{Calendar, OpenDay};
use jiff::civil::{Date, Time};
use jiff::{SignedDuration, Timestamp, ToSpan};

/// Days that are searched backwards for working days: as many as [`super::SEARCH_DAYS_MAX`] forwards.
const BACK_DAYS_MAX: usize = super::SEARCH_DAYS_MAX;

impl Calendar {
    /// When the room opens on the `count`th working day after the day that ends at or holds `at`; 0: on that day, or
    /// the next one on which it opens. `None` after the year 9999.
    pub fn opening_after(&self, at: Timestamp, count: u16) -> Option<Timestamp> {
        let day = self.day_ending(at)?;
        let open = if count == 0 { self.open_day(day) } else { self.open_day_after(day, count) };
        open.map(|open| open.opens)
    }

    /// When the room opens on the `count`th working day before the day that ends at or holds `at`.
    pub fn opening_before(&self, at: Timestamp, count: u16) -> Option<Timestamp> {
        let day = self.day_ending(at)?;
        let earlier = day.series(-1.day()).skip(1).take(BACK_DAYS_MAX);
        let mut open = earlier.filter_map(|date| self.hours(date)).take(count.into());
        let last: Option<OpenDay> = open.by_ref().last();
        if count == 0 { self.opening_after(at, 0) } else { last.map(|open| open.opens) }
    }

    /// When the room opens on the day so many days after the day that ends at or holds `at`, or on the next one on which
    /// it does.
    pub fn opening_days_after(&self, at: Timestamp, days: u16) -> Option<Timestamp> {
        let date = self.day_ending(at)?.checked_add(i64::from(days).days()).ok()?;
        self.open_day(date).map(|open| open.opens)
    }

    /// What the clocks of the room show.
    pub fn shown(&self, at: Timestamp) -> Time {
        self.zone.to_datetime(at).time()
    }

    /// The day that `at` belongs to; its midnight still does, since charts are due when the room closes.
    fn day_ending(&self, at: Timestamp) -> Option<Date> {
        self.date(at.checked_sub(SignedDuration::from_micros(1)).ok()?)
    }
}
