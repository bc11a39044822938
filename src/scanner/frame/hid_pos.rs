//! HID POS scanned data reports: id, length, AIM identifier, 56 bytes of data, and whether more follows.

use super::{Defect, FrameEvent, FrameSettings, Ignored, Wait};
use crate::label::Aim;

/// Bytes in one report, its id included.
const REPORT: usize = 64;
/// The report that carries a scanned bar code.
const SCANNED_DATA: u8 = 2;
/// Most data bytes in one report.
const DATA_MAX: usize = 56;

/// The reports of one scanner.
#[derive(Debug, Default)]
pub(super) struct Reports {
    open: Vec<u8>,
    /// Identifier and data of a code whose reports are not all here.
    parts: Vec<u8>,
    /// Whether the code so far is refused and its remaining reports are dropped.
    discarding: bool,
    is_continued: bool,
}

impl Reports {
    pub(super) fn push(&mut self, settings: &FrameSettings, byte: u8, out: &mut Vec<FrameEvent>) -> bool {
        let begins = self.open.is_empty();
        self.open.push(byte);
        let opens_code = begins && !self.is_continued;
        if self.open.len() == REPORT {
            let report = std::mem::take(&mut self.open);
            self.finish(settings, &report, out);
        }
        opens_code
    }

    fn finish(&mut self, settings: &FrameSettings, report: &[u8], out: &mut Vec<FrameEvent>) {
        let [SCANNED_DATA, length, rest @ .., flags] = report else {
            out.push(FrameEvent::Ignored(Ignored::Report));
            return;
        };
        let (aim, data) = aim_and_data(rest);
        let data = data.get(..usize::from(*length)).filter(|data| data.len() <= DATA_MAX);
        match data {
            Some(data) => {
                let id = aim.map(|aim| aim.to_string()).unwrap_or_default();
                // Some scanners put the identifier into the data as well.
                if !self.is_continued && !data.starts_with(id.as_bytes()) {
                    self.parts.extend_from_slice(id.as_bytes());
                }
                self.parts.extend_from_slice(data);
            }
            None if !self.discarding => self.refuse(Defect::Malformed, report.to_vec(), out),
            None => {}
        }
        if self.parts.len() > settings.frame_bytes_max {
            let mut bytes = std::mem::take(&mut self.parts);
            bytes.truncate(settings.frame_bytes_max);
            if !self.discarding {
                self.refuse(Defect::Overlong, bytes, out);
            }
        }
        self.is_continued = flags & 1 != 0;
        if self.discarding {
            self.parts.clear();
        }
        if !self.is_continued {
            let mut bytes = std::mem::take(&mut self.parts);
            bytes.truncate(super::without_line_ends(&bytes).len());
            if !std::mem::take(&mut self.discarding) {
                out.push(FrameEvent::Frame { bytes, resend: false });
            }
        }
    }

    fn refuse(&mut self, why: Defect, mut bytes: Vec<u8>, out: &mut Vec<FrameEvent>) {
        bytes.shrink_to_fit();
        out.push(FrameEvent::Rejected { why, bytes });
        self.discarding = true;
    }

    pub(super) fn expire(&mut self, out: &mut Vec<FrameEvent>) {
        let mut lost = std::mem::take(self);
        lost.parts.append(&mut lost.open);
        if !lost.parts.is_empty() {
            out.push(FrameEvent::Rejected { why: Defect::Partial, bytes: lost.parts });
        }
    }

    pub(super) fn wait(&self) -> Wait {
        if self.open.is_empty() && !self.is_continued { Wait::Nothing } else { Wait::GapOrTotal }
    }
}

/// Splits what follows the length. Some scanners put one byte of their own before the identifier.
fn aim_and_data(rest: &[u8]) -> (Option<Aim>, &[u8]) {
    let identified = |start: usize| {
        let (id, data) = rest.get(start..)?.split_at_checked(3)?;
        Aim::split(id).0.map(|aim| (Some(aim), data))
    };
    identified(0).or_else(|| identified(1)).unwrap_or((None, rest.get(3..).unwrap_or_default()))
}
