//! A record number in the groups in which its digits are filed and read.

/// The parts of a record number: as the site writes it with separators, else pairs from the right.
pub(super) fn groups(written: &str) -> Vec<String> {
    let is_separator = |character: char| matches!(character, '-' | ' ' | '.' | '/');
    let parts: Vec<&str> = written.split(is_separator).filter(|part| !part.is_empty()).collect();
    match parts.as_slice() {
        [one] => pairs(one),
        _ => parts.into_iter().map(str::to_owned).collect(),
    }
}

fn pairs(digits: &str) -> Vec<String> {
    let mut characters: Vec<char> = digits.chars().rev().collect();
    let mut pairs: Vec<String> = characters.chunks_mut(2).map(|pair| pair.iter().rev().collect()).collect();
    pairs.reverse();
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_fall_into_their_groups() {
        for (written, expect) in [
            ("12-34-56", "12|34|56"),
            ("123456", "12|34|56"),
            ("12345", "1|23|45"),
            ("1234-567", "1234|567"),
            ("A00 12/3", "A00|12|3"),
            ("-12-", "12"),
            ("7", "7"),
            ("", ""),
        ] {
            assert_eq!(groups(written).join("|"), expect, "{written}");
        }
    }
}
