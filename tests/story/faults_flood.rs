//! A stuck trigger: one scanner sends without end, and its neighbours do not notice.

use crate::faults_room::{Clerk, ends_well, room, say};
use crate::support::PATIENCE;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Scans that the stuck scanner sends in each tenth of a second.
const BURST: usize = 100;
/// An order of magnitude, not a promise: a flood that is let through makes neighbours wait for all of it.
const PROMPT: Duration = Duration::from_secs(2);

#[test]
fn a_thousand_scans_a_second_from_a_stuck_trigger_leave_the_neighbour_alone() {
    let room = room(&["cardiology", "surgery"]);
    let mut stuck = Clerk::at(&room, "cardiology", 0);
    let mut neighbour = Clerk::at(&room, "surgery", 1);
    let daemon = room.serve(2);
    let stop = AtomicBool::new(false);
    let mut waits = Vec::new();
    let sent = std::thread::scope(|scope| {
        let flood = scope.spawn(|| {
            let mut sent = 0;
            while !stop.load(Ordering::Relaxed) {
                let next = Instant::now() + Duration::from_millis(100);
                // A line that is full takes no more: that is the limit at work, and what was cut is garbage.
                stuck.send(BURST);
                sent += BURST;
                stuck.hear_any();
                std::thread::sleep(next.saturating_duration_since(Instant::now()));
            }
            sent
        });
        for _ in 0..60 {
            let began = Instant::now();
            assert!(neighbour.scan(), "the neighbour's scans are recorded");
            waits.push(began.elapsed());
            std::thread::sleep(Duration::from_millis(50));
        }
        stop.store(true, Ordering::Relaxed);
        flood.join().unwrap()
    });
    waits.sort();
    let (median, worst) = (waits[waits.len() / 2], waits[waits.len() - 1]);
    say(&format!("a flood of {sent} scans: the neighbour waits {median:?}, at most {worst:?}"));
    assert!(median < PROMPT, "the neighbour waits {median:?}");
    // It is let go: what it sends now is a scan again, after what lies on the line.
    let start = Instant::now();
    while stuck.hear_any() > 0 || start.elapsed() < Duration::from_secs(1) {
        assert!(start.elapsed() < PATIENCE, "the flood never ends");
        std::thread::sleep(Duration::from_millis(200));
    }
    ends_well("F31 stuck trigger, 1,000 scans a second", sent, &room, daemon, &[&stuck, &neighbour]);
}
