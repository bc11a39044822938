//! What this site's finds have taught.

use super::cases::{CaseView, NoSuchCase};
use crate::missing::plan::{Clue, Finds, LastSeen, Place, Plan};
use crate::store::change::Unchanged;
use crate::store::{Store, StoreError};
use crate::tracking::CustodianId;
use rusqlite::{Connection, params};

impl Store {
    /// How many charts were found by each clue.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn finds(&self) -> Result<Finds, StoreError> {
        self.read("count finds", learned).await
    }

    /// Forgets what finds have taught: plans go by the defaults again.
    ///
    /// # Errors
    /// The database failed; nothing is changed.
    pub async fn forget_finds(&self, actor: Option<String>) -> Result<(), Unchanged<NoSuchCase>> {
        self.change(move |ledger| {
            ledger.conn.execute("delete from missing_find", [])?;
            ledger.conn.execute("delete from missing_habit", [])?;
            Ok(ledger.audit("missing", actor.as_deref(), "what finds have taught is forgotten")?)
        })
        .await
    }
}

/// All counts: a handful of rows.
pub(super) fn learned(conn: &Connection) -> rusqlite::Result<Finds> {
    let mut finds = Finds::default();
    let mut statement = conn.prepare_cached("select last_seen, clue, finds from missing_find")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (seen, clue): (String, String) = (row.get(0)?, row.get(1)?);
        if let (Some(seen), Some(clue)) = (LastSeen::parse(&seen), Clue::parse(&clue)) {
            finds.add(seen, clue, row.get(2)?);
        }
    }
    Ok(finds)
}

/// Counts a find at a place: each clue that points there gets its share.
pub(super) fn count(conn: &Connection, case: &CaseView, place: Place, plan: &Plan) -> rusqlite::Result<()> {
    let shares = plan.found_at(place);
    for (clue, share) in &shares {
        conn.prepare_cached(
            "insert into missing_find (last_seen, clue, finds) values (?1, ?2, ?3)
             on conflict do update set finds = finds + excluded.finds",
        )?
        .execute(params![case.last_seen.as_str(), clue.as_str(), share])?;
    }
    let best = shares.iter().max_by(|one, other| one.1.total_cmp(&other.1)).map(|(clue, _)| clue.as_str());
    conn.prepare_cached("update missing_case set found_clue = ?2, found_place = ?3 where case_id = ?1")?
        .execute(params![case.id.0, best.unwrap_or("elsewhere"), place.to_string()])?;
    if let Place::Desk(CustodianId(found)) = place
        && found != case.answerable.0
    {
        conn.prepare_cached(
            "insert into missing_habit (holder_id, found_id, finds) values (?1, ?2, 1)
             on conflict do update set finds = finds + 1",
        )?
        .execute(params![case.answerable.0, found])?;
    }
    Ok(())
}
