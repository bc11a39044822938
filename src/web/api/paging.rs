//! Long lists of the file room are answered part by part.

use serde::Deserialize;
use utoipa::IntoParams;

/// Custodians and people in one answer.
const ROWS: usize = 100;

/// Where a list goes on.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct After {
    /// `next` of the answer before.
    #[param(example = 100)]
    pub(super) after: Option<i64>,
}

/// The rows of one answer, and where the next goes on.
pub(super) fn part<T>(all: Vec<T>, after: Option<i64>, id: impl Fn(&T) -> i64) -> (Vec<T>, Option<i64>) {
    let mut all = all.into_iter().peekable();
    if after.is_some() {
        // Up to that row, and over it.
        all.by_ref().find(|row| Some(id(row)) == after);
    }
    let rows: Vec<T> = all.by_ref().take(ROWS).collect();
    let next = rows.last().map(id).filter(|_| all.peek().is_some());
    (rows, next)
}

#[cfg(test)]
mod tests {
    use super::{ROWS, part};

    #[test]
    fn every_row_is_in_one_part_and_the_last_part_says_so() {
        let all: Vec<i64> = (0..250).rev().collect();
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let (rows, next) = part(all.clone(), after, |row| *row);
            assert!(rows.len() <= ROWS, "{} rows", rows.len());
            seen.extend(rows);
            after = next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(seen, all);
        assert_eq!(part(vec![1, 2], Some(7), |row| *row), (vec![], None), "after nothing on file");
        assert_eq!(part((0..100).collect(), None, |row| *row).1, None, "a full part may be the last");
    }
}
