//! Which column holds what, and what a field may hold.

use super::{Kind, TEXT_CHARS_MAX};

/// The fields of one line.
pub(super) type Line = Vec<String>;

/// Columns by name, in whatever order the file has them.
pub(super) struct Columns {
    found: Vec<(&'static str, usize)>,
    ignored: Vec<String>,
}

const CHART_COLUMNS: [&str; 6] = ["mrn", "label", "home", "volume", "record_type", "location"];
const CHART_REQUIRED: usize = 3;
const CUSTODIAN_COLUMNS: [&str; 7] = ["code", "name", "kind", "parent", "phone", "filing", "label"];
const CUSTODIAN_REQUIRED: usize = 2;

impl Columns {
    /// Finds the columns of a kind of file in its header.
    pub(super) fn find(kind: Kind, header: &[String]) -> Result<Columns, String> {
        let (known, required) = match kind {
            Kind::Charts => (CHART_COLUMNS.as_slice(), CHART_REQUIRED),
            Kind::Custodians => (CUSTODIAN_COLUMNS.as_slice(), CUSTODIAN_REQUIRED),
        };
        let mut columns = Columns { found: Vec::new(), ignored: Vec::new() };
        for (place, title) in header.iter().enumerate() {
            let title = title.trim().to_lowercase().replace([' ', '-'], "_");
            match known.iter().find(|name| **name == title) {
                Some(name) if columns.place(name).is_some() => {
                    return Err(format!("the header names column `{name}` twice; keep one of them"));
                }
                Some(name) => columns.found.push((name, place)),
                None => columns.ignored.push(title),
            }
        }
        let missing: Vec<_> =
            known.iter().take(required).filter(|name| columns.place(name).is_none()).copied().collect();
        if !missing.is_empty() {
            return Err(format!(
                "the header lacks {}; the first line must name the columns: {}",
                missing.join(", "),
                known.join(",")
            ));
        }
        Ok(columns)
    }

    /// Columns of the file that mean nothing here.
    pub(super) fn ignored(&self) -> &[String] {
        &self.ignored
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.found.iter().find(|(found, _)| *found == name).map(|(_, place)| *place)
    }

    /// A field that must not be empty.
    pub(super) fn required(&self, line: &Line, name: &'static str) -> Result<String, String> {
        self.optional(line, name)?.ok_or_else(|| format!("{name} is empty; fill it in"))
    }

    /// A field that may be empty or absent.
    pub(super) fn optional(&self, line: &Line, name: &'static str) -> Result<Option<String>, String> {
        let text = self.place(name).and_then(|place| line.get(place)).map_or("", |field| field.trim());
        if text.is_empty() {
            return Ok(None);
        }
        if text.chars().count() > TEXT_CHARS_MAX {
            return Err(format!("{name} is longer than {TEXT_CHARS_MAX} characters; shorten it"));
        }
        if text.chars().any(|c| c.is_control() || is_direction_mark(c)) {
            return Err(format!("{name} has control characters in it; export the list again as plain text"));
        }
        if is_formula(name, text) {
            return Err(format!(
                "{name} begins like a spreadsheet formula; export the values instead of the formulas"
            ));
        }
        Ok(Some(text.to_owned()))
    }
}

fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `=`, `@`, `+` and `-` start a formula in common spreadsheets; a telephone number may start with `+`.
fn is_formula(name: &str, text: &str) -> bool {
    let phone = name == "phone" && text.chars().all(|c| c.is_ascii_digit() || " +-()/.x".contains(c));
    text.starts_with(['=', '@', '+', '-']) && !phone
}
