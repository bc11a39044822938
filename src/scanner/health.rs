//! How a source fares: what pages, `/readyz`, metrics and the watchdog see of it.

use super::frame::FrameEvent;
use super::kernel::LineErrors;
use super::link::Source;
use super::trend::Concern;
use jiff::Timestamp;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::broadcast;

/// How much a listener may lag behind.
const TAP_LEN: usize = 256;

/// What somebody who listens in to a source hears.
#[derive(Debug, Clone)]
pub enum Tapped {
    /// Bytes as they came, with the time since the source's port was opened.
    Bytes(Duration, Vec<u8>),
    /// What the framer made of them.
    Event(FrameEvent),
    /// What was sent to the scanner.
    Answer(Vec<u8>),
}

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
    /// A recording was played to its end.
    Played,
}

impl Presence {
    /// One word for tables and clients.
    pub fn as_str(&self) -> &'static str {
        match self {
            Presence::Starting => "starting",
            Presence::Up => "up",
            Presence::Absent => "not-present",
            Presence::Fault(_) => "fault",
            Presence::Played => "played",
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
    /// What its driver counted since it was plugged in; none if it does not count.
    pub line_errors: Option<LineErrors>,
    /// What its last readings suggest.
    pub concern: Option<Concern>,
    /// Why it may not be the scanner that it is taken for.
    pub doubt: Option<String>,
    /// How long it has been silent, if that is longer than its station ever is at this hour.
    pub unusually_silent: Option<Duration>,
}

impl SourceHealth {
    /// Everything that is not well though the device is there: each a clause with what to do.
    pub fn concerns(&self) -> Vec<String> {
        let unstable = "it goes away more often than a sound plug does; check its plug, cable and hub";
        let silent = |silent: Duration| {
            let minutes = silent.as_secs() / 60;
            format!(
                "no scan for {} h {:02} min, longer than its station is ever silent at this hour; scan a label to see whether it works",
                minutes / 60,
                minutes % 60
            )
        };
        let of_readings = self.concern.map(|concern| concern.sentence().to_owned());
        let unstable = self.unstable.then(|| unstable.to_owned());
        [self.doubt.clone(), of_readings, unstable, self.unusually_silent.map(silent)]
            .into_iter()
            .flatten()
            .collect()
    }
}

/// A source's gauge, shared between its task and everybody who looks.
#[derive(Debug)]
pub struct Gauge {
    /// The source's name in the configuration.
    pub source: String,
    /// Its station's name.
    pub station: String,
    /// How it is reached, in the configuration's word.
    pub kind: &'static str,
    /// Whether it is a device on this machine.
    pub is_device: bool,
    /// The device, address or file as configured.
    pub device: String,
    alive_ms: AtomicU64,
    health: Mutex<SourceHealth>,
    tap: broadcast::Sender<Tapped>,
}

impl Gauge {
    /// A gauge for a source that starts now.
    pub fn new(source: &Source, station: String, now: Timestamp) -> Gauge {
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
            line_errors: None,
            concern: None,
            doubt: None,
            unusually_silent: None,
        };
        let (tap, _) = broadcast::channel(TAP_LEN);
        Gauge {
            source: source.name.clone(),
            station,
            kind: source.link.kind(),
            is_device: source.link.device().is_some(),
            device: source.link.to_string(),
            alive_ms: AtomicU64::new(0),
            health: Mutex::new(health),
            tap,
        }
    }

    /// Listens in: everything that the source hears from now on, as it comes. Who is too slow loses the oldest.
    pub fn tap(&self) -> broadcast::Receiver<Tapped> {
        self.tap.subscribe()
    }

    /// Passes something on to whoever listens in; made only if somebody does.
    pub(super) fn tell_tap(&self, heard: impl FnOnce() -> Tapped) {
        if self.tap.receiver_count() > 0 {
            drop(self.tap.send(heard()));
        }
    }

    /// Notes how long the source has been silent, if that is unusual.
    pub fn set_unusually_silent(&self, silent: Option<Duration>) {
        self.change(|health| health.unusually_silent = silent);
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
    pub(crate) fn set_presence(&self, presence: Presence, now: Timestamp) -> bool {
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
