//! What a framer says: codes, refusals, immediate replies, and what it passed over.

use super::Defect;
use crate::label::visible;
use std::fmt;

/// What came out of a source's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FrameEvent {
    /// A whole code.
    Frame {
        /// What was in it, prefix and line ends taken off, AIM identifier kept.
        bytes: Vec<u8>,
        /// Whether the scanner says that it sent this code before. It is a double only if the first one was recorded:
        /// a scanner that was told "not recorded" sends again, too.
        resend: bool,
    },
    /// Bytes that did not become a code: shown to the clerk.
    Rejected {
        /// What is wrong with them.
        why: Defect,
        /// The bytes, at most `frame_bytes_max` (or one packet or report).
        bytes: Vec<u8>,
    },
    /// Bytes to be sent to the scanner at once. They never mean "recorded".
    Reply(Vec<u8>),
    /// Bytes that are no code and no trouble: counted, never shown to the clerk.
    Ignored(Ignored),
}

impl fmt::Display for FrameEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FrameEvent::Frame { bytes, resend: false } => write!(f, "frame {}", visible(bytes)),
            FrameEvent::Frame { bytes, resend: true } => write!(f, "frame {} (sent again)", visible(bytes)),
            FrameEvent::Rejected { why, bytes } => write!(f, "rejected {} {}", why.as_str(), visible(bytes)),
            FrameEvent::Reply(bytes) => {
                write!(f, "reply ")?;
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
            FrameEvent::Ignored(ignored) => write!(f, "ignored {}", ignored.as_str()),
        }
    }
}

/// What was ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ignored {
    /// Our own feedback, sent back by the line.
    Echo,
    /// The scanner understood our command.
    Acknowledged,
    /// The scanner did not understand our command.
    NotAcknowledged,
    /// A report or packet that carries no code.
    Report,
}

impl Ignored {
    /// Names what was ignored for records and programs; never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Ignored::Echo => "echo",
            Ignored::Acknowledged => "acknowledged",
            Ignored::NotAcknowledged => "not-acknowledged",
            Ignored::Report => "report",
        }
    }
}
