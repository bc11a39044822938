//! One SSI packet of whatever kind: what it is taken for, and that no code is acknowledged by the framer itself.

use crate::input::Input;
use outguide::scanner::frame::{
    FrameEvent, FrameSettings, Framer, Framing, has_ssi_packet,
    ssi::{ACK, DECODE_DATA, EVENT, NAK, packet},
};
use std::time::Duration;

/// Status: more packets of the same code follow.
pub(crate) const CONTINUED: u8 = 2;
/// Packets from the host carry this source.
const HOST: u8 = 4;

pub(crate) fn run(bytes: &[u8]) {
    one_packet(&mut Input::new(bytes));
}

/// A packet of any source, which [`packet`] only makes for the host; `wrong` is added to one byte of it.
pub(crate) fn made(op: u8, source: u8, status: u8, data: &[u8], wrong: u8) -> Vec<u8> {
    let mut made = packet(op, status, data);
    let body = made.len() - 2;
    made[2] = source;
    let sum = made[..body].iter().fold(0_u16, |sum, byte| sum.wrapping_sub(u16::from(*byte)));
    made[body..].copy_from_slice(&sum.to_be_bytes());
    // Any byte but the length, which would make other packets of what follows.
    let at = 1 + usize::from(wrong) % (made.len() - 1);
    made[at] = made[at].wrapping_add(wrong);
    made
}

/// One packet: an acknowledgement by the framer itself never means that a code was recorded.
fn one_packet(input: &mut Input<'_>) {
    let op = input.one_of([DECODE_DATA, DECODE_DATA, DECODE_DATA, EVENT, ACK, NAK, 0xa3, 0x00]);
    let (source, status, wrong) = (input.byte(), input.byte(), input.one_of([0, 0, 0, 1, 0x80]));
    let before = input.some(3).iter().map(|byte| byte & 4).collect::<Vec<_>>();
    let data = input.some(255);
    let made = made(op, source, status, data, wrong);
    let mut out = Vec::new();
    let mut framer = Framer::new(FrameSettings {
        framing: Framing::Ssi,
        prefix: Vec::new(),
        frame_bytes_max: 64,
        gap: Duration::from_millis(100),
        total: Duration::from_secs(3),
    });
    framer.feed(&made, Duration::ZERO, &mut out);
    let acknowledged = out.contains(&FrameEvent::Reply(packet(ACK, 0, &[])));
    let may_be = wrong == 0 && (op == EVENT || (op == DECODE_DATA && status & CONTINUED != 0));
    assert!(!acknowledged || may_be, "acknowledged unrecorded: {made:02x?} {out:?}");
    let has_code = wrong == 0 && op == DECODE_DATA && source != HOST;
    assert!(has_code || !out.iter().any(|event| matches!(event, FrameEvent::Frame { .. })), "{out:?}");
    assert_eq!(out.len().min(1), 1, "no packet goes by in silence: {made:02x?}");
    // Read as something else it is still seen for what it is.
    let buried = [&before[..], &made, input.rest()].concat();
    assert!(has_ssi_packet(&buried) || wrong != 0 || op != DECODE_DATA || made[0] == 4, "{made:02x?}");
}
