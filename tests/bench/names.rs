//! Patients' names as they are spread in a town: a few that everybody has, and very many that hardly anybody has.

use std::fmt::Write;

const SURNAMES: [&str; 24] = [
    "Garcia",
    "Smith",
    "Johnson",
    "Nguyen",
    "Müller",
    "Rodriguez",
    "Brown",
    "Kim",
    "Lopez",
    "Núñez",
    "O'Brien",
    "Silva",
    "Kowalski",
    "Smith-Jones",
    "van der Berg",
    "McDonald",
    "Rossi",
    "Petrov",
    "Larsen",
    "Meyer",
    "Tran",
    "Cohen",
    "Ali",
    "de la Cruz",
];
const GIVEN_NAMES: [&str; 24] = [
    "Maria", "James", "Mary", "José", "Anna", "John", "Linda", "David", "Fatima", "Peter", "Mohammed",
    "Elena", "Jürgen", "Grace", "Mary-Ann", "Omar", "Ingrid", "Paul", "Chiara", "Aiko", "Thomas", "Zoë",
    "Samuel", "Nora",
];
const FIRST: [&str; 20] =
    ["b", "br", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "st", "t", "v", "w", "z"];
const VOWELS: [&str; 8] = ["a", "e", "i", "o", "u", "ei", "ia", "ou"];
const LAST: [&str; 12] = ["", "", "", "n", "r", "s", "l", "m", "t", "ck", "rt", "nd"];
/// Surnames and given names beyond the lists.
const RARE_SURNAMES: u64 = 150_000;
const RARE_GIVEN_NAMES: u64 = 12_000;

/// A patient of a bench.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub(crate) surname: String,
    pub(crate) given: String,
    pub(crate) born: jiff::civil::Date,
}

impl Person {
    /// The patient of a number; always the same one.
    pub(crate) fn new(number: u64) -> Person {
        let mut random = fastrand::Rng::with_seed(number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let born = jiff::civil::Date::constant(1930, 1, 1);
        let born = born.checked_add(jiff::Span::new().days(random.i64(0..34_000))).unwrap();
        Person {
            surname: name(&mut random, &SURNAMES, RARE_SURNAMES, 11),
            given: name(&mut random, &GIVEN_NAMES, RARE_GIVEN_NAMES, 13),
            born,
        }
    }

    /// As a list writes it.
    pub(crate) fn name(&self) -> String {
        format!("{}, {}", self.surname, self.given)
    }
}

/// One of the list in three cases of ten, the first ones most often; else one of so many others, some more often too.
fn name(random: &mut fastrand::Rng, list: &[&str], others: u64, seed: u64) -> String {
    let skew = random.f64();
    if random.f64() < 0.3 {
        return list[(skew * skew * list.len() as f64) as usize].to_owned();
    }
    let other = (skew * skew * skew * others as f64) as u64;
    let mut made = fastrand::Rng::with_seed(other * 31 + seed);
    let mut name = String::new();
    for _ in 0..made.usize(2..4) {
        let syllable = [&FIRST[..], &VOWELS[..], &LAST[..]].map(|part| part[made.usize(0..part.len())]);
        write!(name, "{}", syllable.concat()).unwrap();
    }
    let first = name.remove(0).to_ascii_uppercase();
    format!("{first}{name}")
}
