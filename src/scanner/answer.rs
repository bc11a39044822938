//! What is sent back to a scanner once its scan is on disk (or could not be put there). Pure.

use crate::tracking::Signal;

/// How a scanner wants to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerProfile {
    /// The scanner is told nothing.
    #[default]
    None,
    /// ACK (0x06) when recorded, NAK (0x15) when not.
    AckNak,
    /// BEL (0x07) when recorded, nothing otherwise.
    Bell,
    /// Zebra SSI: packets acknowledged, outcome as beep command.
    Ssi,
    /// Honeywell with Host ACK on: escape commands, which end its wait.
    Honeywell,
    /// Datalogic hand-held with radio and transmission mode "ACK from host": a message of escape sequences.
    Datalogic,
    /// CipherLab: the host's beep command, as often as the signal is urgent.
    #[serde(rename = "cipherlab")]
    CipherLab,
    /// A keyboard's Scroll Lock lamp. The bytes are a programme: durations in units of 10 ms, on and off by turns,
    /// beginning with on; a 0 is the last and leaves the lamp as its turn says (on) until the next answer. Without
    /// it the lamp is off at the end.
    Leds,
    /// HID POS: usages of page 0x8C, sounds to be played one after another.
    HidPos,
}

impl AnswerProfile {
    /// Gives the bytes that tell a scanner what became of its scan; empty: it is told nothing.
    ///
    /// An SSI scanner that is told [`Signal::NotRecorded`] sends the code again, marked as sent before.
    pub fn bytes(self, signal: Signal) -> &'static [u8] {
        match (self, signal) {
            (AnswerProfile::None, _) => b"",
            (AnswerProfile::AckNak, Signal::Recorded | Signal::AlreadyHere) => b"\x06",
            (AnswerProfile::AckNak, _) => b"\x15",
            (AnswerProfile::Bell, Signal::Recorded | Signal::AlreadyHere) => b"\x07",
            (AnswerProfile::Bell, _) => b"",
            (AnswerProfile::Ssi, signal) => ssi(signal),
            (AnswerProfile::Honeywell, signal) => honeywell(signal),
            (AnswerProfile::Datalogic, signal) => datalogic(signal),
            (AnswerProfile::CipherLab, signal) => cipherlab(signal),
            (AnswerProfile::Leds, signal) => leds(signal),
            (AnswerProfile::HidPos, signal) => hid_pos(signal),
        }
    }
}

/// Acknowledgement, then a beep of its own for each signal.
fn ssi(signal: Signal) -> &'static [u8] {
    match signal {
        // One short high beep.
        Signal::Recorded => b"\x04\xd0\x04\x00\xff\x28\x05\xe6\x04\x00\x00\xff\x11",
        // Two short high beeps.
        Signal::AlreadyHere => b"\x04\xd0\x04\x00\xff\x28\x05\xe6\x04\x00\x01\xff\x10",
        // High, then low.
        Signal::Look => b"\x04\xd0\x04\x00\xff\x28\x05\xe6\x04\x00\x16\xfe\xfb",
        // Four long low beeps.
        Signal::Refused => b"\x04\xd0\x04\x00\xff\x28\x05\xe6\x04\x00\x12\xfe\xff",
        // Send again, and a fast warble.
        Signal::NotRecorded => b"\x05\xd1\x04\x00\x01\xff\x25\x05\xe6\x04\x00\x14\xfe\xfd",
    }
}

/// ESC 7: good read; ESC 6: high beep, ESC 4: low beep; ESC 8: razz. The comma after each is required.
///
/// Source: Honeywell Xenon/Granit User Guide, "Host ACK", pages 110 to 112; the same commands in 1900 User's Guide,
/// page 3-38.
fn honeywell(signal: Signal) -> &'static [u8] {
    match signal {
        Signal::Recorded => b"\x1b7,",
        Signal::AlreadyHere => b"\x1b7,\x1b7,",
        Signal::Look => b"\x1b6,\x1b4,",
        Signal::Refused => b"\x1b8,",
        Signal::NotRecorded => b"\x1b8,\x1b8,\x1b8,",
    }
}

/// 6 and 7: green LED on and off; 3: good read tone; 0: short high; 1: short low; 2: long low; 4: bad transmission;
/// 5: wait 100 ms. A message ends with CR. The base takes it only with "Host Commands" set to ignore, and without a
/// station address only with address stamping off.
///
/// Invariant: no letter but the q of an escape sequence; corded readers disable themselves at a single F or D.
/// Source: Datalogic Gryphon I GD44XX/GBT4400/GM440X Product Reference Guide, "Message Formatting", page 308;
/// PowerScan Product Reference Guide, appendix E "Host Commands" for the letters.
fn datalogic(signal: Signal) -> &'static [u8] {
    match signal {
        Signal::Recorded => b"\x1b[6q\x1b[3q\x1b[5q\x1b[7q\r",
        Signal::AlreadyHere => b"\x1b[6q\x1b[3q\x1b[5q\x1b[3q\x1b[7q\r",
        Signal::Look => b"\x1b[0q\x1b[1q\r",
        Signal::Refused => b"\x1b[2q\x1b[2q\r",
        Signal::NotRecorded => b"\x1b[4q\x1b[2q\x1b[4q\x1b[2q\x1b[4q\x1b[2q\r",
    }
}

/// One beep for each command; there is no other sound.
///
/// Invariant: no `#@----` (halt) and no single D, which disable the scanner.
/// Source: CipherLab 1664 User Guide, appendix II "Host Serial Commands".
fn cipherlab(signal: Signal) -> &'static [u8] {
    match signal {
        Signal::Recorded => b"#@////\r",
        Signal::AlreadyHere => b"#@////\r#@////\r",
        Signal::Look => b"#@////\r#@////\r#@////\r",
        Signal::Refused => b"#@////\r#@////\r#@////\r#@////\r",
        Signal::NotRecorded => {
            b"#@////\r#@////\r#@////\r#@////\r#@////\r#@////\r#@////\r#@////\r#@////\r#@////\r"
        }
    }
}

/// One short flash; two short; one of a second; three long; a flicker that ends in steady light.
fn leds(signal: Signal) -> &'static [u8] {
    match signal {
        Signal::Recorded => &[20],
        Signal::AlreadyHere => &[12, 15, 12],
        Signal::Look => &[100],
        Signal::Refused => &[50, 25, 50, 25, 50],
        Signal::NotRecorded => &[6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 0],
    }
}

/// Sound Error Beep.
const ERROR_BEEP: u8 = 0x85;
/// Sound Good Read Beep.
const GOOD_READ_BEEP: u8 = 0x86;
/// Sound Not On File Beep.
const NOT_ON_FILE_BEEP: u8 = 0x87;

/// Source: USB-IF, HID Point of Sale Usage Tables 1.02, usage page 0x8C, "User Interface Usages".
fn hid_pos(signal: Signal) -> &'static [u8] {
    match signal {
        Signal::Recorded => &[GOOD_READ_BEEP],
        Signal::AlreadyHere => &[GOOD_READ_BEEP, GOOD_READ_BEEP],
        Signal::Look => &[NOT_ON_FILE_BEEP],
        Signal::Refused => &[ERROR_BEEP],
        Signal::NotRecorded => &[ERROR_BEEP, ERROR_BEEP, ERROR_BEEP],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scanner::frame::ssi::{self, ACK, BEEP, NAK};
    use crate::scanner::frame::{FrameEvent, FrameSettings, Framer, Framing, Ignored, Terminators};
    use std::collections::HashSet;
    use std::time::Duration;

    const ALL: [Signal; 5] =
        [Signal::Recorded, Signal::AlreadyHere, Signal::Look, Signal::Refused, Signal::NotRecorded];

    fn check(profile: AnswerProfile, expect: [&[u8]; 5]) {
        assert_eq!(ALL.map(|signal| profile.bytes(signal)), expect, "{profile:?}");
    }

    #[test]
    fn each_profile_says_it_its_own_way() {
        check(AnswerProfile::None, [b""; 5]);
        check(AnswerProfile::AckNak, [b"\x06", b"\x06", b"\x15", b"\x15", b"\x15"]);
        check(AnswerProfile::Bell, [b"\x07", b"\x07", b"", b"", b""]);
    }

    #[test]
    fn ssi_acknowledges_what_is_on_disk_and_beeps_apart() {
        let (ack, nak) = (ssi::packet(ACK, 0, &[]), ssi::packet(NAK, 0, &[1]));
        for (signal, first, beep) in [
            (Signal::Recorded, &ack, 0),
            (Signal::AlreadyHere, &ack, 1),
            (Signal::Look, &ack, 22),
            (Signal::Refused, &ack, 18),
            (Signal::NotRecorded, &nak, 20),
        ] {
            let expect = [first.clone(), ssi::packet(BEEP, 0, &[beep])].concat();
            assert_eq!(AnswerProfile::Ssi.bytes(signal), expect, "{signal:?}");
        }
    }

    const DISTINCT: [AnswerProfile; 6] = [
        AnswerProfile::Ssi,
        AnswerProfile::Honeywell,
        AnswerProfile::Datalogic,
        AnswerProfile::CipherLab,
        AnswerProfile::Leds,
        AnswerProfile::HidPos,
    ];

    #[test]
    fn signals_are_told_apart_and_the_loudest_says_most() {
        for profile in DISTINCT {
            let answers = ALL.map(|signal| profile.bytes(signal));
            assert_eq!(answers.iter().collect::<HashSet<_>>().len(), 5, "{profile:?}");
            let longest = answers.iter().map(|bytes| bytes.len()).max();
            assert_eq!(Some(profile.bytes(Signal::NotRecorded).len()), longest, "{profile:?}");
        }
    }

    #[test]
    fn profiles_are_called_by_the_words_of_the_configuration() {
        let words = ["ssi", "honeywell", "datalogic", "cipherlab", "leds", "hid-pos"];
        for (profile, word) in DISTINCT.into_iter().zip(words) {
            assert_eq!(serde_json::to_string(&profile).unwrap(), format!("{word:?}"));
        }
    }

    #[test]
    fn lines_are_sent_nothing_but_the_commands_of_the_manuals() {
        for signal in ALL {
            let honeywell = AnswerProfile::Honeywell.bytes(signal);
            assert!(honeywell.chunks(3).all(|part| matches!(part, [0x1b, b'4' | b'6'..=b'8', b','])));
            let (end, datalogic) = AnswerProfile::Datalogic.bytes(signal).split_last().unwrap();
            assert_eq!(*end, b'\r');
            assert!(datalogic.chunks(4).all(|part| matches!(part, [0x1b, b'[', b'0'..=b'7', b'q'])));
            let cipherlab = AnswerProfile::CipherLab.bytes(signal);
            assert!(cipherlab.chunks(7).all(|part| part == b"#@////\r"));
            // Disable, not on file, reset, trigger, statistics, health of corded Datalogic readers; halt of CipherLab.
            for bytes in [honeywell, datalogic, cipherlab] {
                assert!(!bytes.iter().any(|byte| b"FDERBTXtxSsihd-".contains(byte)), "{bytes:?}");
            }
        }
    }

    #[test]
    fn lamps_end_dark_or_in_steady_light() {
        for signal in ALL {
            let programme = AnswerProfile::Leds.bytes(signal);
            // The odd ones are on: the last stretch of a programme is always light.
            assert_eq!(programme.len() % 2, 1, "{signal:?}");
            let is_steady = programme.last() == Some(&0);
            assert_eq!(is_steady, signal == Signal::NotRecorded);
            assert_eq!(programme.iter().filter(|units| **units == 0).count(), usize::from(is_steady));
            let total = programme.iter().map(|units| u32::from(*units)).sum::<u32>();
            assert!(total * 10 <= 2000, "{signal:?} lasts {total}0 ms, longer than until the next scan");
        }
    }

    /// An echo of every answer, a code behind it, in pieces of `cut` bytes: one frame, nothing refused.
    fn check_echo(profile: AnswerProfile, cut: usize) {
        let mut framer = Framer::new(FrameSettings {
            framing: Framing::Line(Terminators { cr: true, lf: true, tab: false }),
            prefix: Vec::new(),
            frame_bytes_max: 512,
            gap: Duration::from_millis(100),
            total: Duration::from_secs(3),
        });
        for signal in ALL {
            let mut out = Vec::new();
            let stream = [profile.bytes(signal), b"]C0CHART0001\r"].concat();
            for piece in stream.chunks(cut) {
                framer.feed(piece, Duration::ZERO, &mut out);
            }
            out.retain(|event| *event != FrameEvent::Ignored(Ignored::Echo));
            let expect = FrameEvent::Frame { bytes: b"]C0CHART0001".to_vec(), resend: false };
            assert_eq!(out, [expect], "{profile:?} {signal:?} cut at {cut}");
            // Alone, until the gap ends.
            framer.feed(profile.bytes(signal), Duration::from_secs(1), &mut out);
            framer.tick(Duration::from_secs(2), &mut out);
            let is_echo = |event: &FrameEvent| *event == FrameEvent::Ignored(Ignored::Echo);
            assert!(out.iter().skip(1).all(is_echo), "{profile:?} {signal:?}: {out:?}");
        }
    }

    #[test]
    fn echoes_of_answers_are_no_codes() {
        let on_lines = [
            AnswerProfile::AckNak,
            AnswerProfile::Bell,
            AnswerProfile::Honeywell,
            AnswerProfile::Datalogic,
            AnswerProfile::CipherLab,
        ];
        for profile in on_lines {
            for cut in 1..40 {
                check_echo(profile, cut);
            }
        }
    }
}
