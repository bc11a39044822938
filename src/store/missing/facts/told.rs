//! What people told and what finds taught: visits, looks, habits.

use super::{CaseView, OnFile, PLACES_MAX, VisitAt, days};
use crate::missing::case::Sign;
use crate::missing::plan::{LastSeen, Look, Place, Slot, Thoroughness, Visit, Who};
use crate::store::timestamp;
use crate::tracking::CustodianId;
use rusqlite::{Connection, params};

/// Where the volume was asked for, lately or in the days to come: its patient was or will be there.
pub(super) fn asked_for(conn: &Connection, file: &OnFile) -> rusqlite::Result<Vec<VisitAt>> {
    conn.prepare_cached(
        "select to_id, max(needed_at_us) from request where volume_id = ?1 and state not in ('cancelled')
         group by to_id, needed_at_us / 86400000000 order by max(needed_at_us) desc limit ?2",
    )?
    .query_map(params![file.volume.0, PLACES_MAX], |row| {
        Ok(VisitAt { custodian: CustodianId(row.get(0)?), at: timestamp(row.get(1)?) })
    })?
    .collect()
}

pub(super) fn patient_visit(conn: &Connection, file: &OnFile, visit: &VisitAt) -> rusqlite::Result<Visit> {
    let name = conn
        .prepare_cached("select name from custodian where custodian_id = ?1")?
        .query_row(params![visit.custodian.0], |row| row.get(0))?;
    let since = file.since_us.unwrap_or(visit.at.as_microsecond());
    Ok(Visit { at: Who { id: visit.custodian, name }, days_after: days(visit.at.as_microsecond() - since) })
}

pub(super) fn habits(conn: &Connection, holder: CustodianId) -> rusqlite::Result<Vec<(Who, f64)>> {
    conn.prepare_cached(
        "select custodian_id, name, finds from missing_habit join custodian on custodian_id = found_id
         where holder_id = ?1 order by finds desc, custodian_id limit 3",
    )?
    .query_map(params![holder.0], |row| {
        Ok((Who { id: CustodianId(row.get(0)?), name: row.get(1)? }, row.get(2)?))
    })?
    .collect()
}

/// What was looked through, also by those who found it wanting: who pulls looks into the slot, who is asked looks around.
pub(super) fn looks(conn: &Connection, case: &CaseView, home: &Slot) -> rusqlite::Result<Vec<Look>> {
    let slot = Place::Slot { area: home.area, next: home.next };
    let mut found = Vec::new();
    for sign in &case.signs {
        match (sign, case.last_seen) {
            (Sign::NotFillable, LastSeen::Home) => {
                found.push(Look { place: slot, how: Thoroughness::Glance });
            }
            (Sign::NotFillable, LastSeen::Sorting) => {
                let sorting = Place::Sorting(case.answerable);
                found.extend([slot, sorting].map(|place| Look { place, how: Thoroughness::Glance }));
            }
            (Sign::HomeSlotEmpty, _) => found.push(Look { place: slot, how: Thoroughness::ShelfByShelf }),
            (Sign::HolderDenies, LastSeen::Holder | LastSeen::OnTheWay) => {
                found.push(Look { place: Place::Desk(case.answerable), how: Thoroughness::Asked });
            }
            (Sign::NotSighted, LastSeen::Holder) => {
                found.push(Look { place: Place::Desk(case.answerable), how: Thoroughness::ShelfByShelf });
            }
            (Sign::HolderDenies, LastSeen::Sorting) => {
                found.push(Look { place: Place::Sorting(case.answerable), how: Thoroughness::Asked });
            }
            _ => {}
        }
    }
    let mut statement =
        conn.prepare_cached("select place, how from missing_look where case_id = ?1 order by look_id")?;
    let mut rows = statement.query(params![case.id.0])?;
    while let Some(row) = rows.next()? {
        let (place, how): (String, String) = (row.get(0)?, row.get(1)?);
        if let (Some(place), Some(how)) = (Place::parse(&place), Thoroughness::parse(&how)) {
            found.push(Look { place, how });
        }
    }
    Ok(found)
}
