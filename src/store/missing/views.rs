//! Cases as people see them: the open ones, and one with everything that is known and was done.

use super::cases::{CaseView, case};
use crate::missing::case::{Level, Reason, Sign};
use crate::missing::plan::{Clue, Place, Thoroughness};
use crate::store::read::{VOLUME_COLUMNS, named, volume_view};
use crate::store::{Named, Store, StoreError, VolumeView, micros, timestamp};
use crate::tracking::{CaseId, ChartId, VolumeId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

/// Most looks and steps of one case that are shown.
const ROWS_MAX: i64 = 500;

/// An open case in the list of them.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenCase {
    /// Which one.
    pub id: CaseId,
    /// Of which folder.
    pub volume: VolumeId,
    /// The chart that it is part of.
    pub chart: ChartId,
    /// The patient's number as the site writes it.
    pub mrn: String,
    /// Key of its newest label.
    pub label: String,
    /// 1 for the first volume.
    pub number: u32,
    /// How far it has come.
    pub level: Level,
    /// When it was suspected first.
    pub discovered_at: Timestamp,
    /// Its last recorded holder.
    pub answerable: Named,
    /// The chance that it is not where the record says.
    pub suspicion: f64,
    /// When somebody needs it.
    pub needed_at: Option<Timestamp>,
    /// Who.
    pub needed_by: Option<String>,
    /// How often somebody looked for it.
    pub looks: u32,
}

/// A case with everything that is known and was done.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseDetail {
    /// The case.
    pub case: CaseView,
    /// Its folder as it is now.
    pub folder: VolumeView,
    /// Its last recorded holder when it was discovered.
    pub answerable: Named,
    /// Who needs it.
    pub needed_by: Option<Named>,
    /// What speaks for it, and since when.
    pub signs: Vec<(Sign, Timestamp)>,
    /// Its levels, the first first.
    pub steps: Vec<CaseStep>,
    /// Where somebody looked in vain, the first first.
    pub looks: Vec<LookView>,
    /// Who is on the way to which place.
    pub claims: Vec<Claim>,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// Who scanned it then.
    pub found_by: Option<String>,
    /// Where it was, if somebody told.
    pub found_place: Option<Place>,
    /// What explains that best.
    pub found_clue: Option<Clue>,
    /// Why it was not where the record said.
    pub reason: Option<Reason>,
    /// The same in words.
    pub reason_words: Option<String>,
}

/// A step of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseStep {
    /// When.
    pub at: Timestamp,
    /// What it is since.
    pub level: Level,
    /// Who; none: evidence alone.
    pub actor: Option<String>,
    /// Why.
    pub why: Option<String>,
}

/// Somebody looked, and it was not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookView {
    /// Where.
    pub place: Place,
    /// How.
    pub how: Thoroughness,
    /// Who.
    pub looker: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// Somebody is on the way to a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Which.
    pub place: Place,
    /// Who.
    pub who: String,
    /// Until when nobody else is sent there.
    pub until: Timestamp,
}

impl Store {
    /// Open cases: what is needed first, then the oldest; `rows` at most.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn missing_board(&self, rows: u32) -> Result<Vec<OpenCase>, StoreError> {
        self.read("list missing charts", move |conn| board(conn, rows)).await
    }

    /// A case with everything that is known and was done; `None` if there is none.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn case_detail(&self, id: CaseId) -> Result<Option<CaseDetail>, StoreError> {
        let now = self.clock.now();
        self.read("show a case", move |conn| case(conn, id)?.map(|case| detail(conn, case, now)).transpose())
            .await
    }

    /// The cases of a chart's folders that are open, or ended last: for the chart's page.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn cases_of_chart(
        &self,
        chart: ChartId,
    ) -> Result<Vec<(CaseId, VolumeId, Level, Timestamp)>, StoreError> {
        self.read("list the cases of a chart", move |conn| {
            conn.prepare_cached(
                "with part (id) as (select volume_id from volume where chart_id = ?1)
                 select case_id, volume_id, level, changed_at_us, 0 as is_closed from part
                   join missing_case on volume_id = id and closed_at_us is null
                 union all
                 select case_id, volume_id, level, changed_at_us, 1 from part
                   join missing_case on volume_id = id and closed_at_us is not null
                 order by is_closed, case_id desc limit 10",
            )?
            .query_map(params![chart.0], |row| {
                let level: String = row.get(2)?;
                let level = Level::parse(&level).unwrap_or(Level::Searching);
                Ok((CaseId(row.get(0)?), VolumeId(row.get(1)?), level, timestamp(row.get(3)?)))
            })?
            .collect()
        })
        .await
    }
}

fn board(conn: &Connection, rows: u32) -> rusqlite::Result<Vec<OpenCase>> {
    conn.prepare_cached(
        "select case_id, s.volume_id, v.chart_id, h.mrn, v.number, s.level, discovered_at_us, suspicion, needed_at_us, n.name,
                (select count(*) from missing_look l where l.case_id = s.case_id),
                a.custodian_id, a.code, a.name, a.phone, v.label
         from missing_case s join volume v using (volume_id) join chart h using (chart_id)
         join custodian a on a.custodian_id = answerable_id
         left join custodian n on n.custodian_id = needed_by_id
         where s.closed_at_us is null
         order by s.level = 'presumed-lost', needed_at_us is null, needed_at_us, discovered_at_us, case_id limit ?1",
    )?
    .query_map(params![rows], |row| {
        let level: String = row.get(5)?;
        Ok(OpenCase {
            id: CaseId(row.get(0)?),
            volume: VolumeId(row.get(1)?),
            chart: ChartId(row.get(2)?),
            mrn: row.get(3)?,
            number: row.get(4)?,
            level: Level::parse(&level).unwrap_or(Level::Searching),
            discovered_at: timestamp(row.get(6)?),
            suspicion: row.get(7)?,
            needed_at: row.get::<_, Option<i64>>(8)?.map(timestamp),
            needed_by: row.get(9)?,
            looks: row.get(10)?,
            answerable: named(row, 11)?,
            label: row.get(15)?,
        })
    })?
    .collect()
}

fn detail(conn: &Connection, case: CaseView, now: Timestamp) -> rusqlite::Result<CaseDetail> {
    let id = case.id.0;
    let sql = format!("select {VOLUME_COLUMNS} where volume.volume_id = ?1");
    let folder = conn.prepare_cached(&sql)?.query_row(params![case.volume.0], volume_view)?;
    let who = |column: &str| -> rusqlite::Result<Option<Named>> {
        let sql = format!(
            "select custodian_id, code, name, phone from missing_case join custodian on custodian_id = {column}
             where case_id = ?1"
        );
        conn.prepare_cached(&sql)?.query_row(params![id], |row| named(row, 0)).optional()
    };
    let answerable = who("answerable_id")?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    let words = |row: &rusqlite::Row<'_>, at| row.get::<_, Option<String>>(at);
    let (closed_at, place, clue, reason, reason_words) = conn
        .prepare_cached(
            "select closed_at_us, found_place, found_clue, reason, reason_words from missing_case where case_id = ?1",
        )?
        .query_row(params![id], |row| {
            let closed = row.get::<_, Option<i64>>(0)?.map(timestamp);
            Ok((closed, words(row, 1)?, words(row, 2)?, words(row, 3)?, words(row, 4)?))
        })?;
    Ok(CaseDetail {
        answerable,
        needed_by: who("needed_by_id")?,
        found_by: who("found_at_id")?.map(|found| found.name),
        signs: signs(conn, id)?,
        steps: steps(conn, id)?,
        looks: looks(conn, id)?,
        claims: claims(conn, id, now)?,
        closed_at,
        found_place: place.as_deref().and_then(Place::parse),
        found_clue: clue.as_deref().and_then(Clue::parse),
        reason: reason.as_deref().and_then(Reason::parse),
        reason_words,
        folder,
        case,
    })
}

fn signs(conn: &Connection, case: i64) -> rusqlite::Result<Vec<(Sign, Timestamp)>> {
    let mut found: Vec<(Sign, Timestamp)> = conn
        .prepare_cached("select sign, at_us from missing_sign where case_id = ?1")?
        .query_map(params![case], |row| Ok((row.get::<_, String>(0)?, timestamp(row.get(1)?))))?
        .filter_map(|row| row.map(|(word, at)| Some((Sign::parse(&word)?, at))).transpose())
        .collect::<rusqlite::Result<_>>()?;
    found.sort();
    Ok(found)
}

fn steps(conn: &Connection, case: i64) -> rusqlite::Result<Vec<CaseStep>> {
    conn.prepare_cached(
        "select at_us, level, actor, why from missing_step where case_id = ?1 order by step_id limit ?2",
    )?
    .query_map(params![case, ROWS_MAX], |row| {
        let level: String = row.get(1)?;
        Ok(CaseStep {
            at: timestamp(row.get(0)?),
            level: Level::parse(&level).unwrap_or(Level::Searching),
            actor: row.get(2)?,
            why: row.get(3)?,
        })
    })?
    .collect()
}

fn looks(conn: &Connection, case: i64) -> rusqlite::Result<Vec<LookView>> {
    let mut statement = conn.prepare_cached(
        "select place, how, looker, at_us from missing_look where case_id = ?1 order by look_id limit ?2",
    )?;
    let mut rows = statement.query(params![case, ROWS_MAX])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (place, how): (String, String) = (row.get(0)?, row.get(1)?);
        if let (Some(place), Some(how)) = (Place::parse(&place), Thoroughness::parse(&how)) {
            found.push(LookView { place, how, looker: row.get(2)?, at: timestamp(row.get(3)?) });
        }
    }
    Ok(found)
}

fn claims(conn: &Connection, case: i64, now: Timestamp) -> rusqlite::Result<Vec<Claim>> {
    let mut statement = conn.prepare_cached(
        "select place, who, until_us from missing_claim where case_id = ?1 and until_us > ?2 order by until_us",
    )?;
    let mut rows = statement.query(params![case, micros(now)])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let place: String = row.get(0)?;
        if let Some(place) = Place::parse(&place) {
            found.push(Claim { place, who: row.get(1)?, until: timestamp(row.get(2)?) });
        }
    }
    Ok(found)
}
