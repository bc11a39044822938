//! What those who were asked say. Evidence: only a scan moves a chart.

use crate::notice::{Given, NoticeId};
use crate::store::Store;
use crate::store::change::{Stop, Unchanged};
use rusqlite::{OptionalExtension, params};

/// Why an answer was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAnswered {
    /// The chart is not one of this notice.
    #[error("this notice does not ask for that chart; load its page again")]
    NotAsked,
    /// Nothing was answered.
    #[error("no chart has an answer; choose one for each that you looked for")]
    Nothing,
}

impl Store {
    /// Takes answers to a notice.
    ///
    /// # Errors
    /// One is about a chart that the notice does not ask for, there are none, or the database failed; none is kept.
    pub async fn answer_notice(
        &self,
        notice: NoticeId,
        given: Vec<Given>,
        actor: Option<String>,
    ) -> Result<(), Unchanged<NotAnswered>> {
        self.change(move |ledger| {
            if given.is_empty() {
                return Err(Stop::Refused(NotAnswered::Nothing));
            }
            for answer in &given {
                let stay: Option<i64> = ledger
                    .conn
                    .prepare_cached("select stay_no from notice_volume where notice_id = ?1 and volume_id = ?2")?
                    .query_row(params![notice.0, answer.volume.0], |row| row.get(0))
                    .optional()?;
                let Some(stay) = stay else { return Err(Stop::Refused(NotAnswered::NotAsked)) };
                ledger
                    .conn
                    .prepare_cached(
                        "insert into notice_answer (notice_id, volume_id, stay_no, answer, detail, at_us, actor)
                         values (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    )?
                    .execute(params![
                        notice.0,
                        answer.volume.0,
                        stay,
                        answer.answer.as_str(),
                        answer.detail,
                        ledger.now_us(),
                        actor
                    ])?;
                let detail =
                    format!("notice {notice}, volume {}: {}", answer.volume, answer.answer.as_str());
                ledger.audit("notice-answer", actor.as_deref(), &detail)?;
            }
            Ok(())
        })
        .await
    }
}
