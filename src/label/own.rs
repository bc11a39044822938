//! Outguide's own labels: a letter for the kind, a number, and a check character by ISO/IEC 7064 mod 37,36.

use super::format::{CheckScheme, LabelKind};

impl LabelKind {
    /// The letter that Outguide's own labels of this kind begin with.
    pub fn letter(self) -> char {
        match self {
            LabelKind::Volume => 'V',
            LabelKind::Custodian => 'L',
            LabelKind::Person => 'P',
            LabelKind::Request => 'R',
            LabelKind::Command => 'K',
        }
    }

    /// The key of a pull list's own label: `RL`, its number, and the check character.
    pub fn own_list_key(number: u64) -> String {
        own('L', number)
    }

    /// The key of a line of a search sheet: `RS`, its number, and the check character.
    pub fn own_search_key(number: u64) -> String {
        own('S', number)
    }

    /// The key of an answer on a notice's slip: `RN`, its number, and the check character.
    pub fn own_reply_key(number: u64) -> String {
        let text = format!("{}N{number}", LabelKind::Request.letter());
        let check = CheckScheme::Iso7064Mod37_36.compute(&text).unwrap_or_default();
        format!("{text}{check}")
    }

    /// The number of an answer on a notice's slip; `None` if the key is none.
    pub fn reply_number(key: &str) -> Option<u64> {
        let number = key.strip_prefix("RN")?;
        let number = number.get(..number.len().checked_sub(1)?)?.parse().ok()?;
        (LabelKind::own_reply_key(number) == key).then_some(number)
    }

    /// The key of Outguide's own label with this number, check character included: what the label formats that hold
    /// without any in the configuration read.
    pub fn own_key(self, number: u64) -> String {
        let text = format!("{}{number}", self.letter());
        // Letters and digits always have a check character.
        let check = CheckScheme::Iso7064Mod37_36.compute(&text).unwrap_or_default();
        format!("{text}{check}")
    }
}

/// A label of requests of a kind of its own.
fn own(letter: char, number: u64) -> String {
    let text = format!("{}{letter}{number}", LabelKind::Request.letter());
    let check = CheckScheme::Iso7064Mod37_36.compute(&text).unwrap_or_default();
    format!("{text}{check}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_carries_its_kind_and_its_check() {
        for kind in LabelKind::ALL {
            for number in [1, 11, 4650, u64::MAX] {
                let key = kind.own_key(number);
                assert!(key.starts_with(&format!("{}{number}", kind.letter())), "{key}");
                assert!(CheckScheme::Iso7064Mod37_36.verify(&key), "{key}");
            }
        }
        assert_eq!(LabelKind::Volume.own_key(4650), "V4650N");
        for number in [0, 7, 400_003] {
            assert_eq!(LabelKind::reply_number(&LabelKind::own_reply_key(number)), Some(number));
        }
        for key in ["RN", "RN1", "RN12X", "RL1R", "RN7é", ""] {
            assert_eq!(LabelKind::reply_number(key), None, "{key}");
        }
    }
}
