//! Whether the bytes between two marks are a good frame.

use super::{Defect, FrameEvent, Ignored};
use crate::label::Aim;

/// Bytes of line noise: what a plug, a break or a wrong baud rate leaves.
fn is_noise(byte: u8) -> bool {
    matches!(byte, 0x00 | 0x7f | 0xff)
}

/// One-byte answers we send to scanners; a line that echoes sends them back.
fn is_answer(byte: u8) -> bool {
    matches!(byte, 0x06 | 0x07 | 0x15 | 0x16)
}

fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// Says whether a byte before a frame means nothing.
pub(super) fn is_skipped_before(byte: u8) -> bool {
    is_noise(byte) || is_line_end(byte) || is_answer(byte)
}

/// Says whether a byte before a frame may be an echo of our own answer.
pub(super) fn is_echo(byte: u8) -> bool {
    is_answer(byte)
}

/// How a piece of the stream came to be cut out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'a> {
    /// What stands between the marks.
    pub(super) bytes: &'a [u8],
    /// What every good frame begins with.
    pub(super) prefix: &'a [u8],
    /// Whether it follows a code that broke off.
    pub(super) tainted: bool,
    /// Whether line ends are data.
    pub(super) multiline: bool,
    /// Whether echoed answers were skipped before it.
    pub(super) echoed: bool,
}

/// Judges a piece that reached its end mark; nothing if there is nothing in it.
pub(super) fn whole(piece: Piece<'_>) -> Option<FrameEvent> {
    let (content, echoed) = trim(piece.bytes, piece.prefix);
    let content = match content {
        [0x02, inner @ .., 0x03] if !piece.multiline => inner,
        _ => content,
    };
    if content.is_empty() {
        return (echoed || piece.echoed).then_some(FrameEvent::Ignored(Ignored::Echo));
    }
    let rejected = |why| Some(FrameEvent::Rejected { why, bytes: piece.bytes.to_vec() });
    if let Some(why) = noise(content) {
        return rejected(why);
    }
    let unprefixed = content.strip_prefix(piece.prefix);
    let vouched = (!piece.prefix.is_empty() && unprefixed.is_some()) || Aim::split(content).0.is_some();
    if piece.tainted && !vouched {
        return rejected(Defect::Tainted);
    }
    let Some(data) = unprefixed else { return rejected(Defect::NoPrefix) };
    let is_two_dimensional = Aim::split(data).0.is_some_and(Aim::is_two_dimensional);
    if !is_two_dimensional && data.iter().any(|byte| is_misplaced(*byte, piece.multiline)) {
        return rejected(Defect::ControlInside);
    }
    Some(FrameEvent::Frame { bytes: data.to_vec(), resend: false })
}

/// Judges a piece that broke off; nothing if there is nothing in it.
pub(super) fn broken(bytes: &[u8], why: Defect) -> Option<FrameEvent> {
    let (content, echoed) = trim(bytes, &[]);
    if content.is_empty() {
        return echoed.then_some(FrameEvent::Ignored(Ignored::Echo));
    }
    let why = noise(content).unwrap_or(why);
    Some(FrameEvent::Rejected { why, bytes: bytes.to_vec() })
}

/// Takes off what means nothing at either edge; says whether some of it was an echo.
fn trim<'a>(bytes: &'a [u8], prefix: &[u8]) -> (&'a [u8], bool) {
    let mut echoed = false;
    let mut content = bytes;
    loop {
        content = match content {
            _ if !prefix.is_empty() && content.starts_with(prefix) => break,
            [0x1b, b'[', b'0'..=b'9', b'q', rest @ ..]
            | [0x1b, b'1'..=b'9', b',', rest @ ..]
            | [0x1b, b'1'..=b'9', rest @ ..]
            | [b'#', b'@', b'/', b'/', b'/', b'/', rest @ ..] => {
                echoed = true;
                rest
            }
            [byte, rest @ ..] if is_skipped_before(*byte) => {
                echoed |= is_answer(*byte);
                rest
            }
            _ => break,
        };
    }
    while let [rest @ .., last] = content
        && (is_noise(*last) || is_line_end(*last))
    {
        content = rest;
    }
    (content, echoed)
}

fn noise(content: &[u8]) -> Option<Defect> {
    if content.iter().copied().any(is_noise) {
        Some(Defect::Noise)
    } else if has_parity(content) {
        Some(Defect::Parity)
    } else {
        None
    }
}

/// Seven data bits and parity, read as eight: all bytes alike in parity, several with the top bit set.
fn has_parity(content: &[u8]) -> bool {
    let odd = content.iter().filter(|byte| byte.count_ones() % 2 == 1).count();
    content.iter().filter(|byte| !byte.is_ascii()).count() >= 3
        && (odd == 0 || odd == content.len())
        && std::str::from_utf8(content).is_err()
}

/// C0 controls other than the separators that bar codes use (EOT, FS, GS, RS, US).
fn is_misplaced(byte: u8, multiline: bool) -> bool {
    byte.is_ascii_control() && !matches!(byte, 0x04 | 0x1c..=0x1f) && !(multiline && is_line_end(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], tainted: bool, prefix: &[u8], expect: &str) {
        let piece = Piece { bytes, prefix, tainted, multiline: false, echoed: false };
        let found = whole(piece).map_or("nothing".to_owned(), |event| event.to_string());
        assert_eq!(found, expect, "{bytes:?}");
    }

    #[test]
    fn judges_pieces() {
        check(b"CHART0001", false, b"", "frame CHART0001");
        check(b"\0\xffCHART0001\x7f\0", false, b"", "frame CHART0001");
        check(b"CH\0ART", false, b"", "rejected noise CH␀ART");
        check(b"CH\x07ART", false, b"", "rejected control-inside CH␇ART");
        check(b"]d1CH\x07ART", false, b"", "frame ]d1CH␇ART");
        check(b"]C1A\x1dB", false, b"", "frame ]C1A␝B");
        check(b"\x02CHART0001\x03", false, b"", "frame CHART0001");
        check(b"\x1b[6q\x1b[3q", false, b"", "ignored echo");
        check(b"\x1b[6qCHART0001", false, b"", "frame CHART0001");
        check(b"\x1b8,\x1b8,", false, b"", "ignored echo");
        check(b"\x1b7,CHART0001", false, b"", "frame CHART0001");
        check(b"\x1b7CHART0001", false, b"", "frame CHART0001");
        check(b"#@////\r#@////", false, b"", "ignored echo");
        check(b"#@////CHART0001", false, b"", "frame CHART0001");
        check(b"#@109952", false, b"", "frame #@109952");
        check(b"#@////1", false, b"#@////", "frame 1");
        check(b"\x06", false, b"", "ignored echo");
        check(b"\0\r", false, b"", "nothing");
        check(b"\xc3HA\xd2\xd4000\xb1\x8d", false, b"", "rejected parity ÃHAÒÔ000±<U+008D>");
        check(b"M\xdcLLER01", false, b"", "frame MÜLLER01");
    }

    #[test]
    fn a_tainted_piece_needs_a_voucher() {
        check(b"01", true, b"", "rejected tainted 01");
        check(b"]C0CHART0001", true, b"", "frame ]C0CHART0001");
        check(b"]C9CHART0001", true, b"", "rejected tainted ]C9CHART0001");
        check(b"$CHART0001", true, b"$", "frame CHART0001");
        check(b"]C0CHART0001", true, b"$", "rejected no-prefix ]C0CHART0001");
        check(b"CHART0001", false, b"$", "rejected no-prefix CHART0001");
        check(b"\0\x06CHART0001", false, b"\x06", "frame CHART0001");
    }
}
