//! One table's keys, each taken with its type checked and its place kept. Nothing stops at the first mistake.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::files::Place;
use super::keys::{TABLES, Table};
use super::nearest::nearest;
use super::problems::Problems;

/// A value and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct At<T> {
    pub(super) place: Place,
    pub(super) value: T,
}

/// The keys of one table, or of all tables of that name when several files have one.
pub(super) struct Fields<'a> {
    /// Where the table begins.
    pub(super) place: Place,
    table: &'static Table,
    entries: BTreeMap<&'a str, Vec<Entry<'a>>>,
}

#[derive(Clone, Copy)]
struct Entry<'a> {
    key: Place,
    value: At<&'a DeValue<'a>>,
}

impl<'a> Fields<'a> {
    /// What stands before the first table, in all files.
    pub(super) fn top(table: &'static Table, files: &'a [Spanned<DeTable<'a>>]) -> Fields<'a> {
        let mut fields = Fields { place: Place { file: 0, byte: 0 }, table, entries: BTreeMap::new() };
        for (file, root) in files.iter().enumerate() {
            fields.extend(file, root.get_ref());
        }
        fields
    }

    /// Text.
    pub(super) fn text(&self, key: &str, problems: &mut Problems<'_>) -> Option<At<&'a str>> {
        let value = self.last(key)?;
        text(key, value, problems)
    }

    /// A whole number within a range; a number outside is reported with the range.
    pub(super) fn number(
        &self,
        key: &str,
        range: RangeInclusive<u64>,
        problems: &mut Problems<'_>,
    ) -> Option<At<u64>> {
        let At { place, value } = self.last(key)?;
        let Some(integer) = value.as_integer() else {
            problems.add(place, wrong_type(key, value, "a whole number", "write digits without quotes"));
            return None;
        };
        match u64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(value) if range.contains(&value) => Some(At { place, value }),
            _ => {
                let (least, most) = (range.start(), range.end());
                let what = format!("`{key}` is out of range; write a number from {least} to {most}");
                problems.add(place, what);
                None
            }
        }
    }

    /// A number of things.
    pub(super) fn count(
        &self,
        key: &str,
        range: RangeInclusive<u64>,
        problems: &mut Problems<'_>,
    ) -> Option<At<usize>> {
        let At { place, value } = self.number(key, range, problems)?;
        usize::try_from(value).ok().map(|value| At { place, value })
    }

    /// Milliseconds.
    pub(super) fn millis(
        &self,
        key: &str,
        range: RangeInclusive<u64>,
        problems: &mut Problems<'_>,
    ) -> Option<At<Duration>> {
        let At { place, value } = self.number(key, range, problems)?;
        Some(At { place, value: Duration::from_millis(value) })
    }

    /// Seconds.
    pub(super) fn seconds(
        &self,
        key: &str,
        range: RangeInclusive<u64>,
        problems: &mut Problems<'_>,
    ) -> Option<At<Duration>> {
        let At { place, value } = self.number(key, range, problems)?;
        Some(At { place, value: Duration::from_secs(value) })
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, key: &str, problems: &mut Problems<'_>) -> Option<At<bool>> {
        let At { place, value } = self.last(key)?;
        let Some(value) = value.as_bool() else {
            let advice = "write it without quotes";
            problems.add(place, wrong_type(key, value, "true or false", advice));
            return None;
        };
        Some(At { place, value })
    }

    /// One of a few words.
    pub(super) fn choice<T: Copy>(
        &self,
        key: &str,
        words: &[(&str, T)],
        problems: &mut Problems<'_>,
    ) -> Option<At<T>> {
        let typed = self.text(key, problems)?;
        choose(key, typed, words, problems)
    }

    /// Several texts.
    pub(super) fn texts(&self, key: &str, problems: &mut Problems<'_>) -> Option<At<Vec<At<&'a str>>>> {
        let At { place, value } = self.last(key)?;
        let Some(items) = value.as_array() else {
            let advice = format!("write {key} = [\"…\", \"…\"]");
            problems.add(place, wrong_type(key, value, "a list", &advice));
            return None;
        };
        let items = items.iter().map(|item| at(place.file, item));
        let value = items.filter_map(|item| text(key, item, problems)).collect();
        Some(At { place, value })
    }

    /// A single table: the keys of all files together, the last file's values winning.
    pub(super) fn section(
        &self,
        key: &str,
        table: &'static Table,
        problems: &mut Problems<'_>,
    ) -> Fields<'a> {
        let mut fields = Fields { place: self.place, table, entries: BTreeMap::new() };
        for entry in self.all(key) {
            match entry.value.value.as_table() {
                Some(found) => fields.extend(entry.key.file, found),
                None => problems.add(entry.key, format!("`{key}` must be a table; write [{key}]")),
            }
        }
        fields
    }

    /// A table that may occur many times: those of all files one after the other.
    pub(super) fn tables(
        &self,
        key: &str,
        table: &'static Table,
        problems: &mut Problems<'_>,
    ) -> Vec<Fields<'a>> {
        let mut found = Vec::new();
        for entry in self.all(key) {
            let items = entry.value.value.as_array().map_or(&[][..], |items| items.as_ref());
            let tables = items.iter().filter(|item| item.get_ref().is_table()).count();
            if tables == 0 || tables < items.len() {
                problems.add(entry.key, format!("`{key}` must be written as {}", table.name));
                continue;
            }
            for item in items {
                let At { place, value } = at(entry.key.file, item);
                let mut fields = Fields { place, table, entries: BTreeMap::new() };
                if let Some(keys) = value.as_table() {
                    fields.extend(place.file, keys);
                }
                found.push(fields);
            }
        }
        found
    }

    /// Reports that a key must be given.
    pub(super) fn required<T>(&self, key: &str, taken: Option<T>, problems: &mut Problems<'_>) -> Option<T> {
        if !self.has(key) {
            let what = format!("{} has no `{key}`; add {key} = …", self.table.name);
            problems.add(self.place, what);
        }
        taken
    }

    /// Reports every key that does not belong here.
    pub(super) fn refuse_unknown(&self, problems: &mut Problems<'_>) {
        for (key, entries) in &self.entries {
            if self.table.keys.contains(key) {
                continue;
            }
            for entry in entries {
                problems.add(entry.key, unknown(key, self.table));
            }
        }
    }

    /// Whether the key is there, right or wrong.
    pub(super) fn has(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Where the key stands, right or wrong.
    pub(super) fn place_of(&self, key: &str) -> Option<Place> {
        self.all(key).last().map(|entry| entry.key)
    }

    fn extend(&mut self, file: usize, keys: &'a DeTable<'a>) {
        for (key, value) in keys {
            let place = Place { file, byte: key.span().start };
            let entry = Entry { key: place, value: at(file, value) };
            self.entries.entry(key.get_ref().as_ref()).or_default().push(entry);
        }
    }

    fn all(&self, key: &str) -> &[Entry<'a>] {
        self.entries.get(key).map_or(&[], Vec::as_slice)
    }

    fn last(&self, key: &str) -> Option<At<&'a DeValue<'a>>> {
        self.all(key).last().map(|entry| entry.value)
    }
}

/// Finds a word among those known.
pub(super) fn choose<T: Copy>(
    key: &str,
    typed: At<&str>,
    words: &[(&str, T)],
    problems: &mut Problems<'_>,
) -> Option<At<T>> {
    let At { place, value } = typed;
    if let Some((_, value)) = words.iter().find(|(word, _)| *word == value) {
        return Some(At { place, value: *value });
    }
    let known = || words.iter().map(|(word, _)| *word);
    let advice = match nearest(value, known()) {
        Some(word) => format!("did you mean \"{word}\"?"),
        None => format!("write \"{}\"", known().collect::<Vec<_>>().join("\" or \"")),
    };
    problems.add(place, format!("`{key}` cannot be {value:?}; {advice}"));
    None
}

fn at<'a>(file: usize, value: &'a Spanned<DeValue<'a>>) -> At<&'a DeValue<'a>> {
    At { place: Place { file, byte: value.span().start }, value: value.get_ref() }
}

fn text<'a>(key: &str, value: At<&'a DeValue<'a>>, problems: &mut Problems<'_>) -> Option<At<&'a str>> {
    let At { place, value } = value;
    let Some(text) = value.as_str() else {
        problems.add(place, wrong_type(key, value, "text", "put it in \"quotes\""));
        return None;
    };
    Some(At { place, value: text })
}

fn wrong_type(key: &str, value: &DeValue<'_>, wanted: &str, advice: &str) -> String {
    let found = match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a number",
        DeValue::Float(_) => "a number with a point",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    format!("`{key}` must be {wanted}, not {found}; {advice}")
}

fn unknown(key: &str, table: &Table) -> String {
    let place = if table.name.is_empty() { String::new() } else { format!(" in {}", table.name) };
    let advice = if let Some(home) = TABLES.iter().find(|other| other.keys.contains(&key)) {
        match home.name {
            "" => format!("move `{key}` to the top of the file, before the first table"),
            name => format!("move `{key}` into {name}"),
        }
    } else if let Some(word) = nearest(key, table.keys.iter().copied()) {
        format!("did you mean `{word}`?")
    } else {
        format!("known keys are `{}`", table.keys.join("`, `"))
    };
    format!("unknown key `{}`{place}; {advice}", key.escape_debug())
}
