//! Puts a chart into the notice that asks for it: one that waits untried, else a new one, if the recipient may get one.

use crate::notice::{Recent, Rules};
use crate::store::change::Ledger;
use crate::store::{micros, timestamp};
use crate::tracking::{CustodianId, VolumeId};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{OptionalExtension, params};

/// What somebody is to be told about one chart.
pub(in crate::store) struct About<'a> {
    /// Which volume.
    pub(in crate::store) volume: VolumeId,
    /// The movement that began its stay.
    pub(in crate::store) stay: i64,
    /// Name of the step.
    pub(in crate::store) step: &'a str,
    /// Who gets it.
    pub(in crate::store) to: CustodianId,
    /// When somebody else needs it.
    pub(in crate::store) needed: Option<i64>,
}

/// Adds a chart to a notice; `false` if it was in one before, or the recipient has had too many (then it is owed still).
pub(in crate::store) fn add(
    ledger: &mut Ledger<'_>,
    rules: &Rules,
    about: &About<'_>,
) -> rusqlite::Result<bool> {
    let is_told: bool = ledger
        .conn
        .prepare_cached(
            "select exists (select 1 from notice_volume
                            where volume_id = ?1 and stay_no = ?2 and step = ?3 and to_id = ?4)",
        )?
        .query_row(params![about.volume.0, about.stay, about.step, about.to.0], |row| row.get(0))?;
    if is_told {
        return Ok(false);
    }
    let waiting: Option<i64> = ledger
        .conn
        .prepare_cached(
            "select notice_id from notice where state = 'queued' and tries = 0 and to_id = ?1 and step = ?2 limit 1",
        )?
        .query_row(params![about.to.0, about.step], |row| row.get(0))
        .optional()?;
    let notice = match waiting {
        Some(notice) => notice,
        None if rules.caps.allow(recent(ledger, about)?, ledger.now) => insert(ledger, rules, about)?,
        None => return Ok(false),
    };
    let is_settled = (about.step == "found").then_some(ledger.now_us());
    ledger
        .conn
        .prepare_cached(
            "insert into notice_volume (notice_id, volume_id, stay_no, step, to_id, needed_at_us, settled_at_us)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            notice, about.volume.0, about.stay, about.step, about.to.0, about.needed, is_settled
        ])?;
    Ok(true)
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
    let address = mail.filter(|mail| rules.has_mail && !mail.trim().is_empty());
    let channel = if address.is_some() { "mail" } else { "slip" };
    let now_us = ledger.now_us();
    ledger
        .conn
        .prepare_cached(
            "insert into notice (step, to_id, channel, address, state, created_at_us, next_try_us)
             values (?1, ?2, ?3, ?4, 'queued', ?5, ?5)",
        )?
        .execute(params![about.step, about.to.0, channel, address, now_us])?;
    let notice = ledger.conn.last_insert_rowid();
    ledger.audit(
        "notice",
        None,
        &format!("notice {notice} written: {} to custodian {}", about.step, about.to),
    )?;
    Ok(notice)
}
