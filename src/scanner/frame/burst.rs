//! Lines that belong together: a two-dimensional code with line ends in it comes as several frames in a row.
//!
//! A frame of a two-dimensional symbology waits for a moment of silence; frames that follow without one and without an
//! identifier of their own are its further lines. Nobody scans two labels so fast.

use super::{FrameEvent, Ignored};
use crate::label::Aim;
use std::time::Duration;

/// Silence after which the next frame is another code.
pub(super) const SILENCE: Duration = Duration::from_millis(20);

/// The lines of one code.
#[derive(Debug, Default)]
pub(super) struct Burst {
    held: Option<Vec<u8>>,
}

impl Burst {
    /// Whether a code waits for its further lines.
    pub(super) fn is_open(&self) -> bool {
        self.held.is_some()
    }

    /// Takes what the engine cut out.
    pub(super) fn take(&mut self, event: FrameEvent, bytes_max: usize, out: &mut Vec<FrameEvent>) {
        let line = match &event {
            FrameEvent::Frame { bytes, .. } | FrameEvent::Rejected { bytes, .. } => bytes,
            FrameEvent::Ignored(
                Ignored::Echo | Ignored::Acknowledged | Ignored::NotAcknowledged | Ignored::Report,
            )
            | FrameEvent::Reply(_) => {
                out.push(event);
                return;
            }
        };
        let (aim, _) = Aim::split(line);
        if let (None, Some(held)) = (aim, &mut self.held) {
            held.push(b'\n');
            held.extend_from_slice(line);
            held.truncate(bytes_max);
            return;
        }
        self.end(out);
        match event {
            FrameEvent::Frame { bytes, resend: false } if aim.is_some_and(Aim::is_two_dimensional) => {
                self.held = Some(bytes);
            }
            event => out.push(event),
        }
    }

    /// The silence came, or the end.
    pub(super) fn end(&mut self, out: &mut Vec<FrameEvent>) {
        out.extend(self.held.take().map(|bytes| FrameEvent::Frame { bytes, resend: false }));
    }
}
