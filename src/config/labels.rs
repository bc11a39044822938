//! Label formats: the site's own, or those of the labels that Outguide prints.

use regex::bytes::RegexBuilder;

use super::fields::{At, Fields};
use super::keys::{LABEL, READING};
use super::problems::Problems;
use super::station::limit_tables;
use crate::label::{CheckScheme, FormatSpec, Formats, LabelKind, ReadOptions};

/// Longest pattern, in characters.
const PATTERN_CHARS_MAX: usize = 500;

/// Largest compiled pattern, in bytes.
const PATTERN_BYTES_MAX: usize = 1 << 20;

const KINDS: [(&str, LabelKind); 5] = [
    ("volume", LabelKind::Volume),
    ("custodian", LabelKind::Custodian),
    ("person", LabelKind::Person),
    ("request", LabelKind::Request),
    ("command", LabelKind::Command),
];

pub(super) const CHECKS: [(&str, CheckScheme); 9] = [
    ("none", CheckScheme::None),
    ("mod43", CheckScheme::Mod43),
    ("mod10", CheckScheme::Mod10),
    ("luhn", CheckScheme::Luhn),
    ("hl7-m10", CheckScheme::Hl7M10),
    ("hl7-m11", CheckScheme::Hl7M11),
    ("nhs", CheckScheme::Nhs),
    ("iso7064-mod37-36", CheckScheme::Iso7064Mod37_36),
    ("iso7064-mod97-10", CheckScheme::Iso7064Mod97_10),
];

/// The formats of Outguide's own labels, for a site that configures none: a letter for the kind, the number, and an
/// ISO 7064 mod 37,36 check character over both; the key is the whole text.
pub fn default_formats() -> Vec<FormatSpec> {
    let own = |kind, pattern: &str| FormatSpec {
        kind,
        pattern: pattern.to_owned(),
        check: CheckScheme::Iso7064Mod37_36,
        keep_check: true,
        aim: Vec::new(),
        gs1: None,
        hibc: None,
    };
    vec![
        own(LabelKind::Volume, "V[0-9]{1,9}[0-9A-Z]"),
        own(LabelKind::Custodian, "L[0-9A-Z]{1,20}[0-9A-Z]"),
        own(LabelKind::Person, "P[0-9A-Z]{1,20}[0-9A-Z]"),
        own(LabelKind::Request, "R[LNS]?[0-9]{1,12}[0-9A-Z]"),
        own(LabelKind::Command, "K[0-9A-Z]{1,20}[0-9A-Z]"),
    ]
}

/// The compiled formats; none if any is wrong.
pub(super) fn formats(top: &Fields<'_>, problems: &mut Problems<'_>) -> Option<Formats> {
    let options = options(top, problems);
    let tables = top.tables("label", &LABEL, problems);
    limit_tables(&tables, "label formats", problems);
    let told = problems.count();
    let specs = specs(&tables, problems)?;
    if problems.count() > told {
        // Compiling would say the same again in other words.
        return None;
    }
    match Formats::new(specs, options) {
        Ok(formats) => Some(formats),
        Err(error) => {
            let place = tables.get(error.index).map_or(top.place, |table| table.place);
            problems.add(place, error.why);
            None
        }
    }
}

pub(super) fn options(top: &Fields<'_>, problems: &mut Problems<'_>) -> ReadOptions {
    let reading = top.section("reading", &READING, problems);
    reading.refuse_unknown(problems);
    ReadOptions {
        fold_case: reading.flag("fold_case", problems).is_some_and(|given| given.value),
        full_ascii: reading.flag("full_ascii", problems).is_some_and(|given| given.value),
    }
}

/// The site's formats, or the default ones if it has none.
pub(super) fn specs(tables: &[Fields<'_>], problems: &mut Problems<'_>) -> Option<Vec<FormatSpec>> {
    if tables.is_empty() {
        return Some(default_formats());
    }
    // Collected first, so that one bad format does not hide the next.
    let read: Vec<Option<FormatSpec>> = tables.iter().map(|table| format(table, problems)).collect();
    read.into_iter().collect()
}

fn format(fields: &Fields<'_>, problems: &mut Problems<'_>) -> Option<FormatSpec> {
    fields.refuse_unknown(problems);
    let kind = fields.choice("kind", &KINDS, problems);
    let kind = fields.required("kind", kind, problems);
    let pattern = fields.text("pattern", problems);
    let pattern = fields.required("pattern", pattern, problems);
    let pattern = pattern.and_then(|given| pattern_text(given, problems));
    let check = fields.choice("check", &CHECKS, problems);
    let keep_check = fields.flag("keep_check", problems);
    let aim = aim(fields, problems);
    let gs1 = fields.text("gs1", problems);
    let hibc = fields.text("hibc", problems);
    if let (Some(_), Some(At { place, .. })) = (gs1, hibc) {
        problems.add(place, "a label is either GS1 or HIBC; remove `gs1` or `hibc`");
    }
    let gs1 = gs1.and_then(|given| application_identifier(given, problems));
    let hibc = hibc.and_then(|given| hibc_flags(given, problems));
    Some(FormatSpec {
        kind: kind?.value,
        pattern: pattern?,
        check: check.map_or(CheckScheme::None, |given| given.value),
        keep_check: keep_check.is_none_or(|given| given.value),
        aim,
        gs1,
        hibc,
    })
}

/// Compiled here once more, so that every bad pattern is reported and not only the first.
fn pattern_text(given: At<&str>, problems: &mut Problems<'_>) -> Option<String> {
    let At { place, value } = given;
    if value.is_empty() || value.chars().count() > PATTERN_CHARS_MAX {
        let what =
            format!("`pattern` must say what a label looks like; write 1 to {PATTERN_CHARS_MAX} characters");
        problems.add(place, what);
        return None;
    }
    match RegexBuilder::new(value).unicode(false).size_limit(PATTERN_BYTES_MAX).build() {
        Ok(_) => Some(value.to_owned()),
        Err(error) => {
            let text = error.to_string();
            let reason =
                text.lines().last().unwrap_or_default().trim_start_matches("error: ").trim_end_matches('.');
            let what =
                format!("`pattern` is no regular expression ({reason}); correct it, such as 'V[0-9]+'");
            problems.add(place, what);
            None
        }
    }
}

fn aim(fields: &Fields<'_>, problems: &mut Problems<'_>) -> Vec<String> {
    let given = fields.texts("aim", problems).map(|given| given.value).unwrap_or_default();
    let fits = |text: &str| {
        let mut letters = text.chars();
        let code = letters.next().is_some_and(|letter| letter.is_ascii_alphabetic());
        code && letters.next().is_none_or(|letter| letter.is_ascii_alphanumeric()) && letters.next().is_none()
    };
    let mut identifiers = Vec::new();
    for At { place, value } in given {
        if fits(value) {
            identifiers.push(value.to_owned());
        } else {
            let advice = "write the code letter, and the modifier if it matters, such as \"C\" or \"C0\"";
            problems.add(place, format!("`aim` {value:?} is no AIM identifier; {advice}"));
        }
    }
    identifiers
}

/// One identifier, or several joined by `+`.
fn application_identifier(given: At<&str>, problems: &mut Problems<'_>) -> Option<String> {
    let At { place, value } = given;
    let fits =
        |text: &str| (2..=4).contains(&text.len()) && text.bytes().all(|letter| letter.is_ascii_digit());
    if !value.split('+').all(fits) {
        let what =
            format!("`gs1` {value:?} is no application identifier; write 2 to 4 digits such as \"8018\"");
        problems.add(place, what);
        return None;
    }
    Some(value.to_owned())
}

fn hibc_flags(given: At<&str>, problems: &mut Problems<'_>) -> Option<String> {
    let At { place, value } = given;
    let fits = |letter: u8| letter.is_ascii_uppercase() || letter.is_ascii_digit();
    // A label that begins with 1 or 2 is one half of two.
    if !matches!(value.len(), 2 | 4 | 6) || !value.bytes().all(fits) || value.starts_with(['1', '2']) {
        let what = format!("`hibc` {value:?} is no where and what flag; write both together such as \"EA\"");
        problems.add(place, what);
        return None;
    }
    Some(value.to_owned())
}
