//! What a frame looks like on pages and in logs: every character seen, none acted upon.
//!
//! Invariant: the result holds no control, no bidirectional override and no invisible character.

use std::fmt::Write;

/// Shows bytes: UTF-8 if they are that, else each byte as Latin-1; controls as `␝`, the invisible as `<U+202E>`.
pub fn visible(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => visible_text(text),
        Err(_) => show(bytes.iter().copied().map(char::from)),
    }
}

/// Shows text the way [`visible`] does.
pub fn visible_text(text: &str) -> String {
    show(text.chars())
}

fn show(characters: impl Iterator<Item = char>) -> String {
    let mut shown = String::new();
    for character in characters {
        match character {
            '\0'..='\u{1f}' => shown.extend(char::from_u32(0x2400 + u32::from(character))),
            '\u{7f}' => shown.push('␡'),
            _ if is_hidden(character) => {
                // Writing to a string cannot fail.
                let _ = write!(shown, "<U+{:04X}>", u32::from(character));
            }
            _ => shown.push(character),
        }
    }
    shown
}

/// Says whether a character cannot be seen, changes its neighbours, or could be taken for one of our own signs.
fn is_hidden(character: char) -> bool {
    matches!(character,
        '\u{80}'..='\u{a0}' | '\u{ad}' | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}'
        | '\u{890}' | '\u{891}' | '\u{8e2}' | '\u{115f}' | '\u{1160}' | '\u{1680}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{2000}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{205f}'..='\u{206f}'
        | '\u{2400}'..='\u{243f}' | '\u{2800}' | '\u{3000}' | '\u{3164}' | '\u{e000}'..='\u{f8ff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
        | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1345f}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{10ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expect: &str) {
        assert_eq!(visible(bytes), expect);
    }

    #[test]
    fn shows_what_cannot_be_seen() {
        check(b"]C18018\x1d8019\r\n", "]C18018␝8019␍␊");
        check(b"\0\x1b[2J\x7f", "␀␛[2J␡");
        check("a\u{202e}b\u{200b}\u{feff}".as_bytes(), "a<U+202E>b<U+200B><U+FEFF>");
        check("␝".as_bytes(), "<U+241D>");
        check("Ü €".as_bytes(), "Ü €");
        check(b"M\xdc\x85\xa0\xff", "MÜ<U+0085><U+00A0>ÿ");
        check(b"", "");
    }
}
