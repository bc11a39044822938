//! A walk along the shelves, split among clerks.

use std::ops::Range;

/// A clerk's part of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Which clerk, from 1.
    pub clerk: usize,
    /// Which rows, from 0.
    pub rows: Range<usize>,
}

/// Splits `rows` that are in walking order among clerks: each gets one run of the shelf, and no clerk more than one row
/// more than another. Clerks without a row are left out.
pub fn split(rows: usize, clerks: usize) -> Vec<Run> {
    let clerks = clerks.clamp(1, rows.max(1));
    let (each, more) = (rows / clerks, rows % clerks);
    let mut from = 0;
    let run = |clerk: usize| {
        let to = from + each + usize::from(clerk <= more);
        let rows = from..to;
        from = to;
        Run { clerk, rows }
    };
    (1..=clerks).map(run).filter(|run| !run.rows.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_walked_once_and_runs_are_equal() {
        for rows in 0..60 {
            for clerks in 0..9 {
                let runs = split(rows, clerks);
                let walked: Vec<_> = runs.iter().flat_map(|run| run.rows.clone()).collect();
                assert_eq!(walked, (0..rows).collect::<Vec<_>>(), "{rows} among {clerks}");
                let lengths = || runs.iter().map(|run| run.rows.len());
                let (least, most) = (lengths().min().unwrap_or(0), lengths().max().unwrap_or(0));
                assert!(most - least <= 1, "{rows} among {clerks}: {runs:?}");
            }
        }
        assert_eq!(split(7, 3)[1], Run { clerk: 2, rows: 3..5 });
    }
}
