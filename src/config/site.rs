//! What holds for the whole file room: place of the data, address, time zone, limits.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Component, Path, PathBuf};

use jiff::tz::TimeZone;

use super::Limits;
use super::fields::{At, Fields};
use super::keys::LIMITS;
use super::nearest::nearest;
use super::problems::Problems;

const DATA_DIR: &str = "/var/lib/outguide";
const PORT: u16 = 8470;
const SITE_NAME: &str = "File room";

/// One address gets this part of all connections, unless it is said how many.
const PART: usize = 4;
/// Longest text that is shown as a heading, in characters.
pub(super) const HEADING_CHARS_MAX: usize = 80;

pub(super) fn data_dir(top: &Fields<'_>, problems: &mut Problems<'_>) -> PathBuf {
    top.text("data_dir", problems)
        .and_then(|given| absolute_path("data_dir", given, DATA_DIR, problems))
        .unwrap_or_else(|| PathBuf::from(DATA_DIR))
}

pub(super) fn listen(top: &Fields<'_>, problems: &mut Problems<'_>) -> SocketAddr {
    let default = SocketAddr::from((Ipv4Addr::LOCALHOST, PORT));
    let Some(At { place, value }) = top.text("listen", problems) else { return default };
    let Ok(address) = value.parse::<SocketAddr>() else {
        let what =
            format!("`listen` {value:?} is no address and port; write \"{default}\" or \"[::1]:{PORT}\"");
        problems.add(place, what);
        return default;
    };
    address
}

pub(super) fn time_zone(top: &Fields<'_>, problems: &mut Problems<'_>) -> TimeZone {
    let Some(At { place, value }) = top.text("time_zone", problems) else { return TimeZone::UTC };
    match TimeZone::get(value) {
        Ok(zone) if !zone.is_unknown() => zone,
        _ => {
            // Lower-case names, such as `localtime`, are files of the host and no places.
            let zones: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
            let places = zones.iter().map(String::as_str).filter(|name| name.starts_with(char::is_uppercase));
            let advice = match nearest(value, places) {
                Some(zone) => format!("did you mean \"{zone}\"?"),
                None => "write a name such as \"Europe/Zurich\", \"America/Chicago\" or \"UTC\"".to_owned(),
            };
            problems.add(place, format!("`time_zone` {value:?} is not known; {advice}"));
            TimeZone::UTC
        }
    }
}

pub(super) fn name(top: &Fields<'_>, problems: &mut Problems<'_>) -> String {
    let given = top.text("site_name", problems);
    given.and_then(|given| heading("site_name", given, problems)).unwrap_or_else(|| SITE_NAME.to_owned())
}

pub(super) fn limits(top: &Fields<'_>, problems: &mut Problems<'_>) -> Limits {
    let fields = top.section("limits", &LIMITS, problems);
    fields.refuse_unknown(problems);
    let mut limits = Limits::default();
    let mut count = |key, range, limit: &mut usize| {
        let given = fields.count(key, range, problems);
        if let Some(At { value, .. }) = given {
            *limit = value;
        }
        given
    };
    count("scan_queue", 16..=65_536, &mut limits.scan_queue);
    count("scans_in_flight_per_source", 1..=1024, &mut limits.scans_in_flight_per_source);
    let connections = count("connections", 8..=4096, &mut limits.connections);
    count("body_bytes_max", 1024..=16_777_216, &mut limits.body_bytes_max);
    let each = count("connections_per_address", 1..=4096, &mut limits.connections_per_address);
    let live_pages = count("live_pages", 1..=4095, &mut limits.live_pages);
    count("readers", 1..=16, &mut limits.readers);
    if let Some(At { value, .. }) = fields.seconds("header_timeout_s", 1..=60, problems) {
        limits.header_timeout = value;
    }
    if let Some(At { value, .. }) = fields.seconds("request_timeout_s", 1..=300, problems) {
        limits.request_timeout = value;
    }
    if let Some(At { value, .. }) = fields.seconds("answer_timeout_s", 1..=300, problems) {
        limits.answer_timeout = value;
    }
    match each {
        None => limits.connections_per_address = (limits.connections / PART).max(1),
        Some(At { place, value }) if value > limits.connections => {
            let all = limits.connections;
            let what = format!(
                "{value} connections for each address of {all} for all; make `connections_per_address` less"
            );
            problems.add(place, what);
        }
        Some(_) => {}
    }
    if limits.live_pages >= limits.connections
        && let Some(At { place, .. }) = live_pages.or(connections)
    {
        let (pages, all) = (limits.live_pages, limits.connections);
        let what = format!(
            "{pages} live pages would take all {all} connections; make `live_pages` less than `connections`"
        );
        problems.add(place, what);
    }
    limits
}

/// A path from the root of the file system, without `..`.
pub(super) fn absolute_path(
    key: &str,
    given: At<&str>,
    example: &str,
    problems: &mut Problems<'_>,
) -> Option<PathBuf> {
    let At { place, value } = given;
    let path = Path::new(value);
    let climbs = path.components().any(|part| part == Component::ParentDir);
    if !path.is_absolute() || climbs || value.contains(char::is_control) {
        let what = format!("`{key}` {value:?} is no absolute path; write it from / on, such as {example:?}");
        problems.add(place, what);
        return None;
    }
    Some(path.components().collect())
}

/// Text for people: not empty, one line.
pub(super) fn heading(key: &str, given: At<&str>, problems: &mut Problems<'_>) -> Option<String> {
    let At { place, value } = given;
    let text = value.trim();
    if text.is_empty() || text.chars().count() > HEADING_CHARS_MAX || text.contains(char::is_control) {
        let what = format!("`{key}` must be one line; write 1 to {HEADING_CHARS_MAX} characters");
        problems.add(place, what);
        return None;
    }
    Some(text.to_owned())
}
