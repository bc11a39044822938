//! Lines that lean on others: a custodian on the one that it is part of, a temporary chart on the real one.
//!
//! What a line leans on must be on file or on a good line of the same list, and nothing may lean on itself by a roundabout
//! way. Pure: what is on file is asked through a function.

use super::names::Field;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Longest circle that is written out in a message.
const CIRCLE_SHOWN_MAX: usize = 6;

/// The lines of a list that name something, as far as their leaning matters.
#[derive(Debug)]
pub(super) struct Links {
    /// The column that says what a line leans on.
    column: Field,
    /// What good lines name.
    named: HashSet<String>,
    /// What leans: what on, and the lines that say so; the last one counts.
    leaning: HashMap<String, Leaning>,
}

#[derive(Debug, Default)]
struct Leaning {
    on: String,
    lines: Vec<u64>,
}

/// What is on file: nothing of this name, or what it leans on (empty: nothing).
pub(super) type OnFile<'a, E> = dyn FnMut(&str) -> Result<Option<String>, E> + 'a;

impl Links {
    /// No lines yet; `column` says what a line leans on.
    pub(super) fn new(column: Field) -> Links {
        Links { column, named: HashSet::new(), leaning: HashMap::new() }
    }

    /// Notes a good line that names `name` and, unless it says nothing about it, leans `on` something; an empty text is
    /// nothing.
    pub(super) fn note(&mut self, line: u64, name: &str, on: Option<&str>) {
        if let Some(on) = on {
            let leaning = self.leaning.entry(name.to_owned()).or_default();
            on.clone_into(&mut leaning.on);
            leaning.lines.push(line);
        }
        if !self.named.contains(name) {
            self.named.insert(name.to_owned());
        }
    }

    /// The lines that must be left out, with the reason.
    ///
    /// # Errors
    /// What is on file could not be asked.
    pub(super) fn left_out<E>(mut self, on_file: &mut OnFile<'_, E>) -> Result<BTreeMap<u64, String>, E> {
        let mut out = BTreeMap::new();
        loop {
            let mut bad: Vec<(String, String)> = Vec::new();
            for (name, leaning) in &self.leaning {
                if let Some(why) = self.why_not(name, leaning, on_file)? {
                    bad.push((name.clone(), why));
                }
            }
            if bad.is_empty() {
                return Ok(out);
            }
            for (name, why) in bad {
                let lines = self.leaning.remove(&name).map(|leaning| leaning.lines).unwrap_or_default();
                out.extend(lines.into_iter().map(|line| (line, why.clone())));
                // Who leans on it leans on nothing now, unless it is on file.
                self.named.remove(&name);
            }
        }
    }

    fn why_not<E>(
        &self,
        name: &str,
        leaning: &Leaning,
        on_file: &mut OnFile<'_, E>,
    ) -> Result<Option<String>, E> {
        if leaning.on.is_empty() {
            return Ok(None);
        }
        if !self.named.contains(&leaning.on) && on_file(&leaning.on)?.is_none() {
            return Ok(Some(format!(
                "{} is neither on file nor on a good line of this list; add a line for it",
                self.shown(&leaning.on)
            )));
        }
        let mut way = vec![name.to_owned()];
        let mut seen = HashSet::from([name.to_owned()]);
        let mut next = leaning.on.clone();
        while !next.is_empty() {
            way.push(next.clone());
            if next == name {
                return Ok(Some(self.circle(&way)));
            }
            if !seen.insert(next.clone()) {
                // A circle further on: its own lines are told.
                return Ok(None);
            }
            next = match self.leaning.get(&next) {
                Some(leaning) => leaning.on.clone(),
                None => on_file(&next)?.unwrap_or_default(),
            };
        }
        Ok(None)
    }

    /// A name as messages may show it: record numbers are not shown.
    fn shown(&self, name: &str) -> String {
        match self.column {
            Field::TemporaryFor => "temporary_for: that chart".to_owned(),
            column => format!("{} {name}", column.name()),
        }
    }

    fn circle(&self, way: &[String]) -> String {
        let column = self.column.name();
        if self.column == Field::TemporaryFor {
            return format!("{column} goes round in a circle back to this chart; correct the list");
        }
        let way = match (way.get(..CIRCLE_SHOWN_MAX), way.last()) {
            (Some(begin), Some(end)) if way.len() > CIRCLE_SHOWN_MAX + 1 => {
                format!("{}, …, {end}", begin.join(", "))
            }
            _ => way.join(", "),
        };
        format!("{column} goes round in a circle: {way}; correct the list")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `lines`: name and what it leans on; `on_file` likewise.
    fn check(lines: &[(&str, &str)], on_file: &[(&str, &str)], expect: &[(u64, &str)]) {
        let mut links = Links::new(Field::Parent);
        for (number, (name, on)) in (1..).zip(lines) {
            links.note(number, name, Some(on));
        }
        let mut ask = |name: &str| -> Result<_, ()> {
            Ok(on_file.iter().find(|(known, _)| *known == name).map(|(_, on)| (*on).to_owned()))
        };
        let out = links.left_out(&mut ask).unwrap();
        let found: Vec<_> = out.iter().map(|(line, why)| (*line, why.as_str())).collect();
        assert_eq!(found.len(), expect.len(), "{lines:?}: {found:?}");
        for ((line, why), (expect_line, expect_why)) in found.iter().zip(expect) {
            assert!(line == expect_line && why.contains(expect_why), "{lines:?}: {found:?}");
        }
    }

    #[test]
    fn trees_in_any_order_are_good() {
        check(&[("a", "b"), ("b", "c"), ("c", "")], &[], &[]);
        check(&[("a", "b")], &[("b", "")], &[]);
        check(&[("a", "b"), ("c", "b")], &[("b", "d"), ("d", "")], &[]);
    }

    #[test]
    fn circles_are_left_out_with_what_leans_on_them() {
        check(&[("a", "a")], &[], &[(1, "circle: a, a")]);
        check(&[("a", "b"), ("b", "a"), ("c", "")], &[], &[(1, "circle: a, b, a"), (2, "circle: b, a, b")]);
        check(&[("a", "b")], &[("b", "a"), ("a", "")], &[(1, "circle: a, b, a")]);
        check(
            &[("a", "b"), ("b", "a"), ("x", "a")],
            &[],
            &[(1, "circle"), (2, "circle"), (3, "parent a is neither")],
        );
        check(&[("a", "b"), ("b", "a"), ("x", "a")], &[("a", "")], &[(1, "circle"), (2, "circle")]);
        let long: Vec<(String, String)> =
            (0..9).map(|n| (format!("n{n}"), format!("n{}", (n + 1) % 9))).collect();
        let long: Vec<(&str, &str)> = long.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let expect: Vec<(u64, &str)> = (1..=9).map(|line| (line, "…")).collect();
        check(&long, &[], &expect);
    }

    #[test]
    fn what_is_nowhere_cannot_be_leant_on() {
        check(&[("a", "z")], &[], &[(1, "parent z is neither on file nor")]);
        check(&[("a", "b"), ("b", "z")], &[], &[(1, "parent b is neither"), (2, "parent z is neither")]);
        // The last line about a name counts, and all of its lines stand or fall together.
        check(&[("a", "z"), ("a", "b"), ("b", "")], &[], &[]);
        check(
            &[("a", "b"), ("a", "z"), ("b", "")],
            &[],
            &[(1, "parent z is neither"), (2, "parent z is neither")],
        );
    }

    proptest! {
        #[test]
        fn what_is_left_is_a_forest(pairs in prop::collection::vec((0_u8..8, 0_u8..9), 0..12)) {
            let mut links = Links::new(Field::Parent);
            let name = |n: u8| if n == 8 { String::new() } else { n.to_string() };
            for (line, (a, b)) in (1..).zip(&pairs) {
                links.note(line, &name(*a), Some(&name(*b)));
            }
            let out = links.left_out(&mut |_| Ok::<_, ()>(None)).unwrap();
            let kept: HashMap<u8, u8> = (1..).zip(&pairs).filter(|(line, _)| !out.contains_key(line))
                .map(|(_, pair)| *pair).collect();
            for start in kept.keys() {
                let mut at = *start;
                for _ in 0..10 {
                    if at == 8 { break; }
                    at = *kept.get(&at).expect("what a kept line leans on is kept");
                }
                prop_assert_eq!(at, 8);
            }
        }
    }
}
