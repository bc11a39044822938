//! The form of a recording: one piece of bytes per line, with the pause before it. Pure.
//!
//! A line is `<milliseconds since the piece before> <bytes in hexadecimal>`, such as `120 4348415254300d`. Empty lines
//! and lines that begin with `#` say where the recording is from and are passed over.

use std::fmt::Write;
use std::time::Duration;

/// Longest line, in bytes.
pub const LINE_BYTES_MAX: u64 = 64 * 1024;
/// Longest pause: longer ones are told to be a mistake.
const PAUSE_MAX_MS: u64 = 24 * 3600 * 1000;

/// Bytes and the pause before them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// How long after the piece before.
    pub after: Duration,
    /// The bytes; never empty.
    pub bytes: Vec<u8>,
}

/// Reads a line; nothing if it carries no bytes.
///
/// # Errors
/// It is no line of a recording; the text says why.
pub fn parse(line: &[u8]) -> Result<Option<Chunk>, &'static str> {
    if line.len() as u64 >= LINE_BYTES_MAX {
        return Err("too long; begin a new line after 32,000 bytes");
    }
    let line = std::str::from_utf8(line).map_err(|_| "not text; write the bytes in hexadecimal")?.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let (pause, hex) =
        line.split_once(' ').ok_or("write the milliseconds, a blank and the bytes in hexadecimal")?;
    let pause = pause.parse().ok().filter(|pause| *pause <= PAUSE_MAX_MS);
    let pause = pause.ok_or("the pause is no number of milliseconds up to a day")?;
    let bytes = bytes(hex.trim()).filter(|bytes| !bytes.is_empty());
    let bytes = bytes.ok_or("the bytes are not hexadecimal; write two digits for each")?;
    Ok(Some(Chunk { after: Duration::from_millis(pause), bytes }))
}

/// Writes a line, its end included.
pub fn line(chunk: &Chunk) -> String {
    let mut line = chunk.after.as_millis().to_string();
    line.push(' ');
    for byte in &chunk.bytes {
        // Writing into a String does not fail.
        write!(line, "{byte:02x}").unwrap_or_default();
    }
    line.push('\n');
    line
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.chars().map(|digit| digit.to_digit(16)).collect::<Option<Vec<_>>>()?;
    let pairs = digits.chunks(2).map(|pair| match pair {
        [high, low] => u8::try_from(high << 4 | low).ok(),
        _ => None,
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<Option<(u64, &[u8])>, &str>) {
        let found = parse(text.as_bytes());
        let expect = expect.map(|chunk| {
            chunk.map(|(ms, bytes)| Chunk { after: Duration::from_millis(ms), bytes: bytes.to_vec() })
        });
        assert_eq!(
            found.as_ref().map_err(|why| why.split(';').next().unwrap()),
            expect.as_ref().map_err(|why| *why),
            "{text}"
        );
    }

    #[test]
    fn reads_lines() {
        check("120 4348415254300d\n", Ok(Some((120, b"CHART0\r"))));
        check("0 0D", Ok(Some((0, b"\r"))));
        check("# Datalogic, 2024\n", Ok(None));
        check("\n", Ok(None));
        check("12", Err("write the milliseconds, a blank and the bytes in hexadecimal"));
        check("x 0d", Err("the pause is no number of milliseconds up to a day"));
        check("-1 0d", Err("the pause is no number of milliseconds up to a day"));
        check("99999999999 0d", Err("the pause is no number of milliseconds up to a day"));
        check("1 0d0", Err("the bytes are not hexadecimal"));
        check("1 Ü", Err("the bytes are not hexadecimal"));
        check("1  ", Err("write the milliseconds, a blank and the bytes in hexadecimal"));
        check(&format!("1 {}", "00".repeat(40_000)), Err("too long"));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let chunk = Chunk { after: Duration::from_millis(7), bytes: (0..=255).collect() };
        assert_eq!(parse(line(&chunk).as_bytes()), Ok(Some(chunk)));
    }
}
