//! The site's templates of notices, read from a directory. One with a mistake leaves the one before in force.

use crate::notice::{Ladder, Templates};
use std::path::Path;

/// Largest file that is read, bytes.
const FILE_MAX: u64 = 64 * 1024;

/// Puts the templates of a directory in force. What stands in the way is returned, each with its file and the next step;
/// a directory that is not there is no mistake.
pub fn load(directory: &Path, ladder: &Ladder, last_good: &Templates) -> (Templates, Vec<String>) {
    let mut templates = Templates::default();
    let mut problems = Vec::new();
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return (Templates::default(), problems);
        }
        Err(error) => {
            problems.push(format!("{}: cannot be read: {error}", directory.display()));
            return (last_good.clone(), problems);
        }
    };
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    for file in files {
        let name = file.file_stem().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
        if file.extension().is_none_or(|ending| ending != "txt") {
            continue;
        }
        if !Templates::knows(&name, ladder) {
            let advice =
                "name it after a step of the ladder, or before, due, late, told, needed, found, list or how";
            problems.push(format!("{}: no notice uses it; {advice}", file.display()));
            continue;
        }
        if let Err(why) = read(&file).and_then(|text| templates.put(&name, &text).map_err(|error| error.why))
        {
            problems.push(format!("{}: {why}; the template before stays in force", file.display()));
            if let Some(text) = last_good.text(&name) {
                // It was good once, and is.
                drop(templates.put(&name, text));
            }
        }
    }
    (templates, problems)
}

fn read(file: &Path) -> Result<String, String> {
    let size = std::fs::metadata(file).map_err(|error| format!("cannot be read: {error}"))?.len();
    if size > FILE_MAX {
        return Err(format!("has {size} bytes; a template has at most {FILE_MAX}"));
    }
    std::fs::read_to_string(file).map_err(|error| format!("cannot be read: {error}"))
}
