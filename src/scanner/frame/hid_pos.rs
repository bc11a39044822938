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
    /// Whether the code so far is the rest of one that broke off.
    is_rest: bool,
}

impl Reports {
    pub(super) fn is_discarding(&self) -> bool {
        self.discarding
    }

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
            let (is_rest, is_dropped) =
                (std::mem::take(&mut self.is_rest), std::mem::take(&mut self.discarding));
            if is_rest && !is_dropped {
                out.push(FrameEvent::Rejected { why: Defect::Tainted, bytes });
            } else if !is_dropped {
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
        self.is_rest = lost.is_continued || lost.is_rest;
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

#[cfg(test)]
mod tests {
    use super::super::{Framer, Framing};
    use super::*;
    use std::time::Duration;

    /// Feeds reports (milliseconds, data, whether more follows) without an identifier.
    fn check(reports: &[(u64, &str, bool)], expect: &[&str]) {
        let mut framer = Framer::new(FrameSettings {
            framing: Framing::HidPos,
            prefix: Vec::new(),
            frame_bytes_max: 16,
            gap: Duration::from_millis(100),
            total: Duration::from_secs(3),
        });
        let mut out = Vec::new();
        for (at_ms, data, more) in reports {
            let mut report = vec![SCANNED_DATA, u8::try_from(data.len()).unwrap(), 0, 0, 0];
            report.extend_from_slice(data.as_bytes());
            report.resize(REPORT - 1, 0);
            report.push(u8::from(*more));
            framer.feed(&report, Duration::from_millis(*at_ms), &mut out);
        }
        let found: Vec<_> = out.iter().map(ToString::to_string).collect();
        assert_eq!(found, expect, "{reports:?}");
    }

    #[test]
    fn the_rest_of_a_broken_code_is_no_code() {
        let expect = ["rejected partial CHART", "rejected tainted 0001", "frame V2"];
        check(&[(0, "CHART", true), (500, "0001", false), (900, "V2", false)], &expect);
        check(&[(0, "CHART", true), (500, "00", true), (550, "01", false), (900, "V2", false)], &expect);
        // Broken twice, and longer than any label: one refusal for each, and then it is over.
        check(
            &[(0, "CHART", true), (500, "0", true), (900, "001", false), (950, "V2", false)],
            &[expect[0], "rejected partial 0", "rejected tainted 001", "frame V2"],
        );
        check(
            &[(0, "CHART", true), (500, "00000000000000000", true), (550, "1", false), (600, "V2", false)],
            &[expect[0], "rejected overlong 0000000000000000", "frame V2"],
        );
    }
}
