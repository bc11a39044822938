//! What waits to be sent. A try is written down before it is made, with the words frozen, so that a repeat after a crash
//! is the same message; what came of it is written down after the server's answer.

use super::{Never, unwritten};
use crate::notice::{Channel, Letter, NoticeId, backoff};
use crate::store::change::{Ledger, Stop, Unchanged};
use crate::store::{Store, StoreError, micros, timestamp};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, params};

/// A notice that waits longer than any wait there is has a time from a clock that was set back: it is due.
const WAIT_MAX: SignedDuration = SignedDuration::from_mins(31);

/// A try that may be made now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Which notice.
    pub notice: NoticeId,
    /// Where it goes.
    pub address: String,
    /// The words, as at the first try.
    pub letter: Letter,
    /// The same at every try.
    pub message_id: String,
    /// When the notice was written: the date of the message.
    pub written_at: Timestamp,
    /// The moment of this try.
    pub tried_at: Timestamp,
    /// 1 at the first try.
    pub tries: u32,
}

/// What came of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TryEnd {
    /// The server has taken it: its answer.
    Sent(String),
    /// It will never be taken: why.
    Refused(String),
    /// It is tried again: why.
    Later(String),
}

/// The notice does not wait (any more).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this notice does not wait any more, or it never was")]
pub struct NotQueued;

impl Store {
    /// Notices that wait to go out this way and may be tried now, the oldest first; `all`: those that wait for their time,
    /// too.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn notices_to_send(
        &self,
        channel: Channel,
        all: bool,
        rows: usize,
    ) -> Result<Vec<NoticeId>, StoreError> {
        let now = self.clock.now();
        let far = now.checked_add(WAIT_MAX).unwrap_or(Timestamp::MAX);
        self.read("find notices to send", move |conn| {
            conn.prepare_cached(
                "select notice_id from notice
                 where state = 'queued' and channel = ?5 and (next_try_us <= ?1 or next_try_us > ?2 or ?3)
                 order by notice_id limit ?4",
            )?
            .query_map(params![micros(now), micros(far), all, rows, channel.as_str()], |row| {
                row.get(0).map(NoticeId)
            })?
            .collect()
        })
        .await
    }

    /// Makes slips of the notices that wait to go out in a way that the configuration has no more; how many.
    ///
    /// # Errors
    /// The database failed; all wait on.
    pub async fn slips_instead(&self, channel: Channel) -> Result<usize, StoreError> {
        let waiting = self.read("find notices that cannot go out", move |conn| {
            conn.prepare_cached(
                "select exists (select 1 from notice where state = 'queued' and channel = ?1)",
            )?
            .query_row(params![channel.as_str()], |row| row.get::<_, bool>(0))
        });
        if !waiting.await? {
            return Ok(0);
        }
        let made = self.change::<_, Never>(move |ledger| {
            let made = ledger
                .conn
                .prepare_cached(
                    "update notice set channel = 'slip', address = null where state = 'queued' and channel = ?1",
                )?
                .execute(params![channel.as_str()])?;
            let what = format!("{made} notices are slips now: there is no {} any more", channel.as_str());
            ledger.audit("notice", None, &what)?;
            Ok(made)
        });
        made.await.map_err(|error| unwritten(&error))
    }

    /// Writes down that a notice is about to be tried, with these words if it is the first time. `None` if it need not
    /// be: all its charts came back before anybody was told.
    ///
    /// # Errors
    /// It does not wait any more, or the database failed.
    pub async fn begin_try(
        &self,
        notice: NoticeId,
        letter: Letter,
        message_id: String,
    ) -> Result<Option<Attempt>, Unchanged<NotQueued>> {
        self.change(move |ledger| begin(ledger, notice, &letter, &message_id)).await
    }

    /// Writes down what came of a try.
    ///
    /// # Errors
    /// The database failed: the try is made again, with the same words and the same Message-ID.
    pub async fn end_try(&self, notice: NoticeId, ended: TryEnd) -> Result<(), StoreError> {
        let written = self.change::<_, Never>(move |ledger| {
            let (state, told) = match &ended {
                TryEnd::Sent(told) => ("sent", told),
                TryEnd::Refused(why) => ("refused", why),
                TryEnd::Later(why) => ("queued", why),
            };
            end(ledger, notice, state, told)?;
            Ok(())
        });
        written.await.map_err(|error| unwritten(&error))
    }

    /// A person says that a notice came back: its address is wrong, and the next recipient is asked.
    ///
    /// # Errors
    /// It was not sent, or the database failed.
    pub async fn notice_came_back(
        &self,
        notice: NoticeId,
        actor: Option<String>,
    ) -> Result<(), Unchanged<NotQueued>> {
        self.change(move |ledger| {
            let changed = ledger
                .conn
                .prepare_cached(
                    "update notice set state = 'refused', told = 'it came back' where notice_id = ?1 and state = 'sent'",
                )?
                .execute(params![notice.0])?;
            if changed == 0 {
                return Err(Stop::Refused(NotQueued));
            }
            Ok(ledger.audit("notice", actor.as_deref(), &format!("notice {notice} came back"))?)
        })
        .await
    }

    /// Slips were printed and go by hand: up to this one, which the sheet ended with.
    ///
    /// # Errors
    /// The database failed; none is marked.
    pub async fn slips_printed(&self, last: NoticeId, actor: Option<String>) -> Result<usize, StoreError> {
        let marked = self.change::<_, Never>(move |ledger| {
            let marked = ledger
                .conn
                .prepare_cached(
                    "update notice set state = 'sent', ended_at_us = ?2, told = 'printed', tries = 1
                     where state = 'queued' and channel = 'slip' and notice_id <= ?1",
                )?
                .execute(params![last.0, ledger.now_us()])?;
            ledger.audit(
                "notice",
                actor.as_deref(),
                &format!("{marked} slips up to notice {last} printed"),
            )?;
            Ok(marked)
        });
        marked.await.map_err(|error| unwritten(&error))
    }
}

fn begin(
    ledger: &mut Ledger<'_>,
    notice: NoticeId,
    letter: &Letter,
    message_id: &str,
) -> Result<Option<Attempt>, Stop<NotQueued>> {
    let found: Option<(u32, bool)> = ledger
        .conn
        .prepare_cached(
            "select tries, step <> 'found' and not exists (
                      select 1 from notice_volume v where v.notice_id = n.notice_id and v.settled_at_us is null
                        and (n.step <> 'needed' or exists (
                               select 1 from request r where r.volume_id = v.volume_id and r.closed_at_us is null)))
             from notice n where notice_id = ?1 and state = 'queued' and channel <> 'slip'",
        )?
        .query_row(params![notice.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((tries, is_over)) = found else { return Err(Stop::Refused(NotQueued)) };
    if tries == 0 && is_over {
        end(ledger, notice, "withdrawn", "nobody needs to be asked any more")?;
        return Ok(None);
    }
    let tries = tries.saturating_add(1);
    let now = ledger.now;
    let next = now.checked_add(backoff(tries)).unwrap_or(Timestamp::MAX);
    let attempt = ledger
        .conn
        .prepare_cached(
            "update notice set tries = ?2, next_try_us = ?3, subject = coalesce(subject, ?4), body = coalesce(body, ?5),
                               message_id = coalesce(message_id, ?6)
             where notice_id = ?1 returning address, subject, body, message_id, created_at_us",
        )?
        .query_row(params![notice.0, tries, micros(next), letter.subject, letter.body, message_id], |row| {
            Ok(Attempt {
                notice,
                address: row.get::<_, Option<String>>(0)?.unwrap_or_default(),
                letter: Letter { subject: row.get(1)?, body: row.get(2)? },
                message_id: row.get(3)?,
                written_at: timestamp(row.get(4)?),
                tried_at: now,
                tries,
            })
        })?;
    Ok(Some(attempt))
}

/// Ends a notice, or lets it wait on. One that a person or another outcome ended stays as it is.
fn end(ledger: &mut Ledger<'_>, notice: NoticeId, state: &str, told: &str) -> rusqlite::Result<()> {
    let ended = (state != "queued").then_some(ledger.now_us());
    let changed = ledger
        .conn
        .prepare_cached(
            "update notice set state = ?2, told = ?3, ended_at_us = ?4 where notice_id = ?1 and state = 'queued'",
        )?
        .execute(params![notice.0, state, told, ended])?;
    if changed > 0 && ended.is_some() {
        ledger.audit("notice", None, &format!("notice {notice} {state}"))?;
    }
    Ok(())
}
