//! Answers on paper: the bar codes of a slip, scanned at any station. Evidence, as those of the page are.

use crate::label::LabelKind;
use crate::notice::{Answer, NoticeId};
use crate::store::restricted::is_restricted;
use crate::store::{Store, StoreError};
use crate::tracking::grammar::{Meaning, Reply};
use crate::tracking::{ChartId, ReplyCode, ScanNo};
use rusqlite::{Connection, OptionalExtension, params};

/// A code is the number of the row times this, and the place of the answer among all.
const ANSWERS: i64 = 4;

/// The key of the bar code that gives this answer in a row of a notice.
pub fn reply_key(row: i64, answer: Answer) -> String {
    let place = Answer::ALL.iter().position(|other| *other == answer).unwrap_or_default();
    let number = i64::try_from(place).unwrap_or_default() + row * ANSWERS;
    LabelKind::own_reply_key(u64::try_from(number).unwrap_or_default())
}

/// The row and the answer of a code.
fn parts(code: ReplyCode) -> Option<(i64, Answer)> {
    let place = usize::try_from(code.0 % ANSWERS).ok()?;
    Some((code.0 / ANSWERS, *Answer::ALL.get(place)?))
}

fn code(key: &str) -> Option<ReplyCode> {
    i64::try_from(LabelKind::reply_number(key)?).ok().map(ReplyCode)
}

/// What the label of an answer says, if it is one.
pub(in crate::store) fn meaning(conn: &Connection, key: &str) -> rusqlite::Result<Option<Meaning>> {
    let Some(code) = code(key) else { return Ok(None) };
    let Some((row, answer)) = parts(code) else { return Ok(None) };
    let found: Option<(String, String, u32, bool, String, ChartId)> = conn
        .prepare_cached(
            "select c.name, h.mrn, v.number, nv.settled_at_us is not null or v.movement_no > nv.stay_no, v.label, h.chart_id
             from notice_volume nv join custodian c on c.custodian_id = nv.to_id
             join volume v using (volume_id) join chart h using (chart_id) where nv.row_no = ?1",
        )?
        .query_row(params![row], |row| {
            let chart = row.get(5).map(ChartId)?;
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, chart))
        })
        .optional()?;
    let Some((who, mrn, number, is_over, label, chart)) = found else { return Ok(None) };
    // What a scan was told stays in the journal and on the board: of a restricted chart, the folder.
    let chart = if is_restricted(conn, chart)? { label } else { mrn };
    let volume = if number > 1 { format!(" vol. {number}") } else { String::new() };
    let said = answer.words(None);
    Ok(Some(Meaning::Reply(Reply { code, words: format!("{who} says of {chart}{volume}: {said}"), is_over })))
}

/// Writes down an answer that was scanned.
pub(in crate::store) fn take(
    conn: &Connection,
    code: ReplyCode,
    scan: ScanNo,
    actor: Option<&str>,
    at_us: i64,
) -> rusqlite::Result<()> {
    let Some((row, answer)) = parts(code) else { return Ok(()) };
    conn.prepare_cached(
        "insert into notice_answer (notice_id, volume_id, stay_no, answer, at_us, actor, scan_no)
         select notice_id, volume_id, stay_no, ?2, ?3, ?4, ?5 from notice_volume where row_no = ?1",
    )?
    .execute(params![row, answer.as_str(), at_us, actor, scan.0])?;
    Ok(())
}

impl Store {
    /// The notice that a slip's bar code belongs to; `None` if it is none.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn notice_of_reply(&self, key: &str) -> Result<Option<NoticeId>, StoreError> {
        let Some((row, _)) = code(key).and_then(parts) else { return Ok(None) };
        self.read("find the notice of a slip", move |conn| {
            conn.prepare_cached("select notice_id from notice_volume where row_no = ?1")?
                .query_row(params![row], |row| row.get(0).map(NoticeId))
                .optional()
        })
        .await
    }
}
