//! Keys a scanner pressed, as bytes: what its host would have been typed, whatever keyboard the desktop is set to. Pure.
//!
//! A keyboard says which keys went down, not which characters were meant. So one code reads differently by the desktop's
//! layout and Caps Lock (bhima issue 6436 has one code in four spellings, all of the same keys); with the layout the
//! *scanner* is set to, there is one reading.
//!
//! Invariant: the scanner's Caps Lock light is off. Some scanners look at it and press Shift the other way round to make
//! up for it, which nobody can tell from a code that is meant so (`CHART` or `chart`; on a French keyboard the digits
//! become `àé"`). Whoever opens the device switches the light off after the grab. What the scanner itself presses counts.

mod accent;
mod alt_code;
mod layout;
mod name;
#[cfg(test)]
mod tests;

pub use layout::Layout;
pub use name::{is_scanner_keyboard, key_named};

use alt_code::AltCode;
use layout::Level;
use name::{
    BACKSPACE, CAPS_LOCK, ENTER, ESC, KP_DIGITS, KP_DOT, KP_ENTER, LEFT_ALT, LEFT_CTRL, LEFT_META,
    LEFT_SHIFT, NUM_LOCK, RIGHT_ALT, RIGHT_CTRL, RIGHT_META, RIGHT_SHIFT, SCROLL_LOCK, SPACE, TAB,
};

/// Stands for a key that types nothing known (ASCII SUB). To leave it out would make another code of it, as of GS1 data
/// whose GS is an F8 that nobody mapped; with it the code is refused, and the clerk sees why.
const UNREADABLE: u8 = 0x1a;

/// What a scanner sends for a byte that has no key: a site's answer to its scanner's "function key mapping".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyByte {
    /// The key, by its Linux code.
    pub key: u16,
    /// What it stands for, such as 0x1D, GS.
    pub byte: u8,
}

/// The keyboard of one scanner, from when it was opened.
#[derive(Debug)]
pub struct Keys {
    layout: Layout,
    key_bytes: Vec<KeyByte>,
    /// Shift, Ctrl and Alt keys that are down, each once.
    held: Vec<u16>,
    is_caps: bool,
    /// A dead key's combining character that waits for its letter.
    accent: Option<char>,
    alt_code: Option<AltCode>,
}

/// What a key types.
enum Typed {
    Character(char),
    Control(u8),
}

impl Keys {
    /// Makes the state of a scanner that has just been opened: no key down, Caps Lock off.
    ///
    /// `key_bytes` count before the layout, whatever else is held; the first of a key counts.
    pub fn new(layout: Layout, key_bytes: Vec<KeyByte>) -> Keys {
        Keys { layout, key_bytes, held: Vec::new(), is_caps: false, accent: None, alt_code: None }
    }

    /// Takes one key event and adds the bytes it completes, UTF-8 but for what `key_bytes` say.
    ///
    /// `code` and `value` are as in an `EV_KEY` event: 1 pressed, 0 released; 2, held down, means nothing here. Enter is
    /// CR on both its keys. A key that types nothing known is 0x1A, SUB.
    pub fn push(&mut self, code: u16, value: i32, out: &mut Vec<u8>) {
        let is_down = match value {
            0 => false,
            1 => true,
            _ => return,
        };
        match code {
            LEFT_SHIFT | RIGHT_SHIFT | LEFT_CTRL | RIGHT_CTRL | LEFT_ALT | RIGHT_ALT => {
                self.hold(code, is_down, out);
            }
            _ if is_down => self.press(code, out),
            _ => {}
        }
    }

    /// Forgets what is pressed, begun or locked: events are missing (`SYN_DROPPED`). The open code must be refused.
    ///
    /// Caps Lock counts as off then, as it is between the codes of a scanner that presses it for each.
    pub fn overrun(&mut self) {
        *self = Keys::new(self.layout, std::mem::take(&mut self.key_bytes));
    }

    fn hold(&mut self, code: u16, is_down: bool, out: &mut Vec<u8>) {
        self.held.retain(|held| *held != code);
        if is_down {
            self.held.push(code);
        }
        if !self.is_held(LEFT_ALT, RIGHT_ALT)
            && let Some(alt_code) = self.alt_code.take()
        {
            match alt_code.character(self.layout) {
                Some(character) => self.character(character, out),
                None => self.byte(UNREADABLE, out),
            }
        }
    }

    fn is_held(&self, left: u16, right: u16) -> bool {
        self.held.contains(&left) || self.held.contains(&right)
    }

    fn press(&mut self, code: u16, out: &mut Vec<u8>) {
        if let Some(mapped) = self.key_bytes.iter().find(|mapped| mapped.key == code) {
            return self.byte(mapped.byte, out);
        }
        match code {
            CAPS_LOCK => self.is_caps = !self.is_caps,
            NUM_LOCK | SCROLL_LOCK | LEFT_META | RIGHT_META => {}
            ENTER | KP_ENTER => self.byte(b'\r', out),
            TAB => self.byte(b'\t', out),
            ESC => self.byte(0x1b, out),
            BACKSPACE => self.byte(0x08, out),
            _ => match self.alt_digit(code) {
                Some(digit) => match &mut self.alt_code {
                    Some(alt_code) => alt_code.push(digit),
                    None => self.alt_code = Some(AltCode::new(digit)),
                },
                None => match self.typed(code) {
                    Some(Typed::Character(character)) => self.character(character, out),
                    Some(Typed::Control(byte)) => self.byte(byte, out),
                    None => self.byte(UNREADABLE, out),
                },
            },
        }
    }

    /// Gives the digit, if Alt is down and the key is a digit of the keypad.
    fn alt_digit(&self, code: u16) -> Option<u8> {
        keypad_digit(code).filter(|_| self.is_held(LEFT_ALT, RIGHT_ALT))
    }

    fn typed(&self, code: u16) -> Option<Typed> {
        let is_right_alt = self.held.contains(&RIGHT_ALT);
        let is_ctrl = self.is_held(LEFT_CTRL, RIGHT_CTRL);
        // Windows takes Ctrl and Alt for AltGr, and so do scanners that have no right Alt.
        let is_alt_gr =
            self.layout.has_alt_gr() && (is_right_alt || (is_ctrl && self.held.contains(&LEFT_ALT)));
        if self.is_held(LEFT_ALT, RIGHT_ALT) && !is_alt_gr {
            return None;
        }
        if is_ctrl && (is_right_alt || !is_alt_gr) && code != SPACE {
            return self.control(code, is_alt_gr).map(Typed::Control);
        }
        let is_shifted = self.is_held(LEFT_SHIFT, RIGHT_SHIFT);
        let is_inverted = self.is_caps && !is_alt_gr && self.layout.is_caps_shifted(code);
        let level = Level::new(is_shifted != is_inverted, is_alt_gr);
        self.layout
            .character(code, level)
            .or_else(|| same_on_all_levels(self.layout, code))
            .map(Typed::Character)
    }

    /// Gives what Ctrl and a key type: by the key's character, else by where the layout has it.
    fn control(&self, code: u16, is_alt_gr: bool) -> Option<u8> {
        let is_shifted = self.is_held(LEFT_SHIFT, RIGHT_SHIFT);
        let character = self.layout.character(code, Level::new(is_shifted, is_alt_gr));
        let by_character = match character {
            Some(letter @ ('@'..='_' | 'a'..='z')) => u8::try_from(letter).ok().map(|byte| byte & 0x1f),
            _ => None,
        };
        by_character.or_else(|| self.layout.control(code, is_shifted)).or(match character {
            // What scanners' manuals print for these three, US layout or not.
            Some('2') => Some(0x00),
            Some('6') => Some(0x1e),
            Some('-') => Some(0x1f),
            // A dead ^ counts after what the layout has for its key: Ctrl and the French one are ESC.
            Some('\u{302}') => Some(0x1e),
            _ => None,
        })
    }

    /// Adds a character, or keeps it if it is a dead key's; an accent that waited goes onto it or before it.
    fn character(&mut self, character: char, out: &mut Vec<u8>) {
        let waiting = self.accent.take();
        if let Some(character) = waiting.and_then(|dead| accent::onto(dead, character)) {
            return utf8(character, out);
        }
        let waiting = waiting.and_then(accent::alone);
        waiting.into_iter().for_each(|accent| utf8(accent, out));
        match accent::alone(character) {
            // Two dead keys in a row are two accents, as Windows types them.
            Some(accent) if waiting.is_some() => utf8(accent, out),
            Some(_) => self.accent = Some(character),
            // A space only ends the accent.
            None if waiting.is_some() && character == ' ' => {}
            None => utf8(character, out),
        }
    }

    /// Adds a byte, after an accent that waited in vain.
    fn byte(&mut self, byte: u8, out: &mut Vec<u8>) {
        if let Some(accent) = self.accent.take().and_then(accent::alone) {
            utf8(accent, out);
        }
        out.push(byte);
    }
}

fn utf8(character: char, out: &mut Vec<u8>) {
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Gives the digit of a key of the keypad, Num Lock or not.
fn keypad_digit(code: u16) -> Option<u8> {
    (0..).zip(KP_DIGITS).find(|(_, key)| *key == code).map(|(digit, _)| digit)
}

/// Gives what a key types with and without Shift: space and the keypad.
fn same_on_all_levels(layout: Layout, code: u16) -> Option<char> {
    match code {
        SPACE => Some(' '),
        KP_DOT => Some(layout.decimal()),
        55 => Some('*'),
        74 => Some('-'),
        78 => Some('+'),
        98 => Some('/'),
        117 => Some('='),
        121 => Some(','),
        _ => keypad_digit(code).map(|digit| char::from(b'0'.saturating_add(digit))),
    }
}
