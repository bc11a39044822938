//! What is going on with a chart besides where its folders are, and the folders that are to be combined.

use super::read::{VOLUME_COLUMNS, volumes};
use super::timeline::{ChartEvent, timeline};
use super::views::VolumeView;
use super::{Store, StoreError, timestamp};
use crate::tracking::{ChartId, MergeId, VolumeId, WorkItemId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, named_params, params};

/// Most tasks that the work list shows.
const TASKS_MAX: i64 = 50;

/// A chart as it is mentioned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartName {
    /// Which one.
    pub chart: ChartId,
    /// Its number as the site writes it.
    pub mrn: String,
}

/// What is going on with a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartAffairs {
    /// active, merge-due, merged, retired, destroyed.
    pub state: String,
    /// The chart that it has become part of.
    pub merged_into: Option<ChartId>,
    /// It stands in for this chart.
    pub temporary_for: Option<ChartName>,
    /// These stand in for it.
    pub temporaries: Vec<ChartName>,
    /// Numbers that were merged into its own and stand, the newest first.
    pub merges: Vec<MergeView>,
    /// Volumes whose label is worn, and since when.
    pub worn: Vec<(VolumeId, Timestamp)>,
    /// Volumes that are out of use, and what they are.
    pub ended: Vec<(VolumeId, String)>,
    /// What happened to it, the newest first.
    pub timeline: Vec<ChartEvent>,
}

/// A number that was merged into a chart's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeView {
    /// Which merge.
    pub merge: MergeId,
    /// The retired chart.
    pub retired: ChartName,
    /// When.
    pub at: Timestamp,
    /// The folders are still to be combined.
    pub is_due: bool,
}

/// Folders that are to be combined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CombineTask {
    /// The item of the work list.
    pub item: WorkItemId,
    /// Since when.
    pub opened_at: Timestamp,
    /// The chart that survives.
    pub survivor: ChartName,
    /// The one whose number was retired.
    pub retired: ChartName,
    /// medical, dental, …
    pub record_type: String,
    /// The retired chart's folders that are still to be combined.
    pub folders: Vec<VolumeView>,
    /// The surviving chart's folders that can take sheets.
    pub into: Vec<VolumeView>,
}

impl Store {
    /// What is going on with a chart; `None` if there is none.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn chart_affairs(&self, chart: ChartId) -> Result<Option<ChartAffairs>, StoreError> {
        self.read("show what is going on with a chart", move |conn| affairs(conn, chart)).await
    }

    /// Folders that are to be combined, the oldest task first.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn combine_tasks(&self) -> Result<Vec<CombineTask>, StoreError> {
        self.read("list folders to be combined", tasks).await
    }
}

fn affairs(conn: &Connection, chart: ChartId) -> rusqlite::Result<Option<ChartAffairs>> {
    let found = conn
        .prepare_cached(
            "select c.state, c.merged_into, r.chart_id, r.mrn from chart c
             left join chart r on r.chart_id = c.temporary_for and c.merged_into is null where c.chart_id = ?1",
        )?
        .query_row(params![chart.0], |row| {
            let real = row.get::<_, Option<i64>>(2)?.map(ChartId).zip(row.get::<_, Option<String>>(3)?);
            Ok(ChartAffairs {
                state: row.get(0)?,
                merged_into: row.get::<_, Option<i64>>(1)?.map(ChartId),
                temporary_for: real.map(|(chart, mrn)| ChartName { chart, mrn }),
                temporaries: Vec::new(),
                merges: Vec::new(),
                worn: Vec::new(),
                ended: Vec::new(),
                timeline: Vec::new(),
            })
        })
        .optional()?;
    let Some(mut affairs) = found else { return Ok(None) };
    affairs.temporaries = conn
        .prepare_cached(
            "select chart_id, mrn from chart where temporary_for = ?1 and merged_into is null and state = 'active'",
        )?
        .query_map(params![chart.0], |row| Ok(ChartName { chart: ChartId(row.get(0)?), mrn: row.get(1)? }))?
        .collect::<rusqlite::Result<_>>()?;
    affairs.merges = merges(conn, chart)?;
    let mut statement = conn.prepare_cached(
        "select v.volume_id, v.worn_at_us, v.state from volume v join chart c using (chart_id)
         where (c.chart_id = ?1 or c.merged_into = ?1) and v.sheets_in is null
           and (v.worn_at_us is not null or v.state <> 'active')",
    )?;
    let mut rows = statement.query(params![chart.0])?;
    while let Some(row) = rows.next()? {
        let volume = VolumeId(row.get(0)?);
        let state: String = row.get(2)?;
        affairs.worn.extend(row.get::<_, Option<i64>>(1)?.map(|at| (volume, timestamp(at))));
        affairs.ended.extend((state != "active").then_some((volume, state)));
    }
    affairs.timeline = timeline(conn, chart)?;
    Ok(Some(affairs))
}

/// Merges whose retired chart is part of this one: by itself, or by way of another that was merged later.
fn merges(conn: &Connection, chart: ChartId) -> rusqlite::Result<Vec<MergeView>> {
    conn.prepare_cached(
        "select m.merge_id, r.chart_id, r.mrn, m.merged_at_us, m.combined_at_us is null
         from chart r join merge m on m.retired_id = r.chart_id
         where r.merged_into = ?1 and m.undone_at_us is null and m.kind = 'number' order by m.merge_id desc",
    )?
    .query_map(params![chart.0], |row| {
        Ok(MergeView {
            merge: MergeId(row.get(0)?),
            retired: ChartName { chart: ChartId(row.get(1)?), mrn: row.get(2)? },
            at: timestamp(row.get(3)?),
            is_due: row.get(4)?,
        })
    })?
    .collect()
}

fn tasks(conn: &Connection) -> rusqlite::Result<Vec<CombineTask>> {
    let mut tasks = conn
        .prepare_cached(
            "select w.work_item_id, w.opened_at_us, s.chart_id, s.mrn, r.chart_id, r.mrn, r.record_type
             from work_item w join merge m using (work_item_id) join chart r on r.chart_id = m.retired_id
                  join chart s on s.chart_id = coalesce(r.merged_into, m.survivor_id)
             where w.closed_at_us is null order by w.work_item_id limit :rows",
        )?
        .query_map(named_params! { ":rows": TASKS_MAX }, |row| {
            Ok(CombineTask {
                item: WorkItemId(row.get(0)?),
                opened_at: timestamp(row.get(1)?),
                survivor: ChartName { chart: ChartId(row.get(2)?), mrn: row.get(3)? },
                retired: ChartName { chart: ChartId(row.get(4)?), mrn: row.get(5)? },
                record_type: row.get(6)?,
                folders: Vec::new(),
                into: Vec::new(),
            })
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let sql = format!(
        "select {VOLUME_COLUMNS} where volume.chart_id = :chart and volume.state = 'active' order by volume.number"
    );
    for task in &mut tasks {
        task.folders = volumes(conn, &sql, named_params! { ":chart": task.retired.chart.0 })?;
        task.into = volumes(conn, &sql, named_params! { ":chart": task.survivor.chart.0 })?;
    }
    Ok(tasks)
}
