//! The house rules that a machine can check: who may know whom, where SQL lives, what stays out of the pure rooms.

#![cfg(test)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A source file without its test modules.
struct Source {
    path: String,
    text: String,
}

fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    walk(&root().join("src"), &mut found);
    found.retain(|path| path.extension().is_some_and(|ending| ending == "rs"));
    found
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let path = path.strip_prefix(root().join("src")).unwrap().to_string_lossy().into_owned();
            Source { path, text }
        })
        .collect()
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        if entry.path().is_dir() { walk(&entry.path(), found) } else { found.push(entry.path()) }
    }
}

impl Source {
    fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }

    /// The lines of code that ship: comments and the test module at the end left out.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let end = self.text.find("#[cfg(test)]").unwrap_or(self.text.len());
        let shipped = self.text.get(..end).unwrap_or_default();
        (1..).zip(shipped.lines()).filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    fn room(&self) -> &str {
        let first = self.path.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }
}

/// Fails with every line that `is_wrong` finds in `sources`.
fn forbid(rule: &str, sources: &[&Source], is_wrong: impl Fn(&Source, &str) -> bool) {
    let mut wrong = Vec::new();
    for source in sources {
        for (number, line) in source.code() {
            if is_wrong(source, line) {
                wrong.push(format!("src/{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{rule}:\n{}", wrong.join("\n"));
}

fn shipped(sources: &[Source]) -> Vec<&Source> {
    sources.iter().filter(|source| !source.is_test()).collect()
}

/// Which rooms a room may use. Left out means: nobody of the crate.
fn may_use() -> BTreeMap<&'static str, &'static [&'static str]> {
    BTreeMap::from([
        ("access", &[] as &[_]),
        ("label", &[]),
        ("secret", &["access"]),
        ("clock", &[]),
        ("changes", &[]),
        ("log", &[]),
        ("notice", &["tracking"]),
        ("mail", &["notice", "secret"]),
        ("webhook", &["mail", "secret"]),
        ("symbol", &[]),
        ("paper", &["symbol", "label", "tracking"]),
        ("printer", &["paper"]),
        ("tracking", &["label"]),
        ("missing", &["tracking"]),
        ("scanner", &["label", "tracking", "clock"]),
        ("decode", &["label", "scanner"]),
        ("backups", &["store"]),
        ("store", &["access", "label", "tracking", "missing", "clock", "notice"]),
        (
            "config",
            &[
                "access", "missing", "label", "scanner", "tracking", "symbol", "paper", "printer", "notice",
                "mail", "backups", "webhook",
            ],
        ),
        ("import", &["store", "tracking"]),
        ("intake", &["store", "scanner", "label", "tracking", "clock", "changes"]),
        (
            "web",
            &[
                "access", "secret", "intake", "store", "scanner", "label", "tracking", "missing", "clock",
                "changes", "symbol", "paper", "printer", "import", "notice", "backups",
            ],
        ),
        ("selftest", &["store", "tracking", "label", "clock"]),
        ("demo", &["label", "tracking", "missing"]),
        (
            "daemon",
            &[
                "web", "access", "secret", "intake", "store", "scanner", "config", "decode", "tracking",
                "label", "clock", "changes", "printer", "notice", "mail", "backups", "webhook", "webhook",
            ],
        ),
        (
            "simulate",
            &[
                "demo", "store", "intake", "import", "config", "label", "tracking", "missing", "clock",
                "changes",
            ],
        ),
        ("lib", &[]),
        // The binary: it speaks to the library by its name.
        ("main", &["cli", "commands", "logging"]),
        ("cli", &[]),
        ("logging", &["cli"]),
        ("commands", &["cli", "logging"]),
    ])
}

#[test]
fn dependencies_point_one_way() {
    let rooms = may_use();
    let sources = sources();
    forbid("a room uses one it may not know", &shipped(&sources), |source, line| {
        let allowed =
            rooms.get(source.room()).unwrap_or_else(|| panic!("who may {} know? say so here", source.room()));
        line.split("crate::").skip(1).any(|rest| {
            let used = rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
            let is_room = rooms.contains_key(used);
            is_room && used != source.room() && !allowed.contains(&used)
        })
    });
}

/// Rooms and files that decide and never do.
const PURE: &[&str] = &[
    "access/",
    "label/",
    "tracking/",
    "missing/",
    "scanner/frame/",
    "scanner/hid/",
    "scanner/keys/",
    "scanner/answer.rs",
    "scanner/policy.rs",
    "scanner/capture.rs",
    "scanner/trend.rs",
    "decode.rs",
    "notice/",
    "symbol/",
    "paper/",
    "backups/schedule.rs",
    "backups/keeping.rs",
    "demo/world.rs",
    "demo/script.rs",
    "demo/errors.rs",
    "demo/file_room/",
];

#[test]
fn pure_rooms_know_no_technology() {
    let technology = [
        "tokio",
        "rusqlite",
        "axum",
        "utoipa",
        "std::fs",
        "std::net",
        "std::io",
        "std::thread",
        "std::process",
        "std::env",
        "Instant::now",
        "SystemTime",
        "Timestamp::now",
        "crate::store",
        "crate::web",
        "crate::clock",
        "getrandom",
    ];
    let sources = sources();
    let pure: Vec<_> = shipped(&sources)
        .into_iter()
        .filter(|source| PURE.iter().any(|room| source.path.starts_with(room)))
        .collect();
    assert!(pure.len() > 20, "the pure rooms have moved: {}", pure.len());
    forbid("a pure room knows a technology", &pure, |_, line| {
        technology.iter().any(|word| line.contains(word))
    });
}

#[test]
fn sql_is_in_the_store_only() {
    let sources = sources();
    let outside: Vec<_> = shipped(&sources).into_iter().filter(|source| source.room() != "store").collect();
    let sql = [
        "\"select ",
        "\"insert into ",
        "\"update ",
        "\"delete from ",
        "\"pragma ",
        "\"begin ",
        "\"create table",
        "rusqlite",
    ];
    forbid("SQL outside of the store", &outside, |_, line| {
        sql.iter().any(|word| line.to_lowercase().contains(word))
    });
}

/// Every route names what it needs, because only the builder that asks for it makes routes.
#[test]
fn routes_are_made_in_one_place() {
    let sources = sources();
    let web: Vec<_> = shipped(&sources)
        .into_iter()
        .filter(|source| source.room() == "web" && source.path != "web/routes.rs")
        .collect();
    let makers =
        ["axum::Router::new", "Router::new(", "OpenApiRouter", "axum::routing", ".route_service(", ".nest("];
    forbid("a route is made past web/routes.rs", &web, |_, line| {
        makers.iter().any(|maker| line.contains(maker))
    });
}

#[test]
fn no_type_of_rusqlite_leaves_the_store() {
    let sources = sources();
    let store: Vec<_> = shipped(&sources).into_iter().filter(|source| source.room() == "store").collect();
    forbid("a public item of the store names rusqlite", &store, |_, line| {
        let line = line.trim_start();
        (line.starts_with("pub fn") || line.starts_with("pub async fn") || line.starts_with("pub use"))
            && line.contains("rusqlite")
    });
}

#[test]
fn every_file_says_what_it_owns_and_fits_in_the_head() {
    for source in sources() {
        assert!(source.text.starts_with("//!"), "src/{} does not open with what it owns", source.path);
        let lines = source.text.lines().count();
        assert!(lines <= 400, "src/{} has {lines} lines; split it by a word of the file room", source.path);
    }
}

#[test]
fn nothing_is_switched_off() {
    let sources = sources();
    let all: Vec<_> = sources.iter().collect();
    forbid("something is switched off", &all, |_, line| {
        ["#[ignore", "#[allow", "#![allow", "todo!(", "unimplemented!("]
            .iter()
            .any(|word| line.contains(word))
    });
    for source in &sources {
        for (_, after) in
            source.text.match_indices("#[cfg(test)]").map(|(at, mark)| source.text.split_at(at + mark.len()))
        {
            let next = after.trim_start();
            assert!(
                next.starts_with("mod tests"),
                "src/{}: cfg(test) on more than the test module",
                source.path
            );
        }
    }
}

/// Unsafe code is where devices are, and where the tests play a failing disk; each use says why it is sound.
#[test]
fn unsafe_code_is_in_the_device_room_and_the_shim_and_says_why() {
    let rooms = ["src/scanner/kernel.rs", "tests/faults/shim.rs"];
    let mut files = Vec::new();
    walk(&root().join("src"), &mut files);
    walk(&root().join("tests"), &mut files);
    files.retain(|file| file.extension().is_some_and(|ending| ending == "rs"));
    assert!(files.len() > 300, "{}", files.len());
    let uses = |line: &str| {
        let code = line.split("//").next().unwrap_or_default();
        ["unsafe {", "unsafe fn", "unsafe impl", "unsafe extern"].iter().any(|word| code.contains(word))
    };
    for file in files {
        let path = file.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        // This file names what it looks for.
        if path == "tests/tidy/main.rs" {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let lines: Vec<_> = text.lines().collect();
        // Of a whole file that is a table of C functions, the file says it.
        let is_said_above = text.contains("#![expect(unsafe_code, reason = ");
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| uses(line)) {
            assert!(rooms.contains(&path.as_str()), "{path}:{}: unsafe code: {line}", at + 1);
            let before = lines[at.saturating_sub(30)..=at].join("\n");
            let says_why = is_said_above || before.contains("SAFETY:") || before.contains("reason = ");
            assert!(says_why, "{path}:{}: unsafe without a reason: {line}", at + 1);
        }
    }
}

#[test]
fn the_root_is_the_agreed_one() {
    let agreed =
        ["Cargo.lock", "Cargo.toml", "LICENSE", "README.md", "config", "src", "systemd", "target", "tests"];
    for entry in std::fs::read_dir(root()).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(
            name.starts_with('.') || agreed.contains(&name.as_str()),
            "{name} does not belong into the root"
        );
    }
}
