//! How well a patient on file fits what was typed, and in what it differs.

use super::near::{Likeness, likeness};
use super::words::{Unit, units};
use super::{Asked, near_dates};
use jiff::civil::Date;

/// What a difference costs: a wrong letter 10, so that all others are more or less than that.
const LETTER: u32 = 10;
const SOUND: u32 = 15;
const BEGINS: u32 = 3;
const INITIAL: u32 = 2;
/// A word on file that was not typed.
const NOT_TYPED: u32 = 1;
/// A word that was typed and is not on file.
const NOT_ON_FILE: u32 = 30;
const BORN_NEARLY: u32 = 12;
const BORN_UNKNOWN: u32 = 8;
const BORN_OTHERWISE: u32 = 40;
/// Names that cost more are no match for somebody born on another day.
const OTHERWISE_MAX: u32 = 5;

/// How a patient fits. Ordered best first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Match {
    cost: u32,
    name: Fit,
    born: Born,
}

/// How the name fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    /// Words that were typed and are not on file.
    missing: usize,
    /// Letters that differ.
    letters: usize,
    sounds: bool,
    begins: bool,
}

/// How the date of birth fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Born {
    /// As typed, or none was.
    Fits,
    Nearly,
    Unknown,
    Otherwise,
}

impl Match {
    /// All that was typed is on file just so.
    pub fn is_exact(&self) -> bool {
        let Fit { missing, letters, sounds, begins } = self.name;
        missing == 0 && letters == 0 && !sounds && !begins && self.born == Born::Fits
    }

    /// Something that was typed is not on file so: somebody must look whether it is the right patient.
    pub fn is_nearly(&self) -> bool {
        let Fit { missing, letters, sounds, .. } = self.name;
        missing > 0 || letters > 0 || sounds || self.born != Born::Fits
    }

    /// The patient was born on another day than was typed.
    pub fn is_born_otherwise(&self) -> bool {
        self.born == Born::Otherwise
    }

    /// In what it differs; empty if in nothing.
    pub fn why(&self) -> String {
        let Fit { missing, letters, sounds, begins } = self.name;
        let mut why = Vec::new();
        match letters {
            0 => {}
            1 => why.push("name nearly: 1 letter differs".to_owned()),
            more => why.push(format!("name nearly: {more} letters differ")),
        }
        if sounds {
            why.push("name sounds alike".to_owned());
        }
        if begins {
            why.push("name begins so".to_owned());
        }
        match missing {
            0 => {}
            1 => why.push("1 word of the name is not on file".to_owned()),
            more => why.push(format!("{more} words of the name are not on file")),
        }
        match self.born {
            Born::Fits => {}
            Born::Nearly => why.push("date of birth nearly".to_owned()),
            Born::Unknown => why.push("date of birth not on file".to_owned()),
            Born::Otherwise => why.push("another date of birth".to_owned()),
        }
        why.join("; ")
    }
}

/// How a patient of this name and date of birth fits; `None` if not at all.
pub fn rank(asked: &Asked, name: Option<&str>, born: Option<Date>) -> Option<Match> {
    let born = fit_born(asked, born);
    let on_file = name.map(units).unwrap_or_default();
    let asked_full = asked.name.iter().any(|unit| unit.initial().is_none());
    let ways = [(false, false), (true, false), (false, true), (true, true)];
    let fits = ways.into_iter().map(|(one, other)| fit(&words(&asked.name, one), &words(&on_file, other)));
    let (name, name_cost, found_full) = fits.min_by_key(|(fit, cost, _)| (*cost, *fit))?;
    let says_born = !asked.born.is_empty();
    let may_miss = usize::from(says_born && born == Born::Fits && (found_full || !asked_full));
    let may_be_otherwise = asked_full && name_cost <= OTHERWISE_MAX;
    if name.missing > may_miss || (born == Born::Otherwise && !may_be_otherwise) {
        return None;
    }
    if !asked_full && (born != Born::Fits || name.missing > 0) {
        return None;
    }
    let born_cost = match born {
        Born::Fits => 0,
        Born::Nearly => BORN_NEARLY,
        Born::Unknown => BORN_UNKNOWN,
        Born::Otherwise => BORN_OTHERWISE,
    };
    Some(Match { cost: name_cost + born_cost, name, born })
}

fn fit_born(asked: &Asked, born: Option<Date>) -> Born {
    if asked.born.is_empty() && asked.year.is_none() {
        return Born::Fits;
    }
    let Some(born) = born else { return Born::Unknown };
    if asked.born.contains(&born) || asked.year == Some(born.year()) {
        Born::Fits
    } else if near_dates(born).iter().any(|near| asked.born.contains(near)) {
        Born::Nearly
    } else {
        Born::Otherwise
    }
}

/// A word as it is compared, and as it was written.
type Word<'a> = (&'a str, &'a str);

/// The words of a name; run together where they can be.
fn words(units: &[Unit], is_joined: bool) -> Vec<Word<'_>> {
    let mut words: Vec<Word<'_>> = Vec::new();
    for unit in units {
        match &unit.joined {
            Some(joined) if is_joined => words.push((joined, joined)),
            _ => words
                .extend(unit.words.iter().map(String::as_str).zip(unit.written.iter().map(String::as_str))),
        }
    }
    words
}

/// Gives each typed word the word on file that is most like it, each once. With the cost, and whether a word that is
/// more than an initial was found.
fn fit(typed: &[Word<'_>], on_file: &[Word<'_>]) -> (Fit, u32, bool) {
    let mut likenesses = Vec::new();
    for (index, word) in typed.iter().enumerate() {
        for (other_index, other) in on_file.iter().enumerate() {
            let like = alike(*word, *other).map(|(cost, like)| (cost, index, other_index, like));
            likenesses.extend(like);
        }
    }
    likenesses.sort_unstable();
    let (mut used, mut used_on_file) = (vec![false; typed.len()], vec![false; on_file.len()]);
    let mut fit = Fit { missing: 0, letters: 0, sounds: false, begins: false };
    let (mut cost, mut found_full) = (0, false);
    for (price, index, other_index, like) in likenesses {
        let (Some(taken), Some(taken_on_file)) = (used.get_mut(index), used_on_file.get_mut(other_index))
        else {
            continue;
        };
        if *taken || *taken_on_file {
            continue;
        }
        (*taken, *taken_on_file) = (true, true);
        cost += price;
        found_full |= typed.get(index).is_some_and(|(word, _)| word.chars().count() > 1);
        match like {
            Some(Likeness::Letters(count)) => fit.letters += count,
            Some(Likeness::Sounds) => fit.sounds = true,
            Some(Likeness::Begins) => fit.begins = true,
            Some(Likeness::Same) | None => {}
        }
    }
    fit.missing = used.iter().filter(|used| !**used).count();
    let not_typed = used_on_file.iter().filter(|used| !**used).count();
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    (fit, cost + NOT_ON_FILE * count(fit.missing) + NOT_TYPED * count(not_typed), found_full)
}

/// What it costs to take one word for the other; no likeness: one is the other's initial.
fn alike(typed: Word<'_>, on_file: Word<'_>) -> Option<(u32, Option<Likeness>)> {
    let is_letter = |word: &str| word.chars().nth(1).is_none();
    if typed.0 != on_file.0 && (is_letter(typed.0) || is_letter(on_file.0)) {
        return (typed.0.chars().next() == on_file.0.chars().next()).then_some((INITIAL, None));
    }
    // In a slip of the pen, oe may be no ö.
    let of_written = || if typed == on_file { None } else { likeness(typed.1, on_file.1) };
    let like = match likeness(typed.0, on_file.0) {
        Some(like) if like <= Likeness::Begins => like,
        like => like.into_iter().chain(of_written()).min()?,
    };
    let cost = match like {
        Likeness::Same => 0,
        Likeness::Begins => BEGINS,
        Likeness::Letters(letters) => LETTER * u32::try_from(letters).unwrap_or(u32::MAX),
        Likeness::Sounds => SOUND,
    };
    Some((cost, Some(like)))
}
