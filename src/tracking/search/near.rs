//! Which words may be meant by a word with a slip in it: keys that both share, and how far apart the two are.

use std::collections::BTreeSet;

/// Letters of a word that keys are made of; what comes after them is only compared.
const KEYED_CHARS_MAX: usize = 16;
/// Shorter words are keyed whole: without a letter hardly anything is left of them.
const SHORTENED_CHARS_MIN: usize = 3;
/// Words of so many letters may differ by two.
const TWO_SLIPS_CHARS_MIN: usize = 6;

/// How a word on file resembles one that was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// It is the same.
    Same,
    /// It begins like it.
    Begins,
    /// So many letters are wrong, missing, too many, or swapped with their neighbours.
    Letters(usize),
    /// It sounds alike.
    Sounds,
}

/// Keys of a word: two words that differ by one letter, or by two neighbours that are swapped, share one.
///
/// Each key is a hash of the word, or of the word without one of its letters (the deletion neighbourhood of Mor and
/// Fraenkel, 1982), or of how it sounds. A key is shared by chance too, so that words are compared afterwards.
pub fn keys(word: &str) -> BTreeSet<i64> {
    let letters: Vec<char> = word.chars().take(KEYED_CHARS_MAX).collect();
    let mut keys = BTreeSet::from([hash(b'=', letters.iter().copied())]);
    if letters.len() >= SHORTENED_CHARS_MIN {
        for left_out in 0..letters.len() {
            let rest = letters.iter().enumerate().filter(|(index, _)| *index != left_out);
            keys.insert(hash(b'=', rest.map(|(_, letter)| *letter)));
        }
        keys.insert(hash(b'~', sound(word).chars()));
    }
    keys
}

/// How `found` resembles `typed`, if it does.
pub fn likeness(typed: &str, found: &str) -> Option<Likeness> {
    if typed == found {
        return Some(Likeness::Same);
    }
    let letters = typed.chars().count();
    if letters >= 2 && found.starts_with(typed) {
        return Some(Likeness::Begins);
    }
    let allowed = if letters >= TWO_SLIPS_CHARS_MIN { 2 } else { 1 };
    let lengths = letters.abs_diff(found.chars().count());
    if letters < 2 || lengths > 3 {
        return None;
    }
    let apart = if lengths <= allowed { strsim::damerau_levenshtein(typed, found) } else { usize::MAX };
    let sounds = letters >= SHORTENED_CHARS_MIN && sound(typed) == sound(found);
    match apart {
        1 => Some(Likeness::Letters(1)),
        _ if sounds => Some(Likeness::Sounds),
        apart => (apart <= allowed).then_some(Likeness::Letters(apart)),
    }
}

/// FNV-1a, 32 bits: stable for ever, as the keys are on disk.
fn hash(kind: u8, letters: impl Iterator<Item = char>) -> i64 {
    let mut hash: u32 = 0x811c_9dc5;
    let mut add = |byte: u8| hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    add(kind);
    for letter in letters {
        let mut bytes = [0; 4];
        letter.encode_utf8(&mut bytes).bytes().for_each(&mut add);
    }
    i64::from(hash)
}

/// Spellings that sound alike in the names of English, German, French and Spanish, longest first.
const SPELLINGS: &[(&str, &str)] = &[
    ("sch", "s"),
    ("tsch", "s"),
    ("ph", "f"),
    ("ck", "k"),
    ("ch", "k"),
    ("sh", "s"),
    ("th", "t"),
    ("gh", ""),
    ("dt", "t"),
    ("tz", "s"),
    ("kn", "n"),
    ("wr", "r"),
    ("qu", "kv"),
    ("ce", "se"),
    ("ci", "si"),
    ("cy", "sy"),
];

/// How a word sounds: consonants of one kind are one, and so are all runs of vowels.
fn sound(word: &str) -> String {
    let mut sound = String::with_capacity(word.len());
    let mut rest = word;
    while let Some(letter) = rest.chars().next() {
        let spelling = SPELLINGS.iter().find(|(written, _)| rest.starts_with(written));
        let (said, length) = match spelling {
            // The vowel after the c is said by itself.
            Some((written, said)) if written.starts_with('c') && said.len() == 2 => {
                (said.get(..1).unwrap_or(said), 1)
            }
            Some((written, said)) => (*said, written.len()),
            None => (single(letter), letter.len_utf8()),
        };
        let said = if said == "-" { rest.get(..length).unwrap_or_default() } else { said };
        if !sound.ends_with(said) {
            sound.push_str(said);
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    // An e at the end is seldom heard.
    if word.ends_with('e') && sound.len() > 2 {
        sound.pop();
    }
    sound
}

/// What a letter alone sounds like; `-` if like itself.
fn single(letter: char) -> &'static str {
    match letter {
        'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'j' => "a",
        'h' => "",
        'c' | 'q' | 'g' | 'k' => "k",
        'd' | 't' => "t",
        'b' | 'p' => "p",
        'v' | 'w' | 'f' => "f",
        'z' | 's' => "s",
        'x' => "ks",
        _ => "-",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_resemble_each_other() {
        use Likeness::{Begins, Letters, Same, Sounds};
        for (typed, found, expect) in [
            ("garcia", "garcia", Some(Same)),
            ("gar", "garcia", Some(Begins)),
            ("garcai", "garcia", Some(Letters(1))),
            ("hgarcia", "garcia", Some(Letters(1))),
            ("agrcia", "garcia", Some(Letters(1))),
            ("farcia", "garcia", Some(Letters(1))),
            ("garca", "garcia", Some(Letters(1))),
            ("gaarcai", "garcia", Some(Letters(2))),
            ("nunes", "nunez", Some(Letters(1))),
            ("mayer", "meier", Some(Sounds)),
            ("steven", "stephen", Some(Sounds)),
            ("katherine", "catherine", Some(Letters(1))),
            ("smit", "schmidt", Some(Sounds)),
            ("philip", "filip", Some(Sounds)),
            ("anna", "hannah", Some(Sounds)),
            ("li", "lo", Some(Letters(1))),
            ("li", "garcia", None),
            ("garcia", "lopez", None),
            ("j", "jo", None),
            ("jose", "rosa", None),
        ] {
            assert_eq!(likeness(typed, found), expect, "{typed} {found}");
        }
    }

    proptest! {
        #[test]
        fn one_slip_leaves_a_key_in_common(word in "[a-z]{3,16}", at in 0_usize..16, letter in "[a-z]", slip in 0_u8..4) {
            let mut letters: Vec<char> = word.chars().collect();
            let at = at % letters.len();
            let letter = letter.chars().next().unwrap();
            match slip {
                0 => { letters.remove(at); }
                1 => letters.insert(at, letter),
                2 => letters[at] = letter,
                _ => { let next = (at + 1) % letters.len(); if next > at { letters.swap(at, next); } }
            }
            let typed: String = letters.into_iter().collect();
            prop_assume!(typed.len() >= 3 && typed.len() <= 16);
            prop_assert!(keys(&word).intersection(&keys(&typed)).next().is_some(), "{} {}", word, typed);
            prop_assert!(likeness(&typed, &word).is_some());
        }

        #[test]
        fn any_text_has_keys(word in "\\PC{0,40}") {
            prop_assert!(!keys(&word).is_empty());
        }
    }
}
