//! Filing orders: the sequence in which folders stand on the shelves of a file area, as data. Pure.
//!
//! Sources of the rules: health-information textbooks on numeric, terminal-digit and middle-digit filing, US Navy
//! manuals on health records, and ARMA's rules of alphabetic indexing. The worked orders of these texts are tests.

mod key;
mod names;
mod palette;
mod reading;
mod written;

use std::fmt;

pub use key::Filed;
pub use palette::{Colour, Palette, PaletteError, Pattern};
pub use reading::{Group, Rank};

pub(super) use names::{PREFIXES, SUFFIXES, TITLES, is_numeral};
pub(super) use written::folded;

/// How a file area orders its folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilingScheme {
    /// Ascending number.
    Numeric,
    /// Terminal digit: groups of digits counted from the right, the rest last; `[2, 2]` is the usual 2-2-2 order.
    TerminalDigit(Vec<u8>),
    /// Middle digit: widths of the groups from the left; the middle one is read first, then the first, then the last.
    MiddleDigit([u8; 3]),
    /// Terminal digit 2-2-5 of a nine-digit number, then the two-digit family member prefix written in front of it.
    Military,
    /// By name, in units: surname, given name or initial, middle name.
    Alphabetic,
    /// By the letters that the number begins with, then by the integer after them.
    Alphanumeric,
    /// Any free slot; the slot that is on file is the order.
    Free,
}

/// A text that names no filing scheme.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no filing scheme; write `numeric`, `td-2-2` or another split such as `td-3-3`, `middle-2-2-2`, \
     `military`, `alphabetic`, `alphanumeric` or `free`"
)]
pub struct FilingSchemeError(String);

/// Most digits in a group.
const WIDTH_MAX: u8 = 6;
/// Most groups that are named, the rest aside.
const GROUPS_MAX: usize = 4;

impl FilingScheme {
    /// Reads `numeric`, `td-2-2`, `td-3-3` …, `middle-2-2-2` …, `military`, `alphabetic`, `alphanumeric`, `free`; empty
    /// means `td-2-2`. A split has 1 to 4 groups of 1 to 6 digits, that of a middle digit has 3.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(text: &str) -> Result<FilingScheme, FilingSchemeError> {
        let scheme = match text.trim() {
            "" => Some(FilingScheme::TerminalDigit(vec![2, 2])),
            "numeric" => Some(FilingScheme::Numeric),
            "military" => Some(FilingScheme::Military),
            "alphabetic" => Some(FilingScheme::Alphabetic),
            "alphanumeric" => Some(FilingScheme::Alphanumeric),
            "free" => Some(FilingScheme::Free),
            split => terminal_digit(split).or_else(|| middle_digit(split)),
        };
        scheme.ok_or_else(|| FilingSchemeError(text.to_owned()))
    }
}

fn terminal_digit(text: &str) -> Option<FilingScheme> {
    widths(text.strip_prefix("td-")?).map(FilingScheme::TerminalDigit)
}

fn middle_digit(text: &str) -> Option<FilingScheme> {
    widths(text.strip_prefix("middle-")?)?.try_into().ok().map(FilingScheme::MiddleDigit)
}

fn widths(text: &str) -> Option<Vec<u8>> {
    let widths: Vec<u8> = text.split('-').map(str::parse).collect::<Result<_, _>>().ok()?;
    let fits = widths.len() <= GROUPS_MAX && widths.iter().all(|width| (1..=WIDTH_MAX).contains(width));
    fits.then_some(widths)
}

impl fmt::Display for FilingScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (word, widths): (_, &[u8]) = match self {
            FilingScheme::Numeric => ("numeric", &[]),
            FilingScheme::TerminalDigit(groups) => ("td", groups),
            FilingScheme::MiddleDigit(groups) => ("middle", groups),
            FilingScheme::Military => ("military", &[]),
            FilingScheme::Alphabetic => ("alphabetic", &[]),
            FilingScheme::Alphanumeric => ("alphanumeric", &[]),
            FilingScheme::Free => ("free", &[]),
        };
        f.write_str(word)?;
        widths.iter().try_for_each(|width| write!(f, "-{width}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back_and_nonsense_is_refused() {
        for word in [
            "numeric",
            "td-2-2",
            "td-3-3",
            "td-4",
            "td-2-2-2-2",
            "middle-2-2-2",
            "middle-3-2-2",
            "military",
            "alphabetic",
            "alphanumeric",
            "free",
        ] {
            assert_eq!(FilingScheme::parse(word).unwrap().to_string(), word);
        }
        assert_eq!(FilingScheme::parse(" ").unwrap().to_string(), "td-2-2");
        for nonsense in [
            "td",
            "td-",
            "td-0",
            "td-9-9",
            "td-2-x",
            "td-1-1-1-1-1",
            "alpha",
            "middle",
            "middle-2-2",
            "middle-2-0-2",
            "middle-2-2-2-2",
            "military-2",
            "Numeric",
        ] {
            assert!(FilingScheme::parse(nonsense).is_err(), "{nonsense}");
        }
    }

    #[test]
    fn the_refusal_says_what_to_write() {
        assert_eq!(
            FilingScheme::parse("by hand").unwrap_err().to_string(),
            "`by hand` is no filing scheme; write `numeric`, `td-2-2` or another split such as `td-3-3`, \
             `middle-2-2-2`, `military`, `alphabetic`, `alphanumeric` or `free`"
        );
    }
}
