//! Labels that scans ask for: handed on after the commit, and what came of the last one at each station. Nothing here
//! waits for a printer.

use crate::tracking::VolumeId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;

/// Most labels that wait; more than a clerk scans while a printer is being filled.
const WAITING_MAX: usize = 64;

/// A new label that a scan asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelWanted {
    /// The station's name.
    pub station: String,
    /// Of which volume.
    pub volume: VolumeId,
}

/// The labels that scans ask for. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Labels {
    to: mpsc::Sender<LabelWanted>,
    from: Arc<Mutex<Option<mpsc::Receiver<LabelWanted>>>>,
    trouble: Arc<Mutex<HashMap<String, String>>>,
}

impl Default for Labels {
    fn default() -> Labels {
        let (to, from) = mpsc::channel(WAITING_MAX);
        Labels { to, from: Arc::new(Mutex::new(Some(from))), trouble: Arc::default() }
    }
}

impl Labels {
    /// Whoever prints takes this, once.
    pub fn receive(&self) -> Option<mpsc::Receiver<LabelWanted>> {
        self.from.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(super) fn want(&self, station: &str, volume: VolumeId) {
        if self.to.try_send(LabelWanted { station: station.to_owned(), volume }).is_err() {
            self.tell(
                station,
                Err("too many labels are waiting for a printer; look whether it works".to_owned()),
            );
        }
    }

    /// Notes what came of a station's label.
    pub fn tell(&self, station: &str, printed: Result<(), String>) {
        let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        match printed {
            Ok(()) => drop(trouble.remove(station)),
            Err(why) => drop(trouble.insert(station.to_owned(), why)),
        }
    }

    /// Why the last label of a station was not printed.
    pub fn trouble(&self, station: &str) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).get(station).cloned()
    }
}
