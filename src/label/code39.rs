//! Code 39 as scanners leave it: start and stop characters sent along, full ASCII pairs not yet decoded.

/// Takes off the stars that some scanners send as the start and stop of Code 39.
pub(super) fn without_stars(text: &str) -> &str {
    let inner = text.strip_prefix('*').and_then(|rest| rest.strip_suffix('*'));
    match inner {
        Some(inner) if !inner.is_empty() && !inner.contains('*') => inner,
        _ => text,
    }
}

/// Decodes full ASCII pairs such as `+C` for `c`; what is no pair stays, so a lone sign at the end does too.
pub(super) fn full_ascii(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(shift) = rest.next() {
        let pair = rest.clone().next().and_then(|letter| unshift(shift, letter));
        if pair.is_some() {
            rest.next();
        }
        decoded.push(pair.unwrap_or(shift));
    }
    decoded
}

fn unshift(shift: char, letter: char) -> Option<char> {
    let letter = u8::try_from(letter).ok().filter(u8::is_ascii_uppercase)?;
    let code = match (shift, letter) {
        ('+', _) => letter + 0x20,
        ('$', _) => letter - 0x40,
        ('/', b'A'..=b'O') => letter - 0x20,
        ('/', b'Z') => b':',
        ('%', b'A'..=b'E') => letter - b'A' + 0x1b,
        ('%', b'F'..=b'J') => letter - b'F' + 0x3b,
        ('%', b'K'..=b'O') => letter - b'K' + 0x5b,
        ('%', b'P'..=b'T') => letter - b'P' + 0x7b,
        ('%', b'U') => 0,
        ('%', b'V') => b'@',
        ('%', b'W') => b'`',
        ('%', b'X'..=b'Z') => 0x7f,
        _ => return None,
    };
    Some(char::from(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &str) {
        assert_eq!(full_ascii(without_stars(text)), expect, "{text}");
    }

    #[test]
    fn unwraps_stars() {
        check("*CHART0001*", "CHART0001");
        for kept in ["*", "**", "***", "*A", "A*", "*A*B*", ""] {
            check(kept, kept);
        }
    }

    #[test]
    fn decodes_pairs() {
        check("+C+H+A+R+T/O1", "chart/1");
        check("$A$Z%A%E", "\u{1}\u{1a}\u{1b}\u{1f}");
        check("%F%J%K%O%P%T", ";?[_{\u{7f}");
        check("%U%V%W", "\0@`");
        check("/A/L/Z", "!,:");
        check("A+", "A+");
        check("+1/P$", "+1/P$");
        check("+é++A", "+é+a");
    }
}
