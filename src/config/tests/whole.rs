//! What holds for every key and every text.

use super::{EVERY_KEY, STATION, errors, read};
use crate::config::keys::TABLES;
use crate::config::station::STATIONS_MAX;

#[test]
fn every_key_is_read() {
    for table in TABLES {
        let header = if table.name == "[[station.source]]" { "[[station]]\n" } else { "" };
        for key in table.keys {
            let judge = |more: &str| errors(&format!("{header}{}\n{more}{key} = 1999-01-01", table.name));
            let kinds = ["", "kind = \"keyboard\"\n", "kind = \"tcp-listen\"\n", "kind = \"replay\"\n"];
            let is_source = table.name == "[[station.source]]" && *key != "kind";
            let found: Vec<_> = kinds.into_iter().take(if is_source { 4 } else { 1 }).map(judge).collect();
            let told = found.iter().any(|found| found.contains(&format!("`{key}` must be")));
            let known = found.iter().all(|found| !found.contains("unknown key"));
            assert!(told && known, "{} {key} was not judged: {found:?}", table.name);
        }
    }
}

#[test]
fn a_file_cut_anywhere_never_faints() {
    for (cut, _) in EVERY_KEY.char_indices() {
        let text = &EVERY_KEY[..cut];
        let lines = text.lines().count() + 1;
        for error in read(text).err().map(|errors| errors.0).unwrap_or_default() {
            assert!(error.line <= lines && error.what.contains("; "), "cut at {cut}: {error}");
        }
    }
}

#[test]
fn stations_have_a_limit() {
    let mut text = String::new();
    for number in 0..STATIONS_MAX {
        text.push_str(&STATION.trim_start().replace("desk-1", &format!("desk-{number}")));
    }
    assert_eq!(errors(&text), "");
    text.push_str(&STATION.trim_start().replace("desk-1", "desk-more"));
    assert_eq!(errors(&text), "a.toml:385:1: more than 64 stations; remove some");
}
