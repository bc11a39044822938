//! The one word that a scan is answered with.

/// What became of a scan. Every verdict but *not recorded* (which has no row to stand in) is stored with its scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The volume is now with the station's custodian.
    Moved,
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
    pub const ALL: [Verdict; 8] = [
        Verdict::Moved,
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

    /// The words a clerk reads.
    pub fn title(self) -> &'static str {
        match self {
            Verdict::Moved => "Recorded",
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
            Verdict::Moved => Signal::Recorded,
            Verdict::AlreadyHere | Verdict::DoubleRead => Signal::AlreadyHere,
            Verdict::Late | Verdict::Unknown | Verdict::Foreign | Verdict::Noted => Signal::Look,
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
