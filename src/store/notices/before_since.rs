//! What asking for charts has changed: the time before the first notice beside the time since.

use crate::store::missing::{hours, hours_to_find, middle};
use crate::store::since::{Log, first_since};
use crate::store::{Store, StoreError, micros, timestamp};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

/// Most that a side covers.
const SIDE_MAX: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Least that the time before has to cover.
const SIDE_MIN: SignedDuration = SignedDuration::from_hours(24);
/// Movements that are looked at for charts that came home, the newest of a side first.
const MOVEMENTS_MAX: i64 = 5_000;
/// Steps of a chart's way that are followed back.
const STEPS_MAX: usize = 50;

/// The time before the first notice, and the time since.
#[derive(Debug, Clone, PartialEq)]
pub struct BeforeAndSince {
    /// When the first notice was written.
    pub since: Timestamp,
    /// Before it; `None`: less than a day of scans.
    pub before: Option<Side>,
    /// After it.
    pub after: Side,
}

/// One side: at most 90 days.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// How many days it covers.
    pub days: f64,
    /// Movements.
    pub movements: u64,
    /// Cases of missing charts that were no mistake.
    pub cases: u64,
    /// Hours until a missing chart was found: half of them took less.
    pub hours_to_find: Option<f64>,
    /// Days until a chart came home: half of them took less; of the newest.
    pub days_away: Option<f64>,
}

impl Side {
    /// Cases of each thousand movements.
    pub fn missing_rate(&self) -> f64 {
        let part = |count: u64| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        part(self.cases) * 1000.0 / part(self.movements.max(1))
    }
}

impl Store {
    /// What has changed since the first notice; `None` if none was written.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn before_and_since_notices(&self) -> Result<Option<BeforeAndSince>, StoreError> {
        let now_us = micros(self.clock.now());
        self.read("compare with the time before notices", move |conn| compare(conn, now_us)).await
    }
}

fn compare(conn: &Connection, now_us: i64) -> rusqlite::Result<Option<BeforeAndSince>> {
    let first: Option<i64> = conn
        .prepare_cached("select created_at_us from notice order by created_at_us limit 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    let Some(first) = first else { return Ok(None) };
    let begun: Option<i64> = conn
        .prepare_cached("select recorded_at_us from scan where scan_no = (select min(scan_no) from scan)")?
        .query_row([], |row| row.get(0))
        .optional()?;
    let [most, least] = [SIDE_MAX, SIDE_MIN].map(|side| i64::try_from(side.as_micros()).unwrap_or(i64::MAX));
    let begun = begun.unwrap_or(first).max(first.saturating_sub(most));
    let before = (first.saturating_sub(begun) >= least).then(|| side(conn, begun, first)).transpose()?;
    // The newest days tell what it is like by now.
    let after = side(conn, first.max(now_us.saturating_sub(most)), now_us)?;
    Ok(Some(BeforeAndSince { since: timestamp(first), before, after }))
}

fn side(conn: &Connection, from_us: i64, to_us: i64) -> rusqlite::Result<Side> {
    let first = first_since(conn, Log::Movements, timestamp(from_us))?;
    let end = first_since(conn, Log::Movements, timestamp(to_us))?;
    let cases = conn
        .prepare_cached(
            "select count(*) from missing_case where discovered_at_us >= ?1 and discovered_at_us < ?2 and level <> 'cleared'",
        )?
        .query_row(params![from_us, to_us], |row| row.get(0))?;
    let mut days_away = days_away(conn, first.max(end.saturating_sub(MOVEMENTS_MAX)), end)?;
    days_away.sort_by(f64::total_cmp);
    Ok(Side {
        days: hours(to_us.saturating_sub(from_us)) / 24.0,
        movements: u64::try_from(end.saturating_sub(first)).unwrap_or(0),
        cases,
        hours_to_find: middle(&hours_to_find(conn, from_us, to_us)?),
        days_away: middle(&days_away),
    })
}

/// How long the charts were away that came home by movements from `first` up to, not including, `end`.
fn days_away(conn: &Connection, first: i64, end: i64) -> rusqlite::Result<Vec<f64>> {
    let mut homecoming = conn.prepare_cached(
        "select m.previous_no, m.recorded_at_us, v.home_id from any_movement m join volume v using (volume_id)
         where m.movement_no >= ?1 and m.movement_no < ?2 and m.scan_no is not null and m.to_id = v.home_id and m.from_id <> v.home_id",
    )?;
    let mut back = conn.prepare_cached(
        "select previous_no, recorded_at_us, from_id from any_movement where movement_no = ?1",
    )?;
    let rows =
        homecoming.query_map(params![first, end], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let mut found = Vec::new();
    for row in rows {
        let (mut previous, came_us, home): (Option<i64>, i64, i64) = row?;
        for _ in 0..STEPS_MAX {
            let Some(no) = previous else { break };
            let (before, at_us, from): (Option<i64>, i64, i64) =
                back.query_row([no], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            if from == home {
                found.push(hours(came_us.saturating_sub(at_us)) / 24.0);
                break;
            }
            previous = before;
        }
    }
    Ok(found)
}
