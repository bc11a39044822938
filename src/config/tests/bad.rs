//! Mistakes, each with the exact place and words that the operator reads.

use super::{STATION, errors};

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
    check("listen = 127.0.0.1:8470", r#"a.toml:1:15: invalid float; put text in "quotes""#);
    check("time_zone = UTC", r#"a.toml:1:13: string values must be quoted; put text in "quotes""#);
    check("[limits", "a.toml:1:8: unclosed table, expected `]`; close it where it ends");
    check("listen = \"[::1]:1\"\nlisten = \"[::1]:2\"", "a.toml:2:1: duplicate key; keep one of the two");
    check(
        "site_name = \"Überall",
        r#"a.toml:1:21: invalid basic string, expected `"`; end text with the quote that it begins with"#,
    );
    check(
        "site_name = \"A\" listen = \"B\"",
        "a.toml:1:17: unexpected key or value; write `key = value`, `[table]` or `# comment`, one a line",
    );
    check(
        "just words",
        "a.toml:1:6: key with no value, expected `=`; write `key = value`, `[table]` or `# comment`, one a line",
    );
    check(
        "data_dir = UTC\nlisten = 5 5\n[limits",
        r#"a.toml:1:12: string values must be quoted; put text in "quotes"
a.toml:2:10: string values must be quoted; put text in "quotes"
a.toml:3:8: unclosed table, expected `]`; close it where it ends"#,
    );
}

#[test]
fn unknown_keys() {
    check("lissten = \"127.0.0.1:1\"", "a.toml:1:1: unknown key `lissten`; did you mean `listen`?");
    check("[limit]\nreaders = 2", "a.toml:1:2: unknown key `limit`; did you mean `limits`?");
    check(
        "  colour = 1",
        "a.toml:1:3: unknown key `colour`; known keys are `data_dir`, `listen`, `time_zone`, `site_name`, `web`, `limits`, `backup`, `reading`, `calendar`, `tracking`, `missing`, `station`, `label`, `paper`, `printer`, `notices`, `mail`, `webhook`",
    );
    check(
        "[limits]\nscan_que = 5",
        "a.toml:2:1: unknown key `scan_que` in [limits]; did you mean `scan_queue`?",
    );
    check(
        "[limits]\nlisten = \"127.0.0.1:1\"",
        "a.toml:2:1: unknown key `listen` in [limits]; move `listen` to the top of the file, before the first table",
    );
    check(
        "[reading]\nfoldcase = true",
        "a.toml:2:1: unknown key `foldcase` in [reading]; did you mean `fold_case`?",
    );
    check_source(
        "baudrate = 9600",
        "a.toml:7:1: unknown key `baudrate` in [[station.source]]; did you mean `baud`?",
    );
    check_source(
        "double_read_ms = 9600",
        "a.toml:7:1: unknown key `double_read_ms` in [[station.source]]; move `double_read_ms` into [[station]]",
    );
    check(
        "[[station]]\nname = \"a\"\ncustodian = \"b\"\nbaud = 9600\nsource = [{ name = \"g\", device = \"/d\" }]",
        "a.toml:4:1: unknown key `baud` in [[station]]; move `baud` into [[station.source]]",
    );
    check(
        "[[label]]\nkind = \"volume\"\npattern = 'V'\ngs-1 = \"01\"",
        "a.toml:4:1: unknown key `gs-1` in [[label]]; did you mean `gs1`?",
    );
}

#[test]
fn wrong_types() {
    check("data_dir = 5", r#"a.toml:1:12: `data_dir` must be text, not a number; put it in "quotes""#);
    check("site_name = [\"a\"]", r#"a.toml:1:13: `site_name` must be text, not a list; put it in "quotes""#);
    check("limits = 5", "a.toml:1:1: `limits` must be a table; write [limits]");
    check("[[limits]]\nreaders = 2", "a.toml:1:3: `limits` must be a table; write [limits]");
    check(
        "[limits]\nreaders = \"2\"",
        "a.toml:2:11: `readers` must be a whole number, not text; write digits without quotes",
    );
    check(
        "[limits]\nreaders = 2.5",
        "a.toml:2:11: `readers` must be a whole number, not a number with a point; write digits without quotes",
    );
    check(
        "[reading]\nfold_case = \"yes\"",
        "a.toml:2:13: `fold_case` must be true or false, not text; write it without quotes",
    );
    check_source(
        "terminators = \"cr\"",
        r#"a.toml:7:15: `terminators` must be a list, not text; write terminators = ["…", "…"]"#,
    );
    check_source(
        "terminators = [\"cr\", 10]",
        r#"a.toml:7:22: `terminators` must be text, not a number; put it in "quotes""#,
    );
    check_source(
        "baud = \"9600\"",
        "a.toml:7:8: `baud` must be a whole number, not text; write digits without quotes",
    );
    check_whole("[station]\nname = \"a\"", "a.toml:1:2: `station` must be written as [[station]]");
    check_whole("station = []", "a.toml:1:1: `station` must be written as [[station]]");
    check_whole("station = [5]", "a.toml:1:1: `station` must be written as [[station]]");
    check_whole("[[station.source]]\nname = \"a\"", "a.toml:1:3: `station` must be written as [[station]]");
}

#[test]
fn values_for_the_whole_room() {
    check(
        "listen = \"0.0.0.0:8470\"",
        "a.toml:1:1: passwords and patients' data would cross the network in clear; give [web] `tls_certificate` and `tls_key`, or listen on 127.0.0.1 behind a proxy that has TLS, or on 127.0.0.1 for this machine alone",
    );
    check(
        "listen = \"[::]:8470\"",
        "a.toml:1:1: passwords and patients' data would cross the network in clear; give [web] `tls_certificate` and `tls_key`, or listen on 127.0.0.1 behind a proxy that has TLS, or on 127.0.0.1 for this machine alone",
    );
    check(
        "listen = \"192.168.1.5:80\"",
        "a.toml:1:1: passwords and patients' data would cross the network in clear; give [web] `tls_certificate` and `tls_key`, or listen on 127.0.0.1 behind a proxy that has TLS, or on 127.0.0.1 for this machine alone",
    );
    check(
        "listen = \"localhost:8470\"",
        r#"a.toml:1:10: `listen` "localhost:8470" is no address and port; write "127.0.0.1:8470" or "[::1]:8470""#,
    );
    check(
        "listen = \"127.0.0.1\"",
        r#"a.toml:1:10: `listen` "127.0.0.1" is no address and port; write "127.0.0.1:8470" or "[::1]:8470""#,
    );
    check(
        "data_dir = \"data\"",
        r#"a.toml:1:12: `data_dir` "data" is no absolute path; write it from / on, such as "/var/lib/outguide""#,
    );
    check(
        "data_dir = \"/var/../etc\"",
        r#"a.toml:1:12: `data_dir` "/var/../etc" is no absolute path; write it from / on, such as "/var/lib/outguide""#,
    );
    check(
        "data_dir = \"\"",
        r#"a.toml:1:12: `data_dir` "" is no absolute path; write it from / on, such as "/var/lib/outguide""#,
    );
    check(
        "data_dir = \"/var\\u0000\"",
        r#"a.toml:1:12: `data_dir` "/var\0" is no absolute path; write it from / on, such as "/var/lib/outguide""#,
    );
    check(
        "time_zone = \"Europe/Zürich\"",
        r#"a.toml:1:13: `time_zone` "Europe/Zürich" is not known; did you mean "Europe/Zurich"?"#,
    );
    check(
        "time_zone = \"local\"",
        r#"a.toml:1:13: `time_zone` "local" is not known; write a name such as "Europe/Zurich", "America/Chicago" or "UTC""#,
    );
    check(
        "time_zone = \"Etc/Unknown\"",
        r#"a.toml:1:13: `time_zone` "Etc/Unknown" is not known; write a name such as "Europe/Zurich", "America/Chicago" or "UTC""#,
    );
    check("site_name = \" \"", "a.toml:1:13: `site_name` must be one line; write 1 to 80 characters");
    check("site_name = \"a\\nb\"", "a.toml:1:13: `site_name` must be one line; write 1 to 80 characters");
}

#[test]
fn the_calendar() {
    check(
        "[calendar]\nworking_days = [\"monday\"]",
        "a.toml:2:1: no day of the week is a working day; name at least one\na.toml:2:17: `working_days` cannot be \"monday\"; did you mean \"mon\"?",
    );
    check("[calendar]\nopens = \"8\"", "a.toml:2:9: `opens` \"8\" is no time of day; write it as \"08:00\"");
    check(
        "[calendar]\nholidays = [\"1.1.2027\"]",
        "a.toml:2:13: `holidays` \"1.1.2027\" is no date; write it as \"2027-01-01\"",
    );
    check(
        "[calendar]\ncloses = \"08:30\"",
        "a.toml:2:1: the room opens at 08:00:00 and closes at 08:30:00; it must be open for an hour or more before midnight",
    );
}

#[test]
fn limits() {
    check(
        "[limits]\nscan_queue = 0",
        "a.toml:2:14: `scan_queue` is out of range; write a number from 16 to 65536",
    );
    check(
        "[limits]\nscan_queue = -1",
        "a.toml:2:14: `scan_queue` is out of range; write a number from 16 to 65536",
    );
    check(
        "[limits]\nscan_queue = 99999999999999999999",
        "a.toml:2:14: `scan_queue` is out of range; write a number from 16 to 65536",
    );
    check(
        "[limits]\nlive_pages = 300",
        "a.toml:2:14: 300 live pages would take all 256 connections; make `live_pages` less than `connections`",
    );
    check(
        "[limits]\nconnections = 64",
        "a.toml:2:15: 64 live pages would take all 64 connections; make `live_pages` less than `connections`",
    );
    check(
        "[limits]\nconnections_per_address = 257",
        "a.toml:2:27: 257 connections for each address of 256 for all; make `connections_per_address` less",
    );
    check(
        "[limits]\nheader_timeout_s = 61",
        "a.toml:2:20: `header_timeout_s` is out of range; write a number from 1 to 60",
    );
}

#[test]
fn stations() {
    check_whole("", "a.toml:1:1: there is no station; add [[station]] with a [[station.source]]");
    check_whole(
        "[[station]]\nname = \"a\"\ncustodian = \"b\"",
        "a.toml:1:1: the station has no scanner; add a [[station.source]] below it",
    );
    check_whole(
        "\n[[station]]\n[[station.source]]",
        "a.toml:2:1: [[station]] has no `custodian`; add custodian = …\na.toml:2:1: [[station]] has no `name`; add name = …\na.toml:3:1: [[station.source]] has no `device`; add device = …\na.toml:3:1: [[station.source]] has no `name`; add name = …",
    );
    let rest = "custodian = \"b\"\nsource = [{ name = \"g\", device = \"/d\" }]";
    check(
        &format!("[[station]]\nname = \"Desk 1\"\n{rest}"),
        r#"a.toml:2:8: station name "Desk 1" is no key; write 1 to 32 of a-z, 0-9 and -, such as "desk-1""#,
    );
    check(
        &format!("[[station]]\nname = \"\"\n{rest}"),
        r#"a.toml:2:8: station name "" is no key; write 1 to 32 of a-z, 0-9 and -, such as "desk-1""#,
    );
    check(
        &format!("[[station]]\nname = \"-a\"\n{rest}"),
        r#"a.toml:2:8: station name "-a" is no key; write 1 to 32 of a-z, 0-9 and -, such as "desk-1""#,
    );
    check(
        &format!("[[station]]\nname = \"desk-1\"\n{rest}"),
        r#"a.toml:7:8: station name "desk-1" is already used at a.toml:2:8; give this one another"#,
    );
    check(
        &format!("[[station]]\nname = \"a\"\ntitle = \"\"\n{rest}"),
        "a.toml:3:9: `title` must be one line; write 1 to 80 characters",
    );
    check(
        &format!("[[station]]\nname = \"a\"\ndouble_read_ms = 60001\n{rest}"),
        "a.toml:3:18: `double_read_ms` is out of range; write a number from 0 to 60000",
    );
    let own = |custodian: &str| {
        format!(
            "[[station]]\nname = \"a\"\ncustodian = \"{custodian}\"\nsource = [{{ name = \"g\", device = \"/d\" }}]"
        )
    };
    check(
        &own(""),
        r#"a.toml:3:13: `custodian` "" is no custodian code; write it as in the code column of the custodians' table"#,
    );
    check(
        &own("two words"),
        r#"a.toml:3:13: `custodian` "two words" is no custodian code; write it as in the code column of the custodians' table"#,
    );
}

#[test]
fn labels() {
    let label = |rest: &str| format!("[[label]]\n{rest}");
    check(&label("pattern = 'V'"), "a.toml:1:1: [[label]] has no `kind`; add kind = …");
    check(&label("kind = \"volume\""), "a.toml:1:1: [[label]] has no `pattern`; add pattern = …");
    check(
        &label("kind = \"chart\"\npattern = 'V'"),
        r#"a.toml:2:8: `kind` cannot be "chart"; write "volume" or "custodian" or "person" or "request" or "command""#,
    );
    check(
        &label("kind = \"volume\"\npattern = 'V[0-9'"),
        "a.toml:3:11: `pattern` is no regular expression (unclosed character class); correct it, such as 'V[0-9]+'",
    );
    check(
        &label("kind = \"volume\"\npattern = '(V'\n[[label]]\nkind = \"person\"\npattern = 'P**{'"),
        "a.toml:3:11: `pattern` is no regular expression (unclosed group); correct it, such as 'V[0-9]+'\na.toml:6:11: `pattern` is no regular expression (unclosed counted repetition); correct it, such as 'V[0-9]+'",
    );
    check(
        &label("kind = \"volume\"\npattern = ''"),
        "a.toml:3:11: `pattern` must say what a label looks like; write 1 to 500 characters",
    );
    check(
        &label("kind = \"volume\"\npattern = 'V{1000}{1000}'"),
        "a.toml:3:11: `pattern` is no regular expression (Compiled regex exceeds size limit of 1048576 bytes); correct it, such as 'V[0-9]+'",
    );
    check(
        &label("kind = \"volume\"\npattern = 'V'\ncheck = \"mod-43\""),
        r#"a.toml:4:9: `check` cannot be "mod-43"; did you mean "mod43"?"#,
    );
    check(
        &label("kind = \"volume\"\npattern = 'V'\naim = [\"C0\", \"]C0\"]"),
        r#"a.toml:4:14: `aim` "]C0" is no AIM identifier; write the code letter, and the modifier if it matters, such as "C" or "C0""#,
    );
    check(
        &label("kind = \"volume\"\npattern = 'V'\ngs1 = \"1\""),
        r#"a.toml:4:7: `gs1` "1" is no application identifier; write 2 to 4 digits such as "8018""#,
    );
    check(
        &label("kind = \"volume\"\npattern = 'V'\nhibc = \"E\""),
        r#"a.toml:4:8: `hibc` "E" is no where and what flag; write both together such as "EA""#,
    );
    check(
        &label("kind = \"volume\"\npattern = 'V'\ngs1 = \"01\"\nhibc = \"EA\""),
        "a.toml:5:8: a label is either GS1 or HIBC; remove `gs1` or `hibc`",
    );
}

#[test]
fn all_mistakes_are_told_at_once() {
    let text = "listen = \"0.0.0.0:1\"\n[limits]\nreaders = 0\nreader = 1\n[[station]]\nname = \"A\"\n";
    check_whole(
        text,
        r#"a.toml:1:1: passwords and patients' data would cross the network in clear; give [web] `tls_certificate` and `tls_key`, or listen on 127.0.0.1 behind a proxy that has TLS, or on 127.0.0.1 for this machine alone
a.toml:3:11: `readers` is out of range; write a number from 1 to 16
a.toml:4:1: unknown key `reader` in [limits]; did you mean `readers`?
a.toml:5:1: [[station]] has no `custodian`; add custodian = …
a.toml:5:1: the station has no scanner; add a [[station.source]] below it
a.toml:6:8: station name "A" is no key; write 1 to 32 of a-z, 0-9 and -, such as "desk-1""#,
    );
}

#[test]
fn backups() {
    check(
        "[backup]\nat = [\"2am\"]\ndirectory = \"/b\"",
        r#"a.toml:2:7: `at` "2am" is no time of day; write it as "02:00""#,
    );
    check(
        "[backup]\nkeep_daily = 3",
        r#"a.toml:2:1: [backup] has no `directory`, so no backups are made; add directory = "/var/lib/outguide-backups""#,
    );
    check(
        "[backup]\ndirectory = \"/b\"\nrecipients = [\"ssh-ed25519 AAAA\"]",
        r#"a.toml:3:15: `recipients` "ssh-ed25519 AAAA" is no public key; write one that begins with age1, as `age-keygen` prints it"#,
    );
    check(
        "[backup]\ndirectory = \"/b\"\nrecipients = [\"AGE-SECRET-KEY-1QQQ\"]",
        "a.toml:3:15: `recipients` holds a secret key; take it out of this file, and write the public key, which begins with age1",
    );
}
