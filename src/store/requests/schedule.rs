//! Schedules: what came in, compared with what is on file; only what is new, moved or cancelled does anything.

use super::super::change::{Ledger, Unchanged};
use super::super::{NotRecorded, Store, StoreError, micros, timestamp};
use super::booking::{self, Part, Taking};
use super::scene::zone;
use crate::tracking::{CustodianId, Mrn, PullListId};
use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::params;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Most rows of a page.
const ROWS_MAX: i64 = 300;

/// Most lines of one change: a few milliseconds' work, which is what a scan waits for.
const AT_ONCE: usize = 20;

/// An appointment as a schedule names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppointmentLine {
    /// Its line, to be named in a report.
    pub line: u64,
    /// The schedule's own id; without one it is told by number, clinic and start.
    pub id: Option<String>,
    /// The patient's number.
    pub mrn: Mrn,
    /// The clinic's code or name.
    pub clinic: String,
    /// When it begins.
    pub start: Timestamp,
    /// Who sees the patient.
    pub provider: Option<String>,
    /// It does not take place.
    pub is_cancelled: bool,
}

/// A line that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Which.
    pub line: u64,
    /// Why.
    pub why: String,
    /// Of which clinic and day it is, as far as that can be read.
    pub of: Option<(String, Date)>,
}

/// What a schedule did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ScheduleReport {
    /// Appointments that were not on file.
    pub added: u64,
    /// Appointments at another time or clinic.
    pub moved: u64,
    /// Appointments that do not take place, or are not in the schedule any more.
    pub cancelled: u64,
    /// Appointments as they were.
    pub unchanged: u64,
    /// Appointments that are not in the schedule and were kept, because a line could not be read.
    pub kept: u64,
    /// Lines that were left out, and why.
    pub refused: Vec<(u64, String)>,
    /// Clinics that are not on file, as the schedule writes them.
    pub unknown_clinics: BTreeSet<String>,
    /// Appointments at those.
    pub without_clinic: u64,
    /// Appointments for whose patients there is no chart, none of the kind that the clinic wants, or no folder of it in use.
    pub without_chart: u64,
    /// The pull lists that something was done to.
    pub lists: BTreeSet<PullListId>,
    /// Whom the names of clinics meant that were looked up.
    pub(super) clinics: BTreeMap<String, Option<CustodianId>>,
}

/// A schedule that came in before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleView {
    /// When.
    pub at: Timestamp,
    /// page, api.
    pub source: String,
    /// Lines read.
    pub read: u64,
    /// New, moved, cancelled, unchanged, refused.
    pub counts: [u64; 5],
}

/// An appointment for which nothing could be requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppointmentView {
    /// The patient's number.
    pub mrn: String,
    /// The clinic as the schedule writes it.
    pub clinic: String,
    /// When it begins.
    pub start: Timestamp,
    /// Who sees the patient.
    pub provider: Option<String>,
    /// What is missing: clinic, chart, record-type, folder.
    pub lacks: String,
}

fn locked(taking: &Mutex<Taking>) -> MutexGuard<'_, Taking> {
    taking.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Store {
    /// Takes a schedule: `lines` that were read, and those that could not be. What was booked for a clinic and day that the
    /// schedule has, and is not in it any more, is cancelled, unless a line that could not be read may be it.
    ///
    /// It is taken in parts, each a change of its own, so that scans wait for some lines and not for all; one schedule after
    /// the other. It goes on when whoever sent it hangs up. Broken off, it has cancelled nothing that was still to be looked
    /// at, and the same schedule once more does the rest.
    ///
    /// # Errors
    /// The database failed; what was taken before stays.
    pub async fn take_schedule(
        &self,
        lines: Vec<AppointmentLine>,
        unread: Vec<Unread>,
        source: &'static str,
        actor: Option<String>,
    ) -> Result<ScheduleReport, Unchanged<std::convert::Infallible>> {
        let store = self.clone();
        let taken = tokio::spawn(async move { store.take_in_parts(lines, unread, source, actor).await });
        taken.await.unwrap_or(Err(Unchanged::NotRecorded(NotRecorded::Closed)))
    }

    async fn take_in_parts(
        &self,
        lines: Vec<AppointmentLine>,
        unread: Vec<Unread>,
        source: &'static str,
        actor: Option<String>,
    ) -> Result<ScheduleReport, Unchanged<std::convert::Infallible>> {
        let _turn = self.schedules.lock().await;
        let begun = self.change(move |ledger| {
            let zone = zone(ledger.memory);
            Ok((booking::begin(ledger, &lines, &unread, source, actor.as_deref())?, zone))
        });
        let (taking, zone) = begun.await?;
        let count = taking.lines();
        let taking = Arc::new(Mutex::new(taking));
        self.in_parts(&taking, count, Taking::take).await?;
        let gone = locked(&taking).gone(&zone);
        self.in_parts(&taking, gone, Taking::cancel).await?;
        self.change(move |ledger| Ok(locked(&taking).finish(ledger)?)).await
    }

    async fn in_parts(
        &self,
        taking: &Arc<Mutex<Taking>>,
        count: usize,
        work: fn(&Taking, &mut Ledger<'_>, Range<usize>) -> rusqlite::Result<Part>,
    ) -> Result<(), Unchanged<std::convert::Infallible>> {
        for start in (0..count).step_by(AT_ONCE) {
            let shared = Arc::clone(taking);
            let part = self
                .change(move |ledger| Ok(work(&locked(&shared), ledger, start..count.min(start + AT_ONCE))?));
            let part = part.await?;
            locked(taking).done(part);
        }
        Ok(())
    }

    /// The schedules that came in last.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn schedules(&self, rows: u32) -> Result<Vec<ScheduleView>, StoreError> {
        self.read("list schedules", move |conn| {
            conn.prepare_cached(
                "select at_us, source, read, added, moved, cancelled, unchanged, refused from schedule
                 order by schedule_id desc limit ?1",
            )?
            .query_map(params![rows], |row| {
                Ok(ScheduleView {
                    at: timestamp(row.get(0)?),
                    source: row.get(1)?,
                    read: row.get(2)?,
                    counts: [row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?, row.get(7)?],
                })
            })?
            .collect()
        })
        .await
    }

    /// Appointments from now on for which nothing could be requested.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn appointments_lacking(&self) -> Result<Vec<AppointmentView>, StoreError> {
        let now_us = micros(self.clock.now());
        self.read("list appointments that lack something", move |conn| {
            conn.prepare_cached(
                "select mrn, clinic, start_us, provider, lacks from appointment
                 where lacks is not null and state = 'booked' and start_us > ?1 order by start_us, appointment_id limit ?2",
            )?
            .query_map(params![now_us, ROWS_MAX], |row| {
                Ok(AppointmentView {
                    mrn: row.get(0)?,
                    clinic: row.get(1)?,
                    start: timestamp(row.get(2)?),
                    provider: row.get(3)?,
                    lacks: row.get(4)?,
                })
            })?
            .collect()
        })
        .await
    }
}
