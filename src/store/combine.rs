//! Folders that are combined: each, once somebody has laid it together with the surviving chart's, becomes the next volume
//! of that chart, or its sheets go into one of its volumes. What it was before is kept in `merged_volume`.

use super::Store;
use super::change::{Ledger, Unchanged};
use super::folders::{ChartRow, Done, FolderRow, no, rule};
use super::merges::MergeRow;
use super::requests;
use super::timeline::{About, ChartStep};
use crate::tracking::combining::{self, Against};
use crate::tracking::grammar::MovementKind;
use crate::tracking::{ChartId, CustodianId, VolumeId, WorkItemId};
use rusqlite::{OptionalExtension, params};

impl Store {
    /// A folder of a retired chart was laid together with the surviving chart's: it became that chart's next volume, or its
    /// sheets were put `into` another volume. With the last folder the task is done.
    ///
    /// # Errors
    /// The rules are against it, or the database failed; nothing is changed.
    pub async fn combine_folder(
        &self,
        item: WorkItemId,
        folder: VolumeId,
        into: Option<VolumeId>,
        actor: Option<String>,
    ) -> Result<(), Unchanged<Against>> {
        self.change(move |ledger| ledger.combine(item, folder, into, actor.as_deref())).await
    }
}

impl Ledger<'_> {
    fn combine(
        &mut self,
        item: WorkItemId,
        folder: VolumeId,
        into: Option<VolumeId>,
        actor: Option<&str>,
    ) -> Done<()> {
        let open: Option<i64> = self
            .conn
            .prepare_cached(
                "select merge_id from merge join work_item using (work_item_id)
                 where work_item_id = ?1 and closed_at_us is null",
            )?
            .query_row(params![item.0], |row| row.get(0))
            .optional()?;
        let Some(open) = open else { return no(Against::NoTask) };
        let merge = self.merge_row(open)?;
        let folder = self.folder(folder)?;
        if folder.chart != merge.retired {
            return no(Against::NoTask);
        }
        let survivor = self.chart(self.chart(merge.retired)?.root())?;
        let into = into.map(|into| self.folder(into)).transpose()?;
        if into.as_ref().is_some_and(|into| into.chart != survivor.id) {
            return no(Against::IntoElsewhere);
        }
        rule(combining::combine(folder.facts(), into.as_ref().map(FolderRow::facts)))?;
        match into {
            None => {
                let number = self.next_number(survivor.id)?;
                let detail = format!(
                    "volume {} of chart {} became volume {number} of chart {}",
                    folder.id, folder.chart, survivor.id
                );
                let audit_no = self.audit_step(ChartStep::Combined, actor, &detail)?;
                self.adopt(&merge, &folder, &survivor)?;
                let about = About {
                    other: Some(merge.retired),
                    volume: Some((folder.id, number)),
                    label: None,
                    ..About::default()
                };
                self.note(survivor.id, audit_no, ChartStep::Combined, about)?;
            }
            Some(into) => self.move_sheets(&merge, &folder, &into, actor)?,
        }
        if !self.folders(merge.retired)?.iter().any(FolderRow::is_active) {
            self.finish(&merge)?;
            self.close_task(merge.id, "the folders were combined")?;
        }
        self.settle(merge.retired)?;
        self.settle(survivor.id)?;
        Ok(())
    }

    /// Keeps what a folder was before it is combined.
    fn keep(&self, merge: &MergeRow, folder: &FolderRow) -> rusqlite::Result<()> {
        self.conn
            .prepare_cached(
                "insert into merged_volume (merge_id, volume_id, number, home_id, filing_key, at_us)
                 values (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                merge.id,
                folder.id.0,
                folder.number,
                folder.home.0,
                folder.filing_key,
                self.now_us()
            ])?;
        Ok(())
    }

    /// Makes a folder the next volume of a chart, with the home of its other folders.
    fn adopt(&mut self, merge: &MergeRow, folder: &FolderRow, chart: &ChartRow) -> Done<()> {
        self.keep(merge, folder)?;
        let own = self.folders(chart.id)?;
        let home = own.iter().rev().find(|own| own.is_active()).map_or(folder.home, |own| own.home);
        let number = self.next_number(chart.id)?;
        let filing_key = self.filing_key(chart, home, number)?;
        self.place(folder, (chart.id, number), (home, &filing_key))
    }

    /// Gives a folder its place in a chart and on the shelves. One that never moved is where it belongs.
    pub(super) fn place(
        &self,
        folder: &FolderRow,
        (chart, number): (ChartId, u32),
        (home, filing_key): (CustodianId, &str),
    ) -> Done<()> {
        let at = if folder.movement.is_none() { home } else { folder.at };
        self.conn
            .prepare_cached(
                "update volume set chart_id = ?2, number = ?3, home_id = ?4, filing_key = ?5, at_id = ?6
                 where volume_id = ?1",
            )?
            .execute(params![folder.id.0, chart.0, number, home.0, filing_key, at.0])?;
        self.count_home(folder.home, -1)?;
        Ok(self.count_home(home, 1)?)
    }

    /// Puts the sheets of a folder into another: the folder is no more, and its labels mean the other from now on.
    pub(super) fn move_sheets(
        &mut self,
        merge: &MergeRow,
        folder: &FolderRow,
        into: &FolderRow,
        actor: Option<&str>,
    ) -> Done<()> {
        let detail = format!("the sheets of volume {} were put into volume {}", folder.id, into.id);
        let audit_no = self.audit_step(ChartStep::SheetsMoved, actor, &detail)?;
        self.keep(merge, folder)?;
        self.conn
            .prepare_cached("update volume set sheets_in = ?2 where volume_id = ?1 or sheets_in = ?1")?
            .execute(params![folder.id.0, into.id.0])?;
        self.conn
            .prepare_cached("update volume set state = 'merged', worn_at_us = null where volume_id = ?1")?
            .execute(params![folder.id.0])?;
        self.told_movement(folder.id, folder.movement, MovementKind::Combined, (folder.at, folder.home))?;
        self.conn
            .prepare_cached("delete from shelved where volume_id = ?1")?
            .execute(params![folder.id.0])?;
        requests::follow_sheets(self, folder.id, into.id, actor)?;
        let root = self.chart(into.chart)?.root();
        let about = About {
            other: Some(merge.retired),
            volume: Some((into.id, into.number)),
            label: Some(&folder.label),
            ..About::default()
        };
        Ok(self.note(root, audit_no, ChartStep::SheetsMoved, about)?)
    }

    /// The last folder in use was combined: those that are in use no more follow, without anybody's hand.
    pub(super) fn finish(&mut self, merge: &MergeRow) -> Done<()> {
        let survivor = self.chart(self.chart(merge.retired)?.root())?;
        for folder in self.folders(merge.retired)? {
            self.adopt(merge, &folder, &survivor)?;
        }
        self.conn
            .prepare_cached("update merge set combined_at_us = ?2 where merge_id = ?1")?
            .execute(params![merge.id, self.now_us()])?;
        Ok(())
    }
}
