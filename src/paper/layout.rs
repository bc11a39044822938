//! Where everything stands on a label of some size.
//!
//! A label is a stack of bands. Bars go across the label, above what people read; a square stands at its left.

use super::LabelSize;
use super::content::{Content, Label};
use super::digits::groups;
use super::palette::{Colour, Palette, Stroke, pattern};
use crate::label::visible_text;
use crate::symbol::{Size, Symbol, SymbolError, Symbology};

/// White around everything, which cutters and printers may lose.
const MARGIN_UM: u32 = 2_000;
/// Least height of bars (ISO/IEC 15417: 5 mm for hand-held scanners).
const BARS_UM_MIN: u32 = 5_000;
/// Widest bar: beyond it a symbol only takes room.
const MODULE_UM_MAX: u32 = 430;
/// Least and greatest dot of a square, which is read by a camera.
const DOT_UM: std::ops::RangeInclusive<u32> = 250..=640;
/// Narrowest bar that common scanners read (6.5 mil).
const MODULE_UM_MIN: u32 = 165;
/// Width of a character of a monospaced font by its height, in hundredths.
const ADVANCE: u32 = 60;
/// Smallest text, 4.5 points.
const TEXT_UM_MIN: u32 = 1_600;

/// Why there is no label.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaperError {
    /// No symbol.
    #[error("{key} cannot be printed: {cause}")]
    Symbol {
        /// The label's key.
        key: String,
        /// Why.
        #[source]
        cause: SymbolError,
    },
    /// No room.
    #[error("the {} of {key} does not fit on this label; choose a wider label, or a QR code", symbology.title())]
    TooWide {
        /// The label's key.
        key: String,
        /// What does not fit.
        symbology: Symbology,
    },
}

/// Which widths a bar may have: whole dots of the printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// One dot, in nanometres.
    pub dot_nm: u32,
}

impl Grid {
    /// Office printers: 600 dots to the inch.
    pub const OFFICE: Grid = Grid { dot_nm: 42_333 };

    /// A printer's grid. Label printers of 203 dots to the inch have 8 to the millimetre.
    pub fn of_dpi(dpi: u32) -> Grid {
        match dpi {
            203 => Grid { dot_nm: 125_000 },
            dpi => Grid { dot_nm: 25_400_000 / dpi.max(1) },
        }
    }

    /// So many dots in micrometres.
    pub fn micrometres(self, dots: u32) -> u32 {
        u32::try_from(u64::from(dots) * u64::from(self.dot_nm) / 1000).unwrap_or(u32::MAX)
    }

    /// The nearest number of dots.
    pub fn dots(self, um: u32) -> u32 {
        let (nm, dot) = (u64::from(um) * 1000, u64::from(self.dot_nm.max(1)));
        u32::try_from((nm + dot / 2) / dot).unwrap_or(u32::MAX)
    }
}

/// How a text stands to its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// It begins there.
    Start,
    /// Its middle is there.
    Middle,
}

/// A rectangle, in micrometres from the label's upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) left: u32,
    pub(super) top: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// Something that is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Element {
    /// A symbol, quiet zones included.
    Symbol { left: u32, top: u32, size: Size, symbol: Symbol },
    /// A line of text in an area as high as its font.
    Text { area: Area, anchor: Anchor, is_bold: bool, text: String },
    /// A black block.
    Black(Area),
    /// A coloured block in a black frame; printers without colours draw the frame.
    Chip { area: Area, colour: Colour },
    /// A black line through an area.
    Diagonal { area: Area, rises: bool },
}

/// A label with everything in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawing {
    pub(super) size: LabelSize,
    /// What it is, in words for who does not see it.
    pub(super) name: String,
    pub(super) elements: Vec<Element>,
}

/// A part of the stack, with its share of the height in hundredths.
enum Band {
    Symbol,
    Key,
    Digits(String),
    Line { text: String, is_bold: bool, anchor: Anchor },
}

impl Drawing {
    /// Lays a label out. `text` is what its symbol holds ([`super::readable()`]); people read the key.
    ///
    /// # Errors
    /// [`PaperError`] if the text does not go into the symbology or the symbol not onto the label.
    pub fn new(
        label: &Label,
        text: &str,
        symbology: Symbology,
        size: LabelSize,
        palette: &Palette,
        grid: Grid,
    ) -> Result<Drawing, PaperError> {
        let failed = |cause| PaperError::Symbol { key: label.key.clone(), cause };
        let symbol = Symbol::new(symbology, text).map_err(failed)?;
        let mut drawing = Drawing { size, name: name_of(label), elements: Vec::new() };
        let inner = Area {
            left: MARGIN_UM,
            top: MARGIN_UM,
            width: size.width_um.saturating_sub(2 * MARGIN_UM),
            height: size.height_um.saturating_sub(2 * MARGIN_UM),
        };
        let too_wide = || PaperError::TooWide { key: label.key.clone(), symbology };
        if symbology.is_matrix() {
            drawing.beside_square(label, &symbol, inner, palette, grid).ok_or_else(too_wide)?;
        } else {
            let bands = bands(label, size);
            drawing.stack(&bands, inner, label, Some((&symbol, grid)), palette).ok_or_else(too_wide)?;
        }
        Ok(drawing)
    }

    /// A square at the left, the text at its right, the digits below both.
    fn beside_square(
        &mut self,
        label: &Label,
        symbol: &Symbol,
        inner: Area,
        palette: &Palette,
        grid: Grid,
    ) -> Option<()> {
        let (texts, below): (Vec<_>, Vec<_>) = bands(label, self.size)
            .into_iter()
            .filter(|(_, band)| !matches!(band, Band::Symbol))
            .partition(|(_, band)| !matches!(band, Band::Digits(_)));
        let high = if below.is_empty() { inner.height } else { inner.height / 100 * 55 };
        let size = square_size(symbol, high.min(inner.width / 2), grid)?;
        let side = symbol.width_um(size);
        self.elements.push(Element::Symbol {
            left: inner.left,
            top: inner.top + high.saturating_sub(side) / 2,
            size,
            symbol: symbol.clone(),
        });
        let gap = MARGIN_UM / 2;
        let beside = Area {
            left: inner.left + side + gap,
            width: inner.width.saturating_sub(side + gap),
            height: high,
            ..inner
        };
        self.stack(&texts, beside, label, None, palette)?;
        let rest = Area { top: inner.top + high, height: inner.height.saturating_sub(high), ..inner };
        self.stack(&below, rest, label, None, palette)
    }

    /// Puts bands one below the other, each with its share of the height.
    fn stack(
        &mut self,
        bands: &[(u32, Band)],
        area: Area,
        label: &Label,
        symbol: Option<(&Symbol, Grid)>,
        palette: &Palette,
    ) -> Option<()> {
        let whole: u32 = bands.iter().map(|(share, _)| share).sum();
        let mut top = area.top;
        for (share, band) in bands {
            let height =
                u32::try_from(u64::from(area.height) * u64::from(*share) / u64::from(whole.max(1))).ok()?;
            let place = Area { top, height, ..area };
            match band {
                Band::Symbol => {
                    let (symbol, grid) = symbol?;
                    self.bars(symbol, place, grid)?;
                }
                Band::Key => {
                    let anchor = if symbol.is_some() { Anchor::Middle } else { Anchor::Start };
                    self.line(place, anchor, false, &label.key);
                }
                Band::Digits(number) => self.digits(place, number, palette),
                Band::Line { text, is_bold, anchor } => self.line(place, *anchor, *is_bold, text),
            }
            top += height;
        }
        Some(())
    }

    /// Bars across an area, as wide as whole dots allow.
    fn bars(&mut self, symbol: &Symbol, area: Area, grid: Grid) -> Option<()> {
        let bars_um = area.height.saturating_sub(MARGIN_UM / 4).max(BARS_UM_MIN);
        let sizes =
            (1..=16).rev().map(|dots| Size { module_um: grid.micrometres(dots), bars_um, text_um: 0 });
        let fits = |size: &Size| {
            (MODULE_UM_MIN..=MODULE_UM_MAX).contains(&size.module_um) && symbol.fits(*size, area.width)
        };
        let size = sizes.into_iter().find(fits)?;
        let left = area.left + area.width.saturating_sub(symbol.width_um(size)) / 2;
        self.elements.push(Element::Symbol { left, top: area.top, size, symbol: symbol.clone() });
        Some(())
    }

    /// A line as large as its area, smaller if it is long, and cut if it is very long.
    fn line(&mut self, area: Area, anchor: Anchor, is_bold: bool, text: &str) {
        let shown = visible_text(text);
        let characters = u32::try_from(shown.chars().count()).unwrap_or(u32::MAX).max(1);
        let height = area.height / 100 * 84;
        let fitting = (area.width / characters).saturating_mul(100) / ADVANCE;
        let height = height.min(fitting.max(TEXT_UM_MIN));
        let room = usize::try_from(area.width.saturating_mul(100) / (height * ADVANCE).max(1)).unwrap_or(0);
        let text = cut(&shown, room);
        let top = area.top + area.height.saturating_sub(height) / 2;
        self.elements.push(Element::Text { area: Area { top, height, ..area }, anchor, is_bold, text });
    }

    /// A record number in groups; the digits that file it have a chip above them.
    fn digits(&mut self, area: Area, number: &str, palette: &Palette) {
        let groups = groups(&visible_text(number));
        let count = groups.iter().map(|group| group.chars().count()).sum::<usize>();
        let gaps = groups.len().saturating_sub(1);
        // In half cells: a gap between groups is half as wide as a digit.
        let halves = u32::try_from(count * 2 + gaps).unwrap_or(u32::MAX).max(1);
        let chip = area.height / 100 * 30;
        let high = area.height.saturating_sub(chip) / 100 * 96;
        let half = (area.width / halves).min(high / 100 * ADVANCE / 2 + high / 100 * 4);
        let font = high.min(half.saturating_mul(200) / ADVANCE);
        let mut left = area.left + area.width.saturating_sub(half.saturating_mul(halves)) / 2;
        let mut place = 0;
        for group in groups {
            for digit in group.chars() {
                let cell = Area { left, width: 2 * half, ..area };
                if count - place <= palette.coloured_digits
                    && let Some(colour) = palette.colour(digit)
                {
                    let inset = cell.width / 20;
                    let chip =
                        Area { left: left + inset, width: cell.width - 2 * inset, height: chip, ..cell };
                    self.chip(chip, colour, digit);
                }
                let below = Area { top: area.top + chip, height: font, ..cell };
                let text = digit.to_string();
                self.elements.push(Element::Text {
                    area: below,
                    anchor: Anchor::Middle,
                    is_bold: true,
                    text,
                });
                left += 2 * half;
                place += 1;
            }
            left += half;
        }
    }

    fn chip(&mut self, area: Area, colour: Colour, digit: char) {
        self.elements.push(Element::Chip { area, colour });
        for stroke in pattern(digit) {
            self.elements.push(match *stroke {
                Stroke::Block(left, top, width, height) => Element::Black(Area {
                    left: area.left + area.width * left / 100,
                    top: area.top + area.height * top / 100,
                    width: area.width * width / 100,
                    height: area.height * height / 100,
                }),
                Stroke::Diagonal { rises } => Element::Diagonal { area, rises },
            });
        }
    }
}

/// The largest dots with which a square fits.
fn square_size(symbol: &Symbol, room: u32, grid: Grid) -> Option<Size> {
    let sizes = (1..=24).rev().map(|dots| Size { module_um: grid.micrometres(dots), bars_um: 0, text_um: 0 });
    let fits = |size: &Size| DOT_UM.contains(&size.module_um) && symbol.fits(*size, room);
    sizes.into_iter().find(fits)
}

/// The text, cut to so many characters.
fn cut(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    text.chars().take(room.saturating_sub(1)).chain(['…']).collect()
}

/// What stands on a label from top to bottom.
fn bands(label: &Label, size: LabelSize) -> Vec<(u32, Band)> {
    let line = |text: String, is_bold| Band::Line { text, is_bold, anchor: Anchor::Start };
    let title = |text: &str| Band::Line { text: text.to_owned(), is_bold: true, anchor: Anchor::Middle };
    match &label.content {
        Content::Volume { record_number, number, record_type, home } => {
            let about = format!("Volume {number} · {record_type}");
            let mut bands =
                vec![(34, Band::Symbol), (12, Band::Key), (36, Band::Digits(record_number.clone()))];
            // Two lines on a low label would be too small to read.
            if size.height_um < 30_000 {
                bands.push((14, line(format!("{about} · {home}"), true)));
            } else {
                bands.extend([(11, line(about, true)), (9, line(home.clone(), false))]);
            }
            bands
        }
        Content::Custodian { name, code } | Content::Person { name, code } => {
            vec![(26, title(name)), (12, title(code)), (48, Band::Symbol), (14, Band::Key)]
        }
        Content::Command(command) => vec![(34, title(command.word())), (52, Band::Symbol), (14, Band::Key)],
    }
}

fn name_of(label: &Label) -> String {
    let key = visible_text(&label.key);
    match &label.content {
        Content::Volume { number, .. } => format!("Label {key}, volume {number}"),
        Content::Custodian { name, .. } => format!("Label {key}, {}", visible_text(name)),
        Content::Person { name, .. } => format!("Badge {key}, {}", visible_text(name)),
        Content::Command(command) => format!("Command {}, {key}", command.word()),
    }
}

#[cfg(test)]
mod tests;
