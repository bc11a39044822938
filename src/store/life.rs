//! Folders that go out of use and come back into it, by hand.

use super::Store;
use super::change::{Ledger, Unchanged};
use super::folders::{Done, no, rule};
use super::timeline::{About, ChartStep};
use crate::tracking::combining::Against;
use crate::tracking::{Life, Standing, VolumeId};
use rusqlite::params;

impl Store {
    /// Retires a folder, takes it into use again, or says that it was destroyed. Its row, labels and history stay for ever.
    ///
    /// # Errors
    /// The rules are against it, or the database failed; nothing is changed.
    pub async fn set_life(
        &self,
        volume: VolumeId,
        life: Life,
        why: String,
        actor: Option<String>,
    ) -> Result<(), Unchanged<Against>> {
        self.change(move |ledger| ledger.set_life(volume, life, why.trim(), actor.as_deref())).await
    }
}

impl Ledger<'_> {
    fn set_life(&mut self, volume: VolumeId, life: Life, why: &str, actor: Option<&str>) -> Done<()> {
        if why.is_empty() {
            return no(Against::NoReason);
        }
        let folder = self.folder(volume)?;
        let chart = self.chart(folder.chart)?;
        let is_wanted: bool = self
            .conn
            .prepare_cached(
                "select exists (select 1 from request where volume_id = ?1 and closed_at_us is null and expires_at_us > ?2)",
            )?
            .query_row(params![volume.0, self.now_us()], |row| row.get(0))?;
        let standing = Standing {
            life: Life::parse(&folder.state),
            is_missing: folder.is_missing,
            is_wanted,
            is_merging: chart.state == "merge-due" || chart.party().is_temporary,
        };
        rule(life.may_follow(standing).map_err(Against::Unfit))?;
        self.conn
            .prepare_cached("update volume set state = ?2, label_due = null where volume_id = ?1")?
            .execute(params![volume.0, life.as_str()])?;
        // A chart is out of use when its last folder is.
        self.conn
            .prepare_cached(
                "update chart set state = case
                   when exists (select 1 from volume v where v.chart_id = ?1 and v.state = 'active') then 'active'
                   when exists (select 1 from volume v where v.chart_id = ?1 and v.state = 'retired') then 'retired'
                   else ?2 end
                 where chart_id = ?1 and state in ('active', 'retired', 'destroyed')",
            )?
            .execute(params![chart.id.0, life.as_str()])?;
        let (step, word) = match life {
            Life::Active => (ChartStep::Reactivated, "taken into use again"),
            Life::Retired => (ChartStep::Retired, "retired"),
            Life::Destroyed => (ChartStep::Destroyed, "destroyed"),
        };
        let audit_no = self.audit_step(step, actor, &format!("volume {volume} {word}"))?;
        let about = About { volume: Some((folder.id, folder.number)), why: Some(why), ..About::default() };
        Ok(self.note(chart.root(), audit_no, step, about)?)
    }
}
