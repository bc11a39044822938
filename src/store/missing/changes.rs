//! What people tell about a case: a sign, a look, an answer, a find, and how it ended.

use super::cases::{CaseView, NoSuchCase, Taken, Told, audit, case, evidence, open_one, take};
use super::facts::VisitAt;
use super::{facts, finds};
use crate::missing::case::{Level, Reason, Sign, Step};
use crate::missing::plan::{Efforts, Look, Place, Plan};
use crate::store::change::{Ledger, Stop, Unchanged};
use crate::store::history::{MovementRow, Outcome, append_movement, update_whereabouts};
use crate::store::{Store, StoreError, known, micros};
use crate::tracking::grammar::MovementKind;
use crate::tracking::{CaseId, CustodianId, VolumeId};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

/// Whoever goes to a place has it for so long.
const CLAIMED: SignedDuration = SignedDuration::from_mins(30);

impl Store {
    /// Somebody tells of something that speaks against the record of a volume. Opens its case or moves it on if that is
    /// enough; the case, if there is one now. A flag is a movement, too: every scan of the chart says so.
    ///
    /// # Errors
    /// It is flagged already, is not in use, or the database failed; nothing is changed.
    pub async fn tell_sign(
        &self,
        volume: VolumeId,
        sign: Sign,
        actor: Option<String>,
    ) -> Result<Option<CaseId>, Unchanged<NoSuchCase>> {
        self.change(move |ledger| {
            let actor = actor.as_deref();
            if sign == Sign::Flagged {
                flag(ledger, volume, actor)?;
            }
            let now_us = ledger.now_us();
            let id = evidence(ledger.conn, volume, &Told { signs: &[sign], wanted: None, actor, now_us })?;
            if let Some(id) = id {
                audit(ledger, actor, id, sign.sentence())?;
            }
            Ok(id)
        })
        .await
    }

    /// Somebody goes to a place: nobody else is sent there for a while.
    ///
    /// # Errors
    /// The case is not open, or the database failed; nothing is changed.
    pub async fn claim_place(
        &self,
        id: CaseId,
        place: Place,
        who: String,
    ) -> Result<(), Unchanged<NoSuchCase>> {
        self.change(move |ledger| {
            open_one(ledger.conn, id)?;
            ledger
                .conn
                .prepare_cached(
                    "insert into missing_claim (case_id, place, who, until_us) values (?1, ?2, ?3, ?4)
                     on conflict do update set who = excluded.who, until_us = excluded.until_us",
                )?
                .execute(params![id.0, place.to_string(), who, micros(ledger.now + CLAIMED)])?;
            Ok(audit(ledger, Some(&who), id, "goes to look at a place")?)
        })
        .await
    }

    /// Somebody looked at a place, and the chart was not there.
    ///
    /// # Errors
    /// The case is not open, or the database failed; nothing is changed.
    pub async fn tell_look(
        &self,
        id: CaseId,
        look: Look,
        looker: Option<String>,
    ) -> Result<(), Unchanged<NoSuchCase>> {
        self.change(move |ledger| {
            open_one(ledger.conn, id)?;
            looked_at(ledger.conn, id, look, looker.as_deref(), ledger.now)?;
            Ok(audit(ledger, looker.as_deref(), id, "looked, not there")?)
        })
        .await
    }

    /// Whoever should have the chart answers: they have it, which clears the case, or they do not, which is a sign.
    ///
    /// # Errors
    /// The case is not open, has come too far for an answer, or the database failed; nothing is changed.
    pub async fn tell_answer(
        &self,
        id: CaseId,
        has_it: bool,
        actor: Option<String>,
    ) -> Result<Level, Unchanged<NoSuchCase>> {
        self.change(move |ledger| {
            let case = open_one(ledger.conn, id)?;
            let (actor, now_us) = (actor.as_deref(), ledger.now_us());
            if has_it {
                let why = Some("the holder has it");
                let taken = Taken { found: Some(case.answerable), actor, why, now_us };
                let level = take(ledger, &case, Step::Clear, &taken)?;
                audit(ledger, actor, id, "the holder has it")?;
                return Ok(level);
            }
            let told = Told { signs: &[Sign::HolderDenies], wanted: None, actor, now_us };
            evidence(ledger.conn, case.volume, &told)?;
            audit(ledger, actor, id, Sign::HolderDenies.sentence())?;
            Ok(open_one(ledger.conn, id)?.level)
        })
        .await
    }

    /// Somebody found the chart at a place, of the plan or not: counts what explains it, once. The scan of the chart ends the
    /// case; told after that, it counts all the same.
    ///
    /// # Errors
    /// There is no such case, it was cleared, or the database failed; nothing is changed.
    pub async fn tell_found(
        &self,
        id: CaseId,
        place: Place,
        visits: Vec<VisitAt>,
        actor: Option<String>,
    ) -> Result<(), Unchanged<NoSuchCase>> {
        self.change(move |ledger| {
            let case = case(ledger.conn, id)?.filter(|case| case.level != Level::Cleared);
            let case = case.ok_or(NoSuchCase::NotOpen)?;
            found_at(ledger.conn, &case, place, &visits)?;
            let what = if case.level.is_open() {
                "found; its scan ends the case"
            } else {
                "told where it was found"
            };
            Ok(audit(ledger, actor.as_deref(), id, what)?)
        })
        .await
    }

    /// A supervisor confirms that the chart is found, or denies it: then it is missing again.
    ///
    /// # Errors
    /// The case waits for no confirmation, or the database failed; nothing is changed.
    pub async fn confirm_find(
        &self,
        id: CaseId,
        is_found: bool,
        actor: Option<String>,
    ) -> Result<Level, Unchanged<NoSuchCase>> {
        self.change(move |ledger| {
            let case = open_one(ledger.conn, id)?;
            let step = if is_found { Step::Confirm } else { Step::Deny };
            let taken = Taken { actor: actor.as_deref(), ..Taken::at(ledger.now_us()) };
            let level = take(ledger, &case, step, &taken)?;
            if !is_found {
                flag(ledger, case.volume, actor.as_deref())?;
            }
            audit(ledger, actor.as_deref(), id, level.title())?;
            Ok(level)
        })
        .await
    }

    /// The site's time for finding the chart is over: it is presumed lost, and any scan of it still ends the case.
    ///
    /// # Errors
    /// Nobody said why, the case is not searched for, or the database failed; nothing is changed.
    pub async fn presume_lost(
        &self,
        id: CaseId,
        why: String,
        actor: Option<String>,
    ) -> Result<(), Unchanged<NoSuchCase>> {
        self.change(move |ledger| {
            if why.trim().is_empty() {
                return Err(NoSuchCase::NoReason.into());
            }
            let case = open_one(ledger.conn, id)?;
            let actor = actor.as_deref();
            let taken = Taken { actor, why: Some(&why), ..Taken::at(ledger.now_us()) };
            take(ledger, &case, Step::GiveUp, &taken)?;
            ledger
                .conn
                .prepare_cached("update missing_case set reason_words = ?2 where case_id = ?1")?
                .execute(params![id.0, why])?;
            Ok(audit(ledger, actor, id, "presumed lost")?)
        })
        .await
    }

    /// Why a chart that is found was not where the record said.
    ///
    /// # Errors
    /// There is no such case, it is open, or the database failed; nothing is changed.
    pub async fn tell_reason(
        &self,
        id: CaseId,
        reason: Reason,
        words: Option<String>,
        actor: Option<String>,
    ) -> Result<(), Unchanged<NoSuchCase>> {
        self.change(move |ledger| {
            let case = case(ledger.conn, id)?.ok_or(NoSuchCase::NotOpen)?;
            if !matches!(case.level, Level::Found | Level::FoundUnconfirmed | Level::Cleared) {
                return Err(NoSuchCase::StillOpen.into());
            }
            ledger
                .conn
                .prepare_cached("update missing_case set reason = ?2, reason_words = ?3 where case_id = ?1")?
                .execute(params![id.0, reason.as_str(), words])?;
            Ok(audit(ledger, actor.as_deref(), id, &format!("reason: {}", reason.title()))?)
        })
        .await
    }

    /// Where to look for the chart of a case; `None` if there is no such case. `visits`: where its patient was and will be,
    /// besides what was requested.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn search_plan(&self, id: CaseId, visits: Vec<VisitAt>) -> Result<Option<Plan>, StoreError> {
        self.read("plan a search", move |conn| {
            case(conn, id)?.map(|case| plan(conn, &case, &visits)).transpose()
        })
        .await
    }
}

/// Flags a volume where it is, as MISSING does.
fn flag(ledger: &mut Ledger<'_>, volume: VolumeId, actor: Option<&str>) -> Result<(), Stop<NoSuchCase>> {
    let found: Option<(i64, bool)> = ledger
        .conn
        .prepare_cached("select at_id, missing_since_us is not null from volume where volume_id = ?1 and state = 'active'")?
        .query_row(params![volume.0], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (at, is_flagged) = found.ok_or(NoSuchCase::NoVolume)?;
    if is_flagged {
        return Err(NoSuchCase::Flagged.into());
    }
    let (now_us, at) = (ledger.now_us(), CustodianId(at));
    let row = MovementRow {
        volume,
        previous: known::last_move(ledger.conn, volume)?.map(|last| last.no),
        kind: MovementKind::Missing,
        from: at,
        to: at,
        scanned_us: now_us,
        recorded_us: now_us,
        entry: "keyed",
        operator: actor,
        outcome: Outcome::of(MovementKind::Missing, false, now_us),
        ..MovementRow::empty()
    };
    let no = append_movement(ledger.conn, &mut ledger.memory.heads.movement, &row)?;
    update_whereabouts(ledger.conn, &row, no)?;
    Ok(())
}

/// Keeps a look, and frees the place for others.
pub(super) fn looked_at(
    conn: &Connection,
    id: CaseId,
    look: Look,
    looker: Option<&str>,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let place = look.place.to_string();
    conn.prepare_cached(
        "insert into missing_look (case_id, place, how, looker, at_us) values (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![id.0, place, look.how.as_str(), looker, micros(now)])?;
    conn.prepare_cached("delete from missing_claim where case_id = ?1 and place = ?2")?
        .execute(params![id.0, place])?;
    Ok(())
}

/// Keeps where a chart was found, and what that teaches, once.
pub(super) fn found_at(
    conn: &Connection,
    case: &CaseView,
    place: Place,
    visits: &[VisitAt],
) -> rusqlite::Result<()> {
    let is_new = conn
        .prepare_cached("select found_clue is null from missing_case where case_id = ?1")?
        .query_row(params![case.id.0], |row| row.get::<_, bool>(0))?;
    if is_new {
        let plan = plan(conn, case, visits)?;
        finds::count(conn, case, place, &plan)?;
    }
    Ok(())
}

fn plan(conn: &Connection, case: &CaseView, visits: &[VisitAt]) -> rusqlite::Result<Plan> {
    let facts = facts::facts(conn, case, visits)?;
    Ok(Plan::new(&facts, &finds::learned(conn)?, &Efforts::default()))
}
