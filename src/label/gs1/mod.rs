//! GS1 element strings: application identifier, value, separator (FNC1, sent as GS).
//!
//! Invariant: what could be read in two ways is refused, never guessed; a chart booked to the wrong place costs more
//! than a second scan.

mod table;

use super::format::CheckScheme;

/// FNC1 as scanners send it.
const SEPARATOR: char = '\u{1d}';

/// One application identifier and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Element {
    /// Application identifier, such as `8018`.
    pub(super) ai: String,
    /// Value, check digit included.
    pub(super) value: String,
}

/// Why element strings were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Unknown identifier, wrong length or wrong characters.
    Malformed,
    /// A check digit is wrong.
    CheckWrong,
    /// A separator seems to be lost, so that a value may have swallowed the next element.
    Ambiguous,
}

/// Says whether an application identifier exists.
pub(super) fn is_known(ai: &str) -> bool {
    table::shape(ai).is_some()
}

/// Says whether a text announces itself as GS1: by a leading separator or by an identifier in brackets.
pub(super) fn is_announced(text: &str) -> bool {
    text.starts_with(SEPARATOR) || bracketed_identifier(text).is_some()
}

/// Reads element strings, separated or with their identifiers in brackets.
pub(super) fn parse(text: &str) -> Result<Vec<Element>, Fault> {
    let text = text.trim_matches(SEPARATOR);
    if bracketed_identifier(text).is_some() { parse_bracketed(text) } else { parse_separated(text) }
}

/// Reads a text that nothing announces as GS1: only one element of fixed length with a right check digit is taken.
///
/// `None` if the text is nothing of the kind; [`Fault::Ambiguous`] if it might be, but nobody can tell.
pub(super) fn parse_unannounced(text: &str, wanted: &str) -> Option<Result<Element, Fault>> {
    let (ai, shape, value) = table::split(text).filter(|(ai, ..)| *ai == wanted)?;
    let element = element(ai, shape, value).ok()?;
    Some(if shape.is_fixed() && shape.checked > 0 { Ok(element) } else { Err(Fault::Ambiguous) })
}

fn bracketed_identifier(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix('(')?.split_once(')').filter(|(ai, _)| is_known(ai))
}

fn parse_bracketed(text: &str) -> Result<Vec<Element>, Fault> {
    let mut elements = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (ai, after) = bracketed_identifier(rest).ok_or(Fault::Malformed)?;
        let end = after.find('(').unwrap_or(after.len());
        let (value, next) = after.split_at_checked(end).ok_or(Fault::Malformed)?;
        let shape = table::shape(ai).ok_or(Fault::Malformed)?;
        elements.push(element(ai, shape, value.trim_end_matches([SEPARATOR, ' ']))?);
        rest = next;
    }
    Ok(elements)
}

fn parse_separated(text: &str) -> Result<Vec<Element>, Fault> {
    let mut elements = Vec::new();
    for mut part in text.split(SEPARATOR).filter(|part| !part.is_empty()) {
        while !part.is_empty() {
            let (ai, shape, after) = table::split(part).ok_or(Fault::Malformed)?;
            let end = if shape.is_predefined() { shape.digits } else { after.len() };
            let (value, next) = after.split_at_checked(end).ok_or(Fault::Malformed)?;
            if !shape.is_fixed() && hides_element(value) {
                return Err(Fault::Ambiguous);
            }
            elements.push(element(ai, shape, value)?);
            part = next;
        }
    }
    if elements.is_empty() { Err(Fault::Malformed) } else { Ok(elements) }
}

/// Says whether a value of free length ends in a whole service relation number: its separator was lost on the way.
fn hides_element(value: &str) -> bool {
    let tail = value.len().checked_sub("8018".len() + 18).and_then(|start| value.get(start..));
    tail.and_then(table::split).is_some_and(|(ai, shape, number)| {
        matches!(ai, "8017" | "8018") && element(ai, shape, number).is_ok()
    })
}

fn element(ai: &str, shape: table::Shape, value: &str) -> Result<Element, Fault> {
    let (digits, rest) = value.split_at_checked(shape.digits).ok_or(Fault::Malformed)?;
    if shape.is_fixed() && !shape.is_predefined() && !rest.is_empty() && is_digits(digits) {
        // Fixed in length and yet too long: what follows lacks its separator.
        return Err(Fault::Ambiguous);
    }
    let rest_is_right = rest.len() <= shape.rest_max
        && if shape.rest_is_digits {
            is_digits(rest)
        } else {
            rest.bytes().all(|byte| byte.is_ascii_graphic())
        };
    if value.is_empty() || !is_digits(digits) || !rest_is_right {
        return Err(Fault::Malformed);
    }
    let checked = digits.get(..shape.checked).unwrap_or_default();
    if !checked.is_empty() && !CheckScheme::Mod10.verify(checked) {
        return Err(Fault::CheckWrong);
    }
    Ok(Element { ai: ai.to_owned(), value: value.to_owned() })
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        let found = match parse(&text.replace('~', "\u{1d}")) {
            Ok(elements) => {
                elements.iter().map(|e| format!("{}={}", e.ai, e.value)).collect::<Vec<_>>().join(" ")
            }
            Err(fault) => format!("{fault:?}"),
        };
        assert_eq!(found, expect, "{text}");
    }

    #[test]
    fn reads_element_strings() {
        check("8018950123456789012341", "8018=950123456789012341");
        check("8018950123456789012341~80191", "8018=950123456789012341 8019=1");
        check("~8018950123456789012341~", "8018=950123456789012341");
        check("8017950123456789012341~~", "8017=950123456789012341");
        check("800309501101531000MR000123", "8003=09501101531000MR000123");
        check("800495011015MR000123", "8004=95011015MR000123");
        check("4149506000134376254ROOM-12", "414=9506000134376 254=ROOM-12");
        check("4149506000134376~254ROOM-12", "414=9506000134376 254=ROOM-12");
        check("2539506000134352CHART0001", "253=9506000134352CHART0001");
        check("010950110153000310LOT7~17270101", "01=09501101530003 10=LOT7 17=270101");
        check("240A/B~91anything", "240=A/B 91=anything");
    }

    #[test]
    fn reads_identifiers_in_brackets() {
        check("(8018)950123456789012341", "8018=950123456789012341");
        check("(414)9506000134376(254)ROOM-12", "414=9506000134376 254=ROOM-12");
        check("(10)LOT (17)270101", "10=LOT 17=270101");
        check("(8018)950123456789012342", "CheckWrong");
        check("(10)A(B)C", "Malformed");
        check("(414)9506000134376254ROOM", "Malformed");
    }

    #[test]
    fn refuses_what_is_wrong() {
        check("8018950123456789012342", "CheckWrong");
        check("253950600013435XCHART", "Malformed");
        check("2539506000134353CHART0001", "CheckWrong");
        check("801895012345678901234", "Malformed");
        check("0109501101530003X", "Malformed");
        check("CHART0001", "Malformed");
        check("8004", "Malformed");
        check("80041234567890123456789012345678901", "Malformed");
        check("8004A B", "Malformed");
        check("", "Malformed");
        check("~", "Malformed");
    }

    #[test]
    fn refuses_what_lost_its_separator() {
        check("801895012345678901234180191", "Ambiguous");
        check("254ROOM8018950123456789012341", "Ambiguous");
        check("8004MR0001238018950123456789012341", "Ambiguous");
    }

    #[test]
    fn takes_only_certain_elements_that_nothing_announces() {
        let read =
            |text, wanted| parse_unannounced(text, wanted).map(|read| read.map(|element| element.value));
        assert_eq!(read("8018950123456789012341", "8018"), Some(Ok("950123456789012341".to_owned())));
        assert_eq!(read("8018950123456789012342", "8018"), None);
        assert_eq!(read("8018950123456789012341", "8017"), None);
        assert_eq!(read("8004MR000123", "8004"), Some(Err(Fault::Ambiguous)));
        assert_eq!(read("CHART0001", "8018"), None);
    }
}
