//! A chart as a whole: its volumes, its patient, and what belongs to it.

use super::mates::mates;
use super::patients;
use super::read::{VOLUME_COLUMNS, volumes};
use super::restricted::is_restricted;
use super::views::{ChartMention, ChartView, VolumeView};
use super::{Store, StoreError};
use crate::tracking::ChartId;
use rusqlite::{Connection, OptionalExtension, named_params, params};

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
    .map(|mention| {
        let mention = mention?;
        // Where a restricted chart is says what it is about.
        let at = if is_restricted(conn, mention.chart)? { None } else { mention.at };
        Ok(ChartMention { at, ..mention })
    })
    .collect()
}

/// The volume of a chart that moved last; of those that never moved, the first.
pub fn moved_last(volumes: &[VolumeView]) -> Option<&VolumeView> {
    // Of equals, max_by_key takes the last; nobody expects volume 3 first.
    volumes.iter().rev().max_by_key(|volume| volume.since)
}
