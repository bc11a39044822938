//! A schedule compared with what is on file, line by line.

use super::super::change::Ledger;
use super::super::{micros, timestamp};
use super::lists::day_of;
use super::scene::zone;
use super::schedule::{AppointmentLine, ScheduleReport, Unread};
use super::wanted::{self, Booked};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;

/// An appointment on file.
#[derive(Debug, Clone)]
struct OnFile {
    id: i64,
    key: String,
    mrn_key: String,
    clinic: String,
    start_us: i64,
    is_booked: bool,
    lacks: bool,
}

/// What is on file and was not found in a schedule yet.
#[derive(Default)]
struct Before {
    by_id: BTreeMap<i64, OnFile>,
    /// Ids by patient's number: a schedule of 20,000 lines does not go through all of them for each.
    of_patient: HashMap<String, Vec<i64>>,
}

/// A schedule that is being taken, in parts: scans must not wait for thousands of lines.
pub(super) struct Taking {
    /// Lines of today and after, each key once.
    coming: Vec<AppointmentLine>,
    unread: Vec<Unread>,
    actor: Option<String>,
    keys: HashSet<String>,
    /// What is on file for its clinics and days, and was not found in it yet.
    on_file: Before,
    schedule: i64,
    /// Appointments that are in it no more, once all lines are taken.
    gone: Vec<OnFile>,
    report: ScheduleReport,
}

/// What a part did.
#[derive(Default)]
pub(super) struct Part {
    report: ScheduleReport,
    found: HashSet<i64>,
}

/// Looks what is on file before anything is taken.
pub(super) fn begin(
    ledger: &mut Ledger<'_>,
    lines: &[AppointmentLine],
    unread: &[Unread],
    source: &'static str,
    actor: Option<&str>,
) -> rusqlite::Result<Taking> {
    let zone = zone(ledger.memory);
    let today = day_of(ledger.now, &zone);
    let refused = unread.iter().map(|unread| (unread.line, unread.why.clone())).collect();
    let mut report = ScheduleReport { refused, ..ScheduleReport::default() };
    let (all, past): (Vec<_>, Vec<_>) = lines.iter().partition(|line| day_of(line.start, &zone) >= today);
    for line in past {
        let day = day_of(line.start, &zone);
        report.refused.push((line.line, format!("{day} is over; is it the schedule of another day?")));
    }
    ledger
        .conn
        .prepare_cached(
            "insert into schedule (at_us, actor, source, read, added, moved, cancelled, unchanged, refused)
             values (?1, ?2, ?3, ?4, 0, 0, 0, 0, 0)",
        )?
        .execute(params![ledger.now_us(), actor, source, all.len() + report.refused.len()])?;
    let schedule = ledger.conn.last_insert_rowid();
    let on_file = booked(ledger.conn, &all, &zone)?;
    let mut keys = HashSet::new();
    let mut coming = Vec::new();
    for line in all {
        if keys.insert(line.key()) {
            coming.push(line.clone());
        } else {
            report.refused.push((line.line, "is in the schedule twice; it counts once".to_owned()));
        }
    }
    let (unread, actor) = (unread.to_vec(), actor.map(str::to_owned));
    Ok(Taking { coming, unread, actor, keys, on_file, schedule, gone: Vec::new(), report })
}

impl Taking {
    /// How many lines there are to take.
    pub(super) fn lines(&self) -> usize {
        self.coming.len()
    }

    /// How many appointments are to be cancelled; to be asked once all lines are taken.
    pub(super) fn gone(&mut self, zone: &TimeZone) -> usize {
        let booked = std::mem::take(&mut self.on_file.by_id).into_values().filter(|gone| gone.is_booked);
        let (kept, gone): (Vec<_>, Vec<_>) = booked.partition(|gone| {
            let place = place(&gone.clinic, timestamp(gone.start_us), zone);
            self.unread.iter().any(|unread| {
                let of = unread.of.as_ref();
                of.is_none_or(|(clinic, day)| (day.to_string(), clinic.to_ascii_lowercase()) == place)
            })
        });
        self.report.kept += u64::try_from(kept.len()).unwrap_or(u64::MAX);
        self.gone = gone;
        self.gone.len()
    }

    /// Takes some lines.
    pub(super) fn take(&self, ledger: &mut Ledger<'_>, lines: Range<usize>) -> rusqlite::Result<Part> {
        let zone = zone(ledger.memory);
        let mut part = Part::default();
        for line in self.coming.get(lines).unwrap_or_default() {
            let before = known(ledger.conn, &line.key())?;
            let before = before.or_else(|| line.moved_from(&self.on_file, (&self.keys, &part.found), &zone));
            part.found.extend(before.as_ref().map(|before| before.id));
            one(ledger, line, before, (self.schedule, self.actor.as_deref()), &mut part.report)?;
        }
        Ok(part)
    }

    /// Cancels some of what is in the schedule no more.
    pub(super) fn cancel(&self, ledger: &mut Ledger<'_>, gone: Range<usize>) -> rusqlite::Result<Part> {
        let mut part = Part::default();
        for gone in self.gone.get(gone).unwrap_or_default() {
            cancel(ledger, gone, self.schedule, self.actor.as_deref())?;
            part.report.cancelled += 1;
        }
        Ok(part)
    }

    /// A part is on disk.
    pub(super) fn done(&mut self, part: Part) {
        for id in &part.found {
            self.on_file.by_id.remove(id);
        }
        let (all, some) = (&mut self.report, part.report);
        all.added += some.added;
        all.moved += some.moved;
        all.cancelled += some.cancelled;
        all.unchanged += some.unchanged;
        all.without_clinic += some.without_clinic;
        all.without_chart += some.without_chart;
        all.refused.extend(some.refused);
        all.unknown_clinics.extend(some.unknown_clinics);
        all.lists.extend(some.lists);
    }

    /// Writes down what it did, and tells it.
    pub(super) fn finish(&self, ledger: &mut Ledger<'_>) -> rusqlite::Result<ScheduleReport> {
        finish(ledger, self.schedule, &self.report, self.actor.as_deref())?;
        Ok(self.report.clone())
    }
}

impl AppointmentLine {
    /// What tells it from all others.
    fn key(&self) -> String {
        match &self.id {
            Some(id) => format!("id {id}"),
            None => format!("{} {} {}", self.mrn.key(), micros(self.start), self.clinic.to_lowercase()),
        }
    }

    /// An appointment without an id moved, if the same patient's at the same clinic and day is not in the schedule any more.
    fn moved_from(
        &self,
        on_file: &Before,
        (coming, found): (&HashSet<String>, &HashSet<i64>),
        zone: &TimeZone,
    ) -> Option<OnFile> {
        if self.id.is_some() || self.is_cancelled {
            return None;
        }
        let day = day_of(self.start, zone);
        let is_same = |other: &&OnFile| {
            other.is_booked
                && other.clinic.eq_ignore_ascii_case(&self.clinic)
                && day_of(timestamp(other.start_us), zone) == day
                && !coming.contains(&other.key)
        };
        let of_patient = on_file.of_patient.get(self.mrn.key())?;
        let of_patient = of_patient.iter().filter(|id| !found.contains(*id));
        of_patient.filter_map(|id| on_file.by_id.get(id)).find(is_same).cloned()
    }
}

fn one(
    ledger: &mut Ledger<'_>,
    line: &AppointmentLine,
    before: Option<OnFile>,
    (schedule, actor): (i64, Option<&str>),
    report: &mut ScheduleReport,
) -> rusqlite::Result<()> {
    let zone = zone(ledger.memory);
    let conn = ledger.conn;
    let day = day_of(line.start, &zone).to_string();
    let Some(before) = before else {
        if line.is_cancelled {
            report.unchanged += 1;
            return Ok(());
        }
        conn.prepare_cached(
            "insert into appointment (key, mrn, mrn_key, clinic, day, start_us, provider, state, schedule_id)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'booked', ?8)",
        )?
        .execute(params![
            line.key(),
            line.mrn.written(),
            line.mrn.key(),
            line.clinic,
            day,
            micros(line.start),
            line.provider,
            schedule
        ])?;
        report.added += 1;
        return wanted::want(ledger, conn.last_insert_rowid(), actor, report);
    };
    if line.is_cancelled {
        report.cancelled += u64::from(before.is_booked);
        report.unchanged += u64::from(!before.is_booked);
        return if before.is_booked { cancel(ledger, &before, schedule, actor) } else { Ok(()) };
    }
    let is_moved = before.start_us != micros(line.start) || !before.clinic.eq_ignore_ascii_case(&line.clinic);
    conn.prepare_cached(
        "update appointment set key = ?2, clinic = ?3, day = ?4, start_us = ?5, provider = ?6, state = 'booked',
                                schedule_id = ?7, mrn = ?8, mrn_key = ?9 where appointment_id = ?1",
    )?
    .execute(params![
        before.id,
        line.key(),
        line.clinic,
        day,
        micros(line.start),
        line.provider,
        schedule,
        line.mrn.written(),
        line.mrn.key()
    ])?;
    if !before.is_booked {
        report.added += 1;
    } else if is_moved || before.mrn_key != line.mrn.key() {
        report.moved += 1;
    } else {
        report.unchanged += 1;
        if !before.lacks {
            return Ok(());
        }
    }
    if before.mrn_key != line.mrn.key() {
        // Another patient: what was pulled for the first goes back.
        wanted::unwant(ledger, before.id, "the appointment is another patient's now", actor)?;
    }
    let booked = Booked { start: line.start, was: timestamp(before.start_us) };
    wanted::reschedule(ledger, before.id, booked, actor, report)?;
    wanted::want(ledger, before.id, actor, report)
}

fn cancel(
    ledger: &mut Ledger<'_>,
    gone: &OnFile,
    schedule: i64,
    actor: Option<&str>,
) -> rusqlite::Result<()> {
    ledger
        .conn
        .prepare_cached(
            "update appointment set state = 'cancelled', lacks = null, schedule_id = ?2 where appointment_id = ?1",
        )?
        .execute(params![gone.id, schedule])?;
    wanted::unwant(ledger, gone.id, "the appointment was cancelled", actor)
}

/// A day, and a clinic as SQLite compares it: of letters beyond ASCII it knows no other case.
fn place(clinic: &str, start: Timestamp, zone: &TimeZone) -> (String, String) {
    (day_of(start, zone).to_string(), clinic.to_ascii_lowercase())
}

/// What is on file for the clinics and days of a schedule.
fn booked(conn: &Connection, coming: &[&AppointmentLine], zone: &TimeZone) -> rusqlite::Result<Before> {
    let covered: BTreeSet<(String, String)> =
        coming.iter().map(|line| place(&line.clinic, line.start, zone)).collect();
    let mut found = Before::default();
    for (day, clinic) in &covered {
        let sql = format!("{ON_FILE} where day = ?1 and lower(clinic) = ?2");
        let rows = conn
            .prepare_cached(&sql)?
            .query_map(params![day, clinic], on_file)?
            .collect::<rusqlite::Result<Vec<_>>>()?;
        for row in rows {
            found.of_patient.entry(row.mrn_key.clone()).or_default().push(row.id);
            found.by_id.insert(row.id, row);
        }
    }
    Ok(found)
}

const ON_FILE: &str = "select appointment_id, key, mrn_key, clinic, start_us, state = 'booked', lacks is not null from appointment";

fn on_file(row: &rusqlite::Row<'_>) -> rusqlite::Result<OnFile> {
    Ok(OnFile {
        id: row.get(0)?,
        key: row.get(1)?,
        mrn_key: row.get(2)?,
        clinic: row.get(3)?,
        start_us: row.get(4)?,
        is_booked: row.get(5)?,
        lacks: row.get(6)?,
    })
}

fn known(conn: &Connection, key: &str) -> rusqlite::Result<Option<OnFile>> {
    let sql = format!("{ON_FILE} where key = ?1");
    conn.prepare_cached(&sql)?.query_row(params![key], on_file).optional()
}

fn finish(
    ledger: &mut Ledger<'_>,
    schedule: i64,
    report: &ScheduleReport,
    actor: Option<&str>,
) -> rusqlite::Result<()> {
    let ScheduleReport { added, moved, cancelled, unchanged, .. } = report;
    let refused = report.refused.len();
    ledger
        .conn
        .prepare_cached(
            "update schedule set added = ?2, moved = ?3, cancelled = ?4, unchanged = ?5, refused = ?6 where schedule_id = ?1",
        )?
        .execute(params![schedule, added, moved, cancelled, unchanged, refused])?;
    let detail = format!(
        "schedule {schedule}: {added} new, {moved} moved, {cancelled} cancelled, {unchanged} unchanged, {refused} refused"
    );
    ledger.audit("schedule", actor, &detail)
}
