//! A day in the file room on a watched disk: what was sent, what was answered when, and everything that was written.

use crate::disk::{self, Event, Op, Plan, Watch};
use crate::room::{self, Delivery, Open, Standing, wait};
use outguide::clock::Clock;
use outguide::tracking::Verdict;
use std::collections::HashMap;
use std::time::Duration;

/// Longer than the writer waits before it checkpoints.
const IDLE: Duration = Duration::from_millis(620);

/// What is left of a day.
pub(crate) struct Story {
    pub(crate) tape: Vec<Event>,
    /// Where on the tape the room is set up: crashes before that lose nothing that was ever answered.
    pub(crate) begins: usize,
    pub(crate) sent: Vec<Delivery>,
    pub(crate) standing: HashMap<i64, Standing>,
    /// The database when all is done.
    pub(crate) database: Vec<u8>,
}

struct Day {
    dir: tempfile::TempDir,
    watch: Watch,
    clock: Clock,
    random: fastrand::Rng,
    sent: Vec<Delivery>,
    standing: HashMap<i64, Standing>,
}

/// What goes wrong on a day, other than the power.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    None,
    /// The disk fails a sync, three times, and works again.
    FailingSync,
    /// The same, and the daemon is killed before it could do anything about it.
    FailingSyncThenKilled,
    /// The wall clock is set back an hour, forward a year, and back again.
    ClockJumps,
}

/// Works for so many steps.
pub(crate) fn day(seed: u64, steps: usize, trouble: Trouble) -> Story {
    let dir = crate::scratch();
    let watch = disk::record(dir.path());
    let clock = room::clock();
    room::import(dir.path(), &clock).unwrap();
    let begins = watch.0.now();
    let mut day = Day {
        dir,
        watch,
        clock,
        random: fastrand::Rng::with_seed(seed),
        sent: Vec::new(),
        standing: HashMap::new(),
    };
    let mut open = day.open();
    let idle_at = [steps / 3, 2 * steps / 3];
    let closed_at = [steps / 2];
    let troubled_at = [steps / 4, steps / 2 + 1, 3 * steps / 4];
    for step in 0..steps {
        if idle_at.contains(&step) {
            std::thread::sleep(IDLE);
        }
        if closed_at.contains(&step) {
            open.close();
            open = day.open();
        }
        if let Some(number) = troubled_at.iter().position(|at| *at == step) {
            day.trouble(trouble, number);
        }
        let mut waiting = day.step(&open);
        for _ in 0..50 {
            if waiting.is_empty() {
                break;
            }
            if trouble == Trouble::FailingSyncThenKilled {
                open = day.kill(open);
            }
            // The database is tried again every second, and so are the scans.
            day.clock.advance(Duration::from_secs(2));
            waiting = day.deliver(&open, &waiting);
        }
        assert!(waiting.is_empty(), "the database did not come back: {:?}", open.store.health());
        day.note_standing(&open);
    }
    open.close();
    let Day { sent, standing, watch, dir, .. } = day;
    let is_late =
        |delivery: &Delivery| delivery.answer.as_ref().is_some_and(|answer| answer.verdict == Verdict::Late);
    assert!(!sent.iter().any(is_late), "a scan that was delivered at once was taken for a late one");
    let database = std::fs::read(dir.path().join("outguide.db")).unwrap();
    Story { tape: watch.0.tape(), begins, sent, standing, database }
}

impl Day {
    fn open(&self) -> Open {
        Open::new(self.dir.path(), &self.clock).unwrap()
    }

    fn trouble(&mut self, trouble: Trouble, number: usize) {
        match trouble {
            Trouble::None => {}
            Trouble::FailingSync | Trouble::FailingSyncThenKilled => {
                let nth = self.random.u64(1..3);
                self.watch.0.fail(Plan { op: Some(Op::Sync), nth, for_ever: false, full: false });
            }
            Trouble::ClockJumps => {
                let hours = [-1, 365 * 24, -365 * 24][number];
                self.clock.set_wall(self.clock.now() + jiff::SignedDuration::from_hours(hours));
            }
        }
    }

    /// The process dies and is started again: it finds the files as the kernel has them, on disk or not.
    fn kill(&mut self, open: Open) -> Open {
        let dir = crate::scratch();
        for entry in std::fs::read_dir(self.dir.path()).unwrap().flatten() {
            let name = entry.file_name();
            if !name.to_string_lossy().ends_with("-shm") {
                std::fs::copy(entry.path(), dir.path().join(name)).unwrap();
            }
        }
        let watch = disk::record_on(dir.path(), &self.watch.0);
        (self.dir, self.watch) = (dir, watch);
        open.close();
        self.open()
    }

    /// One clerk, or several at once; returns the scans that were not recorded.
    fn step(&mut self, open: &Open) -> Vec<usize> {
        let pause = if self.random.u8(..12) == 0 { 200_000 } else { 2_000 };
        self.clock.advance(Duration::from_millis(self.random.u64(5..pause)));
        if self.random.u8(..10) == 0 {
            self.close_an_item(open);
        }
        let at_once = if self.random.u8(..4) == 0 { self.random.usize(2..24) } else { 1 };
        let first = self.sent.len();
        for _ in 0..at_once {
            let (station, sighting) = room::anything(&mut self.random);
            let scan = open.scan(&self.clock, self.sent.len(), station, sighting);
            self.sent.push(Delivery { scan, answer: None });
        }
        self.deliver(open, &(first..self.sent.len()).collect::<Vec<_>>())
    }

    fn note_standing(&mut self, open: &Open) {
        let answers = self.sent.iter().filter_map(|delivery| delivery.answer.as_ref());
        let length = answers.map(|answer| answer.scan_no.0).max().unwrap_or(0);
        self.standing.insert(length, (self.clock.now(), open.standing().unwrap()));
    }

    /// Sends scans at once; returns those that were not recorded.
    fn deliver(&mut self, open: &Open, deliveries: &[usize]) -> Vec<usize> {
        let disk = &self.watch.0;
        let answers = deliveries.iter().map(|&delivery| {
            let answer = open.store.record(self.sent[delivery].scan.clone());
            async move {
                let answer = answer.await;
                if answer.is_ok() {
                    disk.answered(delivery);
                }
                (delivery, answer)
            }
        });
        let mut left = Vec::new();
        for (delivery, answer) in wait(futures_util::future::join_all(answers.collect::<Vec<_>>())) {
            match answer {
                Ok(answer) => self.sent[delivery].answer = Some(answer),
                Err(_) => left.push(delivery),
            }
        }
        left
    }

    /// Somebody has looked at an unknown label.
    fn close_an_item(&self, open: &Open) {
        let items = wait(open.store.work_items()).unwrap();
        if let Some(item) = items.first() {
            // A disk that fails just now refuses it, and it stays on the list.
            let _refused = wait(open.store.close_work_item(item.id, "found".into(), Some("clerk".into())));
        }
    }
}

/// The same day, as the disk would have seen it from a store that breaks a promise. The tape is changed and never the
/// store: there is no switch in it that could be left on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Control {
    /// `synchronous = off`: nothing is ever synced.
    Off,
    /// `synchronous = normal`: the WAL is synced when it is begun anew and before its pages are moved, not at a commit.
    Normal,
    /// The answer goes out when the commit is written, and not when it is on disk.
    EarlyAnswer,
}

impl Control {
    pub(crate) fn of(self, tape: &[Event]) -> Vec<Event> {
        match self {
            Control::Off => tape.iter().filter(|event| !is_sync(event)).cloned().collect(),
            Control::Normal => {
                let is_wal = |file: &u32| {
                    tape.iter().any(|event| matches!(event, Event::Made { name, file: made } if made == file && name.ends_with("-wal")))
                };
                let kept = |at: usize| match &tape[at] {
                    Event::Synced { file } if is_wal(file) => {
                        let before =
                            tape[..at].iter().rev().find(|event| matches!(event, Event::Wrote { .. }));
                        let after = tape[at + 1..]
                            .iter()
                            .find(|event| matches!(event, Event::Wrote { .. } | Event::Synced { .. }));
                        matches!(before, Some(Event::Wrote { at: 0, .. }))
                            || matches!(after, Some(Event::Wrote { file, .. } | Event::Synced { file }) if !is_wal(file))
                    }
                    _ => true,
                };
                (0..tape.len()).filter(|at| kept(*at)).map(|at| tape[at].clone()).collect()
            }
            Control::EarlyAnswer => {
                let mut early: Vec<Event> = Vec::new();
                for event in tape {
                    let sync = early.iter().rposition(is_sync);
                    match (event, sync) {
                        (Event::Answered { .. }, Some(sync)) => early.insert(sync, event.clone()),
                        _ => early.push(event.clone()),
                    }
                }
                early
            }
        }
    }
}

fn is_sync(event: &Event) -> bool {
    matches!(event, Event::Synced { .. } | Event::SyncFailed { .. } | Event::NamesSynced)
}
