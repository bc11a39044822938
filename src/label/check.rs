//! Check characters: computed from what stands before them, verified at the end of a text.

use super::format::CheckScheme;

/// Code 39 and HIBC order; the position is the value.
const ALPHABET_43: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%";
/// ISO/IEC 7064 alphanumeric order; the position is the value.
const ALPHABET_36: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Digits of an NHS number before its check digit.
const NHS_DIGITS: usize = 9;

impl CheckScheme {
    /// Computes the check characters of a payload, as many as [`CheckScheme::length`] says; nothing if there are none
    /// to compute, a character is foreign to the scheme, or the scheme has none for this payload.
    pub fn compute(self, payload: &str) -> Option<String> {
        if payload.is_empty() {
            return None;
        }
        let check = match self {
            CheckScheme::None => None,
            CheckScheme::Mod43 => mod43(payload),
            CheckScheme::Mod10 => mod10(payload),
            // M10 doubles every second digit as one number; its digit sum is that of the digits doubled one by one.
            CheckScheme::Luhn | CheckScheme::Hl7M10 => luhn(payload),
            CheckScheme::Hl7M11 => hl7_m11(payload),
            CheckScheme::Nhs => nhs(payload),
            CheckScheme::Iso7064Mod37_36 => iso7064_mod37_36(payload),
            CheckScheme::Iso7064Mod97_10 => return iso7064_mod97_10(payload),
        };
        check.map(String::from)
    }

    /// Says how many characters at the end of a text are check characters: 0, 1 or 2.
    pub fn length(self) -> usize {
        match self {
            CheckScheme::None => 0,
            CheckScheme::Mod43
            | CheckScheme::Mod10
            | CheckScheme::Luhn
            | CheckScheme::Hl7M10
            | CheckScheme::Hl7M11
            | CheckScheme::Nhs
            | CheckScheme::Iso7064Mod37_36 => 1,
            CheckScheme::Iso7064Mod97_10 => 2,
        }
    }

    /// Says whether the check characters at the end of a text are right for what stands before them; always, if there
    /// is no scheme.
    pub fn verify(self, text: &str) -> bool {
        self == CheckScheme::None
            || self
                .split(text)
                .is_some_and(|(payload, check)| self.compute(payload).is_some_and(|right| right == check))
    }

    /// Splits a text into payload and check characters; nothing if it is shorter than these.
    pub(super) fn split(self, text: &str) -> Option<(&str, &str)> {
        let starts = text.char_indices().map(|(at, _)| at).chain([text.len()]);
        starts.rev().nth(self.length()).map(|at| text.split_at(at))
    }

    /// What is looked up for a key: an NHS number without the spaces that only make it easier to read (NHS Data Model
    /// and Dictionary, "NHS NUMBER": ten digits, shown as 3 3 4), any other key as it stands.
    pub(super) fn looked_up(self, key: &str) -> String {
        if self == CheckScheme::Nhs { without_spaces(key) } else { key.to_owned() }
    }
}

/// Says whether every character can stand in a Code 39 symbol.
pub(super) fn is_code39(text: &str) -> bool {
    text.chars().all(|character| ALPHABET_43.contains(character))
}

fn without_spaces(text: &str) -> String {
    text.chars().filter(|character| *character != ' ').collect()
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

/// Weights 10 to 2; 11 counts as 0, and 10 is no number (NHS Data Model and Dictionary, "NHS NUMBER").
fn nhs(payload: &str) -> Option<char> {
    let digits = without_spaces(payload);
    if digits.len() != NHS_DIGITS {
        return None;
    }
    digit((11 - weighted(&digits, |index| index + 2)? % 11) % 11)
}

/// ISO/IEC 7064:2003, hybrid system mod 37,36.
fn iso7064_mod37_36(payload: &str) -> Option<char> {
    let product = payload.chars().try_fold(36, |product, character| {
        let sum = (product + value(ALPHABET_36, character)?) % 36;
        Some((if sum == 0 { 36 } else { sum }) * 2 % 37)
    })?;
    ALPHABET_36.chars().nth((37 - product) % 36)
}

/// ISO/IEC 7064:2003, pure system mod 97-10, letters read as 10 to 35 (ISO 17442): two digits, 02 to 98.
fn iso7064_mod97_10(payload: &str) -> Option<String> {
    let remainder = payload.chars().try_fold(0, |remainder, character| {
        let value = value(ALPHABET_36, character)?;
        Some((remainder * if value < 10 { 10 } else { 100 } + value) % 97)
    })?;
    Some(format!("{:02}", 98 - remainder * 100 % 97))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ALL: [CheckScheme; 8] = [
        CheckScheme::Mod43,
        CheckScheme::Mod10,
        CheckScheme::Luhn,
        CheckScheme::Hl7M10,
        CheckScheme::Hl7M11,
        CheckScheme::Nhs,
        CheckScheme::Iso7064Mod37_36,
        CheckScheme::Iso7064Mod97_10,
    ];

    fn check(scheme: CheckScheme, payload: &str, expect: Option<&str>) {
        assert_eq!(scheme.compute(payload).as_deref(), expect, "{scheme:?} of {payload}");
        if let Some(character) = expect {
            assert!(scheme.verify(&format!("{payload}{character}")), "{scheme:?} of {payload}");
        }
    }

    #[test]
    fn agrees_with_published_examples() {
        check(CheckScheme::Mod43, "AB-123", Some("K"));
        check(CheckScheme::Mod43, "CHART0001", Some("A"));
        check(CheckScheme::Mod43, "CHART2999", Some(" "));
        check(CheckScheme::Mod43, "+/EAH783", Some("B"));
        check(CheckScheme::Mod43, "+/BC123456", Some("$"));
        check(CheckScheme::Mod10, "95012345678901234", Some("1"));
        check(CheckScheme::Mod10, "590123412345", Some("7"));
        check(CheckScheme::Luhn, "7992739871", Some("3"));
        check(CheckScheme::Hl7M10, "12345", Some("5"));
        check(CheckScheme::Hl7M10, "401", Some("0"));
        check(CheckScheme::Hl7M10, "9999", Some("4"));
        check(CheckScheme::Hl7M10, "99999999", Some("8"));
        check(CheckScheme::Hl7M11, "1234567", Some("4"));
        check(CheckScheme::Nhs, "943476591", Some("9"));
        check(CheckScheme::Nhs, "943 476 591", Some("9"));
        check(CheckScheme::Nhs, "401023213", Some("7"));
        check(CheckScheme::Nhs, "987654321", Some("0"));
        check(CheckScheme::Iso7064Mod37_36, "A12425GABC1234002", Some("M"));
        check(CheckScheme::Iso7064Mod97_10, "794", Some("44"));
        check(CheckScheme::Iso7064Mod97_10, "5493001KJTIIGC8Y1R", Some("12"));
        check(CheckScheme::Iso7064Mod97_10, "10BX939C5543TQA1144M999143X", Some("38"));
        check(CheckScheme::Iso7064Mod97_10, "WEST12345698765432GB", Some("82"));
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
        // Its check digit would be 10.
        check(CheckScheme::Nhs, "100000001", None);
        check(CheckScheme::Nhs, "12345678", None);
        check(CheckScheme::Nhs, "1234567890", None);
        check(CheckScheme::Nhs, "94347659A", None);
        check(CheckScheme::Iso7064Mod97_10, "7-94", None);
        // 97 leaves the same remainder as 00, and the scheme computes neither 00 nor 01.
        check(CheckScheme::Iso7064Mod97_10, "65", Some("97"));
        assert!(!CheckScheme::Iso7064Mod97_10.verify("6500"));
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
                let Some(check) = scheme.compute(&payload) else {
                    prop_assert_eq!(scheme, CheckScheme::Nhs);
                    continue;
                };
                prop_assert_eq!(check.len(), scheme.length());
                let whole = format!("{payload}{check}");
                prop_assert!(scheme.verify(&whole), "{:?}", scheme);
                prop_assert_eq!(scheme.split(&whole), Some((payload.as_str(), check.as_str())));
            }
        }

        #[test]
        fn an_nhs_number_shows_one_wrong_digit_and_one_swap(
            payload in "[0-9]{9}", index in 0_usize..10, by in "[0-9]",
        ) {
            let Some(check) = CheckScheme::Nhs.compute(&payload) else { return Ok(()) };
            let good = format!("{payload}{check}");
            let bad = substituted(&good, index, by.chars().next().unwrap());
            prop_assert_eq!(CheckScheme::Nhs.verify(&bad), bad == good);
            let mut swapped = good.clone().into_bytes();
            swapped.swap(index, (index + 1) % 10);
            let swapped = String::from_utf8(swapped).unwrap();
            prop_assert!(index == 9 || CheckScheme::Nhs.verify(&swapped) == (swapped == good), "{}", swapped);
        }

        #[test]
        fn one_wrong_digit_is_seen(payload in "[0-9]{1,20}", index in 0_usize..21, by in "[0-9]") {
            for scheme in [
                CheckScheme::Mod10,
                CheckScheme::Luhn,
                CheckScheme::Hl7M10,
                CheckScheme::Iso7064Mod37_36,
                CheckScheme::Iso7064Mod97_10,
            ] {
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

    fn swapped_into_check(payload: &[char; 3], check: &str) -> String {
        let (first, rest) = check.split_at(1);
        let [a, b, c] = payload;
        format!("{a}{b}{first}{c}{rest}")
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
                (c, check.chars().next().unwrap(), swapped_into_check(&[a, b, c], &check)),
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
            (CheckScheme::Iso7064Mod97_10, "0123456789", 0),
            (CheckScheme::Iso7064Mod97_10, ALPHABET_36, 4),
            (CheckScheme::Luhn, "0123456789", 23),
            (CheckScheme::Mod10, "0123456789", 112),
            (CheckScheme::Hl7M11, "0123456789", 30),
        ] {
            let (missed, swaps) = missed_swaps(scheme, alphabet);
            assert!(missed * 1000 <= swaps * missed_per_thousand_max, "{scheme:?}: {missed} of {swaps}");
        }
    }
}
