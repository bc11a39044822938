//! Temporary charts, and the real ones that they stand in for.

use super::{Effect, LineResult};
use crate::tracking::Mrn;
use rusqlite::{Connection, OptionalExtension, params};

/// Makes a chart the stand-in for another until they are united.
pub(super) fn stand_in(
    conn: &Connection,
    mrn: &Mrn,
    record_type: &str,
    real: &Mrn,
) -> rusqlite::Result<LineResult> {
    let id = |mrn: &Mrn| {
        conn.prepare_cached(
            "select chart_id, merged_into from chart where mrn_key = ?1 and record_type = ?2",
        )?
        .query_row(params![mrn.key(), record_type], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Option<i64>>(1)?))
        })
        .optional()
    };
    let (Some((chart, united)), Some((real, survivor))) = (id(mrn)?, id(real)?) else {
        return Ok(Err("temporary_for names a chart that is not on file; add a line for it".to_owned()));
    };
    // A list may be older than the uniting, and than a merge of the real one's number.
    let real = survivor.unwrap_or(real);
    if united.is_some() || chart == real {
        return Ok(Ok(Effect::Unchanged));
    }
    let changed = conn
        .prepare_cached(
            "update chart set temporary_for = ?2 where chart_id = ?1 and temporary_for is not ?2",
        )?
        .execute(params![chart, real])?;
    Ok(Ok(Effect::changed(changed)))
}

/// The number of the chart that one on file stands in for, empty if for none; `None` if it is not on file.
pub(super) fn stands_in_for(
    conn: &Connection,
    mrn_key: &str,
    record_type: &str,
) -> rusqlite::Result<Option<String>> {
    conn.prepare_cached(
        "select coalesce(real.mrn_key, '') from chart c left join chart real on real.chart_id = c.temporary_for
         where c.mrn_key = ?1 and c.record_type = ?2",
    )?
    .query_row(params![mrn_key, record_type], |row| row.get(0))
    .optional()
}
