//! Backups that are made by the clock: when one is owed, how it is made and proven, which are kept, and how that is told.
//!
//! A backup counts once it was restored: it is copied, put where it shall lie, read back from there, restored into a
//! scratch place and verified, and only then gets its name. Only after that older ones are removed.
//!
//! Invariant: the directory is the only record of what there is; a file under its final name is a good backup.

mod keeping;
mod run;
mod schedule;
mod scratch;
mod seal;

pub use keeping::{Keep, named_at, superseded};
pub use run::{Backup, NotMade, make, newest, remove_broken_off, seal_copy, unseal_to};
pub use schedule::{GRACE, due, is_late, is_owed};
pub use scratch::{Scratch, remove_left};
pub use seal::{Identities, NotOpened, Recipients, is_sealed};

use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError, RwLock};

/// What the configuration says about backups.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Where they lie; a directory that must be there.
    pub directory: PathBuf,
    /// Local times of day at which one is owed; at least one.
    pub at: Vec<Time>,
    /// Which are kept.
    pub keep: Keep,
    /// For whom they are encrypted; empty: they are not.
    pub recipients: Recipients,
    /// Zone of the times, and of the days that are kept.
    pub zone: TimeZone,
}

/// How backups fare.
#[derive(Debug, Clone, Default)]
pub struct State {
    /// The newest good one.
    pub last_good: Option<Backup>,
    /// How many there are.
    pub count: usize,
    /// When the last try that failed was, and why, with the next step; `None` once one was good.
    pub failed: Option<(Timestamp, String)>,
    /// Since when one is being made.
    pub running_since: Option<Timestamp>,
    /// Copies of damaged write-ahead logs beside the database.
    pub damaged_logs: Vec<PathBuf>,
}

/// The plan in force and how it goes; shared between who makes backups and who tells.
#[derive(Debug, Default)]
pub struct Backups {
    plan: RwLock<Option<Plan>>,
    state: Mutex<State>,
    started: Option<Timestamp>,
}

impl Backups {
    /// For a daemon that starts at `now`.
    pub fn new(plan: Option<Plan>, now: Timestamp) -> Backups {
        Backups { plan: RwLock::new(plan), state: Mutex::default(), started: Some(now) }
    }

    /// The plan in force; `None`: no backups are made by the clock.
    pub fn plan(&self) -> Option<Plan> {
        self.plan.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts another plan in force.
    pub fn set_plan(&self, plan: Option<Plan>) {
        *self.plan.write().unwrap_or_else(PoisonError::into_inner) = plan;
    }

    /// How they fare.
    pub fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes how they fare.
    pub fn note(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Whether the newest good one is older than it should be.
    pub fn is_late(&self, now: Timestamp) -> bool {
        let newest = self.state().last_good.map(|backup| backup.at);
        self.plan().is_some_and(|plan| is_late(&plan, newest, self.started, now))
    }

    /// What everybody should hear of, with the next step; empty: all is well.
    pub fn concerns(&self, now: Timestamp) -> Vec<String> {
        let (state, mut concerns) = (self.state(), Vec::new());
        if self.is_late(now) {
            let age = state.last_good.as_ref().map_or("there is no good backup".to_owned(), |backup| {
                format!("the last good backup is {} hours old", now.duration_since(backup.at).as_hours())
            });
            let why = state.failed.map_or(String::new(), |(_, why)| format!(": {why}"));
            concerns.push(format!("{age}{why}"));
        }
        for log in &state.damaged_logs {
            let name = log.file_name().unwrap_or_default().to_string_lossy();
            concerns.push(format!(
                "a damaged write-ahead log was found and kept as {name}: the audit log says whether scans are lost; have the disk looked at, then move the file away"
            ));
        }
        concerns
    }
}
