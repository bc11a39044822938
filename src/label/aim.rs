//! AIM symbology identifiers (ISO/IEC 15424): the `]`, code letter and modifier a scanner may put before the data.
//!
//! Owns the table of what exists. Bytes that look like an identifier but are not in the table are data.

use std::fmt;

/// What kind of bar code was read, as the scanner reported it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Aim {
    code: u8,
    modifier: u8,
}

/// Code letter, its modifiers, and the name people know it by; the first row that has the pair counts.
const TABLE: &[(u8, &[u8], &str)] = &[
    (b'A', b"013457", "Code 39"),
    (b'B', b"0124", "Telepen"),
    (b'C', b"1", "GS1-128"),
    (b'C', b"024", "Code 128"),
    (b'D', b"0123456789ABCDEF", "Code One"),
    (b'E', b"4", "EAN-8"),
    (b'E', b"0123", "EAN/UPC"),
    (b'F', b"01234", "Codabar"),
    (b'G', b"0", "Code 93"),
    (b'H', b"013", "Code 11"),
    (b'I', b"013", "Interleaved 2 of 5"),
    (b'J', b"14", "GS1 DotCode"),
    (b'J', b"0235", "DotCode"),
    (b'K', b"012", "Code 16K"),
    (b'L', b"012345", "PDF417"),
    (b'M', b"01", "MSI"),
    (b'N', b"01", "Anker"),
    (b'O', b"012456", "Codablock"),
    (b'P', b"01", "Plessey"),
    (b'Q', b"34", "GS1 QR Code"),
    (b'Q', b"01256", "QR Code"),
    (b'R', b"013", "Straight 2 of 5, two bars"),
    (b'S', b"013", "Straight 2 of 5, three bars"),
    (b'T', b"012", "Code 49"),
    (b'U', b"0123", "MaxiCode"),
    (b'X', b"0123456789ABCDEF", "other bar code"),
    (b'Y', b"0123456789", "system expansion"),
    (b'Z', b"0123456789", "not a bar code"),
    (b'c', b"0", "Channel Code"),
    (b'd', b"25", "GS1 Data Matrix"),
    (b'd', b"01346", "Data Matrix"),
    (b'e', b"0123", "GS1 DataBar"),
    (b'h', b"01", "Han Xin"),
    (b'o', b"0123", "printed text (OCR)"),
    (b'p', b"012", "PosiCode"),
    (b's', b"01", "SuperCode"),
    (b'z', b"14", "GS1 Aztec"),
    (b'z', b"0235", "Aztec"),
    (b'z', b"6789AB", "Aztec, part of a series"),
    (b'z', b"C", "Aztec rune"),
];

impl Aim {
    /// Splits a frame into the identifier it starts with, if the table has it, and the data.
    pub fn split(frame: &[u8]) -> (Option<Aim>, &[u8]) {
        match frame {
            [b']', code, modifier, data @ ..] => match Aim::new(*code, *modifier) {
                Some(aim) => (Some(aim), data),
                None => (None, frame),
            },
            _ => (None, frame),
        }
    }

    fn new(code: u8, modifier: u8) -> Option<Aim> {
        let aim = Aim { code, modifier };
        aim.row().map(|_| aim)
    }

    fn row(self) -> Option<&'static (u8, &'static [u8], &'static str)> {
        TABLE.iter().find(|(code, modifiers, _)| *code == self.code && modifiers.contains(&self.modifier))
    }

    /// Names the symbology, such as `Code 128`.
    pub fn symbology(self) -> &'static str {
        self.row().map_or("", |(_, _, name)| name)
    }

    /// Says whether the data are GS1 element strings.
    pub fn is_gs1(self) -> bool {
        matches!(
            (self.code, self.modifier),
            (b'C', b'1')
                | (b'd', b'2' | b'5')
                | (b'Q', b'3' | b'4')
                | (b'J' | b'z', b'1' | b'4')
                | (b'L', b'3')
                | (b'e', _)
        )
    }

    /// Says whether the symbol is one that may carry control characters and several lines.
    pub fn is_two_dimensional(self) -> bool {
        matches!(self.code, b'D' | b'J' | b'L' | b'Q' | b'U' | b'd' | b'h' | b's' | b'z')
    }

    /// Says whether the symbology is one that shops use: EAN, UPC, GS1 DataBar.
    pub fn is_product(self) -> bool {
        matches!(self.code, b'E' | b'e')
    }

    /// Says whether the data carry `\nnnnnn` character set switches and doubled backslashes.
    pub fn has_eci(self) -> bool {
        matches!(
            (self.code, self.modifier),
            (b'L' | b'h', b'1')
                | (b'd', b'4'..=b'6')
                | (b'Q', b'2' | b'4' | b'6')
                | (b'J', b'3'..=b'5')
                | (b'z', b'3'..=b'5' | b'9' | b'A' | b'B')
        )
    }

    /// Says whether the symbol is Code 39.
    pub fn is_code39(self) -> bool {
        self.code == b'A'
    }

    /// Says whether the symbol is Codabar.
    pub fn is_codabar(self) -> bool {
        self.code == b'F'
    }

    /// Says whether the symbol is Interleaved 2 of 5, which also carries product numbers.
    pub fn is_interleaved(self) -> bool {
        self.code == b'I'
    }

    /// Says whether the symbol holds ISBT 128 data joined by the scanner.
    pub fn is_isbt(self) -> bool {
        (self.code, self.modifier) == (b'C', b'4')
    }

    /// Says whether the scanner verified the Code 39 check character and took it off.
    pub fn has_stripped_check(self) -> bool {
        self.is_code39() && matches!(self.modifier, b'3' | b'7')
    }

    /// Says whether the scanner already turned Code 39 pairs into full ASCII.
    pub fn has_full_ascii(self) -> bool {
        self.is_code39() && matches!(self.modifier, b'4' | b'5' | b'7')
    }
}

impl fmt::Display for Aim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "]{}{}", char::from(self.code), char::from(self.modifier))
    }
}

/// Which identifiers a format accepts: one, or all of a code letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AimFilter {
    code: u8,
    modifier: Option<u8>,
}

impl AimFilter {
    /// Reads `C0`, `C`, `]C0` or `]C`; nothing else, and only what the table has.
    pub(super) fn parse(text: &str) -> Option<AimFilter> {
        match text.strip_prefix(']').unwrap_or(text).as_bytes() {
            [code] if TABLE.iter().any(|row| row.0 == *code) => {
                Some(AimFilter { code: *code, modifier: None })
            }
            [code, modifier] => Aim::new(*code, *modifier)
                .map(|aim| AimFilter { code: aim.code, modifier: Some(aim.modifier) }),
            _ => None,
        }
    }

    /// Says whether the identifier passes.
    pub(super) fn accepts(self, aim: Aim) -> bool {
        self.code == aim.code && self.modifier.is_none_or(|modifier| modifier == aim.modifier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(frame: &str, expect: &str) {
        let (aim, data) = Aim::split(frame.as_bytes());
        let text = String::from_utf8_lossy(data);
        let found = match aim {
            Some(aim) => format!("{aim} {}: {text}", aim.symbology()),
            None => format!("none: {text}"),
        };
        assert_eq!(found, expect, "{frame}");
    }

    #[test]
    fn splits_identifier_and_data() {
        check("]C0CHART0001", "]C0 Code 128: CHART0001");
        check("]C1801", "]C1 GS1-128: 801");
        check("]A3X", "]A3 Code 39: X");
        check("]E4", "]E4 EAN-8: ");
        check("]d2\u{1d}", "]d2 GS1 Data Matrix: \u{1d}");
        check("]zCx", "]zC Aztec rune: x");
    }

    #[test]
    fn takes_what_the_table_lacks_as_data() {
        for frame in ["]C3X", "]A2X", "]a0X", "]C", "]", "", "C0]", "]]C0", "]é"] {
            check(frame, &format!("none: {frame}"));
        }
    }

    #[test]
    fn every_row_names_itself_and_none_is_hidden_by_an_earlier_one() {
        for (code, modifiers, name) in TABLE {
            for modifier in *modifiers {
                let aim = Aim::new(*code, *modifier).unwrap();
                assert_eq!(aim.symbology(), *name, "{aim}");
            }
        }
    }

    #[test]
    fn filters_by_letter_or_by_both() {
        let aim = Aim::new(b'C', b'1').unwrap();
        for (filter, accepts) in
            [("C", true), ("]C", true), ("C1", true), ("]C1", true), ("C0", false), ("A", false)]
        {
            assert_eq!(AimFilter::parse(filter).unwrap().accepts(aim), accepts, "{filter}");
        }
        for wrong in ["", "]", "C3", "?", "C01", "]]"] {
            assert_eq!(AimFilter::parse(wrong), None, "{wrong}");
        }
    }
}
