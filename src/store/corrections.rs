//! A patient's name, date of birth or number put right by hand; what it was before is kept.

use super::Store;
use super::change::{Ledger, Unchanged};
use super::filing::{refile_chart, refile_patient};
use super::folders::{ChartRow, Done, no};
use super::import::patients;
use super::timeline::{About, ChartStep};
use super::{StoreError, names, timestamp};
use crate::tracking::combining::Against;
use crate::tracking::search::pairs;
use crate::tracking::{ChartId, Mrn};
use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::params;

/// Most changes that a page shows.
const CHANGES_MAX: i64 = 50;

/// What a patient was called before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatientChange {
    /// When that ended.
    pub at: Timestamp,
    /// Who put it right.
    pub actor: Option<String>,
    /// name, born, number.
    pub what: String,
    /// What it was; `None`: it was not known.
    pub was: Option<String>,
}

/// Whoever may be the patient that somebody is about to put on file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Namesakes {
    /// Their charts.
    pub charts: Vec<ChartId>,
    /// How many are on file without a chart.
    pub without_chart: usize,
}

impl Store {
    /// Everything that a chart's patient was called before, the newest first.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn patient_changes(&self, chart: ChartId) -> Result<Vec<PatientChange>, StoreError> {
        self.read("show what a patient was called", move |conn| {
            conn.prepare_cached(
                "select a.at_us, a.actor, p.what, p.was from chart c join patient_change p using (patient_id)
                 join audit a using (audit_no) where c.chart_id = ?1 and p.what <> 'inpatient'
                 order by p.audit_no desc, p.what limit ?2",
            )?
            .query_map(params![chart.0, CHANGES_MAX], |row| {
                Ok(PatientChange {
                    at: timestamp(row.get(0)?),
                    actor: row.get(1)?,
                    what: row.get(2)?,
                    was: row.get(3)?,
                })
            })?
            .collect()
        })
        .await
    }

    /// Patients of just this name and date of birth, who are on file under other numbers.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn namesakes(
        &self,
        name: String,
        born: Date,
        mrn: Mrn,
        assigner: String,
    ) -> Result<Namesakes, StoreError> {
        self.read("look for a patient of the same name", move |conn| {
            if patients::by_number(conn, &assigner, &mrn)?.is_some() {
                return Ok(Namesakes::default());
            }
            let Some((word, other)) = pairs(&name).into_iter().next() else { return Ok(Namesakes::default()) };
            let mut found = Namesakes::default();
            let mut statement = conn.prepare_cached(
                "select w.patient_id, p.name, c.chart_id from patient_word w join patient p using (patient_id)
                 left join chart c on c.patient_id = p.patient_id and c.merged_into is null and c.mrn_key <> ?4
                 where w.word = ?1 and w.other = ?2 and w.born = ?3 limit 50",
            )?;
            let mut rows = statement.query(params![word, other, names::born_number(Some(born)), mrn.key()])?;
            while let Some(row) = rows.next()? {
                let on_file: String = row.get::<_, Option<String>>(1)?.unwrap_or_default();
                if pairs(&on_file) == pairs(&name) {
                    match row.get::<_, Option<i64>>(2)? {
                        Some(chart) => found.charts.push(ChartId(chart)),
                        None => found.without_chart += 1,
                    }
                }
            }
            Ok(found)
        })
        .await
    }

    /// Puts the name and the date of birth of a chart's patient right; `None` takes what was on file away.
    ///
    /// # Errors
    /// The rules are against it, or the database failed; nothing is changed.
    pub async fn correct_patient(
        &self,
        chart: ChartId,
        name: Option<String>,
        born: Option<Date>,
        actor: Option<String>,
    ) -> Result<(), Unchanged<Against>> {
        self.change(move |ledger| ledger.correct_patient(chart, name.as_deref(), born, actor.as_deref()))
            .await
    }

    /// Puts the number of a chart right, and of all charts that have the same. The wrong one finds them for ever, as a former
    /// one.
    ///
    /// # Errors
    /// The number is somebody's (then the two are to be merged), or the rules are against it, or the database failed; nothing
    /// is changed.
    pub async fn correct_number(
        &self,
        chart: ChartId,
        mrn: Mrn,
        actor: Option<String>,
    ) -> Result<(), Unchanged<Against>> {
        self.change(move |ledger| ledger.correct_number(chart, &mrn, actor.as_deref())).await
    }
}

impl Ledger<'_> {
    fn correct_patient(
        &mut self,
        chart: ChartId,
        name: Option<&str>,
        born: Option<Date>,
        actor: Option<&str>,
    ) -> Done<()> {
        let chart = self.own_chart(chart)?;
        let patient = self.patient_or_new(&chart)?;
        let (was_name, was_born): (Option<String>, Option<String>) = self
            .conn
            .prepare_cached("select name, born from patient where patient_id = ?1")?
            .query_row(params![patient], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let new_born = born.map(|born| born.to_string());
        if was_name.as_deref() == name && was_born == new_born {
            return no(Against::NothingNew);
        }
        let before = was_born.as_deref().and_then(|born| born.parse().ok());
        names::take_out(self.conn, patient, was_name.as_deref(), before)?;
        self.conn
            .prepare_cached("update patient set name = ?2, born = ?3 where patient_id = ?1")?
            .execute(params![patient, name, new_born])?;
        names::file(self.conn, patient, name, born)?;
        let detail = format!("name or date of birth of the patient of chart {} corrected", chart.id);
        let audit_no = self.audit_step(ChartStep::PatientCorrected, actor, &detail)?;
        if was_name.as_deref() != name {
            self.keep_what_was(patient, audit_no, "name", was_name.as_deref())?;
        }
        if was_born != new_born {
            self.keep_what_was(patient, audit_no, "born", was_born.as_deref())?;
        }
        self.note(chart.id, audit_no, ChartStep::PatientCorrected, About::default())?;
        refile_patient(self.conn, patient)?;
        Ok(())
    }

    fn correct_number(&mut self, chart: ChartId, mrn: &Mrn, actor: Option<&str>) -> Done<()> {
        let chart = self.own_chart(chart)?;
        if chart.party().is_temporary {
            return no(Against::TemporaryNumber);
        }
        if chart.mrn == mrn.written() {
            return no(Against::NothingNew);
        }
        let is_same_key = chart.mrn_key == mrn.key();
        let owner = patients::by_number(self.conn, "", mrn)?;
        let is_theirs = owner.is_some() && owner != chart.patient;
        if !is_same_key && (!self.charts_of(mrn.key())?.is_empty() || is_theirs) {
            return no(Against::NumberTaken);
        }
        let patient = self.patient_or_new(&chart)?;
        let all = self.charts_of(&chart.mrn_key)?;
        self.conn
            .prepare_cached("update chart set mrn = ?2, mrn_key = ?3 where mrn_key = ?1")?
            .execute(params![chart.mrn_key, mrn.written(), mrn.key()])?;
        if is_same_key {
            self.conn
                .prepare_cached("update mrn set mrn = ?2 where assigner = '' and mrn_key = ?1")?
                .execute(params![mrn.key(), mrn.written()])?;
        } else {
            self.conn
                .prepare_cached(
                    "insert into mrn (assigner, mrn_key, mrn, patient_id, since_us, until_us) values ('', ?1, ?2, ?3, ?4, ?4)
                     on conflict do update set until_us = ?4",
                )?
                .execute(params![chart.mrn_key, chart.mrn, patient, self.now_us()])?;
            patients::add_number(self.conn, "", mrn, patient, self.now_us())?;
            self.conn
                .prepare_cached("update mrn set until_us = null where assigner = '' and mrn_key = ?1")?
                .execute(params![mrn.key()])?;
        }
        let detail = format!("number of chart {} corrected", chart.id);
        let audit_no = self.audit_step(ChartStep::NumberCorrected, actor, &detail)?;
        self.keep_what_was(patient, audit_no, "number", Some(&chart.mrn))?;
        for other in all {
            self.note(other.id, audit_no, ChartStep::NumberCorrected, About::default())?;
            refile_chart(self.conn, other.id)?;
        }
        Ok(())
    }

    /// The patient of a chart; one of whom nothing is known but the number, if there was none.
    pub(super) fn patient_or_new(&mut self, chart: &ChartRow) -> Done<i64> {
        if let Some(patient) = chart.patient {
            return Ok(patient);
        }
        let Some(mrn) = Mrn::parse(&chart.mrn) else { return no(Against::NoPatient) };
        let nothing = patients::Said { name: None, born: None };
        let patient = match patients::by_number(self.conn, "", &mrn)? {
            Some(patient) => patient,
            None => patients::add(self.conn, "", &mrn, nothing, self.now_us())?,
        };
        self.conn
            .prepare_cached("update chart set patient_id = ?2 where mrn_key = ?1 and patient_id is null")?
            .execute(params![chart.mrn_key, patient])?;
        Ok(patient)
    }

    pub(super) fn keep_what_was(
        &self,
        patient: i64,
        audit_no: i64,
        what: &'static str,
        was: Option<&str>,
    ) -> rusqlite::Result<()> {
        self.conn
            .prepare_cached(
                "insert into patient_change (patient_id, audit_no, what, was) values (?1, ?2, ?3, ?4)",
            )?
            .execute(params![patient, audit_no, what, was])?;
        Ok(())
    }
}
