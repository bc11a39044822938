//! The audit log: one row for every change, added in the transaction that makes it.

use super::audit_log::charts_of;
use super::chain::{Head, RowHash};
use crate::tracking::{MovementNo, ScanNo};
use rusqlite::{Connection, params};

/// An audit row about to be added.
pub(super) struct AuditRow<'a> {
    pub(super) at_us: i64,
    pub(super) action: &'static str,
    pub(super) actor: Option<&'a str>,
    pub(super) scan_no: Option<ScanNo>,
    pub(super) movement_no: Option<MovementNo>,
    pub(super) detail: Option<&'a str>,
}

/// Adds a row to the end of the audit log.
pub(super) fn insert_audit(conn: &Connection, head: &mut Head, row: &AuditRow<'_>) -> rusqlite::Result<()> {
    let no = head.no + 1;
    let scan_no = row.scan_no.map(|no| no.0);
    let movement_no = row.movement_no.map(|no| no.0);
    let hash = RowHash::after(&head.hash)
        .integer(no)
        .integer(row.at_us)
        .text(row.action)
        .maybe_text(row.actor)
        .maybe_integer(scan_no)
        .maybe_integer(movement_no)
        .maybe_text(row.detail)
        .finish();
    conn.prepare_cached(
        "insert into audit (audit_no, at_us, action, actor, scan_no, movement_no, detail, hash)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![no, row.at_us, row.action, row.actor, scan_no, movement_no, row.detail, hash])?;
    *head = Head { no, hash };
    if scan_no.is_none() {
        let mut name = conn.prepare_cached("insert into audit_chart (chart_id, audit_no) values (?1, ?2)")?;
        for chart in row.detail.map(charts_of).unwrap_or_default() {
            name.execute(params![chart, no])?;
        }
    }
    Ok(())
}
