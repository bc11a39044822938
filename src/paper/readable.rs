//! What has to stand in a symbol so that the site's own label formats read it as the key that is meant.

use crate::label::{CheckScheme, Formats, LabelKind, Reading};
use crate::symbol::Symbology;

/// A key for which no text was found that reads as it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "a {} label in {} would not be read as {key}; add a [[label]] for it to the configuration, or choose another symbol", kind.as_str(), symbology.title()
)]
pub struct Unreadable {
    /// The key.
    pub key: String,
    /// What the label is for.
    pub kind: LabelKind,
    /// The symbol it was to be printed in.
    pub symbology: Symbology,
}

/// The text that a symbol must hold for a scan of it to be read as this key: the key itself, or with what the formats
/// take off again, a check character or the letter of the kind.
///
/// # Errors
/// The formats read none of these as the key: a label would be printed that nobody can scan.
pub fn readable(
    formats: &Formats,
    kind: LabelKind,
    key: &str,
    symbology: Symbology,
) -> Result<String, Unreadable> {
    let lettered = format!("{}{key}", kind.letter());
    let mut candidates = vec![key.to_owned(), lettered.clone()];
    for text in [key, &lettered] {
        candidates
            .extend(CHECKS.into_iter().filter_map(|check| Some(text.to_owned() + &check.compute(text)?)));
    }
    // The check character may be over the key alone, whatever letter stands before it.
    candidates.extend(CHECKS.into_iter().filter_map(|check| Some(lettered.clone() + &check.compute(key)?)));
    let reads_as_other = |frame: &str| match formats.read(frame.as_bytes()).reading {
        Reading::Label(label) => Some(label.kind != kind || label.key != key),
        Reading::Foreign(_) | Reading::Damaged(_) | Reading::Unknown => None,
    };
    let is_read = |text: &String| {
        let with_aim = format!("]{}{text}", symbology.aim());
        // Many scanners send no AIM identifier. Where a format asks for one, nothing is read without it; but another
        // label must not be.
        reads_as_other(&with_aim) == Some(false) && reads_as_other(text) != Some(true)
    };
    let found = candidates.into_iter().find(is_read);
    found.ok_or_else(|| Unreadable { key: key.to_owned(), kind, symbology })
}

/// Check characters that a format may verify and take off.
const CHECKS: [CheckScheme; 8] = [
    CheckScheme::Iso7064Mod37_36,
    CheckScheme::Mod43,
    CheckScheme::Mod10,
    CheckScheme::Luhn,
    CheckScheme::Hl7M10,
    CheckScheme::Hl7M11,
    CheckScheme::Nhs,
    CheckScheme::Iso7064Mod97_10,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::{FormatSpec, ReadOptions};

    fn spec(pattern: &str, check: CheckScheme, keep_check: bool, aim: &[&str]) -> FormatSpec {
        FormatSpec {
            kind: LabelKind::Volume,
            pattern: pattern.to_owned(),
            check,
            keep_check,
            aim: aim.iter().map(|aim| (*aim).to_owned()).collect(),
            gs1: None,
            hibc: None,
        }
    }

    fn check(spec: FormatSpec, key: &str, symbology: Symbology, expect: Option<&str>) {
        check_all(&[spec], key, symbology, expect);
    }

    fn check_all(specs: &[FormatSpec], key: &str, symbology: Symbology, expect: Option<&str>) {
        let formats = Formats::new(specs.to_vec(), ReadOptions::default()).unwrap();
        let found = readable(&formats, LabelKind::Volume, key, symbology).ok();
        assert_eq!(found.as_deref(), expect, "{key} by {specs:?}");
    }

    #[test]
    fn a_text_that_is_read_as_another_key_is_none() {
        let digits = |pattern, aim| spec(pattern, CheckScheme::None, true, aim);
        let cut = digits("(?<key>[0-9]{3})[0-9]", &[]);
        check(cut.clone(), "4650", Symbology::Code128, None);
        // With an AIM identifier it is read as itself, without one as another.
        let whole = digits("[0-9]+", &["C"]);
        check(whole.clone(), "4650", Symbology::Code128, Some("4650"));
        check_all(&[whole, cut], "4650", Symbology::Code128, None);
        let person = FormatSpec { kind: LabelKind::Person, ..digits("[0-9]+", &[]) };
        check(person, "4650", Symbology::Code128, None);
    }

    #[test]
    fn a_label_is_printed_so_that_it_is_read_as_its_key() {
        let plain = |pattern| spec(pattern, CheckScheme::None, true, &[]);
        let code128 = Symbology::Code128;
        check(plain("V[0-9]+[0-9A-Z]"), "V4650N", code128, Some("V4650N"));
        check(plain("V(?<key>[0-9]+)"), "4650", code128, Some("V4650"));
        check(plain("[0-9]{6}"), "V4650N", code128, None);
        check(spec("[0-9]+", CheckScheme::Luhn, false, &[]), "7992739871", code128, Some("79927398713"));
        check(
            spec("V(?<key>[0-9]+)", CheckScheme::Mod10, false, &[]),
            "590123412345",
            code128,
            Some("V5901234123457"),
        );
        check(spec("[0-9]+", CheckScheme::Mod10, true, &[]), "4650", code128, None);
    }

    #[test]
    fn a_format_for_one_symbology_takes_labels_in_it_alone() {
        let code39 =
            || FormatSpec { aim: vec!["A".to_owned()], ..spec("V[0-9]+", CheckScheme::None, true, &[]) };
        check(code39(), "V1", Symbology::Code128, None);
        check(code39(), "V1", Symbology::Code39, Some("V1"));
    }
}
