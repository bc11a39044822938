//! Zebra Simple Serial Interface: `length op source status data checksum`, the length counting all but the checksum.
//!
//! Invariant: a packet of decoded data is never acknowledged here. The acknowledgement says "recorded", and only the
//! recorder knows that.

use super::{Defect, FrameEvent, FrameSettings, Ignored, Wait};
use crate::label::Aim;

/// The packet carries a decoded bar code.
pub const DECODE_DATA: u8 = 0xf3;
/// The packet tells of an event, such as a trigger pull.
pub const EVENT: u8 = 0xf6;
/// The packet is understood.
pub const ACK: u8 = 0xd0;
/// The packet is not understood.
pub const NAK: u8 = 0xd1;
/// The scanner is to beep.
pub const BEEP: u8 = 0xe6;

/// Packets from the host carry this source.
const HOST: u8 = 0x04;
/// Length, op, source and status.
const HEADER: usize = 4;
/// Status: this packet was sent before.
const RESENT: u8 = 1;
/// Status: more packets of the same code follow.
const CONTINUED: u8 = 2;
/// Longest run of data in one packet, so that the length still fits its byte.
const DATA_MAX: usize = 255 - HEADER;

/// Builds a packet from the host, checksum included; data beyond what a packet can carry (251 bytes) are cut off.
pub fn packet(op: u8, status: u8, data: &[u8]) -> Vec<u8> {
    let data = data.get(..DATA_MAX).unwrap_or(data);
    let length = u8::try_from(HEADER + data.len()).unwrap_or(u8::MAX);
    let mut packet = vec![length, op, HOST, status];
    packet.extend_from_slice(data);
    packet.extend(checksum(&packet));
    packet
}

/// Two's complement of the sum of all bytes.
fn checksum(bytes: &[u8]) -> [u8; 2] {
    bytes.iter().fold(0_u16, |sum, byte| sum.wrapping_sub(u16::from(*byte))).to_be_bytes()
}

/// Says whether there is a sound packet of decoded data in bytes that were read as something else.
pub(super) fn has_packet(bytes: &[u8]) -> bool {
    (0..bytes.len()).filter_map(|start| bytes.get(start..)).any(|rest| {
        let length = rest.first().copied().map_or(0, usize::from);
        let split = rest.get(..length + 2).and_then(|packet| packet.split_at_checked(length));
        split.is_some_and(|(body, sum)| {
            length > HEADER && body.get(1) == Some(&DECODE_DATA) && sum == checksum(body)
        })
    })
}

/// The packets of one scanner.
#[derive(Debug, Default)]
pub(super) struct Packets {
    open: Vec<u8>,
    /// Data of a code whose packets are not all here, and the last packet's own.
    parts: Vec<u8>,
    last_part: Vec<u8>,
    /// Whether a code in several packets was given up: its rest must not be taken for a code.
    is_broken: bool,
    /// Whether the last packet came garbled: nobody knows whether the one that is sent again for it is a new one.
    was_garbled: bool,
    before: Before,
}

/// What the last packet of a code in several came to, should it be sent again.
#[derive(Debug, Default)]
enum Before {
    #[default]
    Nothing,
    Code(Vec<u8>),
    Refused,
}

impl Packets {
    pub(super) fn push(&mut self, settings: &FrameSettings, byte: u8, out: &mut Vec<FrameEvent>) -> bool {
        let begins = self.open.is_empty();
        // NUL wakes the other side up and means nothing.
        if begins && byte == 0 {
            return false;
        }
        self.open.push(byte);
        let length = self.open.first().copied().map_or(0, usize::from);
        if length < HEADER {
            let bytes = std::mem::take(&mut self.open);
            out.push(FrameEvent::Rejected { why: Defect::Malformed, bytes });
        } else if self.open.len() == length + 2 {
            let packet = std::mem::take(&mut self.open);
            self.finish(settings, &packet, out);
        }
        begins && self.parts.is_empty()
    }

    fn finish(&mut self, settings: &FrameSettings, packet: &[u8], out: &mut Vec<FrameEvent>) {
        let (body, sum) = packet.split_at_checked(packet.len().saturating_sub(2)).unwrap_or((packet, &[]));
        if sum != checksum(body) {
            // Asking again needs no recorder: nothing was understood yet.
            out.push(FrameEvent::Reply(self::packet(NAK, 0, &[1])));
            out.push(FrameEvent::Rejected { why: Defect::Checksum, bytes: packet.to_vec() });
            self.was_garbled = true;
            return;
        }
        match body {
            [_, _, HOST, ..] => out.push(FrameEvent::Ignored(Ignored::Echo)),
            [_, DECODE_DATA, _, status, data @ ..] => self.decoded(settings, *status, data, out),
            [_, ACK, ..] => out.push(FrameEvent::Ignored(Ignored::Acknowledged)),
            [_, NAK, ..] => out.push(FrameEvent::Ignored(Ignored::NotAcknowledged)),
            [_, EVENT, ..] => {
                out.push(FrameEvent::Reply(self::packet(ACK, 0, &[])));
                out.push(FrameEvent::Ignored(Ignored::Report));
            }
            _ => out.push(FrameEvent::Ignored(Ignored::Report)),
        }
    }

    fn decoded(&mut self, settings: &FrameSettings, status: u8, data: &[u8], out: &mut Vec<FrameEvent>) {
        // The first byte names the bar code type in the maker's own numbers.
        let data = data.get(1..).unwrap_or_default();
        let is_resent = status & RESENT != 0;
        let is_continued = status & CONTINUED != 0;
        let is_repeated = is_resent && self.last_part == data;
        let has_before = !self.parts.is_empty() || !matches!(self.before, Before::Nothing);
        if std::mem::take(&mut self.was_garbled) && is_repeated && has_before {
            return self.give_up(settings, data, is_continued, out);
        }
        if is_repeated && self.parts.is_empty() && !is_continued {
            match &self.before {
                Before::Code(bytes) => {
                    return out.push(FrameEvent::Frame { bytes: bytes.clone(), resend: true });
                }
                Before::Refused => return out.push(tainted(settings, data)),
                Before::Nothing => {}
            }
        }
        self.before = Before::Nothing;
        let is_first = self.parts.is_empty();
        if self.is_broken && Aim::split(data).0.is_none() {
            return self.drop_rest(settings, data, is_continued, out);
        }
        self.is_broken = false;
        if !is_repeated || is_first {
            self.parts.extend_from_slice(data);
        }
        data.clone_into(&mut self.last_part);
        if self.parts.len() > settings.frame_bytes_max {
            let mut bytes = std::mem::take(&mut self.parts);
            bytes.truncate(settings.frame_bytes_max);
            out.push(FrameEvent::Rejected { why: Defect::Overlong, bytes });
            self.is_broken = is_continued;
            self.before = if is_first { Before::Nothing } else { Before::Refused };
        } else if is_continued {
            // A part is no code yet, so its acknowledgement only asks for the next part.
            out.push(FrameEvent::Reply(packet(ACK, 0, &[])));
        } else {
            let mut bytes = std::mem::take(&mut self.parts);
            bytes.truncate(super::without_line_ends(&bytes).len());
            if !is_first {
                self.before = Before::Code(bytes.clone());
            }
            out.push(FrameEvent::Frame { bytes, resend: is_resent });
        }
    }

    /// Gives up a code of which a packet may be there twice, or not.
    fn give_up(
        &mut self,
        settings: &FrameSettings,
        data: &[u8],
        is_continued: bool,
        out: &mut Vec<FrameEvent>,
    ) {
        self.parts.clear();
        self.is_broken = is_continued;
        self.before = Before::Refused;
        out.push(tainted(settings, data));
    }

    /// Asks for all that is left of a broken code, and refuses the last of it.
    fn drop_rest(
        &mut self,
        settings: &FrameSettings,
        data: &[u8],
        is_continued: bool,
        out: &mut Vec<FrameEvent>,
    ) {
        if is_continued {
            return out.push(FrameEvent::Reply(packet(ACK, 0, &[])));
        }
        self.is_broken = false;
        self.before = Before::Refused;
        data.clone_into(&mut self.last_part);
        out.push(tainted(settings, data));
    }

    pub(super) fn expire(&mut self, out: &mut Vec<FrameEvent>) {
        let mut bytes = std::mem::take(&mut self.parts);
        self.is_broken |= !bytes.is_empty();
        bytes.append(&mut self.open);
        if !bytes.is_empty() {
            out.push(FrameEvent::Rejected { why: Defect::Partial, bytes });
        }
    }

    pub(super) fn wait(&self) -> Wait {
        match (self.open.is_empty(), self.parts.is_empty()) {
            (false, _) => Wait::GapOrTotal,
            (true, false) => Wait::Total,
            (true, true) => Wait::Nothing,
        }
    }
}

/// Refuses the rest of a broken code.
fn tainted(settings: &FrameSettings, data: &[u8]) -> FrameEvent {
    let bytes = data.get(..settings.frame_bytes_max).unwrap_or(data).to_vec();
    FrameEvent::Rejected { why: Defect::Tainted, bytes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Status for [`run`]: the packet comes garbled.
    const GARBLED: u8 = 0x80;

    /// Feeds decoded data (milliseconds, status, data) to a scanner's packets.
    fn run(sent: &[(u64, u8, &str)]) -> Vec<String> {
        let mut framer = super::super::Framer::new(FrameSettings {
            framing: super::super::Framing::Ssi,
            prefix: Vec::new(),
            frame_bytes_max: 16,
            gap: Duration::from_millis(100),
            total: Duration::from_secs(3),
        });
        let mut out = Vec::new();
        for (at_ms, status, data) in sent {
            let mut packet = packet(DECODE_DATA, *status & !GARBLED, format!("\x03{data}").as_bytes());
            packet.truncate(packet.len() - 2);
            packet[2] = 0;
            packet.extend(checksum(&packet));
            packet[4] ^= status & GARBLED;
            framer.feed(&packet, Duration::from_millis(*at_ms), &mut out);
        }
        out.iter().map(ToString::to_string).collect()
    }

    fn check(sent: &[(u64, u8, &str)], expect: &[&str]) {
        assert_eq!(run(sent), expect, "{sent:?}");
    }

    const ACKNOWLEDGED: &str = "reply 04d00400ff28";

    #[test]
    fn the_rest_of_a_broken_code_is_no_code() {
        let rest = ["rejected partial CHART", "rejected tainted 0001", "frame V2"];
        check(
            &[(0, CONTINUED, "CHART"), (5000, 0, "0001"), (6000, 0, "V2")],
            &[&[ACKNOWLEDGED][..], &rest].concat(),
        );
        check(
            &[(0, CONTINUED, "CHART"), (5000, CONTINUED, "00"), (5100, 0, "0001"), (6000, 0, "V2")],
            &[&[ACKNOWLEDGED, rest[0], ACKNOWLEDGED][..], &rest[1..]].concat(),
        );
        // Sent again it is none either, and what begins with an AIM identifier is no rest.
        check(
            &[(0, CONTINUED, "CHART"), (5000, 0, "0001"), (7000, RESENT, "0001"), (8000, 0, "]C0V2")],
            &[ACKNOWLEDGED, rest[0], rest[1], rest[1], "frame ]C0V2"],
        );
        check(
            &[(0, CONTINUED, "CHART"), (5000, 0, "]C0V2")],
            &[ACKNOWLEDGED, "rejected partial CHART", "frame ]C0V2"],
        );
    }

    #[test]
    fn the_rest_of_an_overlong_code_is_no_code() {
        let long = "rejected overlong CHART00000000001";
        check(
            &[(0, CONTINUED, "CHART000000"), (50, CONTINUED, "0000123"), (99, 0, "V1"), (999, 0, "V2")],
            &[ACKNOWLEDGED, long, "rejected tainted V1", "frame V2"],
        );
        check(
            &[(0, CONTINUED, "CHART000000"), (50, 0, "0000123"), (99, RESENT, "0000123"), (999, 0, "V2")],
            &[ACKNOWLEDGED, long, "rejected tainted 0000123", "frame V2"],
        );
    }

    #[test]
    fn a_packet_that_may_be_there_twice_is_refused() {
        let garbled = ["reply 05d1040001ff25", "rejected checksum"];
        let check = |sent: &[(u64, u8, &str)], expect: &[&str]| {
            let mut found = run(sent);
            found.iter_mut().filter(|word| word.starts_with(garbled[1])).for_each(|word| word.truncate(17));
            assert_eq!(found, expect, "{sent:?}");
        };
        check(
            &[(0, CONTINUED, "CH11"), (50, GARBLED, "11AA"), (99, RESENT, "11AA"), (999, 0, "V222")],
            &[ACKNOWLEDGED, garbled[0], garbled[1], "frame CH1111AA (sent again)", "frame V222"],
        );
        check(
            &[(0, CONTINUED, "1111"), (50, GARBLED, "1111"), (99, RESENT, "1111"), (999, 0, "V222")],
            &[ACKNOWLEDGED, garbled[0], garbled[1], "rejected tainted 1111", "frame V222"],
        );
        check(
            &[
                (0, CONTINUED, "CH11"),
                (50, 0, "1111"),
                (900, GARBLED, "1111"),
                (950, RESENT, "1111"),
                (999, 0, "V222"),
            ],
            &[ACKNOWLEDGED, "frame CH111111", garbled[0], garbled[1], "rejected tainted 1111", "frame V222"],
        );
    }

    #[test]
    fn the_last_packet_of_a_code_sent_again_means_the_whole_code() {
        check(
            &[(0, CONTINUED, "CHART"), (50, 0, "0001"), (2050, RESENT, "0001"), (3000, RESENT, "0001")],
            &[
                ACKNOWLEDGED,
                "frame CHART0001",
                "frame CHART0001 (sent again)",
                "frame CHART0001 (sent again)",
            ],
        );
        check(
            &[(0, CONTINUED, "CHART"), (50, 0, "0001"), (2050, 0, "0001"), (3000, RESENT, "0001")],
            &[ACKNOWLEDGED, "frame CHART0001", "frame 0001", "frame 0001 (sent again)"],
        );
    }

    #[test]
    fn packets_have_the_checksums_of_the_guide() {
        assert_eq!(packet(ACK, 0, &[]), [0x04, 0xd0, 0x04, 0x00, 0xff, 0x28]);
        assert_eq!(packet(NAK, 0, &[1]), [0x05, 0xd1, 0x04, 0x00, 0x01, 0xff, 0x25]);
        assert_eq!(packet(BEEP, 0, &[0x12]), [0x05, 0xe6, 0x04, 0x00, 0x12, 0xfe, 0xff]);
        assert_eq!(packet(BEEP, 0, &[0; 300]).len(), 257);
    }
}
