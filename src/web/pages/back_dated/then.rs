//! A time of day as somebody wrote it down, by the clock of the file room. Pure.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// Which of two equal times of the hour that the clocks go through twice.
#[derive(serde::Deserialize, Debug, Clone, Copy, PartialEq, Eq, Default)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Pass {
    /// Nobody said.
    #[default]
    #[serde(rename = "")]
    Unsaid,
    /// Before the clocks went back.
    First,
    /// After it.
    Second,
}

/// Why a text is no moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoMoment {
    /// It is no date and time.
    Unreadable,
    /// The clocks jumped over it.
    Skipped,
    /// It came twice; the zone's abbreviations for the first and the second.
    Twice(String, String),
    /// It is still to come.
    Future,
}

/// The moment that a clerk's date and time mean.
pub(super) fn moment(zone: &TimeZone, text: &str, pass: Pass, now: Timestamp) -> Result<Timestamp, NoMoment> {
    let local: DateTime = text.trim().parse().map_err(|_| NoMoment::Unreadable)?;
    let ambiguous = zone.to_ambiguous_timestamp(local);
    let first = || ambiguous.earlier().map_err(|_| NoMoment::Unreadable);
    let second = || ambiguous.later().map_err(|_| NoMoment::Unreadable);
    let at = match (ambiguous.offset(), pass) {
        (AmbiguousOffset::Gap { .. }, _) => return Err(NoMoment::Skipped),
        (AmbiguousOffset::Fold { .. }, Pass::Unsaid) => {
            let name = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%Z").to_string();
            return Err(NoMoment::Twice(name(first()?), name(second()?)));
        }
        (AmbiguousOffset::Fold { .. }, Pass::Second) => second()?,
        (AmbiguousOffset::Fold { .. }, Pass::First) | (AmbiguousOffset::Unambiguous { .. }, _) => first()?,
    };
    if at.duration_since(now) > SignedDuration::ZERO { Err(NoMoment::Future) } else { Ok(at) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_one_moment_or_asked_for_again() {
        let zone = TimeZone::get("Europe/Zurich").unwrap();
        let now: Timestamp = "2026-11-22T09:42:00Z".parse().unwrap();
        let check = |text: &str, pass, expect: Result<&str, NoMoment>| {
            let found = moment(&zone, text, pass, now).map(|at| at.to_string());
            assert_eq!(found, expect.map(str::to_owned), "{text}");
        };
        let twice = NoMoment::Twice("CEST".to_owned(), "CET".to_owned());
        check("2026-11-22T10:42", Pass::Unsaid, Ok("2026-11-22T09:42:00Z"));
        check("2026-11-22T10:43", Pass::Unsaid, Err(NoMoment::Future));
        check("2026-11-21T08:00:30", Pass::Second, Ok("2026-11-21T07:00:30Z"));
        check("2026-03-29T02:30", Pass::Unsaid, Err(NoMoment::Skipped));
        check("2026-03-29T02:30", Pass::First, Err(NoMoment::Skipped));
        check("2026-10-25T02:30", Pass::Unsaid, Err(twice));
        check("2026-10-25T02:30", Pass::First, Ok("2026-10-25T00:30:00Z"));
        check("2026-10-25T02:30", Pass::Second, Ok("2026-10-25T01:30:00Z"));
        for bad in ["", "yesterday", "2026-13-01T10:00", "10:42"] {
            check(bad, Pass::Unsaid, Err(NoMoment::Unreadable));
        }
    }
}
