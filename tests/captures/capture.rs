//! `tests/captures/*.capture`: bytes of scanners as a recording holds them, with where they are from, the settings of the
//! source, and what must come out of framer and label reader; behind `|` the verdict in the journal.
//!
//! A new scanner family is a new file.

use outguide::scanner::capture::{Chunk, parse};
use std::path::{Path, PathBuf};

/// The label formats of all captures, as the configuration has them.
pub(crate) const LABELS: &str = include_str!("labels.toml");

/// One file.
pub(crate) struct Capture {
    /// The file's name without its ending; also a name for a station.
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    /// Keys of the source, as the configuration has them.
    pub(crate) settings: String,
    pub(crate) chunks: Vec<Chunk>,
    /// What comes out, and the verdict it is recorded with.
    pub(crate) expect: Vec<(String, Option<String>)>,
}

/// All captures, by name.
pub(crate) fn all() -> Vec<Capture> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/captures");
    let files = std::fs::read_dir(dir).unwrap().map(|file| file.unwrap().path());
    let mut paths: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|end| end == "capture")).collect();
    paths.sort();
    paths.into_iter().map(load).collect()
}

fn load(path: PathBuf) -> Capture {
    let text = std::fs::read_to_string(&path).unwrap();
    let name = path.file_stem().unwrap().to_string_lossy().into_owned();
    let header = |key: &str| -> Vec<String> {
        let key = format!("# {key}: ");
        text.lines().filter_map(|line| line.strip_prefix(&key)).map(str::to_owned).collect()
    };
    assert_eq!(header("scanner").len(), 1, "{name} says which scanner");
    let is_honest = header("recorded").len() == 1 || text.contains("\n# no device was recorded\n");
    assert!(
        is_honest && (header("made from").len() + header("recorded").len()) > 0,
        "{name} says where it is from"
    );
    let expect = header("expect").into_iter().map(|line| match line.split_once(" | ") {
        Some((event, verdict)) => (event.to_owned(), Some(verdict.to_owned())),
        None => (line, None),
    });
    let chunks =
        text.lines().filter_map(|line| parse(line.as_bytes()).unwrap_or_else(|why| panic!("{name}: {why}")));
    let (expect, chunks) = (expect.collect(), chunks.collect());
    let capture = Capture { settings: header("settings").join("\n"), name, path, chunks, expect };
    assert!(!capture.chunks.is_empty() && !capture.expect.is_empty(), "{} is empty", capture.name);
    capture
}

impl Capture {
    /// The source that plays it.
    pub(crate) fn source(&self) -> String {
        let Capture { name, path, settings, .. } = self;
        let file = path.display();
        format!("[[station.source]]\nname = \"{name}\"\nkind = \"replay\"\nfile = \"{file}\"\n{settings}\n")
    }
}
