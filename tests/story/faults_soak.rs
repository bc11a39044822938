//! A day in short: eight scanners at their real pace, a fault every so often, and what memory, log and handles do
//! meanwhile. `tests/soak [MINUTES]` runs it for as long as one likes; here it is a few seconds.

use crate::faults_room::{Clerk, compare, limit, room, say};
use crate::support::{Room, Running};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const STATIONS: [&str; 8] =
    ["cardiology", "surgery", "oncology", "urology", "paediatrics", "radiology", "returns", "coding"];
/// Eight stations at this pace make 28,800 movements an hour: what a room of 2,000 a day makes in a fortnight.
const PACE: Duration = Duration::from_secs(1);
/// One fault of so many ends the daemon, the first among them: in an hour each of its lives is five minutes long.
const KILLED_EACH: usize = 30;
const FAULTS: [&str; 3] = ["unplug", "SIGHUP", "file size limit"];
/// What people look at meanwhile, twice a second.
const PAGES: [&str; 6] = ["/", "/custodians", "/charts/1", "/work", "/arrivals", "/missing"];
/// Most of the daemon's memory, in KB, as it is built for tests: half as much again as it begins with.
const MEMORY_MAX: f64 = 96.0 * 1024.0;
/// Most of the log: its bound, and what one batch may write beyond it.
const LOG_MAX: f64 = 80.0 * 1024.0;

fn setting(name: &str, otherwise: u64) -> Duration {
    Duration::from_secs(std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise))
}

/// Memory in KB, the log's size in KB, open handles.
fn sample(room: &Room, daemon: &Running) -> Option<[f64; 3]> {
    let pid = daemon.child.id();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let rss = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.trim().trim_end_matches(" kB");
    let wal = std::fs::metadata(room.place().dir.join("outguide.db-wal")).map_or(0, |file| file.len());
    // The daemon shows its handles to nobody but root.
    let handles = std::fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count);
    Some([rss.parse().ok()?, wal as f64 / 1024.0, handles as f64])
}

/// The line of least squares through what was seen, per hour.
fn slope_an_hour(seen: &[(f64, f64)]) -> f64 {
    let count = seen.len() as f64;
    let (x, y) = seen.iter().fold((0.0, 0.0), |(x, y), seen| (x + seen.0 / count, y + seen.1 / count));
    let above: f64 = seen.iter().map(|seen| (seen.0 - x) * (seen.1 - y)).sum();
    let below: f64 = seen.iter().map(|seen| (seen.0 - x).powi(2)).sum();
    if below == 0.0 { 0.0 } else { above / below * 3600.0 }
}

/// Says how a figure went within each life of the daemon (a new process begins anew).
fn tell(what: &str, lives: &[Vec<(f64, [f64; 3])>], which: usize) {
    let all: Vec<f64> = lives.iter().flatten().map(|seen| seen.1[which]).collect();
    let longest = lives.iter().max_by_key(|life| life.len()).expect("there was one");
    let line: Vec<_> = longest.iter().map(|seen| (seen.0, seen.1[which])).collect();
    let (least, most) = all.iter().fold((f64::MAX, 0.0_f64), |(a, b), seen| (a.min(*seen), b.max(*seen)));
    let slope = slope_an_hour(&line);
    say(&format!(
        "{what:<20} {least:>9.0} to {most:>9.0}, slope {slope:>+9.0} an hour over {} samples",
        line.len()
    ));
}

/// Breaks something, and starts the daemon again if that ended it.
fn break_something(fault: &str, room: &Room, daemon: &mut Running, clerk: &Mutex<Clerk>) {
    match fault {
        "kill -9" => {
            daemon.child.kill().unwrap();
            daemon.child.wait().unwrap();
            *daemon = room.serve(STATIONS.len());
        }
        "unplug" => {
            let mut clerk = clerk.lock().unwrap();
            clerk.scanner = room.plug(STATIONS[0]);
        }
        "SIGHUP" => daemon.signal("HUP"),
        _ => {
            limit(daemon, "--fsize=4096:");
            std::thread::sleep(Duration::from_secs(1));
            limit(daemon, "--fsize=unlimited:");
        }
    }
}

#[test]
fn a_soak_with_a_fault_every_so_often_loses_and_leaks_nothing() {
    let (length, every) = (setting("OUTGUIDE_SOAK_SECONDS", 16), setting("OUTGUIDE_SOAK_FAULT_SECONDS", 3));
    let room = room(&STATIONS);
    let clerks: Vec<_> =
        STATIONS.iter().enumerate().map(|(n, s)| Mutex::new(Clerk::at(&room, s, n))).collect();
    let mut daemon = room.serve(STATIONS.len());
    let stop = AtomicBool::new(false);
    let began = Instant::now();
    let (mut lives, mut faults, mut looks) = (vec![Vec::new()], 0, 0);
    std::thread::scope(|scope| {
        for (number, clerk) in clerks.iter().enumerate() {
            let stop = &stop;
            scope.spawn(move || {
                let mut random = fastrand::Rng::with_seed(number as u64);
                while !stop.load(Ordering::Relaxed) {
                    let mut clerk = clerk.lock().unwrap();
                    if clerk.send(1) {
                        clerk.hear(1, Duration::from_secs(1));
                    }
                    drop(clerk);
                    std::thread::sleep(PACE.mul_f64(0.5 + random.f64()));
                }
            });
        }
        let mut next = every;
        while began.elapsed() < length {
            std::thread::sleep(Duration::from_millis(500));
            let at = began.elapsed();
            let page = PAGES[looks % PAGES.len()];
            let seen = daemon.get(page);
            assert!(seen.starts_with("HTTP/1.1 200"), "{page}: {seen}");
            looks += 1;
            if let Some(seen) = sample(&room, &daemon) {
                lives.last_mut().unwrap().push((at.as_secs_f64(), seen));
            }
            if at >= next {
                let fault = if faults % KILLED_EACH == 0 { "kill -9" } else { FAULTS[faults % FAULTS.len()] };
                break_something(fault, &room, &mut daemon, &clerks[0]);
                if fault == "kill -9" {
                    lives.push(Vec::new());
                }
                faults += 1;
                next += every;
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    let mut clerks: Vec<_> = clerks.into_iter().map(|clerk| clerk.into_inner().unwrap()).collect();
    for clerk in &mut clerks {
        // Answers that came late are for nobody.
        clerk.hear_any();
        clerk.scan_until_green();
    }
    tell("memory, KB", &lives, 0);
    tell("write-ahead log, KB", &lives, 1);
    tell("open handles", &lives, 2);
    let end = sample(&room, &daemon).unwrap();
    say(&format!("{looks} pages were looked at"));
    let seen = || lives.iter().flatten().map(|seen| seen.1);
    assert!(seen().all(|seen| seen[0] < MEMORY_MAX && seen[1] < LOG_MAX), "memory or log grew");
    assert!(end[2] < 200.0, "{} open handles", end[2]);
    assert!(daemon.stop().success());
    let fault = format!("soak of {} s", length.as_secs());
    compare(&fault, faults, &room, &clerks.iter().collect::<Vec<_>>());
}
