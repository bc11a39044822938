//! Why bytes from a scanner did not become a frame.

/// What is wrong with bytes that were refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Defect {
    /// The code broke off: a silence, or an unplug, in its middle.
    Partial,
    /// A code without an end mark, from a scanner that never sent one.
    Unterminated,
    /// The rest of a code that broke off before.
    Tainted,
    /// Longer than any label.
    Overlong,
    /// Line noise inside.
    Noise,
    /// Every byte carries a parity bit: the port is set to 8 data bits, the scanner to 7.
    Parity,
    /// A control character inside.
    ControlInside,
    /// The configured prefix is missing.
    NoPrefix,
    /// Bytes outside the start and end marks.
    OutsideFrame,
    /// The packet's checksum is wrong.
    Checksum,
    /// A packet or report that contradicts itself.
    Malformed,
}

impl Defect {
    /// All defects.
    pub const ALL: [Defect; 11] = [
        Defect::Partial,
        Defect::Unterminated,
        Defect::Tainted,
        Defect::Overlong,
        Defect::Noise,
        Defect::Parity,
        Defect::ControlInside,
        Defect::NoPrefix,
        Defect::OutsideFrame,
        Defect::Checksum,
        Defect::Malformed,
    ];

    /// Names the defect for records and programs; never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Defect::Partial => "partial",
            Defect::Unterminated => "unterminated",
            Defect::Tainted => "tainted",
            Defect::Overlong => "overlong",
            Defect::Noise => "noise",
            Defect::Parity => "parity",
            Defect::ControlInside => "control-inside",
            Defect::NoPrefix => "no-prefix",
            Defect::OutsideFrame => "outside-frame",
            Defect::Checksum => "checksum",
            Defect::Malformed => "malformed",
        }
    }

    /// Tells the clerk what happened and what to do next.
    pub fn sentence(self) -> &'static str {
        match self {
            Defect::Partial => {
                "the code broke off in the middle; scan again, and if that fails check the cable"
            }
            Defect::Unterminated => {
                "the code came without an end mark; scan again, and if that fails set the scanner to send CR after each code"
            }
            Defect::Tainted => "only the rest of a broken code arrived; scan again",
            Defect::Overlong => "the code is longer than any label; scan the chart's own label",
            Defect::Noise => {
                "the line is noisy; scan again, and if that fails check the cable and the baud rate"
            }
            Defect::Parity => {
                "the port and the scanner differ in parity; set the port to 7 data bits and parity"
            }
            Defect::ControlInside => {
                "characters arrived inside the code that no label has; scan again, and if that fails check the cable"
            }
            Defect::NoPrefix => {
                "the code lacks the prefix the scanner is to send; check the scanner's settings"
            }
            Defect::OutsideFrame => {
                "characters arrived outside the start and end marks; scan again, and if that fails check the scanner's settings"
            }
            Defect::Checksum => "the code was garbled on the way; the scanner is asked to send it again",
            Defect::Malformed => {
                "the scanner sent something that makes no sense; scan again, and if that fails restart it"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_defect_has_its_name_and_a_next_step() {
        let names: HashSet<_> = Defect::ALL.into_iter().map(Defect::as_str).collect();
        assert_eq!(names.len(), Defect::ALL.len());
        for defect in Defect::ALL {
            let sentence = defect.sentence();
            assert!(sentence.contains("; ") && !sentence.ends_with('.'), "{sentence}");
        }
    }
}
