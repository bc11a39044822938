//! The sweep: which charts are suspects now. It asks what is owed, not what just happened, so that a restart, a clock
//! that was set, or a week switched off loses nothing; run twice, it changes nothing.
//!
//! Readers gather the signs, over what is out, due and under way and never over all charts; the writer gets pages of those
//! that are enough for a case.

use super::cases::{Wanted, evidence};
use crate::missing::case::{Sign, step};
use crate::store::change::Unchanged;
use crate::store::mates::mates;
use crate::store::read::{VOLUME_COLUMNS, volume_view};
use crate::store::{Store, StoreError, micros, timestamp};
use crate::tracking::grammar::{MovementKind, Skip};
use crate::tracking::{Calendar, CustodianId, DueRule, Stay, VolumeId};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};
use std::collections::HashMap;

/// Cases that one transaction opens or moves on.
const PAGE: usize = 100;
/// A chart that is needed within this time is needed soon.
const SOON: SignedDuration = SignedDuration::from_hours(3 * 24);
/// Batch-mates are looked at for movements of at least and at most this age.
const MATES_AFTER: SignedDuration = SignedDuration::from_hours(1);
const MATES_UNTIL: SignedDuration = SignedDuration::from_hours(14 * 24);
/// The way to a place takes until the end of so many working days after; sorting takes as many.
const WAY: DueRule = DueRule::WorkingDays(1);
const SORTING: DueRule = DueRule::WorkingDays(2);
/// A chart that stays with its holder until the end of the next working day is not remarkable, whatever its mates do.
const LATE: DueRule = DueRule::WorkingDays(2);
/// A case that was cleared is not opened again for so long, if nothing was scanned since.
const QUIET: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Somebody needs a volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Need {
    /// Which.
    pub volume: VolumeId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: CustodianId,
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Volumes that were weighed.
    pub weighed: u64,
    /// Cases that were opened, moved on, or heard something new.
    pub noted: u64,
}

/// A volume with enough against it.
#[derive(Debug, Clone)]
struct Suspect {
    volume: VolumeId,
    movement: Option<i64>,
    signs: Vec<Sign>,
    need: Option<Need>,
}

impl Store {
    /// Weighs everything that is out, overdue, under way or waiting to be refiled, and opens cases. `needs`: who needs what,
    /// besides the open requests.
    ///
    /// # Errors
    /// The database failed or is overloaded; what was noted before stays.
    pub async fn sweep(&self, calendar: Calendar, needs: Vec<Need>) -> Result<Swept, Unchanged<StoreError>> {
        let now = self.clock.now();
        let (weighed, suspects) = self
            .read("sweep", move |conn| suspects(conn, now, &calendar, &needs))
            .await
            .map_err(Unchanged::Refused)?;
        let mut swept = Swept { weighed, noted: 0 };
        for page in suspects.chunks(PAGE) {
            let page = page.to_vec();
            swept.noted += self
                .change(move |ledger| {
                    let mut noted = 0;
                    for suspect in &page {
                        noted += u64::from(note(ledger.conn, suspect, ledger.now_us())?);
                    }
                    if noted > 0 {
                        ledger.audit(
                            "missing",
                            Some("sweep"),
                            &format!("{noted} cases opened or moved on"),
                        )?;
                    }
                    Ok(noted)
                })
                .await?;
        }
        Ok(swept)
    }

    /// All volumes that are not at home: with whom, and whether they are under way.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn away(&self) -> Result<HashMap<VolumeId, (CustodianId, bool)>, StoreError> {
        self.read("list what is away", |conn| {
            conn.prepare_cached(
                "select volume_id, at_id, in_transit is not null from volume where at_id <> home_id",
            )?
            .query_map([], |row| Ok((VolumeId(row.get(0)?), (CustodianId(row.get(1)?), row.get(2)?))))?
            .collect()
        })
        .await
    }
}

/// Opens a case or moves it on, unless the volume was scanned since it was weighed; true if that changed anything.
fn note(conn: &Connection, suspect: &Suspect, now_us: i64) -> rusqlite::Result<bool> {
    let is_current: bool = conn
        .prepare_cached("select movement_no is ?2 from volume where volume_id = ?1")?
        .query_row(params![suspect.volume.0, suspect.movement], |row| row.get(0))?;
    if !is_current {
        return Ok(false);
    }
    let wanted = suspect.need.map(|need| Wanted { at: need.at, by: need.by });
    Ok(evidence(conn, suspect.volume, &suspect.signs, wanted, now_us)?.is_some())
}

fn suspects(
    conn: &Connection,
    now: Timestamp,
    calendar: &Calendar,
    needs: &[Need],
) -> rusqlite::Result<(u64, Vec<Suspect>)> {
    let now_us = micros(now);
    let mut soonest: HashMap<VolumeId, Need> = HashMap::new();
    let asked_for = requested(conn, now)?;
    for need in needs.iter().chain(&asked_for).filter(|need| need.at > now && need.at <= now + SOON) {
        let known = soonest.entry(need.volume).or_insert(*need);
        *known = if need.at < known.at { *need } else { *known };
    }
    let sql = format!(
        "select {VOLUME_COLUMNS} where volume.volume_id in (
           select volume_id from volume where in_transit is not null
           union select volume_id from volume where due_at_us < ?1
           union select volume_id from volume where at_id in (select custodian_id from custodian where kind = 'sorting')
                   and at_id <> home_id)"
    );
    let mut statement = conn.prepare_cached(&sql)?;
    let mut rows = statement.query(params![now_us])?;
    let (mut weighed, mut found) = (0, Vec::new());
    while let Some(row) = rows.next()? {
        weighed += 1;
        let view = volume_view(row)?;
        let need = soonest.get(&view.volume).copied();
        let mut signs = cheap_signs(&view, need.is_some(), now, calendar);
        let is_recent = view.since.is_some_and(|since| {
            let late = calendar.due_at(LATE, since, Stay::Outpatient);
            let is_late = view.in_transit || late.is_some_and(|late| late < now);
            is_late && (MATES_AFTER..MATES_UNTIL).contains(&now.duration_since(since))
        });
        if is_recent && mates(conn, &view)?.is_some_and(|mates| mates.left_it_behind()) {
            signs.push(Sign::MatesWentOn);
        }
        if let Some(suspect) = worth_noting(conn, &view, signs, need, now_us)? {
            found.push(suspect);
        }
    }
    Ok((weighed, found))
}

/// Open requests for the next days.
fn requested(conn: &Connection, now: Timestamp) -> rusqlite::Result<Vec<Need>> {
    conn.prepare_cached(
        "select volume_id, needed_at_us, to_id from request
         where closed_at_us is null and needed_at_us between ?1 and ?2",
    )?
    .query_map(params![micros(now), micros(now + SOON)], |row| {
        Ok(Need { volume: VolumeId(row.get(0)?), at: timestamp(row.get(1)?), by: CustodianId(row.get(2)?) })
    })?
    .collect()
}

fn cheap_signs(
    view: &crate::store::VolumeView,
    is_needed: bool,
    now: Timestamp,
    calendar: &Calendar,
) -> Vec<Sign> {
    let is_over = |rule| {
        let since = view.since?;
        Some(calendar.due_at(rule, since, Stay::Outpatient)? < now)
    };
    let mut signs = Vec::new();
    if view.in_transit && is_over(WAY) == Some(true) {
        signs.push(Sign::NeverReceived);
    }
    if view.due.is_some_and(|due| due < now) {
        signs.push(if is_needed { Sign::OverdueAndNeeded } else { Sign::Overdue });
    }
    if view.last == Some(MovementKind::CheckedIn) && !view.is_home() && is_over(SORTING) == Some(true) {
        signs.push(Sign::NeverRefiled);
    }
    if view.skip == Some(Skip::Impossible) {
        signs.push(Sign::Impossible);
    }
    signs
}

/// The suspect, if its signs are enough for a case or are news to one that is open, and nobody has just cleared it.
fn worth_noting(
    conn: &Connection,
    view: &crate::store::VolumeView,
    signs: Vec<Sign>,
    need: Option<Need>,
    now_us: i64,
) -> rusqlite::Result<Option<Suspect>> {
    if signs.is_empty() {
        return Ok(None);
    }
    let movement: Option<i64> = conn
        .prepare_cached("select movement_no from volume where volume_id = ?1")?
        .query_row(params![view.volume.0], |row| row.get(0))?;
    let signs = match super::cases::open_case(conn, view.volume)? {
        Some(case) => {
            let fresh: Vec<Sign> = signs.into_iter().filter(|sign| !case.signs.contains(sign)).collect();
            let is_sooner = need.is_some_and(|need| case.needed_at != Some(need.at));
            if fresh.is_empty() && !is_sooner {
                return Ok(None);
            }
            fresh
        }
        None if step(None, &signs).is_none() || was_cleared(conn, view.volume, movement, now_us)? => {
            return Ok(None);
        }
        None => signs,
    };
    Ok(Some(Suspect { volume: view.volume, movement, signs, need }))
}

/// Somebody said not long ago that it is where the record says, and nothing was scanned since.
fn was_cleared(
    conn: &Connection,
    volume: VolumeId,
    movement: Option<i64>,
    now_us: i64,
) -> rusqlite::Result<bool> {
    conn.prepare_cached(
        "select exists (select 1 from missing_case where volume_id = ?1 and closed_at_us > ?2 and movement_no is ?3
                        and level = 'cleared')",
    )?
    .query_row(params![volume.0, micros(timestamp(now_us) - QUIET), movement], |row| row.get(0))
}
