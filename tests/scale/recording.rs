//! Movements through the store's writer, charts in no order, by one producer and by many.

use crate::measure::Latencies;
use crate::scale::building::{Built, CUSTODIANS, Hand, RECORDERS, STRIDE, stations};
use crate::scale::counting::{Work, writers};
use crate::scale::table::{Figures, rounds, row};
use outguide::clock::Clock;
use outguide::label::LabelKind;
use outguide::missing::Rules;
use outguide::store::{Numbered, Options, Store, StoreThread};
use outguide::tracking::{Calendar, DueRule, Verdict};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

const RUN: Duration = Duration::from_secs(3);
/// Between two runs: the writer moves what it wrote from its log into the database while nobody scans.
const REST: Duration = Duration::from_millis(1500);

/// In a room that is kept: how many movements were made so far, so that the next measurement goes on behind them.
const RECORDED: &str = "recorded";

struct Open {
    store: Store,
    thread: StoreThread,
    /// Where the kernel counts what its writing thread does.
    writer: PathBuf,
    numbered: Numbered,
    charts: usize,
    /// Movements so far.
    next: Arc<AtomicUsize>,
}

/// Rows of recording, of a batch as large as the daemon's, and of the sweep. Returns the movements made in each room.
pub(crate) fn measure(rooms: &[Built; 2]) -> ([usize; 2], [(f64, f64); 2]) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let open = rooms.each_ref().map(|room| runtime.block_on(open(room)));
    let mut costs = Vec::new();
    for producers in [1, 64] {
        let figures = rounds(|which| {
            let (figures, cost) = record(&runtime, &open[which], producers);
            costs.push(format!(
                "{producers} at once, {} charts, {:.0}/s, p99 {:.0} us; a movement: {cost}",
                open[which].charts, figures.rate, figures.p99
            ));
            figures
        });
        row(&format!("record a movement, {producers} at once"), figures);
    }
    println!();
    println!("Each round, and what the writing thread did:");
    costs.iter().for_each(|cost| println!("- {cost}"));
    let swept = open.each_ref().map(|one| sweep(&runtime, one));
    let made = open.each_ref().map(|one| one.next.load(Ordering::Relaxed));
    for (one, room) in open.into_iter().zip(rooms) {
        std::fs::write(room.dir().join(RECORDED), one.next.load(Ordering::Relaxed).to_string()).unwrap();
        drop(one.store);
        one.thread.join();
    }
    (made, swept)
}

async fn open(room: &Built) -> Open {
    let options = Options { place: room.place(), queue: 1024, readers: 2 };
    let (store, thread) = Store::open(&options, &Clock::system()).unwrap();
    store.set_due_back(Calendar::default(), DueRule::parse("none").unwrap()).unwrap();
    let numbered = store.set_stations(stations()).await.unwrap();
    let writer = writers().pop().unwrap();
    let next = std::fs::read_to_string(room.dir().join(RECORDED)).map_or(0, |next| next.parse().unwrap());
    Open { store, thread, writer, numbered, charts: room.size.charts, next: Arc::new(AtomicUsize::new(next)) }
}

fn record(runtime: &Runtime, open: &Open, producers: usize) -> (Figures, String) {
    let before = Work::of(&open.writer);
    let start = Instant::now();
    let latencies = runtime.block_on(async {
        let work = (0..producers).map(|_| {
            let hand = Hand::new(Clock::system(), open.numbered.clone());
            tokio::spawn(produce(open.store.clone(), hand, open.charts, Arc::clone(&open.next), start))
        });
        let mut latencies = Vec::new();
        for worker in work.collect::<Vec<_>>() {
            latencies.extend(worker.await.unwrap());
        }
        latencies
    });
    let rate = latencies.len() as f64 / start.elapsed().as_secs_f64();
    let cost = Work::of(&open.writer).since(before, latencies.len());
    std::thread::sleep(REST);
    (Figures::new(rate, &Latencies::new(latencies), 0), cost)
}

/// Each waits for its answer before it makes the next scan. All charts pass in no order, each time round at another station.
async fn produce(
    store: Store,
    mut hand: Hand,
    charts: usize,
    next: Arc<AtomicUsize>,
    start: Instant,
) -> Vec<Duration> {
    let mut latencies = Vec::new();
    while start.elapsed() < RUN {
        let count = next.fetch_add(1, Ordering::Relaxed);
        let chart = count * STRIDE % charts + 1;
        let station = RECORDERS + count / charts % (CUSTODIANS - RECORDERS);
        hand.count = count as u32;
        let scan = hand.scan(&format!("s{station}"), LabelKind::Volume, format!("V{chart}"));
        let asked = Instant::now();
        let recorded = store.record(scan).await.unwrap();
        latencies.push(asked.elapsed());
        assert!(recorded.movement.is_some() || recorded.verdict == Verdict::Look, "{:?}", recorded.verdict);
    }
    latencies
}

/// The first sweep for missing charts, which opens cases, and one that finds nothing new, in milliseconds.
fn sweep(runtime: &Runtime, open: &Open) -> (f64, f64) {
    let once = || {
        let start = Instant::now();
        runtime.block_on(open.store.sweep(Calendar::default(), Rules::default(), Vec::new())).unwrap();
        start.elapsed().as_secs_f64() * 1e3
    };
    (once(), once())
}
