//! The site's formats, tried in order on a frame.

use super::foreign::{self, Foreign};
use super::format::{FormatError, FormatSpec, ReadOptions};
use super::hibc::Hibc;
use super::matching::{Format, Match};
use super::reading::{Damage, Decoded, Label, Reading};
use super::symbol::Symbol;
use super::{Aim, text};

/// Compiled formats, in order: the first match wins.
#[derive(Debug, Clone)]
pub struct Formats {
    formats: Vec<Format>,
    options: ReadOptions,
}

impl Formats {
    /// Compiles formats.
    ///
    /// # Errors
    /// A pattern that is no regular expression, an unknown AIM identifier or AI.
    pub fn new(specs: Vec<FormatSpec>, options: ReadOptions) -> Result<Formats, FormatError> {
        let compiled = specs
            .into_iter()
            .enumerate()
            .map(|(index, spec)| Format::new(spec).map_err(|why| FormatError { index, why }));
        Ok(Formats { formats: compiled.collect::<Result<_, _>>()?, options })
    }

    /// Whether a typing mistake in this label would have been noticed: its format has a check character.
    pub fn is_checked(&self, label: &Label) -> bool {
        self.formats.get(label.format).is_some_and(Format::is_checked)
    }

    /// Reads one frame.
    pub fn read(&self, frame: &[u8]) -> Decoded {
        let (aim, data) = Aim::split(frame);
        let has_eci = aim.is_some_and(Aim::has_eci);
        let (text, encoding) = if has_eci { text::decode_eci(data) } else { text::decode(data) };
        let reading = self.judge(aim, &text);
        Decoded { aim, text, encoding, reading }
    }

    fn judge(&self, aim: Option<Aim>, scanned: &str) -> Reading {
        // Separators alone are nothing either: pieces of a code with several lines.
        if scanned.chars().all(char::is_control) {
            return Reading::Damaged(Damage::Empty);
        }
        let symbol = Symbol::new(aim, scanned, self.options);
        let mut damage = None;
        for (index, format) in self.formats.iter().enumerate() {
            match format.try_on(&symbol) {
                Match::Key(key) => return Reading::Label(Label { kind: format.kind, key, format: index }),
                Match::Damaged(found) => damage = damage.or(Some(found)),
                Match::No => {}
            }
        }
        damage.map_or_else(|| unmatched(&symbol), Reading::Damaged)
    }
}

/// Explains a symbol that no format took.
fn unmatched(symbol: &Symbol) -> Reading {
    if matches!(symbol.raw.as_str(), "NOREAD" | "NO READ" | "NoRead") {
        return Reading::Damaged(Damage::NoRead);
    }
    match &symbol.gs1 {
        Some(Ok(elements)) => return Reading::Foreign(foreign::of_gs1(elements)),
        // A retail DataBar or a stray bracket is foreign before it is damaged.
        Some(Err(fault)) => {
            return foreign::of_text(symbol.aim, &symbol.raw)
                .map_or(Reading::Damaged((*fault).into()), Reading::Foreign);
        }
        None => {}
    }
    match &symbol.hibc {
        Some(Hibc::Supplier) => return Reading::Foreign(Foreign::HibcProduct),
        Some(Hibc::Provider(_)) => return Reading::Foreign(Foreign::OtherHibc),
        Some(Hibc::Split) => return Reading::Damaged(Damage::HibcSplit),
        Some(Hibc::CheckWrong) => return Reading::Damaged(Damage::HibcCheckWrong),
        None => {}
    }
    if let Some(foreign) = foreign::of_text(symbol.aim, &symbol.raw) {
        return Reading::Foreign(foreign);
    }
    let may_have_controls = symbol.aim.is_some_and(Aim::is_two_dimensional);
    if !may_have_controls && symbol.raw.chars().any(is_misplaced_control) {
        return Reading::Damaged(Damage::ControlInside);
    }
    Reading::Unknown
}

/// Controls other than the separators that bar codes use (EOT, FS, GS, RS, US).
fn is_misplaced_control(character: char) -> bool {
    character.is_control() && !matches!(character, '\u{4}' | '\u{1c}'..='\u{1f}')
}

#[cfg(test)]
mod tests {
    use super::super::format::{CheckScheme, LabelKind};
    use super::*;

    fn spec(pattern: &str) -> FormatSpec {
        FormatSpec {
            kind: LabelKind::Volume,
            pattern: pattern.to_owned(),
            check: CheckScheme::None,
            keep_check: false,
            aim: Vec::new(),
            gs1: None,
            hibc: None,
        }
    }

    fn mod43(pattern: &str, keep_check: bool) -> FormatSpec {
        FormatSpec { check: CheckScheme::Mod43, keep_check, ..spec(pattern) }
    }

    fn gs1(ai: &str, pattern: &str) -> FormatSpec {
        FormatSpec { gs1: Some(ai.to_owned()), ..spec(pattern) }
    }

    fn aim(ids: &[&str], pattern: &str) -> FormatSpec {
        FormatSpec { aim: ids.iter().map(|id| (*id).to_owned()).collect(), ..spec(pattern) }
    }

    fn shown(reading: &Reading) -> String {
        match reading {
            Reading::Label(label) => format!("{} {}", label.format, label.key),
            Reading::Foreign(foreign) => format!("foreign {}", foreign.as_str()),
            Reading::Damaged(damage) => format!("damaged {}", damage.as_str()),
            Reading::Unknown => "unknown".to_owned(),
        }
    }

    /// `~` in a frame stands for GS.
    fn check(specs: &[FormatSpec], options: ReadOptions, cases: &[(&str, &str)]) {
        let formats = Formats::new(specs.to_vec(), options).unwrap();
        for (frame, expect) in cases {
            let decoded = formats.read(frame.replace('~', "\u{1d}").as_bytes());
            assert_eq!(shown(&decoded.reading), *expect, "{frame}");
        }
    }

    #[test]
    fn first_match_wins_and_matches_the_whole_text() {
        check(
            &[spec("CHART[0-9]{4}"), spec("(?:CHART|V)(?P<key>[0-9]+)"), spec("a|B")],
            ReadOptions::default(),
            &[
                ("CHART0001", "0 CHART0001"),
                ("]C0CHART0001", "0 CHART0001"),
                ("*CHART0001*", "0 CHART0001"),
                ("]C0*CHART0001*", "unknown"),
                ("V12", "1 12"),
                ("CHART00011", "1 00011"),
                ("XCHART0001", "unknown"),
                ("aB", "unknown"),
                ("]C0", "damaged empty"),
                ("", "damaged empty"),
                ("~", "damaged empty"),
                ("NOREAD", "damaged no-read"),
                ("CHART\u{7}0001", "damaged control-inside"),
                ("]Q1a\nb", "foreign several-lines"),
            ],
        );
    }

    #[test]
    fn checks_are_verified_and_kept_or_taken_off() {
        let pattern = "CHART[0-9]{4}[0-9A-Z. $/+%-]";
        check(
            &[mod43(pattern, false)],
            ReadOptions::default(),
            &[
                ("CHART0001A", "0 CHART0001"),
                ("CHART2999 ", "0 CHART2999"),
                ("CHART0001B", "damaged check-wrong"),
                ("CHART0010A", "0 CHART0010"),
                ("]A1CHART0001A", "0 CHART0001"),
                ("]A3CHART0001", "0 CHART0001"),
                ("]A0CHART0001", "unknown"),
            ],
        );
        check(
            &[mod43(pattern, true), mod43("V[0-9]{3}", true)],
            ReadOptions::default(),
            &[("CHART0001A", "0 CHART0001A"), ("]A3CHART0001", "0 CHART0001A"), ("]A3V123", "1 V123.")],
        );
        check(
            &[mod43(pattern, false), spec("CHART[0-9]{4}B")],
            ReadOptions::default(),
            &[("CHART0001B", "1 CHART0001B"), ("CHART0001C", "damaged check-wrong")],
        );
        let luhn = FormatSpec { check: CheckScheme::Luhn, ..spec("M(?P<key>[0-9]+)") };
        check(
            &[luhn],
            ReadOptions::default(),
            &[("M79927398713", "0 7992739871"), ("M0", "damaged check-wrong")],
        );
    }

    #[test]
    fn two_check_digits_and_spaces_are_left_out_as_asked() {
        let long = FormatSpec { check: CheckScheme::Iso7064Mod97_10, ..spec("R(?P<key>[0-9A-Z]+)") };
        let kept = FormatSpec { keep_check: true, ..long.clone() };
        let cases = |key: &'static str| {
            [("R79444", key), ("R79445", "damaged check-wrong"), ("R44", "damaged check-wrong")]
        };
        check(&[long], ReadOptions::default(), &cases("0 794"));
        check(&[kept], ReadOptions::default(), &cases("0 79444"));
        let nhs = FormatSpec { check: CheckScheme::Nhs, ..spec("[0-9 ]+") };
        let kept = FormatSpec { keep_check: true, ..nhs.clone() };
        let strict = FormatSpec { pattern: "[0-9]{10}".to_owned(), ..kept.clone() };
        let spaced = "943 476 5919";
        check(&[nhs], ReadOptions::default(), &[("9434765919", "0 943476591"), (spaced, "0 943476591")]);
        check(
            &[kept],
            ReadOptions::default(),
            &[
                (spaced, "0 9434765919"),
                ("943 476 5918", "damaged check-wrong"),
                ("94347659", "damaged check-wrong"),
            ],
        );
        check(&[strict], ReadOptions::default(), &[("9434765919", "0 9434765919"), (spaced, "unknown")]);
    }

    #[test]
    fn a_label_knows_whether_its_format_has_a_check() {
        let specs = vec![mod43("CHART[0-9]{4}.", false), spec("V[0-9]+"), gs1("8018", "[0-9]{18}")];
        let formats = Formats::new(specs, ReadOptions::default()).unwrap();
        let is_checked = |text: &str| match formats.read(text.as_bytes()).reading {
            Reading::Label(label) => formats.is_checked(&label),
            other => panic!("{other:?}"),
        };
        assert_eq!(["CHART0001A", "V1", "]C18018950123456789012341"].map(is_checked), [true, false, false]);
    }

    #[test]
    fn full_ascii_and_case_only_when_asked() {
        let specs = [spec("chart/1"), spec("CHART[0-9]+"), mod43("c[0-9]+.", false)];
        let full = ReadOptions { full_ascii: true, ..ReadOptions::default() };
        let fold = ReadOptions { fold_case: true, ..ReadOptions::default() };
        let raw = "]A0+C+H+A+R+T/O1";
        check(&specs, ReadOptions::default(), &[(raw, "unknown"), ("chart0001", "unknown")]);
        check(&specs, full, &[(raw, "0 chart/1"), ("]A4+C+H+A+R+T/O1", "unknown"), ("]C0+C1", "unknown")]);
        // The sum of `+C1` as printed is 41 + 12 + 1 = 54, and 54 - 43 = 11 is `B`.
        check(&specs, full, &[("+C1B", "2 c1"), ("+C1C", "damaged check-wrong")]);
        check(&specs, fold, &[("chart0001", "1 CHART0001")]);
    }

    #[test]
    fn gs1_formats_see_values() {
        check(
            &[
                gs1("8018", "[0-9]{18}"),
                gs1("414+254", ".+"),
                gs1("8004", ".+"),
                gs1("8003", "[0-9]{14}(?P<key>.+)"),
            ],
            ReadOptions::default(),
            &[
                ("]C18018950123456789012341~80191", "0 950123456789012341"),
                ("~8018950123456789012341", "0 950123456789012341"),
                ("(8018)950123456789012341", "0 950123456789012341"),
                ("8018950123456789012341", "0 950123456789012341"),
                ("]C08018950123456789012341", "unknown"),
                ("]C18018950123456789012342", "damaged gs1-check-wrong"),
                ("]C1801895012345678901234180191", "damaged gs1-ambiguous"),
                ("]C14149506000134376254ROOM-12", "1 9506000134376ROOM-12"),
                ("]C14149506000134376", "foreign other-gs1"),
                ("]d2800309501101531000MR000123", "3 MR000123"),
                ("8004MR000123", "damaged gs1-ambiguous"),
                ("]C18004MR000123", "2 MR000123"),
                ("]C1010950110153000310LOT", "foreign product"),
                ("]C100950123456789012341", "foreign shipment"),
                ("]C10095012345678901234", "damaged gs1-malformed"),
                ("]e00109501101530003", "foreign product"),
                ("]C1CHART", "damaged gs1-malformed"),
                ("8018950123456789012341~80191", "0 950123456789012341"),
                ("801895012345678901234180191", "damaged gs1-ambiguous"),
                ("4149506000134376254ROOM-12", "damaged gs1-ambiguous"),
                ("]C18018950123456789012341~8018950123456789012358", "damaged gs1-ambiguous"),
                ("(hello)", "unknown"),
            ],
        );
    }

    #[test]
    fn digital_links_are_gs1_and_other_web_addresses_are_not() {
        let patient = "HTTPS://ID.GS1.ORG/8018/950123456789012341";
        check(
            &[gs1("8018", "[0-9]{18}"), gs1("414+254", ".+")],
            ReadOptions::default(),
            &[
                (patient, "0 950123456789012341"),
                ("]Q1https://a.example/gs1/414/9506000134376/254/ROOM%2D12?90=X", "1 9506000134376ROOM-12"),
                ("https://a.example/414/9506000134376", "foreign other-gs1"),
                ("https://a.example/01/09501101530003/10/L", "foreign product"),
                ("https://a.example/8018/950123456789012342", "damaged gs1-check-wrong"),
                ("https://a.example/2026/01/15", "foreign web-address"),
            ],
        );
        check(
            &[spec("https://charts/(?P<key>[0-9]+)"), spec("CHART[0-9]{4}")],
            ReadOptions::default(),
            &[
                ("https://charts/8018", "0 8018"),
                (patient, "foreign other-gs1"),
                ("https://a.example/8018/950123456789012342", "foreign web-address"),
            ],
        );
    }

    #[test]
    fn hibc_formats_see_data() {
        let hibc = |flags: &str| FormatSpec { hibc: Some(flags.to_owned()), ..spec("[0-9]+") };
        check(
            &[hibc("BC"), hibc("AV")],
            ReadOptions::default(),
            &[
                ("+/ACMRN123456/V2009121908334", "1 200912190833"),
                ("+/1EAH783C", "damaged hibc-split"),
                ("+/BC123456$", "0 123456"),
                ("]A3+/BC123456", "0 123456"),
                ("+/EAH783B", "foreign other-hibc"),
                ("+/EAH783Z", "damaged hibc-check-wrong"),
                ("+A123BJC5D6E71G", "foreign hibc-product"),
            ],
        );
    }

    #[test]
    fn products_are_only_taken_by_formats_that_name_the_symbology() {
        let cases = [("]E05901234123457", "foreign product"), ("]e00109501101530003", "foreign product")];
        check(&[spec("[0-9]+")], ReadOptions::default(), &cases);
        check(&[spec("[0-9]+")], ReadOptions::default(), &[("]C10109501101530003", "foreign product")]);
        check(&[aim(&["E"], "[0-9]+")], ReadOptions::default(), &[("]E05901234123457", "0 5901234123457")]);
        check(
            &[aim(&["C0", "]A"], "[0-9]+")],
            ReadOptions::default(),
            &[("]C012", "0 12"), ("]A112", "0 12"), ("]C212", "unknown"), ("12", "unknown")],
        );
    }

    #[test]
    fn wrong_formats_are_refused_with_the_next_step() {
        let refused = |spec| Formats::new(vec![spec], ReadOptions::default()).unwrap_err().to_string();
        for (spec, expect) in [
            (spec("a("), "is no regular expression"),
            (spec("a)|(?:b"), "is no regular expression"),
            (spec("A*"), "matches an empty text"),
            (aim(&["C9"], "A"), "\"C9\" is no AIM identifier"),
            (gs1("8015", "A"), "\"8015\" is no GS1 application identifier"),
            (gs1("414+", "A"), "\"\" is no GS1 application identifier"),
            (FormatSpec { hibc: Some("B".to_owned()), ..spec("A") }, "are no HIBC provider flags"),
            (FormatSpec { hibc: Some("BC".to_owned()), ..gs1("8018", "A") }, "either `gs1` or `hibc`"),
        ] {
            let why = refused(spec);
            assert!(why.contains(expect) && why.contains("; "), "{why}");
        }
    }

    #[test]
    fn says_how_the_bytes_became_text() {
        let formats = Formats::new(vec![spec("MÜLLER01")], ReadOptions::default()).unwrap();
        for (frame, encoding) in [(&b"M\xdcLLER01"[..], "latin1"), ("MÜLLER01".as_bytes(), "utf8")] {
            let decoded = formats.read(frame);
            assert_eq!((decoded.text.as_str(), decoded.encoding.as_str()), ("MÜLLER01", encoding));
            assert_eq!(shown(&decoded.reading), "0 MÜLLER01");
        }
    }
}
