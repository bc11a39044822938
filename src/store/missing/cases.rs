//! Cases: opened and moved on by evidence and people, closed by any scan of the chart.

use super::search_codes;
use crate::missing::case::{Level, NoSuchStep, Sign, Step, next, step, suspicion};
use crate::missing::plan::LastSeen;
use crate::store::change::{Ledger, Stop};
use crate::store::{Store, StoreError, timestamp};
use crate::tracking::grammar::{Act, Meaning, MovementKind, Role, Volume};
use crate::tracking::{CaseId, CustodianId, Judgement, Verdict, VolumeId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// A case as it is listed.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseView {
    /// Which one.
    pub id: CaseId,
    /// Of which folder.
    pub volume: VolumeId,
    /// How far it has come.
    pub level: Level,
    /// When it was suspected first; never changes.
    pub discovered_at: Timestamp,
    /// What the record said then.
    pub last_seen: LastSeen,
    /// Its last recorded holder: answerable for it.
    pub answerable: CustodianId,
    /// The chance that it is not where the record says.
    pub suspicion: f64,
    /// When somebody needs it.
    pub needed_at: Option<Timestamp>,
    /// What speaks for it.
    pub signs: Vec<Sign>,
}

/// Why a case was not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoSuchCase {
    /// There is none, or it is closed.
    #[error("there is no open case of this chart; it may have been scanned meanwhile")]
    NotOpen,
    /// It cannot take this step.
    #[error(transparent)]
    Step(#[from] NoSuchStep),
    /// There is no such folder in use.
    #[error("there is no such folder, or it is in use no more")]
    NoVolume,
    /// It is flagged already.
    #[error("this chart is flagged missing already")]
    Flagged,
    /// Nobody said why.
    #[error("say why: who reads the case later needs to know")]
    NoReason,
    /// It is being looked for.
    #[error("why it went missing is known when it is found; this case is still open")]
    StillOpen,
}

impl From<NoSuchCase> for Stop<NoSuchCase> {
    fn from(why: NoSuchCase) -> Stop<NoSuchCase> {
        Stop::Refused(why)
    }
}

const COLUMNS: &str =
    "case_id, volume_id, level, discovered_at_us, last_seen, answerable_id, suspicion, needed_at_us
  from missing_case";

impl Store {
    /// Open cases, the oldest first, from the one after `after` on, `rows` at most.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn open_cases(&self, after: CaseId, rows: u32) -> Result<Vec<CaseView>, StoreError> {
        self.read("list open cases", move |conn| {
            let sql = format!(
                "select {COLUMNS} where closed_at_us is null and case_id > ?1 order by case_id limit ?2"
            );
            let mut statement = conn.prepare_cached(&sql)?;
            let cases = statement.query_map(params![after.0, rows], |row| view(conn, row))?;
            cases.collect()
        })
        .await
    }
}

fn view(conn: &Connection, row: &Row<'_>) -> rusqlite::Result<CaseView> {
    let id = CaseId(row.get(0)?);
    let (level, last_seen): (String, String) = (row.get(2)?, row.get(4)?);
    Ok(CaseView {
        id,
        volume: VolumeId(row.get(1)?),
        level: Level::parse(&level).unwrap_or(Level::Searching),
        discovered_at: timestamp(row.get(3)?),
        last_seen: LastSeen::parse(&last_seen).unwrap_or(LastSeen::Holder),
        answerable: CustodianId(row.get(5)?),
        suspicion: row.get(6)?,
        needed_at: row.get::<_, Option<i64>>(7)?.map(timestamp),
        signs: signs(conn, id)?,
    })
}

/// A case by its number, open or not.
pub(super) fn case(conn: &Connection, id: CaseId) -> rusqlite::Result<Option<CaseView>> {
    let sql = format!("select {COLUMNS} where case_id = ?1");
    conn.prepare_cached(&sql)?.query_row(params![id.0], |row| view(conn, row)).optional()
}

/// A case that is open.
pub(super) fn open_one(conn: &Connection, id: CaseId) -> Result<CaseView, Stop<NoSuchCase>> {
    let found = case(conn, id)?.filter(|case| case.level.is_open());
    found.ok_or(Stop::Refused(NoSuchCase::NotOpen))
}

/// The open case of a volume.
pub(super) fn open_case(conn: &Connection, volume: VolumeId) -> rusqlite::Result<Option<CaseView>> {
    let sql = format!("select {COLUMNS} where volume_id = ?1 and closed_at_us is null");
    conn.prepare_cached(&sql)?.query_row(params![volume.0], |row| view(conn, row)).optional()
}

fn signs(conn: &Connection, case: CaseId) -> rusqlite::Result<Vec<Sign>> {
    let mut statement = conn.prepare_cached("select sign from missing_sign where case_id = ?1")?;
    let words = statement.query_map(params![case.0], |row| row.get::<_, String>(0))?;
    words.filter_map(|word| word.map(|word| Sign::parse(&word)).transpose()).collect()
}

/// Who needs a chart, and when.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Wanted {
    pub(in crate::store) at: Timestamp,
    pub(in crate::store) by: CustodianId,
}

/// What is told about a volume.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Told<'a> {
    pub(in crate::store) signs: &'a [Sign],
    pub(in crate::store) wanted: Option<Wanted>,
    pub(in crate::store) actor: Option<&'a str>,
    pub(in crate::store) now_us: i64,
}

/// Notes what speaks against the record of a volume, and opens its case or moves it on if that is enough. Noted twice,
/// it changes nothing.
pub(in crate::store) fn evidence(
    conn: &Connection,
    volume: VolumeId,
    told: &Told<'_>,
) -> rusqlite::Result<Option<CaseId>> {
    let Told { signs: fresh, wanted, now_us, .. } = *told;
    let before = open_case(conn, volume)?;
    let mut all = before.as_ref().map(|case| case.signs.clone()).unwrap_or_default();
    all.extend(fresh.iter().filter(|sign| before.as_ref().is_none_or(|case| !case.signs.contains(sign))));
    let (level, id) = (before.as_ref().map(|case| case.level), before.as_ref().map(|case| case.id));
    let flagged = fresh.contains(&Sign::Flagged).then_some(Step::Declare);
    // A step that the case does not take (any more) is no news.
    let to = flagged.or_else(|| step(level, &all)).and_then(|step| next(level, step, false).ok());
    let id = match (id, to) {
        (None, None) => return Ok(None),
        (None, Some(level)) => open(conn, volume, level, told)?,
        (Some(id), to) => {
            if let Some(level) = to {
                set_level(conn, id, level, &Taken { actor: told.actor, ..Taken::at(now_us) })?;
            }
            id
        }
    };
    for sign in fresh {
        conn.prepare_cached(
            "insert into missing_sign (case_id, sign, at_us) values (?1, ?2, ?3) on conflict do nothing",
        )?
        .execute(params![id.0, sign.as_str(), now_us])?;
    }
    conn.prepare_cached(
        "update missing_case set suspicion = ?2, needed_at_us = coalesce(?3, needed_at_us),
                needed_by_id = coalesce(?4, needed_by_id)
         where case_id = ?1 and (suspicion <> ?2 or ?3 is not null)",
    )?
    .execute(params![
        id.0,
        suspicion(&all),
        wanted.map(|wanted| wanted.at.as_microsecond()),
        wanted.map(|wanted| wanted.by.0)
    ])?;
    Ok(Some(id))
}

fn open(conn: &Connection, volume: VolumeId, level: Level, told: &Told<'_>) -> rusqlite::Result<CaseId> {
    let seen = last_seen(conn, volume)?;
    conn.prepare_cached(
        "insert into missing_case (volume_id, level, discovered_at_us, movement_no, last_seen, answerable_id, suspicion,
                                   changed_at_us)
         select volume_id, ?2, ?3, movement_no, ?4, at_id, 0, ?3 from volume where volume_id = ?1",
    )?
    .execute(params![volume.0, level.as_str(), told.now_us, seen.as_str()])?;
    let id = CaseId(conn.last_insert_rowid());
    write_step(conn, id, level, &Taken { actor: told.actor, ..Taken::at(told.now_us) })?;
    Ok(id)
}

/// What the record says of a volume.
pub(super) fn last_seen(conn: &Connection, volume: VolumeId) -> rusqlite::Result<LastSeen> {
    conn.prepare_cached(
        "select v.at_id = v.home_id, v.in_transit is not null, c.kind
         from volume v join custodian c on c.custodian_id = v.at_id where volume_id = ?1",
    )?
    .query_row(params![volume.0], |row| {
        let kind: String = row.get(2)?;
        Ok(match (row.get(0)?, row.get(1)?, Role::of(&kind)) {
            (true, ..) => LastSeen::Home,
            (_, true, _) => LastSeen::OnTheWay,
            (_, _, Role::Sorting) => LastSeen::Sorting,
            _ => LastSeen::Holder,
        })
    })
}

/// How a case came to a level.
#[derive(Debug, Clone, Copy)]
pub(super) struct Taken<'a> {
    /// Who scanned the chart.
    pub(super) found: Option<CustodianId>,
    pub(super) actor: Option<&'a str>,
    pub(super) why: Option<&'a str>,
    pub(super) now_us: i64,
}

impl Taken<'_> {
    pub(super) fn at(now_us: i64) -> Taken<'static> {
        Taken { found: None, actor: None, why: None, now_us }
    }
}

/// Moves a case on by a step.
pub(super) fn take(
    ledger: &Ledger<'_>,
    case: &CaseView,
    step: Step,
    taken: &Taken<'_>,
) -> Result<Level, Stop<NoSuchCase>> {
    let level = next(Some(case.level), step, ledger.memory.confirms_finds()).map_err(NoSuchCase::Step)?;
    set_level(ledger.conn, case.id, level, taken)?;
    Ok(level)
}

fn set_level(conn: &Connection, case: CaseId, level: Level, taken: &Taken<'_>) -> rusqlite::Result<()> {
    let closed = (!level.is_open()).then_some(taken.now_us);
    conn.prepare_cached(
        "update missing_case set level = ?2, changed_at_us = ?3, closed_at_us = ?4, found_at_id = coalesce(?5, found_at_id)
         where case_id = ?1",
    )?
    .execute(params![case.0, level.as_str(), taken.now_us, closed, taken.found.map(|id| id.0)])?;
    write_step(conn, case, level, taken)
}

fn write_step(conn: &Connection, case: CaseId, level: Level, taken: &Taken<'_>) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "insert into missing_step (case_id, at_us, level, actor, why) values (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![case.0, taken.now_us, level.as_str(), taken.actor, taken.why])?;
    Ok(())
}

/// A scan, as far as it matters to cases.
pub(in crate::store) struct Scanned<'a> {
    pub(in crate::store) meaning: Option<&'a Meaning>,
    pub(in crate::store) judged: &'a Judgement,
    pub(in crate::store) here: CustodianId,
    pub(in crate::store) actor: Option<&'a str>,
    /// A supervisor has to confirm finds.
    pub(in crate::store) confirms: bool,
    pub(in crate::store) now_us: i64,
}

/// What a scan means to the case of its volume: any that puts the chart somewhere, or confirms it where it is, ends the
/// case; a flag opens one; a flag that is taken back ends it; the end of a round through a room is kept for the sweep.
/// Part of the scan's own transaction.
pub(in crate::store) fn scanned(conn: &Connection, scan: &Scanned<'_>) -> rusqlite::Result<()> {
    let now_us = scan.now_us;
    match (&scan.judged.act, scan.meaning) {
        (Act::Move { kind: MovementKind::Missing, volume, .. }, _) => {
            let told = Told { signs: &[Sign::Flagged], wanted: None, actor: scan.actor, now_us };
            evidence(conn, *volume, &told)?;
        }
        (Act::Undo { volume, undoes }, _) => unflag(conn, *volume, undoes.0, scan)?,
        (Act::Done(Some(round)), _) => {
            conn.prepare_cached(
                "insert into missing_round (custodian_id, since_us, done_us) values (?1, ?2, ?3)",
            )?
            .execute(params![round.custodian.0, round.since.as_microsecond(), now_us])?;
        }
        (Act::Searched(code), _) => search_codes::told(conn, *code, scan.actor, now_us)?,
        // A command's one chart may be named by the label on its outguide.
        (Act::Mode(_), _) => {}
        (_, Some(Meaning::Volume(volume))) if is_in_hand(scan.judged.verdict) => {
            come_to_light(conn, volume, scan)?;
        }
        _ => {}
    }
    Ok(())
}

/// A flag that is taken back clears the case that it opened.
fn unflag(conn: &Connection, volume: VolumeId, undoes: i64, scan: &Scanned<'_>) -> rusqlite::Result<()> {
    let was_flag: bool = conn
        .prepare_cached("select kind = 'missing' from any_movement where movement_no = ?1")?
        .query_row(params![undoes], |row| row.get(0))?;
    match open_case(conn, volume)? {
        Some(case) if was_flag && case.level == Level::Missing => {
            let why = Some("the flag was taken back");
            let taken = Taken { actor: scan.actor, why, ..Taken::at(scan.now_us) };
            set_level(conn, case.id, Level::Cleared, &taken)
        }
        _ => Ok(()),
    }
}

/// The chart is where it was scanned, and the record says so now.
fn is_in_hand(verdict: Verdict) -> bool {
    matches!(
        verdict,
        Verdict::Moved
            | Verdict::Attention
            | Verdict::Sighted
            | Verdict::Found
            | Verdict::AlreadyHere
            | Verdict::DoubleRead
    )
}

fn come_to_light(conn: &Connection, volume: &Volume, scan: &Scanned<'_>) -> rusqlite::Result<()> {
    // The volume was looked up with its case: a chart that nobody misses costs no further look.
    if !volume.has_case {
        return Ok(());
    }
    if let Some(case) = open_case(conn, volume.id)?
        && let Ok(level) = next(Some(case.level), Step::Scanned, scan.confirms)
    {
        let taken = Taken {
            found: Some(scan.here),
            actor: scan.actor,
            why: Some("it was scanned"),
            now_us: scan.now_us,
        };
        set_level(conn, case.id, level, &taken)?;
    }
    Ok(())
}

/// Adds who changed a case to the audit log.
pub(super) fn audit(
    ledger: &mut Ledger<'_>,
    actor: Option<&str>,
    case: CaseId,
    what: &str,
) -> rusqlite::Result<()> {
    ledger.audit("missing", actor, &format!("case {case}: {what}"))
}
