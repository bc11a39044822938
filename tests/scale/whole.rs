//! The real daemon on each room: start, memory, scanners; and a process that answers scanners without recording anything.

use crate::crowd::{Plan, scan, stations};
use crate::many::configure;
use crate::measure::{Latencies, median, resident_mib};
use crate::scale::building::Built;
use crate::scale::http::Site;
use crate::scale::table::{Figures, ROUNDS, rounds, row};
use crate::scanner::{start, wait_for};
use axum::Router;
use axum::routing::get;
use outguide::clock::Clock;
use outguide::config::Config;
use outguide::demo::PtyScanner;
use outguide::scanner::{Gauge, Outlets, Plugs, Presence};
use outguide::tracking::Signal;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

pub(crate) const SCANNERS: usize = 64;
/// Between two scans of one scanner, and scans of each in a round.
const PERIOD: Duration = Duration::from_millis(50);
const SCANS: usize = 160;
const STARTS: usize = 5;

/// A daemon that serves a room.
pub(crate) struct Running {
    daemon: Child,
    pub(crate) site: Site,
    pub(crate) charts: usize,
    scanners: Vec<PtyScanner>,
    /// Scans of its scanners so far.
    pub(crate) scanned: usize,
}

impl Drop for Running {
    fn drop(&mut self) {
        end(&mut self.daemon);
    }
}

/// A helper process, which is this program again.
pub(crate) struct Helper {
    child: Child,
    pub(crate) told: String,
}

impl Drop for Helper {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

fn end(child: &mut Child) {
    child.kill().unwrap();
    child.wait().unwrap();
}

impl Helper {
    /// Starts a part of this program that prints one line when it is ready.
    pub(crate) fn start(args: &[&str]) -> Helper {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .arg("--bench")
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut told = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut told).unwrap();
        Helper { child, told: told.trim().to_owned() }
    }
}

fn scanners(count: usize) -> Vec<PtyScanner> {
    (0..count).map(|_| PtyScanner::new().unwrap()).collect()
}

/// From exec to ready, in milliseconds; each start is after a kill.
pub(crate) fn start_to_ready(room: &Built) -> f64 {
    let scanner = scanners(1);
    let config = configure(room.dir(), &stations(&scanner));
    let took = (0..STARTS).map(|_| {
        let before = Instant::now();
        let mut daemon = start(room.dir(), &config);
        wait_for(room.dir(), "pages are served");
        let took = before.elapsed().as_secs_f64() * 1e3;
        end(&mut daemon);
        took
    });
    median(took.collect())
}

/// Starts the daemon with so many scanners.
pub(crate) fn serve(dir: &Path, charts: usize, count: usize) -> Running {
    let scanners = scanners(count);
    let config = configure(dir, &stations(&scanners));
    let daemon = start(dir, &config);
    wait_for(dir, "pages are served");
    let log = || std::fs::read_to_string(dir.join("log")).unwrap();
    while log().matches("state=\"up\"").count() < count {
        std::thread::sleep(Duration::from_millis(10));
    }
    let log = log();
    let line = log.lines().find(|line| line.contains("pages are served")).unwrap();
    let address = line.split("address=").nth(1).unwrap().split_whitespace().next().unwrap().parse().unwrap();
    let site = Site { address, token: token(&config) };
    Running { daemon, site, charts, scanners, scanned: 0 }
}

fn token(config: &PathBuf) -> String {
    let scopes = "scan,locate,request,see-stations,see-board,see-scanners,work,print,supervise";
    let made = Command::new(env!("CARGO_BIN_EXE_outguide"))
        .args(["account", "token", "scale", "--scope", scopes, "--config"])
        .arg(config)
        .output()
        .unwrap();
    let told = String::from_utf8(made.stdout).unwrap();
    told.lines().find_map(|line| line.strip_prefix("token: ")).expect("a token").to_owned()
}

impl Running {
    pub(crate) fn resident_mib(&self) -> f64 {
        resident_mib(self.daemon.id())
    }

    /// Scans by all scanners, each waiting for its answer; how many a second, and how long each answer took.
    pub(crate) fn scan(&mut self, scans: usize, period: Duration) -> Figures {
        let plan =
            Plan { scanners: self.scanners.len(), scans, period, charts: self.charts, before: self.scanned };
        self.scanned += scans * plan.scanners;
        scan_by(plan, &mut self.scanners)
    }
}

fn scan_by(plan: Plan, scanners: &mut [PtyScanner]) -> Figures {
    let start = Instant::now();
    // A chart that somebody waits for is answered by another sound.
    let (_, latencies) = scan(plan, scanners);
    let count = latencies.len();
    assert_eq!(count, plan.scanners * plan.scans, "scans without an answer");
    Figures::new(count as f64 / start.elapsed().as_secs_f64(), &Latencies::new(latencies), 0)
}

/// Rows of 64 scanners, with and without recording.
pub(crate) fn scan_to_green(few: &mut Running, many: &mut Running) {
    let mut without_scanners = scanners(SCANNERS);
    let dir = crate::room::directory();
    let config = configure(dir.path(), &stations(&without_scanners));
    let helper = Helper::start(&["answer", &config.to_string_lossy()]);
    assert_eq!(helper.told, "up");
    let plan = Plan { scanners: SCANNERS, scans: SCANS, period: PERIOD, charts: few.charts, before: 0 };
    let mut without = Vec::new();
    let with = rounds(|which| {
        if which == 0 {
            without.push(scan_by(plan, &mut without_scanners));
        }
        if which == 0 { few.scan(SCANS, PERIOD) } else { many.scan(SCANS, PERIOD) }
    });
    assert_eq!(without.len(), ROUNDS);
    let without = Figures::best(&without);
    row("64 scanners at 20 scans a second, answered without recording", [without; 2]);
    row("64 scanners at 20 scans a second, recorded", with);
    let ratio = |one: Figures| one.p99 / without.p99;
    println!();
    println!("scan to green, p99 of that without recording: {:.1} and {:.1}", ratio(with[0]), ratio(with[1]));
}

/// An axum server that says hello, in a process of its own.
pub(crate) fn hello() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{}", listener.local_addr().unwrap());
        let router = Router::new().route("/", get(|| async { "hello" }));
        axum::serve(listener, router).await.unwrap();
    });
}

/// The scanners of a configuration, read and answered as by the daemon; what they deliver goes nowhere.
pub(crate) fn answer() {
    let file = std::env::args().next_back().unwrap();
    let config = Config::load(Path::new(&file)).unwrap();
    let clock = Clock::system();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let outlets = Outlets {
            record: Arc::new(|_| Box::pin(std::future::ready(Signal::Recorded))),
            changed: Arc::new(|| ()),
            clock: clock.clone(),
            plugs: Plugs::listen(),
            in_flight_max: 16,
        };
        let mut gauges = Vec::new();
        for (salt, (station, source)) in config
            .stations
            .into_iter()
            .flat_map(|station| station.sources.into_iter().map(move |source| (station.name.clone(), source)))
            .enumerate()
        {
            let gauge = Arc::new(Gauge::new(&source, station, clock.now()));
            gauges.push(Arc::clone(&gauge));
            tokio::spawn(outguide::scanner::run(
                source,
                gauge,
                outlets.clone(),
                salt as u64,
                CancellationToken::new(),
            ));
        }
        while !gauges.iter().all(|gauge| gauge.read().presence == Presence::Up) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        println!("up");
        std::future::pending::<()>().await;
    });
}
