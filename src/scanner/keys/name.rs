//! Keys by number (Linux `input-event-codes.h`) and by the name a configuration calls them.

pub(super) const ESC: u16 = 1;
pub(super) const BACKSPACE: u16 = 14;
pub(super) const TAB: u16 = 15;
pub(super) const ENTER: u16 = 28;
pub(super) const LEFT_CTRL: u16 = 29;
pub(super) const LEFT_SHIFT: u16 = 42;
pub(super) const BACKSLASH: u16 = 43;
pub(super) const RIGHT_SHIFT: u16 = 54;
pub(super) const LEFT_ALT: u16 = 56;
pub(super) const SPACE: u16 = 57;
pub(super) const CAPS_LOCK: u16 = 58;
pub(super) const NUM_LOCK: u16 = 69;
pub(super) const SCROLL_LOCK: u16 = 70;
pub(super) const KEY_102ND: u16 = 86;
pub(super) const KP_ENTER: u16 = 96;
pub(super) const RIGHT_CTRL: u16 = 97;
pub(super) const RIGHT_ALT: u16 = 100;
pub(super) const LEFT_META: u16 = 125;
pub(super) const RIGHT_META: u16 = 126;

/// The keypad's digits, 0 to 9.
pub(super) const KP_DIGITS: [u16; 10] = [82, 79, 80, 81, 75, 76, 77, 71, 72, 73];
pub(super) const KP_DOT: u16 = 83;

/// Keys that a configuration may give a byte to: those that scanners press for a control character.
const NAMES: &[(&str, u16)] = &[
    ("esc", ESC),
    ("backspace", BACKSPACE),
    ("tab", TAB),
    ("enter", ENTER),
    ("scrolllock", SCROLL_LOCK),
    ("f1", 59),
    ("f2", 60),
    ("f3", 61),
    ("f4", 62),
    ("f5", 63),
    ("f6", 64),
    ("f7", 65),
    ("f8", 66),
    ("f9", 67),
    ("f10", 68),
    ("f11", 87),
    ("f12", 88),
    ("f13", 183),
    ("f14", 184),
    ("f15", 185),
    ("f16", 186),
    ("f17", 187),
    ("f18", 188),
    ("f19", 189),
    ("f20", 190),
    ("f21", 191),
    ("f22", 192),
    ("f23", 193),
    ("f24", 194),
    ("kp0", 82),
    ("kp1", 79),
    ("kp2", 80),
    ("kp3", 81),
    ("kp4", 75),
    ("kp5", 76),
    ("kp6", 77),
    ("kp7", 71),
    ("kp8", 72),
    ("kp9", 73),
    ("kpasterisk", 55),
    ("kpminus", 74),
    ("kpplus", 78),
    ("kpdot", KP_DOT),
    ("kpenter", KP_ENTER),
    ("kpslash", 98),
    ("sysrq", 99),
    ("linefeed", 101),
    ("home", 102),
    ("up", 103),
    ("pageup", 104),
    ("left", 105),
    ("right", 106),
    ("end", 107),
    ("down", 108),
    ("pagedown", 109),
    ("insert", 110),
    ("delete", 111),
    ("pause", 119),
    ("compose", 127),
    ("menu", 139),
];

/// Gives the key of a name such as `f8`, `down` or `insert`, large or small letters; its Linux code.
///
/// Names are those of `input-event-codes.h` without `KEY_`. Keys that type a character and Shift, Ctrl, Alt and Caps Lock
/// have none: a site has no need to give them a byte.
pub fn key_named(name: &str) -> Option<u16> {
    NAMES.iter().find(|row| row.0.eq_ignore_ascii_case(name)).map(|row| row.1)
}

/// Says whether a keyboard can be a scanner's, given which keys it has: Enter, all digits and all letters.
///
/// A scanner's further nodes (mouse, media keys, power) have not, and a keypad has no letters.
pub fn is_scanner_keyboard(keys: impl Fn(u16) -> bool) -> bool {
    let digits_and_letters = (2..=11).chain(16..=25).chain(30..=38).chain(44..=50);
    keys(ENTER) && digits_and_letters.into_iter().all(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_one_key_each() {
        for (name, key) in NAMES {
            let same = NAMES.iter().filter(|row| row.0 == *name || row.1 == *key);
            assert_eq!((same.count(), key_named(name)), (1, Some(*key)), "{name}");
        }
        for (name, expect) in [
            ("F8", Some(66)),
            ("down", Some(108)),
            ("Insert", Some(110)),
            ("kp7", Some(71)),
            ("f25", None),
            ("leftshift", None),
            ("a", None),
            ("", None),
        ] {
            assert_eq!(key_named(name), expect, "{name}");
        }
    }

    #[test]
    fn knows_a_scanners_keyboard() {
        let check = |name: &str, keys: &dyn Fn(u16) -> bool, expect: bool| {
            assert_eq!(is_scanner_keyboard(keys), expect, "{name}");
        };
        check("keyboard", &|key| key <= 111, true);
        check("media keys", &|key| (113..=115).contains(&key), false);
        check("power", &|key| key == 116, false);
        check("keypad", &|key| KP_DIGITS.contains(&key) || key == KP_ENTER, false);
        check("no letters", &|key| (1..=11).contains(&key) || key == ENTER, false);
        check("no enter", &|key| key != ENTER, false);
        check("without M", &|key| key != 50, false);
        check("mouse", &|key| (0x110..=0x117).contains(&key), false);
    }
}
