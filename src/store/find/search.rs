//! Finds patients by name and date of birth in a few look-ups, and compares what they bring.

use super::CHARTS_MAX;
use crate::store::names::born_number;
use crate::store::patients::{OnFile, on_file};
use crate::tracking::search::{Asked, Likeness, Match, Unit, keys, likeness, near_dates};
use rusqlite::{Connection, params};
use std::collections::{BTreeMap, BTreeSet};

/// Patients who are compared with what was asked.
const PATIENTS_MAX: usize = 400;
/// Of those, from one look-up.
const ROWS_MAX: usize = 200;
/// Rows among which a year is looked for.
const PASSED_MAX: usize = 4000;
/// Words on file that one word with a slip in it may mean.
const WORDS_MAX: usize = 24;
/// Words of one key that are compared.
const WORDS_OF_KEY_MAX: usize = 200;
/// Look-ups for slips.
const SEEKS_MAX: usize = 600;
/// Patients of the name who were born on another day; more of them are no answer.
const OTHERWISE_MAX: usize = 5;
/// Sorts after every letter that follows a beginning.
const AFTER: char = '\u{10ffff}';

/// A search for a patient: candidates come from a few look-ups each, the likeliest first, and are compared.
pub(super) struct Search<'a> {
    conn: &'a Connection,
    asked: &'a Asked,
    patients: BTreeMap<i64, Option<(Match, OnFile)>>,
    /// Days of birth as filed, from and to; everybody's if none was asked for.
    born: Vec<(i64, i64)>,
    seeks: usize,
    more: bool,
}

const ANY_DAY: (i64, i64) = (0, 99_999_999);

impl<'a> Search<'a> {
    pub(super) fn new(conn: &'a Connection, asked: &'a Asked) -> Search<'a> {
        let days = asked.born.iter().map(|day| (born_number(Some(*day)), born_number(Some(*day))));
        let year = asked.year.map(|year| (i64::from(year) * 10_000, i64::from(year) * 10_000 + 9999));
        let mut born: Vec<(i64, i64)> = days.chain(year).collect();
        if born.is_empty() {
            born.push(ANY_DAY);
        }
        Search { conn, asked, patients: BTreeMap::new(), born, seeks: 0, more: false }
    }

    /// Who fits, and whether somebody who fits as well may have been left out.
    pub(super) fn run(mut self) -> rusqlite::Result<(Vec<(Match, OnFile)>, bool)> {
        let is_whole = self.just_so()? | self.of_days()?;
        let exact = self.fits().filter(|fit| fit.is_exact()).count();
        let is_settled = self.asked.is_full() && exact > 0;
        if !is_settled && exact < CHARTS_MAX {
            self.with_slips()?;
        }
        let more = if is_settled { !is_whole } else { self.more || !is_whole };
        let ranked = self.patients.into_values().flatten();
        let (ranked, otherwise): (Vec<_>, Vec<_>) = ranked
            .filter(|(fit, _)| !is_settled || fit.is_exact())
            .partition(|(fit, _)| !fit.is_born_otherwise());
        if ranked.is_empty() && otherwise.len() <= OTHERWISE_MAX {
            return Ok((otherwise, more));
        }
        Ok((ranked, more))
    }

    fn fits(&self) -> impl Iterator<Item = &Match> {
        self.patients.values().flatten().map(|(fit, _)| fit)
    }

    /// Names as they were typed; whether all of them were seen.
    fn just_so(&mut self) -> rusqlite::Result<bool> {
        let asked = self.asked;
        let full: Vec<&Unit> = asked.name.iter().filter(|unit| unit.initial().is_none()).collect();
        let mut is_whole = false;
        if let [unit] = full.as_slice() {
            let initial = asked.initials().first().map(char::to_string).unwrap_or_default();
            let end = format!("{initial}{AFTER}");
            is_whole = true;
            for form in unit.wanted() {
                for days in self.born.clone() {
                    is_whole &= self.word(form, &initial, &end, days)?;
                }
            }
        }
        for (word, other) in pairs(asked) {
            let mut is_pair_whole = true;
            for days in self.born.clone() {
                is_pair_whole &= self.pair(word, other, days)?;
            }
            is_whole |= is_pair_whole;
        }
        Ok(is_whole)
    }

    /// Everybody born that day, whatever the name; whether all of them were seen.
    fn of_days(&mut self) -> rusqlite::Result<bool> {
        let mut is_whole = !self.asked.born.is_empty();
        for day in &self.asked.born {
            let patients: Vec<i64> = self
                .conn
                .prepare_cached("select patient_id from patient where born = ?1 limit ?2")?
                .query_map(params![day.to_string(), PATIENTS_MAX], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            is_whole &= patients.len() < PATIENTS_MAX;
            for patient in patients {
                self.take(patient)?;
            }
        }
        Ok(is_whole)
    }

    /// Names and days that differ a little from what was typed.
    fn with_slips(&mut self) -> rusqlite::Result<()> {
        let asked = self.asked;
        let forms = asked.forms();
        for day in &asked.born {
            for near in near_dates(*day) {
                let near = (born_number(Some(near)), born_number(Some(near)));
                for (word, other) in pairs(asked) {
                    self.pair(word, other, near)?;
                }
            }
        }
        let any = if asked.year.is_some() { self.born.clone() } else { vec![ANY_DAY] };
        if asked.name.iter().filter(|unit| unit.initial().is_none()).count() == 1 {
            let initial = asked.initials().first().map(char::to_string).unwrap_or_default();
            let end = format!("{initial}{AFTER}");
            for (word, days) in forms.into_iter().flat_map(|word| any.iter().map(move |days| (word, *days))) {
                self.beginning(word, (&initial, &end), days)?;
                for near in self.near(word)? {
                    self.word(&near, &initial, &end, days)?;
                }
            }
            return Ok(());
        }
        for (word, other) in pairs(asked) {
            let (words, others) = (self.meant(word)?, self.meant(other)?);
            let mut combined: Vec<(usize, &String, &String)> = Vec::new();
            for (rank, word) in words.iter().enumerate() {
                combined.extend(
                    others.iter().enumerate().map(|(other_rank, other)| (rank + other_rank, word, other)),
                );
            }
            combined.sort();
            for (_, word, other) in combined {
                for days in &any {
                    self.pair(word, other, *days)?;
                }
            }
        }
        // Given names are not filed with each other.
        if self.fits().next().is_none() {
            for word in forms {
                for days in &any {
                    self.word(word, "", &AFTER.to_string(), *days)?;
                }
            }
        }
        Ok(())
    }

    /// Patients with both words; whether these are all.
    fn pair(&mut self, word: &str, other: &str, days: (i64, i64)) -> rusqlite::Result<bool> {
        if self.seeks >= SEEKS_MAX {
            return Ok(false);
        }
        self.seeks += 1;
        let patients: Vec<i64> = self
            .conn
            .prepare_cached(
                "select patient_id from patient_word where word = ?1 and other = ?2 and born between ?3 and ?4 limit ?5",
            )?
            .query_map(params![word, other, days.0, days.1, ROWS_MAX], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        self.take_all(&patients, ROWS_MAX)
    }

    /// Patients with a word, and another one from `from` to `to`; whether these are all.
    fn word(&mut self, word: &str, from: &str, to: &str, days: (i64, i64)) -> rusqlite::Result<bool> {
        self.seeks += 1;
        // A year is looked for among many; for a day, there are those who were born then.
        let rows = if self.asked.year.is_some() { PASSED_MAX } else { ROWS_MAX };
        let mut statement = self.conn.prepare_cached(
            "select patient_id, born from patient_word where word = ?1 and other >= ?2 and other < ?3 limit ?4",
        )?;
        let found: Vec<(i64, i64)> = statement
            .query_map(params![word, from, to, rows], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let fits = found.iter().filter(|(_, born)| (days.0..=days.1).contains(born));
        let patients: BTreeSet<i64> = fits.map(|(patient, _)| *patient).collect();
        let patients: Vec<i64> = patients.into_iter().take(ROWS_MAX).collect();
        let is_whole = self.take_all(&patients, ROWS_MAX)?;
        Ok(is_whole && found.len() < rows)
    }

    /// Patients with a word that begins so.
    fn beginning(&mut self, word: &str, other: (&str, &str), days: (i64, i64)) -> rusqlite::Result<()> {
        for word in self.words_from(word)? {
            if self.patients.len() >= PATIENTS_MAX {
                self.more = true;
                break;
            }
            self.word(&word, other.0, other.1, days)?;
        }
        Ok(())
    }

    fn take_all(&mut self, patients: &[i64], most: usize) -> rusqlite::Result<bool> {
        let is_whole = patients.len() < most;
        self.more |= !is_whole;
        for patient in patients {
            self.take(*patient)?;
        }
        Ok(is_whole)
    }

    fn take(&mut self, patient: i64) -> rusqlite::Result<()> {
        if self.patients.contains_key(&patient) || self.patients.len() >= 2 * PATIENTS_MAX {
            return Ok(());
        }
        let ranked = on_file(self.conn, patient)?
            .and_then(|on_file| on_file.rank(self.asked).map(|fit| (fit, on_file)));
        self.patients.insert(patient, ranked);
        Ok(())
    }

    /// Words on file that a word may mean, itself first.
    fn meant(&self, word: &str) -> rusqlite::Result<Vec<String>> {
        let mut words = vec![word.to_owned()];
        words.extend(self.near(word)?);
        words.extend(self.words_from(word)?);
        Ok(words)
    }

    /// Words on file that are the same but for a slip, the nearest first.
    fn near(&self, word: &str) -> rusqlite::Result<Vec<String>> {
        let mut found: BTreeSet<(Likeness, String)> = BTreeSet::new();
        let mut statement = self.conn.prepare_cached("select word from word_key where key = ?1 limit ?2")?;
        for key in keys(word) {
            let mut rows = statement.query(params![key, WORDS_OF_KEY_MAX])?;
            while let Some(row) = rows.next()? {
                let other: String = row.get(0)?;
                let like = likeness(word, &other).filter(|like| *like != Likeness::Same);
                found.extend(like.map(|like| (like, other)));
            }
        }
        Ok(found.into_iter().map(|(_, word)| word).take(WORDS_MAX).collect())
    }

    /// The first words on file that begin so.
    fn words_from(&self, word: &str) -> rusqlite::Result<Vec<String>> {
        let mut statement = self.conn.prepare_cached(
            "with recursive found (word, count) as (
               select (select word from patient_word where word > ?1 and word < ?2 order by word limit 1), 1
               union all
               select (select patient_word.word from patient_word
                       where patient_word.word > found.word and patient_word.word < ?2 order by 1 limit 1), count + 1
               from found where found.word is not null and count < ?3)
             select word from found where word is not null",
        )?;
        let rows =
            statement.query_map(params![word, format!("{word}{AFTER}"), WORDS_MAX], |row| row.get(0))?;
        rows.collect()
    }
}

/// Each typed word with each other of another part of the name.
fn pairs(asked: &Asked) -> Vec<(&str, &str)> {
    let mut pairs = Vec::new();
    for (index, unit) in asked.name.iter().enumerate().filter(|(_, unit)| unit.initial().is_none()) {
        for (other_index, other) in asked.name.iter().enumerate().filter(|(_, unit)| unit.initial().is_none())
        {
            if index < other_index {
                pairs.extend(unit.wanted().flat_map(|form| other.wanted().map(move |other| (form, other))));
            }
        }
        if let [one, other, ..] = unit.words.as_slice() {
            pairs.push((one, other));
        }
    }
    pairs.truncate(12);
    pairs
}
