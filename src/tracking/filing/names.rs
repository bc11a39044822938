//! Names of persons as units of an alphabetic file: what counts as one word, and in which order the words count.
//!
//! Rules: ARMA International, alphabetic indexing (names of persons; punctuation; titles and suffixes; prefixes), as
//! office manuals and health-information textbooks give them.

use super::written::{folded, number};

/// Particles that are one unit with the word after them (ARMA, "prefixes, articles and particles"), and those of Arabic,
/// German, Dutch and Scandinavian surnames that are treated alike.
pub(in crate::tracking) const PREFIXES: &[&str] = &[
    "abu", "af", "al", "bin", "bint", "d", "da", "das", "de", "del", "della", "dem", "den", "der", "des",
    "di", "dos", "du", "e", "el", "fitz", "ibn", "il", "l", "la", "las", "le", "les", "lo", "los", "m",
    "mac", "mc", "o", "per", "saint", "san", "santa", "santo", "st", "ste", "t", "te", "ten", "ter", "van",
    "vom", "von", "zu", "zum", "zur",
];

/// Titles before a name. None of them is a usual given name.
pub(in crate::tracking) const TITLES: &[&str] = &[
    "capt",
    "captain",
    "doctor",
    "dr",
    "lt",
    "miss",
    "mr",
    "mrs",
    "ms",
    "mx",
    "prof",
    "professor",
    "rev",
    "reverend",
    "sgt",
];

/// Words after a name: seniority in words, degrees and professions.
pub(in crate::tracking) const SUFFIXES: &[&str] =
    &["dds", "dmd", "dvm", "esq", "esquire", "jr", "junior", "md", "phd", "rn", "senior", "sr"];

/// Seniority in numerals, each with its value. The single letters I and V are initials unless they stand alone after a
/// comma of their own.
const NUMERALS: &[(&str, &str)] = &[
    ("ii", "2"),
    ("iii", "3"),
    ("iv", "4"),
    ("2d", "2"),
    ("2nd", "2"),
    ("3d", "3"),
    ("3rd", "3"),
    ("4th", "4"),
    ("5th", "5"),
    ("6th", "6"),
];

/// More of them, which are also names or initials: only alone after a comma of their own.
const NUMERALS_ALONE: &[(&str, &str)] = &[("i", "1"), ("v", "5"), ("vi", "6"), ("vii", "7"), ("viii", "8")];

/// The units of a name, the one that counts first in front; empty if the name has no letter or digit.
///
/// A name is written `surname, given names`, with a suffix after either; without a comma the first word, with the
/// prefixes before it, is the surname. Punctuation is left out, so that a hyphenated name is one unit. Suffixes are the
/// last units but for titles; a seniority in numerals sorts by its value, before every word.
pub(super) fn units(name: &str) -> Vec<String> {
    let name = folded(name);
    let mut parts = name.split(',').map(words);
    let mut first = parts.next().unwrap_or_default();
    let rest: Vec<Vec<String>> = parts.collect();
    let mut affixes = Affixes::default();
    affixes.take(&mut first, 1);
    let has_comma = !rest.is_empty();
    let mut units = with_prefixes(first, if has_comma { usize::MAX } else { 1 });
    if !has_comma {
        // The given names begin after the surname, and a title may stand in front of them.
        let mut given = units.split_off(units.len().min(1));
        affixes.take(&mut given, 0);
        units.append(&mut given);
    }
    for (index, mut part) in rest.into_iter().enumerate() {
        if index > 0
            && let Some(value) = numeral_alone(&part)
        {
            affixes.suffixes.push(value);
            continue;
        }
        affixes.take(&mut part, 0);
        units.append(&mut part);
    }
    units.append(&mut affixes.suffixes);
    units.append(&mut affixes.titles);
    units
}

/// What stands before and after a name without being of it.
#[derive(Default)]
struct Affixes {
    suffixes: Vec<String>,
    titles: Vec<String>,
}

impl Affixes {
    /// Takes titles off the front of these words and suffixes off their end, but leaves `least` words.
    fn take(&mut self, words: &mut Vec<String>, least: usize) {
        while words.len() > least && words.first().is_some_and(|word| TITLES.contains(&word.as_str())) {
            self.titles.push(words.remove(0));
        }
        let at = self.suffixes.len();
        while words.len() > least
            && let Some(suffix) = words.last().and_then(|word| suffix(word))
        {
            words.pop();
            self.suffixes.insert(at, suffix);
        }
    }
}

/// Whether a word after a name is a seniority in numerals.
pub(in crate::tracking) fn is_numeral(word: &str) -> bool {
    NUMERALS.iter().any(|(numeral, _)| *numeral == word)
}

fn suffix(word: &str) -> Option<String> {
    if SUFFIXES.contains(&word) {
        return Some(word.to_owned());
    }
    NUMERALS.iter().find(|(numeral, _)| *numeral == word).map(|(_, value)| number(value))
}

fn numeral_alone(part: &[String]) -> Option<String> {
    NUMERALS_ALONE.iter().find(|(numeral, _)| part == [*numeral]).map(|(_, value)| number(value))
}

/// The words of a folded text without their punctuation; `j.r.` is two initials, `m.d.` and `ph.d.` are one word.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for written in text.split_whitespace() {
        let word: String = written.chars().filter(|character| character.is_alphanumeric()).collect();
        let initials: Vec<&str> = written.split('.').filter(|piece| !piece.is_empty()).collect();
        let is_initials = initials.len() > 1
            && initials
                .iter()
                .all(|piece| piece.chars().all(char::is_alphanumeric) && piece.chars().count() == 1)
            && !matches!(word.as_str(), "md" | "rn" | "dds" | "dmd" | "dvm");
        if is_initials {
            words.extend(initials.into_iter().map(str::to_owned));
        } else if !word.is_empty() {
            words.push(word);
        }
    }
    words
}

/// Joins prefixes with the word after them, in the first `count` units.
fn with_prefixes(words: Vec<String>, count: usize) -> Vec<String> {
    let mut units = Vec::new();
    let mut open = String::new();
    let last = words.len().saturating_sub(1);
    for (index, word) in words.into_iter().enumerate() {
        let is_prefix = units.len() < count && index < last && PREFIXES.contains(&word.as_str());
        open.push_str(&word);
        if !is_prefix {
            units.push(std::mem::take(&mut open));
        }
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(name: &str, expect: &[&str]) {
        assert_eq!(units(name), expect, "{name:?}");
    }

    #[test]
    fn surname_given_and_middle_name_are_the_units() {
        check("Smith", &["smith"]);
        check("Smith G.", &["smith", "g"]);
        check("Smith G. John", &["smith", "g", "john"]);
        check("Smith, G. John", &["smith", "g", "john"]);
        check("SMITH,J.R.", &["smith", "j", "r"]);
        check("", &[]);
        check(" -, .", &[]);
        check(", John", &["john"]);
    }

    #[test]
    fn punctuation_is_left_out_and_a_hyphenated_name_is_one_unit() {
        check("O'Brien, Mary-Ann", &["obrien", "maryann"]);
        check("O’Brien, Mary Ann", &["obrien", "mary", "ann"]);
        check("Smith-Jones, A.", &["smithjones", "a"]);
        check("García Márquez, José", &["garcia", "marquez", "jose"]);
    }

    #[test]
    fn prefixes_are_of_the_surname_as_written() {
        check("St. John, Ian", &["stjohn", "ian"]);
        check("van der Berg, Jan", &["vanderberg", "jan"]);
        check("de la Cruz Maria", &["delacruz", "maria"]);
        check("Mac Donald, Ewan", &["macdonald", "ewan"]);
        check("MacDonald, Ewan", &["macdonald", "ewan"]);
        check("García de la Cruz, Ana", &["garcia", "delacruz", "ana"]);
        check("Le, Van", &["le", "van"]);
        check("Nguyen Van An", &["nguyen", "van", "an"]);
    }

    #[test]
    fn suffixes_and_titles_are_the_last_units() {
        check("Smith, John Jr.", &["smith", "john", "jr"]);
        check("Smith Jr., John", &["smith", "john", "jr"]);
        check("Smith, John, Jr.", &["smith", "john", "jr"]);
        check("Smith John Jr", &["smith", "john", "jr"]);
        check("Smith, Dr. John", &["smith", "john", "dr"]);
        check("Smith Dr. John", &["smith", "john", "dr"]);
        check("Dr. Smith, John", &["smith", "john", "dr"]);
        check("Smith, Dr. John, Sr., M.D.", &["smith", "john", "sr", "md", "dr"]);
        check("Smith, John Ph.D.", &["smith", "john", "phd"]);
        check("Smith, Mrs.", &["smith", "mrs"]);
    }

    #[test]
    fn numerals_sort_by_their_value_before_words() {
        check("Smith, John III", &["smith", "john", "013"]);
        check("Smith 3rd, John", &["smith", "john", "013"]);
        check("Smith, John, V", &["smith", "john", "015"]);
        check("Smith, John V", &["smith", "john", "v"]);
        check("Nguyen, Thi Vi", &["nguyen", "thi", "vi"]);
        check("Ii, Naomi", &["ii", "naomi"]);
    }

    proptest! {
        #[test]
        fn units_are_letters_and_digits_however_the_name_is_written(name in "\\PC{0,60}") {
            for unit in units(&name) {
                prop_assert!(!unit.is_empty() && unit.chars().all(char::is_alphanumeric), "{:?}", unit);
            }
        }

        #[test]
        fn case_accents_and_punctuation_make_no_difference(name in "[a-z]{1,8}, [a-z]{1,8}( (jr|ii|md))?") {
            let other = name.to_uppercase().replace('E', "É").replace(" J", " J\u{2019}").replace(", ", " , ");
            prop_assert_eq!(units(&other), units(&name));
        }
    }
}
