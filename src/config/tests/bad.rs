//! Mistakes, each with the exact place and words that the operator reads.

use super::{EVERY_KEY, STATION, errors, read};
use crate::config::keys::TABLES;

/// Checks the message of a configuration that is wrong before the one good station.
fn check(text: &str, expected: &str) {
    assert_eq!(errors(&format!("{text}\n{STATION}")), expected, "for:\n{text}");
}

/// Checks the message when one line of the good station's source is added.
fn check_source(line: &str, expected: &str) {
    assert_eq!(errors(&format!("{}\n{line}\n", STATION.trim())), expected, "for:\n{line}");
}

/// Checks the messages of a whole file.
fn check_whole(text: &str, expected: &str) {
    assert_eq!(errors(text), expected, "for:\n{text}");
}

#[test]
fn what_is_no_toml() {
    check("listen = 127.0.0.1:8470", "");
    check("time_zone = UTC", "");
    check("[limits", "");
    check("listen = \"[::1]:1\"\nlisten = \"[::1]:2\"", "");
    check("site_name = \"Überall", "");
    check("site_name = \"A\" listen = \"B\"", "");
    check("just words", "");
    check("data_dir = UTC\nlisten = 5 5\n[limits", "");
}

#[test]
fn unknown_keys() {
    check("lissten = \"127.0.0.1:1\"", "");
    check("[limit]\nreaders = 2", "");
    check("  colour = 1", "");
    check("[limits]\nscan_que = 5", "");
    check("[limits]\nlisten = \"127.0.0.1:1\"", "");
    check("[reading]\nfoldcase = true", "");
    check_source("baudrate = 9600", "");
    check_source("double_read_ms = 9600", "");
    check("[[station]]\nname = \"a\"\ncustodian = \"b\"\nbaud = 9600\nsource = [{ name = \"g\", device = \"/d\" }]", "");
    check("[[label]]\nkind = \"volume\"\npattern = 'V'\ngs-1 = \"01\"", "");
}

#[test]
fn wrong_types() {
    check("data_dir = 5", "");
    check("site_name = [\"a\"]", "");
    check("limits = 5", "");
    check("[[limits]]\nreaders = 2", "");
    check("[limits]\nreaders = \"2\"", "");
    check("[limits]\nreaders = 2.5", "");
    check("[reading]\nfold_case = \"yes\"", "");
    check_source("terminators = \"cr\"", "");
    check_source("terminators = [\"cr\", 10]", "");
    check_source("baud = \"9600\"", "");
    check_whole("[station]\nname = \"a\"", "");
    check_whole("station = []", "");
    check_whole("station = [5]", "");
    check_whole("[[station.source]]\nname = \"a\"", "");
}

#[test]
fn values_for_the_whole_room() {
    check("listen = \"0.0.0.0:8470\"", "");
    check("listen = \"[::]:8470\"", "");
    check("listen = \"192.168.1.5:80\"", "");
    check("listen = \"localhost:8470\"", "");
    check("listen = \"127.0.0.1\"", "");
    check("data_dir = \"data\"", "");
    check("data_dir = \"/var/../etc\"", "");
    check("data_dir = \"\"", "");
    check("data_dir = \"/var\\u0000\"", "");
    check("time_zone = \"Europe/Zürich\"", "");
    check("time_zone = \"local\"", "");
    check("time_zone = \"Etc/Unknown\"", "");
    check("site_name = \" \"", "");
    check("site_name = \"a\\nb\"", "");
    check("[limits]\nscan_queue = 0", "");
    check("[limits]\nscan_queue = -1", "");
    check("[limits]\nscan_queue = 99999999999999999999", "");
    check("[limits]\nlive_pages = 300", "");
    check("[limits]\nconnections = 64", "");
    check("[limits]\nheader_timeout_s = 61", "");
}

#[test]
fn stations() {
    check_whole("", "");
    check_whole("[[station]]\nname = \"a\"\ncustodian = \"b\"", "");
    check_whole("\n[[station]]\n[[station.source]]", "");
    let rest = "custodian = \"b\"\nsource = [{ name = \"g\", device = \"/d\" }]";
    check(&format!("[[station]]\nname = \"Desk 1\"\n{rest}"), "");
    check(&format!("[[station]]\nname = \"\"\n{rest}"), "");
    check(&format!("[[station]]\nname = \"-a\"\n{rest}"), "");
    check(&format!("[[station]]\nname = \"desk-1\"\n{rest}"), "");
    check(&format!("[[station]]\nname = \"a\"\ntitle = \"\"\n{rest}"), "");
    check(&format!("[[station]]\nname = \"a\"\ndouble_read_ms = 60001\n{rest}"), "");
    let own = |custodian: &str| {
        format!("[[station]]\nname = \"a\"\ncustodian = \"{custodian}\"\nsource = [{{ name = \"g\", device = \"/d\" }}]")
    };
    check(&own(""), "");
    check(&own("two words"), "");
}

#[test]
fn sources() {
    check_source("[[station.source]]\nname = \"desk-1-gun\"\ndevice = \"/dev/ttyS1\"", "");
    check_source("[[station.source]]\nname = \"g\"\ndevice = \"/dev//scanner/./desk-1\"", "");
    check_source("[[station.source]]\nname = \"g\"\ndevice = \"ttyS0\"", "");
    check_source("kind = \"keyboard\"", "");
    check_source("baud = 9601", "");
    check_source("baud = 0", "");
    check_source("data_bits = 9", "");
    check_source("parity = \"mark\"", "");
    check_source("stop_bits = 0", "");
    check_source("flow = \"xon/xoff\"", "");
    check_source("framing = \"lines\"", "");
    check_source("terminators = []", "");
    check_source("terminators = [\"crlf\"]", "");
    check_source("framing = \"timeout\"\nterminators = [\"cr\"]", "");
    check_source("prefix = \"ä\"", "");
    check_source("prefix = \"12345678901234567\"", "");
    check_source("prefix = \"a\\r\"", "");
    check_source("frame_bytes_max = 1", "");
    check_source("gap_ms = 3000", "");
    check_source("gap_ms = 50\ntotal_ms = 50", "");
    check_source("answer = \"ssi\"", "");
    check_source("framing = \"ssi\"\nanswer = \"bell\"", "");
    check_source("answer = \"beep\"", "");
}

#[test]
fn labels() {
    let label = |rest: &str| format!("[[label]]\n{rest}");
    check(&label("pattern = 'V'"), "");
    check(&label("kind = \"volume\""), "");
    check(&label("kind = \"chart\"\npattern = 'V'"), "");
    check(&label("kind = \"volume\"\npattern = 'V[0-9'"), "");
    check(&label("kind = \"volume\"\npattern = '(V'\n[[label]]\nkind = \"person\"\npattern = 'P**{'"), "");
    check(&label("kind = \"volume\"\npattern = ''"), "");
    check(&label("kind = \"volume\"\npattern = 'V{1000}{1000}'"), "");
    check(&label("kind = \"volume\"\npattern = 'V'\ncheck = \"mod-43\""), "");
    check(&label("kind = \"volume\"\npattern = 'V'\naim = [\"C0\", \"]C0\"]"), "");
    check(&label("kind = \"volume\"\npattern = 'V'\ngs1 = \"1\""), "");
    check(&label("kind = \"volume\"\npattern = 'V'\nhibc = \"E\""), "");
    check(&label("kind = \"volume\"\npattern = 'V'\ngs1 = \"01\"\nhibc = \"EA\""), "");
}

#[test]
fn all_mistakes_are_told_at_once() {
    let text = "listen = \"0.0.0.0:1\"\n[limits]\nreaders = 0\nreader = 1\n[[station]]\nname = \"A\"\n";
    check_whole(text, "");
}

#[test]
fn every_key_is_read() {
    for table in TABLES {
        for key in table.keys {
            let text = with_wrong_type(table.name, key);
            let found = errors(&text);
            let told = found.contains(&format!("`{key}` must be"));
            assert!(told && !found.contains("unknown key"), "{} {key} was not judged: {found}", table.name);
        }
    }
}

/// Every key, and this one as a date.
fn with_wrong_type(table: &str, key: &str) -> String {
    let mut current = String::new();
    let mut lines = Vec::new();
    for line in EVERY_KEY.lines() {
        let is_table = line.starts_with('[');
        if is_table && line.trim_matches(['[', ']']) == key {
            return format!("{key} = 1999-01-01\n{EVERY_KEY}").replace(&format!("[[{key}]]"), "[[x]]");
        }
        if is_table {
            current = line.to_owned();
        }
        let is_key = current == table && line.starts_with(&format!("{key} ="));
        lines.push(if is_key { format!("{key} = 1999-01-01") } else { line.to_owned() });
    }
    lines.join("\n")
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
