//! What a run of bad readings means: a cable, a baud rate, a parity, another protocol. Pure.
//!
//! One bad reading is told to the clerk; several in a row are told to the administrator, with the likely cause. A good
//! frame ends the run.

use super::frame::{Defect, Framing, has_ssi_packet, is_plain_text};
use std::time::Duration;

/// Bad readings in a row from which on the cause lies in the settings.
const RUN: u32 = 3;
/// Refused bytes in each of so many seconds on end are noise.
const NOISE_BYTES: usize = 20;
const NOISE_SECONDS: usize = 5;
/// Refusals within a second beyond which nobody can be scanning.
const REFUSALS_A_SECOND: u32 = 50;
/// Answers in a row that the scanner did not take.
const DEAF_ANSWERS: u32 = 3;

/// What is likely to be wrong with a scanner that is plugged in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Concern {
    /// Garbage all the time.
    Noise,
    /// Nothing readable comes, or the line counts missing stop bits.
    BaudRate,
    /// Seven bits and parity, read as eight bits.
    Parity,
    /// No code ever ends.
    NoTerminator,
    /// Plain text comes where packets are awaited.
    PlainText,
    /// SSI packets come where text is awaited.
    SsiPackets,
    /// The prefix that is awaited never comes.
    NoPrefix,
    /// The scanner takes no answers.
    Deaf,
}

impl Concern {
    /// All concerns.
    pub const ALL: [Concern; 8] = [
        Concern::Noise,
        Concern::BaudRate,
        Concern::Parity,
        Concern::NoTerminator,
        Concern::PlainText,
        Concern::SsiPackets,
        Concern::NoPrefix,
        Concern::Deaf,
    ];

    /// Names the concern for records and programs; never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Concern::Noise => "noise",
            Concern::BaudRate => "baud-rate",
            Concern::Parity => "parity",
            Concern::NoTerminator => "no-terminator",
            Concern::PlainText => "plain-text",
            Concern::SsiPackets => "ssi-packets",
            Concern::NoPrefix => "no-prefix",
            Concern::Deaf => "deaf",
        }
    }

    /// What is wrong, and what to do.
    pub fn sentence(self) -> &'static str {
        match self {
            Concern::Noise => {
                "it sends garbage all the time, which is not written down until it stops; check the cable, then the baud rate"
            }
            Concern::BaudRate => {
                "nothing it sends can be read: `baud` is probably not the rate that the scanner is set to"
            }
            Concern::Parity => {
                "it sends seven bits with parity, and the port reads eight: set data_bits = 7 and parity = \"even\" or \"odd\", or set the scanner to 8N1"
            }
            Concern::NoTerminator => {
                "its codes come without an end mark: scan the set-up code \"suffix CR\", or as a last resort set framing = \"timeout\""
            }
            Concern::PlainText => {
                "it sends plain text, and packets are awaited: set framing = \"line\", or set the scanner to SSI"
            }
            Concern::SsiPackets => {
                "it sends SSI packets, and lines of text are awaited: set framing = \"ssi\", or set the scanner to plain RS-232"
            }
            Concern::NoPrefix => {
                "its codes lack the `prefix` of the configuration: set the prefix in the scanner, or remove the key"
            }
            Concern::Deaf => {
                "it does not take its answers: check `answer`, the handshake lines of the cable and `flow`, or set answer = \"none\""
            }
        }
    }
}

/// Watches one source's readings.
#[derive(Debug)]
pub struct Trend {
    framing: Framing,
    /// The defect of the last readings, and how many had it in a row.
    run: Option<(Defect, u32)>,
    ssi: u32,
    text: u32,
    framing_errors: u64,
    dropped: u32,
    /// Refused bytes by second, the present one last.
    seconds: [usize; NOISE_SECONDS],
    /// Refusals in the second before and in the present one.
    refusals: [u32; 2],
    second: u64,
}

impl Trend {
    /// A trend of a source that was just opened.
    pub fn new(framing: Framing) -> Trend {
        Trend {
            framing,
            run: None,
            ssi: 0,
            text: 0,
            framing_errors: 0,
            dropped: 0,
            seconds: [0; NOISE_SECONDS],
            refusals: [0; 2],
            second: 0,
        }
    }

    /// A frame was good: whatever was wrong is over.
    pub fn good(&mut self) {
        (self.run, self.ssi, self.text, self.framing_errors) = (None, 0, 0, 0);
    }

    /// A frame was refused at `now` (monotonic).
    pub fn refused(&mut self, why: Defect, bytes: &[u8], now: Duration) {
        self.run = match self.run {
            Some((before, count)) if before == why => Some((why, count.saturating_add(1))),
            _ => Some((why, 1)),
        };
        match self.framing {
            Framing::Ssi => self.text += u32::from(is_plain_text(bytes)),
            Framing::Line(_) | Framing::StxEtx | Framing::Timeout => {
                self.ssi += u32::from(has_ssi_packet(bytes))
            }
            Framing::HidPos => {}
        }
        self.discarded(bytes.len(), now);
        if let Some(present) = self.refusals.last_mut() {
            *present = present.saturating_add(1);
        }
    }

    /// So many bytes were dropped at `now` (monotonic) because what they belong to was refused before.
    pub fn discarded(&mut self, bytes: usize, now: Duration) {
        self.turn(now);
        if let Some(present) = self.seconds.last_mut() {
            *present = present.saturating_add(bytes);
        }
    }

    /// The line has counted so many missing stop bits since the last call.
    pub fn framing_errors(&mut self, count: u64) {
        self.framing_errors += count;
    }

    /// The scanner took an answer, or did not.
    pub fn answered(&mut self, taken: bool) {
        self.dropped = if taken { 0 } else { self.dropped.saturating_add(1) };
    }

    /// So much comes that it is not worth a line of the journal each.
    pub fn is_noise(&mut self, now: Duration) -> bool {
        self.turn(now);
        self.is_flood(now) || self.seconds.iter().all(|bytes| *bytes > NOISE_BYTES)
    }

    /// Garbage comes faster than anybody scans: what looks like a code among it is by chance.
    pub fn is_flood(&mut self, now: Duration) -> bool {
        self.turn(now);
        self.refusals.iter().any(|count| *count > REFUSALS_A_SECOND)
    }

    /// What is likely to be wrong.
    pub fn concern(&mut self, now: Duration) -> Option<Concern> {
        let run = |why| self.run.is_some_and(|(last, count)| last == why && count >= RUN);
        if self.ssi >= RUN {
            Some(Concern::SsiPackets)
        } else if self.text >= RUN {
            Some(Concern::PlainText)
        } else if run(Defect::Parity) {
            Some(Concern::Parity)
        } else if run(Defect::Noise) || self.framing_errors >= u64::from(RUN) {
            Some(Concern::BaudRate)
        } else if run(Defect::Unterminated) {
            Some(Concern::NoTerminator)
        } else if run(Defect::NoPrefix) {
            Some(Concern::NoPrefix)
        } else if self.is_noise(now) {
            Some(Concern::Noise)
        } else {
            (self.dropped >= DEAF_ANSWERS).then_some(Concern::Deaf)
        }
    }

    /// Moves the seconds on to `now`.
    fn turn(&mut self, now: Duration) {
        let passed = usize::try_from(now.as_secs().saturating_sub(self.second)).unwrap_or(NOISE_SECONDS);
        self.second = now.as_secs().max(self.second);
        self.refusals.rotate_left(passed.min(2));
        self.refusals.iter_mut().rev().take(passed).for_each(|count| *count = 0);
        self.seconds.rotate_left(passed.min(NOISE_SECONDS));
        self.seconds.iter_mut().rev().take(passed).for_each(|bytes| *bytes = 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scanner::frame::Terminators;
    use std::collections::HashSet;

    const LINE: Framing = Framing::Line(Terminators { cr: true, lf: true, tab: false });

    fn check(framing: Framing, refused: &[Defect], bytes: &[u8], expect: Option<Concern>) {
        let mut trend = Trend::new(framing);
        for why in refused {
            trend.refused(*why, bytes, Duration::ZERO);
        }
        assert_eq!(trend.concern(Duration::ZERO), expect, "{refused:?}");
        trend.good();
        assert_eq!(trend.concern(Duration::from_secs(60)), None, "after a good frame: {refused:?}");
    }

    #[test]
    fn three_of_a_kind_name_the_cause() {
        check(LINE, &[Defect::Parity; 2], b"x", None);
        check(LINE, &[Defect::Parity; 3], b"x", Some(Concern::Parity));
        check(LINE, &[Defect::Noise; 3], b"\xff\x00", Some(Concern::BaudRate));
        check(LINE, &[Defect::Unterminated; 3], b"CHART", Some(Concern::NoTerminator));
        check(LINE, &[Defect::NoPrefix; 3], b"CHART", Some(Concern::NoPrefix));
        check(LINE, &[Defect::Parity, Defect::Noise, Defect::Parity], b"x", None);
        let packet = b"\x0c\xf3\x00\x00\x03CHART01\xfd\x0d";
        let sum = packet.iter().take(12).fold(0_u16, |sum, byte| sum.wrapping_sub(u16::from(*byte)));
        let packet = [packet.get(..12).unwrap(), &sum.to_be_bytes()].concat();
        check(LINE, &[Defect::Unterminated; 3], &packet, Some(Concern::SsiPackets));
        check(Framing::Ssi, &[Defect::Malformed; 3], b"CHART0001\r", Some(Concern::PlainText));
    }

    #[test]
    fn noise_is_what_lasts_for_five_seconds() {
        let mut trend = Trend::new(LINE);
        for second in 0..5 {
            assert!(!trend.is_noise(Duration::from_secs(second)));
            trend.refused(Defect::Overlong, &[b'x'; 100], Duration::from_secs(second));
        }
        assert_eq!(trend.concern(Duration::from_secs(4)), Some(Concern::Noise));
        assert_eq!(trend.concern(Duration::from_secs(5)), None);
        let mut trend = Trend::new(LINE);
        trend.refused(Defect::Overlong, &[b'x'; 4000], Duration::ZERO);
        assert!(!trend.is_noise(Duration::ZERO), "one long piece is not noise");
    }

    #[test]
    fn what_is_dropped_without_a_word_is_noise_too() {
        let mut trend = Trend::new(LINE);
        trend.refused(Defect::Overlong, &[b'x'; 512], Duration::ZERO);
        for second in 0..5 {
            assert_eq!(trend.concern(Duration::from_secs(second)), None, "{second}");
            trend.discarded(4096, Duration::from_secs(second));
        }
        assert_eq!(trend.concern(Duration::from_secs(4)), Some(Concern::Noise));
    }

    #[test]
    fn faster_than_anybody_scans_is_noise_at_once() {
        let mut trend = Trend::new(LINE);
        for _ in 0..REFUSALS_A_SECOND {
            trend.refused(Defect::ControlInside, b"x", Duration::ZERO);
            assert!(!trend.is_noise(Duration::ZERO));
        }
        trend.refused(Defect::ControlInside, b"x", Duration::ZERO);
        assert_eq!(trend.concern(Duration::ZERO), Some(Concern::Noise));
        // For a second more, and then it is over.
        assert!(trend.is_flood(Duration::from_secs(1)));
        assert_eq!(trend.concern(Duration::from_secs(2)), None);
    }

    #[test]
    fn stop_bits_and_answers_count_too() {
        let mut trend = Trend::new(LINE);
        trend.framing_errors(3);
        assert_eq!(trend.concern(Duration::ZERO), Some(Concern::BaudRate));
        trend.good();
        (0..3).for_each(|_| trend.answered(false));
        assert_eq!(trend.concern(Duration::ZERO), Some(Concern::Deaf));
        trend.answered(true);
        assert_eq!(trend.concern(Duration::ZERO), None);
    }

    #[test]
    fn every_concern_has_its_name_and_a_next_step() {
        let names: HashSet<_> = Concern::ALL.into_iter().map(Concern::as_str).collect();
        assert_eq!(names.len(), Concern::ALL.len());
        assert!(Concern::ALL.into_iter().all(|concern| !concern.sentence().ends_with('.')));
    }
}
