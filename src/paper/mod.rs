//! What stands on a printed label and where, and how a sheet or a label printer gets it. Pure.
//!
//! [`Label`] says what, [`Drawing`] where, [`Drawing::svg`] and [`zpl::job`] make it paper. Everything is measured in
//! micrometres; only [`zpl`] knows dots.
//!
//! Invariant: a label of a volume has its record number, but no name, no date of birth and no diagnosis: it is read by
//! everybody who passes the shelf.

mod content;
mod digits;
mod layout;
mod palette;
mod readable;
mod sheet;
mod status;
mod svg;
pub mod zpl;

pub use content::{Content, Label};
pub use layout::{Drawing, Grid, PaperError};
pub use palette::{Colour, Palette};
pub use readable::{Unreadable, readable};
pub use sheet::{SHEETS, Sheet, document, pages};
pub use status::{ANSWER_BYTES_MAX, ASK, Status};

use crate::symbol::Symbology;

/// The size of one label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabelSize {
    /// Across, in micrometres.
    pub width_um: u32,
    /// Down, in micrometres.
    pub height_um: u32,
}

/// How a site prints unless somebody chooses otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Habit {
    /// Colours of the digits.
    pub palette: Palette,
    /// The sheet in the printer's tray.
    pub sheet: Sheet,
    /// What scanners read.
    pub symbology: Symbology,
}
