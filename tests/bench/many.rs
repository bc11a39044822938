//! Sixty-four scanners at twenty scans a second each for a minute, against one at the same rate: nothing lost or
//! doubled, and what it costs. Then a recording of 100 MB of noise.

use crate::crowd::{Outcome, Plan, audit, scan, stations};
use crate::measure::{Latencies, cpu_time, resident_mib};
use crate::room::{directory, furnish};
use crate::scanner::{start, wait_for};
use outguide::demo::PtyScanner;
use outguide::store::{Place, verify};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const PERIOD: Duration = Duration::from_millis(50);
const MINUTE: usize = 1200;
const NOISE_MB: usize = 100;

/// What one run came to.
struct Run {
    outcome: Outcome,
    /// From the byte on the line to the ACK.
    latencies: Latencies,
    /// Share of one processor that the daemon took, in per cent.
    cpu: f64,
    /// Resident memory in MiB, before and after.
    memory: (f64, f64),
    findings: usize,
}

pub(crate) fn run() {
    println!(
        "scanners at 20 scans a second each for a minute, each waiting for its ACK (real binary, pseudo-terminals)"
    );
    println!(
        "| scanners | sent | acknowledged | lost | doubled | byte to ACK p50 us | p99 us | max us | CPU of one core | MiB before | after |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let runs = [1, 64].map(|scanners| {
        let charts = scanners * MINUTE;
        crowd(Plan { scanners, scans: MINUTE, period: PERIOD, charts, before: 0 })
    });
    let figures = runs.each_ref().map(|run| {
        let Run { outcome: o, latencies, cpu, memory, .. } = run;
        let [p50, p99, max] = [50, 99, 100].map(|percent| latencies.us(percent));
        println!(
            "| {} | {} | {} | {} | {} | {p50:.0} | {p99:.0} | {max:.0} | {cpu:.1} % | {:.1} | {:.1} |",
            o.sent / MINUTE,
            o.sent,
            o.acknowledged,
            o.lost,
            o.doubled,
            memory.0,
            memory.1
        );
        (p50, p99, *cpu)
    });
    let [one, many] = figures;
    println!(
        "| ratio | 64 | | | | {:.1} | {:.1} | | {:.1} | | |",
        many.0 / one.0,
        many.1 / one.1,
        many.2 / one.2
    );
    for run in &runs {
        let o = &run.outcome;
        assert_eq!(
            (o.lost, o.doubled, o.disordered, run.findings),
            (0, 0, 0, 0),
            "scans lost, doubled or moved"
        );
        assert_eq!(o.acknowledged, o.sent, "scans without an acknowledgement");
    }
    noise();
}

/// Writes a configuration with these stations.
pub(crate) fn configure(dir: &Path, stations: &str) -> PathBuf {
    let head = format!("data_dir = \"{}\"\nlisten = \"127.0.0.1:0\"\n", dir.display());
    let file = dir.join("outguide.toml");
    let labels = "[[label]]\nkind = \"volume\"\npattern = \"V[0-9]+\"\n";
    std::fs::write(&file, head + labels + stations).unwrap();
    file
}

fn crowd(plan: Plan) -> Run {
    let dir = directory();
    let place = Place::new(dir.path());
    furnish(&place, plan.charts);
    let mut scanners: Vec<_> = (0..plan.scanners).map(|_| PtyScanner::new().unwrap()).collect();
    let mut daemon = start(dir.path(), &configure(dir.path(), &stations(&scanners)));
    while std::fs::read_to_string(dir.path().join("log")).unwrap().matches("state=\"up\"").count()
        < plan.scanners
    {
        std::thread::sleep(Duration::from_millis(10));
    }
    let (before, cpu_before, began) = (resident_mib(daemon.id()), cpu_time(daemon.id()), Instant::now());
    let (acknowledged, latencies) = scan(plan, &mut scanners);
    let cpu = (cpu_time(daemon.id()) - cpu_before).as_secs_f64() / began.elapsed().as_secs_f64();
    let memory = (before, resident_mib(daemon.id()));
    daemon.kill().unwrap();
    daemon.wait().unwrap();
    let findings = verify(&place, &mut |_, _| ()).unwrap().findings.len();
    let outcome = audit(plan, &place.db(), &acknowledged);
    Run { outcome, latencies: Latencies::new(latencies), cpu: 100.0 * cpu, memory, findings }
}

/// A recording of noise is played to its end, and what that takes.
fn noise() {
    let dir = directory();
    furnish(&Place::new(dir.path()), 1);
    let tape = dir.path().join("noise.capture");
    crate::tape::noise(&tape, NOISE_MB);
    let source = format!(
        "[[station]]\nname = \"tape\"\ncustodian = \"C1\"\n[[station.source]]\nname = \"tape\"\nkind = \"replay\"\n\
         file = \"{}\"\n",
        tape.display()
    );
    let mut daemon = start(dir.path(), &configure(dir.path(), &source));
    let began = Instant::now();
    wait_for(dir.path(), "pages are served");
    let before = resident_mib(daemon.id());
    while !std::fs::read_to_string(dir.path().join("log")).unwrap().contains("state=\"played\"") {
        std::thread::sleep(Duration::from_millis(10));
    }
    println!(
        "a recording of {NOISE_MB} MB of noise is played in {:.1} s; resident memory {before:.1} MiB before, {:.1} MiB after",
        began.elapsed().as_secs_f64(),
        resident_mib(daemon.id())
    );
    daemon.kill().unwrap();
    daemon.wait().unwrap();
}
