//! Patients in wards: until they are discharged, nothing of theirs is due back.

use super::Store;
use super::change::{Ledger, Unchanged};
use super::folders::{Done, no};
use super::timeline::{About, ChartStep};
use super::{StoreError, due, timestamp};
use crate::tracking::combining::Against;
use crate::tracking::{ChartId, CustodianId, VolumeId};
use jiff::Timestamp;
use rusqlite::{OptionalExtension, params};

/// A volume of the patient that is out: which, by which movement, who has it, when it is due.
type Out = (VolumeId, i64, CustodianId, Option<i64>);

impl Store {
    /// Since when a chart's patient is in a ward.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn inpatient_since(&self, chart: ChartId) -> Result<Option<Timestamp>, StoreError> {
        self.read("ask whether a patient is in a ward", move |conn| {
            let found: Option<Option<i64>> = conn
                .prepare_cached(
                    "select p.inpatient_since_us from chart c join patient p using (patient_id) where c.chart_id = ?1",
                )?
                .query_row(params![chart.0], |row| row.get(0))
                .optional()?;
            Ok(found.flatten().map(timestamp))
        })
        .await
    }

    /// Says that a chart's patient was admitted to a ward, or discharged. What is out of all charts of the patient is not due
    /// back while they are there, and by the rules of who has it once they have left.
    ///
    /// # Errors
    /// It is so already, the rules are against it, or the database failed; nothing is changed.
    pub async fn set_inpatient(
        &self,
        chart: ChartId,
        is_inpatient: bool,
        actor: Option<String>,
    ) -> Result<(), Unchanged<Against>> {
        self.change(move |ledger| ledger.set_inpatient(chart, is_inpatient, actor.as_deref())).await
    }
}

impl Ledger<'_> {
    fn set_inpatient(&mut self, chart: ChartId, is_inpatient: bool, actor: Option<&str>) -> Done<()> {
        let chart = self.own_chart(chart)?;
        let patient = self.patient_or_new(&chart)?;
        let since: Option<i64> = self
            .conn
            .prepare_cached("select inpatient_since_us from patient where patient_id = ?1")?
            .query_row(params![patient], |row| row.get(0))?;
        if since.is_some() == is_inpatient {
            return no(Against::NothingNew);
        }
        let now = self.now_us();
        let (from, until) = if is_inpatient { (Some(now), None) } else { (None, Some(now)) };
        self.conn
            .prepare_cached(
                "update patient set inpatient_since_us = ?2, discharged_at_us = ?3 where patient_id = ?1",
            )?
            .execute(params![patient, from, until])?;
        let (step, word) = if is_inpatient {
            (ChartStep::Admitted, "was admitted")
        } else {
            (ChartStep::Discharged, "was discharged")
        };
        let audit_no = self.audit_step(step, actor, &format!("the patient of chart {} {word}", chart.id))?;
        self.keep_what_was(patient, audit_no, "inpatient", since.map(|_| "yes"))?;
        self.note(chart.id, audit_no, step, About::default())?;
        for (volume, movement, at, was) in self.out_of(patient)? {
            let due = due::due_from(self.conn, self.memory, volume, at, now)?;
            if due != was {
                self.change_due((volume, movement), audit_no, due)?;
            }
        }
        Ok(())
    }

    fn out_of(&self, patient: i64) -> rusqlite::Result<Vec<Out>> {
        self.conn
            .prepare_cached(
                "select v.volume_id, v.movement_no, v.at_id, v.due_at_us from chart c join volume v using (chart_id)
                 where c.patient_id = ?1 and v.at_id <> v.home_id and v.movement_no is not null
                   and v.missing_since_us is null and v.state = 'active'",
            )?
            .query_map(params![patient], |row| {
                Ok((VolumeId(row.get(0)?), row.get(1)?, CustodianId(row.get(2)?), row.get(3)?))
            })?
            .collect()
    }

    fn change_due(
        &self,
        (volume, movement): (VolumeId, i64),
        audit_no: i64,
        due: Option<i64>,
    ) -> rusqlite::Result<()> {
        self.conn
            .prepare_cached(
                "insert into due_change (volume_id, movement_no, audit_no, due_at_us) values (?1, ?2, ?3, ?4)",
            )?
            .execute(params![volume.0, movement, audit_no, due])?;
        self.conn
            .prepare_cached("update volume set due_at_us = ?2 where volume_id = ?1")?
            .execute(params![volume.0, due])?;
        Ok(())
    }
}
