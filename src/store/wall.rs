//! What stands on the wall of the file room: what to do next, and how much of it there is.
//!
//! Invariant: nothing here names a patient. Where a folder stands is told as far as the guide on the shelf tells it.

use super::requests::conflicts::wants;
use super::since::{Log, first_since};
use super::{Store, StoreError, micros, timestamp};
use crate::tracking::FilingScheme;
use crate::tracking::request::{HOLD_WITHIN, Priority, conflicts};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Row, named_params};

/// How far ahead the next pulls are looked for.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);
/// Requests that are looked at for the next pulls.
const LOOKED_AT_MAX: u32 = 300;
/// Pulls that a wall shows.
const PULLS_MAX: usize = 10;

/// Charts to be pulled for one place and time from one part of the shelves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WallPull {
    /// When they are needed.
    pub needed_at: Timestamp,
    /// To whom they go.
    pub to: String,
    /// The file area, or who has them.
    pub place: String,
    /// The guide on its shelf.
    pub guide: Option<String>,
    /// They are where they belong.
    pub is_home: bool,
    /// How much it matters.
    pub priority: Priority,
    /// How many.
    pub charts: u64,
}

/// The file room's work at one glance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WallView {
    /// What to pull next, by the time it is needed.
    pub next: Vec<WallPull>,
    /// Charts still to be pulled that are needed within a day.
    pub to_pull: u64,
    /// Those of them whose time has passed.
    pub late: u64,
    /// Charts in the file room that somebody waits for: set aside, or trapped at a scan.
    pub holds: u64,
    /// Charts that several want on one day.
    pub conflicts: usize,
    /// Charts that should be back.
    pub overdue: u64,
    /// Charts that are being missed.
    pub missing: u64,
    /// Charts that came in today.
    pub arrived: u64,
}

impl Store {
    /// What stands on the wall. `today`: when the day of the room began.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn wall(&self, today: Timestamp, zone: TimeZone) -> Result<WallView, StoreError> {
        let now = self.clock.now();
        self.read("show the wall", move |conn| wall(conn, today, now, &zone)).await
    }
}

fn wall(conn: &Connection, today: Timestamp, now: Timestamp, zone: &TimeZone) -> rusqlite::Result<WallView> {
    let tomorrow = today.checked_add(AHEAD).unwrap_or(Timestamp::MAX);
    Ok(WallView {
        next: next_pulls(conn, now)?,
        conflicts: conflicts(wants(conn, today, tomorrow)?, zone).len(),
        arrived: arrived(conn, today)?,
        ..counts(conn, now)?
    })
}

fn counts(conn: &Connection, now: Timestamp) -> rusqlite::Result<WallView> {
    let until = |ahead: SignedDuration| micros(now.checked_add(ahead).unwrap_or(Timestamp::MAX));
    conn.prepare_cached(
        "select count(*) filter (where r.state in ('requested', 'not-found') and needed_at_us < :soon),
                count(*) filter (where r.state in ('requested', 'not-found') and needed_at_us < :now),
                count(*) filter (where r.state = 'pulled' or (r.state in ('requested', 'not-found')
                  and at_id <> home_id and v.in_transit is null and v.missing_since_us is null
                  and c.kind in ('file-area', 'site', 'shelf', 'sorting'))),
                (select count(*) from volume where due_at_us is not null and due_at_us < :now),
                (select count(*) from volume where missing_since_us > 0)
                  + (select count(*) from missing_case join volume flagged using (volume_id)
                     where closed_at_us is null and level in ('searching', 'missing')
                       and flagged.missing_since_us is null)
         from request r join volume v using (volume_id) join custodian c on custodian_id = at_id
         where r.closed_at_us is null and needed_at_us < :held",
    )?
    .query_row(
        named_params! { ":now": micros(now), ":soon": until(AHEAD), ":held": until(HOLD_WITHIN) },
        |row| {
            Ok(WallView {
                to_pull: row.get(0)?,
                late: row.get(1)?,
                holds: row.get(2)?,
                overdue: row.get(3)?,
                missing: row.get(4)?,
                ..WallView::default()
            })
        },
    )
}

/// Charts that came from outside of the file room today, counted once for each time.
fn arrived(conn: &Connection, today: Timestamp) -> rusqlite::Result<u64> {
    let first = first_since(conn, Log::Movements, today)?;
    conn.prepare_cached(
        "select count(*) from movement join custodian f on f.custodian_id = from_id join custodian t on t.custodian_id = to_id
         where movement_no >= :first and late = 0 and in_transit is null and undoes_no is null and from_id <> to_id
           and t.kind in ('file-area', 'site', 'shelf', 'sorting')
           and f.kind not in ('file-area', 'site', 'shelf', 'sorting')",
    )?
    .query_row(named_params! { ":first": first }, |row| row.get(0))
}

fn next_pulls(conn: &Connection, now: Timestamp) -> rusqlite::Result<Vec<WallPull>> {
    let mut pulls: Vec<WallPull> = Vec::new();
    let mut statement = conn.prepare_cached(
        "select r.needed_at_us, t.name, h.name, h.filing_scheme, a.name, c.mrn_key,
                v.at_id = v.home_id and v.in_transit is null and v.missing_since_us is null, r.priority,
                (select s.name from shelved join custodian s on s.custodian_id = shelf_id
                 where shelved.volume_id = v.volume_id)
         from request r join volume v using (volume_id) join chart c using (chart_id)
         join custodian t on t.custodian_id = r.to_id join custodian h on h.custodian_id = v.home_id
         join custodian a on a.custodian_id = v.at_id
         where r.closed_at_us is null and r.state = 'requested' and r.needed_at_us < :until
         order by r.needed_at_us, r.priority desc, r.request_id limit :rows",
    )?;
    let until = micros(now.checked_add(AHEAD).unwrap_or(Timestamp::MAX));
    let rows = statement.query_map(named_params! { ":until": until, ":rows": LOOKED_AT_MAX }, pull)?;
    for pull in rows {
        let pull = pull?;
        let like = |other: &&mut WallPull| WallPull { charts: other.charts, ..pull.clone() } == **other;
        if let Some(same) = pulls.iter_mut().find(like) {
            same.charts += 1;
        } else if pulls.len() < PULLS_MAX {
            pulls.push(pull);
        }
    }
    Ok(pulls)
}

fn pull(row: &Row<'_>) -> rusqlite::Result<WallPull> {
    let (home, scheme, at): (String, String, String) = (row.get(2)?, row.get(3)?, row.get(4)?);
    let (number, is_home, shelf): (String, bool, Option<String>) = (row.get(5)?, row.get(6)?, row.get(8)?);
    let guide = || shelf.or_else(|| FilingScheme::parse(&scheme).ok()?.guide(&number));
    Ok(WallPull {
        needed_at: timestamp(row.get(0)?),
        to: row.get(1)?,
        guide: if is_home { guide() } else { None },
        place: if is_home { home } else { at },
        is_home,
        priority: Priority::of(row.get(7)?),
        charts: 1,
    })
}
