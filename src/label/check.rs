//! Check characters: computed from what stands before them, verified at the end of a text.

use super::format::CheckScheme;

/// Code 39 and HIBC order; the position is the value.
const ALPHABET_43: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";
/// ISO/IEC 7064 alphanumeric order; the position is the value.
const ALPHABET_36: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

impl CheckScheme {
    /// Computes the check character of a payload; nothing if there is none to compute or a character is foreign to
    /// the scheme.
    pub fn compute(self, payload: &str) -> Option<char> {
        if payload.is_empty() {
            return None;
        }
        match self {
            CheckScheme::None => None,
            CheckScheme::Mod43 => mod43(payload),
            CheckScheme::Mod10 => mod10(payload),
            // M10 doubles every second digit as one number; its digit sum is that of the digits doubled one by one.
            CheckScheme::Luhn | CheckScheme::Hl7M10 => luhn(payload),
            CheckScheme::Hl7M11 => hl7_m11(payload),
            CheckScheme::Iso7064Mod37_36 => iso7064_mod37_36(payload),
        }
    }

    /// Says whether the last character of a text is right for what stands before it; always, if there is no scheme.
    pub fn verify(self, text: &str) -> bool {
        let mut payload = text.chars();
        let last = payload.next_back();
        self == CheckScheme::None || (last.is_some() && self.compute(payload.as_str()) == last)
    }
}

/// Says whether every character can stand in a Code 39 symbol.
pub(super) fn is_code39(text: &str) -> bool {
    text.chars().all(|character| ALPHABET_43.contains(character))
}

fn value(alphabet: &str, character: char) -> Option<usize> {
    // Both alphabets are ASCII: the byte offset is the position.
    alphabet.find(character)
}

fn digit(remainder: usize) -> Option<char> {
    u32::try_from(remainder).ok().and_then(|value| char::from_digit(value, 10))
}

/// Adds up the digits from the right, each times its weight.
fn weighted(payload: &str, weight: impl Fn(usize) -> usize) -> Option<usize> {
    let digits = payload.bytes().rev().enumerate();
    digits.map(|(index, byte)| byte.is_ascii_digit().then(|| usize::from(byte - b'0') * weight(index))).sum()
}

fn mod43(payload: &str) -> Option<char> {
    let sum = payload.chars().map(|character| value(ALPHABET_43, character)).sum::<Option<usize>>()?;
    ALPHABET_43.chars().nth(sum % 43)
}

fn mod10(payload: &str) -> Option<char> {
    let sum = weighted(payload, |index| if index % 2 == 0 { 3 } else { 1 })?;
    digit((10 - sum % 10) % 10)
}

fn luhn(payload: &str) -> Option<char> {
    let digits = payload.bytes().rev().enumerate();
    let sum = digits
        .map(|(index, byte)| {
            let value = byte.is_ascii_digit().then(|| usize::from(byte - b'0'))?;
            let doubled = value * 2;
            Some(if index % 2 == 1 { value } else { doubled / 10 + doubled % 10 })
        })
        .sum::<Option<usize>>()?;
    digit((10 - sum % 10) % 10)
}

/// HL7 table 0061: weights 2 to 7 over and over; a remainder of 0 counts as 1.
fn hl7_m11(payload: &str) -> Option<char> {
    let remainder = weighted(payload, |index| index % 6 + 2)? % 11;
    digit((11 - remainder.max(1)) % 10)
}

/// ISO/IEC 7064, hybrid system mod 37,36.
fn iso7064_mod37_36(payload: &str) -> Option<char> {
    let product = payload.chars().try_fold(36, |product, character| {
        let sum = (product + value(ALPHABET_36, character)?) % 36;
        Some((if sum == 0 { 36 } else { sum }) * 2 % 37)
    })?;
    ALPHABET_36.chars().nth((37 - product) % 36)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [CheckScheme; 6] = [
        CheckScheme::Mod43,
        CheckScheme::Mod10,
        CheckScheme::Luhn,
        CheckScheme::Hl7M10,
        CheckScheme::Hl7M11,
        CheckScheme::Iso7064Mod37_36,
    ];

    fn check(scheme: CheckScheme, payload: &str, expect: Option<char>) {
        assert_eq!(scheme.compute(payload), expect, "{scheme:?} of {payload}");
        if let Some(character) = expect {
            assert!(scheme.verify(&format!("{payload}{character}")), "{scheme:?} of {payload}");
        }
    }

    #[test]
    fn agrees_with_published_examples() {
        check(CheckScheme::Mod43, "AB-123", Some('K'));
        check(CheckScheme::Mod43, "CHART0001", Some('A'));
        check(CheckScheme::Mod43, "CHART2999", Some(' '));
        check(CheckScheme::Mod43, "+/EAH783", Some('B'));
        check(CheckScheme::Mod43, "+/BC123456", Some('$'));
        check(CheckScheme::Mod10, "95012345678901234", Some('1'));
        check(CheckScheme::Mod10, "590123412345", Some('7'));
        check(CheckScheme::Luhn, "7992739871", Some('3'));
        check(CheckScheme::Hl7M10, "12345", Some('5'));
        check(CheckScheme::Hl7M10, "401", Some('0'));
        check(CheckScheme::Hl7M10, "9999", Some('4'));
        check(CheckScheme::Hl7M10, "99999999", Some('8'));
        check(CheckScheme::Hl7M11, "1234567", Some('4'));
        check(CheckScheme::Iso7064Mod37_36, "A12425GABC1234002", Some('M'));
    }

    #[test]
    fn refuses_what_a_scheme_cannot_carry() {
        for scheme in ALL {
            check(scheme, "", None);
            check(scheme, "chart", None);
            check(scheme, "Ü", None);
            assert!(!scheme.verify(""), "{scheme:?}");
            assert!(!scheme.verify("1"), "{scheme:?}");
        }
        check(CheckScheme::Mod10, "12A", None);
        check(CheckScheme::None, "12", None);
        assert!(CheckScheme::None.verify("anything"));
    }

    #[test]
    fn mod_43_is_blind_to_transpositions() {
        assert!(CheckScheme::Mod43.verify("CHART0001A") && CheckScheme::Mod43.verify("CHART0010A"));
    }

    fn substituted(text: &str, index: usize, by: char) -> String {
        text.chars().enumerate().map(|(at, character)| if at == index { by } else { character }).collect()
    }

    proptest! {
        #[test]
        fn what_is_computed_verifies(payload in "[0-9]{1,40}") {
            for scheme in ALL {
                let character = scheme.compute(&payload).unwrap();
                prop_assert!(scheme.verify(&format!("{payload}{character}")), "{:?}", scheme);
            }
        }

        #[test]
        fn one_wrong_digit_is_seen(payload in "[0-9]{1,20}", index in 0_usize..21, by in "[0-9]") {
            for scheme in [CheckScheme::Mod10, CheckScheme::Luhn, CheckScheme::Hl7M10, CheckScheme::Iso7064Mod37_36] {
                let good = format!("{payload}{}", scheme.compute(&payload).unwrap());
                let bad = substituted(&good, index % good.len(), by.chars().next().unwrap());
                prop_assert_eq!(scheme.verify(&bad), bad == good, "{:?} {}", scheme, bad);
            }
        }

        #[test]
        fn one_wrong_letter_is_seen(payload in "[0-9A-Z]{1,20}", index in 0_usize..21, by in "[0-9A-Z]") {
            for scheme in [CheckScheme::Mod43, CheckScheme::Iso7064Mod37_36] {
                let good = format!("{payload}{}", scheme.compute(&payload).unwrap());
                let bad = substituted(&good, index % good.len(), by.chars().next().unwrap());
                prop_assert_eq!(scheme.verify(&bad), bad == good, "{:?} {}", scheme, bad);
            }
        }
    }

    /// Counts the swaps of neighbours that a scheme takes for right, over every text of three characters and check.
    fn missed_swaps(scheme: CheckScheme, alphabet: &str) -> (usize, usize) {
        let (mut missed, mut swaps) = (0, 0);
        for (a, b, c) in alphabet
            .chars()
            .flat_map(|a| alphabet.chars().flat_map(move |b| alphabet.chars().map(move |c| (a, b, c))))
        {
            let check = scheme.compute(&format!("{a}{b}{c}")).unwrap();
            for (left, right, swapped) in [
                (a, b, format!("{b}{a}{c}{check}")),
                (b, c, format!("{a}{c}{b}{check}")),
                (c, check, format!("{a}{b}{check}{c}")),
            ] {
                if left != right {
                    swaps += 1;
                    missed += usize::from(scheme.verify(&swapped));
                }
            }
        }
        (missed, swaps)
    }

    #[test]
    fn swapped_neighbours_are_seen_as_well_as_each_scheme_can() {
        for (scheme, alphabet, missed_per_thousand_max) in [
            (CheckScheme::Iso7064Mod37_36, ALPHABET_36, 2),
            (CheckScheme::Luhn, "0123456789", 23),
            (CheckScheme::Mod10, "0123456789", 112),
            (CheckScheme::Hl7M11, "0123456789", 30),
        ] {
            let (missed, swaps) = missed_swaps(scheme, alphabet);
            assert!(missed * 1000 <= swaps * missed_per_thousand_max, "{scheme:?}: {missed} of {swaps}");
        }
    }
}
