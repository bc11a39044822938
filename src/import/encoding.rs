//! In which encoding a file is, and its bytes as UTF-8.

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, WINDOWS_1252};
use std::fs::File;
use std::io::{Error, Read, Result};
use std::path::Path;

/// Bytes that are read at once.
const CHUNK: usize = 1 << 16;
/// Longest incomplete character at the end of a chunk, in bytes.
const UTF8_BYTES_MAX: usize = 4;

/// How the encoding of a file is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// The file begins with a byte order mark.
    Mark,
    /// Every byte of it is UTF-8.
    Valid,
    /// It is mostly UTF-8; lines that are not are bad lines.
    Mostly,
    /// It is no UTF-8.
    Guessed,
    /// The administrator said so.
    Told,
}

/// The encoding of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Encoded {
    encoding: &'static Encoding,
    known: Known,
}

/// Finds an encoding by any name it goes by on the web.
pub(super) fn by_name(name: &str) -> std::result::Result<&'static Encoding, String> {
    Encoding::for_label(name.as_bytes()).ok_or_else(|| {
        format!(
            "`{name}` is no encoding that outguide knows; write utf-8, utf-16le, utf-16be, windows-1252, windows-1250, \
             iso-8859-2, macintosh or another name of the WHATWG encoding standard"
        )
    })
}

impl Encoded {
    /// Looks through the whole file: one byte on its last line tells Windows-1252 from UTF-8.
    pub(super) fn find(path: &Path, told: Option<&'static Encoding>) -> Result<Encoded> {
        if let Some(encoding) = told {
            return Ok(Encoded { encoding, known: Known::Told });
        }
        let mut file = File::open(path)?;
        let mut buffer = Vec::with_capacity(CHUNK + UTF8_BYTES_MAX);
        let (mut good, mut bad, mut first) = (0_u64, 0_u64, true);
        loop {
            let read = file.by_ref().take(CHUNK as u64).read_to_end(&mut buffer)?;
            if first && let Some((encoding, _)) = Encoding::for_bom(&buffer) {
                return Ok(Encoded { encoding, known: Known::Mark });
            }
            first = false;
            let rest = count_utf8(&buffer, read == 0, &mut good, &mut bad);
            if read == 0 {
                break;
            }
            buffer.drain(..buffer.len().saturating_sub(rest));
        }
        Ok(match (good, bad) {
            (_, 0) => Encoded { encoding: UTF_8, known: Known::Valid },
            // A broken line in a UTF-8 file must not turn all its names into nonsense.
            (good, bad) if good > bad => Encoded { encoding: UTF_8, known: Known::Mostly },
            _ => Encoded { encoding: WINDOWS_1252, known: Known::Guessed },
        })
    }

    /// What the report says about it.
    pub(super) fn told(&self) -> String {
        let name = self.encoding.name();
        match self.known {
            Known::Mark => format!("{name} (the file begins with its mark)"),
            Known::Valid | Known::Told => name.to_owned(),
            Known::Mostly => format!("{name}, though not every line is"),
            Known::Guessed => format!(
                "{name}, because the bytes are no UTF-8: look at names with accents, and name the right encoding with \
                 --encoding if they are wrong"
            ),
        }
    }
}

/// Counts the characters beyond ASCII that are UTF-8, and the bytes that are not; returns how many bytes at the end are the
/// beginning of a character.
fn count_utf8(bytes: &[u8], is_end: bool, good: &mut u64, bad: &mut u64) -> usize {
    let mut rest = bytes;
    loop {
        let (valid, invalid) = match std::str::from_utf8(rest) {
            Ok(_) => (rest.len(), None),
            Err(error) => (error.valid_up_to(), Some(error.error_len())),
        };
        let (before, after) = rest.split_at_checked(valid).unwrap_or((rest, &[]));
        if !before.is_ascii() {
            *good += before.iter().filter(|byte| **byte >= 0xc0).count() as u64;
        }
        match invalid {
            None => return 0,
            Some(None) if !is_end => return after.len(),
            Some(None) => {
                *bad += 1;
                return 0;
            }
            Some(Some(length)) => {
                *bad += 1;
                rest = after.get(length..).unwrap_or_default();
            }
        }
    }
}

/// A file read as UTF-8.
pub(super) struct Decoding {
    file: File,
    /// `None`: the bytes are passed on as they are.
    decoder: Option<Decoder>,
    chunk: Vec<u8>,
    decoded: String,
    /// How much of `decoded` was passed on.
    at: usize,
    is_done: bool,
    read: u64,
}

impl Decoding {
    pub(super) fn open(path: &Path, encoded: Encoded) -> Result<Decoding> {
        let file = File::open(path)?;
        // UTF-8 is not decoded, so that a bad line stays one; its mark is taken off by the table.
        let decodes = encoded.encoding != UTF_8;
        let decoder = decodes.then(|| encoded.encoding.new_decoder_with_bom_removal());
        let (chunk, decoded) = (Vec::new(), String::new());
        Ok(Decoding { file, decoder, chunk, decoded, at: 0, is_done: false, read: 0 })
    }

    /// Bytes of the file that were read.
    pub(super) fn bytes_read(&self) -> u64 {
        self.read
    }

    /// Decodes the next chunk; at the end of the file, what is left of the last character.
    fn decode(&mut self) -> Result<()> {
        let Some(decoder) = &mut self.decoder else { return Ok(()) };
        self.chunk.clear();
        let read = self.file.by_ref().take(CHUNK as u64).read_to_end(&mut self.chunk)?;
        self.read += read as u64;
        self.is_done = read == 0;
        self.decoded.clear();
        self.at = 0;
        let room = decoder.max_utf8_buffer_length(read).unwrap_or(read.saturating_mul(4));
        self.decoded.reserve(room);
        let (result, ..) = decoder.decode_to_string(&self.chunk, &mut self.decoded, self.is_done);
        match result {
            CoderResult::InputEmpty => Ok(()),
            CoderResult::OutputFull => Err(Error::other("a chunk is longer decoded than it can be")),
        }
    }
}

impl Read for Decoding {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        if self.decoder.is_none() {
            let read = self.file.read(out)?;
            self.read += read as u64;
            return Ok(read);
        }
        while self.at >= self.decoded.len() && !self.is_done {
            self.decode()?;
        }
        let mut rest = self.decoded.as_bytes().get(self.at..).unwrap_or_default();
        let read = rest.read(out)?;
        self.at += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], told: Option<&str>, expect: (&str, &str)) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("list.csv");
        std::fs::write(&path, bytes).unwrap();
        let encoded = Encoded::find(&path, told.map(|name| by_name(name).unwrap())).unwrap();
        let mut text = Vec::new();
        let mut decoding = Decoding::open(&path, encoded).unwrap();
        decoding.read_to_end(&mut text).unwrap();
        assert_eq!(decoding.bytes_read(), bytes.len() as u64);
        let found = (encoded.encoding.name(), String::from_utf8_lossy(&text));
        assert_eq!((found.0, found.1.as_ref()), expect, "{bytes:x?}");
    }

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(bytes).collect()
    }

    #[test]
    fn encodings_are_found() {
        check("Müller".as_bytes(), None, ("UTF-8", "Müller"));
        check("\u{feff}Müller".as_bytes(), None, ("UTF-8", "\u{feff}Müller"));
        check(&utf16("Müller 𝄞", u16::to_le_bytes), None, ("UTF-16LE", "Müller 𝄞"));
        check(&utf16("Müller 𝄞", u16::to_be_bytes), None, ("UTF-16BE", "Müller 𝄞"));
        check(b"M\xfcller \x80", None, ("windows-1252", "Müller €"));
        check("Łódź\n".as_bytes(), None, ("UTF-8", "Łódź\n"));
        check(b"\xa3\xf3d\xbc", Some("iso-8859-2"), ("ISO-8859-2", "Łódź"));
        check(b"M\xfcller", Some("UTF8"), ("UTF-8", "M\u{fffd}ller"));
        check(b"M\x9fller", Some("macintosh"), ("macintosh", "Müller"));
        check(b"", None, ("UTF-8", ""));
    }

    #[test]
    fn one_bad_line_makes_no_other_encoding() {
        check(b"M\xc3\xbcller, Z\xc3\xb6e, M\xfcller", None, ("UTF-8", "Müller, Zöe, M\u{fffd}ller"));
        check(b"abc\xc3", None, ("windows-1252", "abcÃ"));
    }

    #[test]
    fn characters_across_chunks() {
        let names = "ü".repeat(CHUNK);
        check(format!("x{names}").as_bytes(), None, ("UTF-8", &format!("x{names}")));
        let expect = format!("x{names}𝄞");
        check(&utf16(&expect, u16::to_le_bytes), None, ("UTF-16LE", &expect));
    }
}
