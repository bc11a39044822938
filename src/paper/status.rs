//! What a label printer answers when it is asked how it fares (`~HS`).
//!
//! Source: Zebra, ZPL II Programming Guide, "~HS Host Status Return": three lines between STX and ETX, of which the first
//! tells paper and pause, the second head and ribbon.

/// Asks a printer for its status; it is answered when everything before it was read.
pub const ASK: &[u8] = b"~HS";
/// Longest answer that is read, bytes; the guide's is 82.
pub const ANSWER_BYTES_MAX: usize = 512;

const STX: u8 = 0x02;
const ETX: u8 = 0x03;

/// How a printer fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It prints.
    Ready,
    /// No labels are in it.
    PaperOut,
    /// Somebody paused it, or it paused itself.
    Paused,
    /// Its head is open.
    HeadUp,
    /// Its ribbon is used up.
    RibbonOut,
}

impl Status {
    /// Reads an answer; `None` while it is not whole, or if it is none.
    pub fn read(bytes: &[u8]) -> Option<Status> {
        let mut lines = bytes.split(|byte| *byte == STX).skip(1).filter_map(|rest| {
            let end = rest.iter().position(|byte| *byte == ETX)?;
            std::str::from_utf8(rest.get(..end)?).ok()
        });
        let (first, second, _third) = (lines.next()?, lines.next()?, lines.next()?);
        let is_set = |line: &str, field: usize| line.split(',').nth(field).map(|value| value.trim() == "1");
        // The reason before its consequence: a printer without labels is paused, too.
        for (line, field, status) in [
            (second, 2, Status::HeadUp),
            (first, 1, Status::PaperOut),
            (second, 3, Status::RibbonOut),
            (first, 2, Status::Paused),
        ] {
            if is_set(line, field)? {
                return Some(status);
            }
        }
        Some(Status::Ready)
    }

    /// What is wrong and what to do about it.
    pub fn sentence(self) -> &'static str {
        match self {
            Status::Ready => "it is ready",
            Status::PaperOut => "it has no labels; put in a roll",
            Status::Paused => "it is paused; press its pause key",
            Status::HeadUp => "its head is open; close it",
            Status::RibbonOut => "its ribbon is used up; put in another",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Flags: paper out, pause, head up, ribbon out.
    fn answer(flags: [u8; 4]) -> Vec<u8> {
        let [paper, pause, head, ribbon] = flags;
        format!(
            "\x02030,{paper},{pause},0256,000,0,0,0,000,0,0,0\x03\r\n\x02000,0,{head},{ribbon},1,2,6,0,00000000,1,000\x03\r\n\x021234,0\x03\r\n"
        )
        .into_bytes()
    }

    #[test]
    fn the_reason_is_told_before_its_consequence() {
        for (flags, expect) in [
            ([0, 0, 0, 0], Status::Ready),
            ([1, 1, 0, 0], Status::PaperOut),
            ([0, 1, 0, 0], Status::Paused),
            ([1, 1, 1, 0], Status::HeadUp),
            ([0, 1, 0, 1], Status::RibbonOut),
        ] {
            assert_eq!(Status::read(&answer(flags)), Some(expect), "{flags:?}");
        }
    }

    #[test]
    fn an_answer_is_read_when_it_is_whole() {
        let whole = answer([0, 0, 0, 0]);
        let last = whole.iter().rposition(|byte| *byte == ETX).unwrap();
        for cut in 0..whole.len() {
            assert_eq!(Status::read(&whole[..cut]).is_some(), cut > last, "cut at {cut}");
        }
        for other in
            [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], b"\x02a\x03\x02b\x03\x02c\x03", b"\x02\xff\x03"]
        {
            assert_eq!(Status::read(other), None);
        }
    }
}
