//! Code 128: text in the code sets B and C, and what sets scanners up.
//!
//! Source: ISO/IEC 15417: modules, quiet zones, code sets.

use super::{Shape, Symbol, SymbolError, Symbology, check};
use barcoders::sym::code128::Code128;

/// Modules left white on either side; without them scanners find no edge.
pub(super) const QUIET_MODULES: u32 = 10;
/// Digits in a row from which code set C is shorter, whatever stands around them.
const DIGITS_MIN: usize = 6;

const SET_B: char = '\u{181}';
const SET_C: char = '\u{106}';
const FNC3: char = '\u{17b}';

/// Where a set-up code has its function character 3, which tells a scanner that the code is for itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fnc3 {
    /// Before the text.
    First,
    /// After the text.
    Last,
}

/// A code set of Code 128.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeSet {
    /// One character of printable ASCII a symbol character.
    B,
    /// Two digits a symbol character.
    C,
}

/// A part of a text and the code set that it is drawn in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// The code set.
    pub set: CodeSet,
    /// The part; in set C, an even number of digits.
    pub text: String,
}

impl Symbol {
    /// Makes a Code 128 symbol, with digits packed in pairs where that is shorter.
    ///
    /// # Errors
    /// [`SymbolError`] if the text is empty, too long, or not printable ASCII.
    pub fn code128(text: &str) -> Result<Symbol, SymbolError> {
        check(text)?;
        let runs = packed(text);
        let data = runs.iter().fold(String::new(), |mut data, run| {
            data.push(match run.set {
                CodeSet::B => SET_B,
                CodeSet::C => SET_C,
            });
            data.push_str(&run.text);
            data
        });
        encode(text, &data, runs)
    }

    /// Makes a Code 128 symbol by which a scanner is set up: in code set B throughout, as manuals print them, and with
    /// a function character 3 if its maker wants one.
    ///
    /// # Errors
    /// As [`Symbol::code128`].
    pub fn setup(text: &str, fnc3: Option<Fnc3>) -> Result<Symbol, SymbolError> {
        check(text)?;
        let mut data = String::from(SET_B);
        data.extend((fnc3 == Some(Fnc3::First)).then_some(FNC3));
        data.push_str(text);
        data.extend((fnc3 == Some(Fnc3::Last)).then_some(FNC3));
        encode(text, &data, Vec::new())
    }
}

/// The text in parts by code set: C for an even run of digits that is long enough, B for all else.
fn packed(text: &str) -> Vec<Run> {
    let is_short =
        text.len() >= 4 && text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_short {
        return vec![Run { set: CodeSet::C, text: text.to_owned() }];
    }
    let mut runs = vec![Run { set: CodeSet::B, text: String::new() }];
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        // The first digit of an odd run stays in set B.
        let (plain, pairs) = match digits {
            0 => (first.len_utf8(), 0),
            short if short < DIGITS_MIN => (short, 0),
            long => (long % 2, long - long % 2),
        };
        let (head, tail) = rest.split_at_checked(plain).unwrap_or((rest, ""));
        let (run, after) = tail.split_at_checked(pairs).unwrap_or(("", tail));
        append(&mut runs, CodeSet::B, head);
        append(&mut runs, CodeSet::C, run);
        rest = after;
    }
    runs
}

fn append(runs: &mut Vec<Run>, set: CodeSet, text: &str) {
    match runs.last_mut() {
        _ if text.is_empty() => {}
        Some(last) if last.set == set => last.text.push_str(text),
        // Only the first run may have stayed empty.
        Some(last) if last.text.is_empty() => *last = Run { set, text: text.to_owned() },
        _ => runs.push(Run { set, text: text.to_owned() }),
    }
}

fn encode(text: &str, data: &str, runs: Vec<Run>) -> Result<Symbol, SymbolError> {
    let modules = Code128::new(data).map_err(|_| SymbolError::Character)?.encode();
    let dark = modules.into_iter().map(|module| module == 1);
    let (bars, modules) = super::dark_runs(dark);
    Ok(Symbol {
        symbology: Symbology::Code128,
        text: text.to_owned(),
        shape: Shape { rows: vec![bars], modules },
        runs,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Widths of bars and spaces by value, from the standard's table; the stop character has seven.
    const WIDTHS: &str = "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 \
        122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 321221 312212 \
        322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 211313 231113 231311 112133 \
        112331 132131 113123 113321 133121 313121 211331 231131 213113 213311 213131 311123 311321 331121 312113 \
        312311 332111 314111 221411 431111 111224 111422 121124 121421 141122 141221 112214 112412 122114 122411 \
        142112 142211 241211 221114 413111 241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 \
        421211 212141 214121 412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 \
        211412 211214 211232 2331112";

    const CODE_C: usize = 99;
    const CODE_B: usize = 100;
    const START_B: usize = 104;
    const START_C: usize = 105;
    const STOP: usize = 106;

    /// The values of a symbol, read from the widths of its bars and spaces as a scanner does; the check is verified.
    fn values(symbol: &Symbol) -> Vec<usize> {
        let table: Vec<&str> = WIDTHS.split_whitespace().collect();
        assert_eq!(table.len(), 107);
        let mut edges: Vec<u32> = symbol.bars().iter().flat_map(|bar| [bar.start, bar.end]).collect();
        assert_eq!(edges.last().copied(), Some(symbol.modules()));
        edges.dedup();
        let widths: String = edges.windows(2).map(|pair| (pair[1] - pair[0]).to_string()).collect();
        let (body, stop) = widths.split_at(widths.len() - 7);
        assert_eq!(stop, table[STOP]);
        let mut values: Vec<usize> = body
            .as_bytes()
            .chunks(6)
            .map(|chunk| {
                let chunk = std::str::from_utf8(chunk).unwrap();
                table.iter().position(|widths| *widths == chunk).unwrap_or_else(|| panic!("no {chunk}"))
            })
            .collect();
        let check = values.pop().unwrap();
        let sum: usize = values.iter().enumerate().map(|(place, value)| value * place.max(1)).sum();
        assert_eq!(sum % 103, check, "check character");
        values
    }

    /// What a scanner sends; function character 3 as ␛.
    fn read(symbol: &Symbol) -> String {
        let values = values(symbol);
        let mut is_c = match values[0] {
            START_B => false,
            START_C => true,
            other => panic!("starts with {other}"),
        };
        let mut text = String::new();
        for value in &values[1..] {
            match (*value, is_c) {
                (CODE_B, true) => is_c = false,
                (CODE_C, false) => is_c = true,
                (96, false) => text.push('␛'),
                (pair, true) if pair < 100 => text.push_str(&format!("{pair:02}")),
                (value, false) if value < 96 => text.push(char::from(u8::try_from(value).unwrap() + b' ')),
                other => panic!("{other:?} in the middle"),
            }
        }
        text
    }

    fn check_data(text: &str, expect: &str) {
        let told = packed(text).into_iter().map(|run| match run.set {
            CodeSet::B => format!("b{}", run.text),
            CodeSet::C => format!("c{}", run.text),
        });
        assert_eq!(told.collect::<String>(), expect, "{text}");
    }

    #[test]
    fn digits_are_packed_where_that_is_shorter() {
        check_data("V4650N", "bV4650N");
        check_data("12", "b12");
        check_data("1234", "c1234");
        check_data("12345", "b12345");
        check_data("123456", "c123456");
        check_data("1234567", "b1c234567");
        check_data("V123456", "bVc123456");
        check_data("V1234567N", "bV1c234567bN");
        check_data("12345678X", "c12345678bX");
    }

    #[test]
    fn what_is_drawn_is_read_back() {
        for text in ["V4650N", "OUTGUIDE-TEST", "1", "1234", "V1234567N", " ~", "a\"<&>'"] {
            assert_eq!(read(&Symbol::code128(text).unwrap()), text);
        }
        assert_eq!(read(&Symbol::setup("92", Some(Fnc3::First)).unwrap()), "␛92");
        assert_eq!(read(&Symbol::setup("~DEFALT.", Some(Fnc3::Last)).unwrap()), "~DEFALT.␛");
        assert_eq!(read(&Symbol::setup("1234567890", None).unwrap()), "1234567890");
    }

    #[test]
    fn set_up_codes_stay_in_one_code_set() {
        let symbol = Symbol::setup("1234567890", Some(Fnc3::First)).unwrap();
        assert!(values(&symbol).iter().all(|value| *value != CODE_C));
    }

    #[test]
    fn what_cannot_be_drawn_is_refused() {
        for (text, expect) in [
            ("", SymbolError::Empty),
            ("ü", SymbolError::Character),
            ("\r", SymbolError::Character),
            ("\u{181}1", SymbolError::Character),
        ] {
            assert_eq!(Symbol::code128(text), Err(expect), "{text:?}");
            assert_eq!(Symbol::setup(text, None), Err(expect), "{text:?}");
        }
        assert_eq!(Symbol::code128(&"A".repeat(81)), Err(SymbolError::TooLong));
        assert!(Symbol::code128(&"A".repeat(80)).is_ok());
    }

    proptest! {
        #[test]
        fn any_text_is_read_back(text in "[ -~]{1,80}", digits in "[0-9]{1,40}") {
            for text in [text, digits] {
                prop_assert_eq!(read(&Symbol::code128(&text).unwrap()), text.clone());
                prop_assert_eq!(read(&Symbol::setup(&text, None).unwrap()), text);
            }
        }

        #[test]
        fn packing_never_makes_it_longer(text in "[A-C0-9]{1,40}") {
            let (packed, plain) = (Symbol::code128(&text).unwrap(), Symbol::setup(&text, None).unwrap());
            prop_assert!(packed.modules() <= plain.modules());
        }
    }
}
