//! What the bytes of a frame mean: AIM identifier, check characters, GS1, HIBC and the site's own label formats.
//!
//! Pure: bytes and formats in, a [`Reading`] out. It never looks a label up and never decides about a movement.

mod format;

pub use format::{CheckScheme, FormatError, FormatSpec, Formats, LabelKind, ReadOptions};
