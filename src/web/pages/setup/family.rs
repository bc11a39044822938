//! What a family of scanners has to be told, and how.

use crate::symbol::{Fnc3, Size, Symbol};

/// Width of a printed page between its margins, in micrometres: A4 and US Letter both have more.
const PAPER_UM: u32 = 175_000;

/// Scanners of one maker that understand the same set-up codes.
#[derive(Debug)]
pub(super) struct Family {
    /// Its key in addresses.
    pub(super) key: &'static str,
    /// The maker.
    pub(super) name: &'static str,
    /// Which scanners these are.
    pub(super) models: &'static str,
    /// What is peculiar about setting them up.
    pub(super) note: &'static str,
    /// One for each of [`Purpose::ALL`], in its order.
    pub(super) steps: [Step; 7],
    /// The word for `answer` in outguide.toml once it waits for answers, if it can.
    pub(super) answer: Option<&'static str>,
}

/// How a family is told one thing.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) how: How,
    /// Where that is documented. For a symbol drawn here: its exact content.
    pub(super) source: &'static str,
}

/// What to scan.
#[derive(Debug)]
pub(super) enum How {
    /// These symbols, one after another.
    Scan(&'static [Code]),
    /// A code of the maker's manual, whose content is not documented, so that it cannot be drawn here. “Quoted”: its
    /// name there.
    Manual(&'static str),
    /// Nothing; the text says why.
    Nothing(&'static str),
}

/// The content of a symbol; always Code 128 in code set B.
#[derive(Debug)]
pub(super) struct Code {
    pub(super) text: &'static str,
    pub(super) fnc3: Option<Fnc3>,
}

/// A code without function characters.
pub(super) const fn plain(text: &'static str) -> Code {
    Code { text, fnc3: None }
}

/// What a scanner is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Defaults,
    UsbSerial,
    Suffix,
    Aim,
    Answer,
    HidPos,
    Keyboard,
}

impl Purpose {
    /// In the order in which they are scanned.
    pub(super) const ALL: [Purpose; 7] = [
        Purpose::Defaults,
        Purpose::UsbSerial,
        Purpose::Suffix,
        Purpose::Aim,
        Purpose::Answer,
        Purpose::HidPos,
        Purpose::Keyboard,
    ];

    /// Its headline.
    pub(super) fn title(self) -> &'static str {
        match self {
            Purpose::Defaults => "Factory defaults",
            Purpose::UsbSerial => "USB COM port (CDC-ACM)",
            Purpose::Suffix => "Suffix CR",
            Purpose::Aim => "Send the AIM identifier",
            Purpose::Answer => "Wait for an answer",
            Purpose::HidPos => "Instead: HID POS",
            Purpose::Keyboard => "Instead: keyboard, US layout",
        }
    }

    /// What it is good for.
    pub(super) fn why(self) -> &'static str {
        match self {
            Purpose::Defaults => "a known state to begin with; all former settings are lost",
            Purpose::UsbSerial => "best for Outguide: two-way, and never typed into another program",
            Purpose::Suffix => "tells where one scan ends",
            Purpose::Aim => "tells chart labels from products and other bar codes",
            Purpose::Answer => "its good tone then means “on disk” and not only “read”",
            Purpose::HidPos => "if the scanner has no USB COM port",
            Purpose::Keyboard => {
                "the last resort; the layout of the scanner counts, not that of the computer"
            }
        }
    }
}

impl How {
    /// The symbols of this step as SVG.
    pub(super) fn drawings(&self) -> Vec<String> {
        let How::Scan(codes) = self else { return Vec::new() };
        let symbols = codes.iter().filter_map(|code| Symbol::setup(code.text, code.fnc3).ok());
        symbols.map(|symbol| drawing(&symbol)).collect()
    }
}

/// The symbol as large as paper allows, up to what also scans from a screen.
pub(super) fn drawing(symbol: &Symbol) -> String {
    let size = if symbol.fits(Size::SCREEN, PAPER_UM) { Size::SCREEN } else { Size::DESK };
    symbol.svg(size)
}
