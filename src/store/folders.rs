//! What changes to charts and folders are made of: how they stand, where the next volume belongs, whose a label is.

use super::change::{Ledger, Stop};
use super::history::{MovementRow, Outcome, append_movement, update_whereabouts};
use super::known::label_target;
use super::label_work::LabelDue;
use crate::label::LabelKind;
use crate::tracking::combining::{Against, Folder, Party};
use crate::tracking::grammar::MovementKind;
use crate::tracking::{ChartId, CustodianId, Filed, FilingScheme, MovementNo, VolumeId};
use jiff::civil::Date;
use rusqlite::{OptionalExtension, Row, params};

/// The label of a new folder, or a new one for an old folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewLabel {
    /// Outguide's own, to be printed.
    Own,
    /// The key of one from the preprinted stock.
    Stock(String),
}

/// How many numbers are tried for a label of Outguide's own; each try goes twice as far as the one before.
const OWN_TRIES: u32 = 40;

/// A chart as it stands.
pub(super) struct ChartRow {
    pub(super) id: ChartId,
    pub(super) mrn: String,
    pub(super) mrn_key: String,
    pub(super) record_type: String,
    pub(super) state: String,
    pub(super) temporary_for: Option<ChartId>,
    pub(super) merged_into: Option<ChartId>,
    pub(super) patient: Option<i64>,
}

impl ChartRow {
    /// The chart that its folders are part of.
    pub(super) fn root(&self) -> ChartId {
        self.merged_into.unwrap_or(self.id)
    }

    pub(super) fn party(&self) -> Party {
        Party {
            chart: self.id,
            merged_into: self.merged_into,
            is_temporary: self.temporary_for.is_some() && self.merged_into.is_none(),
        }
    }
}

const CHART_COLUMNS: &str =
    "chart_id, mrn, mrn_key, record_type, state, temporary_for, merged_into, patient_id from chart";

fn chart_row(row: &Row<'_>) -> rusqlite::Result<ChartRow> {
    Ok(ChartRow {
        id: ChartId(row.get(0)?),
        mrn: row.get(1)?,
        mrn_key: row.get(2)?,
        record_type: row.get(3)?,
        state: row.get(4)?,
        temporary_for: row.get::<_, Option<i64>>(5)?.map(ChartId),
        merged_into: row.get::<_, Option<i64>>(6)?.map(ChartId),
        patient: row.get(7)?,
    })
}

/// A volume as it stands.
pub(super) struct FolderRow {
    pub(super) id: VolumeId,
    pub(super) chart: ChartId,
    pub(super) number: u32,
    pub(super) label: String,
    pub(super) home: CustodianId,
    pub(super) filing_key: String,
    pub(super) at: CustodianId,
    pub(super) movement: Option<MovementNo>,
    pub(super) is_missing: bool,
    pub(super) state: String,
    pub(super) is_worn: bool,
}

impl FolderRow {
    pub(super) fn is_active(&self) -> bool {
        self.state == "active"
    }

    pub(super) fn facts(&self) -> Folder {
        Folder { is_active: self.is_active(), is_missing: self.is_missing }
    }
}

const FOLDER_COLUMNS: &str = "volume_id, chart_id, number, label, home_id, filing_key, at_id, movement_no,
    missing_since_us is not null, state, worn_at_us is not null from volume";

fn folder_row(row: &Row<'_>) -> rusqlite::Result<FolderRow> {
    Ok(FolderRow {
        id: VolumeId(row.get(0)?),
        chart: ChartId(row.get(1)?),
        number: row.get(2)?,
        label: row.get(3)?,
        home: CustodianId(row.get(4)?),
        filing_key: row.get(5)?,
        at: CustodianId(row.get(6)?),
        movement: row.get::<_, Option<i64>>(7)?.map(MovementNo),
        is_missing: row.get(8)?,
        state: row.get(9)?,
        is_worn: row.get(10)?,
    })
}

/// What comes of a change to charts and folders.
pub(super) type Done<T> = Result<T, Stop<Against>>;

/// A refusal by the rules.
pub(super) fn no<T>(why: Against) -> Done<T> {
    Err(Stop::Refused(why))
}

/// The rules' word.
pub(super) fn rule<T>(word: Result<T, Against>) -> Done<T> {
    word.map_err(Stop::Refused)
}

impl Ledger<'_> {
    pub(super) fn chart(&self, chart: ChartId) -> Done<ChartRow> {
        let sql = format!("select {CHART_COLUMNS} where chart_id = ?1");
        let found = self.conn.prepare_cached(&sql)?.query_row(params![chart.0], chart_row).optional()?;
        found.map_or_else(|| no(Against::NoSuchChart), Ok)
    }

    /// A chart that a change may be made to: one that was merged into another is not any more.
    pub(super) fn own_chart(&self, chart: ChartId) -> Done<ChartRow> {
        let chart = self.chart(chart)?;
        if chart.merged_into.is_some() { no(Against::RetiredChart) } else { Ok(chart) }
    }

    /// All charts of a number, of every record type.
    pub(super) fn charts_of(&self, mrn_key: &str) -> rusqlite::Result<Vec<ChartRow>> {
        let sql = format!("select {CHART_COLUMNS} where mrn_key = ?1 order by record_type");
        self.conn.prepare_cached(&sql)?.query_map(params![mrn_key], chart_row)?.collect()
    }

    /// Charts that are part of this one: merged into it.
    pub(super) fn merged_charts(&self, chart: ChartId) -> rusqlite::Result<Vec<ChartRow>> {
        let sql = format!("select {CHART_COLUMNS} where merged_into = ?1 order by chart_id");
        self.conn.prepare_cached(&sql)?.query_map(params![chart.0], chart_row)?.collect()
    }

    /// Temporary charts in use that stand in for this one.
    pub(super) fn temporaries(&self, chart: ChartId) -> rusqlite::Result<Vec<ChartRow>> {
        let sql = format!(
            "select {CHART_COLUMNS} where temporary_for = ?1 and merged_into is null and state = 'active'"
        );
        self.conn.prepare_cached(&sql)?.query_map(params![chart.0], chart_row)?.collect()
    }

    pub(super) fn folder(&self, volume: VolumeId) -> Done<FolderRow> {
        let sql = format!("select {FOLDER_COLUMNS} where volume_id = ?1");
        let found = self.conn.prepare_cached(&sql)?.query_row(params![volume.0], folder_row).optional()?;
        found.map_or_else(|| no(Against::NoSuchVolume), Ok)
    }

    /// The folders of a chart, but for those whose sheets are elsewhere, in order of their numbers.
    pub(super) fn folders(&self, chart: ChartId) -> rusqlite::Result<Vec<FolderRow>> {
        let sql =
            format!("select {FOLDER_COLUMNS} where chart_id = ?1 and sheets_in is null order by number");
        self.conn.prepare_cached(&sql)?.query_map(params![chart.0], folder_row)?.collect()
    }

    pub(super) fn next_number(&self, chart: ChartId) -> rusqlite::Result<u32> {
        self.conn
            .prepare_cached("select coalesce(max(number), 0) + 1 from volume where chart_id = ?1")?
            .query_row(params![chart.0], |row| row.get(0))
    }

    pub(super) fn is_open_custodian(&self, custodian: CustodianId) -> rusqlite::Result<bool> {
        self.conn
            .prepare_cached(
                "select exists (select 1 from custodian where custodian_id = ?1 and closed_at_us is null)",
            )?
            .query_row(params![custodian.0], |row| row.get(0))
    }

    /// Where a folder of a chart stands on the shelves of a custodian.
    pub(super) fn filing_key(
        &self,
        chart: &ChartRow,
        home: CustodianId,
        number: u32,
    ) -> rusqlite::Result<String> {
        let scheme: String = self
            .conn
            .prepare_cached("select filing_scheme from custodian where custodian_id = ?1")?
            .query_row(params![home.0], |row| row.get(0))?;
        let (name, born): (Option<String>, Option<String>) = self
            .conn
            .prepare_cached("select name, born from patient where patient_id = ?1")?
            .query_row(params![chart.patient], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?
            .unwrap_or_default();
        let filed = Filed {
            name: name.as_deref(),
            born: born.and_then(|born| born.parse::<Date>().ok()),
            ..Filed::by_number(&chart.mrn_key, number)
        };
        Ok(FilingScheme::parse(&scheme).unwrap_or(FilingScheme::Numeric).sort_key(&filed))
    }

    /// Gives a custodian one more volume, or one less, as its own.
    pub(super) fn count_home(&self, home: CustodianId, by: i64) -> rusqlite::Result<()> {
        self.conn
            .prepare_cached("update custodian set volumes_home = volumes_home + ?2 where custodian_id = ?1")?
            .execute(params![home.0, by])?;
        Ok(())
    }

    /// Adds a folder to a chart, begun at `at`; its label is registered.
    pub(super) fn begin_folder(
        &mut self,
        chart: &ChartRow,
        filed_as: &ChartRow,
        (home, at): (CustodianId, CustodianId),
        label: &NewLabel,
    ) -> Done<(VolumeId, u32, String)> {
        if !self.is_open_custodian(at)? {
            return no(Against::NoSuchCustodian);
        }
        let number = self.next_number(chart.id)?;
        let id: i64 = self
            .conn
            .prepare_cached("select coalesce(max(volume_id), 0) + 1 from volume")?
            .query_row([], |row| row.get(0))?;
        let volume = VolumeId(id);
        let key = self.register(volume, label)?;
        self.conn
            .prepare_cached(
                "insert into volume (volume_id, chart_id, number, label, home_id, filing_key, at_id, created_at_us, label_due)
                 values (?1, ?2, ?3, ?4, ?5, ?6, ?5, ?7, ?8)",
            )?
            .execute(params![
                id,
                chart.id.0,
                number,
                key,
                home.0,
                self.filing_key(filed_as, home, number)?,
                self.now_us(),
                self.label_due(label)
            ])?;
        self.count_home(home, 1)?;
        self.told_movement(volume, None, MovementKind::Begun, (home, at))?;
        Ok((volume, number, key))
    }

    /// What is still to be done with a new label: one of Outguide's own is to be printed and stuck on.
    pub(super) fn label_due(&mut self, label: &NewLabel) -> Option<i64> {
        match label {
            NewLabel::Own => {
                self.memory.labels_due = Some(true);
                Some(LabelDue::Print.code())
            }
            NewLabel::Stock(_) => None,
        }
    }

    /// Adds a movement that nobody scanned, which leaves nothing open: neither on its way, nor due, nor missing.
    pub(super) fn told_movement(
        &mut self,
        volume: VolumeId,
        previous: Option<MovementNo>,
        kind: MovementKind,
        (from, to): (CustodianId, CustodianId),
    ) -> rusqlite::Result<()> {
        let row = MovementRow {
            volume,
            previous,
            kind,
            from,
            to,
            scanned_us: self.now_us(),
            recorded_us: self.now_us(),
            entry: "keyed",
            outcome: Outcome::default(),
            ..MovementRow::empty()
        };
        let no = append_movement(self.conn, &mut self.memory.heads.movement, &row)?;
        update_whereabouts(self.conn, &row, no)
    }

    /// Makes a label mean a volume from now on and for ever; its key. An item that asks whose it is is closed.
    pub(super) fn register(&self, volume: VolumeId, label: &NewLabel) -> Done<String> {
        let key = match label {
            NewLabel::Own => self.free_own_key(volume)?,
            NewLabel::Stock(key) => key.clone(),
        };
        match self.label_target(&key)? {
            Some(target) if target == volume => return no(Against::LabelKnown),
            Some(_) => return no(Against::LabelTaken),
            None => {}
        }
        self.conn
            .prepare_cached(
                "insert into label (kind, key, target_id, created_at_us) values ('volume', ?1, ?2, ?3)",
            )?
            .execute(params![key, volume.0, self.now_us()])?;
        self.conn
            .prepare_cached(
                "update work_item set closed_at_us = ?1, closed_why = 'the label is on file now'
                 where kind = 'unknown-label' and key = ?2 and closed_at_us is null",
            )?
            .execute(params![self.now_us(), key])?;
        Ok(key)
    }

    /// Whose label this is.
    fn label_target(&self, key: &str) -> rusqlite::Result<Option<VolumeId>> {
        Ok(label_target(self.conn, LabelKind::Volume.as_str(), key)?.map(VolumeId))
    }

    /// A key of Outguide's own that is free: of the volume's own number, or of one further on, since labels that came with
    /// a list may have been numbered otherwise.
    fn free_own_key(&self, volume: VolumeId) -> Done<String> {
        let first = u64::try_from(volume.0).unwrap_or_default();
        for number in std::iter::once(first).chain((0..OWN_TRIES).map(|go| first + (1 << go))) {
            let key = LabelKind::Volume.own_key(number);
            if self.label_target(&key)?.is_none() {
                return Ok(key);
            }
        }
        no(Against::NoFreeLabel)
    }
}
