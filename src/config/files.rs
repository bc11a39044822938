//! Which files make up the configuration, and where in them something stands.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::DeTable;

use super::errors::ConfigError;

/// Largest configuration file, in bytes: some thousand times what a file room needs, and little to hold in memory.
pub(super) const FILE_BYTES_MAX: u64 = 1 << 20;

/// Where something stands: the number of its file and the byte it begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) file: usize,
    pub(super) byte: usize,
}

/// One file's text.
#[derive(Debug)]
pub(super) struct SourceFile {
    pub(super) path: PathBuf,
    pub(super) text: String,
}

impl SourceFile {
    /// Parses the file as TOML.
    ///
    /// # Errors
    /// Every line that is no TOML, one error a line: what follows on the same line is mostly its echo.
    pub(super) fn parse(&self) -> Result<Spanned<DeTable<'_>>, Vec<ConfigError>> {
        let (table, errors) = DeTable::parse_recoverable(&self.text);
        let mut found: Vec<ConfigError> = Vec::new();
        for error in errors {
            let byte = error.span().map_or(0, |span| span.start);
            let what = syntax_mistake(error.message());
            found.push(error_at(&self.path, &self.text, byte, what));
        }
        found.sort_by_key(|error| (error.line, error.column));
        found.dedup_by_key(|error| error.line);
        if found.is_empty() { Ok(table) } else { Err(found) }
    }
}

/// The files that exist and could be read, main file first, and what was wrong with the others.
pub(super) fn read(main: &Path) -> (Vec<SourceFile>, Vec<ConfigError>) {
    let mut errors = Vec::new();
    let mut paths = vec![main.to_path_buf()];
    let directory = main.with_file_name("conf.d");
    match additions(&directory) {
        Ok(found) => paths.extend(found),
        Err(error) => errors.push(unreadable(&directory, &error)),
    }
    let mut files = Vec::new();
    for path in paths {
        match read_one(&path) {
            Ok(text) => files.push(SourceFile { path, text }),
            Err(error) => errors.push(error),
        }
    }
    (files, errors)
}

/// Makes an error from the byte it is about.
pub(super) fn error_at(path: &Path, text: &str, byte: usize, what: String) -> ConfigError {
    let before = text.get(..byte).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |line_end| line_end + 1);
    let line = before.matches('\n').count() + 1;
    let column = before.get(line_start..).unwrap_or("").chars().count() + 1;
    ConfigError { file: path.to_path_buf(), line, column, what }
}

/// `*.toml` in the directory in name order, without hidden files; none if there is no such directory.
fn additions(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.retain(|path| {
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        path.extension() == Some(OsStr::new("toml")) && !hidden
    });
    paths.sort();
    Ok(paths)
}

fn read_one(path: &Path) -> Result<String, ConfigError> {
    let mut bytes = Vec::new();
    let limit = FILE_BYTES_MAX + 1;
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    let length = file.take(limit).read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
    if u64::try_from(length).is_ok_and(|length| length >= limit) {
        let what = format!("the file is larger than {FILE_BYTES_MAX} bytes; is it a configuration file?");
        return Err(ConfigError { file: path.to_path_buf(), line: 1, column: 1, what });
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let text = String::from_utf8_lossy(error.as_bytes());
        error_at(path, &text, good, "not UTF-8 text; save the file as UTF-8".to_owned())
    })
}

fn unreadable(path: &Path, error: &io::Error) -> ConfigError {
    let advice = match error.kind() {
        io::ErrorKind::NotFound => "create it, or name another with --config",
        io::ErrorKind::PermissionDenied => "let the user of this service read it",
        _ => "check the file and its disk",
    };
    let what = format!("cannot be read ({error}); {advice}");
    ConfigError { file: path.to_path_buf(), line: 1, column: 1, what }
}

/// The parser's words without what only its author understands, and the next step.
fn syntax_mistake(message: &str) -> String {
    let wrong = ["nothing", "literal string", "newline, `#`"]
        .iter()
        .find_map(|noise| message.strip_suffix(&format!(", expected {noise}")))
        .unwrap_or(message);
    let advice = if wrong.contains("must be quoted") || wrong.contains("number") || wrong.contains("float") {
        "put text in \"quotes\""
    } else if wrong.contains("string") {
        "end text with the quote that it begins with"
    } else if wrong.contains("duplicate key") {
        "keep one of the two"
    } else if wrong.contains("unclosed") {
        "close it where it ends"
    } else {
        "write `key = value`, `[table]` or `# comment`, one a line"
    };
    format!("{wrong}; {advice}")
}
