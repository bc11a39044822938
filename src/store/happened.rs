//! All that happened to a chart, in one list, newest first, a page at a time: also its cases and notices.
//!
//! Each kind of entry has a **source**: a function that reads its newest entries before a place. The page is the newest of
//! what all sources give. Whoever adds a kind adds a variant to [`Happened`] and a function to the end of [`SOURCES`].

use super::missing::CaseHappened;
use super::notices::NoticeHappened;
use super::read::movement;
use super::timeline::{ChartEvent, timeline_before};
use super::views::MovementView;
use super::{Store, StoreError, missing, notices, timestamp};
use crate::tracking::request::RequestStep;
use crate::tracking::{ChartId, RequestId, VolumeId};
use jiff::Timestamp;
use rusqlite::{Connection, Row, params};

/// Entries of a page.
const ENTRIES: usize = 50;
/// Volumes whose movements are told.
const VOLUMES_MAX: usize = 64;

/// Something that happened to a chart, or will.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// A volume moved.
    Moved(VolumeId, MovementView),
    /// The chart itself, its folders or labels were changed.
    Changed(ChartEvent),
    /// A request took a step.
    Requested(RequestHappened),
    /// The patient is at a clinic then.
    Booked(Booking),
    /// A case of a volume was opened, moved on or ended, or somebody looked in vain.
    Missed(CaseHappened),
    /// Somebody was asked for a volume, or answered.
    Noticed(NoticeHappened),
}

/// A step of a request for a volume of the chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestHappened {
    /// Which request.
    pub request: RequestId,
    /// What happened.
    pub step: RequestStep,
    /// To whom it goes.
    pub to: String,
    /// Why, if somebody said.
    pub why: Option<String>,
    /// Who did it.
    pub actor: Option<String>,
    /// The station whose scan it was.
    pub station: Option<String>,
}

/// An appointment for which a volume of the chart was requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    /// The clinic, as the schedule writes it.
    pub clinic: String,
    /// With whom.
    pub provider: Option<String>,
    /// It does not take place.
    pub is_cancelled: bool,
}

/// Where an entry stands: when, which source told it, and its number there. Later entries are greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    at_us: i64,
    source: usize,
    no: i64,
}

/// A part of what happened to a chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HappenedPage {
    /// Newest first, each with when.
    pub entries: Vec<(Timestamp, Happened)>,
    /// Before which the next page begins; `None` if this is the last.
    pub next: Option<Moment>,
}

impl Moment {
    /// Before everything that is still to come, too.
    pub const END: Moment = Moment { at_us: i64::MAX, source: usize::MAX, no: i64::MAX };

    /// Reads what [`Display`](std::fmt::Display) wrote; `None` if it is nothing of the kind.
    pub fn parse(text: &str) -> Option<Moment> {
        let mut parts = text.splitn(3, '.');
        let at_us = parts.next()?.parse().ok()?;
        Some(Moment { at_us, source: parts.next()?.parse().ok()?, no: parts.next()?.parse().ok()? })
    }

    /// The same place among the entries of one source: those before it have a lesser time, or the same and a lesser number.
    fn within(self, source: usize) -> (i64, i64) {
        match source.cmp(&self.source) {
            std::cmp::Ordering::Less => (self.at_us, i64::MAX),
            std::cmp::Ordering::Equal => (self.at_us, self.no),
            std::cmp::Ordering::Greater => (self.at_us, i64::MIN),
        }
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.at_us, self.source, self.no)
    }
}

/// An entry as a source gives it: its time, its number, what.
pub(super) type Entry = (i64, i64, Happened);
/// Reads the newest entries of a chart, newest first.
type Source = fn(&Connection, &Part) -> rusqlite::Result<Vec<Entry>>;

/// What a source is asked for: entries of a chart before a time and number, at most so many.
pub(super) struct Part {
    chart: ChartId,
    before: (i64, i64),
    rows: usize,
}

impl Part {
    /// The entries that a statement gives: it takes chart, time, number and count, and each row begins with time and number.
    pub(super) fn read(
        &self,
        conn: &Connection,
        sql: &str,
        what: impl Fn(&Row<'_>) -> rusqlite::Result<Happened>,
    ) -> rusqlite::Result<Vec<Entry>> {
        let (at_us, no) = self.before;
        conn.prepare_cached(sql)?
            .query_map(params![self.chart.0, at_us, no, self.rows], |row| {
                Ok((row.get(0)?, row.get(1)?, what(row)?))
            })?
            .collect()
    }
}

/// The order decides between entries of the same microsecond, and stands in addresses: only ever added to.
const SOURCES: [Source; 9] = [
    movements,
    changes,
    requests,
    bookings,
    missing::happened::levels,
    missing::happened::looks,
    notices::happened::written,
    notices::happened::ended,
    notices::happened::answered,
];

impl Store {
    /// What happened to a chart and the volumes merged into it, newest first.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn happened(&self, chart: ChartId, before: Moment) -> Result<HappenedPage, StoreError> {
        self.read("show what happened to a chart", move |conn| page(conn, chart, before, ENTRIES)).await
    }
}

fn page(conn: &Connection, chart: ChartId, before: Moment, rows: usize) -> rusqlite::Result<HappenedPage> {
    let mut all: Vec<(Moment, Happened)> = Vec::new();
    for (source, read) in SOURCES.iter().enumerate() {
        let part = Part { chart, before: before.within(source), rows: rows + 1 };
        let entries = read(conn, &part)?;
        all.extend(entries.into_iter().map(|(at_us, no, what)| (Moment { at_us, source, no }, what)));
    }
    all.sort_by_key(|(moment, _)| std::cmp::Reverse(*moment));
    let is_more = all.len() > rows;
    all.truncate(rows);
    let next = all.last().map(|(moment, _)| *moment).filter(|_| is_more);
    let entries = all.into_iter().map(|(moment, what)| (timestamp(moment.at_us), what)).collect();
    Ok(HappenedPage { entries, next })
}

/// The movements of each volume are a list linked from the newest one on. Where the clock was set back, a movement counts
/// as no later than the one after it.
fn movements(conn: &Connection, part: &Part) -> rusqlite::Result<Vec<Entry>> {
    let newest: Vec<(i64, i64)> = conn
        .prepare_cached(
            "select volume_id, movement_no from volume join chart using (chart_id)
             where (chart.chart_id = ?1 or chart.merged_into = ?1) and movement_no is not null limit ?2",
        )?
        .query_map(params![part.chart.0, VOLUMES_MAX], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut back =
        conn.prepare_cached("select previous_no, recorded_at_us from any_movement where movement_no = ?1")?;
    let mut found: Vec<(i64, i64, i64)> = Vec::new();
    for (volume, newest) in newest {
        let (mut next, mut at_us, mut taken) = (Some(newest), i64::MAX, 0);
        while let Some(no) = next.filter(|_| taken < part.rows) {
            let (previous, recorded): (Option<i64>, i64) =
                back.query_row([no], |row| Ok((row.get(0)?, row.get(1)?)))?;
            at_us = at_us.min(recorded);
            if (at_us, no) < part.before {
                found.push((at_us, no, volume));
                taken += 1;
            }
            next = previous;
        }
    }
    found.sort_unstable_by(|one, other| other.cmp(one));
    found.truncate(part.rows);
    let entry = |(at_us, no, volume): (i64, i64, i64)| {
        let volume = VolumeId(volume);
        let found = movement(conn, volume, no)?;
        Ok(found.map(|(view, _)| (at_us, no, Happened::Moved(volume, view))))
    };
    found.into_iter().filter_map(|step| entry(step).transpose()).collect()
}

fn changes(conn: &Connection, part: &Part) -> rusqlite::Result<Vec<Entry>> {
    let events = timeline_before(conn, part.chart, part.before, part.rows)?;
    Ok(events.into_iter().map(|(at_us, no, event)| (at_us, no, Happened::Changed(event))).collect())
}

fn requests(conn: &Connection, part: &Part) -> rusqlite::Result<Vec<Entry>> {
    let sql = "select s.at_us, s.step_id, r.request_id, s.step, t.name, s.why, s.actor, station.name
         from chart c join volume v using (chart_id) join request r using (volume_id)
         join request_step s using (request_id) join custodian t on t.custodian_id = r.to_id
         left join scan on scan.scan_no = s.scan_no left join station using (station_id)
         where (c.chart_id = ?1 or c.merged_into = ?1) and (s.at_us, s.step_id) < (?2, ?3)
         order by s.at_us desc, s.step_id desc limit ?4";
    part.read(conn, sql, |row| {
        let step: String = row.get(3)?;
        let happened = RequestHappened {
            request: RequestId(row.get(2)?),
            step: RequestStep::parse(&step).unwrap_or(RequestStep::Asked),
            to: row.get(4)?,
            why: row.get(5)?,
            actor: row.get(6)?,
            station: row.get(7)?,
        };
        Ok(Happened::Requested(happened))
    })
}

fn bookings(conn: &Connection, part: &Part) -> rusqlite::Result<Vec<Entry>> {
    let sql = "select start_us, appointment_id, clinic, provider, state = 'cancelled' from appointment
         where appointment_id in (
           select r.appointment_id from chart c join volume v using (chart_id) join request r using (volume_id)
           where c.chart_id = ?1 or c.merged_into = ?1)
           and (start_us, appointment_id) < (?2, ?3)
         order by start_us desc, appointment_id desc limit ?4";
    part.read(conn, sql, |row| {
        let booking = Booking { clinic: row.get(2)?, provider: row.get(3)?, is_cancelled: row.get(4)? };
        Ok(Happened::Booked(booking))
    })
}
