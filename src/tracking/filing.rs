//! Filing orders: the sequence in which folders stand on the shelves of a file area.
//!
//! Source of the rules: health-information textbooks on straight numeric and terminal-digit filing; the worked
//! order `45-49-99, 60-49-99, 44-50-99, 45-50-99, 44-51-99` of such a text is a test below.

use std::fmt;

/// How a file area orders its folders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilingScheme {
    /// Ascending number.
    Numeric,
    /// Terminal digit: groups of digits counted from the right, the rest last; `[2, 2]` is the usual 2-2-2 order.
    TerminalDigit(Vec<u8>),
}

/// A text that names no filing scheme.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no filing scheme; write `numeric`, `td-2-2` or another split such as `td-3-3`")]
pub struct FilingSchemeError(String);

/// Digits of a sort key group; numbers with more digits still sort, just after the shorter ones.
const GROUP_DIGITS: usize = 10;

impl FilingScheme {
    /// Reads `numeric`, `td-2-2`, `td-3-3` …; empty means `td-2-2`.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(text: &str) -> Result<FilingScheme, FilingSchemeError> {
        let unknown = || FilingSchemeError(text.to_owned());
        match text.trim() {
            "" => Ok(FilingScheme::TerminalDigit(vec![2, 2])),
            "numeric" => Ok(FilingScheme::Numeric),
            other => {
                let groups = other.strip_prefix("td-").ok_or_else(unknown)?;
                let groups: Result<Vec<u8>, _> = groups.split('-').map(str::parse).collect();
                match groups {
                    Ok(groups) if groups.iter().all(|width| (1..=6).contains(width)) && groups.len() <= 4 => {
                        Ok(FilingScheme::TerminalDigit(groups))
                    }
                    Ok(_) | Err(_) => Err(unknown()),
                }
            }
        }
    }

    /// The key by which a chart's folders sort on the shelf: compare keys byte by byte.
    ///
    /// `mrn_key` is [`super::Mrn::key`]; letters sort after digits.
    pub fn sort_key(&self, mrn_key: &str) -> String {
        match self {
            FilingScheme::Numeric => padded(mrn_key),
            FilingScheme::TerminalDigit(groups) => {
                let mut rest = mrn_key;
                let mut parts = Vec::with_capacity(groups.len() + 1);
                for width in groups {
                    let width = usize::from(*width);
                    let cut = rest.char_indices().rev().nth(width.saturating_sub(1)).map_or(0, |(at, _)| at);
                    let (before, group) = rest.split_at(cut);
                    parts.push(format!("{group:0>width$}"));
                    rest = before;
                }
                parts.push(padded(rest));
                parts.join("-")
            }
        }
    }
}

fn padded(text: &str) -> String {
    format!("{text:0>GROUP_DIGITS$}")
}

impl fmt::Display for FilingScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FilingScheme::Numeric => f.write_str("numeric"),
            FilingScheme::TerminalDigit(groups) => {
                f.write_str("td")?;
                groups.iter().try_for_each(|width| write!(f, "-{width}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(scheme: &str, shelf: &[&str]) {
        let scheme = FilingScheme::parse(scheme).unwrap();
        let keys: Vec<_> = shelf
            .iter()
            .map(|mrn| scheme.sort_key(crate::tracking::Mrn::parse(mrn).unwrap().key()))
            .collect();
        let mut sorted = keys.clone();
        sorted.sort_unstable();
        assert_eq!(keys, sorted, "{shelf:?} is not in {scheme} order");
    }

    #[test]
    fn shelves_of_the_textbooks() {
        check("td-2-2", &["45-49-99", "60-49-99", "44-50-99", "45-50-99", "44-51-99"]);
        check("td-2-2", &["07-22-48", "1-23-45-67", "99-00-68"]);
        check("numeric", &["99", "100", "65424", "1000000"]);
        check("td-3-3", &["999-001-000", "000-002-000", "000-000-001"]);
    }

    #[test]
    fn short_numbers_are_padded() {
        assert_eq!(FilingScheme::parse("").unwrap().sort_key("72248"), "48-22-0000000007");
    }

    #[test]
    fn names_come_back_and_nonsense_is_refused() {
        for name in ["numeric", "td-2-2", "td-3-3"] {
            assert_eq!(FilingScheme::parse(name).unwrap().to_string(), name);
        }
        for nonsense in ["td", "td-", "td-0", "td-9-9", "alpha", "td-2-x"] {
            assert!(FilingScheme::parse(nonsense).is_err(), "{nonsense}");
        }
    }
}
