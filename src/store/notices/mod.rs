//! Notices: what is owed is decided and written down in one transaction; what is written waits until it is taken.
//!
//! Invariant: one row of `notice_volume` for each (volume, stay, step, recipient), kept by an index. A *stay* is the
//! movement that put a volume where it is; late deliveries and movements that were taken back begin none.

mod answers;
mod before_since;
mod figures;
pub(super) mod happened;
mod needs;
mod outbox;
mod replies;
mod searched;
mod settle;
mod views;
mod write;

pub use answers::NotAnswered;
pub use before_since::{BeforeAndSince, Side};
pub use figures::NoticeFigures;
pub use happened::{NoticeHappened, NoticeTold};
pub use outbox::{Attempt, NotQueued, TryEnd};
pub use replies::reply_key;
pub(super) use replies::{meaning as reply, take as take_reply};
pub use views::{AnswerView, NoticeLine, NoticeView, NoticesView, Slip};
use write::{About, Added, add};

use super::change::{Ledger, Stop, Unchanged};
use super::{Store, StoreError, micros, timestamp};
use crate::notice::{Answer, Came, Held, Rules, STEPS_MAX, Step, To, Written, owed};
use crate::tracking::{CustodianId, VolumeId};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};
use std::sync::Arc;

/// Volumes that are looked at in one question, and so the most that one transaction writes notices about.
const PAGE: i64 = 200;
/// Movements that are walked back for the one that began a stay.
const WALK_MAX: usize = 64;

/// Where a sweep over the volumes goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    due_us: i64,
    volume: i64,
}

impl Mark {
    /// The beginning.
    pub const START: Mark = Mark { due_us: i64::MIN, volume: 0 };
}

/// What a page of a sweep came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Decided {
    /// Charts that somebody is now asked for.
    pub asked: usize,
    /// Codes of recipients that are closed or not on file: the next step is taken instead.
    pub nobody: Vec<String>,
    /// Where the next page starts, if there is one.
    pub next: Option<Mark>,
}

/// A change that has nothing to refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nothing was refused")]
pub(super) struct Never;

impl Store {
    /// Writes the notices that are owed for one page of the charts that are (soon) due. Run twice it writes nothing new.
    ///
    /// # Errors
    /// The database failed; nothing of the page is written.
    pub async fn decide_notices(&self, rules: Arc<Rules>, from: Mark) -> Result<Decided, StoreError> {
        let now = self.clock.now();
        if rules.ladder.steps().is_empty() || !rules.is_time(now) {
            return Ok(Decided::default());
        }
        let asked = Arc::clone(&rules);
        let (volumes, next) =
            self.read("find overdue charts", move |conn| page(conn, &asked, from, now)).await?;
        if volumes.is_empty() {
            return Ok(Decided { next, ..Decided::default() });
        }
        let decided = self
            .change::<_, Never>(move |ledger| {
                let mut decided = Decided { next, ..Decided::default() };
                for volume in &volumes {
                    // Asked again inside the transaction: a scan may have come in between.
                    let Some(stay) = stay_of(ledger.conn, *volume)? else { continue };
                    let next = next_step(ledger, &rules, &stay, &mut decided.nobody)?;
                    let Some((step, to)) = next else { continue };
                    let about = About { volume: *volume, stay: stay.no, step: &step.name, to, needed: None };
                    decided.asked += usize::from(add(ledger, &rules, &about)? == Added::New);
                }
                decided.nobody.sort();
                decided.nobody.dedup();
                Ok(decided)
            })
            .await;
        decided.map_err(|error| unwritten(&error))
    }
}

/// The error of a change that refuses nothing.
fn unwritten(error: &Unchanged<Never>) -> StoreError {
    match error {
        Unchanged::Refused(_) | Unchanged::NotRecorded(_) => StoreError::Busy,
    }
}

/// A volume at its holder.
pub(super) struct Stay {
    pub(super) no: i64,
    holder: i64,
    department: Option<i64>,
    pub(super) held: Held,
}

/// The volumes of a page for which something is owed, and where the next page starts.
fn page(
    conn: &Connection,
    rules: &Rules,
    from: Mark,
    now: Timestamp,
) -> rusqlite::Result<(Vec<VolumeId>, Option<Mark>)> {
    // Working days before are at most three days each, and the holidays.
    let ahead = SignedDuration::from_hours(24 * (3 * i64::from(rules.ladder.days_ahead()) + 30));
    let until = now.checked_add(ahead).unwrap_or(Timestamp::MAX);
    let rows: Vec<(i64, i64)> = conn
        .prepare_cached(
            "select due_at_us, volume_id from volume
             where due_at_us is not null and due_at_us < ?1 and (due_at_us, volume_id) > (?2, ?3)
             order by due_at_us, volume_id limit ?4",
        )?
        .query_map(params![micros(until), from.due_us, from.volume, PAGE], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let is_full = i64::try_from(rows.len()).is_ok_and(|rows| rows == PAGE);
    let next =
        rows.last().filter(|_| is_full).map(|(due_us, volume)| Mark { due_us: *due_us, volume: *volume });
    let mut volumes = Vec::new();
    for (_, volume) in rows {
        if let Some(stay) = stay_of(conn, VolumeId(volume))?
            && owed(rules, &stay.held, now).is_some()
        {
            volumes.push(VolumeId(volume));
        }
    }
    Ok((volumes, next))
}

/// A volume that is due, at whoever has it; `None` if nobody is to be asked for it by the ladder.
fn stay_of(conn: &Connection, volume: VolumeId) -> rusqlite::Result<Option<Stay>> {
    type Facts = (i64, Option<i64>, i64, bool, Option<i64>);
    let found: Option<Facts> = conn
        .prepare_cached(
            "select v.at_id, v.movement_no, v.due_at_us, c.closed_at_us is not null, c.parent_id
             from volume v join custodian c on c.custodian_id = v.at_id
             where v.volume_id = ?1 and v.due_at_us is not null and v.missing_since_us is null and v.state = 'active'",
        )?
        .query_row(params![volume.0], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
        })
        .optional()?;
    let Some((holder, Some(no), due_us, is_closed, department)) = found else { return Ok(None) };
    let no = stay_no(conn, no)?;
    let written = conn
        .prepare_cached(
            "select nv.step, n.created_at_us, n.state from notice_volume nv join notice n using (notice_id)
             where nv.volume_id = ?1 and nv.stay_no = ?2",
        )?
        .query_map(params![volume.0, no], |row| {
            let state: String = row.get(2)?;
            let came = if state == "refused" { Came::Back } else { Came::Ahead };
            Ok(Written { step: row.get(0)?, at: timestamp(row.get(1)?), came })
        })?
        .collect::<rusqlite::Result<_>>()?;
    let denies = denies(conn, volume, no)?;
    let held = Held { due_at: timestamp(due_us), holder_is_out: is_closed || denies, written };
    Ok(Some(Stay { no, holder, department, held }))
}

/// Whoever has it said last that they have it no more, or never had it.
fn denies(conn: &Connection, volume: VolumeId, stay: i64) -> rusqlite::Result<bool> {
    let answer: Option<String> = conn
        .prepare_cached(
            "select answer from notice_answer where volume_id = ?1 and stay_no = ?2 order by answer_id desc limit 1",
        )?
        .query_row(params![volume.0, stay], |row| row.get(0))
        .optional()?;
    Ok(answer.and_then(|answer| Answer::parse(&answer)).is_some_and(Answer::denies))
}

/// The movement that began the stay that `no` belongs to.
fn stay_no(conn: &Connection, no: i64) -> rusqlite::Result<i64> {
    let mut at = no;
    for _ in 0..WALK_MAX {
        let before: Option<Option<i64>> = conn
            .prepare_cached(
                "select case when late = 1 then previous_no
                             else (select u.previous_no from any_movement u where u.movement_no = m.undoes_no) end
                 from any_movement m where movement_no = ?1 and (late = 1 or kind = 'undone')",
            )?
            .query_row(params![at], |row| row.get(0))
            .optional()?;
        match before {
            Some(Some(before)) => at = before,
            Some(None) | None => return Ok(at),
        }
    }
    Ok(at)
}

/// The step that is owed and its recipient. A step whose recipient is closed or not on file counts as one that came back:
/// the next recipient is asked.
fn next_step<'a>(
    ledger: &Ledger<'_>,
    rules: &'a Rules,
    stay: &Stay,
    nobody: &mut Vec<String>,
) -> rusqlite::Result<Option<(&'a Step, CustodianId)>> {
    let mut held = stay.held.clone();
    for _ in 0..=STEPS_MAX {
        let Some(step) = owed(rules, &held, ledger.now) else { return Ok(None) };
        if let Some(to) = recipient(ledger.conn, &step.to, stay)? {
            return Ok(Some((step, to)));
        }
        if let To::Custodian(code) = &step.to {
            nobody.push(code.clone());
        }
        held.written.push(Written { step: step.name.clone(), at: ledger.now, came: Came::Back });
    }
    Ok(None)
}

/// Who a step goes to; `None` if they are closed or not on file.
fn recipient(conn: &Connection, to: &To, stay: &Stay) -> rusqlite::Result<Option<CustodianId>> {
    let (id, code) = match to {
        To::Holder => (Some(stay.holder), None),
        To::Department => (Some(stay.department.unwrap_or(stay.holder)), None),
        To::Custodian(code) => (None, Some(code.as_str())),
    };
    conn.prepare_cached(
        "select custodian_id from custodian where (custodian_id = ?1 or code = ?2) and closed_at_us is null",
    )?
    .query_row(params![id, code], |row| row.get(0).map(CustodianId))
    .optional()
}

impl From<Never> for Stop<Never> {
    fn from(never: Never) -> Stop<Never> {
        Stop::Refused(never)
    }
}
