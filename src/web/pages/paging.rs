//! Long lists are shown part by part, so that a page weighs little on a slow line.

use serde::Deserialize;

/// Which part of a list is wanted: 0 is the first.
#[derive(Deserialize, Default)]
pub(super) struct Wanted {
    #[serde(default)]
    pub(super) page: usize,
}

/// The part of a list that is shown.
#[derive(Default)]
pub(super) struct Shown {
    /// Which part: 0 is the first.
    pub(super) page: usize,
    /// Rows before it.
    pub(super) first: usize,
    /// Its rows.
    pub(super) rows: usize,
    /// Rows of the whole list.
    pub(super) of: usize,
    /// The whole list is longer than that: nobody counted it.
    pub(super) is_more: bool,
    /// What else stands in the address, as `name=value&`.
    pub(super) keeps: String,
}

/// Cuts a part of at most `most` rows out of a list. A part beyond the end is the last: rows may have gone meanwhile.
pub(super) fn part<T>(all: Vec<T>, page: usize, most: usize) -> (Vec<T>, Shown) {
    let of = all.len();
    let page = page.min(of.saturating_sub(1).checked_div(most).unwrap_or(0));
    let first = page.saturating_mul(most);
    let rows: Vec<T> = all.into_iter().skip(first).take(most).collect();
    let shown = Shown { page, first, rows: rows.len(), of, is_more: false, keeps: String::new() };
    (rows, shown)
}

/// The same for a list that was cut after `limit` rows: that one more was read tells that it is longer.
pub(super) fn part_of_cut<T>(mut all: Vec<T>, page: usize, most: usize, limit: usize) -> (Vec<T>, Shown) {
    let is_more = all.len() > limit;
    all.truncate(limit);
    let (rows, shown) = part(all, page, most);
    (rows, Shown { is_more, ..shown })
}

impl Shown {
    pub(super) fn is_whole(&self) -> bool {
        self.rows == self.of
    }

    pub(super) fn previous(&self) -> Option<usize> {
        self.page.checked_sub(1)
    }

    pub(super) fn next(&self) -> Option<usize> {
        (self.last() < self.of).then_some(self.page.saturating_add(1))
    }

    pub(super) fn last(&self) -> usize {
        self.first.saturating_add(self.rows)
    }
}

#[cfg(test)]
mod tests {
    use super::{part, part_of_cut};

    #[test]
    fn a_list_that_was_cut_says_that_there_is_more() {
        for (read, expect) in [(4, (4, false)), (5, (5, false)), (6, (5, true))] {
            let (_, shown) = part_of_cut((0..read).collect(), 9, 2, 5);
            assert_eq!((shown.of, shown.is_more), expect, "{read} were read");
            assert_eq!(shown.next(), None);
        }
    }

    #[test]
    fn every_row_is_on_one_part_and_a_part_beyond_the_end_is_the_last() {
        let check = |of: usize, page: usize, rows: std::ops::Range<usize>, previous, next| {
            let (shown, part) = part((0..of).collect(), page, 10);
            assert_eq!(shown, rows.collect::<Vec<_>>(), "part {page} of {of}");
            assert_eq!((part.previous(), part.next(), part.of), (previous, next, of), "part {page} of {of}");
        };
        check(0, 0, 0..0, None, None);
        check(10, 0, 0..10, None, None);
        check(11, 0, 0..10, None, Some(1));
        check(25, 1, 10..20, Some(0), Some(2));
        check(25, 2, 20..25, Some(1), None);
        check(20, usize::MAX, 10..20, Some(0), None);
    }
}
