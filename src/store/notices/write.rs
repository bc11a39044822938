//! Puts a chart into the notice that asks for it: one that waits untried, else a new one, if the recipient may get one.

use crate::notice::{Channel, Recent, Rules};
use crate::store::change::Ledger;
use crate::store::{micros, timestamp};
use crate::tracking::{CustodianId, VolumeId};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, params};

/// What somebody is to be told about one chart.
pub(super) struct About<'a> {
    /// Which volume.
    pub(super) volume: VolumeId,
    /// The movement that began its stay.
    pub(super) stay: i64,
    /// Name of the step.
    pub(super) step: &'a str,
    /// Who gets it.
    pub(super) to: CustodianId,
    /// When somebody else needs it.
    pub(super) needed: Option<i64>,
}

/// What became of a chart that somebody is to be told about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Added {
    /// It is in a notice now.
    New,
    /// It was in one before.
    Before,
    /// The recipient has had too many for now: it is owed still.
    TooMany,
}

/// Adds a chart to a notice. One that was withdrawn told nobody, and counts for nothing.
pub(super) fn add(ledger: &mut Ledger<'_>, rules: &Rules, about: &About<'_>) -> rusqlite::Result<Added> {
    let is_told: bool = ledger
        .conn
        .prepare_cached(
            "select exists (select 1 from notice_volume nv join notice n using (notice_id)
                            where nv.volume_id = ?1 and nv.stay_no = ?2 and nv.step = ?3 and nv.to_id = ?4
                              and n.state <> 'withdrawn')",
        )?
        .query_row(params![about.volume.0, about.stay, about.step, about.to.0], |row| row.get(0))?;
    if is_told {
        return Ok(Added::Before);
    }
    let waiting: Option<i64> = ledger
        .conn
        .prepare_cached(
            // One that asks for this chart already does so for an earlier stay.
            "select notice_id from notice n where state = 'queued' and tries = 0 and to_id = ?1 and step = ?2
               and not exists (select 1 from notice_volume nv where nv.notice_id = n.notice_id and nv.volume_id = ?3)
             limit 1",
        )?
        .query_row(params![about.to.0, about.step, about.volume.0], |row| row.get(0))
        .optional()?;
    let notice = match waiting {
        Some(notice) => notice,
        None if rules.caps.allow(recent(ledger, about)?, ledger.now) => insert(ledger, rules, about)?,
        None => return Ok(Added::TooMany),
    };
    let is_settled = (about.step == "found").then_some(ledger.now_us());
    ledger
        .conn
        .prepare_cached(
            "insert into notice_volume (notice_id, volume_id, stay_no, step, to_id, needed_at_us, settled_at_us, row_no)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, (select coalesce(max(row_no), 0) + 1 from notice_volume))
             on conflict (volume_id, stay_no, step, to_id) do update
             set notice_id = excluded.notice_id, needed_at_us = excluded.needed_at_us, settled_at_us = excluded.settled_at_us",
        )?
        .execute(params![
            notice, about.volume.0, about.stay, about.step, about.to.0, about.needed, is_settled
        ])?;
    Ok(Added::New)
}

/// What the recipient got, the future left out: the clock may have been set back.
fn recent(ledger: &Ledger<'_>, about: &About<'_>) -> rusqlite::Result<Recent> {
    let day = ledger.now.checked_sub(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MIN);
    ledger
        .conn
        .prepare_cached(
            "select max(created_at_us) filter (where step = ?4), count(*) from notice
             where to_id = ?1 and created_at_us > ?2 and created_at_us <= ?3",
        )?
        .query_row(params![about.to.0, micros(day), ledger.now_us(), about.step], |row| {
            Ok(Recent { last_of_step: row.get::<_, Option<i64>>(0)?.map(timestamp), of_day: row.get(1)? })
        })
}

fn insert(ledger: &mut Ledger<'_>, rules: &Rules, about: &About<'_>) -> rusqlite::Result<i64> {
    let mail: Option<String> = ledger
        .conn
        .prepare_cached("select mail from custodian where custodian_id = ?1")?
        .query_row(params![about.to.0], |row| row.get(0))?;
    let address = mail.filter(|mail| !mail.trim().is_empty());
    let channel = rules.channel(about.step, address.is_some());
    let address = address.filter(|_| channel == Channel::Mail);
    let now_us = ledger.now_us();
    ledger
        .conn
        .prepare_cached(
            "insert into notice (step, to_id, channel, address, state, created_at_us, next_try_us)
             values (?1, ?2, ?3, ?4, 'queued', ?5, ?5)",
        )?
        .execute(params![about.step, about.to.0, channel.as_str(), address, now_us])?;
    let notice = ledger.conn.last_insert_rowid();
    ledger.audit(
        "notice",
        None,
        &format!("notice {notice} written: {} to custodian {}", about.step, about.to),
    )?;
    Ok(notice)
}
