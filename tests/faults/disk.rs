//! A directory whose files are watched: what was written, synced and renamed in which order, and which call is to fail.
//!
//! The files themselves are real ones (on tmpfs where there is one), so that the store works as it always does.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What happened, in order.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    /// A name came to stand for a new file.
    Made {
        name: String,
        file: u32,
    },
    Wrote {
        file: u32,
        at: usize,
        bytes: Arc<[u8]>,
    },
    Truncated {
        file: u32,
        len: usize,
    },
    /// What was written to the file before is on disk.
    Synced {
        file: u32,
    },
    /// The kernel could not write what was written before, said so once, and forgets it.
    SyncFailed {
        file: u32,
    },
    /// The names are on disk as they are now.
    NamesSynced,
    Renamed {
        from: String,
        to: String,
    },
    Unlinked {
        name: String,
    },
    /// Somebody heard that delivery so-and-so is on disk.
    Answered {
        delivery: usize,
    },
}

/// What can be made to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Op {
    Open,
    Read,
    Write,
    Truncate,
    Sync,
    /// Renaming and unlinking.
    Name,
}

/// Which call fails.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    /// Of which kind; `None` is any.
    pub(crate) op: Option<Op>,
    /// The how manieth of them, from 1.
    pub(crate) nth: u64,
    /// That one and every one after it.
    pub(crate) for_ever: bool,
    /// Writes fail because the disk is full.
    pub(crate) full: bool,
}

#[derive(Debug, Default)]
struct Inner {
    names: HashMap<String, u32>,
    files: u32,
    events: Vec<Event>,
    records: bool,
    plan: Option<Plan>,
    seen: u64,
    fired: u64,
}

/// One watched directory.
#[derive(Debug)]
pub(crate) struct Disk {
    dir: PathBuf,
    /// How long a sync takes: an answer that does not wait for it gets ahead of it.
    sync_takes: Duration,
    inner: Mutex<Inner>,
    gate: Gate,
}

/// Where syncs wait while it is shut.
#[derive(Debug, Default)]
struct Gate {
    /// Whether it is shut, and how many wait.
    state: Mutex<(bool, usize)>,
    opens: Condvar,
}

static DISKS: Mutex<Vec<Arc<Disk>>> = Mutex::new(Vec::new());
static COUNT: AtomicUsize = AtomicUsize::new(0);

fn disks() -> MutexGuard<'static, Vec<Arc<Disk>>> {
    DISKS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether any directory is watched.
pub(crate) fn are_there() -> bool {
    COUNT.load(Ordering::Relaxed) > 0
}

/// The disk that a file is on. The index of a WAL is shared memory that happens to have a name: nobody counts on it.
pub(crate) fn of(path: &Path) -> Option<Arc<Disk>> {
    let is_index = path.as_os_str().as_encoded_bytes().ends_with(b"-shm");
    if are_there() && !is_index { at(path.parent()?) } else { None }
}

/// The disk that is this directory.
pub(crate) fn at(dir: &Path) -> Option<Arc<Disk>> {
    disks().iter().find(|disk| disk.dir == dir).cloned()
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Ends the watch when it is dropped.
pub(crate) struct Watch(pub(crate) Arc<Disk>);

impl Drop for Watch {
    fn drop(&mut self) {
        disks().retain(|disk| !Arc::ptr_eq(disk, &self.0));
        COUNT.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Watches a directory, without writing down what happens there: its syncs cost nothing, its calls can be made to fail.
pub(crate) fn watch(dir: &Path) -> Watch {
    start(dir, Duration::ZERO, false)
}

/// Watches a directory that is empty yet, and writes everything down.
pub(crate) fn record(dir: &Path) -> Watch {
    start(dir, Duration::from_micros(150), true)
}

/// Goes on where the tape of another disk ends, in a directory that has its files.
pub(crate) fn record_on(dir: &Path, before: &Disk) -> Watch {
    let watch = record(dir);
    let was = before.inner();
    let mut inner = watch.0.inner();
    inner.names.clone_from(&was.names);
    inner.files = was.files;
    inner.events.clone_from(&was.events);
    drop(inner);
    watch
}

/// Watches a directory with files, all of them on disk, and writes everything down.
pub(crate) fn record_over(dir: &Path) -> Watch {
    let watch = start(dir, Duration::ZERO, true);
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(dir).unwrap().flatten().map(|entry| entry.path()).collect();
    files.sort();
    for path in files.iter().filter(|path| !path.as_os_str().as_encoded_bytes().ends_with(b"-shm")) {
        let file = watch.0.opened(path);
        watch.0.wrote(file, 0, &std::fs::read(path).unwrap());
        watch.0.note(|| Event::Synced { file });
    }
    watch.0.note(|| Event::NamesSynced);
    watch
}

fn start(dir: &Path, sync_takes: Duration, records: bool) -> Watch {
    let inner = Mutex::new(Inner { records, ..Inner::default() });
    let disk = Arc::new(Disk { dir: dir.to_owned(), sync_takes, inner, gate: Gate::default() });
    disks().push(Arc::clone(&disk));
    COUNT.fetch_add(1, Ordering::Relaxed);
    Watch(disk)
}

impl Inner {
    /// A tape that lacks a file shows crashes that cannot be, and hides some that can. What it is not told of, somebody
    /// wrote by a call that the shim does not know yet.
    fn unknown(&self, done: &str, path: &Path) {
        assert!(!self.records, "{} is {done}, and the tape does not know it", path.display());
    }
}

impl Disk {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, event: impl FnOnce() -> Event) {
        let mut inner = self.inner();
        if inner.records {
            inner.events.push(event());
        }
    }

    /// From now on calls fail by this plan.
    pub(crate) fn fail(&self, plan: Plan) {
        let mut inner = self.inner();
        (inner.plan, inner.seen, inner.fired) = (Some(plan), 0, 0);
    }

    /// The disk works again; returns how often it did not.
    pub(crate) fn mend(&self) -> u64 {
        let mut inner = self.inner();
        inner.plan = None;
        inner.fired
    }

    /// The disk works again; how often it did not is not forgotten.
    pub(crate) fn mend_quietly(&self) {
        let mut inner = self.inner();
        if let Some(plan) = &mut inner.plan {
            (plan.nth, plan.for_ever) = (u64::MAX, false);
        }
    }

    pub(crate) fn fails(&self, op: Op) -> bool {
        let mut inner = self.inner();
        let Some(plan) = inner.plan.filter(|plan| plan.op.is_none_or(|planned| planned == op)) else {
            return false;
        };
        inner.seen += 1;
        let fails = inner.seen == plan.nth || plan.for_ever && inner.seen > plan.nth;
        inner.fired += u64::from(fails);
        fails
    }

    pub(crate) fn is_full(&self) -> bool {
        self.inner().plan.is_some_and(|plan| plan.full)
    }

    /// From now on syncs wait.
    pub(crate) fn hold(&self) {
        self.gate.state.lock().unwrap().0 = true;
    }

    /// Syncs go on.
    pub(crate) fn release(&self) {
        self.gate.state.lock().unwrap().0 = false;
        self.gate.opens.notify_all();
    }

    /// Whether a sync waits.
    pub(crate) fn is_held(&self) -> bool {
        self.gate.state.lock().unwrap().1 > 0
    }

    fn pass_gate(&self) {
        let mut state = self.gate.state.lock().unwrap();
        state.1 += 1;
        while state.0 {
            state = self.gate.opens.wait(state).unwrap();
        }
        state.1 -= 1;
    }

    /// The number of a file that was just opened.
    pub(crate) fn opened(&self, path: &Path) -> u32 {
        let mut inner = self.inner();
        let name = name(path);
        if let Some(file) = inner.names.get(&name) {
            return *file;
        }
        inner.files += 1;
        let file = inner.files;
        inner.names.insert(name.clone(), file);
        if inner.records {
            inner.events.push(Event::Made { name, file });
        }
        file
    }

    pub(crate) fn wrote(&self, file: u32, at: i64, bytes: &[u8]) {
        self.note(|| Event::Wrote { file, at: usize::try_from(at).unwrap_or(0), bytes: bytes.into() });
    }

    pub(crate) fn truncated(&self, file: u32, len: i64) {
        self.note(|| Event::Truncated { file, len: usize::try_from(len).unwrap_or(0) });
    }

    /// Syncs a file or the directory itself; `false` if that fails.
    pub(crate) fn synced(&self, path: &Path) -> bool {
        self.pass_gate();
        let fails = self.fails(Op::Sync);
        std::thread::sleep(self.sync_takes);
        let file = self.inner().names.get(&name(path)).copied();
        match (file, fails) {
            (Some(file), false) => self.note(|| Event::Synced { file }),
            (Some(file), true) => self.note(|| Event::SyncFailed { file }),
            (None, false) if path == self.dir => self.note(|| Event::NamesSynced),
            (None, true) if path == self.dir => {}
            (None, _) => self.inner().unknown("synced", path),
        }
        !fails
    }

    pub(crate) fn renamed(&self, from: &Path, to: &Path) {
        let (from, to) = (name(from), name(to));
        let mut inner = self.inner();
        if let Some(file) = inner.names.remove(&from) {
            inner.names.insert(to.clone(), file);
            if inner.records {
                inner.events.push(Event::Renamed { from, to });
            }
        } else {
            inner.unknown("renamed", Path::new(&from));
        }
    }

    pub(crate) fn unlinked(&self, path: &Path) {
        let name = name(path);
        let mut inner = self.inner();
        if inner.names.remove(&name).is_some() && inner.records {
            inner.events.push(Event::Unlinked { name });
        }
    }

    /// Notes that a delivery was answered: now.
    pub(crate) fn answered(&self, delivery: usize) {
        self.note(|| Event::Answered { delivery });
    }

    /// Other files were put in place of those that were there.
    pub(crate) fn forget(&self) {
        self.inner().names.clear();
    }

    /// How much has been written down.
    pub(crate) fn now(&self) -> usize {
        self.inner().events.len()
    }

    /// Everything that happened.
    pub(crate) fn tape(&self) -> Vec<Event> {
        self.inner().events.clone()
    }
}
