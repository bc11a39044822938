//! New volumes, and charts that stand in for one that cannot be found until the two are united.

use super::Store;
use super::change::{Ledger, Unchanged};
use super::folders::{ChartRow, Done, FolderRow, NewLabel, no, rule};
use super::timeline::{About, ChartStep};
use crate::tracking::combining::{self, Against};
use crate::tracking::{ChartId, CustodianId, Mrn, VolumeId};
use rusqlite::params;

/// Most volumes that are begun at once.
pub const VOLUMES_AT_ONCE: usize = 6;
/// Most temporary charts that a chart has in its life; the number tells them apart.
const TEMPORARIES_MAX: u32 = 99;

impl Store {
    /// Begins the next volumes of a chart, one for each label; all of them, or none. They belong where the volume
    /// before them does. At most [`VOLUMES_AT_ONCE`].
    ///
    /// # Errors
    /// The rules are against one of them, or the database failed; nothing is changed.
    pub async fn begin_volumes(
        &self,
        chart: ChartId,
        at: CustodianId,
        labels: Vec<NewLabel>,
        actor: Option<String>,
    ) -> Result<Vec<VolumeId>, Unchanged<Against>> {
        self.change(move |ledger| {
            let labels = labels.iter().take(VOLUMES_AT_ONCE);
            labels.map(|label| ledger.begin_volume(chart, at, label, actor.as_deref())).collect()
        })
        .await
    }

    /// Makes a temporary chart for one that cannot be found, at the custodian where it is used.
    ///
    /// # Errors
    /// The rules are against it, or the database failed; nothing is changed.
    pub async fn make_temporary(
        &self,
        real: ChartId,
        at: CustodianId,
        label: NewLabel,
        actor: Option<String>,
    ) -> Result<(ChartId, VolumeId), Unchanged<Against>> {
        self.change(move |ledger| ledger.make_temporary(real, at, &label, actor.as_deref())).await
    }

    /// The real chart was found: the sheets of the temporary one were put `into` a volume of it. The temporary chart is no
    /// more, and its number and labels mean the real one.
    ///
    /// # Errors
    /// The rules are against it, or the database failed; nothing is changed.
    pub async fn unite(
        &self,
        temporary: ChartId,
        into: VolumeId,
        actor: Option<String>,
    ) -> Result<(), Unchanged<Against>> {
        self.change(move |ledger| ledger.unite(temporary, into, actor.as_deref())).await
    }
}

impl Ledger<'_> {
    fn begin_volume(
        &mut self,
        chart: ChartId,
        at: CustodianId,
        label: &NewLabel,
        actor: Option<&str>,
    ) -> Done<VolumeId> {
        let chart = self.own_chart(chart)?;
        let home = self.home_of(&chart)?;
        let (volume, number, key) = self.begin_folder(&chart, &chart, (home, at), label)?;
        let detail = format!("volume {volume} begun as number {number} of chart {}", chart.id);
        let audit_no = self.audit_step(ChartStep::VolumeBegun, actor, &detail)?;
        let about =
            About { volume: Some((volume, number)), label: Some(&key), other: None, ..About::default() };
        self.note(chart.id, audit_no, ChartStep::VolumeBegun, about)?;
        self.settle(chart.id)?;
        Ok(volume)
    }

    /// Where a new folder of a chart belongs: with the newest one in use, or else the newest, also of what was merged into it.
    fn home_of(&self, chart: &ChartRow) -> Done<CustodianId> {
        let mut folders = self.folders(chart.id)?;
        if folders.is_empty() {
            for merged in self.merged_charts(chart.id)? {
                folders.extend(self.folders(merged.id)?);
            }
        }
        let newest = folders.iter().rev().find(|folder| folder.is_active()).or(folders.last());
        newest.map_or_else(|| no(Against::NoFolder), |folder| Ok(folder.home))
    }

    fn make_temporary(
        &mut self,
        real: ChartId,
        at: CustodianId,
        label: &NewLabel,
        actor: Option<&str>,
    ) -> Done<(ChartId, VolumeId)> {
        let real = self.own_chart(real)?;
        if real.party().is_temporary {
            return no(Against::TemporaryChart);
        }
        if !self.temporaries(real.id)?.is_empty() {
            return no(Against::HasTemporary);
        }
        let home = self.home_of(&real)?;
        let temporary = self.insert_temporary(&real)?;
        // It stands on the shelf where the real one would, so that whoever looks for that finds it.
        let (volume, number, key) = self.begin_folder(&temporary, &real, (home, at), label)?;
        let detail = format!("chart {} made to stand in for chart {}", temporary.id, real.id);
        let audit_no = self.audit_step(ChartStep::TemporaryMade, actor, &detail)?;
        for (chart, other) in [(real.id, temporary.id), (temporary.id, real.id)] {
            let about = About {
                other: Some(other),
                volume: Some((volume, number)),
                label: Some(&key),
                ..About::default()
            };
            self.note(chart, audit_no, ChartStep::TemporaryMade, about)?;
        }
        Ok((temporary.id, volume))
    }

    fn insert_temporary(&self, real: &ChartRow) -> Done<ChartRow> {
        for count in 1..=TEMPORARIES_MAX {
            let Some(mrn) = Mrn::parse(&combining::temporary_number(&real.mrn, count))
                .or_else(|| Mrn::parse(&combining::temporary_number(&real.mrn_key, count)))
            else {
                break;
            };
            if !self.charts_of(mrn.key())?.is_empty() {
                continue;
            }
            self.conn
                .prepare_cached(
                    "insert into chart (mrn, mrn_key, record_type, created_at_us, patient_id, temporary_for)
                     values (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute(params![
                    mrn.written(),
                    mrn.key(),
                    real.record_type,
                    self.now_us(),
                    real.patient,
                    real.id.0
                ])?;
            return self.chart(ChartId(self.conn.last_insert_rowid()));
        }
        no(Against::HasTemporary)
    }

    fn unite(&mut self, temporary: ChartId, into: VolumeId, actor: Option<&str>) -> Done<()> {
        let temporary = self.chart(temporary)?;
        let Some(real) = temporary.temporary_for.filter(|_| temporary.merged_into.is_none()) else {
            return no(Against::NotTemporary);
        };
        let root = self.chart(self.chart(real)?.root())?;
        let into = self.folder(into)?;
        let holder = self.chart(into.chart)?;
        if holder.root() != root.id {
            return no(Against::IntoElsewhere);
        }
        let folders: Vec<_> = self.folders(temporary.id)?.into_iter().filter(FolderRow::is_active).collect();
        for folder in &folders {
            rule(combining::combine(folder.facts(), Some(into.facts())))?;
        }
        let detail = format!("temporary chart {} united with chart {}", temporary.id, root.id);
        let audit_no = self.audit_step(ChartStep::United, actor, &detail)?;
        // The folder's own chart: should its merge be undone, the sheets stay with it.
        let merge = self.insert_merge("temporary", &holder, &temporary, (audit_no, None, None))?;
        self.point(&temporary, root.id)?;
        let merge = self.merge_row(merge)?;
        for folder in &folders {
            self.move_sheets(&merge, folder, &into, actor)?;
        }
        self.finish(&merge)?;
        self.settle(temporary.id)?;
        let about = About { volume: Some((into.id, into.number)), ..About::default() };
        self.note(root.id, audit_no, ChartStep::United, About { other: Some(temporary.id), ..about })?;
        Ok(self.note(temporary.id, audit_no, ChartStep::United, About { other: Some(root.id), ..about })?)
    }
}
