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
    /// What else stands in the address, as `name=value&`.
    pub(super) keeps: String,
}

/// Cuts a part of at most `most` rows out of a list. A part beyond the end is the last: rows may have gone meanwhile.
pub(super) fn part<T>(all: Vec<T>, page: usize, most: usize) -> (Vec<T>, Shown) {
    let of = all.len();
    let page = page.min(of.saturating_sub(1).checked_div(most).unwrap_or(0));
    let first = page.saturating_mul(most);
    let rows: Vec<T> = all.into_iter().skip(first).take(most).collect();
    let shown = Shown { page, first, rows: rows.len(), of, keeps: String::new() };
    (rows, shown)
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
    use super::part;

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
