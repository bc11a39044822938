//! What the operator probably meant.

/// Longest word that is compared, in characters: a longer one is no slip of the pen.
const WORD_CHARS_MAX: usize = 40;

/// The known word that is nearest to a mistyped one, if any is near enough to be worth suggesting.
pub(super) fn nearest<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if typed.chars().count() > WORD_CHARS_MAX {
        return None;
    }
    let typed = plain(typed);
    let near = |word: &&str| {
        let word = plain(word);
        let shorter = word.len().min(typed.len());
        let begins_alike = shorter >= 3 && (word.starts_with(&typed) || typed.starts_with(&word));
        begins_alike || distance(&typed, &word) <= typed.chars().count().div_ceil(4)
    };
    known.into_iter().filter(near).min_by_key(|word| distance(&typed, &plain(word)))
}

/// Case and the choice between `-` and `_` are no difference.
fn plain(word: &str) -> String {
    word.to_lowercase().replace('-', "_")
}

/// Levenshtein distance in characters.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.chars().enumerate() {
        let mut last = index + 1;
        let mut next = vec![last];
        for (other, (replaced, removed)) in right.iter().zip(row.iter().zip(row.iter().skip(1))) {
            last = (replaced + usize::from(letter != *other)).min(removed + 1).min(last + 1);
            next.push(last);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        let cases = [("", "", 0), ("a", "", 1), ("", "ab", 2), ("baud", "baud", 0), ("kitten", "sitting", 3)];
        for (left, right, expected) in cases {
            assert_eq!(distance(left, right), expected, "{left} {right}");
        }
    }

    #[test]
    fn suggestions() {
        let known = ["baud", "data_bits", "device", "stop_bits", "gap_ms"];
        let cases = [
            ("Baud", Some("baud")),
            ("baudrate", Some("baud")),
            ("data-bits", Some("data_bits")),
            ("stopbits", Some("stop_bits")),
            ("devcie", Some("device")),
            ("gap", Some("gap_ms")),
            ("colour", None),
            ("x", None),
        ];
        for (typed, expected) in cases {
            assert_eq!(nearest(typed, known), expected, "{typed}");
        }
        let long = "baud".repeat(1000);
        assert_eq!(nearest(&long, known), None);
    }
}
