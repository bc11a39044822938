//! Threads that read: each keeps its own connection and prepared statements.

use super::open;
use super::place::Place;
use super::{Store, StoreError};
use rusqlite::Connection;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// Most questions that wait for a reader; more are turned away, so that pages never pile up.
const QUESTIONS_MAX: usize = 256;

type Question = Box<dyn FnOnce(&Connection) + Send>;

pub(super) struct Readers {
    questions: SyncSender<Question>,
}

impl Readers {
    /// Starts the threads; they end once these readers are dropped.
    pub(super) fn start(place: &Place, count: usize) -> Result<(Readers, Vec<JoinHandle<()>>), StoreError> {
        let (questions, waiting) = sync_channel::<Question>(QUESTIONS_MAX);
        let waiting = Arc::new(Mutex::new(waiting));
        let mut threads = Vec::new();
        for number in 0..count.max(1) {
            let conn = open::reader(place)?;
            let waiting = Arc::clone(&waiting);
            let name = format!("store-reader-{number}");
            threads.push(super::spawn(&name, place, move || serve(&conn, &waiting))?);
        }
        Ok((Readers { questions }, threads))
    }
}

fn serve(conn: &Connection, waiting: &Mutex<Receiver<Question>>) {
    loop {
        let question = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(question) = question else { return };
        if catch_unwind(AssertUnwindSafe(|| question(conn))).is_err() {
            tracing::error!("a question to the database ended by a panic; the reader goes on");
        }
        if !conn.is_autocommit()
            && let Err(error) = conn.execute_batch("rollback")
        {
            tracing::error!(%error, "a reader could not end its transaction");
        }
    }
}

impl Store {
    /// Asks a reader; the answer is what a snapshot of the database says.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        doing: &'static str,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (answer, answered) = oneshot::channel();
        let question: Question = Box::new(move |conn| drop(answer.send(snapshot(conn, question))));
        self.readers.questions.try_send(question).map_err(|error| match error {
            TrySendError::Full(_) => StoreError::Busy,
            TrySendError::Disconnected(_) => StoreError::Closed,
        })?;
        answered.await.map_err(|_| StoreError::Closed)?.map_err(StoreError::sqlite(doing))
    }
}

/// Runs a question in one read transaction, so that what several statements say fits together.
fn snapshot<T>(
    conn: &Connection,
    question: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    conn.prepare_cached("begin")?.execute([])?;
    let answer = question(conn);
    conn.prepare_cached("commit")?.execute([])?;
    answer
}
