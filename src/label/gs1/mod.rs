//! GS1 element strings: application identifier, value, separator (FNC1, sent as GS); also as a web address.
//!
//! Invariant: what could be read in two ways is refused, never guessed; a chart booked to the wrong place costs more
//! than a second scan. What cannot be seen: a value of free length that swallowed another one, when no check digit tells.

mod link;
mod table;

use super::aim::Aim;
use super::format::CheckScheme;

/// FNC1 as scanners send it.
const SEPARATOR: char = '\u{1d}';

/// Keys of a file room with a check digit: found inside a value, they tell of a lost separator. The price is that a
/// value of digits alone is refused by chance: of 20 random ones 1 in 1,100, of 30 ones 1 in 330, of 16 none; with
/// identifiers of two digits it would be many more.
const TELLING: [&str; 5] = ["253", "414", "8003", "8017", "8018"];

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
    /// A separator seems to be lost, so that a value may have swallowed the next element; or one identifier has two
    /// values.
    Ambiguous,
}

/// Says whether an application identifier exists.
pub(super) fn is_known(ai: &str) -> bool {
    table::shape(ai).is_some()
}

/// Reads a text as GS1, if its symbology says so or it announces itself: by a leading separator, an identifier in
/// brackets, the form of a Digital Link; where no symbology is known, also by separators inside.
pub(super) fn read(aim: Option<Aim>, text: &str) -> Option<Result<Vec<Element>, Fault>> {
    let announces_itself = text.starts_with(SEPARATOR) || bracketed_identifier(text).is_some();
    match aim {
        Some(aim) if aim.is_gs1() => Some(parse(text)),
        Some(aim) if aim.is_product() => None,
        Some(_) | None if announces_itself => Some(parse(text)),
        None if text.contains(SEPARATOR) => Some(parse(text)).filter(|read| *read != Err(Fault::Malformed)),
        Some(_) | None => link::parse(text),
    }
}

/// Reads a text that nothing announces as GS1, for a format that asks for some identifiers: taken only if each element
/// is of fixed length and has a right check digit.
///
/// `None` if the text is nothing of the kind; [`Fault::Ambiguous`] if it might be, but nobody can tell.
pub(super) fn parse_unannounced(text: &str, wanted: &[String]) -> Option<Result<Vec<Element>, Fault>> {
    let elements = match parse(text) {
        Ok(elements) => elements,
        Err(Fault::Ambiguous) => {
            let (ai, ..) = table::split(text)?;
            return wanted.iter().any(|wanted| wanted == ai).then_some(Err(Fault::Ambiguous));
        }
        Err(Fault::Malformed | Fault::CheckWrong) => return None,
    };
    let has = |ai: &String| elements.iter().any(|element| element.ai == *ai);
    let is_certain = |element: &Element| {
        table::shape(&element.ai).is_some_and(|shape| shape.is_fixed() && shape.checked > 0)
    };
    if !wanted.iter().all(has) {
        return None;
    }
    Some(if elements.iter().all(is_certain) { Ok(elements) } else { Err(Fault::Ambiguous) })
}

/// Reads element strings, separated or with their identifiers in brackets.
fn parse(text: &str) -> Result<Vec<Element>, Fault> {
    let text = text.trim_matches(SEPARATOR);
    let is_bracketed = bracketed_identifier(text).is_some();
    agreed(if is_bracketed { parse_bracketed(text) } else { parse_separated(text) }?)
}

/// Refuses two values for one identifier, which no item can have (GS1 General Specifications, data relationships).
fn agreed(elements: Vec<Element>) -> Result<Vec<Element>, Fault> {
    let contradicts = |element: &Element| {
        elements.iter().any(|other| other.ai == element.ai && other.value != element.value)
    };
    if elements.iter().any(contradicts) { Err(Fault::Ambiguous) } else { Ok(elements) }
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
        elements.push(element(ai, shape, value.trim_matches([SEPARATOR, ' ']))?);
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
            if !shape.is_fixed() && hides_element(shape, value) {
                return Err(Fault::Ambiguous);
            }
            elements.push(element(ai, shape, value)?);
            part = next;
        }
    }
    if elements.is_empty() { Err(Fault::Malformed) } else { Ok(elements) }
}

/// Says whether a value of free length holds another key with a right check digit: its separator was lost on the way.
fn hides_element(shape: table::Shape, value: &str) -> bool {
    (shape.digits.max(1)..value.len())
        .filter_map(|start| table::split(value.get(start..)?))
        .filter(|(ai, ..)| TELLING.contains(ai))
        .any(|(_, hidden, after)| {
            after
                .get(..hidden.checked)
                .is_some_and(|number| is_digits(number) && CheckScheme::Mod10.verify(number))
        })
}

fn element(ai: &str, shape: table::Shape, value: &str) -> Result<Element, Fault> {
    let (digits, rest) = value.split_at_checked(shape.digits).ok_or(Fault::Malformed)?;
    if shape.is_fixed() && !shape.is_predefined() && !rest.is_empty() && is_digits(digits) {
        // Fixed in length and yet too long: what follows lacks its separator.
        return Err(Fault::Ambiguous);
    }
    if value.is_empty() || !is_digits(digits) || rest.len() > shape.rest_max || !shape.rest.hold(rest) {
        return Err(Fault::Malformed);
    }
    let checked = digits.get(..shape.checked).unwrap_or_default();
    if !checked.is_empty() && !CheckScheme::Mod10.verify(checked) {
        return Err(Fault::CheckWrong);
    }
    Ok(Element { ai: ai.to_owned(), value: value.to_owned() })
}

fn is_digits(text: &str) -> bool {
    table::Characters::Digits.hold(text)
}

#[cfg(test)]
mod tests;
