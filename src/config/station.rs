//! Stations: names, titles, custodians, and that no two are confused.

use std::collections::BTreeMap;
use std::time::Duration;

use super::fields::{At, Fields};
use super::files::Place;
use super::keys::{SOURCE, STATION};
use super::problems::Problems;
use super::site::heading;
use super::{Station, source};
use crate::printer::Printer;
use crate::tracking::grammar::StationKind;

/// Most stations, and most sources of one station: each source is a task with its own buffers.
pub(super) const STATIONS_MAX: usize = 64;

/// Longest name that goes into URLs and records, in characters.
const NAME_CHARS_MAX: usize = 32;

const DOUBLE_READ: Duration = Duration::from_secs(2);
const IDLE: Duration = Duration::from_secs(120);
const BADGE_IDLE: Duration = Duration::from_secs(900);

/// What must not occur twice among all stations, and where it occurred first.
#[derive(Default)]
pub(super) struct Taken {
    stations: BTreeMap<String, Place>,
    pub(super) sources: BTreeMap<String, Place>,
    /// Devices, identities and addresses.
    links: BTreeMap<String, Place>,
}

impl Taken {
    /// Takes a device, identity or address for one source; nothing if another has it.
    pub(super) fn claim(
        &mut self,
        key: &str,
        value: &str,
        place: Place,
        problems: &mut Problems<'_>,
    ) -> Option<()> {
        if let Some(first) = self.links.get(value) {
            let first = problems.show(*first);
            let what = format!(
                "{key} {value:?} already belongs to the source at {first}; one scanner has one source"
            );
            problems.add(place, what);
            return None;
        }
        self.links.insert(value.to_owned(), place);
        Some(())
    }
}

pub(super) fn stations(top: &Fields<'_>, printers: &[Printer], problems: &mut Problems<'_>) -> Vec<Station> {
    let tables = top.tables("station", &STATION, problems);
    if !top.has("station") {
        problems.add(top.place, "there is no station; add [[station]] with a [[station.source]]");
    }
    limit_tables(&tables, "stations", problems);
    let mut taken = Taken::default();
    tables.iter().filter_map(|table| station(table, printers, &mut taken, problems)).collect()
}

fn station(
    fields: &Fields<'_>,
    printers: &[Printer],
    taken: &mut Taken,
    problems: &mut Problems<'_>,
) -> Option<Station> {
    fields.refuse_unknown(problems);
    let name = fields.text("name", problems);
    let name = fields.required("name", name, problems);
    let name = name.and_then(|given| unique_name("station", given, &mut taken.stations, problems));
    let title = fields.text("title", problems).and_then(|given| heading("title", given, problems));
    let custodian = fields.text("custodian", problems);
    let custodian = fields.required("custodian", custodian, problems);
    let custodian = custodian.and_then(|given| code("custodian", given, problems));
    let double_read = fields.millis("double_read_ms", 0..=60_000, problems);
    let kinds = [("checkpoint", StationKind::Checkpoint), ("desk", StationKind::Desk)];
    let kind = fields.choice("kind", &kinds, problems);
    let idle = fields.seconds("idle_s", 10..=3600, problems);
    let badge_idle = fields.seconds("badge_idle_s", 60..=43_200, problems);
    let printer = fields.text("printer", problems);
    let printer = printer.and_then(|given| printer_of(given, printers, problems));
    let tables = fields.tables("source", &SOURCE, problems);
    if !fields.has("source") {
        problems.add(fields.place, "the station has no scanner; add a [[station.source]] below it");
    }
    limit_tables(&tables, "sources of one station", problems);
    let sources = tables.iter().filter_map(|table| source::source(table, taken, problems)).collect();
    let name = name?;
    Some(Station {
        title: title.unwrap_or_else(|| name.clone()),
        name,
        custodian: custodian?,
        double_read: double_read.map_or(DOUBLE_READ, |given| given.value),
        kind: kind.map_or(StationKind::Checkpoint, |given| given.value),
        idle: idle.map_or(IDLE, |given| given.value),
        badge_idle: badge_idle.map_or(BADGE_IDLE, |given| given.value),
        printer,
        sources,
    })
}

/// The printer of a station, if there is one of this name.
fn printer_of(given: At<&str>, printers: &[Printer], problems: &mut Problems<'_>) -> Option<String> {
    let At { place, value } = given;
    if printers.iter().any(|printer| printer.name == value) {
        return Some(value.to_owned());
    }
    problems.add(place, format!("there is no printer {value:?}; write the name of a [[printer]]"));
    None
}

/// A name for URLs and records that nobody else has.
pub(super) fn unique_name(
    what: &str,
    given: At<&str>,
    taken: &mut BTreeMap<String, Place>,
    problems: &mut Problems<'_>,
) -> Option<String> {
    let At { place, value } = given;
    let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
    if value.is_empty() || value.len() > NAME_CHARS_MAX || !value.chars().all(fits) || value.starts_with('-')
    {
        let advice = format!("write 1 to {NAME_CHARS_MAX} of a-z, 0-9 and -, such as \"desk-1\"");
        problems.add(place, format!("{what} name {value:?} is no key; {advice}"));
        return None;
    }
    if let Some(first) = taken.get(value) {
        let first = problems.show(*first);
        problems
            .add(place, format!("{what} name {value:?} is already used at {first}; give this one another"));
        return None;
    }
    taken.insert(value.to_owned(), place);
    Some(value.to_owned())
}

/// Reports the first table that is one too many.
pub(super) fn limit_tables(tables: &[Fields<'_>], what: &str, problems: &mut Problems<'_>) {
    if let Some(table) = tables.get(STATIONS_MAX) {
        problems.add(table.place, format!("more than {STATIONS_MAX} {what}; remove some"));
    }
}

/// A code as it stands in the table of custodians.
fn code(key: &str, given: At<&str>, problems: &mut Problems<'_>) -> Option<String> {
    let At { place, value } = given;
    let odd = |letter: char| letter.is_control() || letter.is_whitespace();
    if value.is_empty() || value.chars().count() > NAME_CHARS_MAX || value.contains(odd) {
        let advice = "write it as in the code column of the custodians' table";
        problems.add(place, format!("`{key}` {value:?} is no custodian code; {advice}"));
        return None;
    }
    Some(value.to_owned())
}
