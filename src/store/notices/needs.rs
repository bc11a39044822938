//! Charts that somebody else needs: who has one is asked for it at once, whatever the ladder says.
//!
//! A person's "ask for it" (a row of `recall`) and a request whose time comes near are both looked for again and again,
//! so neither is lost by a restart, and both together make one notice.

use super::write::Added;
use super::{About, Decided, Mark, Never, add, denies, stay_no, unwritten};
use crate::notice::{Rules, is_wanted_now};
use crate::store::change::Ledger;
use crate::store::{Store, StoreError, micros, timestamp};
use crate::tracking::{CustodianId, VolumeId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use std::sync::Arc;

/// Name of the step of these notices.
pub(super) const NEEDED: &str = "needed";
/// Volumes of a page.
const PAGE: i64 = 200;

/// A volume that somebody else waits for, at whoever has it.
struct Wanted {
    holder: CustodianId,
    /// Whom to ask: the holder, or what it is part of if it is closed.
    ask: Option<CustodianId>,
    stay: i64,
    needed: Timestamp,
    in_transit: bool,
}

impl Store {
    /// Writes the notices that are owed for one page of the charts that somebody else needs. Run twice it writes nothing
    /// new.
    ///
    /// # Errors
    /// The database failed; nothing of the page is written.
    pub async fn notice_needs(&self, rules: Arc<Rules>, from: Mark) -> Result<Decided, StoreError> {
        let until = self.clock.now().checked_add(rules.needed_ahead).unwrap_or(Timestamp::MAX);
        let (volumes, next) =
            self.read("find charts that are needed", move |conn| page(conn, from, until)).await?;
        if volumes.is_empty() {
            return Ok(Decided { next, ..Decided::default() });
        }
        let noticed = self.change::<_, Never>(move |ledger| {
            let mut decided = Decided { next, ..Decided::default() };
            for volume in &volumes {
                decided.asked += usize::from(ask(ledger, &rules, *volume)?);
            }
            Ok(decided)
        });
        noticed.await.map_err(|error| unwritten(&error))
    }
}

/// Volumes that somebody was told to ask for, or that are away and needed soon.
fn page(conn: &Connection, from: Mark, until: Timestamp) -> rusqlite::Result<(Vec<VolumeId>, Option<Mark>)> {
    let volumes: Vec<i64> = conn
        .prepare_cached(
            "select volume_id from recall where noticed_at_us is null and volume_id > ?1
             union
             select r.volume_id from request r join volume v using (volume_id)
             where r.closed_at_us is null and r.needed_at_us < ?2 and r.volume_id > ?1
               and v.at_id <> v.home_id and v.at_id <> r.to_id and v.in_transit is null
               and not exists (select 1 from notice_volume nv join notice n using (notice_id)
                               where nv.volume_id = r.volume_id and nv.step = ?4 and nv.settled_at_us is null
                                 and n.state <> 'withdrawn')
             order by 1 limit ?3",
        )?
        .query_map(params![from.volume, micros(until), PAGE, NEEDED], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let is_full = i64::try_from(volumes.len()).is_ok_and(|rows| rows == PAGE);
    let next = volumes.last().filter(|_| is_full).map(|volume| Mark { due_us: 0, volume: *volume });
    Ok((volumes.into_iter().map(VolumeId).collect(), next))
}

/// Asks for one volume if that is owed; whether somebody is asked who was not before.
fn ask(ledger: &mut Ledger<'_>, rules: &Rules, volume: VolumeId) -> rusqlite::Result<bool> {
    let Some(wanted) = wanted(ledger.conn, volume)? else {
        // Nobody waits any more, or nobody has it: what was owed is owed no longer.
        owe_no_more(ledger, volume, None)?;
        return Ok(false);
    };
    owe_no_more(ledger, volume, Some(wanted.holder))?;
    let is_recalled: bool = ledger
        .conn
        .prepare_cached(
            "select exists (select 1 from recall where noticed_at_us is null and volume_id = ?1 and holder_id = ?2)",
        )?
        .query_row(params![volume.0, wanted.holder.0], |row| row.get(0))?;
    let is_time = !wanted.in_transit && is_wanted_now(rules, wanted.needed, ledger.now);
    if !is_recalled && (!is_time || denies(ledger.conn, volume, wanted.stay)?) {
        return Ok(false);
    }
    let Some(to) = wanted.ask else { return Ok(false) };
    let about = About { volume, stay: wanted.stay, step: NEEDED, to, needed: Some(micros(wanted.needed)) };
    let added = add(ledger, rules, &about)?;
    if added != Added::TooMany {
        owe_no_more(ledger, volume, None)?;
    }
    Ok(added == Added::New)
}

/// Marks what was owed as done, but for what is owed to one holder.
fn owe_no_more(
    ledger: &mut Ledger<'_>,
    volume: VolumeId,
    but: Option<CustodianId>,
) -> rusqlite::Result<usize> {
    ledger
        .conn
        .prepare_cached(
            "update recall set noticed_at_us = ?1
             where noticed_at_us is null and volume_id = ?2 and (?3 is null or holder_id <> ?3)",
        )?
        .execute(params![ledger.now_us(), volume.0, but.map(|holder| holder.0)])
}

/// Who has a volume that somebody else waits for.
fn wanted(conn: &Connection, volume: VolumeId) -> rusqlite::Result<Option<Wanted>> {
    type Facts = (i64, bool, Option<i64>, i64, i64, bool);
    let found: Option<Facts> = conn
        .prepare_cached(
            "select v.at_id, c.closed_at_us is not null, c.parent_id, v.movement_no, r.needed_at_us, v.in_transit is not null
             from volume v join custodian c on c.custodian_id = v.at_id join request r on r.volume_id = v.volume_id
             where v.volume_id = ?1 and v.at_id <> v.home_id and v.state = 'active' and v.movement_no is not null
               and v.missing_since_us is null and r.closed_at_us is null and r.to_id <> v.at_id
             order by r.needed_at_us, r.priority desc limit 1",
        )?
        .query_row(params![volume.0], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
        })
        .optional()?;
    let Some((holder, is_closed, department, no, needed_us, in_transit)) = found else { return Ok(None) };
    Ok(Some(Wanted {
        holder: CustodianId(holder),
        ask: if is_closed { department } else { Some(holder) }.map(CustodianId),
        stay: stay_no(conn, no)?,
        needed: timestamp(needed_us),
        in_transit,
    }))
}
