//! GS1 element strings and links: any text, and texts made of elements, whose values must come out or nothing.

use super::label::{sound, spec};
use crate::input::Input;
use outguide::label::{CheckScheme, FormatSpec, Formats, ReadOptions, Reading};
use std::sync::LazyLock;

/// What a file room asks for.
const ASKED: [&str; 5] = ["8018", "8017", "253", "8004", "414+254"];
/// Elements: the identifier, its digits with the check digit, how many letters may follow, whether the next element
/// needs no separator.
const ELEMENTS: [(&str, usize, usize, bool); 9] = [
    ("8018", 18, 0, false),
    ("8017", 18, 0, false),
    ("253", 13, 17, false),
    ("8004", 0, 30, false),
    ("414", 13, 0, true),
    ("254", 0, 20, false),
    ("01", 14, 0, true),
    ("10", 0, 20, false),
    ("99", 0, 30, false),
];

static FORMATS: LazyLock<Vec<Formats>> = LazyLock::new(|| {
    let asked = |ai: &str| FormatSpec { gs1: Some(ai.to_owned()), ..spec(".+") };
    ASKED.iter().map(|ai| Formats::new(vec![asked(ai)], ReadOptions::default()).unwrap()).collect()
});

pub(crate) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    match input.below(3) {
        0 => any_text(&mut input),
        _ => elements(&mut input),
    }
}

fn key(formats: &Formats, frame: &[u8]) -> Option<String> {
    let decoded = formats.read(frame);
    match decoded.reading {
        Reading::Label(label) => {
            sound(&label.key, decoded.text.len());
            Some(label.key)
        }
        Reading::Foreign(_) | Reading::Damaged(_) | Reading::Unknown => None,
    }
}

/// Any text: a key of fixed length has it, and its check digit is right.
fn any_text(input: &mut Input<'_>) {
    let beginning: &[u8] = input.one_of([
        b"",
        b"]C1",
        b"]d2",
        b"]Q3",
        b"]e0",
        b"]Q1",
        b"\x1d",
        b"(8018)",
        b"https://id.gs1.org/8018/",
        b"https://a.example/01/",
    ]);
    let frame = [beginning, input.rest()].concat();
    for (asked, formats) in ASKED.iter().zip(FORMATS.iter()) {
        let Some(key) = key(formats, &frame) else { continue };
        let digits = match *asked {
            "8018" | "8017" => key.get(..18).filter(|_| key.len() == 18),
            "253" | "414+254" => key.get(..13),
            _ => continue,
        };
        assert!(digits.is_some_and(|digits| CheckScheme::Mod10.verify(digits)), "{asked} {key:?} {frame:?}");
    }
}

/// Elements as the standard wants them: the asked one comes out, or the text is refused; never another value.
fn elements(input: &mut Input<'_>) {
    let is_in_brackets = input.byte() & 1 == 1;
    let mut text = if is_in_brackets { String::new() } else { "]C1".to_owned() };
    let mut values: Vec<(&str, String)> = Vec::new();
    let count = 1 + input.below(4);
    for number in 1..=count {
        let (ai, digits, rest, is_predefined) = input.one_of(ELEMENTS);
        let value = value(input, digits, rest);
        if is_in_brackets {
            text += &format!("({ai}){value}");
        } else {
            text += ai;
            text += &value;
            if !is_predefined && number < count {
                text.push('\u{1d}');
            }
        }
        values.push((ai, value));
    }
    // Each once, and none so free that another could hide in it: then there is nothing to refuse. A product is.
    let is_plain = values.iter().all(|(ai, _)| {
        *ai != "01"
            && of(&values, ai).len() == 1
            && ELEMENTS.iter().any(|(one, _, rest, _)| one == ai && *rest == 0)
    });
    for (asked, formats) in ASKED.iter().zip(FORMATS.iter()) {
        let may_be: Vec<String> = match asked.split_once('+') {
            None => of(&values, asked),
            Some((first, second)) => {
                let seconds = of(&values, second);
                let firsts = of(&values, first);
                firsts
                    .iter()
                    .flat_map(|first| seconds.iter().map(move |second| format!("{first}{second}")))
                    .collect()
            }
        };
        let key = key(formats, text.as_bytes());
        if let Some(key) = &key {
            assert!(may_be.contains(key), "{key:?} is not the {asked} of {text:?}");
        } else if is_plain && !asked.contains('+') {
            assert_eq!(may_be, [""; 0], "the {asked} of {text:?} was refused");
        }
    }
}

/// The values of an identifier.
fn of(values: &[(&str, String)], wanted: &str) -> Vec<String> {
    values.iter().filter(|(ai, _)| *ai == wanted).map(|(_, value)| value.clone()).collect()
}

/// Digits with a right check digit, and letters after them.
fn value(input: &mut Input<'_>, digits: usize, rest: usize) -> String {
    let mut value: String = (1..digits).map(|_| char::from(b'0' + input.byte() % 10)).collect();
    value.extend(CheckScheme::Mod10.compute(&value));
    if rest > 0 {
        value += &input.code(rest);
    }
    value
}
