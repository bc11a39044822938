//! A chart as a whole: its volumes, its patient, what belongs to it, and what happened to it.

use super::mates::mates;
use super::patients;
use super::read::{VOLUME_COLUMNS, movement, volumes};
use super::views::{ChartMention, ChartView, MovementView, TimelinePage, VolumeView};
use super::{Store, StoreError};
use crate::tracking::{ChartId, MovementNo, VolumeId};
use rusqlite::{Connection, OptionalExtension, named_params, params};

/// Steps of one page of a timeline.
const TIMELINE_ROWS: usize = 50;
/// Volumes whose movements one timeline tells, and places where a page of it goes on.
const TIMELINE_VOLUMES_MAX: usize = 64;
/// Other charts that a chart's page names.
const MENTIONS_MAX: i64 = 20;

impl Store {
    /// A chart with its volumes, and those of charts that were merged into it; `None` if there is none.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn chart(&self, chart: ChartId) -> Result<Option<ChartView>, StoreError> {
        self.read("show a chart", move |conn| chart_view(conn, chart)).await
    }

    /// What happened to all volumes of a chart, newest first: from the newest on, or from where a page ended.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn timeline(&self, chart: ChartId, from: Vec<MovementNo>) -> Result<TimelinePage, StoreError> {
        self.read("show what happened to a chart", move |conn| timeline(conn, chart, &from, TIMELINE_ROWS))
            .await
    }
}

fn chart_view(conn: &Connection, chart: ChartId) -> rusqlite::Result<Option<ChartView>> {
    let found = conn
        .prepare_cached("select mrn, record_type from chart where chart_id = :chart")?
        .query_row(named_params! { ":chart": chart.0 }, |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((mrn, record_type)) = found else { return Ok(None) };
    // Its own, then those of charts that were merged into it and whose folders are still to be combined.
    let sql = format!(
        "select {VOLUME_COLUMNS} where (chart.chart_id = :chart or chart.merged_into = :chart)
           and volume.sheets_in is null
         order by chart.merged_into is not null, chart.chart_id, volume.number"
    );
    let mut volumes = volumes(conn, &sql, named_params! { ":chart": chart.0 })?;
    for volume in &mut volumes {
        volume.mates = mates(conn, volume)?;
    }
    Ok(Some(ChartView {
        chart,
        mrn,
        record_type,
        patient: patients::of_chart(conn, chart.0)?,
        stands_in_for: mentions(conn, "chart_id = (select temporary_for from chart where chart_id = ?1 and merged_into is null)", chart)?,
        stand_ins: mentions(conn, "temporary_for = ?1 and merged_into is null and state = 'active'", chart)?,
        others: mentions(
            conn,
            "patient_id = (select patient_id from chart where chart_id = ?1) and chart_id <> ?1
             and merged_into is null and temporary_for is not ?1 and chart_id is not (select temporary_for from chart where chart_id = ?1)",
            chart,
        )?,
        next_needed: None,
        volumes,
    }))
}

/// Charts of a condition, each with who has the volume of it that moved last.
fn mentions(conn: &Connection, which: &str, chart: ChartId) -> rusqlite::Result<Vec<ChartMention>> {
    conn.prepare_cached(&format!(
        "select chart_id, mrn, record_type,
                (select custodian.name from volume join custodian on custodian_id = at_id
                 where volume.chart_id = chart.chart_id order by since_us desc limit 1)
         from chart where {which} order by record_type, chart_id limit ?2"
    ))?
    .query_map(params![chart.0, MENTIONS_MAX], |row| {
        Ok(ChartMention {
            chart: ChartId(row.get(0)?),
            mrn: row.get(1)?,
            record_type: row.get(2)?,
            at: row.get(3)?,
        })
    })?
    .collect()
}

/// Each volume's history is a list linked from the newest movement on: of the volumes' next ones, the newest is taken.
fn timeline(
    conn: &Connection,
    chart: ChartId,
    from: &[MovementNo],
    rows: usize,
) -> rusqlite::Result<TimelinePage> {
    let mut next = if from.is_empty() { newest(conn, chart)? } else { of_chart(conn, chart, from)? };
    let mut steps: Vec<(VolumeId, MovementView)> = Vec::new();
    while steps.len() < rows {
        let Some(index) = (0..next.len()).max_by_key(|index| next.get(*index).map(|(_, no)| *no)) else {
            break;
        };
        let (volume, no) = next.swap_remove(index);
        let Some((step, previous)) = movement(conn, volume, no.0)? else { continue };
        steps.push((volume, step));
        next.extend(previous.map(|previous| (volume, MovementNo(previous))));
    }
    let mut next: Vec<MovementNo> = next.into_iter().map(|(_, no)| no).collect();
    next.sort_unstable_by(|one, other| other.cmp(one));
    Ok(TimelinePage { steps, next })
}

fn newest(conn: &Connection, chart: ChartId) -> rusqlite::Result<Vec<(VolumeId, MovementNo)>> {
    conn.prepare_cached(
        "select volume_id, movement_no from volume join chart using (chart_id)
         where (chart.chart_id = ?1 or chart.merged_into = ?1) and movement_no is not null limit ?2",
    )?
    .query_map(params![chart.0, TIMELINE_VOLUMES_MAX], |row| {
        Ok((VolumeId(row.get(0)?), MovementNo(row.get(1)?)))
    })?
    .collect()
}

/// Those of the movements that are of the chart, at most one for each volume.
fn of_chart(
    conn: &Connection,
    chart: ChartId,
    from: &[MovementNo],
) -> rusqlite::Result<Vec<(VolumeId, MovementNo)>> {
    let mut found: Vec<(VolumeId, MovementNo)> = Vec::new();
    let mut statement = conn.prepare_cached(
        "select volume_id from movement join volume using (volume_id) join chart using (chart_id)
         where movement.movement_no = ?1 and (chart.chart_id = ?2 or chart.merged_into = ?2)",
    )?;
    for no in from.iter().take(TIMELINE_VOLUMES_MAX) {
        let volume: Option<i64> = statement.query_row(params![no.0, chart.0], |row| row.get(0)).optional()?;
        let volume = volume.map(VolumeId).filter(|new| found.iter().all(|(volume, _)| volume != new));
        found.extend(volume.map(|volume| (volume, *no)));
    }
    Ok(found)
}

/// The volume of a chart that moved last; of those that never moved, the first.
pub fn moved_last(volumes: &[VolumeView]) -> Option<&VolumeView> {
    // Of equals, max_by_key takes the last; nobody expects volume 3 first.
    volumes.iter().rev().max_by_key(|volume| volume.since)
}
