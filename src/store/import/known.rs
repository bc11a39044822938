//! What is on file of the chart and the volume that a line names.

use super::ChartLine;
use super::charts::Patient;
use crate::tracking::{CustodianId, MovementNo, Mrn, VolumeId};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// A chart on file, with the volume of the line's number if it has one.
pub(super) struct OnFile {
    pub(super) chart: i64,
    pub(super) patient: Patient,
    pub(super) volume: Option<Volume>,
    /// The line's label is not on file.
    pub(super) is_new_label: bool,
}

/// A volume on file.
pub(super) struct Volume {
    pub(super) id: VolumeId,
    pub(super) home: CustodianId,
    pub(super) at: CustodianId,
    pub(super) movement: Option<MovementNo>,
    pub(super) is_active: bool,
}

/// What a label on file is on.
pub(super) struct Labelled {
    mrn_key: String,
    record_type: String,
    number: u32,
    pub(super) on_file: OnFile,
    /// The surviving chart, where its chart was merged into another.
    merged_into: Option<i64>,
}

impl Labelled {
    /// Whether a line names a volume that has come to this chart by a merge: the list still has the retired number.
    pub(super) fn came_from(&self, conn: &Connection, line: &ChartLine) -> rusqlite::Result<bool> {
        let survivor = self.merged_into.unwrap_or(self.on_file.chart);
        conn.prepare_cached("select exists (select 1 from chart where mrn_key = ?1 and merged_into = ?2)")?
            .query_row(params![line.mrn.key(), survivor], |row| row.get(0))
    }

    /// Whether it is the volume that a line names.
    pub(super) fn is_of(&self, line: &ChartLine) -> bool {
        self.number == line.volume && self.mrn_key == line.mrn.key() && self.record_type == line.record_type
    }
}

/// Finds a volume by a label of it, old ones included.
pub(super) fn by_label(conn: &Connection, key: &str) -> rusqlite::Result<Option<Labelled>> {
    conn.prepare_cached(
        "select c.chart_id, c.patient_id, p.name, p.born, v.volume_id, v.home_id, v.at_id, v.movement_no, v.state,
                c.mrn_key, c.record_type, v.number, c.merged_into
         from label l join volume old on old.volume_id = l.target_id
              join volume v on v.volume_id = coalesce(old.sheets_in, old.volume_id) join chart c on c.chart_id = v.chart_id
              left join patient p on p.patient_id = c.patient_id
         where l.kind = 'volume' and l.key = ?1",
    )?
    .query_row(params![key], |row| {
        Ok(Labelled {
            mrn_key: row.get(9)?,
            record_type: row.get(10)?,
            number: row.get(11)?,
            merged_into: row.get(12)?,
            on_file: on_file(row)?,
        })
    })
    .optional()
}

/// Whether a number was retired by a merge and its folders have become another chart's: nothing is added under it.
pub(super) fn is_retired(conn: &Connection, mrn: &Mrn) -> rusqlite::Result<bool> {
    conn.prepare_cached("select exists (select 1 from chart where mrn_key = ?1 and merged_into is not null)")?
        .query_row(params![mrn.key()], |row| row.get(0))
}

/// Finds a chart by number and record type.
pub(super) fn by_number(conn: &Connection, line: &ChartLine) -> rusqlite::Result<Option<OnFile>> {
    conn.prepare_cached(
        "select c.chart_id, c.patient_id, p.name, p.born, v.volume_id, v.home_id, v.at_id, v.movement_no, v.state
         from chart c left join volume v on v.chart_id = c.chart_id and v.number = ?3 and v.sheets_in is null
              left join patient p on p.patient_id = c.patient_id
         where c.mrn_key = ?1 and c.record_type = ?2",
    )?
    .query_row(params![line.mrn.key(), line.record_type, line.volume], on_file)
    .optional()
}

fn on_file(row: &Row<'_>) -> rusqlite::Result<OnFile> {
    let volume = match row.get::<_, Option<i64>>(4)? {
        None => None,
        Some(id) => Some(Volume {
            id: VolumeId(id),
            home: CustodianId(row.get(5)?),
            at: CustodianId(row.get(6)?),
            movement: row.get::<_, Option<i64>>(7)?.map(MovementNo),
            is_active: row.get_ref(8)?.as_bytes() == Ok(b"active".as_slice()),
        }),
    };
    let patient = Patient { id: row.get(1)?, name: row.get(2)?, born: row.get(3)? };
    Ok(OnFile { chart: row.get(0)?, patient, volume, is_new_label: false })
}
