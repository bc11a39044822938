//! From the byte on the line to the answer that means "on disk", with the real binary; against a bare commit.

use crate::measure::{Latencies, resident_mib};
use crate::room::{directory, furnish};
use crate::writer::bare_commits;
use outguide::demo::PtyScanner;
use outguide::store::Place;
use std::fmt::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const SCANS: usize = 3000;
const CHARTS: usize = 20_000;
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) fn run() {
    println!(
        "byte on the line to acknowledged commit, {SCANS} scans one after the other (real binary, pseudo-terminal)"
    );
    println!("| what | p50 us | p99 us |");
    println!("| --- | --- | --- |");
    let bare = bare_commits(SCANS as u64);
    println!("| one bare commit | {:.0} | {:.0} |", bare.us(50), bare.us(99));
    let (ours, idle, loaded) = through_daemon();
    println!("| byte to ACK | {:.0} | {:.0} |", ours.us(50), ours.us(99));
    println!("| ratio | {:.2} | {:.2} |", ours.us(50) / bare.us(50), ours.us(99) / bare.us(99));
    println!("resident memory: {idle:.1} MiB idle, {loaded:.1} MiB after {SCANS} scans");
}

/// Writes a configuration with one station on this device.
pub(crate) fn configure(dir: &Path, scanner: &PtyScanner) -> std::path::PathBuf {
    let mut text = format!("data_dir = \"{}\"\nlisten = \"127.0.0.1:0\"\n", dir.display());
    text += "[[label]]\nkind = \"volume\"\npattern = \"V[0-9]+\"\n[[station]]\nname = \"desk\"\ncustodian = \"C1\"\n";
    writeln!(
        text,
        "double_read_ms = 0\n[[station.source]]\nname = \"scanner\"\ndevice = \"{}\"\nanswer = \"ack-nak\"",
        scanner.path().display()
    )
    .unwrap();
    let file = dir.join("outguide.toml");
    std::fs::write(&file, text).unwrap();
    file
}

/// Starts the daemon with its log in `dir`.
pub(crate) fn start(dir: &Path, config: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_outguide"))
        .args(["serve", "--log", "text", "--config"])
        .arg(config)
        .stderr(std::fs::File::create(dir.join("log")).unwrap())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Waits until the log holds some words.
pub(crate) fn wait_for(dir: &Path, words: &str) {
    let start = Instant::now();
    loop {
        let log = std::fs::read_to_string(dir.join("log")).unwrap_or_default();
        if log.contains(words) {
            return;
        }
        assert!(start.elapsed() < PATIENCE, "no {words:?} in the log:\n{log}");
        std::thread::sleep(Duration::from_micros(200));
    }
}

fn through_daemon() -> (Latencies, f64, f64) {
    let dir = directory();
    furnish(&Place::new(dir.path()), CHARTS);
    let mut scanner = PtyScanner::new().unwrap();
    let mut daemon = start(dir.path(), &configure(dir.path(), &scanner));
    wait_for(dir.path(), "state=\"up\"");
    let idle = resident_mib(daemon.id());
    let mut latencies = Vec::new();
    for number in 1..=SCANS {
        let line = format!("V{number}\r");
        let start = Instant::now();
        scanner.send(line.as_bytes()).unwrap();
        assert_eq!(scanner.wait_for_answers(PATIENCE).unwrap(), b"\x06");
        latencies.push(start.elapsed());
    }
    let loaded = resident_mib(daemon.id());
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    (Latencies::new(latencies), idle, loaded)
}
