//! The one word that a scan is answered with.

/// What became of a scan. Every verdict but *not recorded* (which has no row to stand in) is stored with its scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The volume is now with the station's custodian.
    Moved,
    /// It moved, and something about it matters more: the screen says what.
    Attention,
    /// It was seen where it was said to be.
    Sighted,
    /// It is flagged missing.
    FlaggedMissing,
    /// It was missing and has been found.
    Found,
    /// The last movement was taken back.
    Undone,
    /// A place, a badge or a command was understood; no chart moved.
    Ready,
    /// A chart, but the station does not know yet what for.
    Waiting,
    /// Nothing was moved, and something about the chart matters: the screen says what.
    Look,
    /// It already was.
    AlreadyHere,
    /// The scanner read the same label twice within the station's window; one movement.
    DoubleRead,
    /// Delivered late: it took its place in history, but the volume has moved since and stays where it is.
    Late,
    /// A label that is not on file; kept as a work item.
    Unknown,
    /// A code of something else, such as a product.
    Foreign,
    /// A damaged reading.
    Refused,
    /// A good label that means nothing at this station.
    Noted,
}

/// What a person at the scanner has to be told apart without looking: one signal each, at scanner and page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Signal {
    /// On disk: green.
    Recorded,
    /// On disk, and nothing changed.
    AlreadyHere,
    /// On disk, but look at the screen.
    Look,
    /// On disk as refused: scan again.
    Refused,
    /// Not on disk: the loudest outcome there is.
    NotRecorded,
}

impl Verdict {
    /// Every verdict, in the order of the documentation.
    pub const ALL: [Verdict; 16] = [
        Verdict::Moved,
        Verdict::Attention,
        Verdict::Sighted,
        Verdict::FlaggedMissing,
        Verdict::Found,
        Verdict::Undone,
        Verdict::Ready,
        Verdict::Waiting,
        Verdict::Look,
        Verdict::AlreadyHere,
        Verdict::DoubleRead,
        Verdict::Late,
        Verdict::Unknown,
        Verdict::Foreign,
        Verdict::Refused,
        Verdict::Noted,
    ];

    /// The word under which it is stored and reported.
    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::Moved => "moved",
            Verdict::Attention => "attention",
            Verdict::Sighted => "sighted",
            Verdict::FlaggedMissing => "flagged-missing",
            Verdict::Found => "found",
            Verdict::Undone => "undone",
            Verdict::Ready => "ready",
            Verdict::Waiting => "waiting",
            Verdict::Look => "look",
            Verdict::AlreadyHere => "already-here",
            Verdict::DoubleRead => "double-read",
            Verdict::Late => "late",
            Verdict::Unknown => "unknown",
            Verdict::Foreign => "foreign",
            Verdict::Refused => "refused",
            Verdict::Noted => "noted",
        }
    }

    /// The verdict stored under this word.
    pub fn parse(word: &str) -> Option<Verdict> {
        Verdict::ALL.into_iter().find(|verdict| verdict.as_str() == word)
    }

    /// Whether it stands for a chart that is now where it was scanned for.
    pub fn is_movement(self) -> bool {
        matches!(
            self,
            Verdict::Moved
                | Verdict::Attention
                | Verdict::Sighted
                | Verdict::Found
                | Verdict::Undone
                | Verdict::Late
        )
    }

    /// The words a clerk reads.
    pub fn title(self) -> &'static str {
        match self {
            Verdict::Moved => "Recorded",
            Verdict::Attention => "Recorded: look",
            Verdict::Sighted => "Sighted",
            Verdict::FlaggedMissing => "Flagged missing",
            Verdict::Found => "Found",
            Verdict::Undone => "Taken back",
            Verdict::Ready => "Ready",
            Verdict::Waiting => "Not moved yet",
            Verdict::Look => "Not moved: look",
            Verdict::AlreadyHere => "Already here",
            Verdict::DoubleRead => "Read twice",
            Verdict::Late => "Recorded late",
            Verdict::Unknown => "Unknown label",
            Verdict::Foreign => "Not a chart label",
            Verdict::Refused => "Refused",
            Verdict::Noted => "No action here",
        }
    }

    /// How the person at the scanner is told.
    pub fn signal(self) -> Signal {
        match self {
            Verdict::Moved
            | Verdict::Sighted
            | Verdict::FlaggedMissing
            | Verdict::Found
            | Verdict::Undone => Signal::Recorded,
            Verdict::AlreadyHere | Verdict::DoubleRead | Verdict::Ready => Signal::AlreadyHere,
            Verdict::Attention
            | Verdict::Waiting
            | Verdict::Look
            | Verdict::Late
            | Verdict::Unknown
            | Verdict::Foreign
            | Verdict::Noted => Signal::Look,
            Verdict::Refused => Signal::Refused,
        }
    }
}

impl Signal {
    /// Every signal, the quietest first.
    pub const ALL: [Signal; 5] =
        [Signal::Recorded, Signal::AlreadyHere, Signal::Look, Signal::Refused, Signal::NotRecorded];

    /// The word under which it is reported.
    pub fn as_str(self) -> &'static str {
        match self {
            Signal::Recorded => "recorded",
            Signal::AlreadyHere => "already-here",
            Signal::Look => "look",
            Signal::Refused => "refused",
            Signal::NotRecorded => "not-recorded",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back() {
        for verdict in Verdict::ALL {
            assert_eq!(Verdict::parse(verdict.as_str()), Some(verdict));
            assert_eq!(serde_json::to_string(&verdict).unwrap(), format!("\"{}\"", verdict.as_str()));
        }
    }
}
