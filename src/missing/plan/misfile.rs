//! The numbers that a folder's number is taken for when it is filed, and so the slots where it may stand.

use super::Clue;
use crate::tracking::{FilingScheme, Palette, Rank};

/// Digits that are taken for each other in print and by hand.
const LOOK_ALIKE: [(char, char); 7] =
    [('1', '7'), ('3', '8'), ('6', '9'), ('5', '6'), ('0', '6'), ('0', '8'), ('4', '9')];
/// Digits of a number on a folder.
const DIGITS_SHOWN: usize = 6;

/// Numbers that `mrn_key` may have been filed under by mistake, each with the mistake; the likelier mistake counts where
/// two lead to one number. Empty where shelves are not ordered by number.
pub fn misfiles(scheme: &FilingScheme, mrn_key: &str, palette: &Palette) -> Vec<(Clue, String)> {
    let groups = scheme.groups(mrn_key);
    if groups.is_empty() || !mrn_key.chars().all(|digit| digit.is_ascii_digit()) {
        return Vec::new();
    }
    let written = format!("{mrn_key:0>DIGITS_SHOWN$}");
    let mut found: Vec<(Clue, String)> = Vec::new();
    let mut add = |clue, digits: String| {
        let key = digits.trim_start_matches('0').to_owned();
        let is_new = !key.is_empty() && key != mrn_key && found.iter().all(|(_, known)| *known != key);
        if is_new {
            found.push((clue, key));
        }
    };
    transposed(&written).for_each(|digits| add(Clue::Transposed, digits));
    look_alike(&written).for_each(|digits| add(Clue::LookAlike, digits));
    let Some(primary) = groups.iter().find(|group| group.rank == Rank::Primary) else { return found };
    let others: Vec<_> = groups.iter().filter(|group| group.rank != Rank::Primary).collect();
    if let [second, third] = others.as_slice()
        && second.digits.len() == third.digits.len()
    {
        add(
            Clue::SwappedGroups,
            with_groups(&groups, |place| {
                if place == second.place {
                    Some(third.digits.clone())
                } else {
                    (place == third.place).then(|| second.digits.clone())
                }
            }),
        );
    }
    // One long group has no sections beside it.
    if groups.len() > 1 {
        for section in beside(&primary.digits) {
            let digits = with_groups(&groups, |place| (place == primary.place).then(|| section.clone()));
            add(Clue::AdjacentSection, digits);
        }
        for section in same_colour(&primary.digits, palette) {
            let digits = with_groups(&groups, |place| (place == primary.place).then(|| section.clone()));
            add(Clue::SameColour, digits);
        }
    }
    found
}

/// The number with some of its groups replaced, as written from left to right.
fn with_groups(groups: &[crate::tracking::Group], replaced: impl Fn(usize) -> Option<String>) -> String {
    let mut written: Vec<(usize, String)> = groups
        .iter()
        .map(|group| (group.place, replaced(group.place).unwrap_or_else(|| group.digits.clone())))
        .collect();
    written.sort_by_key(|(place, _)| *place);
    written.into_iter().map(|(_, digits)| digits).collect()
}

fn transposed(digits: &str) -> impl Iterator<Item = String> {
    let digits: Vec<char> = digits.chars().collect();
    (1..digits.len()).map(move |right| {
        let mut swapped = digits.clone();
        swapped.swap(right - 1, right);
        swapped.into_iter().collect()
    })
}

fn look_alike(digits: &str) -> impl Iterator<Item = String> {
    let both_ways = LOOK_ALIKE.into_iter().flat_map(|(one, other)| [(one, other), (other, one)]);
    both_ways.flat_map(move |(one, other)| {
        let at = digits.match_indices(one).map(|(at, _)| at);
        at.map(move |at| {
            let (before, from) = digits.split_at(at);
            format!("{before}{other}{}", from.get(1..).unwrap_or_default())
        })
    })
}

/// The sections before and after, around the corner from the last to the first.
fn beside(section: &str) -> Vec<String> {
    let width = section.len();
    let Ok(number) = section.parse::<u64>() else { return Vec::new() };
    let count = 10_u64.pow(u32::try_from(width).unwrap_or(0).min(9));
    [number + 1, number + count - 1].map(|number| format!("{:0>width$}", number % count)).to_vec()
}

/// Sections that differ in one digit whose colour is the same.
fn same_colour(section: &str, palette: &Palette) -> Vec<String> {
    let mut found = Vec::new();
    for (at, digit) in section.char_indices() {
        for other in ('0'..='9').filter(|other| *other != digit) {
            if palette.colour(other).is_some() && palette.colour(other) == palette.colour(digit) {
                let (before, from) = section.split_at(at);
                found.push(format!("{before}{other}{}", from.get(1..).unwrap_or_default()));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(scheme: &str, number: &str, clue: Clue, expect: &[&str]) {
        let palette =
            Palette::parse(&["red", "red", "blue", "blue", "tan", "tan", "gray", "gray", "pink", "pink"]);
        let found = misfiles(&FilingScheme::parse(scheme).unwrap(), number, &palette.unwrap());
        let of_clue: Vec<_> =
            found.iter().filter(|(kind, _)| *kind == clue).map(|(_, key)| key.as_str()).collect();
        assert_eq!(of_clue, expect, "{scheme} {number} {clue:?}");
    }

    #[test]
    fn each_mistake_leads_to_numbers_of_its_own() {
        check("td-2-2", "123456", Clue::Transposed, &["213456", "132456", "124356", "123546", "123465"]);
        check("td-2-2", "112222", Clue::Transposed, &["121222"]);
        check("td-2-2", "222213", Clue::LookAlike, &["222273", "222218"]);
        check("td-2-2", "123456", Clue::SwappedGroups, &["341256"]);
        check("td-2-2", "124400", Clue::AdjacentSection, &["124401", "124499"]);
        check("td-2-2", "224422", Clue::SameColour, &["224432"]);
        check("numeric", "123456", Clue::AdjacentSection, &[]);
        check("alphabetic", "123456", Clue::Transposed, &[]);
        check("td-2-2", "AB12", Clue::Transposed, &[]);
    }
}
