//! Lists: what custodians hold, labels nobody knows, and the file room in numbers.

use super::read::{VOLUME_COLUMNS, named, volume_view};
use super::views::{CustodianPage, CustodianView, FileRoomTotals, VolumeView};
use super::{Store, StoreError, micros};
use crate::tracking::{CustodianId, VolumeId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, named_params};

/// Rows of a page.
const PAGE_ROWS: usize = 100;

/// Where the next page of a list in shelf order starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// Filing key of the last row.
    pub filing_key: String,
    /// Its volume.
    pub volume: VolumeId,
}

impl Store {
    /// Every custodian with its counts.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn custodians(&self) -> Result<Vec<CustodianView>, StoreError> {
        self.read("count what custodians hold", custodian_views).await
    }

    /// What a custodian holds, in shelf order, a page at a time; `None` if there is no such custodian.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn custodian(
        &self,
        custodian: CustodianId,
        after: Option<Cursor>,
    ) -> Result<Option<CustodianPage>, StoreError> {
        self.read("list what a custodian holds", move |conn| {
            custodian_page(conn, custodian, after.as_ref(), None)
        })
        .await
    }

    /// What a custodian holds, in shelf order, from the row after a volume on: as [`Store::custodian`], for addresses,
    /// which must not hold a filing key because the patient's number is in it. With `unseen`: only volumes that were not
    /// scanned since then.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn custodian_after(
        &self,
        custodian: CustodianId,
        after: Option<VolumeId>,
        unseen: Option<Timestamp>,
    ) -> Result<Option<CustodianPage>, StoreError> {
        self.read("list what a custodian holds", move |conn| {
            let after = after.map(|volume| cursor_of(conn, volume)).transpose()?.flatten();
            custodian_page(conn, custodian, after.as_ref(), unseen)
        })
        .await
    }

    /// The file room in four numbers.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn totals(&self) -> Result<FileRoomTotals, StoreError> {
        self.read("count", |conn| {
            conn.prepare_cached(
                "select (select coalesce(sum(volumes_home), 0) from custodian),
                        (select count(*) from volume where at_id <> home_id),
                        (select count(*) from work_item where closed_at_us is null),
                        (select coalesce(max(movement_no), 0) from movement)",
            )?
            .query_row([], |row| {
                Ok(FileRoomTotals {
                    volumes: row.get(0)?,
                    away: row.get(1)?,
                    work_items: row.get(2)?,
                    movements: row.get(3)?,
                })
            })
        })
        .await
    }
}

/// Counts come from the small index of volumes that are away, and from the kept number of volumes at home.
fn custodian_views(conn: &Connection) -> rusqlite::Result<Vec<CustodianView>> {
    conn.prepare_cached(
        "with away as materialized (
           select at_id, home_id, count(*) as n from volume where at_id <> home_id group by at_id, home_id)
         select c.custodian_id, c.code, c.name, c.phone, c.kind, parent.name, c.volumes_home,
                coalesce((select sum(n) from away where at_id = c.custodian_id), 0),
                coalesce((select sum(n) from away where home_id = c.custodian_id), 0)
         from custodian c left join custodian parent on parent.custodian_id = c.parent_id
         order by c.name, c.custodian_id",
    )?
    .query_map([], counted)?
    .collect()
}

/// One custodian with its counts: what it has of others is a part of that index, and only who has shelves of its own
/// needs all of it.
fn custodian_view(conn: &Connection, id: CustodianId) -> rusqlite::Result<Option<CustodianView>> {
    conn.prepare_cached(
        "select c.custodian_id, c.code, c.name, c.phone, c.kind, parent.name, c.volumes_home,
                (select count(*) from volume where at_id = c.custodian_id and at_id <> home_id),
                case when c.volumes_home > 0 then
                  (select count(*) from volume where at_id <> home_id and +home_id = c.custodian_id) else 0 end
         from custodian c left join custodian parent on parent.custodian_id = c.parent_id
         where c.custodian_id = :id",
    )?
    .query_row(named_params! { ":id": id.0 }, counted)
    .optional()
}

fn counted(row: &Row<'_>) -> rusqlite::Result<CustodianView> {
    let (home, away): (u64, u64) = (row.get(6)?, row.get(8)?);
    Ok(CustodianView {
        custodian: named(row, 0)?,
        kind: row.get(4)?,
        parent: row.get(5)?,
        visiting: row.get(7)?,
        at_home: home.saturating_sub(away),
        away,
    })
}

/// Where a volume stands in shelf order, even if it has left the shelf; `None` if there is no such volume.
fn cursor_of(conn: &Connection, volume: VolumeId) -> rusqlite::Result<Option<Cursor>> {
    conn.prepare_cached("select filing_key from volume where volume_id = :volume")?
        .query_row(named_params! { ":volume": volume.0 }, |row| {
            Ok(Cursor { filing_key: row.get(0)?, volume })
        })
        .optional()
}

fn custodian_page(
    conn: &Connection,
    custodian: CustodianId,
    after: Option<&Cursor>,
    unseen: Option<Timestamp>,
) -> rusqlite::Result<Option<CustodianPage>> {
    let Some(view) = custodian_view(conn, custodian)? else { return Ok(None) };
    let (filing_key, volume) = after.map_or(("", 0), |cursor| (cursor.filing_key.as_str(), cursor.volume.0));
    let mut rows: Vec<(String, VolumeView)> = Vec::new();
    // Two walks in shelf order, one along each index; no sort of everything that a custodian holds.
    for condition in [
        "volume.at_id = :id and volume.at_id <> volume.home_id",
        "volume.home_id = :id and volume.at_id = :id",
    ] {
        let sql = format!(
            "select {VOLUME_COLUMNS} where {condition} and (volume.filing_key, volume.volume_id) > (:filing, :volume)
               and volume.sheets_in is null
               and (:unseen is null or coalesce(volume.since_us, 0) < :unseen)
             order by volume.filing_key, volume.volume_id limit :rows"
        );
        let params = named_params! {
            ":id": custodian.0, ":filing": filing_key, ":volume": volume, ":rows": PAGE_ROWS + 1,
            ":unseen": unseen.map(micros),
        };
        let mut statement = conn.prepare_cached(&sql)?;
        for row in statement.query_map(params, |row| Ok((row.get(16)?, volume_view(row)?)))? {
            rows.push(row?);
        }
    }
    rows.sort_by(|a, b| (&a.0, a.1.volume).cmp(&(&b.0, b.1.volume)));
    let more = rows.len() > PAGE_ROWS;
    rows.truncate(PAGE_ROWS);
    let next = rows
        .last()
        .filter(|_| more)
        .map(|(key, last)| Cursor { filing_key: key.clone(), volume: last.volume });
    Ok(Some(CustodianPage { view, volumes: rows.into_iter().map(|(_, volume)| volume).collect(), next }))
}
