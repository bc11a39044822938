//! What a text that somebody typed or scanned into a field may mean: the label of a folder, a record number, or both.

use super::App;
use crate::label::{Formats, LabelKind, Reading};
use crate::store::Locate;
use crate::tracking::Mrn;

/// A text as the file room reads it.
pub(super) struct Meaning {
    /// What it is as a label.
    pub(super) reading: Reading,
    text: String,
}

impl Meaning {
    pub(super) fn new(app: &App, text: &str) -> Meaning {
        Meaning::by(&app.intake.settings().formats, text)
    }

    pub(super) fn by(formats: &Formats, text: &str) -> Meaning {
        let text = text.trim();
        Meaning { reading: formats.read(text.as_bytes()).reading, text: text.to_owned() }
    }

    /// The key of the folder's label that it is.
    pub(super) fn label(&self) -> Option<String> {
        match &self.reading {
            Reading::Label(label) if label.kind == LabelKind::Volume => Some(label.key.clone()),
            Reading::Label(_) | Reading::Foreign(_) | Reading::Damaged(_) | Reading::Unknown => None,
        }
    }

    /// Everything that it may mean, to be looked up.
    pub(super) fn locate(&self) -> Locate {
        Locate { label: self.label(), mrn: Mrn::parse(&self.text) }
    }
}
