//! Medical record numbers: kept as written, compared without separators and leading zeros.

/// A medical record number as somebody wrote it, with the form that is compared.
///
/// Sites write one number in many ways: `12-34-56`, `123456`, `0123456`. All three are the same chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mrn {
    written: String,
    key: String,
}

/// Longest number accepted, in characters.
const MRN_CHARS_MAX: usize = 32;

impl Mrn {
    /// Reads a number; `None` if nothing is left of it, or it is longer than 32 characters.
    pub fn parse(text: &str) -> Option<Mrn> {
        let written = text.trim();
        let significant: String =
            written.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase).collect();
        let stripped = significant.trim_start_matches('0');
        let key = if stripped.is_empty() { "0" } else { stripped };
        let known = !significant.is_empty()
            && written.chars().count() <= MRN_CHARS_MAX
            && written.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | ' ' | '.' | '/'));
        known.then(|| Mrn { written: written.to_owned(), key: key.to_owned() })
    }

    /// The number as it was written.
    pub fn written(&self) -> &str {
        &self.written
    }

    /// The form in which numbers are compared: letters and digits, upper case, no leading zeros.
    pub fn key(&self) -> &str {
        &self.key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(input: &str, expect: Option<&str>) {
        assert_eq!(Mrn::parse(input).as_ref().map(Mrn::key), expect, "{input:?}");
    }

    #[test]
    fn one_number_in_many_notations_is_one_key() {
        check("12-34-56", Some("123456"));
        check(" 0123456 ", Some("123456"));
        check("12 34 56", Some("123456"));
        check("a00-12", Some("A0012"));
        check("000", Some("0"));
    }

    #[test]
    fn what_is_no_number_is_none() {
        check("", None);
        check("--", None);
        check("12;34", None);
        check("<b>1</b>", None);
        check(&"9".repeat(33), None);
    }
}
