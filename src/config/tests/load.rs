//! Files: which are read, in which order, and what is said of those that cannot be.

use std::fs;

use tempfile::TempDir;

use super::STATION;
use crate::config::files::FILE_BYTES_MAX;
use crate::config::{Config, ConfigErrors};

/// Loads `outguide.toml` from a directory with these files; messages name them relative to it.
fn load(files: &[(&str, &[u8])]) -> Result<Config, String> {
    let directory = TempDir::new().unwrap();
    fs::create_dir(directory.path().join("conf.d")).unwrap();
    for (name, text) in files {
        fs::write(directory.path().join(name), text).unwrap();
    }
    let main = directory.path().join("outguide.toml");
    let prefix = format!("{}/", directory.path().display());
    Config::load(&main).map_err(|errors: ConfigErrors| errors.to_string().replace(&prefix, ""))
}

#[test]
fn additions_come_in_name_order() {
    let second = STATION.replace("desk-1", "desk-2");
    let config = load(&[
        ("outguide.toml", format!("site_name = \"A\"\n[limits]\nreaders = 3\n{STATION}").as_bytes()),
        ("conf.d/20.toml", b"site_name = \"C\"\n[limits]\nconnections = 99\n"),
        ("conf.d/10.toml", format!("site_name = \"B\"\n{second}").as_bytes()),
        ("conf.d/.20.toml.swp", b"not this"),
        ("conf.d/.hidden.toml", b"nor this"),
        ("conf.d/README", b"nor that"),
    ])
    .unwrap();
    assert_eq!(config.site_name, "C");
    assert_eq!((config.limits.readers, config.limits.connections), (3, 99));
    let names: Vec<&str> = config.stations.iter().map(|station| station.name.as_str()).collect();
    assert_eq!(names, ["desk-1", "desk-2"]);
}

#[test]
fn mistakes_name_their_file() {
    let errors = load(&[
        ("outguide.toml", format!("listen = 5\n{STATION}").as_bytes()),
        ("conf.d/a.toml", b"listen = \"127.0.0.1:1\"\nsite = \"A\"\n"),
        ("conf.d/b.toml", STATION.as_bytes()),
    ])
    .unwrap_err();
    let expected = [
        "conf.d/a.toml:2:1: unknown key `site`; did you mean `site_name`?",
        "conf.d/b.toml:3:8: station name \"desk-1\" is already used at outguide.toml:4:8; give this one another",
        "conf.d/b.toml:6:8: source name \"desk-1-gun\" is already used at outguide.toml:7:8; give this one another",
        "conf.d/b.toml:7:10: device \"/dev/scanner/desk-1\" already belongs to the source at outguide.toml:8:10; \
         one scanner has one source",
    ];
    assert_eq!(errors, expected.join("\n"));
}

#[test]
fn syntax_is_told_of_all_files() {
    let errors = load(&[("outguide.toml", b"a"), ("conf.d/b.toml", b"\n b")]).unwrap_err();
    let what = "key with no value, expected `=`; write `key = value`, `[table]` or `# comment`, one a line";
    assert_eq!(errors, format!("outguide.toml:1:2: {what}\nconf.d/b.toml:2:3: {what}"));
}

#[test]
fn files_that_cannot_be_read() {
    let check = |files: &[(&str, &[u8])], expected: &str| {
        assert_eq!(load(files).unwrap_err(), expected);
    };
    let absent = "outguide.toml:1:1: cannot be read (No such file or directory (os error 2)); \
                  create it, or name another with --config";
    check(&[], absent);
    check(
        &[("outguide.toml", b"site_name = \"\xc3\xa4\"\n# \xe4\n")],
        "outguide.toml:2:3: not UTF-8 text; save the file as UTF-8",
    );
    let large = vec![b'#'; usize::try_from(FILE_BYTES_MAX).unwrap() + 1];
    check(
        &[("outguide.toml", &large)],
        "outguide.toml:1:1: the file is larger than 1048576 bytes; is it a configuration file?",
    );
}

#[test]
fn a_directory_is_no_file() {
    let directory = TempDir::new().unwrap();
    let errors = Config::load(directory.path()).unwrap_err().to_string();
    assert!(errors.contains(":1:1: cannot be read (Is a directory"), "{errors}");
}

#[test]
fn conf_d_is_not_needed() {
    let directory = TempDir::new().unwrap();
    let main = directory.path().join("outguide.toml");
    fs::write(&main, STATION).unwrap();
    assert!(Config::load(&main).is_ok());
}
