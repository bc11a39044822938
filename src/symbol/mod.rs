//! Text becomes a symbol to print: Code 128, Code 39, QR, Data Matrix. Pure: no file, no printer, no page.
//!
//! Everything is measured in modules, the width of the narrowest bar or dot, and drawn in micrometres.

mod code128;
mod code39;
mod matrix;

pub use code128::{CodeSet, Fnc3, Run};

use std::fmt::Write;
use std::ops::Range;

/// Longest text, characters. Longer symbols fit no sheet of paper.
const TEXT_MAX: usize = 80;

/// A kind of symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Symbology {
    /// Code 128 (ISO/IEC 15417): short and checked in itself.
    #[default]
    Code128,
    /// Code 39 (ISO/IEC 16388): for scanners that read nothing else.
    Code39,
    /// Code 39 with a check character modulo 43, which the scanner has to verify and take off.
    #[serde(rename = "code39-mod43")]
    Code39Mod43,
    /// QR Code (ISO/IEC 18004).
    Qr,
    /// Data Matrix ECC 200 (ISO/IEC 16022): the smallest.
    DataMatrix,
}

impl Symbology {
    /// All there are, the one to prefer first.
    pub const ALL: [Symbology; 5] =
        [Symbology::Code128, Symbology::Code39, Symbology::Code39Mod43, Symbology::Qr, Symbology::DataMatrix];

    /// Names it as the configuration and forms do.
    pub fn as_str(self) -> &'static str {
        match self {
            Symbology::Code128 => "code128",
            Symbology::Code39 => "code39",
            Symbology::Code39Mod43 => "code39-mod43",
            Symbology::Qr => "qr",
            Symbology::DataMatrix => "data-matrix",
        }
    }

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Symbology::Code128 => "Code 128",
            Symbology::Code39 => "Code 39",
            Symbology::Code39Mod43 => "Code 39 with check character (modulo 43)",
            Symbology::Qr => "QR code",
            Symbology::DataMatrix => "Data Matrix",
        }
    }

    /// The AIM identifier that a scanner sends with it (ISO/IEC 15424), the bracket left out. For Code 39 with a check
    /// character: verified and taken off.
    pub fn aim(self) -> &'static str {
        match self {
            Symbology::Code128 => "C0",
            Symbology::Code39 => "A0",
            Symbology::Code39Mod43 => "A3",
            Symbology::Qr => "Q1",
            Symbology::DataMatrix => "d1",
        }
    }

    /// Whether it is a square of dots, which only a camera reads, and not a row of bars.
    pub fn is_matrix(self) -> bool {
        match self {
            Symbology::Code128 | Symbology::Code39 | Symbology::Code39Mod43 => false,
            Symbology::Qr | Symbology::DataMatrix => true,
        }
    }

    /// Modules that must stay white on every side that is scanned: left and right of bars, all around a square. By the
    /// standards named above.
    pub fn quiet_modules(self) -> u32 {
        match self {
            Symbology::Code128 => code128::QUIET_MODULES,
            Symbology::Code39 | Symbology::Code39Mod43 => code39::QUIET_MODULES,
            Symbology::Qr => matrix::QR_QUIET_MODULES,
            Symbology::DataMatrix => matrix::DATA_MATRIX_QUIET_MODULES,
        }
    }
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
    /// Code 39 has 43 characters.
    #[error("Code 39 holds capitals, digits, space and - . $ / + % only; choose Code 128 or QR")]
    Character39,
}

/// Sizes in print, in micrometres.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Width of one module, the narrowest bar or dot.
    pub module_um: u32,
    /// Height of the bars; a square of dots is as high as it is wide.
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

/// A symbol, measured in modules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    symbology: Symbology,
    text: String,
    shape: Shape,
    /// The text by code sets, in a Code 128 that was made from a text alone.
    runs: Vec<Run>,
}

/// What is dark: each run of dark modules once, counted from the left edge. Bars are one row.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shape {
    rows: Vec<Vec<Range<u32>>>,
    modules: u32,
}

impl Symbol {
    /// Makes a symbol of a text.
    ///
    /// # Errors
    /// [`SymbolError`] if the text is empty, too long, or has characters that the symbology does not hold.
    pub fn new(symbology: Symbology, text: &str) -> Result<Symbol, SymbolError> {
        match symbology {
            Symbology::Code128 => Symbol::code128(text),
            Symbology::Code39 | Symbology::Code39Mod43 => code39::symbol(symbology, text),
            Symbology::Qr => matrix::qr(text),
            Symbology::DataMatrix => matrix::data_matrix(text),
        }
    }

    /// What kind it is.
    pub fn symbology(&self) -> Symbology {
        self.symbology
    }

    /// The text, as it is read by people.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The dark modules of the first row as ranges, counted from its left edge; all there are if it is of bars.
    pub fn bars(&self) -> &[Range<u32>] {
        self.shape.rows.first().map_or(&[], Vec::as_slice)
    }

    /// Rows of modules: 1 if it is of bars.
    pub fn rows(&self) -> &[Vec<Range<u32>>] {
        &self.shape.rows
    }

    /// Modules from the left edge to the right, quiet zones not counted.
    pub fn modules(&self) -> u32 {
        self.shape.modules
    }

    /// The text of a Code 128 by code sets, for printers that draw it themselves; empty for others and for set-up codes.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// Width with quiet zones, in micrometres.
    pub fn width_um(&self, size: Size) -> u32 {
        let quiet = 2 * self.symbology.quiet_modules();
        self.modules().saturating_add(quiet).saturating_mul(size.module_um)
    }

    /// Height with quiet zones, without the text, in micrometres.
    pub fn height_um(&self, size: Size) -> u32 {
        if self.symbology.is_matrix() { self.width_um(size) } else { size.bars_um }
    }

    /// Whether it fits into this width with its quiet zones, in micrometres.
    pub fn fits(&self, size: Size, width_um: u32) -> bool {
        self.width_um(size) <= width_um
    }

    /// The dark modules as the data of an SVG path in micrometres, quiet zones left white.
    pub fn path(&self, size: Size) -> String {
        let quiet = self.symbology.quiet_modules();
        let is_matrix = self.symbology.is_matrix();
        let (above, high) = if is_matrix { (quiet, size.module_um) } else { (0, size.bars_um) };
        let mut path = String::new();
        for (row, bars) in (above..).zip(&self.shape.rows) {
            let top = row.saturating_mul(size.module_um);
            for bar in bars {
                let left = bar.start.saturating_add(quiet).saturating_mul(size.module_um);
                let wide = bar.end.saturating_sub(bar.start).saturating_mul(size.module_um);
                // Writing to a string cannot fail.
                let _ = write!(path, "M{left} {top}h{wide}v{high}h-{wide}z");
            }
        }
        path
    }

    /// Draws it as one SVG element, black on white, quiet zones included, sized in millimetres.
    ///
    /// It may stand in a page or in a file of its own, and has no style: a strict content policy lets it pass.
    pub fn svg(&self, size: Size) -> String {
        let (width, height) = (self.width_um(size), self.height_um(size).saturating_add(size.text_um));
        let path = self.path(size);
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

/// Micrometres as millimetres with three decimals.
pub fn millimetres(um: u32) -> String {
    format!("{}.{:03}", um / 1000, um % 1000)
}

/// The text as it stands in an SVG or HTML document.
pub fn escaped(text: &str) -> String {
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

fn check(text: &str) -> Result<(), SymbolError> {
    match text.len() {
        0 => Err(SymbolError::Empty),
        _ if !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) => Err(SymbolError::Character),
        1..=TEXT_MAX => Ok(()),
        _ => Err(SymbolError::TooLong),
    }
}

/// The runs of dark modules among these, and how many modules there are.
fn dark_runs(modules: impl Iterator<Item = bool>) -> (Vec<Range<u32>>, u32) {
    let mut runs: Vec<Range<u32>> = Vec::new();
    let mut at = 0;
    for is_dark in modules {
        match runs.last_mut() {
            Some(run) if is_dark && run.end == at => run.end = at + 1,
            _ if is_dark => runs.push(at..at + 1),
            _ => {}
        }
        at += 1;
    }
    (runs, at)
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_square_has_its_quiet_zone_all_around() {
        let size = Size { module_um: 400, bars_um: 1, text_um: 0 };
        for (symbology, modules, quiet) in [(Symbology::Qr, 21, 4), (Symbology::DataMatrix, 12, 1)] {
            let symbol = Symbol::new(symbology, "V1001A").unwrap();
            assert_eq!((symbol.modules(), symbol.rows().len()), (modules, modules as usize), "{symbology:?}");
            assert_eq!(symbol.width_um(size), (modules + 2 * quiet) * 400);
            assert_eq!(symbol.height_um(size), symbol.width_um(size));
            let first = format!("M{0} {0}h", quiet * 400);
            assert!(symbol.path(size).starts_with(&first), "{}", symbol.path(size));
        }
    }

    #[test]
    fn quiet_zones_are_those_of_the_standards() {
        let quiet = Symbology::ALL.map(Symbology::quiet_modules);
        assert_eq!(quiet, [10, 10, 10, 4, 1]);
        let symbol = Symbol::new(Symbology::Code39, "A").unwrap();
        // Three characters of 6 narrow and 3 wide elements, and the spaces between them.
        assert_eq!(symbol.modules(), 3 * 15 + 2);
        let size = Size { module_um: 100, bars_um: 7, text_um: 0 };
        assert_eq!((symbol.width_um(size), symbol.height_um(size)), (6_700, 7));
        assert!(symbol.path(size).starts_with("M1000 0h100v7h-100zM1400 0h"), "{}", symbol.path(size));
    }

    #[test]
    fn every_symbology_is_named_once_and_refuses_what_it_cannot_hold() {
        for symbology in Symbology::ALL {
            assert_eq!(serde_json::to_value(symbology).unwrap(), symbology.as_str());
            assert_eq!(Symbol::new(symbology, "V1001A").unwrap().text(), "V1001A");
            assert_eq!(Symbol::new(symbology, ""), Err(SymbolError::Empty), "{symbology:?}");
            assert_eq!(Symbol::new(symbology, "ü"), Err(SymbolError::Character), "{symbology:?}");
            assert_eq!(Symbol::new(symbology, &"1".repeat(81)), Err(SymbolError::TooLong), "{symbology:?}");
        }
    }
}
