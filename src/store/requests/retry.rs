//! Appointments for which nothing could be requested, tried again.

use super::super::Store;
use super::super::change::{Ledger, Unchanged};
use super::schedule::ScheduleReport;
use super::wanted;
use rusqlite::params;

/// Most appointments of one change, so that scans do not wait for all of them.
const AT_ONCE: usize = 50;

/// After which appointment the next change goes on: start and id.
type After = (i64, i64);

impl Store {
    /// Tries again to request charts for appointments to come for which it could not be done; how many still lack something.
    ///
    /// # Errors
    /// The database failed; what was tried before stays.
    pub async fn retry_schedule(
        &self,
        actor: Option<String>,
    ) -> Result<u64, Unchanged<std::convert::Infallible>> {
        let mut all = 0;
        let mut after = None;
        loop {
            let actor = actor.clone();
            let (lacking, next) =
                self.change(move |ledger| Ok(retry(ledger, after, actor.as_deref())?)).await?;
            all += lacking;
            if next.is_none() {
                return Ok(all);
            }
            after = next;
        }
    }
}

fn retry(
    ledger: &mut Ledger<'_>,
    after: Option<After>,
    actor: Option<&str>,
) -> rusqlite::Result<(u64, Option<After>)> {
    let (start, id) = after.unwrap_or((ledger.now_us(), i64::MAX));
    let booked: Vec<After> = ledger
        .conn
        .prepare_cached(
            "select start_us, appointment_id from appointment where lacks is not null and state = 'booked'
               and (start_us, appointment_id) > (?1, ?2) order by start_us, appointment_id limit ?3",
        )?
        .query_map(params![start, id, AT_ONCE], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut report = ScheduleReport::default();
    for (_, appointment) in &booked {
        wanted::want(ledger, *appointment, actor, &mut report)?;
    }
    let lacking = report.without_chart + report.without_clinic;
    if !booked.is_empty() {
        let detail =
            format!("schedule tried again: {} looked at, {lacking} still lack something", booked.len());
        ledger.audit("schedule", actor, &detail)?;
    }
    Ok((lacking, booked.last().copied().filter(|_| booked.len() == AT_ONCE)))
}
