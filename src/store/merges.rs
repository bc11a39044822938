//! Merges of two patient numbers. A merge only sets a pointer: the retired chart keeps its folders, and both numbers find
//! the surviving chart. The folders are combined afterwards (`combine.rs`); a wrong merge is taken back (`unmerge.rs`).

use super::Store;
use super::change::{Ledger, Unchanged};
use super::filing::refile_patient;
use super::folders::{ChartRow, Done, FolderRow, no, rule};
use super::timeline::{About, ChartStep};
use crate::tracking::combining::{self, Against};
use crate::tracking::{ChartId, MergeId, Mrn};
use rusqlite::{OptionalExtension, params};

/// A merge as it stands.
pub(super) struct MergeRow {
    pub(super) id: i64,
    pub(super) survivor: ChartId,
    pub(super) retired: ChartId,
    pub(super) is_temporary: bool,
    pub(super) audit_no: i64,
    pub(super) survivor_state: String,
    pub(super) retired_state: String,
    pub(super) patient: Option<i64>,
    pub(super) lent: Option<i64>,
    pub(super) is_undone: bool,
}

impl Store {
    /// Merges the number `retired` into the number of `survivor`: one patient has both. Every chart of the retired number
    /// becomes part of the surviving number's chart of its record type, and its folders are to be combined. Any merge of the number undoes them all: it returns one.
    ///
    /// # Errors
    /// The rules are against it, or the database failed; nothing is changed.
    pub async fn merge_number(
        &self,
        survivor: ChartId,
        retired: Mrn,
        actor: Option<String>,
    ) -> Result<MergeId, Unchanged<Against>> {
        self.change(move |ledger| ledger.merge(survivor, &retired, actor.as_deref())).await
    }
}

impl Ledger<'_> {
    fn merge(&mut self, survivor: ChartId, retired: &Mrn, actor: Option<&str>) -> Done<MergeId> {
        let mut survivor = self.chart(survivor)?;
        let others = self.charts_of(retired.key())?;
        let parties: Vec<_> = others.iter().map(ChartRow::party).collect();
        let merging = rule(combining::merge(&survivor.party(), &parties))?;
        let ids: Vec<_> = merging.iter().map(ToString::to_string).collect();
        let detail =
            format!("the number of chart {} merged into that of chart {}", ids.join(", "), survivor.id);
        let audit_no = self.audit_step(ChartStep::Merged, actor, &detail)?;
        let lent = match survivor.patient {
            Some(_) => None,
            None => others.iter().find_map(|other| other.patient.filter(|_| merging.contains(&other.id))),
        };
        if let Some(patient) = lent {
            self.lend_patient(&survivor.mrn_key, patient)?;
            survivor.patient = lent;
        }
        let patient = self.retire_number(retired, survivor.patient)?;
        let mut last = MergeId(0);
        for other in others.into_iter().filter(|other| merging.contains(&other.id)) {
            let into = self.chart_like(&survivor, &other.record_type)?;
            self.point(&other, into.id)?;
            let merge = self.insert_merge("number", &into, &other, (audit_no, patient, lent))?;
            self.pass_on(other.id, into.id, audit_no)?;
            self.note(
                into.id,
                audit_no,
                ChartStep::Merged,
                About { other: Some(other.id), ..About::default() },
            )?;
            self.note(
                other.id,
                audit_no,
                ChartStep::Merged,
                About { other: Some(into.id), ..About::default() },
            )?;
            if self.folders(other.id)?.iter().any(FolderRow::is_active) {
                self.open_task(merge, into.id)?;
            } else {
                self.finish(&self.merge_row(merge)?)?;
            }
            self.settle(into.id)?;
            self.settle(other.id)?;
            last = MergeId(merge);
        }
        Ok(last)
    }

    /// The chart of the surviving number that has this record type; made if there is none.
    fn chart_like(&self, survivor: &ChartRow, record_type: &str) -> Done<ChartRow> {
        let of_number = self.charts_of(&survivor.mrn_key)?;
        if let Some(found) = of_number.into_iter().find(|chart| chart.record_type == record_type) {
            return self.chart(found.root());
        }
        self.conn
            .prepare_cached(
                "insert into chart (mrn, mrn_key, record_type, created_at_us, patient_id) values (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                survivor.mrn,
                survivor.mrn_key,
                record_type,
                self.now_us(),
                survivor.patient
            ])?;
        self.chart(ChartId(self.conn.last_insert_rowid()))
    }

    /// Makes a chart, and what was merged into it, part of another.
    pub(super) fn point(&self, retired: &ChartRow, into: ChartId) -> rusqlite::Result<()> {
        self.conn
            .prepare_cached("update chart set merged_into = ?2 where chart_id = ?1 or merged_into = ?1")?
            .execute(params![retired.id.0, into.0])?;
        Ok(())
    }

    /// The charts of a number that are nobody's on file are the patient's.
    fn lend_patient(&self, mrn_key: &str, patient: i64) -> rusqlite::Result<()> {
        self.conn
            .prepare_cached("update chart set patient_id = ?2 where mrn_key = ?1 and patient_id is null")?
            .execute(params![mrn_key, patient])?;
        refile_patient(self.conn, patient).map(drop)
    }

    /// Ends the number's time in the list of numbers; whom it meant before.
    fn retire_number(&self, retired: &Mrn, patient: Option<i64>) -> rusqlite::Result<Option<i64>> {
        let before = self
            .conn
            .prepare_cached("select patient_id from mrn where assigner = '' and mrn_key = ?1")?
            .query_row(params![retired.key()], |row| row.get(0))
            .optional()?;
        if before.is_some() || patient.is_some() {
            self.conn
                .prepare_cached(
                    "insert into mrn (assigner, mrn_key, mrn, patient_id, since_us, until_us)
                     values ('', ?1, ?2, coalesce(?3, ?5), ?4, ?4)
                     on conflict do update set until_us = ?4, patient_id = coalesce(?3, patient_id)",
                )?
                .execute(params![retired.key(), retired.written(), patient, self.now_us(), before])?;
        }
        Ok(before)
    }

    pub(super) fn insert_merge(
        &self,
        kind: &str,
        survivor: &ChartRow,
        retired: &ChartRow,
        (audit_no, patient, lent): (i64, Option<i64>, Option<i64>),
    ) -> rusqlite::Result<i64> {
        self.conn
            .prepare_cached(
                "insert into merge (kind, survivor_id, retired_id, audit_no, merged_at_us, survivor_state, retired_state,
                                    patient_id, lent_patient_id)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )?
            .execute(params![
                kind,
                survivor.id.0,
                retired.id.0,
                audit_no,
                self.now_us(),
                survivor.state,
                retired.state,
                patient,
                lent
            ])?;
        Ok(self.conn.last_insert_rowid())
    }

    /// Temporary charts stand in for what their chart has become.
    fn pass_on(&self, from: ChartId, to: ChartId, audit_no: i64) -> rusqlite::Result<()> {
        for temporary in self.temporaries(from)? {
            self.conn
                .prepare_cached("update chart set temporary_for = ?2 where chart_id = ?1")?
                .execute(params![temporary.id.0, to.0])?;
            let about = About { other: Some(to), ..About::default() };
            self.note(temporary.id, audit_no, ChartStep::TemporaryPassedOn, about)?;
        }
        Ok(())
    }

    fn open_task(&self, merge: i64, survivor: ChartId) -> rusqlite::Result<()> {
        self.conn
            .prepare_cached(
                "insert into work_item (kind, key, times, opened_at_us, seen_at_us, chart_id)
                 values ('combine-folders', ?1, 1, ?2, ?2, ?3)",
            )?
            .execute(params![format!("merge {merge}"), self.now_us(), survivor.0])?;
        self.conn
            .prepare_cached("update merge set work_item_id = ?2 where merge_id = ?1")?
            .execute(params![merge, self.conn.last_insert_rowid()])?;
        Ok(())
    }

    pub(super) fn close_task(&self, merge: i64, why: &str) -> rusqlite::Result<()> {
        self.conn
            .prepare_cached(
                "update work_item set closed_at_us = ?2, closed_why = ?3 where closed_at_us is null
                   and work_item_id = (select work_item_id from merge where merge_id = ?1)",
            )?
            .execute(params![merge, self.now_us(), why])?;
        Ok(())
    }

    pub(super) fn merge_row(&self, merge: i64) -> Done<MergeRow> {
        let found = self
            .conn
            .prepare_cached(
                "select merge_id, survivor_id, retired_id, kind = 'temporary', audit_no, survivor_state, retired_state,
                        patient_id, undone_at_us is not null, lent_patient_id from merge where merge_id = ?1",
            )?
            .query_row(params![merge], |row| {
                Ok(MergeRow {
                    id: row.get(0)?,
                    survivor: ChartId(row.get(1)?),
                    retired: ChartId(row.get(2)?),
                    is_temporary: row.get(3)?,
                    audit_no: row.get(4)?,
                    survivor_state: row.get(5)?,
                    retired_state: row.get(6)?,
                    patient: row.get(7)?,
                    is_undone: row.get(8)?,
                    lent: row.get(9)?,
                })
            })
            .optional()?;
        found.map_or_else(|| no(Against::NoTask), Ok)
    }

    /// Brings a chart's state in line with the merges that it is part of.
    pub(super) fn settle(&self, chart: ChartId) -> rusqlite::Result<()> {
        self.conn
            .prepare_cached(
                "update chart set state = case
                   when exists (select 1 from merge m join chart r on r.chart_id = m.retired_id
                                where (m.retired_id = chart.chart_id or r.merged_into = chart.chart_id)
                                  and m.combined_at_us is null and m.undone_at_us is null) then 'merge-due'
                   when merged_into is not null then 'merged'
                   when state in ('merge-due', 'merged') then 'active'
                   when exists (select 1 from volume v where v.chart_id = chart.chart_id and v.state = 'active') then 'active'
                   else state end
                 where chart_id = ?1",
            )?
            .execute(params![chart.0])?;
        Ok(())
    }
}
