//! When a volume is due back that was handed to a holder: by whose rule, by whose calendar, and never while its patient is
//! in a ward.

use super::history::Outcome;
use super::memory::Memory;
use super::{known, micros, timestamp};
use crate::tracking::grammar::{MovementKind, Role};
use crate::tracking::{Calendar, CustodianId, DueRule, Hours, Stay, VolumeId};
use rusqlite::{Connection, OptionalExtension, params};

/// When a volume is due back that a movement of this kind gave to `to`, counted from `from_us`.
pub(super) fn due_back(
    conn: &Connection,
    memory: &Memory,
    (volume, kind, to): (VolumeId, MovementKind, CustodianId),
    from_us: i64,
) -> rusqlite::Result<Option<i64>> {
    let is_lent = matches!(
        kind,
        MovementKind::ChargedOut
            | MovementKind::Dispatched
            | MovementKind::Transferred
            | MovementKind::Received
            | MovementKind::Sighted
            | MovementKind::Unpacked
    );
    if !is_lent || memory.due.is_none() {
        return Ok(None);
    }
    due_from(conn, memory, volume, to, from_us)
}

/// When a volume that a custodian has is due back, counted from `from_us`. Nothing is due from the file room's own places,
/// nor while the patient is in a ward (VistA Record Tracking leaves inpatients out of its overdue lists as well).
pub(super) fn due_from(
    conn: &Connection,
    memory: &Memory,
    volume: VolumeId,
    to: CustodianId,
    from_us: i64,
) -> rusqlite::Result<Option<i64>> {
    let Some(due) = memory.due.as_ref() else { return Ok(None) };
    let (role, own) = known::lending(conn, to)?;
    if role != Role::Holder {
        return Ok(None);
    }
    // Chart and patient are two pages among millions that a scan need not wait for where they decide nothing.
    let (stay, of_type) =
        if own.is_some() && !are_stays_known(conn)? { (None, None) } else { of_volume(conn, volume)? };
    if stay == Some(Stay::Inpatient) {
        return Ok(None);
    }
    let rule = own.or(of_type).unwrap_or(due.rule);
    let hours = hours_of(conn, to)?.and_then(|hours| hours.calendar(due.calendar.zone().clone()).ok());
    let calendar: &Calendar = hours.as_ref().unwrap_or(&due.calendar);
    // A patient who may be in a ward is taken to be there as long as nobody tells of a discharge.
    let stay = stay.unwrap_or(Stay::Inpatient);
    Ok(calendar.due_at(rule, timestamp(from_us), stay).map(micros))
}

/// What a movement leaves behind, but for a time to be back at if the patient is in a ward.
pub(super) fn unless_inpatient(
    conn: &Connection,
    volume: VolumeId,
    outcome: Outcome,
) -> rusqlite::Result<Outcome> {
    let is_inpatient = outcome.due_us.is_some() && of_volume(conn, volume)?.0 == Some(Stay::Inpatient);
    Ok(if is_inpatient { Outcome { due_us: None, ..outcome } } else { outcome })
}

/// Whether somebody tells this site who is admitted and discharged.
fn are_stays_known(conn: &Connection) -> rusqlite::Result<bool> {
    conn.prepare_cached(
        "select exists (select 1 from patient indexed by patient_stay
                        where inpatient_since_us is not null or discharged_at_us is not null)",
    )?
    .query_row([], |row| row.get(0))
}

/// What is known of the stay of a volume's patient, and the rule of its kind of record.
fn of_volume(conn: &Connection, volume: VolumeId) -> rusqlite::Result<(Option<Stay>, Option<DueRule>)> {
    let found = conn
        .prepare_cached(
            "select p.inpatient_since_us is not null, p.discharged_at_us, t.due_rule
             from volume v join chart c using (chart_id)
             left join patient p indexed by patient_stay on p.patient_id = c.patient_id
               and (p.inpatient_since_us is not null or p.discharged_at_us is not null)
             left join record_type t using (record_type) where v.volume_id = ?1",
        )?
        .query_row(params![volume.0], |row| {
            let (is_in, discharged): (Option<bool>, Option<i64>) = (row.get(0)?, row.get(1)?);
            let stay = match (is_in, discharged) {
                (Some(true), _) => Some(Stay::Inpatient),
                (_, Some(at)) => Some(Stay::Discharged(timestamp(at))),
                _ => None,
            };
            let rule: Option<String> = row.get(2)?;
            Ok((stay, rule.and_then(|rule| DueRule::parse(&rule).ok())))
        })
        .optional()?;
    Ok(found.unwrap_or_default())
}

/// The hours of a custodian, or of the nearest one that it is part of and that has any.
pub(super) fn hours_of(conn: &Connection, custodian: CustodianId) -> rusqlite::Result<Option<Hours>> {
    conn.prepare_cached(
        "with recursive up (id, steps) as (
           select ?1, 0 union all
           select parent_id, steps + 1 from custodian join up on custodian_id = id where parent_id is not null and steps < 20)
         select working_days, opens, closes, holidays from up join custodian_hours on custodian_id = id order by steps limit 1",
    )?
    .query_row(params![custodian.0], |row| {
        Ok(Hours {
            working_days: row.get(0)?,
            opens: row.get(1)?,
            closes: row.get(2)?,
            holidays: row.get(3)?,
        })
    })
    .optional()
}
