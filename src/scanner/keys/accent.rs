//! Dead keys: an accent typed first goes onto the letter after it.

/// A dead key's combining character, the accent by itself, the letters it goes onto, and what becomes of them.
const ACCENTS: &[(char, char, &str, &str)] = &[
    ('\u{300}', '`', "aeiouAEIOU", "àèìòùÀÈÌÒÙ"),
    ('\u{301}', '´', "aeiouyAEIOUY", "áéíóúýÁÉÍÓÚÝ"),
    ('\u{302}', '^', "aeiouAEIOU", "âêîôûÂÊÎÔÛ"),
    ('\u{303}', '~', "anoANO", "ãñõÃÑÕ"),
    ('\u{308}', '¨', "aeiouyAEIOU", "äëïöüÿÄËÏÖÜ"),
];

/// Gives the accent by itself, if the character stands for a dead key.
pub(super) fn alone(dead: char) -> Option<char> {
    ACCENTS.iter().find(|row| row.0 == dead).map(|row| row.1)
}

/// Puts a dead key's accent onto a letter; nothing where the layouts know no such letter.
pub(super) fn onto(dead: char, letter: char) -> Option<char> {
    let (_, _, letters, accented) = ACCENTS.iter().find(|row| row.0 == dead)?;
    letters.chars().zip(accented.chars()).find(|pair| pair.0 == letter).map(|pair| pair.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_letter_has_its_accented_form() {
        for (dead, _, letters, accented) in ACCENTS {
            assert_eq!(letters.chars().count(), accented.chars().count(), "{accented}");
            for letter in letters.chars() {
                assert!(accented.contains(onto(*dead, letter).unwrap()), "{letter} in {accented}");
            }
        }
        assert_eq!((onto('\u{301}', 'e'), onto('\u{302}', 'n'), onto('^', 'e')), (Some('é'), None, None));
        assert_eq!((alone('\u{308}'), alone('¨')), (Some('¨'), None));
    }
}
