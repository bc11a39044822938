//! Notices in the list of all that happened to a chart.

use crate::notice::{Answer, NoticeId};
use crate::store::happened::{Entry, Happened, Part};
use crate::tracking::VolumeId;
use rusqlite::{Connection, Row};

/// Something that happened to a notice about the chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeHappened {
    /// Which notice.
    pub notice: NoticeId,
    /// About which volume.
    pub volume: VolumeId,
    /// Name of its step.
    pub step: String,
    /// Who gets it.
    pub to: String,
    /// What.
    pub what: NoticeTold,
}

/// What happened to a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoticeTold {
    /// It was owed, and written.
    Written,
    /// It left the queue.
    Ended {
        /// sent, refused, withdrawn.
        state: String,
        /// mail, webhook, slip.
        channel: String,
    },
    /// Somebody answered.
    Answered {
        /// What.
        answer: Answer,
        /// The day or the holder.
        detail: Option<String>,
        /// Who, if somebody is known.
        actor: Option<String>,
    },
}

/// What a chart's volumes are joined to their notices by.
const OF_CHART: &str =
    "from chart c join volume v using (chart_id) join notice_volume nv using (volume_id) join notice n using (notice_id)
     join custodian t on t.custodian_id = n.to_id
     where (c.chart_id = ?1 or c.merged_into = ?1)";

/// When a notice was written.
pub(in crate::store) fn written(conn: &Connection, part: &Part) -> rusqlite::Result<Vec<Entry>> {
    let sql = format!(
        "select n.created_at_us, nv.row_no, n.notice_id, nv.volume_id, n.step, t.name {OF_CHART}
         and (n.created_at_us, nv.row_no) < (?2, ?3) order by n.created_at_us desc, nv.row_no desc limit ?4"
    );
    part.read(conn, &sql, |row| Ok(Happened::Noticed(notice(row, NoticeTold::Written)?)))
}

/// When a notice was sent, refused or withdrawn.
pub(in crate::store) fn ended(conn: &Connection, part: &Part) -> rusqlite::Result<Vec<Entry>> {
    let sql = format!(
        "select n.ended_at_us, nv.row_no, n.notice_id, nv.volume_id, n.step, t.name, n.state, n.channel {OF_CHART}
         and n.ended_at_us is not null and (n.ended_at_us, nv.row_no) < (?2, ?3)
         order by n.ended_at_us desc, nv.row_no desc limit ?4"
    );
    part.read(conn, &sql, |row| {
        let what = NoticeTold::Ended { state: row.get(6)?, channel: row.get(7)? };
        Ok(Happened::Noticed(notice(row, what)?))
    })
}

/// When somebody answered.
pub(in crate::store) fn answered(conn: &Connection, part: &Part) -> rusqlite::Result<Vec<Entry>> {
    let sql = "select a.at_us, a.answer_id, n.notice_id, a.volume_id, n.step, t.name, a.answer, a.detail, a.actor
         from chart c join volume v using (chart_id) join notice_answer a using (volume_id) join notice n using (notice_id)
         join custodian t on t.custodian_id = n.to_id
         where (c.chart_id = ?1 or c.merged_into = ?1) and (a.at_us, a.answer_id) < (?2, ?3)
         order by a.at_us desc, a.answer_id desc limit ?4";
    part.read(conn, sql, |row| {
        let answer: String = row.get(6)?;
        let answer = Answer::parse(&answer).unwrap_or(Answer::Here);
        let what = NoticeTold::Answered { answer, detail: row.get(7)?, actor: row.get(8)? };
        Ok(Happened::Noticed(notice(row, what)?))
    })
}

fn notice(row: &Row<'_>, what: NoticeTold) -> rusqlite::Result<NoticeHappened> {
    Ok(NoticeHappened {
        notice: NoticeId(row.get(2)?),
        volume: VolumeId(row.get(3)?),
        step: row.get(4)?,
        to: row.get(5)?,
        what,
    })
}
