//! The name that an account signs in with, and that the records call it.

use std::fmt;

/// Longest name, in characters.
const CHARS_MAX: usize = 64;

/// Names an account: lower-case letters, digits, `.`, `-`, `_` and `@`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AccountName(String);

/// A text that names no account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an account's name has 1 to 64 letters, digits, dots, hyphens, underscores and @, such as a.meier")]
pub struct BadName;

impl AccountName {
    /// Reads a name as people type it: case and blanks around it do not count.
    ///
    /// # Errors
    /// It can be no account's name.
    pub fn parse(text: &str) -> Result<AccountName, BadName> {
        let name = text.trim().to_lowercase();
        let is_good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_@".contains(c);
        let fits = !name.is_empty() && name.chars().count() <= CHARS_MAX && name.chars().all(is_good);
        if fits { Ok(AccountName(name)) } else { Err(BadName) }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AccountName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain() {
        let parse = |text: &str| AccountName::parse(text).ok().map(|name| name.to_string());
        assert_eq!(parse(" A.Meier "), Some("a.meier".to_owned()));
        assert_eq!(parse("x@ward-3.example"), Some("x@ward-3.example".to_owned()));
        for bad in ["", " ", "a b", "a\nb", "é", "a/b", "<b>", &"a".repeat(65)] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
    }
}
