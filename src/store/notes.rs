//! What is written along with the next transaction, without one of its own: who looked at what, and when a sign-in was
//! used last. Nobody waits for it; it is on disk within half a second, and a view that could not be noted is refused.

use super::chain::Heads;
use super::error::is_environmental;
use super::record::{AuditRow, insert_audit};
use super::writer::Job;
use super::{NotRecorded, Store, micros};
use crate::access::{SignInId, TokenId};
use jiff::Timestamp;
use rusqlite::{Connection, named_params};
use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

/// Most notes that wait; beyond, views are refused.
const WAITING_MAX: usize = 4096;
/// Most of them in one transaction, so that scans do not wait for them.
const AT_ONCE: usize = 256;

/// What is noted.
#[derive(Debug, Clone)]
pub enum Note {
    /// Somebody saw patients' data, or was refused something.
    Audit {
        /// When.
        at: Timestamp,
        /// view, refused.
        action: &'static str,
        /// Who.
        actor: Option<String>,
        /// What; ids and never names.
        detail: String,
    },
    /// A sign-in was used.
    SignInUsed(SignInId, Timestamp),
    /// A token was used.
    TokenUsed(TokenId, Timestamp),
}

/// What of the patients' data was seen, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewed {
    /// A search, and what it found.
    Search,
    /// A chart with its history.
    Chart,
    /// A list of charts.
    List,
    /// What was scanned at a station.
    Board,
    /// Labels, on paper or drawn.
    Print,
    /// The audit log, or a file of it.
    Audit,
}

impl Viewed {
    /// Its name in the audit log.
    pub fn as_str(self) -> &'static str {
        match self {
            Viewed::Search => "search",
            Viewed::Chart => "open",
            Viewed::List => "list",
            Viewed::Board => "board",
            Viewed::Print => "print",
            Viewed::Audit => "audit",
        }
    }
}

/// Notes that wait for the writer.
#[derive(Debug, Default)]
pub(super) struct Notes(Mutex<VecDeque<Note>>);

impl Notes {
    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// So many wait that they should not wait for the next scan.
    pub(super) fn are_many(&self) -> bool {
        self.waiting() >= AT_ONCE
    }

    /// Writes the oldest; how many. They are kept until [`Notes::done`] says that they are on disk.
    pub(super) fn write(&self, conn: &Connection, heads: &mut Heads) -> rusqlite::Result<usize> {
        let notes = self.oldest();
        write_all(conn, heads, &notes)?;
        Ok(notes.len())
    }

    fn oldest(&self) -> Vec<Note> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().take(AT_ONCE).cloned().collect()
    }

    /// Writes them behind a fence, after a transaction with them has failed: what cannot be written is given up, or it
    /// would be in the way of every scan.
    pub(super) fn write_fenced(&self, conn: &Connection, heads: &mut Heads) -> rusqlite::Result<usize> {
        let before = *heads;
        // Only these are given up: more may come while they fail.
        let notes = self.oldest();
        conn.prepare_cached("savepoint notes")?.execute([])?;
        match write_all(conn, heads, &notes) {
            Err(error) if !is_environmental(&error) => {
                tracing::error!(%error, "notes of who saw what could not be written and are lost");
                *heads = before;
                conn.prepare_cached("rollback to notes")?.execute([])?;
            }
            written => written?,
        }
        conn.prepare_cached("release notes")?.execute([])?;
        Ok(notes.len())
    }

    /// Forgets the oldest: they are on disk.
    pub(super) fn done(&self, count: usize) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).drain(..count));
    }

    /// How many wait now, this one among them.
    fn push(&self, note: Note) -> Result<usize, NotRecorded> {
        let mut notes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if notes.len() >= WAITING_MAX {
            return Err(NotRecorded::QueueFull);
        }
        notes.push_back(note);
        Ok(notes.len())
    }
}

fn write_all(conn: &Connection, heads: &mut Heads, notes: &[Note]) -> rusqlite::Result<()> {
    notes.iter().try_for_each(|note| write(conn, heads, note))
}

fn write(conn: &Connection, heads: &mut Heads, note: &Note) -> rusqlite::Result<()> {
    match note {
        Note::Audit { at, action, actor, detail } => {
            let row = AuditRow {
                at_us: micros(*at),
                action,
                actor: actor.as_deref(),
                scan_no: None,
                movement_no: None,
                detail: Some(detail),
            };
            insert_audit(conn, &mut heads.audit, &row)
        }
        Note::SignInUsed(id, at) => conn
            .prepare_cached("update sign_in set used_at_us = max(used_at_us, :at) where sign_in_id = :id")?
            .execute(named_params! { ":at": micros(*at), ":id": id.0 })
            .map(|_| ()),
        Note::TokenUsed(id, at) => conn
            .prepare_cached("update api_token set used_at_us = :at where api_token_id = :id")?
            .execute(named_params! { ":at": micros(*at), ":id": id.0 })
            .map(|_| ()),
    }
}

impl Store {
    /// Notes that somebody saw patients' data: `what` in ids, never in names or numbers. To be called before it is shown.
    ///
    /// # Errors
    /// It cannot be noted, so it must not be shown.
    pub fn viewed(&self, actor: Option<&str>, how: Viewed, what: &str) -> Result<(), NotRecorded> {
        let at = self.clock.now();
        let detail = format!("{} {what}", how.as_str());
        let note = Note::Audit { at, action: "view", actor: actor.map(str::to_owned), detail };
        let waiting = self.notes.push(note)?;
        if waiting.is_multiple_of(AT_ONCE) {
            // Should the queue be full, its jobs take the notes along.
            drop(self.send(Job::Notes));
        }
        Ok(())
    }

    /// Notes that something was refused to somebody; lost if too many wait.
    pub fn refused(&self, actor: Option<&str>, what: String) {
        let at = self.clock.now();
        self.note(Note::Audit { at, action: "refused", actor: actor.map(str::to_owned), detail: what });
    }

    /// Notes what may be lost.
    pub(super) fn note(&self, note: Note) {
        if self.notes.push(note).is_err() {
            tracing::warn!("too many notes wait for the database; one was lost");
        }
    }
}
