//! Labels that are still to be printed or stuck on: a worklist in the order of the shelves. A folder leaves it when its
//! newest label is scanned.

use super::change::Unchanged;
use super::memory::Memory;
use super::read::{VOLUME_COLUMNS, volume_view};
use super::views::{Named, VolumeView};
use super::{Store, StoreError};
use crate::label::LabelKind;
use crate::tracking::{CustodianId, Sighting, VolumeId};
use rusqlite::{Connection, OptionalExtension, named_params, params};

/// What is still to be done with a label.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelDue {
    /// It is to be printed.
    Print,
    /// It was printed, and nobody has scanned it yet.
    Stick,
}

/// How much of a file area is still to be labelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelsDue {
    /// The file area.
    pub area: Named,
    /// Labels to be printed.
    pub to_print: u64,
    /// Labels that were printed and not scanned yet.
    pub to_stick: u64,
    /// Volumes that belong there.
    pub of: u64,
}

impl LabelDue {
    /// How it is stored.
    pub(super) fn code(self) -> i64 {
        match self {
            LabelDue::Print => 1,
            LabelDue::Stick => 2,
        }
    }
}

impl Store {
    /// The file areas with labels that are still to be printed or stuck on.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn labels_due(&self) -> Result<Vec<LabelsDue>, StoreError> {
        self.read("count the labels to be printed", |conn| {
            conn.prepare_cached(
                "select c.custodian_id, c.code, c.name, c.phone, sum(v.label_due = 1), sum(v.label_due = 2), c.volumes_home
                 from volume v join custodian c on c.custodian_id = v.home_id
                 where v.label_due is not null group by v.home_id order by c.name, c.custodian_id",
            )?
            .query_map([], |row| {
                Ok(LabelsDue {
                    area: super::read::named(row, 0)?,
                    to_print: row.get(4)?,
                    to_stick: row.get(5)?,
                    of: row.get(6)?,
                })
            })?
            .collect()
        })
        .await
    }

    /// The next volumes of a file area, in the order of its shelves, whose labels are to be printed, or were printed and not
    /// scanned yet; those after `after`, at most `rows`.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn labels_due_at(
        &self,
        area: CustodianId,
        due: LabelDue,
        after: Option<VolumeId>,
        rows: usize,
    ) -> Result<Vec<VolumeView>, StoreError> {
        self.read("list the labels to be printed", move |conn| {
            let after: Option<(String, i64)> = match after {
                None => None,
                Some(volume) => conn
                    .prepare_cached("select filing_key, volume_id from volume where volume_id = ?1")?
                    .query_row(params![volume.0], |row| Ok((row.get(0)?, row.get(1)?)))
                    .optional()?,
            };
            let (key, volume) = after.unwrap_or_default();
            let sql = format!(
                "select {VOLUME_COLUMNS} where volume.label_due is not null and volume.label_due = :due
                   and volume.home_id = :area and (volume.filing_key, volume.volume_id) > (:key, :volume)
                 order by volume.filing_key, volume.volume_id limit :rows"
            );
            conn.prepare_cached(&sql)?
                .query_map(
                    named_params! {
                        ":due": due.code(), ":area": area.0, ":key": key, ":volume": volume, ":rows": rows,
                    },
                    volume_view,
                )?
                .collect()
        })
        .await
    }

    /// Writes down that these labels were printed; those that were not to be printed stay as they are.
    ///
    /// # Errors
    /// The database failed; nothing is changed.
    pub async fn labels_printed(
        &self,
        keys: Vec<String>,
        actor: Option<String>,
    ) -> Result<usize, Unchanged<std::convert::Infallible>> {
        self.change(move |ledger| {
            let mut printed = 0;
            for key in &keys {
                printed += ledger
                    .conn
                    .prepare_cached(
                        "update volume set label_due = 2 where label = ?1 and label_due = 1
                           and volume_id = (select target_id from label where kind = ?2 and key = ?1)",
                    )?
                    .execute(params![key, LabelKind::Volume.as_str()])?;
            }
            if printed > 0 {
                ledger.audit("label", actor.as_deref(), &format!("{printed} labels printed"))?;
            }
            Ok(printed)
        })
        .await
    }
}

/// A folder whose newest label was scanned is labelled.
pub(super) fn after_scan(
    conn: &Connection,
    memory: &mut Memory,
    sighting: &Sighting,
    volume: Option<VolumeId>,
) -> rusqlite::Result<()> {
    let (Some(volume), Sighting::Label { key, .. }) = (volume, sighting) else { return Ok(()) };
    let is_due = match memory.labels_due {
        Some(is_due) => is_due,
        // Asked once: a room where all is labelled pays nothing for it.
        None => conn
            .prepare_cached("select exists (select 1 from volume where label_due is not null)")?
            .query_row([], |row| row.get(0))?,
    };
    memory.labels_due = Some(is_due);
    if is_due {
        conn.prepare_cached(
            "update volume set label_due = null where volume_id = ?1 and label_due is not null and label = ?2",
        )?
        .execute(params![volume.0, key])?;
    }
    Ok(())
}
