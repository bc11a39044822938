//! What is old moves into the archive: how fast, what it takes there, and what a walk through history costs then.

use crate::measure::bytes_of;
use crate::scale::building::{Built, STRIDE};
use crate::scale::table::{single, single_head};
use jiff::SignedDuration;
use outguide::clock::Clock;
use outguide::store::{Options, Store, prepare_archive};
use outguide::tracking::VolumeId;
use std::time::Instant;

/// Movements that are moved at most: how fast it goes is seen by then.
const MOVED_MAX: u64 = 500_000;
/// The history of a room of [`crate::scale::building`] is older than this.
const OLD: SignedDuration = SignedDuration::from_hours(24 * 28);
/// Volumes whose whole history is read.
const WALKED: usize = 2_000;

struct Done {
    moved: u64,
    seconds: f64,
    bytes: u64,
    walks_us: [f64; 2],
}

pub(crate) fn measure(rooms: &[Built; 2]) {
    let done = rooms.each_ref().map(archive);
    single_head();
    single("movements moved into the archive", "", done.each_ref().map(|done| done.moved as f64));
    single("of these a second", "/s", done.each_ref().map(|done| done.moved as f64 / done.seconds));
    single("a movement there", "bytes", done.each_ref().map(|done| done.bytes as f64 / done.moved as f64));
    single("all of a volume's history, before", "us", done.each_ref().map(|done| done.walks_us[0]));
    single("the same afterwards", "us", done.each_ref().map(|done| done.walks_us[1]));
}

fn archive(room: &Built) -> Done {
    let place = room.place();
    prepare_archive(&place).unwrap();
    let clock = Clock::system();
    let options = Options { place: place.clone(), queue: 1024, readers: 1 };
    let (store, thread) = Store::open(&options, &clock).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let first = walk(&runtime, &store, room.size.charts);
    let (before, start, mut moved) = (clock.now() - OLD, Instant::now(), 0);
    loop {
        let step = runtime.block_on(store.archive_some(&place, before)).unwrap();
        moved += step.moved;
        if !step.more || moved >= MOVED_MAX {
            break;
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    let second = walk(&runtime, &store, room.size.charts);
    drop(store);
    thread.join();
    Done { moved, seconds, bytes: bytes_of(&place.archive()), walks_us: [first, second] }
}

/// Microseconds that a whole history takes, in the mean.
fn walk(runtime: &tokio::runtime::Runtime, store: &Store, charts: usize) -> f64 {
    let start = Instant::now();
    for count in 0..WALKED {
        let volume = VolumeId((count * STRIDE % charts + 1) as i64);
        let mut next = None;
        loop {
            let page = runtime.block_on(store.history(volume, next)).unwrap().unwrap();
            next = page.next;
            if next.is_none() {
                break;
            }
        }
    }
    start.elapsed().as_secs_f64() * 1e6 / WALKED as f64
}
