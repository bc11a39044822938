//! Where in the numbered logs a time begins. Numbers have no gaps and times (but for clock steps) only rise, so halving
//! finds it, and no index over millions of times has to be kept.

use super::micros;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, named_params};

/// A log that is only added to, in the order of its numbers.
#[derive(Debug, Clone, Copy)]
pub(super) enum Log {
    /// The journal.
    Scans,
    /// History.
    Movements,
    /// The audit log.
    Audit,
}

impl Log {
    fn sql(self) -> (&'static str, &'static str) {
        match self {
            Log::Scans => (
                "select coalesce(max(scan_no), 0) + 1 from scan",
                "select recorded_at_us >= :since from scan where scan_no = :no",
            ),
            Log::Movements => (
                "select coalesce(max(movement_no), 0) + 1 from movement",
                "select recorded_at_us >= :since from any_movement where movement_no = :no",
            ),
            Log::Audit => (
                "select coalesce(max(audit_no), 0) + 1 from audit",
                "select at_us >= :since from audit where audit_no = :no",
            ),
        }
    }
}

/// The number of the first row that was written since a time; one past the last if none was.
pub(super) fn first_since(conn: &Connection, log: Log, since: Timestamp) -> rusqlite::Result<i64> {
    let (end, later) = log.sql();
    let mut at = conn.prepare_cached(later)?;
    let mut low = 1;
    let mut high: i64 = conn.prepare_cached(end)?.query_row([], |row| row.get(0))?;
    while low < high {
        let middle = low + (high - low) / 2;
        let recent: Option<bool> = at
            .query_row(named_params! { ":no": middle, ":since": micros(since) }, |row| row.get(0))
            .optional()?;
        if recent.unwrap_or(true) { high = middle } else { low = middle + 1 }
    }
    Ok(low)
}
