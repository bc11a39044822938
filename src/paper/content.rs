//! What a label says.

use crate::label::LabelKind;
use crate::tracking::Command;

/// A label, before anybody knows its size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// What is looked up when it is scanned.
    pub key: String,
    /// What people read on it.
    pub content: Content,
}

/// What people read on a label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// A folder of a chart.
    Volume {
        /// The patient's number as the site writes it.
        record_number: String,
        /// 1 for the first volume. How many there are is not said: a new one would make the label of each other wrong.
        number: u32,
        /// medical, dental, …
        record_type: String,
        /// What people call the place where it belongs.
        home: String,
    },
    /// A place or holder.
    Custodian {
        /// What people call it.
        name: String,
        /// Its code.
        code: String,
    },
    /// A badge: of somebody who works here, never of a patient.
    Person {
        /// What people call them.
        name: String,
        /// Their code.
        code: String,
    },
    /// A command.
    Command(Command),
}

impl Label {
    /// The label of a command.
    pub fn command(command: Command) -> Label {
        Label { key: command.key(), content: Content::Command(command) }
    }

    /// What it stands for.
    pub fn kind(&self) -> LabelKind {
        match self.content {
            Content::Volume { .. } => LabelKind::Volume,
            Content::Custodian { .. } => LabelKind::Custodian,
            Content::Person { .. } => LabelKind::Person,
            Content::Command(_) => LabelKind::Command,
        }
    }
}
