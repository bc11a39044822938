//! Bytes to text: ASCII, else UTF-8, else Latin-1; with the character set switches of two-dimensional codes.

/// How the bytes of a frame became text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// Seven-bit characters only.
    Ascii,
    /// Valid UTF-8.
    Utf8,
    /// Every byte a character: a guess, because anything is valid Latin-1.
    Latin1,
}

impl Encoding {
    /// Names the encoding: `ascii`, `utf8` or `latin1`.
    pub fn as_str(self) -> &'static str {
        match self {
            Encoding::Ascii => "ascii",
            Encoding::Utf8 => "utf8",
            Encoding::Latin1 => "latin1",
        }
    }
}

/// Turns data into text, controls kept.
pub(super) fn decode(data: &[u8]) -> (String, Encoding) {
    match std::str::from_utf8(data) {
        Ok(text) if text.is_ascii() => (text.to_owned(), Encoding::Ascii),
        Ok(text) => (text.to_owned(), Encoding::Utf8),
        Err(_) => (latin1(data), Encoding::Latin1),
    }
}

/// Turns data with `\nnnnnn` switches (ECI) and doubled backslashes into text.
pub(super) fn decode_eci(data: &[u8]) -> (String, Encoding) {
    let mut joined = (String::new(), Encoding::Ascii);
    let mut part = Vec::new();
    let mut is_latin1 = false;
    let mut rest = data;
    loop {
        match rest {
            [b'\\', b'\\', after @ ..] => {
                part.push(b'\\');
                rest = after;
            }
            [b'\\', a, b, c, d, e, f, after @ ..]
                if [a, b, c, d, e, f].iter().all(|d| d.is_ascii_digit()) =>
            {
                append(&mut joined, &part, is_latin1);
                part.clear();
                // ECI 1 and 3 both say ISO 8859-1; whatever else is asked for is recognised by its bytes.
                is_latin1 = matches!([*a, *b, *c, *d, *e, *f], [b'0', b'0', b'0', b'0', b'0', b'1' | b'3']);
                rest = after;
            }
            [byte, after @ ..] => {
                part.push(*byte);
                rest = after;
            }
            [] => break,
        }
    }
    append(&mut joined, &part, is_latin1);
    joined
}

fn append(joined: &mut (String, Encoding), part: &[u8], is_latin1: bool) {
    let (text, encoding) =
        if is_latin1 && !part.is_ascii() { (latin1(part), Encoding::Latin1) } else { decode(part) };
    joined.0.push_str(&text);
    joined.1 = joined.1.max(encoding);
}

fn latin1(data: &[u8]) -> String {
    data.iter().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(data: &[u8], plain: (&str, Encoding), eci: (&str, Encoding)) {
        assert_eq!(decode(data), (plain.0.to_owned(), plain.1));
        assert_eq!(decode_eci(data), (eci.0.to_owned(), eci.1));
    }

    #[test]
    fn reads_three_encodings() {
        use Encoding::{Ascii, Latin1, Utf8};
        check(b"A\x1dB", ("A\u{1d}B", Ascii), ("A\u{1d}B", Ascii));
        check("MÜLLER".as_bytes(), ("MÜLLER", Utf8), ("MÜLLER", Utf8));
        check(b"M\xdcLLER", ("MÜLLER", Latin1), ("MÜLLER", Latin1));
        check(b"\\000026\xc3\x9c", ("\\000026Ü", Utf8), ("Ü", Utf8));
        check(b"\\000003\xc3\x9c", ("\\000003Ü", Utf8), ("Ã\u{9c}", Latin1));
        check(b"a\\\\b\\12", ("a\\\\b\\12", Ascii), ("a\\b\\12", Ascii));
        check(b"", ("", Ascii), ("", Ascii));
    }
}
