//! How a folder's place is read on the shelf and told to a person.

use super::FilingScheme;
use super::key::{Filed, split_last};
use super::names::units;

/// Some digits of a number that a clerk reads as one, on the folder and on the guides of the shelf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The digits (or letters), with the zeros that the folder shows.
    pub digits: String,
    /// When they are read.
    pub rank: Rank,
    /// Where they stand in the number on the folder: 0 is the leftmost group.
    pub place: usize,
}

/// The turn in which a group is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// The section; what colour bands show.
    Primary,
    /// Within the section.
    Secondary,
    /// Within that.
    Tertiary,
    /// Whatever comes after.
    Further,
}

/// Digits that a number on a folder has at least: `72248` is written `07-22-48`.
const DIGITS_SHOWN: usize = 6;
/// Digits at the end of a number that a guide in ascending order hides: a thousand folders.
const GUIDE_HIDES: usize = 3;
/// Digits of the number that a military file goes by, and of the family member prefix in front of it.
const MILITARY: (usize, usize) = (9, 2);

impl FilingScheme {
    /// The groups of a number in the order in which they are read, primary first. Sort them by place to show the number
    /// as the folder does.
    ///
    /// Empty if the number does not decide the place: in alphabetic and free files, and for a number that does not fit
    /// the scheme. `mrn_key` is [`crate::tracking::Mrn::key`], which has no leading zeros; they are put back where the
    /// scheme says how many there are, and up to the usual six digits in a terminal-digit file.
    pub fn groups(&self, mrn_key: &str) -> Vec<Group> {
        match self {
            FilingScheme::Numeric => ranked(vec![(mrn_key.to_owned(), 0)]),
            FilingScheme::TerminalDigit(widths) => terminal_digit(widths, mrn_key),
            FilingScheme::MiddleDigit(widths) => middle_digit(*widths, mrn_key),
            FilingScheme::Military => military(mrn_key),
            FilingScheme::Alphanumeric => alphanumeric(mrn_key),
            FilingScheme::Alphabetic | FilingScheme::Free => Vec::new(),
        }
    }

    /// The guide on the shelf behind which a folder stands, for a screen that anybody may read: `section 99`, `letter
    /// S`, `number 12…`. Never all of the number, and nothing where the guide would be a name.
    pub fn guide(&self, mrn_key: &str) -> Option<String> {
        let groups = self.groups(mrn_key);
        let first = groups.first()?;
        let all: usize = groups.iter().map(|group| group.digits.len()).sum();
        match self {
            FilingScheme::Numeric => {
                let kept = mrn_key.chars().count().checked_sub(GUIDE_HIDES).filter(|kept| *kept > 0)?;
                Some(format!("number {}…", mrn_key.chars().take(kept).collect::<String>()))
            }
            FilingScheme::Alphanumeric => Some(format!("letter {}", first.digits.chars().next()?)),
            // What is more than half of the number is no section of the shelf.
            _ if first.digits.len() * 2 > all => None,
            FilingScheme::TerminalDigit(_) | FilingScheme::MiddleDigit(_) | FilingScheme::Military => {
                Some(format!("section {}", first.digits))
            }
            FilingScheme::Alphabetic | FilingScheme::Free => None,
        }
    }

    /// How a folder's place is told to a person, such as `section 99, then 49, then 45`. In an alphabetic file it has
    /// the patient's name in it.
    pub fn shelf_words(&self, filed: &Filed<'_>) -> String {
        let number = filed.mrn_key;
        let groups = self.groups(number);
        let name = filed.name.map(str::trim).unwrap_or_default();
        let slot = filed.slot.map(str::trim).unwrap_or_default();
        match self {
            FilingScheme::Numeric => format!("number {number}"),
            FilingScheme::Alphabetic => match units(name).first().and_then(|unit| unit.chars().next()) {
                Some(letter) => format!("letter {}, then {name}", letter.to_uppercase()),
                None => format!("no name on file: after all others, by number {number}"),
            },
            FilingScheme::Free if slot.chars().any(char::is_alphanumeric) => format!("slot {slot}"),
            FilingScheme::Free => format!("no slot on file: after all others, by number {number}"),
            _ if groups.is_empty() => {
                format!("the number does not fit: after all others, by number {number}")
            }
            FilingScheme::Alphanumeric => format!("letters {}", then(&groups)),
            FilingScheme::TerminalDigit(_) | FilingScheme::MiddleDigit(_) => {
                format!("section {}", then(&groups))
            }
            FilingScheme::Military => match groups.split_last() {
                Some((member, number)) => {
                    format!("section {}, then family member {}", then(number), member.digits)
                }
                None => String::new(),
            },
        }
    }
}

fn then(groups: &[Group]) -> String {
    groups.iter().map(|group| group.digits.as_str()).collect::<Vec<_>>().join(", then ")
}

/// Groups in the order in which they are read, each with its place on the folder.
fn ranked(read: Vec<(String, usize)>) -> Vec<Group> {
    let ranks =
        [Rank::Primary, Rank::Secondary, Rank::Tertiary].into_iter().chain(std::iter::repeat(Rank::Further));
    read.into_iter().zip(ranks).map(|((digits, place), rank)| Group { digits, rank, place }).collect()
}

fn terminal_digit(widths: &[u8], mrn_key: &str) -> Vec<Group> {
    let padded = format!("{mrn_key:0>DIGITS_SHOWN$}");
    let mut rest = padded.as_str();
    let mut read = Vec::with_capacity(widths.len() + 1);
    for width in widths.iter().map(|width| usize::from(*width)) {
        let (before, group) = split_last(rest, width);
        read.push(format!("{group:0>width$}"));
        rest = before;
    }
    if !rest.is_empty() {
        read.push(rest.to_owned());
    }
    let leftmost = read.len().saturating_sub(1);
    let placed = (0..).zip(read).map(|(index, group)| (group, leftmost.saturating_sub(index)));
    ranked(placed.collect())
}

fn middle_digit([first, middle, last]: [u8; 3], mrn_key: &str) -> Vec<Group> {
    let Some(digits) = of_length(mrn_key, usize::from(first) + usize::from(middle) + usize::from(last))
    else {
        return Vec::new();
    };
    let (rest, last) = split_last(&digits, last.into());
    let (first, middle) = split_last(rest, middle.into());
    ranked(vec![(middle.to_owned(), 1), (first.to_owned(), 0), (last.to_owned(), 2)])
}

/// US Navy manuals: the family member prefix stands before the nine digits, and counts last.
fn military(mrn_key: &str) -> Vec<Group> {
    let (number, prefix) = MILITARY;
    let Some(digits) = of_length(mrn_key, prefix + number) else { return Vec::new() };
    let (prefix, number) = split_last(&digits, number);
    let (rest, primary) = split_last(number, 2);
    let (tertiary, secondary) = split_last(rest, 2);
    ranked(vec![
        (primary.to_owned(), 3),
        (secondary.to_owned(), 2),
        (tertiary.to_owned(), 1),
        (prefix.to_owned(), 0),
    ])
}

/// Letters, and the integer after them with whatever follows it.
fn alphanumeric(mrn_key: &str) -> Vec<Group> {
    match mrn_key.find(|character: char| character.is_ascii_digit()).map(|at| mrn_key.split_at(at)) {
        Some((letters, integer)) if !letters.is_empty() => {
            ranked(vec![(letters.to_owned(), 0), (integer.to_owned(), 1)])
        }
        _ => Vec::new(),
    }
}

/// The number with its leading zeros; `None` if it is longer, or has anything but digits in it.
fn of_length(mrn_key: &str, digits: usize) -> Option<String> {
    let fits = mrn_key.len() <= digits && mrn_key.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| format!("{mrn_key:0>digits$}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tracking::Mrn;

    fn groups(scheme: &str, mrn: &str) -> Vec<Group> {
        FilingScheme::parse(scheme).unwrap().groups(Mrn::parse(mrn).unwrap().key())
    }

    /// `read`: the groups in the order of reading; `folder`: as they stand on the folder.
    fn check(scheme: &str, mrn: &str, read: &[&str], folder: &str) {
        let mut groups = groups(scheme, mrn);
        let digits: Vec<_> = groups.iter().map(|group| group.digits.as_str()).collect();
        assert_eq!(digits, read, "{mrn} in {scheme}");
        assert!(groups.is_sorted_by_key(|group| group.rank));
        groups.sort_by_key(|group| group.place);
        let digits: Vec<_> = groups.iter().map(|group| group.digits.as_str()).collect();
        assert_eq!(digits.join("-"), folder, "{mrn} in {scheme}");
    }

    #[test]
    fn groups_are_read_as_the_scheme_says() {
        check("td-2-2", "45-49-99", &["99", "49", "45"], "45-49-99");
        check("td-2-2", "72248", &["48", "22", "07"], "07-22-48");
        check("td-2-2", "1234567", &["67", "45", "123"], "123-45-67");
        check("td-2-2", "0", &["00", "00", "00"], "00-00-00");
        check("td-2-2-2", "454999", &["99", "49", "45"], "45-49-99");
        check("td-2-2-2-2", "1234567890", &["90", "78", "56", "34", "12"], "12-34-56-78-90");
        check("td-3-3", "454999", &["999", "454"], "454-999");
        check("td-4", "72248", &["2248", "07"], "07-2248");
        check("numeric", "0065424", &["65424"], "65424");
        check("middle-2-2-2", "42-21-17", &["21", "42", "17"], "42-21-17");
        check("middle-2-2-2", "02-21-17", &["21", "02", "17"], "02-21-17");
        check("middle-3-2-2", "1234567", &["45", "123", "67"], "123-45-67");
        check("military", "20/123-45-6789", &["89", "67", "12345", "20"], "20-12345-67-89");
        check("military", "01/023-45-6789", &["89", "67", "02345", "01"], "01-02345-67-89");
        check("alphanumeric", "SMI-204", &["SMI", "204"], "SMI-204");
    }

    #[test]
    fn a_number_that_does_not_decide_the_place_has_no_groups() {
        for (scheme, mrn) in [
            ("alphabetic", "45-49-99"),
            ("free", "45-49-99"),
            ("middle-2-2-2", "1234567"),
            ("middle-2-2-2", "A2345"),
            ("military", "123456789012"),
            ("military", "20/12345678A"),
            ("alphanumeric", "204"),
            ("alphanumeric", "SMI"),
        ] {
            check(scheme, mrn, &[], "");
        }
    }

    #[test]
    fn the_primary_group_is_the_first() {
        let ranks: Vec<_> = groups("td-2-2-2", "12345678").iter().map(|group| group.rank).collect();
        assert_eq!(ranks, [Rank::Primary, Rank::Secondary, Rank::Tertiary, Rank::Further]);
    }

    #[test]
    fn places_are_told_in_words() {
        let check = |scheme: &str, mrn: &str, name: Option<&str>, slot: Option<&str>, expect: &str| {
            let mrn = Mrn::parse(mrn).unwrap();
            let filed = Filed { name, slot, ..Filed::by_number(mrn.key(), 1) };
            assert_eq!(FilingScheme::parse(scheme).unwrap().shelf_words(&filed), expect);
        };
        check("td-2-2", "45-49-99", None, None, "section 99, then 49, then 45");
        check("middle-2-2-2", "42-21-17", None, None, "section 21, then 42, then 17");
        check("numeric", "65424", None, None, "number 65424");
        let military = "section 89, then 67, then 12345, then family member 30";
        check("military", "30/123-45-6789", None, None, military);
        check("alphanumeric", "SMI-204", None, None, "letters SMI, then 204");
        check("alphabetic", "7", Some(" van Berg, Ida "), None, "letter V, then van Berg, Ida");
        check("free", "7", None, Some("B 12-3"), "slot B 12-3");
    }

    #[test]
    fn a_guide_never_tells_the_number() {
        let check = |scheme: &str, mrn: &str, expect: Option<&str>| {
            let guide = FilingScheme::parse(scheme).unwrap().guide(Mrn::parse(mrn).unwrap().key());
            assert_eq!(guide.as_deref(), expect, "{scheme} {mrn}");
        };
        check("td-2-2", "45-49-99", Some("section 99"));
        check("td-4", "45-49-99", None);
        check("td-6", "45-49-99", None);
        check("middle-2-2-2", "42-21-17", Some("section 21"));
        check("military", "30/123-45-6789", Some("section 89"));
        check("numeric", "65424", Some("number 65…"));
        check("numeric", "424", None);
        check("alphanumeric", "SMI-204", Some("letter S"));
        check("alphabetic", "7", None);
        check("free", "7", None);
    }

    #[test]
    fn what_has_no_place_is_told_so() {
        let check = |scheme: &str, expect: &str| {
            let filed = Filed { name: Some(" - "), slot: Some(" "), ..Filed::by_number("1234567890123", 1) };
            let words = FilingScheme::parse(scheme).unwrap().shelf_words(&filed);
            assert_eq!(words, format!("{expect}: after all others, by number 1234567890123"));
        };
        check("alphabetic", "no name on file");
        check("free", "no slot on file");
        check("middle-2-2-2", "the number does not fit");
        check("military", "the number does not fit");
        check("alphanumeric", "the number does not fit");
    }
}
