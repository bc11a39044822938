//! The one thread that writes: it takes whatever waits, writes it in one transaction and answers after the commit.
//!
//! Invariant: no answer that means "recorded" leaves before COMMIT has returned. After an error of disk or file the
//! thread answers *not recorded*, closes the connection, opens and checks the database again, and only then goes on;
//! it never retries a commit as if nothing had been (Linux forgets a failed fsync).

mod recovery;

use super::chain::Heads;
use super::change::{self, Queued};
use super::error::is_environmental;
use super::notes::Notes;
use super::open::Files;
use super::place::Place;
use super::record::{DueBack, Memory, RecordError, Recorded, record};
use super::standing::WriterState;
use super::stations::{self, Numbered, Station};
use super::{NotRecorded, StoreError};
use crate::clock::Clock;
use crate::tracking::Scan;
use rusqlite::Connection;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SendError, SyncSender};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// Most jobs that share one commit: bounds the time to the answer of the first.
const BATCH_MAX: usize = 512;
/// Batches up to this size are answered by the writer itself: handing over would take longer.
const ANSWERED_HERE_MAX: usize = 4;
/// Committed batches that may wait to be answered.
pub(super) const ANSWERS_WAITING_MAX: usize = 4;
/// How often the thread shows that it is alive, and checkpoints if it was idle.
const TICK: Duration = Duration::from_millis(500);

/// Work for the writer.
pub(super) enum Job {
    Record(Box<Scan>, oneshot::Sender<Result<Recorded, NotRecorded>>),
    Stations(Vec<Station>, oneshot::Sender<Result<Numbered, NotRecorded>>),
    /// When charts are due back from now on.
    DueBack(Arc<DueBack>),
    Change(Box<dyn Queued>),
    /// Nothing but the notes that wait.
    Notes,
}

pub(super) struct Writer {
    pub(super) place: Place,
    pub(super) clock: Clock,
    pub(super) jobs: Receiver<Job>,
    pub(super) state: Arc<WriterState>,
    pub(super) notes: Arc<Notes>,
    pub(super) answers: SyncSender<Committed>,
}

/// Why the database must be opened anew, and since when.
struct Failure {
    why: String,
    at: Duration,
}

/// An open database with what the writer knows of it.
struct Desk {
    conn: Connection,
    /// What was opened.
    files: Files,
    memory: Memory,
    notes: Arc<Notes>,
    dirty: bool,
}

impl Writer {
    /// Runs until every sender is gone; then empties the queue, checkpoints and closes, after the threads beside it: who
    /// closes last takes the log away.
    pub(super) fn run(self, conn: Connection, heads: Heads, beside: Vec<JoinHandle<()>>) {
        let memory = Memory { heads, ..Memory::default() };
        let notes = Arc::clone(&self.notes);
        let mut desk = Desk { conn, files: Files::of(&self.place), memory, notes, dirty: false };
        let mut next = None;
        loop {
            self.state.alive_ms.store(millis(self.clock.elapsed()), Ordering::Relaxed);
            let tick = if self.notes.are_many() { Duration::ZERO } else { self.clock.wait(TICK) };
            let mut batch = match next.take().map_or_else(|| self.jobs.recv_timeout(tick), Ok) {
                Ok(job) => vec![job],
                // Nobody else has a transaction now: the notes get one of their own.
                Err(RecvTimeoutError::Timeout) if self.notes.waiting() > 0 => Vec::new(),
                Err(RecvTimeoutError::Timeout) => {
                    desk.checkpoint_if_idle();
                    continue;
                }
                Err(RecvTimeoutError::Disconnected) if self.notes.waiting() == 0 => break,
                Err(RecvTimeoutError::Disconnected) => Vec::new(),
            };
            while batch.len() < BATCH_MAX {
                let Ok(job) = self.jobs.try_recv() else { break };
                batch.push(job);
            }
            match self.commit(&mut desk, batch) {
                Ok(()) => desk.dirty = true,
                Err(failure) => match self.recover(desk, failure) {
                    Some((reopened, waiting)) => (desk, next) = (reopened, waiting),
                    None => return,
                },
            }
        }
        for reader in beside {
            if reader.join().is_err() {
                tracing::error!("a thread that read the database had ended by a panic");
            }
        }
        desk.close();
    }

    /// Writes a batch and answers it. `Err` means that the database must be opened anew; the batch is answered.
    fn commit(&self, desk: &mut Desk, mut batch: Vec<Job>) -> Result<(), Failure> {
        let kept = desk.memory.keep();
        let done = match desk.write(&mut batch, &self.clock, false) {
            Ok(answers) => self.answer_if_there(desk, batch, answers),
            Err(error) if is_environmental(&error) => Err(self.refuse(batch, &error)),
            Err(_) => {
                // One job failed: write the batch again, each job in a savepoint, so that its neighbours go through.
                desk.memory.go_back(kept.clone());
                desk.memory.sessions.clear();
                let written = stations::resume(&desk.conn, &mut desk.memory)
                    .and_then(|()| desk.write(&mut batch, &self.clock, true));
                match written {
                    Ok(answers) => self.answer_if_there(desk, batch, answers),
                    Err(error) => Err(self.refuse(batch, &error)),
                }
            }
        };
        done.inspect_err(|_| desk.memory.go_back(kept))
    }

    /// Answers a batch that is committed, unless it was committed to files that nobody will find again.
    fn answer_if_there(&self, desk: &mut Desk, batch: Vec<Job>, answers: Vec<Answer>) -> Result<(), Failure> {
        if Files::of(&self.place) != desk.files {
            return Err(self.refuse_for(batch, self.vanished().to_string()));
        }
        self.state.publish(&mut desk.memory);
        self.answer(batch, answers);
        Ok(())
    }

    fn vanished(&self) -> StoreError {
        StoreError::Vanished { db: self.place.db() }
    }

    fn answer(&self, batch: Vec<Job>, answers: Vec<Answer>) {
        self.state.commits.fetch_add(1, Ordering::Relaxed);
        self.state.recorded.fetch_add(batch.len() as u64, Ordering::Relaxed);
        let committed = Committed { batch, answers };
        if committed.batch.len() <= ANSWERED_HERE_MAX {
            committed.answer();
        } else if let Err(SendError(unsent)) = self.answers.send(committed) {
            unsent.answer();
        }
    }

    fn refuse(&self, batch: Vec<Job>, error: &rusqlite::Error) -> Failure {
        self.refuse_for(batch, told(error))
    }

    fn refuse_for(&self, batch: Vec<Job>, why: String) -> Failure {
        let at = self.clock.elapsed();
        self.state.set_red(Some(why.clone()));
        for job in batch {
            job.answer(Answer::Refused(NotRecorded::Database(why.clone())));
        }
        Failure { why, at }
    }
}

/// A batch that is on disk and not yet answered.
pub(super) struct Committed {
    batch: Vec<Job>,
    answers: Vec<Answer>,
}

impl Committed {
    fn answer(self) {
        for (job, answer) in self.batch.into_iter().zip(self.answers) {
            job.answer(answer);
        }
    }
}

/// Answers large batches while the writer goes on with the next: waking dozens of tasks takes as long as writing their
/// scans. Runs until the writer ends.
pub(super) fn answer_committed(batches: &Receiver<Committed>) {
    batches.iter().for_each(Committed::answer);
}

/// What a job is answered with, once its transaction has ended.
enum Answer {
    Recorded(Recorded),
    Stations(Numbered),
    /// The job keeps its own answer.
    Noted,
    Refused(NotRecorded),
}

impl Job {
    fn run(&mut self, conn: &Connection, memory: &mut Memory, clock: &Clock) -> Result<Answer, RecordError> {
        let now = clock.now();
        Ok(match self {
            Job::Record(scan, _) => Answer::Recorded(record(conn, memory, scan, now)?),
            Job::Stations(stations, _) => Answer::Stations(stations::number(conn, memory, stations, now)?),
            Job::DueBack(due) => {
                memory.due = Some(Arc::clone(due));
                Answer::Noted
            }
            Job::Change(change) => {
                change::make(change.as_mut(), conn, memory, clock)?;
                Answer::Noted
            }
            Job::Notes => Answer::Noted,
        })
    }

    fn answer(self, answer: Answer) {
        // A receiver that is gone no longer waits: its scan is on disk all the same.
        match (self, answer) {
            (Job::Record(_, to), Answer::Recorded(recorded)) => drop(to.send(Ok(recorded))),
            (Job::Record(_, to), Answer::Refused(why)) => drop(to.send(Err(why))),
            (Job::Stations(_, to), Answer::Stations(numbered)) => drop(to.send(Ok(numbered))),
            (Job::Stations(_, to), Answer::Refused(why)) => drop(to.send(Err(why))),
            (Job::DueBack(_) | Job::Notes, _) => {}
            (Job::Change(change), Answer::Refused(why)) => change.answer(Some(why)),
            (Job::Change(change), _) => change.answer(None),
            (_, _) => tracing::error!(
                "a job was answered with another job's answer; its caller hears that it failed"
            ),
        }
    }

    /// Forgets what was noted for a scan that did not get onto the disk.
    fn forget(&self, memory: &mut Memory) {
        if let Job::Record(scan, _) = self {
            memory.reads.forget(scan.source, &scan.frame);
        }
    }
}

impl Desk {
    /// One transaction over the whole batch. With `fenced`, a job that fails is undone alone; without, its error ends
    /// the batch (the cheap and usual way: a savepoint per scan is only paid for when one fails).
    fn write(&mut self, batch: &mut [Job], clock: &Clock, fenced: bool) -> rusqlite::Result<Vec<Answer>> {
        let written = self.write_open(batch, clock, fenced);
        if written.is_err() {
            batch.iter().for_each(|job| job.forget(&mut self.memory));
            if !self.conn.is_autocommit() {
                self.conn.execute_batch("rollback").unwrap_or_else(|error| {
                    tracing::warn!(%error, "a failed transaction could not be rolled back; the database is opened anew");
                });
            }
        }
        written
    }

    fn write_open(
        &mut self,
        batch: &mut [Job],
        clock: &Clock,
        fenced: bool,
    ) -> rusqlite::Result<Vec<Answer>> {
        self.conn.prepare_cached("begin immediate")?.execute([])?;
        let heads = &mut self.memory.heads;
        let noted = if fenced {
            self.notes.write_fenced(&self.conn, heads)?
        } else {
            self.notes.write(&self.conn, heads)?
        };
        let mut answers = Vec::with_capacity(batch.len());
        for job in batch {
            answers.push(if fenced { self.run_fenced(job, clock)? } else { self.run_open(job, clock)? });
        }
        self.conn.prepare_cached("commit")?.execute([])?;
        self.notes.done(noted);
        Ok(answers)
    }

    fn run_open(&mut self, job: &mut Job, clock: &Clock) -> rusqlite::Result<Answer> {
        match job.run(&self.conn, &mut self.memory, clock) {
            Ok(answer) => Ok(answer),
            Err(RecordError::Sqlite(error)) => Err(error),
            Err(refused @ (RecordError::NoSuchStation(_) | RecordError::IdTaken)) => {
                Ok(Answer::Refused(refused.into()))
            }
        }
    }

    fn run_fenced(&mut self, job: &mut Job, clock: &Clock) -> rusqlite::Result<Answer> {
        let kept = self.memory.keep();
        self.conn.prepare_cached("savepoint job")?.execute([])?;
        let answer = match self.run_open(job, clock) {
            Ok(answer) => answer,
            Err(error) if is_environmental(&error) => return Err(error),
            Err(error) => {
                tracing::error!(%error, "one job failed and was undone; the others in its batch go on");
                self.memory.go_back(kept);
                job.forget(&mut self.memory);
                self.conn.prepare_cached("rollback to job")?.execute([])?;
                Answer::Refused(NotRecorded::Database(told(&error)))
            }
        };
        self.conn.prepare_cached("release job")?.execute([])?;
        Ok(answer)
    }

    /// Moves committed pages from the WAL into the database while nobody scans, so that no scan waits for it.
    fn checkpoint_if_idle(&mut self) {
        if std::mem::take(&mut self.dirty) {
            let moved = self.conn.query_row("pragma wal_checkpoint(passive)", [], |_| Ok(()));
            if let Err(error) = moved {
                tracing::warn!(%error, "checkpoint failed; nothing is lost, it is tried again after the next scan");
            }
        }
    }

    fn close(self) {
        let emptied = self.conn.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()));
        if let Err(error) = emptied {
            tracing::warn!(%error, "the last checkpoint failed; nothing is lost, the next start does it");
        }
    }
}

impl From<RecordError> for NotRecorded {
    fn from(error: RecordError) -> NotRecorded {
        match error {
            RecordError::NoSuchStation(_) => NotRecorded::NoSuchStation,
            RecordError::IdTaken => NotRecorded::IdTaken,
            RecordError::Sqlite(error) => NotRecorded::Database(told(&error)),
        }
    }
}

/// An error of SQLite with its next step, as text.
fn told(error: &rusqlite::Error) -> String {
    let code = error.sqlite_error().map(|error| error.extended_code);
    let cause = super::error::text(error);
    code.map_or(cause.clone(), |code| format!("{cause} (SQLite error {code})"))
}

/// An error and its causes in one line.
fn chain_text(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
