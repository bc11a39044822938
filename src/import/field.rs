//! What a field of a list may hold, as spreadsheets write it.

use super::names::Field;
use std::borrow::Cow;

/// Longest label, code or name, in characters.
const TEXT_CHARS_MAX: usize = 200;

/// What a spreadsheet shows where it could not calculate a value, in English and German.
const SHEET_ERRORS: [&str; 12] = [
    "#N/A", "#NAME?", "#REF!", "#VALUE!", "#DIV/0!", "#NUM!", "#NULL!", "#NV", "#BEZUG!", "#WERT!", "#ZAHL!",
    "#LEER!",
];

/// The text of a field without blanks around it; `None` if nothing is left.
///
/// No-break spaces are blanks, and `="00123"`, by which spreadsheets keep zeros, is the text between the quotes.
pub(super) fn text(field: Field, raw: &str) -> Result<Option<Cow<'_, str>>, String> {
    let text = trim(kept_as_text(trim(raw)));
    if text.is_empty() {
        return Ok(None);
    }
    let name = field.name();
    if text.len() > TEXT_CHARS_MAX && text.chars().count() > TEXT_CHARS_MAX {
        return Err(format!("{name} is longer than {TEXT_CHARS_MAX} characters; shorten it"));
    }
    if is_plain(text) {
        return refuse_shortened(name, text).map(|()| Some(Cow::Borrowed(text)));
    }
    if text.chars().any(|c| c.is_control() || is_direction_mark(c)) {
        return Err(format!("{name} has control characters in it; export the list again as plain text"));
    }
    if text.contains('\u{fffd}') {
        return Err(format!(
            "{name} has a character that the encoding does not know; name the right one with --encoding"
        ));
    }
    if is_formula(field, text) {
        return Err(format!(
            "{name} begins like a spreadsheet formula; export the values instead of the formulas"
        ));
    }
    if SHEET_ERRORS.contains(&text) || (text.len() > 1 && text.chars().all(|c| c == '#')) {
        return Err(format!(
            "{name} holds {text}, which a spreadsheet shows instead of a value; correct it there"
        ));
    }
    refuse_shortened(name, text)?;
    Ok(Some(if text.contains('\u{a0}') {
        Cow::Owned(text.replace('\u{a0}', " "))
    } else {
        Cow::Borrowed(text)
    }))
}

/// Letters, digits and what is harmless between them: most fields, and none of the checks can find anything in them.
fn is_plain(text: &str) -> bool {
    text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" ,.-/'()".contains(&byte))
}

fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200b}' | '\u{feff}'))
}

fn kept_as_text(text: &str) -> &str {
    let inner = text.strip_prefix("=\"").and_then(|text| text.strip_suffix('"'));
    inner.filter(|inner| !inner.contains('"')).unwrap_or(text)
}

fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `=`, `@`, `+` and `-` start a formula in common spreadsheets; a telephone number may start with `+`, and a lone `-`
/// says that there is none.
fn is_formula(field: Field, text: &str) -> bool {
    let phone = field == Field::Phone && text.chars().all(|c| c.is_ascii_digit() || " +-()/.x".contains(c));
    text.starts_with(['=', '@', '+', '-']) && !phone && text != "-"
}

/// `1.23E+05`: what a spreadsheet makes of a long number, whose last digits are lost.
fn refuse_shortened(name: &str, text: &str) -> Result<(), String> {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return Ok(()) };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_mantissa = match mantissa.split_once(['.', ',']) {
        Some((whole, rest)) => digits(whole) && digits(rest),
        None => digits(mantissa),
    };
    if is_mantissa && exponent.strip_prefix(['+', '-']).is_some_and(digits) {
        return Err(format!(
            "{name} holds {text}: the spreadsheet shortened a number and its digits are lost; format the column as text \
             and export again"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(field: Field, raw: &str, expect: Result<Option<&str>, &str>) {
        match (text(field, raw), expect) {
            (Ok(found), Ok(expect)) => assert_eq!(found.as_deref(), expect, "{raw:?}"),
            (Err(found), Err(expect)) => assert!(found.contains(expect), "{raw:?}: {found}"),
            (found, expect) => panic!("{raw:?}: {found:?}, not {expect:?}"),
        }
    }

    #[test]
    fn fields_as_spreadsheets_write_them() {
        for (raw, expect) in [
            ("", None),
            (" \u{a0}\u{202f}\u{feff}\u{200b}\t", None),
            ("=\"\"", None),
            (" 12-34 ", Some("12-34")),
            ("\u{a0}12\u{a0}34\u{a0}", Some("12 34")),
            ("=\"00123\"", Some("00123")),
            (" =\" 00123 \" ", Some("00123")),
            ("O'Neil, Zoë (née Müller)", Some("O'Neil, Zoë (née Müller)")),
            ("1E5", Some("1E5")),
            ("E+05", Some("E+05")),
            ("12E+A", Some("12E+A")),
            ("-", Some("-")),
            ("#12", Some("#12")),
        ] {
            check(Field::Name, raw, Ok(expect));
        }
        check(Field::Phone, "+49 (30) 1234", Ok(Some("+49 (30) 1234")));
    }

    #[test]
    fn what_no_list_should_hold() {
        for (raw, expect) in [
            ("1.23E+05", "digits are lost"),
            ("1,23456E+11", "digits are lost"),
            ("5e-7", "digits are lost"),
            ("=A1+1", "like a spreadsheet formula"),
            ("=\"a\"&\"b\"", "like a spreadsheet formula"),
            ("+49", "like a spreadsheet formula"),
            ("@x", "like a spreadsheet formula"),
            ("a\u{0}b", "control characters"),
            ("a\nb", "control characters"),
            ("a\u{202e}b", "control characters"),
            ("M\u{fffd}ller", "the encoding does not know"),
            ("#REF!", "instead of a value"),
            ("########", "instead of a value"),
        ] {
            check(Field::Name, raw, Err(expect));
        }
        check(Field::Name, &"ä".repeat(200), Ok(Some(&"ä".repeat(200))));
        check(Field::Name, &"ä".repeat(201), Err("longer than 200"));
    }
}
