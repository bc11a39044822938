//! Scans that nobody could make when the charts moved: written down in a power cut, or found in the drop box, and told
//! later. The movement takes its place in history with both times; a chart that has moved since stays where it is.

use super::board::{SCAN_COLUMNS, board_scan};
use super::change::{Ledger, Stop, Unchanged};
use super::record::{RecordError, record_told};
use super::views::BoardScan;
use super::{NotRecorded, Store, micros};
use crate::label::LabelKind;
use crate::tracking::grammar::Mode;
use crate::tracking::{Scan, ScanNo, Sighting, Verdict, VolumeId};
use rusqlite::{OptionalExtension, params};
use std::collections::HashSet;
use std::sync::Arc;

/// What somebody wrote down.
#[derive(Debug, Clone)]
pub struct Told {
    /// The scans that would have been, in order, all at the same time.
    pub scans: Vec<Scan>,
    /// What they would have been for.
    pub mode: Mode,
}

/// What a line does, or would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToldLine {
    /// It can be recorded.
    Does(Box<BoardScan>),
    /// It cannot: why, and what to do.
    Cannot(String),
}

/// Why nothing was recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotTold {
    /// It was only asked what it would do, or some line cannot be recorded.
    #[error("some lines cannot be recorded")]
    Lines(Vec<ToldLine>),
    /// The ids were used for something else.
    #[error("this form was recorded with another content before; look at the charts, then begin a new one")]
    Used,
    /// The station left the configuration.
    #[error("this station is not in the configuration any more; choose another")]
    NoSuchStation,
}

impl Store {
    /// What it would do: done, read, and taken back, so that it is what recording it does.
    ///
    /// # Errors
    /// The ids were used before, the station is gone, or the database failed.
    pub async fn preview_told(&self, told: Arc<Told>) -> Result<Vec<ToldLine>, Unchanged<NotTold>> {
        let tried: Result<(), _> = self.change(move |ledger| Err(refused(tell(ledger, &told)?))).await;
        match tried {
            Err(Unchanged::Refused(NotTold::Lines(lines))) => Ok(lines),
            Err(other) => Err(other),
            Ok(()) => Err(Unchanged::NotRecorded(NotRecorded::Closed)),
        }
    }

    /// Records all of it, or nothing if a line cannot be. The same ids again change nothing and answer the same.
    ///
    /// # Errors
    /// Some line cannot be recorded, or the database failed; nothing is on disk.
    pub async fn record_told(&self, told: Arc<Told>) -> Result<(ScanNo, ScanNo), Unchanged<NotTold>> {
        self.change(move |ledger| {
            let lines = tell(ledger, &told)?;
            let numbers: Option<Vec<ScanNo>> = lines
                .iter()
                .map(|line| match line {
                    ToldLine::Does(scan) => Some(scan.no),
                    ToldLine::Cannot(_) => None,
                })
                .collect();
            let ends = numbers.and_then(|numbers| numbers.first().copied().zip(numbers.last().copied()));
            ends.ok_or_else(|| refused(lines))
        })
        .await
    }
}

fn refused(lines: Vec<ToldLine>) -> Stop<NotTold> {
    Stop::Refused(NotTold::Lines(lines))
}

fn tell(ledger: &mut Ledger<'_>, told: &Told) -> Result<Vec<ToldLine>, Stop<NotTold>> {
    let mut seen = HashSet::new();
    told.scans.iter().map(|scan| tell_one(ledger, scan, told.mode, &mut seen)).collect()
}

fn tell_one(
    ledger: &mut Ledger<'_>,
    scan: &Scan,
    mode: Mode,
    seen: &mut HashSet<VolumeId>,
) -> Result<ToldLine, Stop<NotTold>> {
    if scan.scanned_at > ledger.now {
        return Ok(ToldLine::Cannot("this time is still to come; correct the date or the time".to_owned()));
    }
    if is_older_than_the_chart(ledger, scan)? {
        let why = "this chart came on file after that time; correct the date, or scan the chart where it is";
        return Ok(ToldLine::Cannot(why.to_owned()));
    }
    let recorded =
        record_told(ledger.conn, ledger.memory, scan, mode, ledger.now).map_err(|error| match error {
            RecordError::IdTaken => Stop::Refused(NotTold::Used),
            RecordError::NoSuchStation(_) => Stop::Refused(NotTold::NoSuchStation),
            RecordError::Sqlite(error) => Stop::Sqlite(error),
        })?;
    if recorded.volume.is_some_and(|volume| !seen.insert(volume)) {
        return Ok(ToldLine::Cannot(
            "this chart stands on a line before; leave one of the two away".to_owned(),
        ));
    }
    match recorded.verdict {
        Verdict::Moved
        | Verdict::Attention
        | Verdict::Sighted
        | Verdict::Late
        | Verdict::AlreadyHere
        | Verdict::Look => {
            let sql = format!("select {SCAN_COLUMNS} from scan where scan_no = ?1");
            let scan = ledger
                .conn
                .prepare_cached(&sql)?
                .query_row(params![recorded.scan_no.0], |row| board_scan(ledger.conn, row))?;
            Ok(ToldLine::Does(Box::new(scan)))
        }
        Verdict::Unknown => Ok(ToldLine::Cannot(
            "no chart has this label; compare it with the folder, or leave the line away and scan the folder"
                .to_owned(),
        )),
        verdict => Ok(ToldLine::Cannot(recorded.why.unwrap_or_else(|| verdict.title().to_owned()))),
    }
}

fn is_older_than_the_chart(ledger: &Ledger<'_>, scan: &Scan) -> rusqlite::Result<bool> {
    let Sighting::Label { kind: LabelKind::Volume, key } = &scan.sighting else { return Ok(false) };
    let created: Option<i64> = ledger
        .conn
        .prepare_cached(
            "select volume.created_at_us from label join volume old on old.volume_id = target_id
             join volume on volume.volume_id = coalesce(old.sheets_in, old.volume_id)
             where label.kind = 'volume' and key = ?1",
        )?
        .query_row(params![key], |row| row.get(0))
        .optional()?;
    Ok(created.is_some_and(|created| micros(scan.scanned_at) < created))
}
