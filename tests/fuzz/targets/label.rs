//! The label reader: any frame, several sets of formats.

use crate::input::Input;
use outguide::decode::decode;
use outguide::label::{Aim, CheckScheme, FormatSpec, Formats, LabelKind, ReadOptions, Reading, visible};
use outguide::scanner::frame::{FrameSettings, Framing};
use std::sync::LazyLock;
use std::time::Duration;

pub(crate) fn spec(pattern: &str) -> FormatSpec {
    FormatSpec {
        kind: LabelKind::Volume,
        pattern: pattern.to_owned(),
        check: CheckScheme::None,
        keep_check: true,
        aim: Vec::new(),
        gs1: None,
        hibc: None,
    }
}

/// A set of formats, with what was compiled.
struct Set {
    specs: Vec<FormatSpec>,
    options: ReadOptions,
    formats: Formats,
}

fn set(specs: Vec<FormatSpec>, options: ReadOptions) -> Set {
    let formats = Formats::new(specs.clone(), options).unwrap();
    Set { specs, options, formats }
}

/// Compiled once: that takes longer than reading.
static SETS: LazyLock<[Set; 4]> = LazyLock::new(|| {
    let checked = |check, pattern: &str| FormatSpec { check, ..spec(pattern) };
    // Like Outguide's own labels.
    let own = vec![
        checked(CheckScheme::Iso7064Mod37_36, "V[0-9]{1,9}[0-9A-Z]"),
        FormatSpec { kind: LabelKind::Custodian, ..checked(CheckScheme::Iso7064Mod37_36, "L[0-9A-Z]{2,21}") },
    ];
    let every_scheme = vec![
        checked(CheckScheme::Mod43, "[A-Z0-9 .$/+%*-]{2,}"),
        checked(CheckScheme::Mod10, "X(?P<key>[0-9]+)"),
        checked(CheckScheme::Luhn, "L(?P<key>[0-9]+)"),
        checked(CheckScheme::Hl7M10, "a(?P<key>[0-9]+)"),
        checked(CheckScheme::Hl7M11, "b(?P<key>[0-9]+)"),
        checked(CheckScheme::Iso7064Mod37_36, "c(?P<key>.+)"),
        FormatSpec { keep_check: false, ..checked(CheckScheme::Mod43, "d(?P<key>.+)") },
    ];
    let by_symbology = vec![
        FormatSpec { aim: vec!["A".to_owned(), "C0".to_owned()], ..checked(CheckScheme::Mod43, "M.*") },
        FormatSpec { aim: vec!["E".to_owned()], ..spec("[0-9]{8,13}") },
        FormatSpec { hibc: Some("BC".to_owned()), ..spec(".+") },
        // Cuts characters of more than one byte in half, which must not become a key.
        spec("C.(?P<key>.)(?s-u:.*)"),
    ];
    let everything = vec![FormatSpec { kind: LabelKind::Custodian, ..spec("(?s-u:.+)") }];
    let loose = ReadOptions { fold_case: true, full_ascii: true };
    [
        set(own, ReadOptions::default()),
        set(every_scheme, ReadOptions::default()),
        set(by_symbology, loose),
        set(everything, loose),
    ]
});

pub(crate) fn run(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let set = &SETS[input.below(4)];
    let frame = input.rest();
    let decoded = set.formats.read(frame);
    assert_eq!(set.formats.read(frame), decoded, "read twice, read alike");
    let (aim, data) = Aim::split(frame);
    assert_eq!(aim, decoded.aim);
    let id = aim.map(|aim| aim.to_string()).unwrap_or_default();
    assert_eq!([id.as_bytes(), data].concat(), frame, "nothing is lost by splitting");
    // Latin-1 makes two bytes of one at most.
    assert!(decoded.text.len() <= 2 * data.len(), "{decoded:?}");
    match &decoded.reading {
        Reading::Label(label) => {
            sound(&label.key, decoded.text.len());
            let spec = &set.specs[label.format];
            assert_eq!(label.kind, spec.kind);
            let is_as_scanned = !set.options.fold_case && !set.options.full_ascii;
            if spec.keep_check && is_as_scanned {
                assert!(spec.check.verify(&label.key), "a wrong check character passed: {label:?}");
            }
            if is_as_scanned && !decoded.text.contains(&label.key) {
                // The check character of a Code 39 whose scanner took it off.
                let shown = &label.key[..label.key.len() - 1];
                assert!(
                    aim.is_some_and(Aim::has_stripped_check) && decoded.text.contains(shown),
                    "{decoded:?}"
                );
            }
        }
        other => assert!(other.sentence().is_some_and(|words| !words.is_empty()), "{decoded:?}"),
    }
    explained(&set.formats, frame);
}

/// A key can be looked up and shown.
pub(crate) fn sound(key: &str, text_bytes: usize) {
    assert!(!key.is_empty() && !key.chars().any(char::is_control), "{key:?}");
    assert!(key.len() <= text_bytes + 1, "{key:?} is longer than what was scanned");
}

/// What an administrator is told of a frame is whole, and cannot act.
fn explained(formats: &Formats, frame: &[u8]) {
    let settings = FrameSettings {
        framing: Framing::Timeout,
        prefix: Vec::new(),
        frame_bytes_max: 512,
        gap: Duration::from_millis(100),
        total: Duration::from_secs(3),
    };
    for decoded in decode(settings, formats, frame) {
        assert!(!decoded.outcome.is_empty() && !decoded.why.is_empty(), "{decoded:?}");
    }
    let acts = |character: char| {
        character.is_control()
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    assert!(!visible(frame).chars().any(acts), "{}", visible(frame));
}
