//! Looks labels up ahead of the writer, so that it need not wait for the disk page by page.
//!
//! A scan of any chart among millions touches two pages or more that memory may not have. The writer reads them one after the
//! other; what waits in its queue meanwhile is looked up here, some at once, and the system's memory has its pages when the
//! writer comes to it. Nothing but time follows from it: a label that is not looked up ahead is looked up later.

use super::StoreError;
use super::open;
use super::place::Place;
use crate::clock::Clock;
use crate::label::LabelKind;
use crate::tracking::{Scan, Sighting};
use rusqlite::{Connection, OptionalExtension, params};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// Looked up at the same time: disks answer several questions as fast as one.
const THREADS: usize = 4;
/// Of each: what is wanted is that the system has the pages.
const CACHE: &str = "pragma cache_size = -2048";
/// Labels that wait to be looked up; more are left to the writer.
const WAITING_MAX: usize = 256;
/// A look-up that takes longer had to wait for the disk.
const FROM_DISK: Duration = Duration::from_micros(60);
/// While memory has what is looked up, one label of so many is tried.
const TRIED_EACH: u32 = 16;
/// Slow look-ups count up to this, quick ones take them back: from half of it on all labels are looked up. One alone may have
/// waited for the processor.
const SLOW_MAX: u32 = 16;

pub(super) struct Ahead {
    keys: SyncSender<String>,
    pace: Arc<Pace>,
}

/// Whether looking up ahead is worth its while.
#[derive(Default)]
struct Pace {
    /// Look-ups that waited for the disk, less those that did not.
    slow: AtomicU32,
    /// Scans so far.
    scans: AtomicU32,
}

impl Pace {
    fn is_due(&self) -> bool {
        let count = self.scans.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        self.slow.load(Ordering::Relaxed) >= SLOW_MAX / 2 || count.is_multiple_of(TRIED_EACH)
    }

    fn note(&self, took: Duration) {
        let count = self.slow.load(Ordering::Relaxed);
        let count = if took > FROM_DISK { (count + 1).min(SLOW_MAX) } else { count.saturating_sub(1) };
        self.slow.store(count, Ordering::Relaxed);
    }
}

impl Ahead {
    /// Starts the threads; they end once this is dropped.
    pub(super) fn start(place: &Place, clock: &Clock) -> Result<(Ahead, Vec<JoinHandle<()>>), StoreError> {
        let (keys, waiting) = sync_channel::<String>(WAITING_MAX);
        let waiting = Arc::new(Mutex::new(waiting));
        let pace = Arc::new(Pace::default());
        // Where disk or time are played, the writer alone decides what is asked of the disk in which order.
        let threads = if place.vfs.is_none() && !clock.is_played() { THREADS } else { 0 };
        let mut started = Vec::new();
        for number in 0..threads {
            let (of, waiting, pace) = (place.clone(), Arc::clone(&waiting), Arc::clone(&pace));
            let clock = clock.clone();
            let look_up = move || look_up(&of, &waiting, &pace, &clock);
            started.push(super::spawn(&format!("store-ahead-{number}"), place, look_up)?);
        }
        Ok((Ahead { keys, pace }, started))
    }

    /// A scan is about to wait for the writer.
    pub(super) fn tell(&self, scan: &Scan) {
        if let Sighting::Label { kind: LabelKind::Volume, key } = &scan.sighting
            && self.pace.is_due()
        {
            // No room, or no thread: the writer looks it up.
            drop(self.keys.try_send(key.clone()));
        }
    }
}

fn look_up(place: &Place, waiting: &Mutex<Receiver<String>>, pace: &Pace, clock: &Clock) {
    let mut conn = None;
    loop {
        let key = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(key) = key else { return };
        // Opened by the first label: a room that needs none of this pays for none of it.
        let conn = match &mut conn {
            Some(conn) => conn,
            none => match connect(place) {
                Ok(opened) => none.insert(opened),
                Err(error) => {
                    tracing::debug!(%error, "no label is looked up ahead; the writer does so");
                    continue;
                }
            },
        };
        let before = clock.elapsed();
        if let Err(error) = touch(conn, &key) {
            tracing::debug!(%error, "a label was not looked up ahead; the writer does so");
        }
        pace.note(clock.elapsed().saturating_sub(before));
    }
}

fn connect(place: &Place) -> Result<Connection, StoreError> {
    let conn = open::reader(place)?;
    conn.execute_batch(CACHE).map_err(StoreError::sqlite("be opened for looking ahead"))?;
    Ok(conn)
}

/// Reads the pages that a scan of the label reads (store/known.rs).
fn touch(conn: &Connection, key: &str) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "select v.movement_no from label l join volume v on v.volume_id = l.target_id where l.kind = 'volume' and l.key = ?1",
    )?
    .query_row(params![key], |_| Ok(()))
    .optional()
    .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_labels_are_looked_up_while_the_disk_is_waited_for_and_few_while_memory_has_them() {
        let pace = Pace::default();
        let asked = || (0..TRIED_EACH).filter(|_| pace.is_due()).count();
        let note = |times, took| (0..times).for_each(|_| pace.note(took));
        let (slow, quick) = (FROM_DISK * 2, FROM_DISK / 2);
        assert_eq!(asked(), 1);
        note(7, slow);
        note(20, quick);
        assert_eq!(asked(), 1, "a few proved nothing");
        note(8, slow);
        assert_eq!(asked(), 16);
        note(100, slow);
        note(8, quick);
        assert_eq!(asked(), 16);
        note(1, quick);
        assert_eq!(asked(), 1);
    }
}
