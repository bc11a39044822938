//! Labels that are worn, replaced, or stick on a folder that is not known by them. A label once on file means its folder
//! for ever.

use super::Store;
use super::change::{Ledger, Unchanged};
use super::folders::{Done, FolderRow, NewLabel, no};
use super::timeline::{About, ChartStep};
use crate::tracking::combining::Against;
use crate::tracking::{VolumeId, WorkItemId};
use rusqlite::{OptionalExtension, params};

impl Store {
    /// Says that a folder's label is worn; every scan tells so until it is replaced, or said to be good.
    ///
    /// # Errors
    /// The rules are against it, or the database failed; nothing is changed.
    pub async fn label_is_worn(
        &self,
        volume: VolumeId,
        actor: Option<String>,
    ) -> Result<(), Unchanged<Against>> {
        self.change(move |ledger| ledger.set_worn(volume, true, actor.as_deref())).await
    }

    /// Says that a folder's label is good: it was printed anew, or was never worn.
    ///
    /// # Errors
    /// The rules are against it, or the database failed; nothing is changed.
    pub async fn label_is_good(
        &self,
        volume: VolumeId,
        actor: Option<String>,
    ) -> Result<(), Unchanged<Against>> {
        self.change(move |ledger| ledger.set_worn(volume, false, actor.as_deref())).await
    }

    /// Gives a folder a new label with a key of its own; the old one finds it for ever.
    ///
    /// # Errors
    /// The rules are against it, or the database failed; nothing is changed.
    pub async fn replace_label(
        &self,
        volume: VolumeId,
        label: NewLabel,
        actor: Option<String>,
    ) -> Result<String, Unchanged<Against>> {
        self.change(move |ledger| ledger.replace_label(volume, &label, actor.as_deref())).await
    }

    /// Says on which folder the unknown label of a work item is: from now on it finds that folder, and the item is closed.
    ///
    /// # Errors
    /// The rules are against it, or the database failed; nothing is changed.
    pub async fn label_is_of(
        &self,
        item: WorkItemId,
        volume: VolumeId,
        actor: Option<String>,
    ) -> Result<(), Unchanged<Against>> {
        self.change(move |ledger| ledger.label_is_of(item, volume, actor.as_deref())).await
    }
}

impl Ledger<'_> {
    fn set_worn(&mut self, volume: VolumeId, is_worn: bool, actor: Option<&str>) -> Done<()> {
        let folder = self.used_folder(volume)?;
        if folder.is_worn == is_worn {
            return Ok(());
        }
        self.conn
            .prepare_cached("update volume set worn_at_us = ?2 where volume_id = ?1")?
            .execute(params![volume.0, is_worn.then(|| self.now_us())])?;
        let (step, what) =
            if is_worn { (ChartStep::LabelWorn, "worn") } else { (ChartStep::LabelGood, "good") };
        self.label_step(
            step,
            &folder,
            &format!("the label of volume {volume} is {what}"),
            &folder.label,
            actor,
        )
    }

    fn replace_label(&mut self, volume: VolumeId, label: &NewLabel, actor: Option<&str>) -> Done<String> {
        let folder = self.used_folder(volume)?;
        let key = self.register(volume, label)?;
        self.conn
            .prepare_cached(
                "update volume set label = ?2, worn_at_us = null, label_due = ?3 where volume_id = ?1",
            )?
            .execute(params![volume.0, key, self.label_due(label)])?;
        let detail = format!("volume {volume} got a new label");
        self.label_step(ChartStep::LabelReplaced, &folder, &detail, &key, actor)?;
        Ok(key)
    }

    fn label_is_of(&mut self, item: WorkItemId, volume: VolumeId, actor: Option<&str>) -> Done<()> {
        let key: Option<String> = self
            .conn
            .prepare_cached(
                "select key from work_item where work_item_id = ?1 and kind = 'unknown-label' and closed_at_us is null",
            )?
            .query_row(params![item.0], |row| row.get(0))
            .optional()?;
        let Some(key) = key else { return no(Against::ItemClosed) };
        let folder = self.used_folder(volume)?;
        // Closes the item, too.
        let key = self.register(volume, &NewLabel::Stock(key))?;
        let detail = format!("the label of item {item} is on volume {volume}");
        self.label_step(ChartStep::LabelAdded, &folder, &detail, &key, actor)
    }

    /// A folder whose label matters.
    fn used_folder(&self, volume: VolumeId) -> Done<FolderRow> {
        let folder = self.folder(volume)?;
        if folder.is_active() { Ok(folder) } else { no(Against::NotInUse) }
    }

    fn label_step(
        &mut self,
        step: ChartStep,
        folder: &FolderRow,
        detail: &str,
        key: &str,
        actor: Option<&str>,
    ) -> Done<()> {
        let audit_no = self.audit_step(step, actor, detail)?;
        let about = About {
            volume: Some((folder.id, folder.number)),
            label: Some(key),
            other: None,
            ..About::default()
        };
        let root = self.chart(folder.chart)?.root();
        Ok(self.note(root, audit_no, step, about)?)
    }
}
