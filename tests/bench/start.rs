//! From exec to ready, on an existing database.

use crate::measure::median;
use crate::room::{directory, furnish};
use crate::scanner::{configure, start, wait_for};
use outguide::demo::PtyScanner;
use outguide::store::Place;
use std::time::Instant;

const CHARTS: usize = 100_000;
const STARTS: usize = 7;

pub(crate) fn run() {
    let dir = directory();
    furnish(&Place::new(dir.path()), CHARTS);
    let scanner = PtyScanner::new().unwrap();
    let config = configure(dir.path(), &scanner);
    let took: Vec<f64> = (0..STARTS)
        .map(|_| {
            let before = Instant::now();
            let mut daemon = start(dir.path(), &config);
            wait_for(dir.path(), "pages are served");
            let took = before.elapsed().as_secs_f64() * 1e3;
            daemon.kill().unwrap();
            daemon.wait().unwrap();
            took
        })
        .collect();
    println!(
        "start to ready with {CHARTS} charts, after a kill: median {:.0} ms of {STARTS} starts",
        median(took)
    );
}
