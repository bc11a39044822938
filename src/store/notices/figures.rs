//! Figures for whoever looks after the file room: who is asked how much, and what comes of it.

use crate::store::read::named;
use crate::store::{Named, Store, StoreError, micros};
use jiff::SignedDuration;
use rusqlite::{OptionalExtension, params};

/// The time that figures are about.
const SPAN: SignedDuration = SignedDuration::from_hours(90 * 24);
/// Most custodians.
const ROWS: i64 = 200;

/// A custodian's figures of 90 days. Notices of what was found are left out: they ask for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeFigures {
    /// Who was asked.
    pub custodian: Named,
    /// Notices to them.
    pub notices: u64,
    /// Of these, refused or returned by the mail server.
    pub refused: u64,
    /// Charts in them, each once a step.
    pub charts: u64,
    /// Of these, scanned elsewhere since.
    pub came_back: u64,
    /// Answers of theirs.
    pub answers: u64,
}

impl Store {
    /// Who was asked most in the last 90 days, and what came of it.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn notice_figures(&self) -> Result<Vec<NoticeFigures>, StoreError> {
        let since = self.clock.now().checked_sub(SPAN).unwrap_or_default();
        self.read("count notices", move |conn| {
            conn.prepare_cached(
                "select c.custodian_id, c.code, c.name, c.phone, count(distinct n.notice_id),
                        count(distinct n.notice_id) filter (where n.state = 'refused'), count(*), count(nv.settled_at_us),
                        (select count(*) from notice_answer a join notice m using (notice_id)
                         where m.to_id = c.custodian_id and m.created_at_us >= ?1)
                 from notice n join notice_volume nv using (notice_id) join custodian c on c.custodian_id = n.to_id
                 where n.created_at_us >= ?1 and n.state <> 'withdrawn' and n.step <> 'found'
                 group by c.custodian_id order by 7 desc, c.name limit ?2",
            )?
            .query_map(params![micros(since), ROWS], |row| {
                Ok(NoticeFigures {
                    custodian: named(row, 0)?,
                    notices: row.get(4)?,
                    refused: row.get(5)?,
                    charts: row.get(6)?,
                    came_back: row.get(7)?,
                    answers: row.get(8)?,
                })
            })?
            .collect()
        })
        .await
    }

    /// Which of these codes of custodians nobody answers to: closed, or not on file.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn nobody_there(&self, codes: Vec<String>) -> Result<Vec<String>, StoreError> {
        self.read("look up recipients", move |conn| {
            let mut nobody = Vec::new();
            for code in &codes {
                let is_there: Option<bool> = conn
                    .prepare_cached("select closed_at_us is null from custodian where code = ?1")?
                    .query_row(params![code], |row| row.get(0))
                    .optional()?;
                if is_there != Some(true) {
                    nobody.push(code.clone());
                }
            }
            Ok(nobody)
        })
        .await
    }
}
