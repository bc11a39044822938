//! Changes that are no scans: what a page, a program or a sweep wants written. Each is one function over an open
//! [`Ledger`], run by the writer in the transaction it shares with whatever waits, inside a savepoint of its own: what is
//! refused leaves nothing behind.

use super::record::{AuditRow, Memory, insert_audit};
use super::writer::Job;
use super::{NotRecorded, Store, micros};
use crate::clock::Clock;
use jiff::Timestamp;
use rusqlite::Connection;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Why a change was not made. Nothing of it is on disk.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unchanged<E> {
    /// The rules of the file room are against it.
    #[error("{0}")]
    Refused(E),
    /// The database is.
    #[error(transparent)]
    NotRecorded(#[from] NotRecorded),
}

/// Why a change ends before it is made.
#[derive(Debug)]
pub(super) enum Stop<E> {
    Refused(E),
    Sqlite(rusqlite::Error),
}

impl<E> From<rusqlite::Error> for Stop<E> {
    fn from(error: rusqlite::Error) -> Stop<E> {
        Stop::Sqlite(error)
    }
}

/// The open transaction of the writer, as a change sees it.
pub(super) struct Ledger<'a> {
    pub(super) conn: &'a Connection,
    pub(super) memory: &'a mut Memory,
    pub(super) now: Timestamp,
}

impl Ledger<'_> {
    /// Now, as stored.
    pub(super) fn now_us(&self) -> i64 {
        micros(self.now)
    }

    /// Adds who did what to the audit log.
    pub(super) fn audit(
        &mut self,
        action: &'static str,
        actor: Option<&str>,
        detail: &str,
    ) -> rusqlite::Result<()> {
        let row = AuditRow {
            at_us: self.now_us(),
            action,
            actor,
            scan_no: None,
            movement_no: None,
            detail: Some(detail),
        };
        insert_audit(self.conn, &mut self.memory.heads.audit, &row)
    }
}

/// A change in the writer's queue, whatever its result's type.
pub(super) trait Queued: Send {
    /// Makes the change; may be called again after a roll-back.
    fn make(&mut self, ledger: &mut Ledger<'_>) -> rusqlite::Result<()>;
    /// Tells who waits what came of it, `not_recorded` if the transaction failed.
    fn answer(self: Box<Self>, not_recorded: Option<NotRecorded>);
}

struct Waiting<F, T, E> {
    work: F,
    done: Option<Result<T, E>>,
    /// What is done in memory once the change is on disk, whether anybody waits for the answer or not.
    after: Option<Box<dyn FnOnce() + Send>>,
    to: oneshot::Sender<Result<T, Unchanged<E>>>,
}

impl<F, T, E> Queued for Waiting<F, T, E>
where
    F: Fn(&mut Ledger<'_>) -> Result<T, Stop<E>> + Send,
    T: Send,
    E: Send,
{
    fn make(&mut self, ledger: &mut Ledger<'_>) -> rusqlite::Result<()> {
        let kept = ledger.memory.keep();
        let conn = ledger.conn;
        conn.prepare_cached("savepoint change")?.execute([])?;
        match (self.work)(ledger) {
            Ok(done) => self.done = Some(Ok(done)),
            Err(Stop::Refused(why)) => {
                ledger.memory.go_back(kept);
                conn.prepare_cached("rollback to change")?.execute([])?;
                self.done = Some(Err(why));
            }
            Err(Stop::Sqlite(error)) => return Err(error),
        }
        conn.prepare_cached("release change")?.execute([])?;
        Ok(())
    }

    fn answer(mut self: Box<Self>, not_recorded: Option<NotRecorded>) {
        if let Some(after) = self.after.take() {
            after();
        }
        let answer = match (not_recorded, self.done) {
            (None, Some(done)) => done.map_err(Unchanged::Refused),
            (Some(why), _) => Err(Unchanged::NotRecorded(why)),
            (None, None) => Err(Unchanged::NotRecorded(NotRecorded::Closed)),
        };
        // A receiver that is gone no longer waits: the change is on disk all the same.
        drop(self.to.send(answer));
    }
}

impl Store {
    /// Has the writer make a change, and tells what came of it after the commit. `work` may run more than once (after a
    /// roll-back), so it changes nothing but the database and, through it, the ledger's memory.
    pub(super) async fn change<T, E>(
        &self,
        work: impl Fn(&mut Ledger<'_>) -> Result<T, Stop<E>> + Send + 'static,
    ) -> Result<T, Unchanged<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
    {
        self.change_then(work, None).await
    }

    /// A change after which cookies and tokens may be worth something else: what is remembered of them is forgotten before
    /// the answer, also when whoever asked has gone (a browser that was closed drops its request).
    pub(super) async fn change_sign_ins<T, E>(
        &self,
        work: impl Fn(&mut Ledger<'_>) -> Result<T, Stop<E>> + Send + 'static,
    ) -> Result<T, Unchanged<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
    {
        let sign_ins = Arc::clone(&self.sign_ins);
        self.change_then(work, Some(Box::new(move || sign_ins.forget()))).await
    }

    async fn change_then<T, E>(
        &self,
        work: impl Fn(&mut Ledger<'_>) -> Result<T, Stop<E>> + Send + 'static,
        after: Option<Box<dyn FnOnce() + Send>>,
    ) -> Result<T, Unchanged<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
    {
        let (to, answered) = oneshot::channel();
        self.send(Job::Change(Box::new(Waiting { work, done: None, after, to })))?;
        answered.await.unwrap_or(Err(Unchanged::NotRecorded(NotRecorded::Closed)))
    }
}

/// Runs a change in the writer's transaction.
pub(super) fn make(
    change: &mut dyn Queued,
    conn: &Connection,
    memory: &mut Memory,
    clock: &Clock,
) -> rusqlite::Result<()> {
    change.make(&mut Ledger { conn, memory, now: clock.now() })
}
