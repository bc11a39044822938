//! Code 39: nine bars and spaces a character, three of them wide.
//!
//! Source: ISO/IEC 16388: patterns, start and stop, quiet zones, wide elements of two to three modules.

use super::{Shape, Symbol, SymbolError, Symbology, check, dark_runs};

/// Modules left white on either side.
pub(super) const QUIET_MODULES: u32 = 10;
/// Modules of a wide bar or space: the widest that is allowed reads best at the narrow modules of small labels.
const WIDE: usize = 3;

/// The characters in the order of their values; the star that starts and stops a symbol has none.
const ALPHABET: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%*";

/// Bars and spaces in turn, narrow and wide, in the order of the alphabet.
const PATTERNS: [&str; 44] = [
    "nnnwwnwnn",
    "wnnwnnnnw",
    "nnwwnnnnw",
    "wnwwnnnnn",
    "nnnwwnnnw",
    "wnnwwnnnn",
    "nnwwwnnnn",
    "nnnwnnwnw",
    "wnnwnnwnn",
    "nnwwnnwnn",
    "wnnnnwnnw",
    "nnwnnwnnw",
    "wnwnnwnnn",
    "nnnnwwnnw",
    "wnnnwwnnn",
    "nnwnwwnnn",
    "nnnnnwwnw",
    "wnnnnwwnn",
    "nnwnnwwnn",
    "nnnnwwwnn",
    "wnnnnnnww",
    "nnwnnnnww",
    "wnwnnnnwn",
    "nnnnwnnww",
    "wnnnwnnwn",
    "nnwnwnnwn",
    "nnnnnnwww",
    "wnnnnnwwn",
    "nnwnnnwwn",
    "nnnnwnwwn",
    "wwnnnnnnw",
    "nwwnnnnnw",
    "wwwnnnnnn",
    "nwnnwnnnw",
    "wwnnwnnnn",
    "nwwnwnnnn",
    "nwnnnnwnw",
    "wwnnnnwnn",
    "nwwnnnwnn",
    "nwnwnwnnn",
    "nwnwnnnwn",
    "nwnnnwnwn",
    "nnnwnwnwn",
    "nwnnwnwnn",
];

/// Makes a Code 39 symbol, with a check character if the symbology says so.
pub(super) fn symbol(symbology: Symbology, text: &str) -> Result<Symbol, SymbolError> {
    check(text)?;
    let values: Option<Vec<usize>> = text.chars().map(value).collect();
    let mut values = values.ok_or(SymbolError::Character39)?;
    if symbology == Symbology::Code39Mod43 {
        values.push(values.iter().sum::<usize>() % 43);
    }
    let star = PATTERNS.len() - 1;
    let characters = [star].into_iter().chain(values).chain([star]);
    let patterns = characters.filter_map(|value| PATTERNS.get(value).copied());
    // One narrow space between characters, and none after the last bar.
    let modules = patterns.enumerate().flat_map(|(place, pattern)| {
        let gap = (place > 0).then_some(false);
        gap.into_iter().chain(pattern.chars().enumerate().flat_map(|(element, width)| {
            std::iter::repeat_n(element % 2 == 0, if width == 'w' { WIDE } else { 1 })
        }))
    });
    let (bars, modules) = dark_runs(modules);
    Ok(Symbol {
        symbology,
        text: text.to_owned(),
        shape: Shape { rows: vec![bars], modules },
        runs: Vec::new(),
    })
}

fn value(character: char) -> Option<usize> {
    // The alphabet is ASCII: the byte offset is the value. The star is for start and stop alone.
    ALPHABET.find(character).filter(|_| character != '*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use barcoders::sym::code39::Code39;

    /// The modules as another implementation has them, which draws wide as two; ours with three cut down.
    fn check(text: &str) {
        let theirs = Code39::new(text).unwrap().encode();
        let symbol = Symbol::new(Symbology::Code39, text).unwrap();
        let mut edges: Vec<u32> = symbol.bars().iter().flat_map(|bar| [bar.start, bar.end]).collect();
        edges.dedup();
        let ours = edges.windows(2).enumerate().flat_map(|(place, pair)| {
            let wide = usize::try_from(pair[1] - pair[0]).unwrap();
            assert!(wide == 1 || wide == 3, "{text}");
            std::iter::repeat_n(u8::from(place % 2 == 0), wide.min(2))
        });
        assert_eq!(ours.collect::<Vec<_>>(), theirs, "{text}");
    }

    #[test]
    fn every_character_is_drawn_as_others_draw_it() {
        for character in ALPHABET.chars().filter(|character| *character != '*') {
            check(&character.to_string());
        }
        check("V1001A");
    }

    #[test]
    fn a_check_character_is_that_of_the_labels() {
        for (text, with_check) in [("AB-123", "AB-123K"), ("CHART0001", "CHART0001A")] {
            let checked = Symbol::new(Symbology::Code39Mod43, text).unwrap();
            assert_eq!(checked.bars(), Symbol::new(Symbology::Code39, with_check).unwrap().bars(), "{text}");
            assert_eq!(checked.text(), text);
        }
    }

    #[test]
    fn small_letters_and_stars_are_refused() {
        for text in ["v1", "A*B", "A_B", "A,B"] {
            assert_eq!(Symbol::new(Symbology::Code39, text), Err(SymbolError::Character39), "{text}");
        }
    }
}
