//! Where somebody looked for a chart in vain, as a notice about it tells.

use crate::missing::plan::Thoroughness;
use crate::notice::Searched;
use crate::store::missing::happened::place_words;
use crate::store::timestamp;
use crate::tracking::VolumeId;
use rusqlite::{Connection, params};

/// Most looks that are told of one chart: the newest.
const LOOKS: i64 = 10;

/// The newest looks of the volume's open case, the oldest of them first; once it is `found`, those of its last case.
pub(super) fn searched(conn: &Connection, volume: VolumeId, found: bool) -> rusqlite::Result<Vec<Searched>> {
    let mut statement = conn.prepare_cached(
        "select place, how, looker, at_us from missing_look
         where case_id = (select case_id from missing_case where volume_id = ?1 and (closed_at_us is null or ?3)
                          order by closed_at_us is not null, case_id desc limit 1)
         order by look_id desc limit ?2",
    )?;
    let rows = statement.query_map(params![volume.0, LOOKS, found], |row| {
        let (place, how): (String, String) = (row.get(0)?, row.get(1)?);
        Ok(Searched {
            place: place_words(conn, &place)?,
            how: Thoroughness::parse(&how).unwrap_or(Thoroughness::Glance).words(),
            by: row.get(2)?,
            at: timestamp(row.get(3)?),
        })
    })?;
    let mut found = rows.collect::<rusqlite::Result<Vec<_>>>()?;
    found.reverse();
    Ok(found)
}
