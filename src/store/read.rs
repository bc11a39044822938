//! Where a chart is and has been: locating, charts, histories. Each question is one method and one snapshot, and uses
//! an index all the way.

use super::views::{HistoryPage, MovementView, Named, VolumeView};
use super::{Store, StoreError, timestamp};
use crate::tracking::grammar::{MovementKind, Skip};
use crate::tracking::{ChartId, CustodianId, Entry, MovementNo, Mrn, VolumeId};
use rusqlite::{Connection, OptionalExtension, Row, named_params};

/// Most volumes that one search answers with.
const HITS_MAX: i64 = 50;
/// Movements of a history page.
const HISTORY_ROWS: usize = 50;

/// What a search text may mean; the caller has read it by the label formats and as a number.
#[derive(Debug, Clone, Default)]
pub struct Locate {
    /// Key of a volume's label.
    pub label: Option<String>,
    /// A patient's number.
    pub mrn: Option<Mrn>,
}

pub(super) const VOLUME_COLUMNS: &str = "
  volume.volume_id, coalesce(chart.merged_into, chart.chart_id), chart.mrn, chart.record_type, volume.number, volume.label,
  home.custodian_id, home.code, home.name, home.phone, at.custodian_id, at.code, at.name, at.phone,
  volume.since_us, station.name, volume.filing_key,
  volume.in_transit, volume.due_at_us, volume.missing_since_us, movement.kind, movement.skip, movement.entry, sender.name,
  (select shelf.name from shelved join custodian shelf on shelf.custodian_id = shelf_id
   where shelved.volume_id = volume.volume_id),
  at.mail,
  container.name || iif(exists (select 1 from box_move b where b.box_id = at.custodian_id and b.to_id = at.parent_id
                                  and b.in_transit is not null and b.box_move_id = (select max(n.box_move_id) from box_move n
                                                                                    where n.box_id = at.custodian_id)),
                        ', on its way there', ''),
  container.phone, at.room
  from volume
  join chart using (chart_id)
  join custodian home on home.custodian_id = volume.home_id
  join custodian at on at.custodian_id = volume.at_id
  left join custodian container on at.kind = 'box' and container.custodian_id = at.parent_id
  left join movement using (movement_no)
  left join station on station.station_id = movement.station_id
  left join custodian sender on sender.custodian_id = movement.from_id";

impl Store {
    /// Volumes that a search text means: those of the label's chart, or all charts with the number.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn locate(&self, wanted: Locate) -> Result<Vec<VolumeView>, StoreError> {
        self.read("locate a chart", move |conn| {
            if let Some(key) = &wanted.label {
                let hits = by_label(conn, key)?;
                if !hits.is_empty() {
                    return Ok(hits);
                }
            }
            wanted.mrn.as_ref().map_or(Ok(Vec::new()), |mrn| by_mrn(conn, mrn))
        })
        .await
    }

    /// A volume's movements, newest first, from `from` (or the newest) on; `None` if there is no such volume.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn history(
        &self,
        volume: VolumeId,
        from: Option<MovementNo>,
    ) -> Result<Option<HistoryPage>, StoreError> {
        self.read("show a history", move |conn| history(conn, volume, from, HISTORY_ROWS)).await
    }
}

fn by_label(conn: &Connection, key: &str) -> rusqlite::Result<Vec<VolumeView>> {
    let sql = format!(
        "select {VOLUME_COLUMNS}
         where volume.volume_id = (select coalesce(old.sheets_in, old.volume_id)
                                   from label join volume old on old.volume_id = target_id
                                   where label.kind = 'volume' and key = :key)"
    );
    volumes(conn, &sql, named_params! { ":key": key })
}

fn by_mrn(conn: &Connection, mrn: &Mrn) -> rusqlite::Result<Vec<VolumeView>> {
    // A retired number means the chart that survived, and a chart is all that was merged into it.
    let sql = format!(
        "with meant(id) as (select coalesce(merged_into, chart_id) from chart where mrn_key = :key)
         select {VOLUME_COLUMNS}
         where chart.chart_id in (select id from meant union all
                                  select chart_id from chart where merged_into in (select id from meant))
           and volume.sheets_in is null
         order by chart.record_type, chart.merged_into is not null, chart.chart_id, volume.number limit :hits"
    );
    volumes(conn, &sql, named_params! { ":key": mrn.key(), ":hits": HITS_MAX })
}

pub(super) fn volumes(
    conn: &Connection,
    sql: &str,
    params: &[(&str, &dyn rusqlite::ToSql)],
) -> rusqlite::Result<Vec<VolumeView>> {
    conn.prepare_cached(sql)?.query_map(params, volume_view)?.collect()
}

pub(super) fn volume_view(row: &Row<'_>) -> rusqlite::Result<VolumeView> {
    Ok(VolumeView {
        volume: VolumeId(row.get(0)?),
        chart: ChartId(row.get(1)?),
        mrn: row.get(2)?,
        record_type: row.get(3)?,
        number: row.get(4)?,
        label: row.get(5)?,
        home: named(row, 6)?,
        at: named(row, 10)?,
        since: row.get::<_, Option<i64>>(14)?.map(timestamp),
        station: row.get(15)?,
        in_transit: row.get::<_, Option<i64>>(17)?.is_some(),
        due: row.get::<_, Option<i64>>(18)?.map(timestamp),
        missing_since: row.get::<_, Option<i64>>(19)?.map(timestamp),
        last: row.get::<_, Option<String>>(20)?.and_then(|kind| MovementKind::parse(&kind)),
        skip: row.get::<_, Option<String>>(21)?.and_then(|skip| Skip::parse(&skip)),
        entry: if row.get::<_, Option<String>>(22)?.as_deref() == Some("keyed") {
            Entry::Keyed
        } else {
            Entry::Scanned
        },
        from: row.get(23)?,
        shelf: row.get(24)?,
        at_mail: row.get(25)?,
        within: row.get(26)?,
        within_phone: row.get(27)?,
        at_room: row.get(28)?,
        mates: None,
    })
}

pub(super) fn named(row: &Row<'_>, first: usize) -> rusqlite::Result<Named> {
    Ok(Named {
        id: CustodianId(row.get(first)?),
        code: row.get(first + 1)?,
        name: row.get(first + 2)?,
        phone: row.get(first + 3)?,
    })
}

fn history(
    conn: &Connection,
    volume: VolumeId,
    from: Option<MovementNo>,
    rows: usize,
) -> rusqlite::Result<Option<HistoryPage>> {
    let newest: Option<Option<i64>> = conn
        .prepare_cached("select movement_no from volume where volume_id = :volume")?
        .query_row(named_params! { ":volume": volume.0 }, |row| row.get(0))
        .optional()?;
    let Some(newest) = newest else { return Ok(None) };
    let mut next = from.map(|no| no.0).or(newest);
    let mut movements = Vec::new();
    while let Some(no) = next.filter(|_| movements.len() < rows) {
        let Some((found, previous)) = movement(conn, volume, no)? else { break };
        movements.push(found);
        next = previous;
    }
    Ok(Some(HistoryPage { movements, next: next.map(MovementNo) }))
}

/// A movement of a volume, and the number of the one before it.
pub(super) fn movement(
    conn: &Connection,
    volume: VolumeId,
    no: i64,
) -> rusqlite::Result<Option<(MovementView, Option<i64>)>> {
    conn.prepare_cached(
        "select movement_no, movement.kind, a.name, b.name, scanned_at_us, recorded_at_us, entry, station.name, operator,
                late, previous_no, movement.in_transit, movement.skip
         from any_movement movement
         join custodian a on a.custodian_id = from_id
         join custodian b on b.custodian_id = to_id
         left join station using (station_id)
         where movement_no = :no and volume_id = :volume",
    )?
    .query_row(named_params! { ":no": no, ":volume": volume.0 }, |row| {
        Ok((movement_view(row)?, row.get::<_, Option<i64>>(10)?))
    })
    .optional()
}

fn movement_view(row: &Row<'_>) -> rusqlite::Result<MovementView> {
    let entry: String = row.get(6)?;
    Ok(MovementView {
        no: MovementNo(row.get(0)?),
        kind: MovementKind::parse(&row.get::<_, String>(1)?).unwrap_or(MovementKind::Received),
        from: row.get(2)?,
        to: row.get(3)?,
        scanned_at: timestamp(row.get(4)?),
        recorded_at: timestamp(row.get(5)?),
        entry: if entry == Entry::Keyed.as_str() { Entry::Keyed } else { Entry::Scanned },
        station: row.get(7)?,
        operator: row.get(8)?,
        late: row.get(9)?,
        in_transit: row.get::<_, Option<i64>>(11)?.is_some(),
        skip: row.get::<_, Option<String>>(12)?.and_then(|skip| Skip::parse(&skip)),
    })
}
