//! The database failed: it is closed, and opened anew until it takes writes again.

use super::{Answer, Desk, Failure, Job, Writer, chain_text, millis, told};
use crate::store::chain::Heads;
use crate::store::open::{self, Files};
use crate::store::record::Memory;
use crate::store::stations;
use crate::store::{NotRecorded, StoreError, micros};
use crate::tracking::DoubleReads;
use rusqlite::Connection;
use std::sync::atomic::Ordering;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

/// How often a database that failed is tried again.
const REOPEN_EVERY: Duration = Duration::from_secs(1);

impl Writer {
    /// Opens the database again, however long that takes; jobs that come meanwhile are refused at once, but the one that
    /// comes when it is time to try: if that goes well, it is done next. `None` when the daemon stops before that.
    pub(super) fn recover(&self, desk: Desk, failure: Failure) -> Option<(Desk, Option<Job>)> {
        let Failure { why, at } = failure;
        tracing::error!(why, "scans are not recorded: the database failed; it is tried again every second");
        let Desk { conn, files, mut memory, notes, .. } = desk;
        drop(conn);
        // Counted from before anybody was answered: whoever hears of the failure can tell when it is tried again.
        let mut next_try = at + REOPEN_EVERY;
        let (conn, job) = loop {
            self.state.alive_ms.store(millis(self.clock.elapsed()), Ordering::Relaxed);
            let job = match self.jobs.recv_timeout(self.clock.wait(REOPEN_EVERY)) {
                Ok(job) => Some(job),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => return None,
            };
            let now = self.clock.elapsed();
            if now >= next_try {
                next_try = now + REOPEN_EVERY;
                match self.go_on(files, &mut memory) {
                    Ok(conn) => break (conn, job),
                    Err(why) => self.state.set_red(Some(why)),
                }
            }
            if let Some(job) = job {
                let why = self.state.red().unwrap_or_default();
                job.answer(Answer::Refused(NotRecorded::Database(why)));
            }
        };
        tracing::warn!("the database works again: scans are recorded");
        self.state.set_red(None);
        Some((Desk { conn, files: Files::of(&self.place), memory, notes, dirty: true }, job))
    }

    /// Opens the database, and takes up what its journal has.
    fn go_on(&self, files: Files, memory: &mut Memory) -> Result<Connection, String> {
        let (conn, heads) = self.reopen(files).map_err(|error| chain_text(&error))?;
        // What the sessions did is in the journal as far as it was committed.
        memory.heads = heads;
        memory.sessions.clear();
        memory.reads = DoubleReads::default();
        stations::resume(&conn, memory).map_err(|error| told(&error))?;
        Ok(conn)
    }

    /// Opens the database, and proves with a write of nothing that it takes writes.
    fn reopen(&self, before: Files) -> Result<(Connection, Heads), StoreError> {
        // The readers have the old files open; and an empty database that is made anew would be green.
        if !before.is_same_database(Files::of(&self.place)) {
            return Err(self.vanished());
        }
        let (conn, heads) = open::writer(&self.place, micros(self.clock.now()))?;
        conn.execute_batch("begin immediate; update site set created_at_us = created_at_us; commit;")
            .map_err(StoreError::sqlite("be written to"))?;
        Ok((conn, heads))
    }
}
