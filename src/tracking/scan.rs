//! A scan as it reaches the recorder.

use super::{ScanId, SourceId, StationId, VolumeId};
use crate::label::LabelKind;
use jiff::Timestamp;
use std::time::Duration;

/// One reading of a label at a station, or one attempt that gave nothing usable.
#[derive(Debug, Clone)]
pub struct Scan {
    /// Made where the scan was made.
    pub id: ScanId,
    /// The checkpoint.
    pub station: StationId,
    /// The scanner, or the network client.
    pub source: SourceId,
    /// When the label was scanned, by the clock of whoever scanned it.
    pub scanned_at: Timestamp,
    /// When it reached the daemon, by the daemon's monotonic clock.
    pub arrived: Duration,
    /// Scanned or typed.
    pub entry: Entry,
    /// Who scanned, if a badge or a sign-in told.
    pub operator: Option<String>,
    /// The bytes as they came, terminators taken off.
    pub frame: Vec<u8>,
    /// What the bytes mean.
    pub sighting: Sighting,
    /// The scanner says that it sends this one again.
    pub resend: bool,
}

/// How a label got into the system; a scan is proof of the label, a typed entry is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Entry {
    /// Read by a scanner.
    Scanned,
    /// Typed by a person.
    Keyed,
}

impl Entry {
    /// The word under which it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Entry::Scanned => "scanned",
            Entry::Keyed => "keyed",
        }
    }
}

/// What a frame turned out to be. A bad scan is data, not an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sighting {
    /// A label of this file room, by its format; whether it is on file is for the store to say.
    Label {
        /// What it stands for.
        kind: LabelKind,
        /// The key that is looked up.
        key: String,
    },
    /// A code that belongs to something else; `what` is the sentence for the clerk.
    Foreign {
        /// What it is and what to do.
        what: String,
    },
    /// A code that no format knows.
    Unknown {
        /// The code as text, shown and kept as a work item.
        text: String,
    },
    /// No code: somebody takes one chart of the batch back on the station's page, whichever it is.
    TakeBack {
        /// Which volume.
        volume: VolumeId,
    },
    /// Damaged: it must not count as anything.
    Refused {
        /// Why, and what to do.
        why: String,
    },
}
