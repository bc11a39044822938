//! The keyboard layouts a scanner may be set to, as tables: which character a key types.
//!
//! Scanners type for a Windows host. The tables are Microsoft's United States, United Kingdom, German and French layouts,
//! in what Caps Lock reaches and what Ctrl types as well; an X11 layout of the same name differs in rarer places.

use super::name::{BACKSLASH, KEY_102ND};

/// The layout a keyboard scanner is set to, which need not be the desktop's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// United States: what a scanner is set to unless somebody changed it.
    #[default]
    Us,
    /// United Kingdom.
    Uk,
    /// German, QWERTZ.
    De,
    /// French, AZERTY: digits with Shift.
    Fr,
}

/// Which of a key's characters is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    Plain,
    Shift,
    AltGr,
    ShiftAltGr,
}

/// A layout. A combining character stands for a dead key; a blank for a key that types nothing.
struct Table {
    /// Characters in the order of [`KEYS`]: plain, Shift, AltGr, Shift and AltGr.
    rows: [[&'static str; 4]; 4],
    caps: Caps,
    /// What Ctrl types where it does not follow from the key's character: key, whether with Shift, byte.
    controls: &'static [(u16, bool, u8)],
    has_alt_gr: bool,
    decimal: char,
}

/// Which keys Caps Lock shifts.
enum Caps {
    Letters,
    /// All but these.
    AllBut(&'static [u16]),
}

/// The 48 keys that type characters, row by row; the key left of Z, which US keyboards lack, opens the last row.
const KEYS: [&[u16]; 4] = [
    &[41, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13],
    &[16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27],
    &[30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, BACKSLASH],
    &[KEY_102ND, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53],
];

const US: Table = Table {
    rows: [
        ["`1234567890-=", "~!@#$%^&*()_+", "", ""],
        ["qwertyuiop[]", "QWERTYUIOP{}", "", ""],
        ["asdfghjkl;'\\", "ASDFGHJKL:\"|", "", ""],
        ["\\zxcvbnm,./", "|ZXCVBNM<>?", "", ""],
    ],
    caps: Caps::Letters,
    controls: &[],
    has_alt_gr: false,
    decimal: '.',
};

const UK: Table = Table {
    rows: [
        ["`1234567890-=", "¬!\"£$%^&*()_+", "¦   €", ""],
        ["qwertyuiop[]", "QWERTYUIOP{}", "  é   úíó", "  É   ÚÍÓ"],
        ["asdfghjkl;'#", "ASDFGHJKL:@~", "á", "Á"],
        ["\\zxcvbnm,./", "|ZXCVBNM<>?", "", ""],
    ],
    caps: Caps::Letters,
    controls: &[(BACKSLASH, false, 0x1c)],
    has_alt_gr: true,
    decimal: '.',
};

const DE: Table = Table {
    rows: [
        ["\u{302}1234567890ß\u{301}", "°!\"§$%&/()=?\u{300}", "  ²³   {[]}\\", ""],
        ["qwertzuiopü+", "QWERTZUIOPÜ*", "@ €        ~", ""],
        ["asdfghjklöä#", "ASDFGHJKLÖÄ'", "", ""],
        ["<yxcvbnm,.-", ">YXCVBNM;:_", "|      µ", ""],
    ],
    caps: Caps::AllBut(&[41, 13, 53, KEY_102ND]),
    controls: &[
        (26, false, 0x1b),
        (BACKSLASH, false, 0x1c),
        (27, false, 0x1d),
        (3, true, 0x00),
        (7, true, 0x1e),
    ],
    has_alt_gr: true,
    decimal: ',',
};

const FR: Table = Table {
    rows: [
        ["²&é\"'(-è_çà)=", " 1234567890°+", "  \u{303}#{[|\u{300}\\^@]}", ""],
        ["azertyuiop\u{302}$", "AZERTYUIOP\u{308}£", "  €        ¤", ""],
        ["qsdfghjklmù*", "QSDFGHJKLM%µ", "", ""],
        ["<wxcvbn,;:!", ">WXCVBN?./§", "", ""],
    ],
    caps: Caps::AllBut(&[41, KEY_102ND]),
    controls: &[
        (26, false, 0x1b),
        (BACKSLASH, false, 0x1c),
        (KEY_102ND, false, 0x1c),
        (27, false, 0x1d),
        (11, false, 0x00),
        (6, true, 0x1b),
        (7, true, 0x1f),
        (9, true, 0x1c),
        (10, true, 0x1e),
    ],
    has_alt_gr: true,
    decimal: '.',
};

impl Level {
    const ALL: [Level; 4] = [Level::Plain, Level::Shift, Level::AltGr, Level::ShiftAltGr];

    pub(super) fn new(is_shifted: bool, is_alt_gr: bool) -> Level {
        match (is_shifted, is_alt_gr) {
            (false, false) => Level::Plain,
            (true, false) => Level::Shift,
            (false, true) => Level::AltGr,
            (true, true) => Level::ShiftAltGr,
        }
    }
}

impl Layout {
    fn table(self) -> &'static Table {
        match self {
            Layout::Us => &US,
            Layout::Uk => &UK,
            Layout::De => &DE,
            Layout::Fr => &FR,
        }
    }

    /// Gives what a key types; a combining character for a dead key.
    pub(super) fn character(self, key: u16, level: Level) -> Option<char> {
        let place = KEYS.iter().zip(self.table().rows);
        let (column, texts) = place
            .filter_map(|(keys, texts)| Some((keys.iter().position(|one| *one == key)?, texts)))
            .next()?;
        let (_, text) = Level::ALL.into_iter().zip(texts).find(|(one, _)| *one == level)?;
        text.chars().nth(column).filter(|character| *character != ' ')
    }

    /// Says whether Caps Lock shifts a key.
    pub(super) fn is_caps_shifted(self, key: u16) -> bool {
        match self.table().caps {
            Caps::Letters => self.character(key, Level::Plain).is_some_and(|c| c.is_ascii_lowercase()),
            Caps::AllBut(keys) => !keys.contains(&key),
        }
    }

    /// Gives what Ctrl and a key type where the layout says so beside the key's character.
    pub(super) fn control(self, key: u16, is_shifted: bool) -> Option<u8> {
        let mut rows = self.table().controls.iter();
        rows.find(|(one, shifted, _)| *one == key && *shifted == is_shifted).map(|(_, _, byte)| *byte)
    }

    /// Says whether the right Alt key chooses characters.
    pub(super) fn has_alt_gr(self) -> bool {
        self.table().has_alt_gr
    }

    /// Gives what the keypad's decimal key types.
    pub(super) fn decimal(self) -> char {
        self.table().decimal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_as_long_as_the_keyboard() {
        assert_eq!(KEYS.iter().map(|keys| keys.len()).sum::<usize>(), 48);
        for layout in [Layout::Us, Layout::Uk, Layout::De, Layout::Fr] {
            for (keys, texts) in KEYS.iter().zip(layout.table().rows) {
                let lengths = texts.map(|text| text.chars().count());
                assert_eq!(lengths[..2], [keys.len(); 2], "{layout:?} {texts:?}");
                assert!(lengths[2..].iter().all(|length| *length <= keys.len()), "{layout:?} {texts:?}");
            }
        }
    }

    #[test]
    fn caps_lock_reaches_what_the_layout_says() {
        let check = |layout: Layout, key: u16, expect: bool| {
            assert_eq!(layout.is_caps_shifted(key), expect, "{layout:?} {key}");
        };
        for layout in [Layout::Us, Layout::Uk, Layout::De, Layout::Fr] {
            check(layout, 16, true);
            check(layout, KEY_102ND, false);
        }
        check(Layout::Us, 2, false);
        check(Layout::Us, 39, false);
        check(Layout::Uk, 43, false);
        check(Layout::De, 2, true);
        check(Layout::De, 39, true);
        check(Layout::De, 53, false);
        check(Layout::Fr, 2, true);
        check(Layout::Fr, 50, true);
        check(Layout::Fr, 41, false);
    }
}
