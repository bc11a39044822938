//! The label of a folder as somebody gives it: scanned or typed from the preprinted stock, or none, to be printed.

use crate::label::{Formats, LabelKind, Reading};
use crate::paper::readable;
use crate::store::NewLabel;
use crate::symbol::Symbology;

/// A number that shows whether labels of Outguide's own can be read here.
const SAMPLE: u64 = 4650;

/// What a text given for a new label means; empty: one of Outguide's own.
///
/// # Errors
/// Scanners here would not read it as a folder's label; says what to do.
pub(super) fn new_label(formats: &Formats, text: &str) -> Result<NewLabel, &'static str> {
    let text = text.trim();
    if text.is_empty() {
        let sample = LabelKind::Volume.own_key(SAMPLE);
        return match readable(formats, LabelKind::Volume, &sample, Symbology::Code128) {
            Ok(_) => Ok(NewLabel::Own),
            Err(_) => Err(
                "the label formats of this file room do not read Outguide's own labels; scan a label from the preprinted \
                 stock",
            ),
        };
    }
    match formats.read(text.as_bytes()).reading {
        Reading::Label(label) if label.kind == LabelKind::Volume => Ok(NewLabel::Stock(label.key)),
        Reading::Label(_) => {
            Err("this is the label of something else; scan the label that is for the folder")
        }
        Reading::Damaged(_) => Err("this label is damaged or misread; scan it again"),
        Reading::Foreign(_) | Reading::Unknown => {
            Err("this is no label of this file room's folders; scan one from the preprinted stock")
        }
    }
}
