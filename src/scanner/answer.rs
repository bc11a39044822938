//! What is sent back to a scanner once its scan is on disk (or could not be put there). Pure.

/// How a scanner wants to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerProfile {
    /// The scanner is told nothing.
    #[default]
    None,
    /// ACK (0x06) when recorded, NAK (0x15) when not.
    AckNak,
    /// BEL (0x07) when recorded, nothing otherwise.
    Bell,
    /// Zebra SSI: packets acknowledged, outcome as beep command.
    Ssi,
}
