//! How long a station is silent at each hour of the week, learned from its scans. Pure.
//!
//! Silence is not failure: a scanner may say nothing for hours. It is worth a word when it has lasted longer than it
//! ever did at this hour of this day of the week.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::time::Duration;

/// History that a station must have before anything is unusual: each hour of the week twice.
const LEARNED_AFTER: Duration = Duration::from_secs(14 * 24 * 3600);
/// Silence below this is never unusual.
const SHORTEST: Duration = Duration::from_secs(15 * 60);
const HOURS: usize = 7 * 24;
const HOUR: Duration = Duration::from_secs(3600);

/// A station's rhythm.
#[derive(Debug, Clone)]
pub struct Rhythm {
    zone: TimeZone,
    /// The longest silence there was at some moment of each hour of the week, Monday midnight first.
    longest: [Duration; HOURS],
    first: Option<Timestamp>,
    last: Option<Timestamp>,
}

impl Rhythm {
    /// The rhythm of a station that nothing is known of yet; hours are those of `zone`.
    pub fn new(zone: TimeZone) -> Rhythm {
        Rhythm { zone, longest: [Duration::ZERO; HOURS], first: None, last: None }
    }

    /// Learns of a scan; they come in order. One that is before the last one, by a clock that was set back, is left out.
    pub fn scan(&mut self, at: Timestamp) {
        let Some(last) = self.last else {
            (self.first, self.last) = (Some(at), Some(at));
            return;
        };
        if at < last {
            return;
        }
        // A silence counts for each hour that it reaches into, as long as it was by the end of that hour.
        let mut from = last;
        while let Some((hour, end)) = self.hour(from) {
            let until = end.min(at);
            let silence = between(last, until);
            if let Some(longest) = self.longest.get_mut(hour) {
                *longest = silence.max(*longest);
            }
            // After a week every hour has been seen; a longer silence is a closed room and teaches nothing more.
            if at < end || between(last, until) > HOUR * 168 {
                break;
            }
            from = end;
        }
        self.last = Some(at);
    }

    /// How long the station has been silent at `now`, if that is longer than it ever was at this hour. `heard`: when a
    /// scan was heard last, if that is later than what was learned.
    pub fn unusual_silence(&self, heard: Option<Timestamp>, now: Timestamp) -> Option<Duration> {
        let last = self.last.max(heard)?;
        let (hour, _) = self.hour(now)?;
        let has_learned = between(self.first?, now) >= LEARNED_AFTER;
        let silence = between(last, now);
        (has_learned && silence > SHORTEST && silence > *self.longest.get(hour)?).then_some(silence)
    }

    /// The hour of the week, and when it ends. A day that has an hour twice or not at all has it once more or never.
    fn hour(&self, at: Timestamp) -> Option<(usize, Timestamp)> {
        let local = at.to_zoned(self.zone.clone());
        let day = usize::try_from(local.weekday().to_monday_zero_offset()).ok()?;
        let hour = usize::try_from(local.hour()).ok()?;
        let into = i64::from(local.minute()) * 60 + i64::from(local.second());
        let rest = HOUR.checked_sub(Duration::from_secs(u64::try_from(into).ok()?))?;
        let end = Timestamp::from_second(at.as_second()).ok()?.checked_add(rest).ok()?;
        Some((day * 24 + hour, end))
    }
}

fn between(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// Three weeks from Monday, 2 November 2026: a scan every ten minutes from eight to five, Monday to Friday.
    fn weeks(zone: TimeZone) -> Rhythm {
        let mut rhythm = Rhythm::new(zone);
        for day in (2..23).filter(|day| (day - 2) % 7 < 5) {
            for minute in (8 * 60..=17 * 60).step_by(10) {
                rhythm.scan(at(&format!("2026-11-{day:02}T{:02}:{:02}:00Z", minute / 60, minute % 60)));
            }
        }
        rhythm
    }

    fn check(heard: &str, now: &str, minutes: Option<u64>) {
        let found = weeks(TimeZone::UTC).unusual_silence(Some(at(heard)), at(now));
        assert_eq!(
            found,
            minutes.map(|minutes| Duration::from_secs(minutes * 60)),
            "heard {heard}, now {now}"
        );
    }

    #[test]
    fn silence_is_unusual_by_the_hour_of_the_week() {
        let monday = |time: &str| format!("2026-11-23T{time}:00Z");
        check(&monday("10:00"), &monday("10:15"), None);
        check(&monday("10:00"), &monday("10:16"), Some(16));
        // Before the first scan of the day it has been silent since Friday, as every Monday.
        check("2026-11-20T17:00:00Z", &monday("08:00"), None);
        check("2026-11-20T17:00:00Z", &monday("09:00"), Some(64 * 60));
        // On Tuesday one night is usual, and two are not.
        check(&monday("17:00"), "2026-11-24T07:59:00Z", None);
        check("2026-11-20T17:00:00Z", "2026-11-24T07:00:00Z", Some(86 * 60));
        // At night and on Sundays nobody expects anything.
        check(&monday("17:00"), &monday("23:30"), None);
    }

    #[test]
    fn nothing_is_unusual_before_two_weeks_are_known() {
        let mut rhythm = Rhythm::new(TimeZone::UTC);
        assert_eq!(rhythm.unusual_silence(None, at("2026-11-02T10:00:00Z")), None);
        rhythm.scan(at("2026-11-02T10:00:00Z"));
        rhythm.scan(at("2026-11-02T10:10:00Z"));
        assert_eq!(rhythm.unusual_silence(None, at("2026-11-15T10:00:00Z")), None);
        assert!(rhythm.unusual_silence(None, at("2026-11-17T10:00:00Z")).is_some());
    }

    #[test]
    fn a_clock_that_is_set_back_does_no_harm() {
        let mut rhythm = weeks(TimeZone::get("Europe/Zurich").unwrap());
        rhythm.scan(at("2020-01-01T00:00:00Z"));
        assert_eq!(rhythm.unusual_silence(None, at("2020-01-01T00:00:00Z")), None);
        assert_eq!(
            rhythm.unusual_silence(Some(at("2026-11-23T10:00:00Z")), at("2026-11-23T10:10:00Z")),
            None
        );
    }
}
