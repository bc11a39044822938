//! What a source delivers, and where that goes.

use super::frame::Defect;
use super::hotplug::Plugs;
use crate::clock::Clock;
use crate::tracking::{ScanId, Signal};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// How often an idle loop shows that it is alive.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(1);

/// What a source delivers: one frame, good or not.
#[derive(Debug, Clone)]
pub struct Reading {
    /// Made here, where the scan is made.
    pub id: ScanId,
    /// The source's name.
    pub source: String,
    /// Wall-clock time of its last byte.
    pub at: Timestamp,
    /// Monotonic time of its last byte.
    pub arrived: Duration,
    /// The frame's bytes.
    pub bytes: Vec<u8>,
    /// Why it must not be read as a label.
    pub defect: Option<Defect>,
    /// The scanner says that it sends this one again.
    pub resend: bool,
}

/// Where a source's readings and news go. Handed in by the daemon, so that scanners know nothing of a database.
#[derive(Clone)]
pub struct Outlets {
    /// Takes a reading; resolves to what the scanner is told once its fate is known.
    pub record: Arc<dyn Fn(Reading) -> BoxFuture<'static, Signal> + Send + Sync>,
    /// Hears that a source came or went.
    pub changed: Arc<dyn Fn() + Send + Sync>,
    /// Tells the time.
    pub clock: Clock,
    /// Tells that something was plugged in or out.
    pub plugs: Plugs,
    /// Readings of one source that may wait for the recorder; then reading pauses.
    pub in_flight_max: usize,
}
