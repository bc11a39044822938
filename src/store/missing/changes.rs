//! What people tell about a case: a sign, a look, an answer, a find.

use super::cases::{CaseView, NoSuchCase, audit, case, evidence, take};
use super::facts::VisitAt;
use super::{facts, finds};
use crate::missing::case::{Level, Sign, Step};
use crate::missing::plan::{Efforts, Look, Place, Plan};
use crate::store::change::{Ledger, Stop, Unchanged};
use crate::store::{Store, StoreError};
use crate::tracking::{CaseId, VolumeId};
use rusqlite::params;

impl Store {
    /// Somebody tells of something that speaks against the record of a volume. Opens its case or moves it on if that is
    /// enough; the case, if there is one now.
    ///
    /// # Errors
    /// The database failed; nothing is changed.
    pub async fn tell_sign(
        &self,
        volume: VolumeId,
        sign: Sign,
        actor: Option<String>,
    ) -> Result<Option<CaseId>, Unchanged<NoSuchCase>> {
        self.change(move |ledger| {
            let id = evidence(ledger.conn, volume, &[sign], None, ledger.now_us())?;
            if let Some(id) = id {
                audit(ledger, actor.as_deref(), id, sign.sentence())?;
            }
            Ok(id)
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
            open_one(ledger, id)?;
            let now_us = ledger.now_us();
            ledger
                .conn
                .prepare_cached("insert into missing_look (case_id, place, how, looker, at_us) values (?1, ?2, ?3, ?4, ?5)")?
                .execute(params![id.0, look.place.to_string(), look.how.as_str(), looker, now_us])?;
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
            let case = open_one(ledger, id)?;
            let now_us = ledger.now_us();
            if has_it {
                let level = take(ledger.conn, &case, Step::Clear, Some(case.answerable), now_us)?;
                audit(ledger, actor.as_deref(), id, "the holder has it")?;
                return Ok(level);
            }
            evidence(ledger.conn, case.volume, &[Sign::HolderDenies], None, now_us)?;
            audit(ledger, actor.as_deref(), id, Sign::HolderDenies.sentence())?;
            Ok(open_one(ledger, id)?.level)
        })
        .await
    }

    /// Somebody found the chart at a place of the plan: counts what explains it, once. The scan of the chart ends the case.
    ///
    /// # Errors
    /// The case is not open, or the database failed; nothing is changed.
    pub async fn tell_found(
        &self,
        id: CaseId,
        place: Place,
        visits: Vec<VisitAt>,
        actor: Option<String>,
    ) -> Result<(), Unchanged<NoSuchCase>> {
        self.change(move |ledger| {
            let case = open_one(ledger, id)?;
            let is_new = ledger
                .conn
                .prepare_cached("select found_clue is null from missing_case where case_id = ?1")?
                .query_row(params![id.0], |row| row.get::<_, bool>(0))?;
            if is_new {
                let plan = plan(ledger.conn, &case, &visits)?;
                finds::count(ledger.conn, &case, place, &plan)?;
            }
            Ok(audit(ledger, actor.as_deref(), id, "found; its scan ends the case")?)
        })
        .await
    }

    /// Where to look for the chart of a case; `None` if there is no such case. `visits`: where its patient was and will be.
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

fn plan(conn: &rusqlite::Connection, case: &CaseView, visits: &[VisitAt]) -> rusqlite::Result<Plan> {
    let facts = facts::facts(conn, case, visits)?;
    Ok(Plan::new(&facts, &finds::learned(conn)?, &Efforts::default()))
}

fn open_one(ledger: &Ledger<'_>, id: CaseId) -> Result<CaseView, Stop<NoSuchCase>> {
    let found = case(ledger.conn, id)?.filter(|case| case.level.is_open());
    found.ok_or(Stop::Refused(NoSuchCase::NotOpen))
}
