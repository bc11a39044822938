//! What is sent back to a scanner once its scan is on disk (or could not be put there). Pure.

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
}

/// What became of a scan, as far as the person at the scanner must hear it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signal {
    /// A movement is on disk.
    Recorded,
    /// The chart was here already, or was read twice: nothing to do.
    AlreadyHere,
    /// The scan is on disk but moved nothing: an unknown or foreign label.
    Look,
    /// The scan was refused: damaged, or not allowed here.
    Refused,
    /// Nothing is on disk: the loudest.
    NotRecorded,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scanner::frame::ssi::{self, ACK, BEEP, NAK};
    use std::collections::HashSet;

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
        assert_eq!(
            ALL.map(|signal| AnswerProfile::Ssi.bytes(signal)).iter().collect::<HashSet<_>>().len(),
            5
        );
    }
}
