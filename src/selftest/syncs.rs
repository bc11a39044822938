//! What one sync and one durable commit take on this disk.

use super::NotTried;
use super::room::{Room, furnish};
use crate::clock::Clock;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

const SYNCS: u32 = 200;
const COMMITS: u32 = 300;
/// No disk that keeps what it is given without power is faster: a flash drive with its own battery takes as long.
const PLAUSIBLE: Duration = Duration::from_micros(20);

/// What was measured.
#[derive(Debug, Clone, Copy)]
pub struct Syncs {
    /// Syncs per second, one after the other.
    pub a_second: f64,
    /// One sync of 4 kB: the middle one, and one in a hundred.
    pub sync: (Duration, Duration),
    /// One scan, from delivery to "on disk".
    pub commit: (Duration, Duration),
}

impl Syncs {
    /// A sync that takes no time reaches no disk.
    pub fn is_plausible(&self) -> bool {
        self.sync.0 >= PLAUSIBLE
    }
}

pub(super) fn measure(dir: &Path, clock: &Clock) -> Result<Syncs, NotTried> {
    let path = dir.join("syncs");
    let mut file = File::create(&path).map_err(NotTried::file("make a file"))?;
    let mut syncs = Vec::new();
    let began = clock.elapsed();
    for _ in 0..SYNCS {
        let before = clock.elapsed();
        file.write_all(&[0x5a; 4096])
            .and_then(|()| file.sync_data())
            .map_err(NotTried::file("write and sync"))?;
        syncs.push(clock.elapsed().saturating_sub(before));
    }
    let took = clock.elapsed().saturating_sub(began);
    std::fs::remove_file(&path).map_err(NotTried::file("remove a file"))?;
    let room_dir = dir.join("commits");
    furnish(&room_dir, clock)?;
    let room = Room::open(&room_dir, clock)?;
    let mut commits = Vec::new();
    for number in 0..COMMITS {
        let before = clock.elapsed();
        room.record(number)?;
        commits.push(clock.elapsed().saturating_sub(before));
    }
    room.close();
    Ok(Syncs {
        a_second: f64::from(SYNCS) / took.as_secs_f64().max(1e-9),
        sync: middle_and_slow(syncs),
        commit: middle_and_slow(commits),
    })
}

fn middle_and_slow(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort_unstable();
    let at = |hundredths: usize| times.get(times.len() * hundredths / 100).copied().unwrap_or_default();
    (at(50), at(99))
}
