//! A CSV file as lines with numbers; what is wrong with a line is told with the line.

use super::ImportError;
use super::columns::Line;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// Longest header that is looked at to find the separator, in bytes.
const HEADER_BYTES_MAX: usize = 4096;

pub(super) struct Table {
    reader: csv::Reader<BufReader<File>>,
    header: Vec<String>,
    bytes: u64,
    record: csv::ByteRecord,
    broken: bool,
}

/// One line of the file; a record with line ends inside quotes counts from its first line.
pub(super) struct NumberedLine {
    pub(super) number: u64,
    pub(super) fields: Result<Line, String>,
}

impl Table {
    pub(super) fn open(path: &Path) -> Result<Table, ImportError> {
        let failed = |cause| ImportError::File { file: path.to_owned(), cause };
        let mut file = File::open(path).map_err(failed)?;
        let bytes = file.metadata().map_err(failed)?.len();
        let (start, separator) = sniff(&mut file).map_err(failed)?;
        file.seek(SeekFrom::Start(start)).map_err(failed)?;
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(separator)
            .flexible(true)
            .has_headers(false)
            .from_reader(BufReader::with_capacity(1 << 16, file));
        let mut record = csv::ByteRecord::new();
        let header = match reader.read_byte_record(&mut record) {
            Ok(true) => text_fields(&record).map_err(|what| super::header_error(path, what))?,
            Ok(false) => {
                return Err(super::header_error(
                    path,
                    "the file is empty; the first line must name the columns".into(),
                ));
            }
            Err(error) => return Err(super::header_error(path, error.to_string())),
        };
        Ok(Table { reader, header, bytes, record, broken: false })
    }

    pub(super) fn header(&self) -> &[String] {
        &self.header
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn bytes_read(&self) -> u64 {
        self.reader.position().byte()
    }

    /// The next line that is not empty.
    pub(super) fn next_line(&mut self) -> Option<NumberedLine> {
        if self.broken {
            return None;
        }
        loop {
            let number = self.reader.position().line();
            match self.reader.read_byte_record(&mut self.record) {
                Ok(false) => return None,
                Ok(true) if self.record.iter().all(|field| field.trim_ascii().is_empty()) => {}
                Ok(true) => {
                    let number = self.record.position().map_or(number, csv::Position::line);
                    let last = self.reader.position().line().saturating_sub(1).max(number);
                    return Some(NumberedLine { number, fields: self.fields(number, last) });
                }
                Err(error) => {
                    self.broken = true;
                    return Some(NumberedLine { number, fields: Err(format!("cannot be read: {error}")) });
                }
            }
        }
    }

    fn fields(&self, first: u64, last: u64) -> Result<Line, String> {
        if self.record.iter().any(|field| field.contains(&b'\n')) {
            return Err(format!(
                "a quote is opened and not closed; lines {first} to {last} are left out, correct the quote"
            ));
        }
        if self.record.len() > self.header.len() {
            return Err(format!(
                "has {} fields, the header {}; look for a separator or a quote too many",
                self.record.len(),
                self.header.len()
            ));
        }
        text_fields(&self.record)
    }
}

fn text_fields(record: &csv::ByteRecord) -> Result<Vec<String>, String> {
    record
        .iter()
        .map(|field| {
            let text = std::str::from_utf8(field);
            text.map(str::to_owned)
                .map_err(|_| "is not UTF-8; export the list as UTF-8 (\"CSV UTF-8\")".to_owned())
        })
        .collect()
}

/// Where the text starts (after a byte order mark), and what separates its columns.
fn sniff(file: &mut File) -> std::io::Result<(u64, u8)> {
    let mut head = Vec::new();
    file.by_ref().take(HEADER_BYTES_MAX as u64).read_to_end(&mut head)?;
    let start = if head.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let first_line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |separator: u8| first_line.iter().filter(|byte| **byte == separator).count();
    let separator =
        [b',', b';', b'\t'].into_iter().max_by_key(|separator| (count(*separator), *separator == b','));
    Ok((start, separator.unwrap_or(b',')))
}
