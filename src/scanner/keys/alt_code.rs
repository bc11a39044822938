//! Alt and digits of the keypad: how a scanner types what its layout has no key for.

use super::Layout;

/// Code page 1252, 0x80 to 0x9F; from 0xA0 on it is Latin-1. SUB where there is no character.
const CP1252: &str = "€\u{1a}‚ƒ„…†‡ˆ‰Š‹Œ\u{1a}Ž\u{1a}\u{1a}‘’“”•–—˜™š›œ\u{1a}žŸ";

/// Code page 437, 0x80 to 0xFF.
const CP437: &str = concat!(
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐",
    "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}"
);

/// Code page 850, 0x80 to 0xFF.
const CP850: &str = concat!(
    "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐",
    "└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}"
);

/// The digits typed while Alt is down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AltCode {
    has_leading_zero: bool,
    number: u16,
}

impl AltCode {
    pub(super) fn new(digit: u8) -> AltCode {
        AltCode { has_leading_zero: digit == 0, number: u16::from(digit) }
    }

    pub(super) fn push(&mut self, digit: u8) {
        self.number = self.number.saturating_mul(10).saturating_add(u16::from(digit));
    }

    /// Gives the character; nothing if there is none of that number.
    ///
    /// With a leading zero the number is of code page 1252, else of the one DOS used: 437 in the United States, 850 in
    /// Europe. Below 32 it is the control character in either: Windows would type a picture, a scanner means GS.
    pub(super) fn character(self, layout: Layout) -> Option<char> {
        let number = u8::try_from(self.number).ok()?;
        let (page, first) = match (self.has_leading_zero, layout) {
            (true, _) if number >= 0xa0 => return Some(char::from(number)),
            (true, _) => (CP1252, 0x80),
            (false, Layout::Us) => (CP437, 0x80),
            (false, Layout::Uk | Layout::De | Layout::Fr) => (CP850, 0x80),
        };
        match number.checked_sub(first) {
            None => Some(char::from(number)),
            Some(place) => page.chars().nth(usize::from(place)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(digits: &str, layout: Layout, expect: Option<char>) {
        let mut digits = digits.bytes().map(|digit| digit - b'0');
        let mut code = AltCode::new(digits.next().unwrap());
        digits.for_each(|digit| code.push(digit));
        assert_eq!(code.character(layout), expect, "{code:?} {layout:?}");
    }

    #[test]
    fn reads_numbers() {
        for layout in [Layout::Us, Layout::Uk, Layout::De, Layout::Fr] {
            check("0196", layout, Some('Ä'));
            check("142", layout, Some('Ä'));
            check("225", layout, Some('ß'));
            check("0128", layout, Some('€'));
            check("0159", layout, Some('Ÿ'));
            check("0160", layout, Some('\u{a0}'));
            check("0129", layout, Some('\u{1a}'));
            check("029", layout, Some('\x1d'));
            check("29", layout, Some('\x1d'));
            check("0", layout, Some('\0'));
            check("65", layout, Some('A'));
            check("0065", layout, Some('A'));
            check("127", layout, Some('\x7f'));
            check("256", layout, None);
            check("08364", layout, None);
            check("99999999999", layout, None);
        }
        check("157", Layout::Us, Some('¥'));
        check("157", Layout::De, Some('Ø'));
        check("183", Layout::Fr, Some('À'));
        check("255", Layout::Us, Some('\u{a0}'));
    }

    #[test]
    fn pages_are_whole() {
        assert_eq!([CP1252, CP437, CP850].map(|page| page.chars().count()), [32, 128, 128]);
    }
}
