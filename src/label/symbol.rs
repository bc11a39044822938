//! One scanned symbol as the formats see it: unwrapped, folded, taken apart once.

use super::aim::Aim;
use super::format::{CheckScheme, ReadOptions};
use super::hibc::{self, Hibc};
use super::{check, code39, gs1};

/// The readings of one text that formats choose from.
#[derive(Debug)]
pub(super) struct Symbol {
    pub(super) aim: Option<Aim>,
    /// The text without stars, as scanned otherwise.
    pub(super) raw: String,
    /// The raw text with full ASCII decoded and case folded, as the options ask.
    pub(super) text: String,
    /// The check character that the scanner verified and took off.
    pub(super) stripped_check: Option<String>,
    /// Whether full ASCII pairs were decoded: then a modulo 43 check is over the raw text.
    pub(super) was_decoded: bool,
    /// Element strings, if the text is announced as GS1 or is a Digital Link.
    pub(super) gs1: Option<Result<Vec<gs1::Element>, gs1::Fault>>,
    /// The HIBC label, if the text begins like one.
    pub(super) hibc: Option<Hibc>,
}

impl Symbol {
    pub(super) fn new(aim: Option<Aim>, scanned: &str, options: ReadOptions) -> Symbol {
        let may_be_code39 = aim.is_none_or(Aim::is_code39);
        let raw = if may_be_code39 { code39::without_stars(scanned) } else { scanned };
        let stripped_check =
            aim.filter(|aim| aim.has_stripped_check()).and_then(|_| CheckScheme::Mod43.compute(raw));
        let mut whole = raw.to_owned();
        whole.extend(stripped_check.as_deref());
        let may_have_pairs = options.full_ascii
            && may_be_code39
            && !aim.is_some_and(Aim::has_full_ascii)
            && check::is_code39(raw);
        let mut text = if may_have_pairs { code39::full_ascii(raw) } else { raw.to_owned() };
        let was_decoded = text != raw;
        if options.fold_case {
            text = fold_case(&text);
        }
        Symbol {
            aim,
            raw: raw.to_owned(),
            text,
            stripped_check,
            was_decoded,
            gs1: gs1::read(aim, raw),
            hibc: hibc::parse(&whole),
        }
    }

    /// Says whether the symbol is somebody's product, which only a format that names the symbology may take.
    pub(super) fn is_product(&self) -> bool {
        let names_item = |elements: &Vec<gs1::Element>| {
            elements.iter().any(|element| matches!(element.ai.as_str(), "00" | "01" | "02" | "03"))
        };
        is_product(self.aim) || matches!(&self.gs1, Some(Ok(elements)) if names_item(elements))
    }
}

fn is_product(aim: Option<Aim>) -> bool {
    aim.is_some_and(Aim::is_product)
}

/// Turns lower case into upper case, one character for one.
fn fold_case(text: &str) -> String {
    text.chars()
        .map(|character| {
            let mut upper = character.to_uppercase();
            upper.next().filter(|_| upper.next().is_none()).unwrap_or(character)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(scanned: &str, options: ReadOptions, expect: &str) {
        assert_eq!(Symbol::new(None, scanned, options).text, expect, "{scanned}");
    }

    #[test]
    fn unwraps_decodes_and_folds() {
        let plain = ReadOptions::default();
        let fold = ReadOptions { fold_case: true, ..plain };
        let full = ReadOptions { full_ascii: true, ..plain };
        check("*CHART0001*", plain, "CHART0001");
        check("chart0001", plain, "chart0001");
        check("chart0001", fold, "CHART0001");
        check("müller ß", fold, "MÜLLER ß");
        check("+C+H1", plain, "+C+H1");
        check("+C+H1", full, "ch1");
        check("+C+H1", ReadOptions { fold_case: true, full_ascii: true }, "CH1");
        check("+C+hé", full, "+C+hé");
    }
}
