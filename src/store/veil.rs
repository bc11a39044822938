//! Restricted charts in lists and at the door: which of them whoever asks has not opened, and what is shown of those.

use super::find::Hit;
use super::requests::{AppointmentView, PullRow, RequestView};
use super::restricted::is_restricted;
use super::views::{BoardScan, BoardVolume, ChartMention, SessionView, VolumeView};
use super::{CombineTask, OpenCase, Store, StoreError, UnderWay, micros};
use crate::notice::Asked;
use crate::tracking::{CaseId, ChartId, MergeId, Mrn, RequestId, VolumeId, WorkItemId};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeSet;

/// What stands where the number of a closed chart would.
const RESTRICTED: &str = "restricted";

/// What leads to a chart, or to the two of a merge.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Concerned {
    /// The chart itself.
    Chart(ChartId),
    /// One of its folders.
    Volume(VolumeId),
    /// The search for one.
    Case(CaseId),
    /// The wish to have one.
    Request(RequestId),
    /// Two charts that became one.
    Merge(MergeId),
    /// Something to look into.
    Item(WorkItemId),
    /// A number, as schedules write it.
    Number(String),
}

/// A restricted chart that whoever asks has not opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// Which one.
    pub chart: ChartId,
    /// The label of one of its folders: what may be said of it.
    pub label: String,
}

/// A row of a list that is about a chart.
pub trait Veil {
    /// Which chart; `None` if it is about none.
    fn concerns(&self) -> Option<Concerned>;

    /// Takes away whose chart it is: number, name, date of birth. Folder and place stay, so that work goes on.
    fn veil(&mut self);
}

impl Store {
    /// The first closed chart of these, for who came in by `session`.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn first_closed(
        &self,
        of: Vec<Concerned>,
        session: String,
    ) -> Result<Option<Closed>, StoreError> {
        if !self.restricts.any() {
            return Ok(None);
        }
        let now = micros(self.clock.now());
        self.read("look whether a chart is restricted", move |conn| {
            for chart in of.iter().map(|of| charts(conn, of)).collect::<rusqlite::Result<Vec<_>>>()?.concat()
            {
                if is_closed(conn, chart, &session, now)? {
                    return Ok(Some(Closed { chart, label: some_label(conn, chart)? }));
                }
            }
            Ok(None)
        })
        .await
    }

    /// Those of these that lead to a closed chart, for who came in by `session`.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn closed_of(
        &self,
        of: BTreeSet<Concerned>,
        session: String,
    ) -> Result<BTreeSet<Concerned>, StoreError> {
        if !self.restricts.any() {
            return Ok(BTreeSet::new());
        }
        let now = micros(self.clock.now());
        self.read("look which charts are restricted", move |conn| {
            let mut closed = BTreeSet::new();
            for concerned in of {
                for chart in charts(conn, &concerned)? {
                    if is_closed(conn, chart, &session, now)? {
                        closed.insert(concerned);
                        break;
                    }
                }
            }
            Ok(closed)
        })
        .await
    }
}

/// The charts that something leads to; of a merged one the survivor.
fn charts(conn: &Connection, of: &Concerned) -> rusqlite::Result<Vec<ChartId>> {
    const ROOT: &str = "select distinct coalesce(merged_into, chart_id) from chart where chart_id in";
    let text = |sql: &str| format!("{ROOT} ({sql})");
    let rows = |sql: &str, id: i64| -> rusqlite::Result<Vec<ChartId>> {
        conn.prepare_cached(&text(sql))?.query_map(params![id], |row| row.get(0).map(ChartId))?.collect()
    };
    match of {
        Concerned::Chart(id) => rows("?1", id.0),
        Concerned::Volume(id) => rows("select chart_id from volume where volume_id = ?1", id.0),
        Concerned::Case(id) => {
            rows("select chart_id from missing_case join volume using (volume_id) where case_id = ?1", id.0)
        }
        Concerned::Request(id) => {
            rows("select chart_id from request join volume using (volume_id) where request_id = ?1", id.0)
        }
        Concerned::Merge(id) => rows(
            "select survivor_id from merge where merge_id = ?1 union select retired_id from merge where merge_id = ?1",
            id.0,
        ),
        Concerned::Item(id) => rows(
            "select chart_id from work_item where work_item_id = ?1 and chart_id is not null
             union select survivor_id from merge where work_item_id = ?1
             union select retired_id from merge where work_item_id = ?1",
            id.0,
        ),
        Concerned::Number(number) => {
            let key = Mrn::parse(number);
            let sql = text("select chart_id from chart where mrn_key = ?1");
            let key = key.as_ref().map_or("", Mrn::key);
            conn.prepare_cached(&sql)?.query_map(params![key], |row| row.get(0).map(ChartId))?.collect()
        }
    }
}

fn is_closed(conn: &Connection, chart: ChartId, session: &str, now: i64) -> rusqlite::Result<bool> {
    Ok(is_restricted(conn, chart)?
        && !conn
            .prepare_cached("select 1 from glass where chart_id = ?1 and session = ?2 and until_us > ?3")?
            .exists(params![chart.0, session, now])?)
}

/// The label of a chart's first folder, or what else tells it from others.
pub(super) fn some_label(conn: &Connection, chart: ChartId) -> rusqlite::Result<String> {
    let label = conn
        .prepare_cached(
            "select label from (select ?1 as chart_id union all select chart_id from chart where merged_into = ?1) c
                  join volume using (chart_id)
             order by c.chart_id <> ?1, number limit 1",
        )?
        .query_row(params![chart.0], |row| row.get(0))
        .optional()?;
    Ok(label.unwrap_or_else(|| format!("number {chart} in the log")))
}

fn veiled(label: &str) -> String {
    format!("{RESTRICTED}, {label}")
}

impl Veil for VolumeView {
    fn concerns(&self) -> Option<Concerned> {
        Some(Concerned::Chart(self.chart))
    }

    fn veil(&mut self) {
        self.mrn = veiled(&self.label);
    }
}

impl Veil for Hit {
    fn concerns(&self) -> Option<Concerned> {
        Some(Concerned::Chart(self.chart))
    }

    fn veil(&mut self) {
        (self.name, self.born, self.is_closed) = (None, None, true);
        RESTRICTED.clone_into(&mut self.why);
        self.volumes.iter_mut().for_each(Veil::veil);
    }
}

impl Veil for RequestView {
    fn concerns(&self) -> Option<Concerned> {
        Some(Concerned::Chart(self.chart))
    }

    fn veil(&mut self) {
        self.mrn = veiled(&self.volume_label);
        self.is_closed = true;
    }
}

impl Veil for PullRow {
    fn concerns(&self) -> Option<Concerned> {
        self.request.concerns()
    }

    fn veil(&mut self) {
        self.request.veil();
    }
}

impl Veil for UnderWay {
    fn concerns(&self) -> Option<Concerned> {
        Some(Concerned::Volume(self.volume))
    }

    fn veil(&mut self) {
        self.mrn = veiled(&self.label);
    }
}

impl Veil for OpenCase {
    fn concerns(&self) -> Option<Concerned> {
        Some(Concerned::Volume(self.volume))
    }

    fn veil(&mut self) {
        self.mrn = veiled(&self.label);
    }
}

impl Veil for Asked {
    fn concerns(&self) -> Option<Concerned> {
        Some(Concerned::Volume(self.volume))
    }

    fn veil(&mut self) {
        self.mrn = veiled(&self.label);
        self.name = None;
        // The words for a place on the shelf may have the whole number in them, and whoever is asked needs none.
        self.slot.clear();
    }
}

impl Veil for BoardScan {
    fn concerns(&self) -> Option<Concerned> {
        self.volume.as_ref().map(|volume| Concerned::Volume(volume.volume))
    }

    fn veil(&mut self) {
        if let Some(volume) = &mut self.volume {
            volume.mrn = veiled(&volume.label);
            // It may have been the number that was typed.
            self.frame = volume.label.clone().into_bytes();
        }
    }
}

impl Veil for BoardVolume {
    fn concerns(&self) -> Option<Concerned> {
        Some(Concerned::Volume(self.volume))
    }

    fn veil(&mut self) {
        self.mrn = veiled(&self.label);
    }
}

impl Veil for SessionView {
    fn concerns(&self) -> Option<Concerned> {
        self.progress.as_ref()?.next.as_ref().map(|next| Concerned::Volume(next.volume))
    }

    fn veil(&mut self) {
        if let Some(next) = self.progress.as_mut().and_then(|progress| progress.next.as_mut()) {
            next.mrn = veiled(&next.label);
        }
    }
}

impl Veil for CombineTask {
    fn concerns(&self) -> Option<Concerned> {
        Some(Concerned::Item(self.item))
    }

    fn veil(&mut self) {
        let label = self.folders.first().map_or("", |folder| folder.label.as_str());
        (self.retired.mrn, self.survivor.mrn) = (veiled(label), RESTRICTED.to_owned());
        self.folders.iter_mut().chain(&mut self.into).for_each(Veil::veil);
    }
}

impl Veil for ChartMention {
    fn concerns(&self) -> Option<Concerned> {
        Some(Concerned::Chart(self.chart))
    }

    fn veil(&mut self) {
        self.mrn = RESTRICTED.to_owned();
    }
}

impl Veil for AppointmentView {
    fn concerns(&self) -> Option<Concerned> {
        Some(Concerned::Number(self.mrn.clone()))
    }

    fn veil(&mut self) {
        self.mrn = RESTRICTED.to_owned();
    }
}
