//! Colours of digits: which band a clerk looks for. Pure.
//!
//! No palette is universal; each site has that of its label maker. Colour is never alone: a chip shows its digit, and
//! each digit has a pattern of its own, so that a clerk who does not see a colour loses nothing.

use std::fmt;

/// A colour as the file room calls it, and as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colour {
    name: String,
    rgb: [u8; 3],
}

/// A pattern over a colour; its word is the class in the style sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// No pattern.
    Plain,
    /// Lines from left to right.
    Lines,
    /// Lines from top to bottom.
    Bars,
    /// Slanting lines that rise to the right.
    Rising,
    /// Slanting lines that fall to the right.
    Falling,
    /// Lines and bars.
    Grid,
    /// Rising and falling lines.
    Lattice,
    /// Dots.
    Dots,
    /// Squares of two shades.
    Checks,
    /// Circles around the middle.
    Rings,
}

/// The colours of the digits 0 to 9.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Palette([Colour; DIGITS]);

/// Why texts are no palette.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaletteError {
    /// Not one colour for each digit.
    #[error("a palette has 10 colours, for the digits 0 to 9; these are {0}")]
    Count(usize),
    /// A text that names no colour.
    #[error(
        "`{text}` is no colour for the digit {digit}; write a name such as `light green`, or a name of your own with \
         its value, such as `mint #98ff98`"
    )]
    Colour {
        /// For which digit.
        digit: usize,
        /// What was written.
        text: String,
    },
}

const DIGITS: usize = 10;
/// Longest name of a colour, in characters: it stands beside a chip.
const NAME_CHARS_MAX: usize = 24;

/// The colours of US Navy jackets by digit, 0 first: an example, as every palette is.
const NAVY: [&str; DIGITS] =
    ["orange", "light green", "yellow", "gray", "tan", "light blue", "white", "brown", "pink", "red"];

/// Names that need no value, as label makers use them; the values are those of printed labels, roughly.
const NAMES: &[(&str, [u8; 3])] = &[
    ("black", [0x1a, 0x1a, 0x1a]),
    ("blue", [0x1f, 0x5f, 0xbf]),
    ("brown", [0x7b, 0x4a, 0x1e]),
    ("dark blue", [0x12, 0x2f, 0x6b]),
    ("dark green", [0x0b, 0x5d, 0x2e]),
    ("gold", [0xd4, 0xa0, 0x17]),
    ("gray", [0x9a, 0x9a, 0x9a]),
    ("green", [0x1e, 0x8e, 0x3e]),
    ("grey", [0x9a, 0x9a, 0x9a]),
    ("lavender", [0xb7, 0xa1, 0xe0]),
    ("light blue", [0x8e, 0xc9, 0xf2]),
    ("light green", [0x9f, 0xdf, 0x8f]),
    ("maroon", [0x7a, 0x12, 0x2b]),
    ("orange", [0xf5, 0x8a, 0x1f]),
    ("pink", [0xf7, 0xa8, 0xc4]),
    ("purple", [0x6f, 0x3f, 0x9e]),
    ("red", [0xd1, 0x24, 0x2b]),
    ("tan", [0xd9, 0xb3, 0x82]),
    ("teal", [0x0f, 0x8b, 0x8d]),
    ("violet", [0x6f, 0x3f, 0x9e]),
    ("white", [0xff, 0xff, 0xff]),
    ("yellow", [0xfb, 0xe1, 0x2c]),
];

const PATTERNS: [Pattern; DIGITS] = [
    Pattern::Plain,
    Pattern::Lines,
    Pattern::Bars,
    Pattern::Rising,
    Pattern::Falling,
    Pattern::Grid,
    Pattern::Lattice,
    Pattern::Dots,
    Pattern::Checks,
    Pattern::Rings,
];

impl Palette {
    /// Reads ten colours, that of the digit 0 first: names such as `light green`, values such as `#98ff98`, or both.
    /// Two digits may have one colour, as in rooms with five colours; their patterns differ.
    ///
    /// # Errors
    /// There are not ten, or one of them is no colour.
    pub fn parse<S: AsRef<str>>(colours: &[S]) -> Result<Palette, PaletteError> {
        let parse = |(digit, text): (usize, &S)| {
            let text = text.as_ref();
            Colour::parse(text).ok_or_else(|| PaletteError::Colour { digit, text: text.to_owned() })
        };
        let colours: Vec<Colour> = colours.iter().enumerate().map(parse).collect::<Result<_, _>>()?;
        colours.try_into().map(Palette).map_err(|colours: Vec<Colour>| PaletteError::Count(colours.len()))
    }

    /// The colour of a digit; a letter has none.
    pub fn colour(&self, digit: char) -> Option<&Colour> {
        self.0.get(value(digit)?)
    }
}

impl Default for Palette {
    /// The colours of US Navy jackets (Hospital Corpsman manual, NAVEDTRA 10669-C, chapter 10).
    fn default() -> Palette {
        Palette(NAVY.map(|name| Colour { name: name.to_owned(), rgb: known(name).unwrap_or_default() }))
    }
}

impl Colour {
    fn parse(text: &str) -> Option<Colour> {
        let words = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let (name, rgb) = match words.split_once('#') {
            None => (words.as_str(), known(&words)?),
            Some(("", digits)) => (words.as_str(), rgb(digits)?),
            Some((name, digits)) => (name.trim_end(), rgb(digits)?),
        };
        let fits = name.chars().count() <= NAME_CHARS_MAX && !name.contains(char::is_control);
        fits.then(|| Colour { name: name.to_owned(), rgb })
    }

    /// What people call it; its value if nothing else was said.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its value for a style sheet, such as `#f58a1f`.
    pub fn css(&self) -> String {
        css(self.rgb)
    }

    /// Black or white, whichever is easier to read on it, for a style sheet. The contrast is at least 4.5 to 1, as the
    /// Web Content Accessibility Guidelines 2.2 ask for in success criterion 1.4.3.
    pub fn ink(&self) -> String {
        // (L + 0.05) / 0.05 is at least 1.05 / (L + 0.05) when L + 0.05 is at least the root of 0.05 * 1.05.
        let is_light = luminance(self.rgb) + 0.05 >= (0.05_f64 * 1.05).sqrt();
        css(if is_light { [0; 3] } else { [0xff; 3] })
    }
}

impl Pattern {
    /// The pattern of a digit, whatever its colour; a letter has none.
    pub fn of(digit: char) -> Option<Pattern> {
        PATTERNS.get(value(digit)?).copied()
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Pattern::Plain => "plain",
            Pattern::Lines => "lines",
            Pattern::Bars => "bars",
            Pattern::Rising => "rising",
            Pattern::Falling => "falling",
            Pattern::Grid => "grid",
            Pattern::Lattice => "lattice",
            Pattern::Dots => "dots",
            Pattern::Checks => "checks",
            Pattern::Rings => "rings",
        })
    }
}

fn value(digit: char) -> Option<usize> {
    digit.to_digit(10).and_then(|value| value.try_into().ok())
}

fn known(name: &str) -> Option<[u8; 3]> {
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, rgb)| *rgb)
}

fn rgb(digits: &str) -> Option<[u8; 3]> {
    let is_hex = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
    is_hex.then_some([red, green, blue])
}

fn css([red, green, blue]: [u8; 3]) -> String {
    format!("#{red:02x}{green:02x}{blue:02x}")
}

/// Relative luminance, 0 to 1, as the same guidelines define it.
fn luminance(rgb: [u8; 3]) -> f64 {
    let [red, green, blue] = rgb.map(|part| {
        let part = f64::from(part) / 255.0;
        if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn nine(last: &str) -> Vec<&str> {
        [&NAVY[..9], &[last]].concat()
    }

    fn check(text: &str, expect: Option<(&str, &str)>) {
        let palette = Palette::parse(&nine(text)).ok();
        let colour = palette.as_ref().and_then(|palette| palette.colour('9'));
        assert_eq!(
            colour.map(|colour| (colour.name(), colour.css())),
            expect.map(|(name, css)| (name, css.into()))
        );
    }

    #[test]
    fn colours_are_names_values_or_both() {
        check("red", Some(("red", "#d1242b")));
        check(" Light   Green ", Some(("light green", "#9fdf8f")));
        check("#98FF98", Some(("#98ff98", "#98ff98")));
        check("mint #98ff98", Some(("mint", "#98ff98")));
        check("red #ff0000", Some(("red", "#ff0000")));
    }

    #[test]
    fn what_is_no_colour_is_refused() {
        for text in [
            "",
            "mint",
            "#98ff9",
            "#98ff988",
            "#+8ff98",
            "#98ff98;x:y",
            "98ff98",
            "a\u{7}b #98ff98",
            "#ééé",
            "x ##98ff98",
        ] {
            check(text, None);
        }
        check(&format!("{} #98ff98", "x".repeat(25)), None);
    }

    #[test]
    fn mistakes_say_what_to_write() {
        assert_eq!(Palette::parse(&["red"; 9]), Err(PaletteError::Count(9)));
        assert_eq!(Palette::parse(&["red"; 11]), Err(PaletteError::Count(11)));
        assert_eq!(
            Palette::parse(&nine("mint")).unwrap_err().to_string(),
            "`mint` is no colour for the digit 9; write a name such as `light green`, or a name of your own with its \
             value, such as `mint #98ff98`"
        );
    }

    #[test]
    fn the_default_is_that_of_the_navy() {
        let palette = Palette::default();
        assert_eq!(palette, Palette::parse(&NAVY).unwrap());
        assert_eq!(palette.colour('0').unwrap().name(), "orange");
        assert_eq!(palette.colour('9').unwrap().name(), "red");
        assert_eq!(palette.colour('A'), None);
    }

    #[test]
    fn colour_is_never_alone() {
        let digits = || (0..10).filter_map(|digit| char::from_digit(digit, 10));
        let patterns: BTreeSet<_> = digits().map(|digit| Pattern::of(digit).unwrap().to_string()).collect();
        assert_eq!(patterns.len(), 10);
        let palette = Palette::default();
        let colours: BTreeSet<_> = digits().map(|digit| palette.colour(digit).unwrap().css()).collect();
        assert_eq!(colours.len(), 10);
        assert_eq!(Pattern::of('A'), None);
    }

    proptest! {
        #[test]
        fn a_digit_can_be_read_on_every_colour(rgb: [u8; 3]) {
            let ink = Colour { name: String::new(), rgb }.ink();
            let ink = if ink == "#000000" { 0.0 } else { 1.0 };
            let (one, other) = (luminance(rgb) + 0.05, ink + 0.05);
            prop_assert!(one.max(other) / one.min(other) >= 4.5);
        }
    }
}
