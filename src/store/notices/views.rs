//! What pages and the sender ask: the outbox, one notice with its charts and answers, and the notices of a chart.

use super::searched::searched;
use crate::notice::{Answer, Asked, NoticeId};
use crate::store::{Named, Store, StoreError, timestamp};
use crate::tracking::{CustodianId, Filed, FilingScheme, VolumeId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Notices that a page lists.
const ROWS: i64 = 200;
/// Most answers that are shown of one chart.
const ANSWERS: i64 = 20;

/// A notice in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeLine {
    /// Which one.
    pub id: NoticeId,
    /// Name of the step.
    pub step: String,
    /// Who gets it.
    pub to: Named,
    /// mail, webhook, slip.
    pub channel: String,
    /// queued, sent, refused, withdrawn.
    pub state: String,
    /// When it was written.
    pub created_at: Timestamp,
    /// When it left the queue.
    pub ended_at: Option<Timestamp>,
    /// How often it was tried.
    pub tries: u32,
    /// What the server said last.
    pub told: Option<String>,
    /// How many charts it is about.
    pub charts: u64,
    /// How many of them were not scanned elsewhere since.
    pub open: u64,
}

/// The outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticesView {
    /// How many there are in each state.
    pub counts: Vec<(String, u64)>,
    /// What waits or was refused first, then the newest.
    pub lines: Vec<NoticeLine>,
}

/// One notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeView {
    /// The notice.
    pub line: NoticeLine,
    /// Its first charts.
    pub charts: Vec<Asked>,
    /// The answers to it, the newest first.
    pub answers: Vec<AnswerView>,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerView {
    /// To which notice.
    pub notice: NoticeId,
    /// About which volume.
    pub volume: VolumeId,
    /// What was said.
    pub answer: Answer,
    /// The day or the holder.
    pub detail: Option<String>,
    /// When.
    pub at: Timestamp,
    /// By whom, or who scanned the slip.
    pub actor: Option<String>,
    /// The bar code of a slip was scanned.
    pub is_scanned: bool,
}

/// A notice that goes by hand.
pub type Slip = NoticeView;

const COLUMNS: &str = "
  n.notice_id, n.step, c.custodian_id, c.code, c.name, c.phone, n.channel, n.state, n.created_at_us, n.ended_at_us, n.tries,
  n.told, (select count(*) from notice_volume v where v.notice_id = n.notice_id),
  (select count(*) from notice_volume v where v.notice_id = n.notice_id and (v.settled_at_us is null or v.step = 'found'))
  from notice n join custodian c on c.custodian_id = n.to_id";

impl Store {
    /// The outbox: what waits, what was refused, and what was sent last.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn notices(&self) -> Result<NoticesView, StoreError> {
        self.read("list notices", |conn| {
            let counts = conn
                .prepare_cached("select state, count(*) from notice group by state order by state")?
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<rusqlite::Result<_>>()?;
            let sql = format!(
                "select {COLUMNS} order by n.state not in ('queued', 'refused'), n.notice_id desc limit ?1"
            );
            let lines = conn
                .prepare_cached(&sql)?
                .query_map(params![ROWS], line)?
                .collect::<rusqlite::Result<_>>()?;
            Ok(NoticesView { counts, lines })
        })
        .await
    }

    /// One notice with its first `charts` charts; `None` if there is none. Names of patients only if `names`.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn notice(
        &self,
        notice: NoticeId,
        charts: usize,
        names: bool,
    ) -> Result<Option<NoticeView>, StoreError> {
        self.read("show a notice", move |conn| view(conn, notice, charts, names)).await
    }

    /// The slips that wait to be printed, the oldest first.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn slips(&self, rows: usize, charts: usize, names: bool) -> Result<Vec<Slip>, StoreError> {
        self.read("list slips", move |conn| {
            let ids: Vec<i64> = conn
                .prepare_cached(
                    "select notice_id from notice where state = 'queued' and channel = 'slip'
                     order by notice_id limit ?1",
                )?
                .query_map(params![rows], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            let found = ids.into_iter().map(|id| view(conn, NoticeId(id), charts, names));
            Ok(found.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().flatten().collect())
        })
        .await
    }
}

fn answer(row: &Row<'_>) -> rusqlite::Result<AnswerView> {
    let answer: String = row.get(2)?;
    Ok(AnswerView {
        notice: NoticeId(row.get(0)?),
        volume: VolumeId(row.get(1)?),
        answer: Answer::parse(&answer).unwrap_or(Answer::Here),
        detail: row.get(3)?,
        at: timestamp(row.get(4)?),
        actor: row.get(5)?,
        is_scanned: row.get(6)?,
    })
}

fn line(row: &Row<'_>) -> rusqlite::Result<NoticeLine> {
    Ok(NoticeLine {
        id: NoticeId(row.get(0)?),
        step: row.get(1)?,
        to: Named { id: CustodianId(row.get(2)?), code: row.get(3)?, name: row.get(4)?, phone: row.get(5)? },
        channel: row.get(6)?,
        state: row.get(7)?,
        created_at: timestamp(row.get(8)?),
        ended_at: row.get::<_, Option<i64>>(9)?.map(timestamp),
        tries: row.get(10)?,
        told: row.get(11)?,
        charts: row.get(12)?,
        open: row.get(13)?,
    })
}

fn view(
    conn: &Connection,
    notice: NoticeId,
    charts: usize,
    names: bool,
) -> rusqlite::Result<Option<NoticeView>> {
    let sql = format!("select {COLUMNS} where n.notice_id = ?1");
    let Some(line) = conn.prepare_cached(&sql)?.query_row(params![notice.0], line).optional()? else {
        return Ok(None);
    };
    let charts = asked(conn, notice, charts, names)?;
    let answers = conn
        .prepare_cached(
            "select notice_id, volume_id, answer, detail, at_us, actor, scan_no is not null from notice_answer
             where notice_id = ?1 order by answer_id desc limit ?2",
        )?
        .query_map(params![notice.0, ROWS], answer)?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Some(NoticeView { line, charts, answers }))
}

/// The first charts of a notice, in the order of the shelves; those that came back since are left out, unless that is
/// what the notice is about.
fn asked(conn: &Connection, notice: NoticeId, rows: usize, names: bool) -> rusqlite::Result<Vec<Asked>> {
    let mut charts: Vec<Asked> = conn
        .prepare_cached(
            "select v.volume_id, h.mrn, case when ?3 then p.name end, v.number, h.record_type, v.label, home.name,
                    home.filing_scheme, h.mrn_key, at.name, case when m.kind <> 'import' then m.scanned_at_us end, coalesce(s.name, ''), sender.name,
                    v.due_at_us, coalesce(need.needed_at_us, nv.needed_at_us), needer.name, nv.row_no
             from notice_volume nv join volume v using (volume_id) join chart h using (chart_id)
             join custodian home on home.custodian_id = v.home_id join custodian at on at.custodian_id = v.at_id
             left join patient p on p.patient_id = h.patient_id
             left join movement m on m.movement_no = v.movement_no
             left join station s on s.station_id = m.station_id
             left join custodian sender on sender.custodian_id = m.from_id
             left join request need on need.request_id = (
               select r.request_id from request r
               where r.volume_id = v.volume_id and r.closed_at_us is null and r.to_id <> v.at_id
               order by r.needed_at_us, r.priority desc limit 1)
             left join custodian needer on needer.custodian_id = need.to_id
             where nv.notice_id = ?1 and (nv.settled_at_us is null or nv.step = 'found')
             order by home.name, v.filing_key, v.volume_id limit ?2",
        )?
        .query_map(params![notice.0, rows, names], chart)?
        .collect::<rusqlite::Result<_>>()?;
    let found = is_found(conn, notice)?;
    for chart in &mut charts {
        chart.searched = searched(conn, chart.volume, found)?;
        chart.answers = conn
            .prepare_cached(
                "select a.answer, a.detail from notice_answer a join notice_volume nv
                   on nv.volume_id = a.volume_id and nv.stay_no = a.stay_no and nv.notice_id = ?2
                 where a.volume_id = ?1 order by a.answer_id limit ?3",
            )?
            .query_map(params![chart.volume.0, notice.0, ANSWERS], |row| {
                let (answer, detail): (String, Option<String>) = (row.get(0)?, row.get(1)?);
                Ok(Answer::parse(&answer).map_or(answer, |answer| answer.words(detail.as_deref())))
            })?
            .collect::<rusqlite::Result<_>>()?;
    }
    Ok(charts)
}

/// The notice tells that charts are back.
fn is_found(conn: &Connection, notice: NoticeId) -> rusqlite::Result<bool> {
    conn.prepare_cached("select step = 'found' from notice where notice_id = ?1")?
        .query_row(params![notice.0], |row| row.get(0))
}

fn chart(row: &Row<'_>) -> rusqlite::Result<Asked> {
    let (number, scheme, key): (u32, String, String) = (row.get(3)?, row.get(7)?, row.get(8)?);
    let mrn: String = row.get(1)?;
    let slot = FilingScheme::parse(&scheme)
        .map_or_else(|_| mrn.clone(), |scheme| scheme.shelf_words(&Filed::by_number(&key, number)));
    let station: String = row.get(11)?;
    Ok(Asked {
        volume: VolumeId(row.get(0)?),
        mrn,
        name: row.get(2)?,
        number,
        record_type: row.get(4)?,
        label: row.get(5)?,
        home: row.get(6)?,
        slot,
        holder: row.get(9)?,
        seen_at: row.get::<_, Option<i64>>(10)?.map(timestamp),
        seen_by: Some(station).filter(|station| !station.is_empty()),
        before: row.get(12)?,
        due_at: row.get::<_, Option<i64>>(13)?.map(timestamp),
        needed_at: row.get::<_, Option<i64>>(14)?.map(timestamp),
        needed_by: row.get(15)?,
        row: row.get(16)?,
        searched: Vec::new(),
        answers: Vec::new(),
    })
}
