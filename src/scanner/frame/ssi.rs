//! Zebra Simple Serial Interface: `length op source status data checksum`, the length counting all but the checksum.
//!
//! Invariant: a packet of decoded data is never acknowledged here. The acknowledgement says "recorded", and only the
//! recorder knows that.

use super::{Defect, FrameEvent, FrameSettings, Ignored, Wait};

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
        let is_repeated = is_resent && !self.parts.is_empty() && self.last_part == data;
        if !is_repeated {
            self.parts.extend_from_slice(data);
        }
        if self.parts.len() > settings.frame_bytes_max {
            let mut bytes = std::mem::take(&mut self.parts);
            bytes.truncate(settings.frame_bytes_max);
            out.push(FrameEvent::Rejected { why: Defect::Overlong, bytes });
        } else if status & CONTINUED != 0 {
            data.clone_into(&mut self.last_part);
            // A part is no code yet, so its acknowledgement only asks for the next part.
            out.push(FrameEvent::Reply(packet(ACK, 0, &[])));
        } else {
            let mut bytes = std::mem::take(&mut self.parts);
            bytes.truncate(super::without_line_ends(&bytes).len());
            out.push(FrameEvent::Frame { bytes, resend: is_resent });
        }
    }

    pub(super) fn expire(&mut self, out: &mut Vec<FrameEvent>) {
        let mut bytes = std::mem::take(&mut self.parts);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_have_the_checksums_of_the_guide() {
        assert_eq!(packet(ACK, 0, &[]), [0x04, 0xd0, 0x04, 0x00, 0xff, 0x28]);
        assert_eq!(packet(NAK, 0, &[1]), [0x05, 0xd1, 0x04, 0x00, 0x01, 0xff, 0x25]);
        assert_eq!(packet(BEEP, 0, &[0x12]), [0x05, 0xe6, 0x04, 0x00, 0x12, 0xfe, 0xff]);
        assert_eq!(packet(BEEP, 0, &[0; 300]).len(), 257);
    }
}
