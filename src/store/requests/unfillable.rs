//! Requests for what cannot be had or brought any more: nobody waits for it in vain.

use super::steps::{StepRow, step};
use crate::tracking::request::RequestStep;
use crate::tracking::{CustodianId, RequestId, VolumeId};
use rusqlite::{Connection, params};

/// What there is no more.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) enum Gone {
    /// This folder is not in use.
    Volume(VolumeId),
    /// This place takes no charts.
    Place(CustodianId),
}

/// Ends the open requests for what there is no more, and says why.
pub(in crate::store) fn end(
    conn: &Connection,
    gone: Gone,
    why: &str,
    actor: Option<&str>,
    at_us: i64,
) -> rusqlite::Result<()> {
    let (sql, id) = match gone {
        Gone::Volume(volume) => {
            ("select request_id from request where volume_id = ?1 and closed_at_us is null", volume.0)
        }
        Gone::Place(place) => {
            ("select request_id from request where to_id = ?1 and closed_at_us is null", place.0)
        }
    };
    let open: Vec<RequestId> = conn
        .prepare_cached(sql)?
        .query_map(params![id], |row| row.get(0).map(RequestId))?
        .collect::<rusqlite::Result<_>>()?;
    for request in open {
        let row = StepRow {
            request,
            step: RequestStep::NotFillable,
            at_us,
            why: Some(why),
            actor,
            scan: None,
            movement: None,
        };
        step(conn, &row)?;
    }
    Ok(())
}
