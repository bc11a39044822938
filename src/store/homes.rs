//! The home of a folder, changed by hand.

use super::Store;
use super::change::{Ledger, Unchanged};
use super::folders::{Done, no};
use super::timeline::{About, ChartStep};
use crate::tracking::combining::Against;
use crate::tracking::grammar::MovementKind;
use crate::tracking::{CustodianId, VolumeId};
use rusqlite::params;

impl Store {
    /// Makes a folder belong elsewhere, and, with `whole_chart`, all folders in use of its chart that belong where it did.
    /// Nothing moves: a folder is where it was until it is scanned elsewhere.
    ///
    /// # Errors
    /// The rules are against it, or the database failed; nothing is changed.
    pub async fn set_home(
        &self,
        volume: VolumeId,
        home: CustodianId,
        whole_chart: bool,
        actor: Option<String>,
    ) -> Result<(), Unchanged<Against>> {
        self.change(move |ledger| ledger.set_home(volume, home, whole_chart, actor.as_deref())).await
    }
}

impl Ledger<'_> {
    fn set_home(
        &mut self,
        volume: VolumeId,
        home: CustodianId,
        whole_chart: bool,
        actor: Option<&str>,
    ) -> Done<()> {
        let first = self.folder(volume)?;
        if !first.is_active() {
            return no(Against::NotInUse);
        }
        if first.home == home {
            return no(Against::NothingNew);
        }
        if !self.is_open_custodian(home)? {
            return no(Against::NoSuchCustodian);
        }
        let (was, now) = (self.code_of(first.home)?, self.code_of(home)?);
        let chart = self.chart(first.chart)?;
        let filed_as = match chart.temporary_for.filter(|_| chart.merged_into.is_none()) {
            Some(real) => self.chart(real)?,
            None => self.chart(chart.id)?,
        };
        let along = |id, at| id == first.id || (whole_chart && at == first.home);
        let folders = self.folders(chart.id)?;
        for folder in folders.iter().filter(|folder| folder.is_active() && along(folder.id, folder.home)) {
            let key = self.filing_key(&filed_as, home, folder.number)?;
            // One that never moved is said to be at home by nothing but its home: history keeps where it is.
            if folder.movement.is_none() {
                self.told_movement(folder.id, None, MovementKind::Rehomed, (folder.at, folder.at))?;
            }
            self.conn
                .prepare_cached("update volume set home_id = ?2, filing_key = ?3 where volume_id = ?1")?
                .execute(params![folder.id.0, home.0, key])?;
            self.conn
                .prepare_cached("delete from shelved where volume_id = ?1")?
                .execute(params![folder.id.0])?;
            self.count_home(folder.home, -1)?;
            self.count_home(home, 1)?;
            let detail = format!("volume {} belongs in {now}, before in {was}", folder.id);
            let audit_no = self.audit_step(ChartStep::HomeChanged, actor, &detail)?;
            let why = format!("from {was} to {now}");
            let about =
                About { volume: Some((folder.id, folder.number)), why: Some(&why), ..About::default() };
            self.note(chart.root(), audit_no, ChartStep::HomeChanged, about)?;
        }
        Ok(())
    }

    pub(super) fn code_of(&self, custodian: CustodianId) -> rusqlite::Result<String> {
        self.conn
            .prepare_cached("select code from custodian where custodian_id = ?1")?
            .query_row(params![custodian.0], |row| row.get(0))
    }
}
