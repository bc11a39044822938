//! One box for whatever is in hand: reads a text as number, date of birth and name, in any order, and ranks the patients
//! that it may mean. Pure; the store finds the candidates by the keys that are made here.

mod born;
mod near;
mod rank;
mod words;

pub use born::near as near_dates;
pub use near::{Likeness, keys, likeness};
pub use rank::{Match, rank};
pub use words::{Unit, form, pairs, units};

use super::Mrn;
use super::filing::{folded, is_numeral};
use jiff::civil::Date;

/// Longest text that is read, in characters.
pub const TEXT_CHARS_MAX: usize = 256;
/// Most numbers that one text is looked up as.
const NUMBERS_MAX: usize = 6;
/// Most days that one text can mean.
const DAYS_MAX: usize = 8;

/// What a text may mean. All that it says of a patient must hold, but for slips; a number counts by itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// Record numbers: the text as a whole, then what has digits in it.
    pub numbers: Vec<Mrn>,
    /// Days of birth, likeliest first.
    pub born: Vec<Date>,
    /// Year of birth.
    pub year: Option<i16>,
    /// Parts of a name.
    pub name: Vec<Unit>,
}

impl Asked {
    /// Reads a text as people type it; `today` ends the dates of birth.
    pub fn read(text: &str, today: Date) -> Asked {
        let text: String = text.trim().chars().take(TEXT_CHARS_MAX).collect();
        let mut asked = Asked::default();
        asked.number(&text);
        let written: Vec<&str> = text.split(is_blank).filter(|word| !word.is_empty()).collect();
        let words: Vec<String> = written.iter().map(|word| folded(word)).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let mut name = String::new();
        let mut digits = String::new();
        let mut at = 0;
        while let (Some(word), Some(rest)) = (words.get(at), words.get(at..)) {
            let found = born::first(rest, today);
            let used = found.as_ref().map_or(1, |found| found.words);
            let is_number = word.chars().any(|letter| letter.is_ascii_digit()) && !is_numeral(word);
            if let Some(found) = &found {
                asked.born.extend(
                    found.days.iter().filter(|day| !asked.born.contains(day)).copied().collect::<Vec<_>>(),
                );
            } else if is_number {
                asked.year = asked.year.or(born::year(word, today));
            } else {
                name.push_str(word);
                name.push(' ');
            }
            if found.is_some() || is_number {
                digits.push_str(&written.get(at..at + used).unwrap_or_default().join(" "));
                digits.push(' ');
            }
            if !is_number || at + used >= words.len() {
                // Digits with blanks between them may be one number.
                asked.number(&std::mem::take(&mut digits));
            }
            at += used;
        }
        asked.born.truncate(DAYS_MAX);
        asked.name = units(&name);
        if asked.name.is_empty() {
            // Alone, four digits are a number.
            asked.year = None;
        }
        asked
    }

    /// The words that names are looked up by, run together where they are one part.
    pub fn forms(&self) -> Vec<&str> {
        let full = self.name.iter().filter(|unit| unit.initial().is_none());
        full.flat_map(Unit::wanted).collect()
    }

    /// The letters that a name has as initials.
    pub fn initials(&self) -> Vec<char> {
        self.name.iter().filter_map(Unit::initial).collect()
    }

    /// Whether it says anything of a patient besides numbers.
    pub fn is_of_patient(&self) -> bool {
        !self.born.is_empty() || !self.forms().is_empty()
    }

    /// Whether it says so much that who has all of it is meant, and nobody who has it but for a slip.
    pub fn is_full(&self) -> bool {
        let born = usize::from(!self.born.is_empty() || self.year.is_some());
        self.name.len() + born > 1
    }

    fn number(&mut self, text: &str) {
        let number =
            Mrn::parse(text).filter(|new| self.numbers.iter().all(|number| number.key() != new.key()));
        if self.numbers.len() < NUMBERS_MAX {
            self.numbers.extend(number);
        }
    }
}

fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || matches!(letter, ',' | ';')
}

#[cfg(test)]
mod tests;
