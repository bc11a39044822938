//! GS1 Digital Links: web addresses that carry element strings (GS1 Digital Link Standard: URI Syntax, its grammar).
//!
//! The path ends in a primary key and its qualifiers, `/414/9506000134376/254/ROOM-12`; further elements may stand in
//! the query, `?90=A`. Whatever is not exactly that is an ordinary web address. Compressed links are not read.

use super::{Element, Fault, agreed, element, table};

/// Keys that a path may begin with, each with the qualifiers that may follow, in their order.
const KEYS: &[(&str, &[&str])] = &[
    ("00", &[]),
    ("01", &["22", "10", "21"]),
    ("01", &["235"]),
    ("253", &[]),
    ("255", &[]),
    ("401", &[]),
    ("402", &[]),
    ("414", &["254"]),
    ("414", &["7040"]),
    ("415", &["8020"]),
    ("417", &["7040"]),
    ("8003", &[]),
    ("8004", &["7040"]),
    ("8006", &["22", "10", "21"]),
    ("8010", &["8011"]),
    ("8013", &[]),
    ("8017", &["8019"]),
    ("8018", &["8019"]),
];

/// Digits of a trade item number; shorter ones may stand in a link without their leading zeros.
const ITEM_DIGITS: usize = 14;

/// Reads a Digital Link; nothing if the text is none, a fault if its check digit is wrong or it contradicts itself.
pub(super) fn parse(text: &str) -> Option<Result<Vec<Element>, Fault>> {
    match elements(text).and_then(agreed) {
        Err(Fault::Malformed) => None,
        read => Some(read),
    }
}

fn elements(text: &str) -> Result<Vec<Element>, Fault> {
    let (path, query) = parts(text).ok_or(Fault::Malformed)?;
    let segments: Vec<&str> = path.split('/').collect();
    let mut elements = Vec::new();
    for (ai, value) in pairs(&segments).ok_or(Fault::Malformed)? {
        elements.push(linked(ai, &decoded(value).ok_or(Fault::Malformed)?)?);
    }
    for (ai, value) in query.split(['&', ';']).filter_map(|parameter| parameter.split_once('=')) {
        // Names are for the web server; numbers can only be application identifiers.
        if !ai.is_empty() && table::Characters::Digits.hold(ai) {
            // In a query, and only there, a plus sign stands for a space, which no value has.
            let value = Some(value).filter(|value| !value.contains('+')).and_then(decoded);
            elements.push(linked(ai, &value.ok_or(Fault::Malformed)?)?);
        }
    }
    Ok(elements)
}

/// Takes scheme, host and fragment off; path and query remain.
fn parts(text: &str) -> Option<(&str, &str)> {
    let after = ["https://", "http://"].iter().find_map(|scheme| {
        let (start, after) = text.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some(after)
    })?;
    let address = after.split_once('#').map_or(after, |(address, _)| address);
    let (place, query) = address.split_once('?').unwrap_or((address, ""));
    let (host, path) = place.split_once('/')?;
    let is_host =
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte));
    is_host.then_some((path, query))
}

/// Finds the pairs of identifier and value at the end of a path: from the last primary key on, and only if what follows
/// it are its qualifiers. What stands before belongs to the web server.
fn pairs<'a>(segments: &[&'a str]) -> Option<Vec<(&'a str, &'a str)>> {
    let mut pairs = Vec::new();
    for pair in segments.rchunks_exact(2) {
        let [ai, value] = pair else { return None };
        pairs.push((*ai, *value));
        if KEYS.iter().any(|(key, _)| key == ai) {
            pairs.reverse();
            return is_in_order(&pairs).then_some(pairs);
        }
    }
    None
}

fn is_in_order(pairs: &[(&str, &str)]) -> bool {
    let Some(((key, _), qualifiers)) = pairs.split_first() else { return false };
    KEYS.iter().filter(|(known, _)| known == key).any(|(_, order)| {
        let mut order = order.iter();
        qualifiers.iter().all(|(ai, _)| order.any(|next| next == ai))
    })
}

fn linked(ai: &str, value: &str) -> Result<Element, Fault> {
    let shape = table::shape(ai).ok_or(Fault::Malformed)?;
    let is_short = ai == "01" && matches!(value.len(), 8 | 12 | 13);
    let value = if is_short { format!("{value:0>ITEM_DIGITS$}") } else { value.to_owned() };
    match element(ai, shape, &value) {
        // Separators cannot be lost where there are none: it is just too long.
        Err(Fault::Ambiguous) => Err(Fault::Malformed),
        // The day of a news page looks like a short number too.
        Err(Fault::CheckWrong) if is_short => Err(Fault::Malformed),
        read => read,
    }
}

/// Decodes `%2F` and the like, one byte to one character: no value has others than ASCII; nothing if the coding is wrong.
fn decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut decoded = parts.next()?.to_owned();
    for part in parts {
        let (code, rest) = part.split_at_checked(2)?;
        let is_code = code.bytes().all(|byte| byte.is_ascii_hexdigit());
        let byte = u8::from_str_radix(code, 16).ok().filter(|_| is_code)?;
        decoded.push(char::from(byte));
        decoded.push_str(rest);
    }
    Some(decoded)
}
