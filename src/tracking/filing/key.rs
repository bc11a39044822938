//! What a folder is filed by, and the key that puts it into its place on the shelf.

use super::FilingScheme;
use super::names::units;
use super::written::{FIELD, UNIT, natural, number};
use jiff::civil::Date;

/// What is on file of a folder for finding its place; a scheme takes from it what it goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filed<'a> {
    /// [`crate::tracking::Mrn::key`] of the chart.
    pub mrn_key: &'a str,
    /// The patient's name as `surname, given names`.
    pub name: Option<&'a str>,
    /// The patient's date of birth; tells apart patients of one name.
    pub born: Option<Date>,
    /// The shelf slot as written.
    pub slot: Option<&'a str>,
    /// Number of the volume, 1 for the first.
    pub volume: u32,
}

impl<'a> Filed<'a> {
    /// A folder of which only the number is known.
    pub fn by_number(mrn_key: &'a str, volume: u32) -> Filed<'a> {
        Filed { mrn_key, name: None, born: None, slot: None, volume }
    }
}

/// Digits of a sort key group of [`FilingScheme::Numeric`] and [`FilingScheme::TerminalDigit`]. Longer numbers are not
/// padded and stand among the shorter ones by their first digits; stored keys depend on it.
const GROUP_DIGITS: usize = 10;

/// Begins the key of what a scheme finds no place for, and stands for a date of birth that is not known. It sorts after
/// everything else that a key of the same scheme begins with.
const UNKNOWN: &str = "~";

/// Begins a key of letters that UTF-8 would put after [`UNKNOWN`].
const OTHER_SCRIPTS: &str = "{";

impl FilingScheme {
    /// The key by which folders sort on the shelf: compare keys byte by byte, of one scheme only.
    ///
    /// Folders for which the scheme has no place, such as those without a name in an alphabetic file, stand after all
    /// others by their number; [`FilingScheme::is_unplaced`] knows their keys. Volumes of a chart stand in their order,
    /// but in `numeric` and `td` they share a key. The key holds what it is made of: it is no less private than that.
    pub fn sort_key(&self, filed: &Filed<'_>) -> String {
        let number_key = filed.mrn_key;
        let place = match self {
            FilingScheme::Numeric => return padded(number_key),
            FilingScheme::TerminalDigit(groups) => return terminal_digit(groups, number_key),
            FilingScheme::MiddleDigit(_) | FilingScheme::Military => self.digits(number_key),
            FilingScheme::Alphanumeric => self.digits(number_key).map(|_| natural(number_key)),
            FilingScheme::Alphabetic => alphabetic(filed),
            FilingScheme::Free => free(filed),
        };
        let place = match place {
            Some(place) if place.starts_with(|first: char| first.is_ascii()) => place,
            Some(place) => format!("{OTHER_SCRIPTS}{place}"),
            None => [UNKNOWN, &natural(number_key)].join(FIELD),
        };
        [place, number(&filed.volume.to_string())].join(FIELD)
    }

    /// Says whether a key is that of a folder for which the scheme has no place: no name, no slot, a number that does
    /// not fit.
    pub fn is_unplaced(sort_key: &str) -> bool {
        sort_key.starts_with(UNKNOWN)
    }

    fn digits(&self, mrn_key: &str) -> Option<String> {
        let groups: Vec<String> = self.groups(mrn_key).into_iter().map(|group| group.digits).collect();
        (!groups.is_empty()).then(|| groups.join("-"))
    }
}

/// By name, then by date of birth, then by number.
fn alphabetic(filed: &Filed<'_>) -> Option<String> {
    let units = units(filed.name?);
    let born = filed.born.map_or_else(|| UNKNOWN.to_owned(), |born| born.to_string());
    (!units.is_empty()).then(|| [units.join(UNIT), born, natural(filed.mrn_key)].join(FIELD))
}

/// By slot; folders of one slot by number.
fn free(filed: &Filed<'_>) -> Option<String> {
    let slot = natural(filed.slot?);
    (!slot.is_empty()).then(|| [slot, natural(filed.mrn_key)].join(FIELD))
}

fn terminal_digit(groups: &[u8], mrn_key: &str) -> String {
    let mut rest = mrn_key;
    let mut parts = Vec::with_capacity(groups.len() + 1);
    for width in groups {
        let width = usize::from(*width);
        let (before, group) = split_last(rest, width);
        parts.push(format!("{group:0>width$}"));
        rest = before;
    }
    parts.push(padded(rest));
    parts.join("-")
}

/// Splits off the last `width` characters, or all if there are fewer.
pub(super) fn split_last(text: &str, width: usize) -> (&str, &str) {
    let cut = text.char_indices().rev().nth(width.saturating_sub(1)).map_or(0, |(at, _)| at);
    text.split_at(cut)
}

fn padded(text: &str) -> String {
    format!("{text:0>GROUP_DIGITS$}")
}

#[cfg(test)]
mod tests;
