//! The sweep: which charts are suspects now. It asks what is owed, not what just happened, so that a restart, a clock
//! that was set, or a week switched off loses nothing; run twice, it changes nothing.
//!
//! Readers gather the signs, over what is out, due and under way and never over all charts; the writer gets pages of those
//! that are enough for a case.

use super::cases::{Told, Wanted, evidence};
use crate::missing::case::{Sign, step};
use crate::missing::{Round, Rules};
use crate::store::change::Unchanged;
use crate::store::mates::mates;
use crate::store::read::{VOLUME_COLUMNS, volume_view};
use crate::store::{NotRecorded, Store, StoreError, VolumeView, micros, timestamp};
use crate::tracking::grammar::{MovementKind, Skip};
use crate::tracking::{Calendar, CustodianId, DueRule, Stay, VolumeId};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};
use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;

/// Cases that one transaction opens or moves on.
const PAGE: usize = 100;
/// Batch-mates are looked at for movements of at least and at most this age.
const MATES_AFTER: SignedDuration = SignedDuration::from_hours(1);
const MATES_UNTIL: SignedDuration = SignedDuration::from_hours(14 * 24);
/// A room that was gone through is weighed for so long: what was not seen and does not turn up elsewhere has its case by
/// then.
const ROUNDS: SignedDuration = SignedDuration::from_hours(3 * 24);
/// Most folders of one room that a round makes cases of.
const UNSEEN_MAX: i64 = 500;
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
    /// What the site settles about missing charts, from now on.
    ///
    /// # Errors
    /// The database failed; what held before holds.
    pub async fn set_missing_rules(&self, rules: Rules) -> Result<(), NotRecorded> {
        let set = self.change::<(), Infallible>(move |ledger| {
            ledger.memory.missing = rules;
            Ok(())
        });
        set.await.map_err(|error| match error {
            Unchanged::Refused(never) => match never {},
            Unchanged::NotRecorded(why) => why,
        })
    }

    /// Weighs everything that is out, overdue, under way, waiting to be refiled, or was not seen where it should be, and
    /// opens cases. `needs`: who needs what, besides the open requests.
    ///
    /// # Errors
    /// The database failed or is overloaded; what was noted before stays.
    pub async fn sweep(
        &self,
        calendar: Calendar,
        rules: Rules,
        needs: Vec<Need>,
    ) -> Result<Swept, Unchanged<StoreError>> {
        let now = self.clock.now();
        let (weighed, suspects) = self
            .read("sweep", move |conn| Scale { now, calendar: &calendar, rules }.suspects(conn, &needs))
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
    let told = Told { signs: &suspect.signs, wanted, actor: None, now_us };
    Ok(evidence(conn, suspect.volume, &told)?.is_some())
}

/// What everything is weighed by.
struct Scale<'a> {
    now: Timestamp,
    calendar: &'a Calendar,
    rules: Rules,
}

impl Scale<'_> {
    fn suspects(&self, conn: &Connection, needs: &[Need]) -> rusqlite::Result<(u64, Vec<Suspect>)> {
        let now = self.now;
        let now_us = micros(now);
        let mut soonest: HashMap<VolumeId, Need> = HashMap::new();
        let asked_for = self.requested(conn)?;
        let is_soon = |need: &&Need| need.at > now && need.at <= now + self.rules.soon;
        for need in needs.iter().chain(&asked_for).filter(is_soon) {
            let known = soonest.entry(need.volume).or_insert(*need);
            *known = if need.at < known.at { *need } else { *known };
        }
        let unseen = self.unseen(conn)?;
        let (mut weighed, mut found) = (0, Vec::new());
        for volume in &unseen {
            weighed += 1;
            let sql = format!("select {VOLUME_COLUMNS} where volume.volume_id = ?1");
            let view = conn.prepare_cached(&sql)?.query_row(params![volume.0], volume_view)?;
            let need = soonest.get(volume).copied();
            let signs = [vec![Sign::NotSighted], self.cheap_signs(&view, need.is_some())].concat();
            found.extend(worth_noting(conn, &view, signs, need, now_us)?);
        }
        let sql = format!(
            "select {VOLUME_COLUMNS} where volume.volume_id in (
               select volume_id from volume where in_transit is not null
               union all select volume_id from volume where due_at_us < ?1
               union all select volume_id from volume where at_id in (select custodian_id from custodian where kind = 'sorting')
                       and at_id <> home_id)"
        );
        let mut statement = conn.prepare_cached(&sql)?;
        let mut rows = statement.query(params![now_us])?;
        while let Some(row) = rows.next()? {
            let view = volume_view(row)?;
            if unseen.contains(&view.volume) {
                continue;
            }
            weighed += 1;
            let need = soonest.get(&view.volume).copied();
            // Whoever has it and needs it keeps it: nobody is waiting, and that others went back says nothing.
            let stays = need.is_some_and(|need| need.by == view.at.id && !view.in_transit);
            let need = need.filter(|_| !stays);
            let mut signs = self.cheap_signs(&view, need.is_some());
            if !stays
                && self.may_be_left_behind(&view)
                && mates(conn, &view)?.is_some_and(|mates| mates.left_it_behind())
            {
                signs.push(Sign::MatesWentOn);
            }
            found.extend(worth_noting(conn, &view, signs, need, now_us)?);
        }
        Ok((weighed, found))
    }

    /// Open requests for the next days.
    fn requested(&self, conn: &Connection) -> rusqlite::Result<Vec<Need>> {
        conn.prepare_cached(
            "select volume_id, needed_at_us, to_id from request
             where closed_at_us is null and needed_at_us between ?1 and ?2",
        )?
        .query_map(params![micros(self.now), micros(self.now + self.rules.soon)], |row| {
            Ok(Need {
                volume: VolumeId(row.get(0)?),
                at: timestamp(row.get(1)?),
                by: CustodianId(row.get(2)?),
            })
        })?
        .collect()
    }

    /// What should be in a room that was gone through folder by folder, was not seen, and was not scanned since. Of a room
    /// of which only a part was gone through, nothing.
    fn unseen(&self, conn: &Connection) -> rusqlite::Result<BTreeSet<VolumeId>> {
        let rounds: Vec<(i64, i64)> = conn
            .prepare_cached(
                "select custodian_id, max(since_us) from missing_round where done_us > ?1 group by custodian_id",
            )?
            .query_map(params![micros(self.now - ROUNDS)], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let mut unseen = BTreeSet::new();
        for (custodian, since_us) in rounds {
            let (expected, seen) = conn
                .prepare_cached(
                    "select count(*), coalesce(sum(since_us >= ?2), 0) from volume
                     where (at_id = ?1 and at_id <> home_id or home_id = ?1 and at_id = home_id)
                       and in_transit is null and state = 'active' and sheets_in is null",
                )?
                .query_row(params![custodian, since_us], |row| Ok((row.get(0)?, row.get(1)?)))?;
            if !(Round { expected, seen }).was_whole() {
                continue;
            }
            let mut statement = conn.prepare_cached(
                "select volume_id from volume
                 where (at_id = ?1 and at_id <> home_id or home_id = ?1 and at_id = home_id)
                   and coalesce(since_us, 0) < ?2 and in_transit is null
                   and state = 'active' and sheets_in is null limit ?3",
            )?;
            let found = statement.query_map(params![custodian, since_us, UNSEEN_MAX], |row| row.get(0))?;
            for volume in found {
                unseen.insert(VolumeId(volume?));
            }
        }
        Ok(unseen)
    }

    /// It went along with others, some time ago and not too long.
    fn may_be_left_behind(&self, view: &VolumeView) -> bool {
        view.since.is_some_and(|since| {
            let late = self.calendar.due_at(LATE, since, Stay::Outpatient);
            let is_late = view.in_transit || late.is_some_and(|late| late < self.now);
            is_late && (MATES_AFTER..MATES_UNTIL).contains(&self.now.duration_since(since))
        })
    }

    fn cheap_signs(&self, view: &VolumeView, is_needed: bool) -> Vec<Sign> {
        let is_over = |rule| {
            let since = view.since?;
            Some(self.calendar.due_at(rule, since, Stay::Outpatient)? < self.now)
        };
        let mut signs = Vec::new();
        if view.in_transit && is_over(self.rules.way) == Some(true) {
            signs.push(Sign::NeverReceived);
        }
        if view.due.is_some_and(|due| due < self.now) {
            signs.push(if is_needed { Sign::OverdueAndNeeded } else { Sign::Overdue });
        }
        let is_back = view.last == Some(MovementKind::CheckedIn) && !view.is_home();
        if is_back && is_over(self.rules.sorting) == Some(true) {
            signs.push(Sign::NeverRefiled);
        }
        if view.skip == Some(Skip::Impossible) {
            signs.push(Sign::Impossible);
        }
        signs
    }
}

/// The suspect, if its signs are enough for a case or are news to one that is open, and nobody has just cleared it.
fn worth_noting(
    conn: &Connection,
    view: &VolumeView,
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
