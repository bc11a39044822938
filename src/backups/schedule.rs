//! When a backup is owed, and when it is overdue. Asked again and again, so that a lost moment heals.

use super::Plan;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// How long after its time a backup may come before it is told aloud.
pub const GRACE: SignedDuration = SignedDuration::from_hours(2);

/// The last moment before or at `now` at which one was to be made. On the night of the clock change a time that does not
/// exist comes as much later as the clock was put forward.
pub fn due(at: &[Time], zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    let today = now.to_zoned(zone.clone()).date();
    let days = [Some(today), today.yesterday().ok()];
    let moments = days.into_iter().flatten().flat_map(|day| {
        at.iter().filter_map(move |time| Some(zone.to_zoned(day.to_datetime(*time)).ok()?.timestamp()))
    });
    moments.filter(|moment| *moment <= now).max()
}

/// Whether one is to be made now.
pub fn is_owed(plan: &Plan, newest: Option<Timestamp>, now: Timestamp) -> bool {
    due(&plan.at, &plan.zone, now).is_some_and(|due| newest.is_none_or(|newest| newest < due))
}

/// Whether one that is owed should be there by now. A daemon that has just started has its time, too.
pub fn is_late(plan: &Plan, newest: Option<Timestamp>, started: Option<Timestamp>, now: Timestamp) -> bool {
    let Some(due) = due(&plan.at, &plan.zone, now) else { return false };
    // One that is two times behind is late whatever was owed last.
    let before = super::schedule::due(&plan.at, &plan.zone, due - SignedDuration::from_secs(1));
    let is_behind = |due: Timestamp| newest.is_none_or(|newest| newest < due);
    let has_had_time =
        |since: Timestamp| started.is_none_or(|started| now.duration_since(since.max(started)) > GRACE);
    (is_behind(due) && has_had_time(due)) || before.is_some_and(|due| is_behind(due) && has_had_time(due))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backups::{Keep, Recipients};

    fn plan(at: &[&str], zone: &str) -> Plan {
        Plan {
            directory: "/backups".into(),
            at: at.iter().map(|time| time.parse().unwrap()).collect(),
            keep: Keep::default(),
            recipients: Recipients::default(),
            zone: TimeZone::get(zone).unwrap(),
        }
    }

    fn check(at: &[&str], newest: &str, now: &str) -> (bool, bool) {
        let plan = plan(at, "Europe/Zurich");
        let newest = (!newest.is_empty()).then(|| newest.parse().unwrap());
        let now = now.parse().unwrap();
        let started = Some("2026-01-01T00:00:00Z".parse().unwrap());
        (is_owed(&plan, newest, now), is_late(&plan, newest, started, now))
    }

    #[test]
    fn owed_at_its_time_and_late_two_hours_after() {
        for (at, newest, now, expect) in [
            (&["02:00"][..], "2026-11-21T01:00:30Z", "2026-11-22T00:59:59Z", (false, false)),
            (&["02:00"], "2026-11-21T01:00:30Z", "2026-11-22T01:00:00Z", (true, false)),
            (&["02:00"], "2026-11-21T01:00:30Z", "2026-11-22T03:00:01Z", (true, true)),
            (&["02:00"], "2026-11-22T01:00:30Z", "2026-11-22T03:00:01Z", (false, false)),
            // Nothing for three days: late at any hour, also just after the next time has come.
            (&["02:00"], "2026-11-19T01:00:30Z", "2026-11-22T01:30:00Z", (true, true)),
            (&["02:00"], "", "2026-11-22T12:00:00Z", (true, true)),
            (&["12:30", "02:00"], "2026-11-22T01:00:30Z", "2026-11-22T11:30:00Z", (true, false)),
            // 2:30 is skipped in spring, and comes twice in autumn.
            (&["02:30"], "2026-03-28T02:00:00Z", "2026-03-29T01:29:00Z", (false, false)),
            (&["02:30"], "2026-03-28T02:00:00Z", "2026-03-29T01:30:00Z", (true, false)),
            (&["02:30"], "2026-10-25T00:30:10Z", "2026-10-25T01:30:30Z", (false, false)),
        ] {
            assert_eq!(check(at, newest, now), expect, "{at:?} {newest} {now}");
        }
    }

    #[test]
    fn a_daemon_that_has_just_started_has_its_time() {
        let (plan, now) = (plan(&["02:00"], "UTC"), "2026-11-22T12:00:00Z".parse().unwrap());
        assert!(is_owed(&plan, None, now));
        assert!(!is_late(&plan, None, Some(now), now));
        assert!(is_late(&plan, None, Some(now), now + GRACE + SignedDuration::from_secs(1)));
    }
}
