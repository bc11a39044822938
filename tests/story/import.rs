//! `outguide import` with the real binary: what it says, its exit codes, and kill -9 in the middle.

use crate::support::{PATIENCE, Room};
use outguide::import::Kind;
use rusqlite::{Connection, OpenFlags};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const CHARTS: usize = 130_000;

fn room() -> Room {
    let mut room = Room::new("");
    room.station("desk", "FILE", "");
    room.import(Kind::Custodians, "code,name\nFILE,File room\nCARD,Cardiology\n");
    room
}

fn list(room: &Room, name: &str, bytes: &[u8]) -> PathBuf {
    let file = room.dir.path().join(name);
    std::fs::write(&file, bytes).unwrap();
    file
}

/// Runs an import and checks its exit code and what it says.
fn check(room: &Room, bytes: &[u8], args: &[&str], code: i32, words: &[&str]) {
    let file = list(room, "export.csv", bytes);
    let (kind, options) = args.split_first().unwrap();
    let args: Vec<&str> =
        ["import", *kind, file.to_str().unwrap()].into_iter().chain(options.iter().copied()).collect();
    let output = room.command(&args);
    let said =
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{args:?}: {said}");
    for words in words {
        assert!(said.contains(words), "{args:?} does not say {words:?}: {said}");
    }
}

#[test]
fn an_import_says_what_it_read_and_what_it_left_out() {
    let room = room();
    let export =
        "Akten-Nr.;Etikett;Archiv;Nachname;Vorname;Kasse\r\n=\"0012\";V1;FILE;M\u{fc}ller;Zo\u{eb};X\r\n";
    let latin: Vec<u8> = export.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let words = [
        "encoding: windows-1252, because the bytes are no UTF-8",
        "columns are separated by semicolon",
        "column `Akten-Nr.` is read as mrn",
        "column `Kasse` is not used",
    ];
    check(&room, &latin, &["charts", "--dry-run"], 0, &words);
    check(&room, &latin, &["charts", "--dry-run"], 0, &["dry run, nothing kept: 1 line: 1 added"]);
    check(&room, &latin, &["charts", "--encoding", "latin1"], 0, &["1 line: 1 added"]);
    check(&room, &latin, &["charts"], 0, &["1 unchanged"]);
    let odd = b"a,b,c\n7,V7,FILE\n";
    check(&room, odd, &["charts"], 74, &["export.csv:1: the header lacks `mrn`, `label`, `home`"]);
    check(
        &room,
        odd,
        &["charts", "--map", "mrn=a,label=b,home=c"],
        0,
        &["column `a` is read as mrn", "1 added"],
    );
    let map = list(&room, "map", b"# ours\nmrn=a\nlabel=b\nhome=c\n");
    check(&room, odd, &["charts", "--map", map.to_str().unwrap()], 0, &["1 unchanged"]);
    check(&room, odd, &["charts", "--map", "mrn"], 74, &["the mapping mrn cannot be read"]);
    check(&room, odd, &["charts", "--map", "mrn="], 2, &["is no pair"]);
    check(&room, odd, &["charts", "--encoding", "x"], 2, &["`x` is no encoding"]);
    let bad = b"mrn,label,home\n8,V8,FILE\n9,V9,MOON\n";
    check(&room, bad, &["charts"], 1, &["stopped, nothing kept: 1 of 2 lines are bad", "--keep-going"]);
    check(&room, bad, &["charts", "--keep-going"], 1, &["2 lines: 1 added", "export.csv:3: home MOON"]);
    let dates = b"mrn,born\n1,3/4/1970\n";
    check(&room, dates, &["patients"], 74, &["export.csv:2: born could be day/month/year"]);
    check(&room, dates, &["patients", "--dates", "mdy"], 0, &["1 added"]);
    check(&room, b"code,name\nmm,Mia Muster\n", &["people"], 0, &["1 added"]);
    assert_eq!(room.findings(), [""; 0]);
}

#[test]
fn the_help_names_every_column() {
    let output = Command::new(env!("CARGO_BIN_EXE_outguide")).args(["import", "--help"]).output().unwrap();
    let help = String::from_utf8_lossy(&output.stdout);
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    for kind in Kind::ALL {
        let (required, optional) = kind.columns();
        let begin = format!("{}: {} and if you like ", kind.as_str(), required.join(","));
        let told = help.split(&begin).nth(1).unwrap_or_else(|| panic!("no {begin:?} in {help}"));
        let told: Vec<&str> = told.split(' ').next().unwrap().split(',').collect();
        let expect: Vec<&str> = optional.into_iter().filter(|column| !column.ends_with("t_name")).collect();
        let mut sorted = (told, expect);
        sorted.0.sort_unstable();
        sorted.1.sort_unstable();
        assert_eq!(sorted.0, sorted.1, "{begin}");
    }
    assert!(help.contains("last_name and first_name"), "{help}");
}

/// Volumes on file; none while there is no database.
#[expect(clippy::disallowed_methods, reason = "a test looks over the importer's shoulder")]
fn on_file(room: &Room) -> usize {
    let db = room.dir.path().join("data/outguide.db");
    let conn = Connection::open_with_flags(db, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    conn.busy_timeout(PATIENCE).unwrap();
    conn.query_row("select count(*) from volume", [], |row| row.get(0)).unwrap()
}

#[test]
fn an_import_that_is_killed_goes_on_without_doubling_anything() {
    let room = room();
    let lines: String = (1..=CHARTS)
        .map(|number| {
            format!("{number},V{number},FILE,Name {number},{}\n", if number % 9 == 0 { "CARD" } else { "" })
        })
        .collect();
    let file = list(&room, "charts.csv", format!("mrn,label,home,name,location\n{lines}").as_bytes());
    let import = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_outguide"));
        command.args(["import", "charts"]).arg(&file).arg("--config").arg(room.config_file());
        command
    };
    let mut child = import().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let start = Instant::now();
    while on_file(&room) == 0 {
        assert!(start.elapsed() < PATIENCE, "nothing was kept in time");
        assert!(child.try_wait().unwrap().is_none(), "the import ended before it could be killed");
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let kept = on_file(&room);
    assert!(kept > 0 && kept < CHARTS, "{kept}");
    assert_eq!(room.findings(), [""; 0], "after the kill");
    let output = import().output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let expect = format!("{CHARTS} lines: {} added, 0 changed, {kept} unchanged, 0 refused\n", CHARTS - kept);
    assert_eq!(said, expect, "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(on_file(&room), CHARTS);
    assert_eq!(room.findings(), [""; 0], "at the end");
}
