//! What the rest of the daemon may know of the writer at any time: how it fares, and where each station stands.

use super::record::Memory;
use crate::tracking::grammar::{Mode, StationKind, Sweep};
use crate::tracking::{PersonId, StationId, VolumeId};
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};

/// Charts of a batch that a station's page offers to take back.
const LOOSE_MAX: usize = 30;

/// What the rest of the daemon may know of the writer at any time.
#[derive(Debug, Default)]
pub(super) struct WriterState {
    /// When the loop turned last, milliseconds of the daemon's monotonic clock.
    pub(super) alive_ms: AtomicU64,
    pub(super) commits: AtomicU64,
    pub(super) recorded: AtomicU64,
    /// Why nothing is recorded now; `None` while all is well.
    red: Mutex<Option<String>>,
    /// The stations as the last commit left them.
    standing: Mutex<HashMap<StationId, Standing>>,
}

/// A station between two scans, as its page shows it.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub(super) kind: StationKind,
    pub(super) mode: Mode,
    pub(super) operator: Option<PersonId>,
    /// The chart that was scanned just before.
    pub(super) chart: Option<VolumeId>,
    /// The room that is being confirmed.
    pub(super) sweep: Option<Sweep>,
    /// Charts of the batch.
    pub(super) batch: usize,
    /// Those of them that can be taken back, the last first.
    pub(super) loose: Vec<VolumeId>,
    /// When the batch ends by waiting.
    pub(super) ends_at: Option<Timestamp>,
    /// When the badge lapses.
    pub(super) badge_until: Option<Timestamp>,
}

impl Standing {
    /// As it is at `now`, if nothing was scanned since.
    pub(super) fn at(self, now: Timestamp) -> Standing {
        let has_ended = |end: Option<Timestamp>| end.is_some_and(|end| end < now);
        let standing = if has_ended(self.ends_at) {
            Standing { mode: Mode::Rest, sweep: None, batch: 0, loose: Vec::new(), ends_at: None, ..self }
        } else {
            self
        };
        let operator = standing.operator.filter(|_| !has_ended(standing.badge_until));
        Standing { operator, ..standing }
    }
}

impl WriterState {
    pub(super) fn red(&self) -> Option<String> {
        self.red.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn standing(&self, station: StationId) -> Option<Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner).get(&station).cloned()
    }

    /// Shows the stations that changed as they are on disk.
    pub(super) fn publish(&self, memory: &mut Memory) {
        let mut standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        for id in memory.touched.drain(..) {
            let (Some(session), Some(station)) = (memory.sessions.get(&id), memory.stations.get(&id)) else {
                continue;
            };
            let rules = &station.rules;
            let shown = Standing {
                kind: rules.kind,
                mode: session.mode(),
                operator: session.operator(),
                chart: session.chart(),
                sweep: session.sweep(),
                batch: session.standing(),
                loose: session.loose().map(|step| step.volume).take(LOOSE_MAX).collect(),
                ends_at: session.ends_at(rules),
                badge_until: session.badge_until(rules),
            };
            standing.insert(id, shown);
        }
    }

    pub(super) fn set_red(&self, why: Option<String>) {
        *self.red.lock().unwrap_or_else(PoisonError::into_inner) = why;
    }
}
