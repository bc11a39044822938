//! What a frame turned out to be.

use super::aim::Aim;
use super::foreign::Foreign;
use super::format::LabelKind;
use super::text::Encoding;

/// A frame taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The AIM identifier, if the frame began with one.
    pub aim: Option<Aim>,
    /// What followed it, as scanned: controls kept, nothing folded or trimmed.
    pub text: String,
    /// How the bytes became text.
    pub encoding: Encoding,
    /// What the text means.
    pub reading: Reading,
}

/// What the text of a frame means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// One of the site's labels.
    Label(Label),
    /// A bar code that is known to be something else.
    Foreign(Foreign),
    /// A label that was misread or misprinted.
    Damaged(Damage),
    /// Nothing known.
    Unknown,
}

impl Reading {
    /// Tells the clerk what was scanned and what to do next; nothing for a label.
    pub fn sentence(&self) -> Option<&'static str> {
        match self {
            Reading::Label(_) => None,
            Reading::Foreign(foreign) => Some(foreign.sentence()),
            Reading::Damaged(damage) => Some(damage.sentence()),
            Reading::Unknown => Some("this code is none of ours; scan the chart's own label"),
        }
    }
}

/// A label that matched one of the formats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// What the label stands for.
    pub kind: LabelKind,
    /// What is looked up.
    pub key: String,
    /// Which format matched, counted from 0.
    pub format: usize,
}

/// Why a code is refused as damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Damage {
    /// There is nothing in it.
    Empty,
    /// The scanner said that it could not read.
    NoRead,
    /// A format matched, but the check character is wrong.
    CheckWrong,
    /// A control character stands where none can be.
    ControlInside,
    /// GS1 element strings that cannot be taken apart.
    Gs1Malformed,
    /// GS1 element strings that could be read in more than one way.
    Gs1Ambiguous,
    /// A GS1 check digit is wrong.
    Gs1CheckWrong,
    /// The check character of an HIBC provider label is wrong.
    HibcCheckWrong,
    /// One half of HIBC provider data that were split over two bar codes.
    HibcSplit,
}

impl Damage {
    /// All damages.
    pub const ALL: [Damage; 9] = [
        Damage::Empty,
        Damage::NoRead,
        Damage::CheckWrong,
        Damage::ControlInside,
        Damage::Gs1Malformed,
        Damage::Gs1Ambiguous,
        Damage::Gs1CheckWrong,
        Damage::HibcCheckWrong,
        Damage::HibcSplit,
    ];

    /// Names the damage for records and programs; never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Damage::Empty => "empty",
            Damage::NoRead => "no-read",
            Damage::CheckWrong => "check-wrong",
            Damage::ControlInside => "control-inside",
            Damage::Gs1Malformed => "gs1-malformed",
            Damage::Gs1Ambiguous => "gs1-ambiguous",
            Damage::Gs1CheckWrong => "gs1-check-wrong",
            Damage::HibcCheckWrong => "hibc-check-wrong",
            Damage::HibcSplit => "hibc-split",
        }
    }

    /// Tells the clerk what is wrong and what to do next.
    pub fn sentence(self) -> &'static str {
        match self {
            Damage::Empty => "the scanner sent a code with nothing in it; scan again, or type the number",
            Damage::NoRead => "the scanner could not read the label; scan again, or type the number",
            Damage::CheckWrong | Damage::HibcCheckWrong | Damage::Gs1CheckWrong => {
                "the label was misread: its check character is wrong; scan again, and if that fails print a new label"
            }
            Damage::ControlInside => {
                "characters arrived inside the code that no label has; scan again, and if that fails check the cable"
            }
            Damage::Gs1Malformed => {
                "this GS1 code does not follow the standard; scan again, and if that fails print a new label"
            }
            Damage::Gs1Ambiguous => {
                "this GS1 code can be read in two ways; set the scanner to send AIM identifiers and group separators"
            }
            Damage::HibcSplit => {
                "this is one half of an HIBC label in two bar codes, which cannot be joined; print a label in one piece"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_damage_has_its_name_and_a_next_step() {
        let names: HashSet<_> = Damage::ALL.into_iter().map(Damage::as_str).collect();
        assert_eq!(names.len(), Damage::ALL.len());
        for damage in Damage::ALL {
            let sentence = damage.sentence();
            assert!(sentence.contains("; ") && !sentence.ends_with('.'), "{sentence}");
        }
    }
}
