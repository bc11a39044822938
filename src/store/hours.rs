//! Hours of custodians that are not the file room's, and in which room a custodian is found.

use super::change::{Ledger, Stop};
use super::custodians::NotAllowed;
use crate::tracking::{CustodianId, Hours};
use jiff::tz::TimeZone;
use rusqlite::{Connection, OptionalExtension, params};

/// The hours that a custodian itself has; empty: none.
pub(super) fn own_hours(conn: &Connection, custodian: CustodianId) -> rusqlite::Result<Hours> {
    let found = conn
        .prepare_cached(
            "select working_days, opens, closes, holidays from custodian_hours where custodian_id = ?1",
        )?
        .query_row(params![custodian.0], |row| {
            Ok(Hours {
                working_days: row.get(0)?,
                opens: row.get(1)?,
                closes: row.get(2)?,
                holidays: row.get(3)?,
            })
        })
        .optional()?;
    Ok(found.unwrap_or_default())
}

/// Gives a custodian hours and a room; empty: it has none of its own.
pub(super) fn write(
    ledger: &Ledger<'_>,
    custodian: CustodianId,
    hours: &Hours,
    room: &str,
) -> Result<(), Stop<NotAllowed>> {
    ledger
        .conn
        .prepare_cached("update custodian set room = nullif(?2, '') where custodian_id = ?1")?
        .execute(params![custodian.0, room])?;
    ledger
        .conn
        .prepare_cached("delete from custodian_hours where custodian_id = ?1")?
        .execute(params![custodian.0])?;
    if hours.is_empty() {
        return Ok(());
    }
    if let Err(error) = hours.calendar(TimeZone::UTC) {
        return Err(Stop::Refused(NotAllowed(error.to_string())));
    }
    ledger
        .conn
        .prepare_cached(
            "insert into custodian_hours (custodian_id, working_days, opens, closes, holidays) values (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            custodian.0,
            hours.working_days.trim(),
            hours.opens.trim(),
            hours.closes.trim(),
            hours.holidays.trim()
        ])?;
    Ok(())
}
