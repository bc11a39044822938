//! How written text sorts: letters by their base letters whatever the case, digits by their value.

use unicode_normalization::UnicodeNormalization;

/// Characters of a name or slot that a key is made of; what comes after them decides nothing on a shelf.
const CHARS_MAX: usize = 200;

/// Between two units of a key. It sorts before every letter and digit, and after [`FIELD`]: nothing before something.
pub(super) const UNIT: &str = ",";
/// Between what the order goes by and what breaks its ties.
pub(super) const FIELD: &str = " ";

/// The text in lower-case base letters: é is e, ß is ss, Ł is l. What is no letter stays.
///
/// Decomposition (Unicode Standard Annex 15, form KD) takes off accents; letters with a stroke and joined letters do
/// not decompose and are listed here. Letters of other scripts stay themselves and sort after z.
pub(in crate::tracking) fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars().take(CHARS_MAX).nfkd().flat_map(char::to_lowercase) {
        match letter {
            // Accents, and the letter-like apostrophes of Hawaiian and of transcriptions.
            '\u{300}'..='\u{36f}' | '\u{2b0}'..='\u{2ff}' => {}
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' | 'ɗ' => folded.push('d'),
            'ħ' => folded.push('h'),
            'ŧ' => folded.push('t'),
            'ı' => folded.push('i'),
            'ŋ' => folded.push('n'),
            'ɓ' => folded.push('b'),
            'ƙ' => folded.push('k'),
            'ς' => folded.push('σ'),
            other => folded.push(other),
        }
    }
    folded
}

/// A text in its natural order: a run of digits counts as a number, everything that is no letter or digit only parts.
///
/// `bay 2` comes before `bay 2 shelf 1`, and that before `bay 10`. Empty if there is no letter or digit.
pub(super) fn natural(text: &str) -> String {
    let characters: Vec<char> = folded(text).chars().collect();
    let runs = characters.chunk_by(|one, next| kind(*one) == kind(*next));
    let units = runs.filter(|run| run.first().is_some_and(|first| kind(*first) != Kind::Other)).map(|run| {
        let run: String = run.iter().collect();
        if run.starts_with(|first: char| first.is_ascii_digit()) { number(&run) } else { run }
    });
    units.collect::<Vec<_>>().join(UNIT)
}

/// Digits as a unit that sorts by value, before every letter: how many there are, then the digits. Numbers of 99 digits
/// and more are not told apart by length.
pub(super) fn number(digits: &str) -> String {
    let digits = digits.trim_start_matches('0');
    format!("{:02}{digits}", digits.len().min(99))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Digit,
    Letter,
    Other,
}

fn kind(character: char) -> Kind {
    match character {
        '0'..='9' => Kind::Digit,
        other if other.is_alphanumeric() => Kind::Letter,
        _ => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expect: &str) {
        assert_eq!(folded(text), expect, "{text:?}");
    }

    #[test]
    fn letters_fold_to_their_base_letters() {
        check("José Núñez", "jose nunez");
        check("JOSE\u{301}", "jose");
        check("Großmann GROẞMANN", "grossmann grossmann");
        check("Łukasz Øster Đặng Þór Æsa Œuf", "lukasz oster dang thor aesa oeuf");
        check("İpek Işık", "ipek isik");
        check("Kealiʻi Keʼala", "kealii keala");
        check("Ｓｍｉｔｈ", "smith");
        check("ΣΑΣ", &folded("Σας"));
        check("Йод", &folded("йод"));
    }

    #[test]
    fn natural_order_is_as_people_count() {
        let slots =
            ["", "7", "10", "A", "A1", "a-2", "A-2-1", "Ä 10", "b", "Bay 2", "bay 2, shelf 1", "Bay 10"];
        let keys: Vec<_> = slots.iter().map(|slot| natural(slot)).collect();
        let mut sorted = keys.clone();
        sorted.sort_unstable();
        assert_eq!(keys, sorted);
        assert_eq!(natural(" -- "), "");
        assert_eq!(natural("007"), natural("7"));
        assert_ne!(natural("1-23"), natural("12-3"));
    }

    proptest! {
        #[test]
        fn numbers_sort_by_value(one: u128, other: u128) {
            let key = |value: u128| number(&value.to_string());
            prop_assert_eq!(key(one).cmp(&key(other)), one.cmp(&other));
        }

        #[test]
        fn a_folded_text_stays_as_it_is(text in "\\PC{0,40}") {
            let once = folded(&text);
            prop_assume!(once.chars().count() <= CHARS_MAX);
            prop_assert_eq!(folded(&once), once);
        }
    }
}
