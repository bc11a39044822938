//! Frames that end with a terminator, with ETX, or with a silence.

use super::judge::{self, Piece};
use super::{Defect, FrameEvent, FrameSettings, Terminators, Wait};

/// What has come since the last mark.
#[derive(Debug, Default)]
struct Open {
    bytes: Vec<u8>,
    /// Whether the piece was too long and everything up to the next mark is dropped.
    discarding: bool,
    /// Whether the piece follows a code that broke off.
    tainted: bool,
    /// Whether echoed answers were skipped before the piece.
    echoed: bool,
}

impl Open {
    /// Takes a byte of data; true if it began the piece.
    fn push(&mut self, settings: &FrameSettings, byte: u8, out: &mut Vec<FrameEvent>) -> bool {
        if self.discarding {
            return false;
        }
        let begins = self.bytes.is_empty();
        if begins && judge::is_skipped_before(byte) && settings.prefix.first() != Some(&byte) {
            self.echoed |= judge::is_echo(byte);
            return false;
        }
        if self.bytes.len() >= settings.frame_bytes_max {
            let bytes = std::mem::take(&mut self.bytes);
            out.push(FrameEvent::Rejected { why: Defect::Overlong, bytes });
            self.discarding = true;
            return false;
        }
        self.bytes.push(byte);
        begins
    }

    /// Ends the piece at its mark.
    fn finish(&mut self, settings: &FrameSettings, multiline: bool, out: &mut Vec<FrameEvent>) {
        let open = std::mem::take(self);
        if open.discarding {
            return;
        }
        let Open { bytes, tainted, echoed, .. } = &open;
        out.extend(judge::whole(Piece {
            bytes,
            prefix: &settings.prefix,
            tainted: *tainted,
            multiline,
            echoed: *echoed,
        }));
    }

    /// Gives up on the piece; what follows up to the next mark is tainted unless the piece was nothing but echo.
    fn give_up(&mut self, why: Defect, out: &mut Vec<FrameEvent>) {
        let open = std::mem::take(self);
        let event = judge::broken(&open.bytes, why);
        let was_data = matches!(event, Some(FrameEvent::Rejected { .. }));
        self.tainted = open.discarding || open.tainted || was_data;
        out.extend(event);
    }

    fn wait(&self) -> Wait {
        match (self.discarding, self.bytes.is_empty()) {
            (true, _) => Wait::Gap,
            (false, false) => Wait::GapOrTotal,
            (false, true) => Wait::Nothing,
        }
    }
}

/// Frames up to a terminator.
#[derive(Debug, Default)]
pub(super) struct Line {
    open: Open,
    /// Whether this scanner ever sent a terminator.
    terminates: bool,
}

impl Line {
    pub(super) fn is_discarding(&self) -> bool {
        self.open.discarding
    }

    pub(super) fn push(
        &mut self,
        settings: &FrameSettings,
        terminators: Terminators,
        byte: u8,
        out: &mut Vec<FrameEvent>,
    ) -> bool {
        if terminators.has(byte) {
            self.terminates = true;
            self.open.finish(settings, false, out);
            return false;
        }
        self.open.push(settings, byte, out)
    }

    pub(super) fn expire(&mut self, out: &mut Vec<FrameEvent>) {
        let why = if self.terminates { Defect::Partial } else { Defect::Unterminated };
        self.open.give_up(why, out);
    }

    pub(super) fn hang_up(&mut self, out: &mut Vec<FrameEvent>) {
        self.open.give_up(Defect::Partial, out);
    }

    /// Bytes are missing here: what follows up to the next mark is the rest of a code, even if nothing of it had come.
    pub(super) fn lose(&mut self, out: &mut Vec<FrameEvent>) {
        self.open.give_up(Defect::Partial, out);
        self.open.tainted = true;
    }

    pub(super) fn wait(&self) -> Wait {
        self.open.wait()
    }
}

/// Frames from STX to ETX.
#[derive(Debug, Default)]
pub(super) struct StxEtx {
    open: Open,
    inside: bool,
}

impl StxEtx {
    pub(super) fn is_discarding(&self) -> bool {
        self.open.discarding
    }

    pub(super) fn push(&mut self, settings: &FrameSettings, byte: u8, out: &mut Vec<FrameEvent>) -> bool {
        match byte {
            0x02 => {
                self.expire(out);
                *self = StxEtx { open: Open::default(), inside: true };
                true
            }
            0x03 => {
                if self.inside {
                    self.open.finish(settings, true, out);
                } else {
                    self.expire(out);
                }
                *self = StxEtx::default();
                false
            }
            _ => self.open.push(settings, byte, out) && !self.inside,
        }
    }

    pub(super) fn expire(&mut self, out: &mut Vec<FrameEvent>) {
        let why = match (self.inside, self.open.tainted) {
            (true, _) => Defect::Partial,
            (false, true) => Defect::Tainted,
            (false, false) => Defect::OutsideFrame,
        };
        let tainted = self.inside;
        self.open.give_up(why, out);
        *self = StxEtx { open: Open { tainted, ..Open::default() }, inside: false };
    }

    pub(super) fn wait(&self) -> Wait {
        if self.inside && !self.open.discarding { Wait::GapOrTotal } else { self.open.wait() }
    }
}

/// Frames that end with a silence.
#[derive(Debug, Default)]
pub(super) struct Silence {
    open: Open,
}

impl Silence {
    pub(super) fn is_discarding(&self) -> bool {
        self.open.discarding
    }

    pub(super) fn push(&mut self, settings: &FrameSettings, byte: u8, out: &mut Vec<FrameEvent>) -> bool {
        self.open.push(settings, byte, out)
    }

    pub(super) fn gap(&mut self, settings: &FrameSettings, out: &mut Vec<FrameEvent>) {
        self.open.finish(settings, false, out);
    }

    /// No silence for so long that this is no code: it is dropped up to the next silence.
    pub(super) fn total(&mut self, out: &mut Vec<FrameEvent>) {
        if self.open.bytes.is_empty() {
            return;
        }
        self.open.give_up(Defect::Partial, out);
        self.open = Open { discarding: true, ..Open::default() };
    }

    pub(super) fn hang_up(&mut self, out: &mut Vec<FrameEvent>) {
        self.open.give_up(Defect::Partial, out);
    }

    pub(super) fn wait(&self) -> Wait {
        match self.open.wait() {
            Wait::Nothing => Wait::Nothing,
            Wait::Gap | Wait::Total | Wait::GapOrTotal => Wait::Gap,
        }
    }
}
