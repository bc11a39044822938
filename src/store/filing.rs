//! The order of shelves, kept as charts get patients and other numbers, and patients other names.

use super::change::{Ledger, Stop};
use super::custodians::{CustodianForm, NotAllowed, refuse};
use crate::tracking::{ChartId, CustodianId, Filed, FilingScheme};
use rusqlite::{Connection, params};

/// Most folders of shelves whose order a page changes: about a second of writing.
const REFILED_MAX: i64 = 20_000;

/// Another order writes the place of every folder anew, and no scan is recorded meanwhile.
pub(super) fn check_order(
    ledger: &Ledger<'_>,
    id: CustodianId,
    form: &CustodianForm,
) -> Result<(), Stop<NotAllowed>> {
    let (scheme, folders): (String, i64) = ledger
        .conn
        .prepare_cached("select filing_scheme, volumes_home from custodian where custodian_id = ?1")?
        .query_row(params![id.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let is_same = FilingScheme::parse(&form.filing).is_ok_and(|filing| filing.to_string() == scheme);
    if is_same || folders <= REFILED_MAX {
        return Ok(());
    }
    refuse(format!(
        "{folders} folders belong here, and scans would wait while all get another place; stop the daemon and give the new \
         filing with `outguide import custodians`"
    ))
}

/// Files the folders of all charts of a patient anew; how many stand elsewhere now.
pub(super) fn refile_patient(conn: &Connection, patient: i64) -> rusqlite::Result<usize> {
    refile(conn, "select chart_id from chart where patient_id = ?1", patient)
}

/// Files the folders of a chart anew; how many stand elsewhere now.
pub(super) fn refile_chart(conn: &Connection, chart: ChartId) -> rusqlite::Result<usize> {
    refile(conn, "select ?1", chart.0)
}

fn refile(conn: &Connection, charts: &str, of: i64) -> rusqlite::Result<usize> {
    // A temporary chart stands where the real one would; what is put on a shelf of its own is found by that shelf. `cross` has
    // SQLite begin with the charts, and not with all volumes.
    let sql = format!(
        "with whose (chart_id) as ({charts}),
         part (chart_id, filed_as) as (
           select c.chart_id, coalesce(iif(c.merged_into is null, c.temporary_for, null), c.chart_id)
           from whose join chart c using (chart_id)
           union select c.chart_id, c.temporary_for from whose join chart c on c.temporary_for = whose.chart_id
             where c.merged_into is null)
         select volume_id, mrn_key, number, patient.name, born, filing_key, filing_scheme
         from part cross join volume using (chart_id) join custodian on custodian_id = home_id
         join chart filed on filed.chart_id = part.filed_as left join patient using (patient_id)
         where not exists (select 1 from shelved where shelved.volume_id = volume.volume_id)"
    );
    let folders: Vec<(i64, String, String)> = conn
        .prepare_cached(&sql)?
        .query_map(params![of], |row| {
            let (mrn_key, name): (String, Option<String>) = (row.get(1)?, row.get(3)?);
            let born: Option<String> = row.get(4)?;
            let filed = Filed {
                name: name.as_deref(),
                born: born.and_then(|born| born.parse().ok()),
                ..Filed::by_number(&mrn_key, row.get(2)?)
            };
            let scheme = FilingScheme::parse(&row.get::<_, String>(6)?).unwrap_or(FilingScheme::Numeric);
            Ok((row.get(0)?, row.get(5)?, scheme.sort_key(&filed)))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let mut moved = 0;
    for (volume, _, now) in folders.iter().filter(|(_, before, now)| before != now) {
        moved += conn
            .prepare_cached("update volume set filing_key = ?2 where volume_id = ?1")?
            .execute(params![volume, now])?;
    }
    Ok(moved)
}
