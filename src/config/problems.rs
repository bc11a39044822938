//! Mistakes are gathered, not thrown: the operator sees all of them at once.

use super::errors::ConfigError;
use super::files::{Place, SourceFile, error_at};

/// The mistakes found so far.
pub(super) struct Problems<'a> {
    files: &'a [SourceFile],
    found: Vec<(Place, String)>,
}

impl<'a> Problems<'a> {
    pub(super) fn new(files: &'a [SourceFile]) -> Problems<'a> {
        Problems { files, found: Vec::new() }
    }

    /// Notes a mistake: what is wrong; what to do next.
    pub(super) fn add(&mut self, place: Place, what: impl Into<String>) {
        self.found.push((place, what.into()));
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.found.len()
    }

    /// `FILE:LINE:COLUMN` of a place.
    pub(super) fn show(&self, place: Place) -> String {
        let error = self.error(place, String::new());
        format!("{}:{}:{}", error.file.display(), error.line, error.column)
    }

    /// All mistakes in the order of the files.
    pub(super) fn into_errors(mut self) -> Vec<ConfigError> {
        self.found.sort();
        let found = std::mem::take(&mut self.found);
        found.into_iter().map(|(place, what)| self.error(place, what)).collect()
    }

    fn error(&self, place: Place, what: String) -> ConfigError {
        match self.files.get(place.file) {
            Some(file) => error_at(&file.path, &file.text, place.byte, what),
            None => ConfigError { file: "outguide.toml".into(), line: 1, column: 1, what },
        }
    }
}
