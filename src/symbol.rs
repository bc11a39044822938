//! Text becomes a bar code to print. Pure: no file, no printer, no page.
//!
//! Source: ISO/IEC 15417 (Code 128): modules, quiet zones, code sets.

use barcoders::sym::code128::Code128;
use std::fmt::Write;
use std::ops::Range;

/// Modules left white on either side; without them scanners find no edge.
const QUIET_MODULES: u32 = 10;
/// Longest text, characters. Longer symbols fit no sheet of paper.
const TEXT_MAX: usize = 80;
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

/// Why there is no symbol for a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SymbolError {
    /// Nothing to print.
    #[error("a bar code needs at least one character")]
    Empty,
    /// It would be wider than paper.
    #[error("a bar code holds at most {TEXT_MAX} characters")]
    TooLong,
    /// Only printable ASCII is drawn; anything else is read differently by different scanners.
    #[error("a bar code holds letters, digits and signs of ASCII only")]
    Character,
}

/// Sizes in print, in micrometres.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Width of one module, the narrowest bar.
    pub module_um: u32,
    /// Height of the bars.
    pub bars_um: u32,
    /// Height of a line of text below them; 0: no text.
    pub text_um: u32,
}

impl Size {
    /// For hand-held scanners at arm's length: 0.33 mm modules, bars of 15 mm, text of 4 mm.
    pub const DESK: Size = Size { module_um: 330, bars_um: 15_000, text_um: 4_000 };

    /// The same with modules of two CSS pixels (96 to the inch), which also scan from a screen.
    pub const SCREEN: Size = Size { module_um: 529, ..Size::DESK };
}

/// A bar code, measured in modules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    text: String,
    /// Dark modules, each run once, counted from the first bar.
    bars: Vec<Range<u32>>,
    modules: u32,
}

impl Symbol {
    /// Makes a Code 128 symbol, with digits packed in pairs where that is shorter.
    ///
    /// # Errors
    /// [`SymbolError`] if the text is empty, too long, or not printable ASCII.
    pub fn code128(text: &str) -> Result<Symbol, SymbolError> {
        check(text)?;
        encode(text, &packed(text))
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
        encode(text, &data)
    }

    /// The text, as it is read by people.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The dark modules as ranges, counted from the first bar.
    pub fn bars(&self) -> &[Range<u32>] {
        &self.bars
    }

    /// Modules from the first bar to the last, quiet zones not counted.
    pub fn modules(&self) -> u32 {
        self.modules
    }

    /// Width with quiet zones, in micrometres.
    pub fn width_um(&self, size: Size) -> u32 {
        self.modules.saturating_add(2 * QUIET_MODULES).saturating_mul(size.module_um)
    }

    /// Whether it fits into this width with its quiet zones, in micrometres.
    pub fn fits(&self, size: Size, width_um: u32) -> bool {
        self.width_um(size) <= width_um
    }

    /// Draws it as one SVG element, black on white, quiet zones included, sized in millimetres.
    ///
    /// It may stand in a page or in a file of its own, and has no style: a strict content policy lets it pass.
    pub fn svg(&self, size: Size) -> String {
        let (width, height) = (self.width_um(size), size.bars_um.saturating_add(size.text_um));
        let mut path = String::new();
        for bar in &self.bars {
            let left = bar.start.saturating_add(QUIET_MODULES).saturating_mul(size.module_um);
            let wide = bar.end.saturating_sub(bar.start).saturating_mul(size.module_um);
            // Writing to a string cannot fail.
            let _ = write!(path, "M{left} 0h{wide}v{}h-{wide}z", size.bars_um);
        }
        let text = escaped(&self.text);
        let line = if size.text_um == 0 {
            String::new()
        } else {
            format!(
                "<text x=\"{}\" y=\"{}\" font-size=\"{}\" font-family=\"monospace\" text-anchor=\"middle\" \
                 fill=\"#000\" xml:space=\"preserve\">{text}</text>",
                width / 2,
                // Room for what hangs below the base line, and a gap below the bars.
                height.saturating_sub(size.text_um / 4),
                size.text_um / 5 * 4
            )
        };
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"symbol\" role=\"img\" aria-label=\"Bar code {text}\" \
             width=\"{}mm\" height=\"{}mm\" viewBox=\"0 0 {width} {height}\" shape-rendering=\"crispEdges\">\
             <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/><path fill=\"#000\" d=\"{path}\"/>{line}</svg>",
            millimetres(width),
            millimetres(height)
        )
    }
}

fn check(text: &str) -> Result<(), SymbolError> {
    match text.len() {
        0 => Err(SymbolError::Empty),
        _ if !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) => Err(SymbolError::Character),
        1..=TEXT_MAX => Ok(()),
        _ => Err(SymbolError::TooLong),
    }
}

/// The text with the marks of its code sets: C for an even run of digits that is long enough, B for all else.
fn packed(text: &str) -> String {
    let is_short =
        text.len() >= 4 && text.len().is_multiple_of(2) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_short {
        return format!("{SET_C}{text}");
    }
    let mut data = String::from(SET_B);
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
        data.push_str(head);
        if !run.is_empty() {
            data.push(SET_C);
            data.push_str(run);
            data.extend((!after.is_empty()).then_some(SET_B));
        }
        rest = after;
    }
    data
}

fn encode(text: &str, data: &str) -> Result<Symbol, SymbolError> {
    let modules = Code128::new(data).map_err(|_| SymbolError::Character)?.encode();
    let mut bars: Vec<Range<u32>> = Vec::new();
    let mut at = 0;
    for module in modules {
        match bars.last_mut() {
            Some(bar) if module == 1 && bar.end == at => bar.end = at + 1,
            _ if module == 1 => bars.push(at..at + 1),
            _ => {}
        }
        at += 1;
    }
    Ok(Symbol { text: text.to_owned(), bars, modules: at })
}

fn millimetres(um: u32) -> String {
    format!("{}.{:03}", um / 1000, um % 1000)
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(char),
        }
    }
    out
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
        assert_eq!(packed(text), expect.replace('b', "\u{181}").replace('c', "\u{106}"), "{text}");
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

    #[test]
    fn a_drawing_has_its_size_on_paper_and_room_on_either_side() {
        let symbol = Symbol::code128("A<").unwrap();
        // Start, two characters, check, stop.
        assert_eq!(symbol.modules(), 4 * 11 + 13);
        assert_eq!(symbol.bars().first(), Some(&(0..2)));
        let svg = symbol.svg(Size { module_um: 330, bars_um: 10_000, text_um: 2_500 });
        for expect in [
            "width=\"25.410mm\" height=\"12.500mm\" viewBox=\"0 0 25410 12500\"",
            "d=\"M3300 0h660v10000h-660z",
            ">A&lt;</text>",
            "aria-label=\"Bar code A&lt;\"",
        ] {
            assert!(svg.contains(expect), "no {expect} in {svg}");
        }
        assert!(symbol.fits(Size { module_um: 330, ..Size::DESK }, 25_410));
        assert!(!symbol.fits(Size { module_um: 330, ..Size::DESK }, 25_409));
        assert!(!symbol.svg(Size { text_um: 0, ..Size::DESK }).contains("<text"));
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
