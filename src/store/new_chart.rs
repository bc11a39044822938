//! Charts that somebody puts on file while the daemon runs. A list may do the same; the rules are the same.

use super::Store;
use super::change::{Ledger, Unchanged};
use super::folders::{ChartRow, Done, NewLabel, no};
use super::import::patients::{self, Said};
use super::timeline::{About, ChartStep};
use crate::tracking::combining::Against;
use crate::tracking::search::pairs;
use crate::tracking::{ChartId, CustodianId, Mrn, VolumeId};
use jiff::civil::Date;
use rusqlite::params;

/// A chart that is put on file with its first folder.
#[derive(Debug, Clone)]
pub struct NewChart {
    /// The patient's number.
    pub mrn: Mrn,
    /// Who gave the number; empty: this site.
    pub assigner: String,
    /// The patient's name.
    pub name: Option<String>,
    /// The patient's date of birth.
    pub born: Option<Date>,
    /// medical, dental, …
    pub record_type: String,
    /// Where the folder belongs.
    pub home: CustodianId,
    /// Where it is now.
    pub at: CustodianId,
    /// Its label.
    pub label: NewLabel,
}

impl Store {
    /// Puts a chart on file, and its patient if the number is new.
    ///
    /// # Errors
    /// The rules are against it, or the database failed; nothing is changed.
    pub async fn add_chart(
        &self,
        new: NewChart,
        actor: Option<String>,
    ) -> Result<(ChartId, VolumeId), Unchanged<Against>> {
        self.change(move |ledger| ledger.add_chart(&new, actor.as_deref())).await
    }
}

impl Ledger<'_> {
    fn add_chart(&mut self, new: &NewChart, actor: Option<&str>) -> Done<(ChartId, VolumeId)> {
        let of_number = self.charts_of(new.mrn.key())?;
        if of_number.iter().any(|chart| chart.merged_into.is_some()) {
            return no(Against::RetiredNumber);
        }
        if of_number.iter().any(|chart| chart.record_type == new.record_type) {
            return no(Against::NumberOnFile);
        }
        if !self.is_record_type(&new.record_type)? {
            return no(Against::NoSuchRecordType);
        }
        if !self.is_open_custodian(new.home)? {
            return no(Against::NoSuchCustodian);
        }
        let patient = self.patient_of(new, &of_number)?;
        self.conn
            .prepare_cached(
                "insert into chart (mrn, mrn_key, record_type, created_at_us, patient_id) values (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                new.mrn.written(),
                new.mrn.key(),
                new.record_type,
                self.now_us(),
                patient
            ])?;
        let chart = self.chart(ChartId(self.conn.last_insert_rowid()))?;
        let (volume, number, key) = self.begin_folder(&chart, &chart, (new.home, new.at), &new.label)?;
        let detail = format!("chart {} put on file with volume {volume}", chart.id);
        let audit_no = self.audit_step(ChartStep::Added, actor, &detail)?;
        let about = About { volume: Some((volume, number)), label: Some(&key), ..About::default() };
        self.note(chart.id, audit_no, ChartStep::Added, about)?;
        Ok((chart.id, volume))
    }

    /// The patient whose number it is, who is made if there is none. What is said of one on file must agree with the file:
    /// a typing mistake in the number would give somebody another patient's chart.
    fn patient_of(&mut self, new: &NewChart, of_number: &[ChartRow]) -> Done<Option<i64>> {
        let said = Said { name: new.name.as_deref(), born: new.born };
        let known = match patients::by_number(self.conn, &new.assigner, &new.mrn)? {
            Some(patient) => Some(patient),
            None if new.assigner.is_empty() => of_number.iter().find_map(|chart| chart.patient),
            None => None,
        };
        if let Some(patient) = known {
            let on_file = super::patients::on_file(self.conn, patient)?;
            let differs = on_file.is_some_and(|on_file| {
                is_other(new.name.as_deref().map(pairs), on_file.name.as_deref().map(pairs))
                    || is_other(new.born, on_file.born)
            });
            if differs {
                return no(Against::OtherPatient);
            }
            patients::fill(self.conn, patient, said)?;
            return Ok(Some(patient));
        }
        if said.is_nothing() && new.assigner.is_empty() {
            return Ok(None);
        }
        Ok(Some(patients::add(self.conn, &new.assigner, &new.mrn, said, self.now_us())?))
    }
}

/// Both are known, and differ. Names are compared as searches do: case, accents and order make no difference.
fn is_other<T: PartialEq>(said: Option<T>, on_file: Option<T>) -> bool {
    said.zip(on_file).is_some_and(|(said, on_file)| said != on_file)
}
