//! The files that are shipped in `config/`.

use std::fs;
use std::path::{Path, PathBuf};

use crate::config::keys::TABLES;
use crate::config::{Config, Limits};
use crate::scanner::{Link, Source};

fn shipped() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("config")
}

#[test]
fn every_file_is_good() {
    let mut seen = 0;
    for entry in fs::read_dir(shipped()).unwrap() {
        let path = entry.unwrap().path();
        // Mixes of errors for made-up file rooms are no configuration; the demo's tests read them.
        if path.file_name().is_some_and(|name| name == "simulate.toml") {
            continue;
        }
        if path.extension().is_some_and(|extension| extension == "toml") {
            Config::load(&path).unwrap_or_else(|errors| panic!("{errors}"));
            seen += 1;
        }
    }
    assert!(seen > 0);
}

/// Every key stands in the sample, in its own table, set or as `#key = …`.
#[test]
fn the_sample_explains_every_key() {
    let text = fs::read_to_string(shipped().join("outguide.toml")).unwrap();
    for table in TABLES {
        for key in table.keys {
            let told = keys_of(&text, table.name).iter().any(|known| known == key);
            assert!(told, "config/outguide.toml says nothing about {key} in {:?}", table.name);
        }
    }
}

/// With its comment signs taken off, the sample still says what holds without it.
#[test]
fn the_sample_shows_the_defaults() {
    let text = fs::read_to_string(shipped().join("outguide.toml")).unwrap();
    let text: Vec<&str> = text.lines().map(uncommented).collect();
    let config = super::read(&text.join("\n")).unwrap_or_else(|errors| panic!("{errors}"));
    let default = super::read(super::STATION).unwrap();
    assert_eq!(config.limits, Limits::default());
    assert_eq!(config.site_name, default.site_name);
    // Certificate and key have no default: the sample shows how they are written.
    assert_eq!(config.changes_needing_restart(&default), ["web.tls_certificate"]);
    assert_eq!(config.web.sign_in, default.web.sign_in);
    let source = &default.stations[0].sources[0];
    let first = &config.stations[0].sources[0];
    let line = |source: &Source| match &source.link {
        Link::Serial { line, .. } => line.clone(),
        other => panic!("{other}"),
    };
    assert_eq!((line(first), &first.frame, first.answer), (line(source), &source.frame, source.answer));
    assert_eq!(config.stations[0].double_read, default.stations[0].double_read);
}

/// Settings that are commented out are written `#key = …` or `#[[table]]`, prose as `# …`.
fn uncommented(line: &str) -> &str {
    match line.strip_prefix('#') {
        Some(setting) if setting.starts_with(|letter: char| letter.is_ascii_lowercase() || letter == '[') => {
            setting
        }
        _ => line,
    }
}

/// The keys of one table, those that are tables among them.
fn keys_of(text: &str, table: &str) -> Vec<String> {
    let mut current = "";
    let mut keys = Vec::new();
    for line in text.lines().map(uncommented) {
        if line.starts_with('[') {
            current = line;
            let (parent, key) = match line.trim_matches(['[', ']']).rsplit_once('.') {
                // A table of one table, or of each of several.
                Some((parent, key)) if table == format!("[{parent}]") => (format!("[{parent}]"), key),
                Some((parent, key)) => (format!("[[{parent}]]"), key),
                None => (String::new(), line.trim_matches(['[', ']'])),
            };
            if parent == table {
                keys.push(key.to_owned());
            }
        } else if let Some((key, _)) = line.split_once(" = ")
            && current == table
        {
            keys.push(key.to_owned());
        }
    }
    keys
}
