//! What the bytes of a frame mean: AIM identifier, check characters, GS1, HIBC and the site's own label formats.
//!
//! Pure: bytes and formats in, a [`Reading`] out. It never looks a label up and never decides about a movement.

mod aim;
mod check;
mod code39;
mod foreign;
mod format;
mod formats;
mod gs1;
mod hibc;
mod matching;
mod own;
mod reading;
mod symbol;
mod text;
mod visible;

pub use aim::Aim;
pub use foreign::Foreign;
pub use format::{CheckScheme, FormatError, FormatSpec, LabelKind, ReadOptions};
pub use formats::Formats;
pub use reading::{Damage, Decoded, Label, Reading};
pub use text::Encoding;
pub use visible::{visible, visible_text};
