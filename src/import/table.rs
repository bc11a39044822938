//! A CSV file as lines with numbers; what is wrong with a line is told with the line.

use super::ImportError;
use super::encoding::{Decoding, Encoded};
use csv::StringRecord;
use std::io::{Read, Result};
use std::path::Path;

/// Longest header that is looked at to find the separator, in bytes.
const HEAD_BYTES_MAX: usize = 16_384;
/// Most lines that one record may have inside quotes, such as an address; more is a quote that was not closed.
const LINES_OF_RECORD_MAX: u64 = 20;
/// What spreadsheets separate columns with, the likeliest first.
const SEPARATORS: [u8; 4] = [b',', b';', b'\t', b'|'];
const MARK: &[u8] = b"\xef\xbb\xbf";

pub(super) struct Table {
    reader: csv::Reader<Decoding>,
    header: StringRecord,
    separator: u8,
    bytes: u64,
    record: StringRecord,
    /// The reader counts line feeds, and there are none.
    counts_records: bool,
    is_broken: bool,
}

/// One line of the file; a record with line ends inside quotes counts from its first line.
pub(super) struct NumberedLine<'a> {
    pub(super) number: u64,
    /// How many lines of the file it takes, those of a quote that was not closed included.
    pub(super) lines: u64,
    pub(super) fields: std::result::Result<&'a StringRecord, String>,
}

impl Table {
    pub(super) fn open(path: &Path, encoded: Encoded) -> std::result::Result<Table, ImportError> {
        let failed = |cause| ImportError::File { file: path.to_owned(), cause };
        let bytes = std::fs::metadata(path).map_err(failed)?.len();
        let head = head(path, encoded).map_err(failed)?;
        let (separator, is_hinted) = separator(&head);
        // Told its line ends, the reader counts lines right: a carriage return before a line feed is trimmed off with blanks.
        let line_end = if head.contains(&b'\n') || !head.contains(&b'\r') { b'\n' } else { b'\r' };
        let reader = csv::ReaderBuilder::new()
            .delimiter(separator)
            .terminator(csv::Terminator::Any(line_end))
            .flexible(true)
            .has_headers(false)
            .buffer_capacity(1 << 16)
            .from_reader(Decoding::open(path, encoded).map_err(failed)?);
        let (header, record) = (StringRecord::new(), StringRecord::new());
        let counts_records = line_end == b'\r';
        let mut table = Table { reader, header, separator, bytes, record, counts_records, is_broken: false };
        table.read_header(is_hinted).map_err(|what| super::header_error(path, what))?;
        Ok(table)
    }

    /// The first line that is not empty; before it, a spreadsheet may have told its separator.
    fn read_header(&mut self, is_hinted: bool) -> std::result::Result<(), String> {
        let mut skip = is_hinted;
        loop {
            match self.reader.read_record(&mut self.header) {
                Ok(true) if skip => skip = false,
                Ok(true) if self.header.iter().all(|field| field.trim().is_empty()) => {}
                Ok(true) => break,
                Ok(false) => return Err("the file is empty; the first line must name the columns".to_owned()),
                Err(error) if is_encoding(&error) => {
                    return Err(
                        "the header is not in the encoding; name the right one with --encoding".to_owned()
                    );
                }
                Err(error) => return Err(error.to_string()),
            }
        }
        if self.header.iter().any(|field| field.contains('\0')) {
            return Err(
                "the header has zero bytes in it; if the file is UTF-16 without a mark, say so with \
                        --encoding utf-16le"
                    .to_owned(),
            );
        }
        let first = self.header.get(0).unwrap_or_default().trim_start_matches('\u{feff}').to_owned();
        let rest = self.header.iter().skip(1).map(str::to_owned);
        self.header = std::iter::once(first).chain(rest).collect();
        Ok(())
    }

    pub(super) fn header(&self) -> &StringRecord {
        &self.header
    }

    /// What separates the columns.
    pub(super) fn separator(&self) -> &'static str {
        match self.separator {
            b';' => "semicolon",
            b'\t' => "tab",
            b'|' => "|",
            _ => "comma",
        }
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn bytes_read(&self) -> u64 {
        self.reader.get_ref().bytes_read()
    }

    /// The next line that is not empty.
    pub(super) fn next_line(&mut self) -> Option<NumberedLine<'_>> {
        if self.is_broken {
            return None;
        }
        loop {
            let before = self.line_of(self.reader.position());
            match self.reader.read_record(&mut self.record) {
                Ok(false) => return None,
                Ok(true) if self.record.iter().all(|field| field.trim().is_empty()) => {}
                Ok(true) => {
                    let number = self.record.position().map_or(before, |position| self.line_of(position));
                    // The reader stands behind the line end, or, on the last line, before one that is not there.
                    let lines = self.line_of(self.reader.position()).saturating_sub(number).max(1);
                    return Some(NumberedLine { number, lines, fields: self.checked(number, lines) });
                }
                Err(error) => {
                    let is_line = is_encoding(&error);
                    self.is_broken = !is_line;
                    let number = error.position().map_or(before, |position| self.line_of(position));
                    let why = if is_line {
                        "is not UTF-8; export the list as UTF-8 (\"CSV UTF-8\"), or name its encoding with --encoding"
                            .to_owned()
                    } else {
                        format!("cannot be read: {error}")
                    };
                    return Some(NumberedLine { number, lines: 1, fields: Err(why) });
                }
            }
        }
    }

    fn line_of(&self, position: &csv::Position) -> u64 {
        if self.counts_records { position.record() + 1 } else { position.line() }
    }

    fn checked(&self, first: u64, lines: u64) -> std::result::Result<&StringRecord, String> {
        let fields = self.record.len();
        if lines > LINES_OF_RECORD_MAX || (lines > 1 && fields < self.header.len()) {
            let last = first + lines - 1;
            return Err(format!(
                "a quote is opened and not closed; lines {first} to {last} are left out, correct the quote"
            ));
        }
        if fields > self.header.len() {
            return Err(format!(
                "has {fields} fields, the header {}; look for a separator or a quote too many",
                self.header.len()
            ));
        }
        Ok(&self.record)
    }
}

fn is_encoding(error: &csv::Error) -> bool {
    matches!(error.kind(), csv::ErrorKind::Utf8 { .. })
}

fn head(path: &Path, encoded: Encoded) -> Result<Vec<u8>> {
    let mut head = Vec::with_capacity(HEAD_BYTES_MAX);
    Decoding::open(path, encoded)?.take(HEAD_BYTES_MAX as u64).read_to_end(&mut head)?;
    Ok(head)
}

/// What separates the columns, and whether the first line says so (`sep=;`) instead of naming columns.
pub(super) fn separator(head: &[u8]) -> (u8, bool) {
    let head = head.strip_prefix(MARK).unwrap_or(head);
    let mut lines = head.split(|byte| matches!(byte, b'\n' | b'\r'));
    let first = lines.by_ref().find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    if let [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', separator, ..] = first.trim_ascii_start()
        && SEPARATORS.contains(separator)
    {
        return (*separator, true);
    }
    let mut is_quoted = false;
    let mut counts = [0_usize; SEPARATORS.len()];
    for byte in first {
        is_quoted ^= *byte == b'"';
        if let Some(place) = SEPARATORS.iter().position(|separator| separator == byte).filter(|_| !is_quoted)
        {
            counts.iter_mut().skip(place).take(1).for_each(|count| *count += 1);
        }
    }
    let best = SEPARATORS.iter().zip(counts).rev().max_by_key(|(_, count)| *count);
    (best.map_or(b',', |(separator, _)| *separator), false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_found_in_the_header() {
        for (head, expect) in [
            ("a,b,c\n1;2;3;4;5\n", (b',', false)),
            ("a;b;c\r\n", (b';', false)),
            ("a\tb, c\td", (b'\t', false)),
            ("a|b|c", (b'|', false)),
            ("\"a;b;c;d\",e", (b',', false)),
            ("\u{feff}\n\nx;y", (b';', false)),
            ("sep=;\na,b,c", (b';', true)),
            ("SEP=\t\r\na", (b'\t', true)),
            ("a", (b',', false)),
            ("", (b',', false)),
        ] {
            assert_eq!(separator(head.as_bytes()), expect, "{head:?}");
        }
    }
}
