//! Finds charts by whatever is known of them: label, number, name, date of birth.
//!
//! Invariant: whatever is asked, only so many rows are read. Every look-up has a limit, and there are only so many of
//! them; what is too much for a list is answered with "say more", not by reading on.

mod search;

use super::patients::{OnFile, on_file};
use super::read::{VOLUME_COLUMNS, volumes};
use super::views::VolumeView;
use super::{Store, StoreError};
use crate::tracking::search::{Asked, Match};
use crate::tracking::{ChartId, Mrn, VolumeId};
use rusqlite::{Connection, named_params, params};
use search::Search;
use std::sync::LazyLock;

/// Charts that a search answers with.
pub(super) const CHARTS_MAX: usize = 20;
/// Most volumes of all of them.
const VOLUMES_MAX: i64 = 50;
/// Sites that number patients are few; a number is looked up at each.
const ASSIGNERS_MAX: i64 = 32;

/// What a search found.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// What it was found by; `None` if nothing was found.
    pub by: Option<FoundBy>,
    /// The charts, best first.
    pub hits: Vec<Hit>,
    /// There are more: say more of the patient.
    pub more: bool,
    /// Patients who are on file and have no chart.
    pub without_chart: usize,
}

/// What found a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundBy {
    /// The label of this volume.
    Label(VolumeId),
    /// A number.
    Number,
    /// Name, date of birth, or both.
    Patient,
}

/// A chart that was found.
#[derive(Debug, Clone)]
pub struct Hit {
    /// Which one.
    pub chart: ChartId,
    /// The patient's name.
    pub name: Option<String>,
    /// The patient's date of birth.
    pub born: Option<jiff::civil::Date>,
    /// In what it differs from what was asked; empty if in nothing.
    pub why: String,
    /// Somebody must look whether it is the right patient.
    pub is_nearly: bool,
    /// Opened with a reason only, and whoever asks gave none: nothing of the patient is here.
    pub is_closed: bool,
    /// In order of their numbers.
    pub volumes: Vec<VolumeView>,
}

impl Found {
    /// The charts that an answer shows: who shows it must be allowed to.
    pub fn charts(&self) -> impl Iterator<Item = ChartId> {
        self.hits.iter().map(|hit| hit.chart)
    }

    /// The only chart found.
    pub fn only(&self) -> Option<&Hit> {
        match self.hits.as_slice() {
            [hit] if !self.more => Some(hit),
            _ => None,
        }
    }
}

impl Store {
    /// Charts that a text may mean: those of the label, or else of a number, or else of who is asked for. Whoever shows them
    /// takes away what is restricted ([`super::Veil`]).
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn find(&self, label: Option<String>, asked: Asked) -> Result<Found, StoreError> {
        self.read("find a chart", move |conn| find(conn, label.as_deref(), &asked)).await
    }
}

fn find(conn: &Connection, label: Option<&str>, asked: &Asked) -> rusqlite::Result<Found> {
    if let Some(volume) = label.map_or(Ok(None), |key| by_label(conn, key))? {
        let (chart, volume) = volume;
        let hits = Vec::from_iter(hit(conn, chart, None)?);
        return Ok(Found { by: Some(FoundBy::Label(volume)), hits, ..Found::default() });
    }
    let mut otherwise = Vec::new();
    for number in &asked.numbers {
        let mut hits = Vec::new();
        for chart in by_number(conn, number)? {
            let Some(mut hit) = hit(conn, chart, None)? else { continue };
            if asked.fits_number(&hit) {
                hits.push(hit);
            } else {
                "the number fits, the name does not".clone_into(&mut hit.why);
                hit.is_nearly = true;
                otherwise.push(hit);
            }
        }
        if !hits.is_empty() {
            return Ok(Found { by: Some(FoundBy::Number), hits, ..Found::default() });
        }
    }
    let mut found = if asked.is_of_patient() { by_patient(conn, asked)? } else { Found::default() };
    if found.hits.is_empty() && !otherwise.is_empty() {
        // Two hits, so to say: nobody is taken to a chart of another name.
        return Ok(Found { by: Some(FoundBy::Number), hits: otherwise, more: true, ..Found::default() });
    }
    found.by = (!found.hits.is_empty()).then_some(FoundBy::Patient);
    Ok(found)
}

impl Asked {
    /// Whether a chart with a number that was asked for is of the patient who was asked for too, if one was.
    fn fits_number(&self, hit: &Hit) -> bool {
        self.forms().is_empty()
            || hit.name.is_none()
            || crate::tracking::search::rank(self, hit.name.as_deref(), None).is_some()
    }
}

fn by_label(conn: &Connection, key: &str) -> rusqlite::Result<Option<(i64, VolumeId)>> {
    let mut statement = conn.prepare_cached(
        "select coalesce(chart.merged_into, chart.chart_id), volume.volume_id
         from label join volume old on old.volume_id = target_id
         join volume on volume.volume_id = coalesce(old.sheets_in, old.volume_id)
         join chart on chart.chart_id = volume.chart_id where label.kind = 'volume' and key = ?1",
    )?;
    let mut rows = statement.query(params![key])?;
    rows.next()?.map(|row| Ok((row.get(0)?, VolumeId(row.get(1)?)))).transpose()
}

/// Charts of a number that is in use or was, whoever gave it.
fn by_number(conn: &Connection, number: &Mrn) -> rusqlite::Result<Vec<i64>> {
    let mut charts: Vec<i64> = conn
        .prepare_cached("select distinct coalesce(merged_into, chart_id) from chart where mrn_key = ?1 order by record_type limit ?2")?
        .query_map(params![number.key(), CHARTS_MAX], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    if charts.is_empty() {
        // Cross joins keep their order: asked to sort by chart, SQLite walked through all charts instead.
        charts = conn
            .prepare_cached(
                "with recursive giver (assigner, count) as (
                   select * from (select assigner, 1 from mrn where assigner >= '' order by assigner limit 1)
                   union all
                   select (select mrn.assigner from mrn where mrn.assigner > giver.assigner order by 1 limit 1), count + 1
                   from giver where giver.assigner is not null and count < ?3)
                 select distinct coalesce(merged_into, chart_id) from giver
                 cross join mrn on mrn.assigner = giver.assigner and mrn.mrn_key = ?1
                 cross join chart using (patient_id) order by 1 limit ?2",
            )?
            .query_map(params![number.key(), CHARTS_MAX, ASSIGNERS_MAX], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
    }
    Ok(charts)
}

/// Made once: each search asks it.
static VOLUMES_OF_CHART: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select {VOLUME_COLUMNS} where (chart.chart_id = :chart or chart.merged_into = :chart)
               and volume.sheets_in is null
             order by chart.merged_into is not null, chart.chart_id, volume.number limit :most"
    )
});

/// A chart with its volumes and its patient; `None` if it has no volume. If somebody else was found than whose chart it is,
/// they are who its patient was before a merge.
fn hit(conn: &Connection, chart: i64, found: Option<&(Match, OnFile)>) -> rusqlite::Result<Option<Hit>> {
    let volumes = volumes(conn, &VOLUMES_OF_CHART, named_params! { ":chart": chart, ":most": VOLUMES_MAX })?;
    let Some(first) = volumes.first() else { return Ok(None) };
    let chart_id = first.chart;
    let own: Option<i64> = conn
        .prepare_cached("select patient_id from chart where chart_id = ?1")?
        .query_row(params![chart], |row| row.get(0))?;
    let (name, born, why, is_nearly) = match found {
        Some((fit, patient)) if own.is_none_or(|own| own == patient.id) => {
            (patient.name.clone(), patient.born, fit.why(), fit.is_nearly())
        }
        found => {
            let patient = own.map_or(Ok(None), |patient| on_file(conn, patient))?;
            let born = patient.as_ref().and_then(|patient| patient.born);
            let name = patient.and_then(|patient| patient.name);
            let (why, is_nearly) = found.map_or_else(Default::default, |(fit, former)| {
                (former_name(fit, former, name.as_deref()), fit.is_nearly())
            });
            (name, born, why, is_nearly)
        }
    };
    Ok(Some(Hit { chart: chart_id, name, born, why, is_nearly, is_closed: false, volumes }))
}

/// Why a chart was found by who its patient was before a merge.
fn former_name(fit: &Match, former: &OnFile, name: Option<&str>) -> String {
    let former = match &former.name {
        Some(former) if Some(former.as_str()) != name => format!("former name {former}"),
        _ => "date of birth before a merge".to_owned(),
    };
    match fit.why() {
        why if why.is_empty() => former,
        why => format!("{former}; {why}"),
    }
}

fn by_patient(conn: &Connection, asked: &Asked) -> rusqlite::Result<Found> {
    let (mut ranked, more) = Search::new(conn, asked).run()?;
    ranked.sort_by(|(fit, one), (other_fit, other)| {
        let order = |patient: &OnFile| (patient.name.clone(), patient.born, patient.id);
        fit.cmp(other_fit).then_with(|| order(one).cmp(&order(other)))
    });
    let mut found = Found { more, ..Found::default() };
    for patient in &ranked {
        let charts: Vec<i64> = conn
            .prepare_cached(
                "select coalesce(merged_into, chart_id) as root from chart where patient_id = ?1 group by root
                 order by min(record_type), root limit ?2",
            )?
            .query_map(params![patient.1.id, CHARTS_MAX], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        if charts.is_empty() {
            found.without_chart += 1;
        }
        for chart in charts {
            if found.hits.iter().any(|hit| hit.chart.0 == chart) {
                continue;
            }
            if found.hits.len() == CHARTS_MAX {
                found.more = true;
                return Ok(found);
            }
            found.hits.extend(hit(conn, chart, Some(patient))?);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
