//! Merges that were wrong, taken back: the pointer goes, folders that were combined go back, and the number is in use again.

use super::Store;
use super::change::{Ledger, Unchanged};
use super::filing::refile_chart;
use super::folders::{Done, rule};
use super::merges::MergeRow;
use super::timeline::{About, ChartStep};
use crate::tracking::combining::{self, Against, Since};
use crate::tracking::{ChartId, CustodianId, MergeId, VolumeId};
use rusqlite::params;

impl Store {
    /// Takes a merge back: all charts of its number are what they were.
    ///
    /// # Errors
    /// It cannot be taken back, or the database failed; nothing is changed.
    pub async fn undo_merge(&self, merge: MergeId, actor: Option<String>) -> Result<(), Unchanged<Against>> {
        self.change(move |ledger| ledger.undo_merge(merge, actor.as_deref())).await
    }
}

impl Ledger<'_> {
    fn undo_merge(&mut self, merge: MergeId, actor: Option<&str>) -> Done<()> {
        let asked = self.merge_row(merge.0)?;
        let together: Vec<i64> = self
            .conn
            .prepare_cached("select merge_id from merge where audit_no = ?1")?
            .query_map(params![asked.audit_no], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let detail = format!("the merge of chart {} into chart {} undone", asked.retired, asked.survivor);
        let audit_no = self.audit_step(ChartStep::MergeUndone, actor, &detail)?;
        for merge in together {
            let merge = self.merge_row(merge)?;
            rule(combining::undo(self.since(&merge)?))?;
            self.take_back(&merge, audit_no)?;
        }
        self.take_back_patient(&asked)?;
        self.restore_number(&asked)
    }

    /// What happened since a merge that speaks against taking it back.
    fn since(&self, merge: &MergeRow) -> rusqlite::Result<Since> {
        self.conn
            .prepare_cached(
                "with recursive part(id) as (
                   select ?2 union
                   select m.retired_id from merge m join part on m.survivor_id = part.id where m.undone_at_us is null)
                 select exists (select 1 from merged_volume mv join volume v using (volume_id)
                                where mv.merge_id = ?1 and (v.sheets_in is not null
                                  or exists (select 1 from volume s join merged_volume later on later.volume_id = s.volume_id
                                             where s.sheets_in = v.volume_id and later.at_us >= mv.at_us))),
                        exists (select 1 from merge earlier join merged_volume mv using (merge_id)
                                join volume v using (volume_id)
                                where earlier.retired_id in (select id from part where id <> ?2)
                                  and earlier.undone_at_us is null
                                  and v.chart_id = (select merged_into from chart where chart_id = ?2)
                                  and not exists (select 1 from merged_volume mine
                                                  where mine.merge_id = ?1 and mine.volume_id = mv.volume_id))",
            )?
            .query_row(params![merge.id, merge.retired.0], |row| {
                Ok(Since {
                    is_undone: merge.is_undone,
                    is_temporary: merge.is_temporary,
                    sheets_moved: row.get(0)?,
                    builds_on_it: row.get(1)?,
                })
            })
    }

    fn take_back(&mut self, merge: &MergeRow, audit_no: i64) -> Done<()> {
        let survivor = self.chart(self.chart(merge.retired)?.root())?;
        let kept = self
            .conn
            .prepare_cached("select volume_id, number, home_id from merged_volume where merge_id = ?1")?
            .query_map(params![merge.id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<rusqlite::Result<Vec<(i64, u32, i64)>>>()?;
        let retired = self.chart(merge.retired)?;
        for (volume, number, home) in kept {
            let (folder, home) = (self.folder(VolumeId(volume))?, CustodianId(home));
            // As its shelves are ordered now: another scheme or name may have come since.
            let filing_key = self.filing_key(&retired, home, number)?;
            self.place(&folder, (merge.retired, number), (home, &filing_key))?;
        }
        self.conn
            .prepare_cached("update merge set undone_at_us = ?2 where merge_id = ?1")?
            .execute(params![merge.id, self.now_us()])?;
        self.close_task(merge.id, "the merge was undone")?;
        // What was merged into the retired chart before is part of it again.
        self.conn
            .prepare_cached(
                "with recursive part(id) as (
                   select ?1 union
                   select m.retired_id from merge m join part on m.survivor_id = part.id where m.undone_at_us is null)
                 update chart set merged_into = nullif(?1, chart_id) where chart_id in (select id from part)",
            )?
            .execute(params![merge.retired.0])?;
        self.restore_state(merge.retired, &merge.retired_state)?;
        if survivor.id == merge.survivor {
            self.restore_state(survivor.id, &merge.survivor_state)?;
            self.retire_if_made(merge)?;
        } else {
            self.settle(survivor.id)?;
        }
        self.return_temporaries(merge, survivor.id, audit_no)?;
        self.note(
            merge.retired,
            audit_no,
            ChartStep::MergeUndone,
            About { other: Some(survivor.id), ..About::default() },
        )?;
        self.note(
            survivor.id,
            audit_no,
            ChartStep::MergeUndone,
            About { other: Some(merge.retired), ..About::default() },
        )?;
        Ok(())
    }

    /// The surviving number had no chart of this record type before the merge: the one that the merge made is out of use.
    fn retire_if_made(&self, merge: &MergeRow) -> rusqlite::Result<()> {
        self.conn
            .prepare_cached(
                "update chart set state = 'retired' where chart_id = ?1 and state = 'active' and merged_into is null
                   and created_at_us = (select merged_at_us from merge where merge_id = ?2)
                   and not exists (select 1 from volume where volume.chart_id = ?1)
                   and not exists (select 1 from chart part where part.merged_into = ?1)",
            )?
            .execute(params![merge.survivor.0, merge.id])?;
        Ok(())
    }

    /// Gives a chart its state from before, as far as other merges leave it that.
    fn restore_state(&self, chart: ChartId, state: &str) -> rusqlite::Result<()> {
        let state = if matches!(state, "merge-due" | "merged") { "active" } else { state };
        self.conn
            .prepare_cached("update chart set state = ?2 where chart_id = ?1")?
            .execute(params![chart.0, state])?;
        self.settle(chart)
    }

    /// Temporary charts that the merge passed on stand in for the chart that they were made for.
    fn return_temporaries(&self, merge: &MergeRow, survivor: ChartId, audit_no: i64) -> rusqlite::Result<()> {
        for temporary in self.temporaries(survivor)? {
            let returned = self
                .conn
                .prepare_cached(
                    "update chart set temporary_for = ?2 where chart_id = ?1 and exists (
                       select 1 from chart_event where chart_id = ?1 and audit_no = ?3 and kind = 'temporary-passed-on')",
                )?
                .execute(params![temporary.id.0, merge.retired.0, merge.audit_no])?;
            if returned > 0 {
                let about = About { other: Some(merge.retired), ..About::default() };
                self.note(temporary.id, audit_no, ChartStep::TemporaryPassedOn, about)?;
            }
        }
        Ok(())
    }

    /// The charts that were nobody's before the merge are nobody's again.
    fn take_back_patient(&self, merge: &MergeRow) -> Done<()> {
        let Some(patient) = merge.lent else { return Ok(()) };
        let of_number = self.charts_of(&self.chart(merge.survivor)?.mrn_key)?;
        for chart in of_number.iter().filter(|chart| chart.patient == Some(patient)) {
            self.conn
                .prepare_cached("update chart set patient_id = null where chart_id = ?1")?
                .execute(params![chart.id.0])?;
            refile_chart(self.conn, chart.id)?;
        }
        Ok(())
    }

    /// The number is in use again, and means whom it meant.
    fn restore_number(&self, merge: &MergeRow) -> Done<()> {
        let retired = self.chart(merge.retired)?;
        let sql = match merge.patient {
            Some(_) => "update mrn set until_us = null, patient_id = ?2 where assigner = '' and mrn_key = ?1",
            None => {
                "delete from mrn where assigner = '' and mrn_key = ?1 and until_us is not null and ?2 is null"
            }
        };
        self.conn.prepare_cached(sql)?.execute(params![retired.mrn_key, merge.patient])?;
        Ok(())
    }
}
