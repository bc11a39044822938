//! Names as they are compared: words without case, accents and punctuation, whatever the order, with what stands before
//! and after them told apart.

use super::super::filing::{PREFIXES, SUFFIXES, TITLES, folded, is_numeral};
use std::collections::BTreeSet;

/// Words of a name that are looked up; a name of more is found by its first ones.
const FORMS_MAX: usize = 6;
/// Words that are read at all.
const UNITS_MAX: usize = 12;
/// Longest word that is compared, in letters.
const FORM_CHARS_MAX: usize = 32;
/// What is written with or without a blank before the rest of a surname, and is never left out: Mc Donald is McDonald.
const GLUED: &[&str] = &["fitz", "mac", "mc", "o"];

/// A part of a name between blanks, with the particles before it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unit {
    /// Its words: one, or those between hyphens; a lone letter is an initial.
    pub words: Vec<String>,
    /// The same with every letter as it was written, accents aside.
    pub written: Vec<String>,
    /// All of it run together, particles too, if that is another word.
    pub joined: Option<String>,
    /// It stands before the comma of `surname, given names`.
    pub is_surname: bool,
}

impl Unit {
    /// The letter, if that is all there is of it.
    pub fn initial(&self) -> Option<char> {
        let [word] = self.words.as_slice() else { return None };
        let mut letters = word.chars();
        letters.next().filter(|_| letters.next().is_none())
    }

    /// Every word that it is filed under.
    pub fn forms(&self) -> impl Iterator<Item = &str> {
        self.words.iter().chain(&self.joined).map(String::as_str)
    }

    /// Every word that it is looked for by: in a slip of the pen, oe may be no ö.
    pub fn wanted(&self) -> impl Iterator<Item = &str> + Clone {
        let written = self.written.iter().filter(|written| !self.words.contains(written));
        self.words.iter().chain(&self.joined).chain(written).map(String::as_str)
    }
}

/// A word as it is compared: letters and digits in lower case without accents; ü is ue is u, å is aa is a.
pub fn form(word: &str) -> String {
    plain(&folded(word))
}

/// The same of a word that is folded already.
fn plain(folded: &str) -> String {
    let mut form = String::with_capacity(folded.len());
    let mut before = (None, None);
    for letter in folded.chars().filter(|letter| letter.is_alphanumeric()).take(FORM_CHARS_MAX) {
        let is_lengthened = match (before, letter) {
            // Enriquez is written with a u that is not said.
            ((Some('q'), Some('u')), 'e') => false,
            ((_, Some('a' | 'o' | 'u')), 'e') | ((_, Some('a')), 'a') => true,
            _ => false,
        };
        if !is_lengthened {
            form.push(letter);
        }
        before = (before.1, Some(letter));
    }
    form
}

/// The parts of a name as it is on file or as it was typed; titles, degrees and seniority are left out.
pub fn units(name: &str) -> Vec<Unit> {
    let name = folded(name);
    let (surname, given) = match name.split_once(',') {
        Some((surname, given)) => (surname, Some(given)),
        None => (name.as_str(), None),
    };
    let mut units = units_of(surname, given.is_some());
    units.extend(given.map(|given| units_of(given, false)).unwrap_or_default());
    units.truncate(UNITS_MAX);
    units
}

fn units_of(text: &str, is_surname: bool) -> Vec<Unit> {
    let written: Vec<&str> = text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';')).collect();
    let written: Vec<&str> =
        written.into_iter().filter(|word| word.chars().any(char::is_alphanumeric)).collect();
    let count = written.iter().filter(|word| !is_left_out(word)).count();
    let mut units = Vec::new();
    let (mut particles, mut glue) = (String::new(), String::new());
    let last = written.len().saturating_sub(1);
    for (index, word) in written.into_iter().enumerate() {
        // A name that is all titles is a name.
        if count > 0 && is_left_out(word) {
            continue;
        }
        let letters = letters(word);
        let is_dotted = word.ends_with('.') && letters.chars().count() == 1;
        if index < last && GLUED.contains(&letters.as_str()) && !is_dotted {
            glue.push_str(&letters);
        } else if index < last && letters.chars().count() > 1 && PREFIXES.contains(&letters.as_str()) {
            particles.push_str(&letters);
        } else if let Some(initials) = initials(word) {
            let unit = |letter: String| Unit {
                words: vec![letter.clone()],
                written: vec![letter],
                joined: None,
                is_surname,
            };
            units.extend(initials.into_iter().map(unit));
        } else {
            units.push(unit(word, &std::mem::take(&mut particles), &std::mem::take(&mut glue), is_surname));
        }
    }
    units
}

fn unit(word: &str, particles: &str, glue: &str, is_surname: bool) -> Unit {
    let parts: Vec<&str> = word.split(['-', '\u{2010}', '\u{2011}', '\u{2013}']).collect();
    let is_particle = |part: &str| parts.len() > 1 && PREFIXES.contains(&letters(part).as_str());
    let mut written: Vec<String> = parts
        .iter()
        .filter(|part| !is_particle(part))
        .map(|part| letters(part))
        .filter(|part| !part.is_empty())
        .collect();
    if let Some(first) = written.first_mut() {
        first.insert_str(0, glue);
    }
    let words: Vec<String> = written.iter().map(|word| plain(word)).collect();
    let joined = plain(&format!("{particles}{glue}{word}"));
    if words.is_empty() {
        return Unit { words: vec![joined.clone()], written: vec![joined], joined: None, is_surname };
    }
    let is_other = words != [joined.as_str()];
    Unit { words, written, joined: is_other.then_some(joined), is_surname }
}

fn letters(word: &str) -> String {
    word.chars().filter(|letter| letter.is_alphanumeric()).take(FORM_CHARS_MAX).collect()
}

fn is_left_out(word: &str) -> bool {
    let word = letters(word);
    TITLES.contains(&word.as_str()) || SUFFIXES.contains(&word.as_str()) || is_numeral(&word)
}

/// The letters of `j.r.`.
fn initials(word: &str) -> Option<Vec<String>> {
    let letters: Vec<&str> = word.split('.').filter(|piece| !piece.is_empty()).collect();
    let are_initials = letters.len() > 1
        && letters.iter().all(|piece| piece.chars().count() == 1 && piece.chars().all(char::is_alphabetic));
    are_initials.then(|| letters.into_iter().map(str::to_owned).collect())
}

/// What a patient's name is filed under for searches: each word with each other, in both orders, so that one look-up
/// finds both. The given names of `surname, given names` are not paired with each other. A name of one word is paired
/// with nothing.
pub fn pairs(name: &str) -> BTreeSet<(String, String)> {
    let units = units(name);
    let full = units.iter().filter(|unit| unit.initial().is_none()).count();
    let has_comma = units.iter().any(|unit| unit.is_surname);
    let filed: Vec<(usize, &Unit, &str)> = units
        .iter()
        .enumerate()
        .filter(|(_, unit)| unit.initial().is_none() || full < 2)
        .flat_map(|(number, unit)| unit.forms().map(move |form| (number, unit, form)))
        .take(FORMS_MAX)
        .collect();
    let mut pairs = BTreeSet::new();
    for (number, unit, form) in &filed {
        for (other_number, other_unit, other) in &filed {
            let is_joined = |word: &&str| unit.joined.as_deref() == Some(*word);
            let is_same = number == other_number && (form == other || is_joined(form) || is_joined(other));
            let are_given = has_comma && !unit.is_surname && !other_unit.is_surname;
            if !is_same && !are_given {
                pairs.insert(((*form).to_owned(), (*other).to_owned()));
            }
        }
    }
    let paired: BTreeSet<String> = pairs.iter().map(|(word, _)| word.clone()).collect();
    for (_, _, form) in filed {
        if !paired.contains(form) {
            pairs.insert((form.to_owned(), String::new()));
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str) -> String {
        let unit = |unit: Unit| {
            let joined = unit.joined.map(|joined| format!("={joined}")).unwrap_or_default();
            format!("{}{joined}", unit.words.join("+"))
        };
        units(name).into_iter().map(unit).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn names_come_apart_into_words() {
        for (name, expect) in [
            ("García Márquez, José", "garcia marquez jose"),
            ("MÜLLER, Jürgen", "muller jurgen"),
            ("Mueller Juergen", "muller jurgen"),
            ("Møller, Åse", "moller ase"),
            ("Moeller, Aase", "moller ase"),
            ("Strauß, Zoë", "strauss zo"),
            ("Łukasz Wałęsa", "lukasz walesa"),
            ("Bjærke", "bjarke"),
            ("O'Brien, Mary-Ann", "obrien mary+ann=maryann"),
            ("O’Brien", "obrien"),
            ("O Brien", "obrien"),
            ("Smith-Jones, A.", "smith+jones=smithjones a"),
            ("Mc Donald, Ewan", "mcdonald ewan"),
            ("MacDonald", "macdonald"),
            ("van der Berg, Jan", "berg=vanderberg jan"),
            ("de la Cruz Maria", "cruz=delacruz maria"),
            ("al-Hassan, Omar", "hassan=alhassan omar"),
            ("St. John, Ian", "john=stjohn ian"),
            ("Smith, J.R.", "smith j r"),
            ("Smith, J", "smith j"),
            ("Smith, Dr. John, Jr.", "smith john"),
            ("Smith III, John", "smith john"),
            ("Junior, Miss", "junior miss"),
            ("Nguyen Van An", "nguyen an=vanan"),
            ("Le, Van", "le van"),
            ("", ""),
            (" -, . '", ""),
        ] {
            assert_eq!(told(name), expect, "{name:?}");
        }
    }

    #[test]
    fn a_name_is_filed_under_its_words_in_both_orders() {
        for (name, expect) in [
            ("Garcia, Maria", "garcia/maria maria/garcia"),
            ("Suharto", "suharto/"),
            ("Smith, J.", "j/smith smith/j"),
            ("Smith, John R.", "john/smith smith/john"),
            ("Garcia, Maria Carmen", "carmen/garcia garcia/carmen garcia/maria maria/garcia"),
            ("de la Cruz, Ana", "ana/cruz ana/delacruz cruz/ana delacruz/ana"),
            ("Kim Lee", "kim/lee lee/kim"),
            ("", ""),
        ] {
            let pairs: Vec<String> =
                pairs(name).into_iter().map(|(word, other)| format!("{word}/{other}")).collect();
            assert_eq!(pairs.join(" "), expect, "{name:?}");
        }
    }
}
