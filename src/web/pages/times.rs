//! Times as people read them: by the clock of the file room, and how long ago.

use crate::web::{App, Site};
use askama::Template;
use askama::filters::HtmlSafe;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};

/// Tells times at one moment in one zone.
pub(super) struct Times {
    now: Timestamp,
    zone: TimeZone,
}

/// A time on a page.
#[derive(Debug, Template)]
#[template(
    ext = "html",
    source = r#"<time datetime="{{ iso }}">{{ text }}</time>{% if !ago.is_empty() %} <span class="ago">{{ ago }}</span>{% endif %}"#,
    config = "src/web/askama.toml"
)]
pub(super) struct When {
    iso: String,
    text: String,
    ago: String,
}

impl HtmlSafe for When {}

impl When {
    /// The time for programs.
    pub(super) fn iso(&self) -> &str {
        &self.iso
    }

    /// The time for people.
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

impl Times {
    pub(super) fn new(app: &App, site: &Site) -> Times {
        Times { now: app.clock.now(), zone: site.time_zone.clone() }
    }

    /// When today began: midnight, or the first moment after it where the clocks skip midnight.
    pub(super) fn day_start(&self) -> Timestamp {
        let now = self.local(self.now);
        now.start_of_day().map_or(self.now, |start| start.timestamp())
    }

    /// Today's date in the file room.
    pub(super) fn today(&self) -> Date {
        self.local(self.now).date()
    }

    /// A date of birth, with the age that goes with it: the check that it is the right patient.
    pub(super) fn born(&self, born: Date) -> String {
        let years = self.today().since((jiff::Unit::Year, born)).map_or(0, |span| span.get_years());
        format!("{} ({years})", born.strftime("%-d %b %Y"))
    }

    /// Date, time, and how long ago.
    pub(super) fn when(&self, at: Timestamp) -> When {
        let local = self.local(at);
        let text = local.strftime("%a %-d %b %Y, %H:%M").to_string() + &self.fold(&local);
        When { iso: iso(at), text, ago: ago(self.now.duration_since(at)) }
    }

    /// Date and time of what is to come, or should have been.
    pub(super) fn due(&self, at: Timestamp) -> When {
        let ago = if at < self.now { "overdue".to_owned() } else { String::new() };
        When { ago, ..self.when(at) }
    }

    /// Date and time of what is to come; how long ago, if it has passed.
    pub(super) fn ahead(&self, at: Timestamp) -> When {
        let when = self.when(at);
        if at > self.now { When { ago: String::new(), ..when } } else { when }
    }

    /// Time of day to the minute; the day of the week too if it is another day.
    pub(super) fn hour(&self, at: Timestamp) -> When {
        let local = self.local(at);
        let is_today = local.date() == self.local(self.now).date();
        let text =
            local.strftime(if is_today { "%H:%M" } else { "%a %H:%M" }).to_string() + &self.fold(&local);
        When { iso: iso(at), text, ago: String::new() }
    }

    /// Time of day with seconds; the date too if it is another day.
    pub(super) fn clock(&self, at: Timestamp) -> When {
        let local = self.local(at);
        let is_today = local.date() == self.local(self.now).date();
        let format = if is_today { "%H:%M:%S" } else { "%-d %b, %H:%M" };
        let text = local.strftime(format).to_string() + &self.fold(&local);
        When { iso: iso(at), text, ago: String::new() }
    }

    fn local(&self, at: Timestamp) -> Zoned {
        at.to_zoned(self.zone.clone())
    }

    /// The zone's abbreviation in the hour that comes twice when the clocks go back; nothing otherwise.
    fn fold(&self, local: &Zoned) -> String {
        let is_twice = self.zone.to_ambiguous_timestamp(local.datetime()).is_ambiguous();
        if is_twice { local.strftime(" %Z").to_string() } else { String::new() }
    }
}

/// The time for programs, to the second.
fn iso(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn ago(past: SignedDuration) -> String {
    let minutes = past.as_mins();
    let (hours, days) = (minutes / 60, minutes / (24 * 60));
    match minutes {
        ..-1 => format!("{} min ahead of this machine's clock", -minutes),
        -1..1 => "just now".to_owned(),
        1..60 => format!("{minutes} min ago"),
        60..1440 => format!("{hours} h {} min ago", minutes % 60),
        1440..20160 => format!("{days} {} {} h ago", if days == 1 { "day" } else { "days" }, hours % 24),
        20160.. => format!("{days} days ago"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(zone: &str, now: &str) -> Times {
        Times { now: now.parse().unwrap(), zone: TimeZone::get(zone).unwrap() }
    }

    #[test]
    fn how_long_ago() {
        for (seconds, expect) in [
            (-7200, "120 min ahead of this machine's clock"),
            (-30, "just now"),
            (59, "just now"),
            (60, "1 min ago"),
            (7800, "2 h 10 min ago"),
            (86_400, "1 day 0 h ago"),
            (3 * 86_400 + 3600, "3 days 1 h ago"),
            (40 * 86_400, "40 days ago"),
        ] {
            assert_eq!(ago(SignedDuration::from_secs(seconds)), expect, "{seconds}");
        }
    }

    #[test]
    fn a_day_begins_at_midnight_of_the_file_room_whatever_the_clocks_do() {
        for (zone, now, expect) in [
            ("Europe/Zurich", "2026-11-22T09:42:00Z", "2026-11-21T23:00:00Z"),
            // The clocks go forward at 02:00 and back at 03:00: the day has 23 and 25 hours.
            ("Europe/Zurich", "2026-03-29T20:00:00Z", "2026-03-28T23:00:00Z"),
            ("Europe/Zurich", "2026-10-25T20:00:00Z", "2026-10-24T22:00:00Z"),
            // Midnight itself is skipped.
            ("America/Santiago", "2026-09-06T12:00:00Z", "2026-09-06T04:00:00Z"),
        ] {
            assert_eq!(times(zone, now).day_start().to_string(), expect, "{zone} {now}");
        }
    }

    #[test]
    fn the_hour_that_comes_twice_names_its_zone() {
        let times = times("Europe/Zurich", "2026-10-25T03:00:00Z");
        let text = |at: &str| times.when(at.parse().unwrap()).text;
        assert_eq!(text("2026-10-25T00:30:00Z"), "Sun 25 Oct 2026, 02:30 CEST");
        assert_eq!(text("2026-10-25T01:30:00Z"), "Sun 25 Oct 2026, 02:30 CET");
        assert_eq!(text("2026-10-25T02:30:00Z"), "Sun 25 Oct 2026, 03:30");
    }

    #[test]
    fn another_day_shows_its_date() {
        let times = times("UTC", "2026-11-22T10:00:00Z");
        assert_eq!(times.clock("2026-11-22T09:59:58Z".parse().unwrap()).text, "09:59:58");
        assert_eq!(times.clock("2026-11-21T09:59:58Z".parse().unwrap()).text, "21 Nov, 09:59");
    }
}
