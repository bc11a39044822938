//! Colours of digits, and the pattern that each digit has beside its colour: whoever sees no colours, or has a printer
//! without any, tells digits apart by it.

use std::fmt;

/// A colour of a printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    /// Red, green, blue.
    pub rgb: [u8; 3],
}

/// Which digits are coloured, and how. There is no palette that all file rooms share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Palette {
    /// The colours of 0 to 9.
    pub colours: [Colour; 10],
    /// How many digits have one, counted from the right: the primary digits of a terminal-digit file. 0: none.
    pub coloured_digits: usize,
}

impl Colour {
    /// Reads `#rrggbb`.
    pub fn parse(text: &str) -> Option<Colour> {
        let digits = text.strip_prefix('#')?;
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let number = u32::from_str_radix(digits, 16).ok()?;
        let [_, red, green, blue] = number.to_be_bytes();
        Some(Colour { rgb: [red, green, blue] })
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.rgb;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl Default for Palette {
    /// The last two digits in the colours of the US Navy's treatment jackets: orange, light green, yellow, grey, tan,
    /// light blue, white, brown, pink, red (Navy training manual for hospital corpsmen). Each light enough for a black
    /// pattern on it.
    fn default() -> Palette {
        let colours = [
            [0xff, 0x8c, 0x1a],
            [0x8f, 0xe3, 0x88],
            [0xff, 0xe1, 0x1a],
            [0xa8, 0xac, 0xb0],
            [0xe2, 0xc3, 0x90],
            [0x8c, 0xcb, 0xf5],
            [0xff, 0xff, 0xff],
            [0xa8, 0x74, 0x4a],
            [0xff, 0xa6, 0xc9],
            [0xf2, 0x4b, 0x4b],
        ];
        Palette { colours: colours.map(|rgb| Colour { rgb }), coloured_digits: 2 }
    }
}

impl Palette {
    /// The colour of a digit; `None` for what is no digit.
    pub fn colour(&self, digit: char) -> Option<Colour> {
        let value = usize::try_from(digit.to_digit(10)?).ok()?;
        self.colours.get(value).copied()
    }
}

/// A stroke of a pattern, in hundredths of the chip it is drawn on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stroke {
    /// A black block: left, top, width, height.
    Block(u32, u32, u32, u32),
    /// A line from one lower corner to the opposite upper one, or from upper to lower.
    Diagonal {
        /// It goes up from left to right.
        rises: bool,
    },
}

/// The pattern of a digit: none, upright bars, level bars, a plus, diagonals, and one black half.
pub(super) fn pattern(digit: char) -> &'static [Stroke] {
    use Stroke::{Block, Diagonal};
    match digit {
        '1' => &[Block(44, 0, 12, 100)],
        '2' => &[Block(26, 0, 12, 100), Block(62, 0, 12, 100)],
        '3' => &[Block(17, 0, 12, 100), Block(44, 0, 12, 100), Block(71, 0, 12, 100)],
        '4' => &[Block(0, 41, 100, 18)],
        '5' => &[Block(0, 24, 100, 16), Block(0, 60, 100, 16)],
        '6' => &[Block(44, 0, 12, 100), Block(0, 41, 100, 18)],
        '7' => &[Diagonal { rises: true }],
        '8' => &[Diagonal { rises: true }, Diagonal { rises: false }],
        '9' => &[Block(0, 50, 100, 50)],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_as_they_are_written() {
        for text in ["#000000", "#ff8c1a", "#ffffff"] {
            assert_eq!(Colour::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Colour::parse("#FF8C1A"), Colour::parse("#ff8c1a"));
        for other in ["", "red", "#fff", "#ff8c1", "#gggggg", "ff8c1a", "#+f8c1a", "#ü8c1a"] {
            assert_eq!(Colour::parse(other), None, "{other}");
        }
    }

    #[test]
    fn digits_differ_without_their_colours() {
        let digits: Vec<char> = ('0'..='9').collect();
        for (place, one) in digits.iter().enumerate() {
            for other in &digits[place + 1..] {
                assert_ne!(pattern(*one), pattern(*other), "{one} and {other}");
            }
        }
    }

    /// Relative luminance (WCAG 2.2).
    fn luminance(colour: Colour) -> f64 {
        let [red, green, blue] = colour.rgb.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    #[test]
    fn a_black_pattern_is_seen_on_every_colour() {
        for colour in Palette::default().colours {
            assert!((luminance(colour) + 0.05) / 0.05 >= 4.5, "{colour}");
        }
    }
}
