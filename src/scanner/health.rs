//! How a source fares: what pages, `/readyz`, metrics and the watchdog see of it.

use jiff::Timestamp;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Whether a source can deliver scans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presence {
    /// It has not been tried yet.
    Starting,
    /// The device is open.
    Up,
    /// Nothing is plugged in.
    Absent,
    /// The device is there and cannot be used; the text says why and what to do.
    Fault(String),
}

impl Presence {
    /// One word for tables and clients.
    pub fn as_str(&self) -> &'static str {
        match self {
            Presence::Starting => "starting",
            Presence::Up => "up",
            Presence::Absent => "not-present",
            Presence::Fault(_) => "fault",
        }
    }
}

/// A source's figures at one moment.
#[derive(Debug, Clone)]
pub struct SourceHealth {
    /// Whether it can deliver.
    pub presence: Presence,
    /// Since when.
    pub since: Timestamp,
    /// Its last frame.
    pub last_frame: Option<Timestamp>,
    /// Good frames.
    pub frames: u64,
    /// Frames refused for their form (partial, noise …).
    pub rejected: u64,
    /// Replies and echoes that were no scans.
    pub ignored: u64,
    /// Scans that did not get onto the disk.
    pub not_recorded: u64,
    /// Times the device went away.
    pub hang_ups: u64,
    /// Answers that the scanner did not take in time.
    pub answers_dropped: u64,
    /// It goes away more often than any sound plug does.
    pub unstable: bool,
}

/// A source's gauge, shared between its task and everybody who looks.
#[derive(Debug)]
pub struct Gauge {
    /// The source's name in the configuration.
    pub source: String,
    /// Its station's name.
    pub station: String,
    /// The device as configured.
    pub device: String,
    alive_ms: AtomicU64,
    health: Mutex<SourceHealth>,
}

impl Gauge {
    /// A gauge for a source that starts now.
    pub fn new(source: String, station: String, device: String, now: Timestamp) -> Gauge {
        let health = SourceHealth {
            presence: Presence::Starting,
            since: now,
            last_frame: None,
            frames: 0,
            rejected: 0,
            ignored: 0,
            not_recorded: 0,
            hang_ups: 0,
            answers_dropped: 0,
            unstable: false,
        };
        Gauge { source, station, device, alive_ms: AtomicU64::new(0), health: Mutex::new(health) }
    }

    /// The figures now.
    pub fn read(&self) -> SourceHealth {
        self.health.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How long ago the source's loop turned last, at `now` (monotonic).
    pub fn silent_for(&self, now: Duration) -> Duration {
        now.saturating_sub(Duration::from_millis(self.alive_ms.load(Ordering::Relaxed)))
    }

    pub(super) fn alive(&self, now: Duration) {
        self.alive_ms.store(u64::try_from(now.as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(super) fn change<T>(&self, change: impl FnOnce(&mut SourceHealth) -> T) -> T {
        change(&mut self.health.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes a presence; true if it is another one than before.
    pub(super) fn set_presence(&self, presence: Presence, now: Timestamp) -> bool {
        self.change(|health| {
            let changed = health.presence != presence;
            if changed {
                health.presence = presence;
                health.since = now;
            }
            changed
        })
    }
}
