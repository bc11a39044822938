//! What a list says of a chart or patient beside what they are called: restricted, in a ward.
//!
//! A list never opens a restricted chart and never discharges anybody: it may be older than what was done here.

use super::{Effect, LineResult};
use crate::store::chain::Heads;
use crate::store::record::{AuditRow, insert_audit};
use rusqlite::{Connection, OptionalExtension, params};

/// Why a chart is restricted, if a list says so.
const BY_LIST: &str = "a list says so";
const ACTOR: &str = "outguide import";

/// One import at work on flags.
pub(super) struct Flags<'a> {
    pub(super) conn: &'a Connection,
    pub(super) heads: &'a mut Heads,
    pub(super) now_us: i64,
}

impl Flags<'_> {
    /// Restricts a chart.
    pub(super) fn restrict(&mut self, chart: i64) -> rusqlite::Result<Effect> {
        let added = self
            .conn
            .prepare_cached(
                "insert into restriction (chart_id, since_us, made_by, why) values (?1, ?2, ?3, ?4)
                 on conflict (chart_id) do nothing",
            )?
            .execute(params![chart, self.now_us, ACTOR, BY_LIST])?;
        if added > 0 {
            self.audit(&format!("chart {chart} restricted: {BY_LIST}"))?;
        }
        Ok(Effect::changed(added))
    }

    /// Whether a patient is in a ward. What is out is not due back then.
    pub(super) fn inpatient(&mut self, patient: i64, is_inpatient: bool) -> rusqlite::Result<LineResult> {
        let since: Option<i64> = self
            .conn
            .prepare_cached("select inpatient_since_us from patient where patient_id = ?1")?
            .query_row(params![patient], |row| row.get(0))
            .optional()?
            .flatten();
        match (since.is_some(), is_inpatient) {
            (true, true) | (false, false) => return Ok(Ok(Effect::Unchanged)),
            (true, false) => {
                return Ok(Err(
                    "inpatient: the record has the patient in a ward; discharge them on the chart's page, \
                               which says when charts are due back"
                        .to_owned(),
                ));
            }
            (false, true) => {}
        }
        self.conn
            .prepare_cached(
                "update patient set inpatient_since_us = ?2, discharged_at_us = null where patient_id = ?1",
            )?
            .execute(params![patient, self.now_us])?;
        let audit_no = self.audit(&format!("patient {patient} is in a ward: {BY_LIST}"))?;
        self.conn
            .prepare_cached(
                "insert into due_change (volume_id, movement_no, audit_no, due_at_us)
                 select v.volume_id, v.movement_no, ?2, null from chart c join volume v using (chart_id)
                 where c.patient_id = ?1 and v.movement_no is not null and v.due_at_us is not null",
            )?
            .execute(params![patient, audit_no])?;
        self.conn
            .prepare_cached(
                "update volume set due_at_us = null where due_at_us is not null
                   and chart_id in (select chart_id from chart where patient_id = ?1)",
            )?
            .execute(params![patient])?;
        Ok(Ok(Effect::Changed))
    }

    fn audit(&mut self, detail: &str) -> rusqlite::Result<i64> {
        let row = AuditRow {
            at_us: self.now_us,
            action: "import",
            actor: Some(ACTOR),
            scan_no: None,
            movement_no: None,
            detail: Some(detail),
        };
        insert_audit(self.conn, &mut self.heads.audit, &row)?;
        self.conn.query_row("select max(audit_no) from audit", [], |row| row.get(0))
    }
}
