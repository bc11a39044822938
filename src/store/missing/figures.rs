//! The supervisor's figures: how many charts go missing, how long they stay so, and where they are found.

use crate::missing::plan::Clue;
use crate::store::since::{Log, first_since};
use crate::store::{Store, StoreError, micros, timestamp};
use crate::tracking::CustodianId;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};

/// Most custodians that are listed.
const CUSTODIANS_MAX: i64 = 30;

/// What came of searches since a day.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Figures {
    /// Folders in use.
    pub volumes: u64,
    /// Movements since then.
    pub movements: u64,
    /// Cases that were opened since then.
    pub opened: u64,
    /// Of these, those that were cleared: the chart was where the record said.
    pub cleared: u64,
    /// Of these, those that came to light before anybody searched.
    pub in_time: u64,
    /// Charts that were searched for and found since then.
    pub found: u64,
    /// Those that are presumed lost, whenever that was.
    pub lost: u64,
    /// Hours from discovery until found: the middle one, and the longest.
    pub hours_to_find: Option<(f64, f64)>,
    /// Where they were, the most frequent first; only those of which somebody told.
    pub found_where: Vec<FoundWhere>,
    /// By last holder, those with the most cases first.
    pub custodians: Vec<OfCustodian>,
}

/// Charts that were found by a clue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundWhere {
    /// Which; none: no clue explains it.
    pub clue: Option<Clue>,
    /// How many.
    pub count: u64,
}

/// What concerns one holder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfCustodian {
    /// Who.
    pub id: CustodianId,
    /// What people call it.
    pub name: String,
    /// Cases of charts that they had last.
    pub cases: u64,
    /// They said that they have it.
    pub had_it: u64,
    /// They said that they do not.
    pub denied: u64,
    /// They scanned one that was missing.
    pub sighted: u64,
}

impl Figures {
    /// Cases that were no mistake, of each thousand movements.
    pub fn missing_rate(&self) -> f64 {
        let real = u32::try_from(self.opened.saturating_sub(self.cleared)).unwrap_or(u32::MAX);
        f64::from(real) * 1000.0 / f64::from(u32::try_from(self.movements.max(1)).unwrap_or(u32::MAX))
    }
}

impl Store {
    /// What came of searches since `since`.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn missing_figures(&self, since: Timestamp) -> Result<Figures, StoreError> {
        self.read("count missing charts", move |conn| figures(conn, since)).await
    }
}

fn figures(conn: &Connection, since: Timestamp) -> rusqlite::Result<Figures> {
    let since_us = micros(since);
    let mut figures = conn
        .prepare_cached(
            "select (select coalesce(sum(volumes_home), 0) from custodian),
                    count(*) filter (where discovered_at_us >= ?1),
                    count(*) filter (where discovered_at_us >= ?1 and level = 'cleared'),
                    count(*) filter (where closed_at_us >= ?1 and level = 'found' and exists (
                      select 1 from missing_step s where s.case_id = c.case_id and s.level in ('searching', 'missing'))),
                    count(*) filter (where discovered_at_us >= ?1 and level = 'found' and not exists (
                      select 1 from missing_step s where s.case_id = c.case_id and s.level in ('searching', 'missing'))),
                    count(*) filter (where level = 'presumed-lost')
             from missing_case c",
        )?
        .query_row(params![since_us], |row| {
            Ok(Figures {
                volumes: row.get(0)?,
                opened: row.get(1)?,
                cleared: row.get(2)?,
                found: row.get(3)?,
                in_time: row.get(4)?,
                lost: row.get(5)?,
                ..Figures::default()
            })
        })?;
    let newest = "select coalesce(max(movement_no), 0) from movement";
    let newest: i64 = conn.prepare_cached(newest)?.query_row([], |row| row.get(0))?;
    figures.movements =
        u64::try_from(newest + 1 - first_since(conn, Log::Movements, timestamp(since_us))?).unwrap_or(0);
    let hours = hours_to_find(conn, since_us, i64::MAX)?;
    figures.hours_to_find = middle(&hours).zip(hours.last().copied());
    figures.found_where = conn
        .prepare_cached(
            "select found_clue, count(*) from missing_case where found_clue is not null and changed_at_us >= ?1
             group by found_clue order by count(*) desc, found_clue",
        )?
        .query_map(params![since_us], |row| {
            let clue: String = row.get(0)?;
            Ok(FoundWhere { clue: Clue::parse(&clue), count: row.get(1)? })
        })?
        .collect::<rusqlite::Result<_>>()?;
    figures.custodians = custodians(conn, since_us)?;
    Ok(figures)
}

/// How long the charts were missing that were found from `from_us` up to, not including, `to_us`: hours, the shortest
/// first.
pub(in crate::store) fn hours_to_find(
    conn: &Connection,
    from_us: i64,
    to_us: i64,
) -> rusqlite::Result<Vec<f64>> {
    let mut all: Vec<f64> = conn
        .prepare_cached(
            "select closed_at_us - discovered_at_us from missing_case
             where level = 'found' and closed_at_us >= ?1 and closed_at_us < ?2",
        )?
        .query_map(params![from_us, to_us], |row| Ok(hours(row.get(0)?)))?
        .collect::<rusqlite::Result<_>>()?;
    all.sort_by(f64::total_cmp);
    Ok(all)
}

/// A span in hours.
pub(in crate::store) fn hours(us: i64) -> f64 {
    SignedDuration::from_micros(us).as_secs_f64() / 3600.0
}

/// The middle one of a sorted list.
pub(in crate::store) fn middle(sorted: &[f64]) -> Option<f64> {
    sorted.get(sorted.len() / 2).copied()
}

fn custodians(conn: &Connection, since_us: i64) -> rusqlite::Result<Vec<OfCustodian>> {
    conn.prepare_cached(
        "select c.custodian_id, c.name, count(*),
                coalesce(sum(s.level = 'cleared'), 0),
                coalesce(sum(exists (select 1 from missing_sign d where d.case_id = s.case_id and d.sign = 'holder-denies')), 0),
                (select count(*) from missing_case f where f.found_at_id = c.custodian_id and f.closed_at_us >= ?1
                   and f.level = 'found')
         from missing_case s join custodian c on c.custodian_id = s.answerable_id
         where s.discovered_at_us >= ?1 group by c.custodian_id order by count(*) desc, c.name limit ?2",
    )?
    .query_map(params![since_us, CUSTODIANS_MAX], |row| {
        Ok(OfCustodian {
            id: CustodianId(row.get(0)?),
            name: row.get(1)?,
            cases: row.get(2)?,
            had_it: row.get(3)?,
            denied: row.get(4)?,
            sighted: row.get(5)?,
        })
    })?
    .collect()
}
