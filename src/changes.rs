//! Tells live pages that something changed: only what, never the content, so that a lost event costs nothing.

use tokio::sync::broadcast;

/// Something a live page may show has changed. A page that hears it asks again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A station has a new scan, or one that was not recorded.
    Station(String),
    /// Something was changed by a page or a program: charts, custodians, the work list.
    FileRoom,
    /// A scanner came or went.
    Scanners,
    /// The configuration was read again.
    Configuration,
}

impl Change {
    /// The topic that pages subscribe to.
    pub fn topic(&self) -> String {
        match self {
            Change::Station(name) => format!("station/{name}"),
            Change::FileRoom => "file-room".to_owned(),
            Change::Scanners => "scanners".to_owned(),
            Change::Configuration => "configuration".to_owned(),
        }
    }
}

/// Changes that wait for a slow page; one that falls behind further is told to ask again for everything.
const CHANGES_KEPT: usize = 256;

/// Where changes are announced and heard. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Changes(broadcast::Sender<Change>);

impl Default for Changes {
    fn default() -> Changes {
        Changes(broadcast::Sender::new(CHANGES_KEPT))
    }
}

impl Changes {
    /// Tells everybody who listens; nobody listening is fine.
    pub fn announce(&self, change: Change) {
        drop(self.0.send(change));
    }

    /// Listens from now on.
    pub fn listen(&self) -> broadcast::Receiver<Change> {
        self.0.subscribe()
    }

    /// How many listen.
    pub fn listeners(&self) -> usize {
        self.0.receiver_count()
    }
}
