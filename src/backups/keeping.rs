//! How backups are called, and which of them are kept.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil};
use std::collections::{BTreeMap, BTreeSet};

const BEGIN: &str = "outguide-";
const PLAIN: &str = ".db";
const SEALED: &str = ".db.age";
const WHEN: &str = "%Y%m%dT%H%M%SZ";

/// How many are kept: the newest of each of so many days, weeks and months that have one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// Days.
    pub daily: usize,
    /// Weeks, from Monday.
    pub weekly: usize,
    /// Months.
    pub monthly: usize,
}

impl Default for Keep {
    fn default() -> Keep {
        Keep { daily: 14, weekly: 8, monthly: 12 }
    }
}

/// The name of a backup made at `at`.
pub(super) fn name(at: Timestamp, is_sealed: bool) -> String {
    format!("{BEGIN}{}{}", at.strftime(WHEN), if is_sealed { SEALED } else { PLAIN })
}

/// When the backup of this name was made; `None` for every other file, which is never touched.
pub fn named_at(name: &str) -> Option<Timestamp> {
    let rest = name.strip_prefix(BEGIN)?;
    let when = rest.strip_suffix(SEALED).or_else(|| rest.strip_suffix(PLAIN))?;
    let at = civil::DateTime::strptime(WHEN, when).ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp();
    // Written otherwise it would be another name.
    (at.strftime(WHEN).to_string() == when).then_some(at)
}

/// Those that need not be kept. The newest is never among them.
pub fn superseded(all: &[Timestamp], keep: Keep, zone: &TimeZone) -> Vec<Timestamp> {
    let day = |at: &Timestamp| at.to_zoned(zone.clone()).date();
    let week = |at: &Timestamp| {
        let week = day(at).iso_week_date();
        (i32::from(week.year()), i32::from(week.week()))
    };
    let month = |at: &Timestamp| {
        let date: Date = day(at);
        (i32::from(date.year()), i32::from(date.month()))
    };
    let days = |at: &Timestamp| {
        let date = day(at);
        (i32::from(date.year()), i32::from(date.day_of_year()))
    };
    let mut kept: BTreeSet<Timestamp> = all.iter().max().copied().into_iter().collect();
    kept.extend(newest_of_each(all, keep.daily, days));
    kept.extend(newest_of_each(all, keep.weekly, week));
    kept.extend(newest_of_each(all, keep.monthly, month));
    all.iter().filter(|at| !kept.contains(at)).copied().collect()
}

fn newest_of_each(
    all: &[Timestamp],
    count: usize,
    span: impl Fn(&Timestamp) -> (i32, i32),
) -> Vec<Timestamp> {
    let mut newest = BTreeMap::new();
    for at in all {
        let entry = newest.entry(span(at)).or_insert(*at);
        *entry = (*entry).max(*at);
    }
    newest.into_values().rev().take(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_name_says_when_and_others_are_nobodys() {
        let when = at("2026-11-22T02:00:00Z");
        assert_eq!(name(when, false), "outguide-20261122T020000Z.db");
        assert_eq!(named_at(&name(when, true)), Some(when));
        for other in [
            "outguide.db",
            "outguide-20261122T020000Z.db.partial",
            "outguide-20261122T020000Z",
            "outguide-20261132T020000Z.db",
            "copy-outguide-20261122T020000Z.db",
            "outguide-20261122T020000Z.db.age.old",
        ] {
            assert_eq!(named_at(other), None, "{other}");
        }
    }

    #[test]
    fn days_weeks_and_months_are_kept() {
        // Twice a day for 100 days.
        let first = at("2026-08-15T02:00:00Z");
        let all: Vec<_> = (0..200).map(|half| first + SignedDuration::from_hours(12 * half)).collect();
        let gone = superseded(&all, Keep { daily: 3, weekly: 2, monthly: 4 }, &TimeZone::UTC);
        let kept: Vec<_> = all
            .iter()
            .filter(|at| !gone.contains(at))
            .map(|at| at.strftime("%m-%dT%H").to_string())
            .collect();
        assert_eq!(
            kept,
            ["08-31T14", "09-30T14", "10-31T14", "11-15T14", "11-20T14", "11-21T14", "11-22T14"]
        );
        let nothing = Keep { daily: 0, weekly: 0, monthly: 0 };
        assert_eq!(superseded(&all, nothing, &TimeZone::UTC).len(), 199, "the newest stays");
        assert!(superseded(&[], nothing, &TimeZone::UTC).is_empty());
    }

    #[test]
    fn a_day_is_that_of_the_file_room() {
        let zone = TimeZone::get("America/Chicago").unwrap();
        let all = [at("2026-11-21T23:00:00Z"), at("2026-11-22T05:00:00Z"), at("2026-11-22T07:00:00Z")];
        let keep = Keep { daily: 9, weekly: 0, monthly: 0 };
        assert_eq!(superseded(&all, keep, &zone), [all[0]]);
    }
}
