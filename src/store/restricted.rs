//! Restricted charts: opened only by who gives a reason, for a while, and the privacy office reads who did and why.

use super::change::{Stop, Unchanged};
use super::timeline::{About, ChartStep};
use super::{Store, StoreError, micros, timestamp};
use crate::tracking::ChartId;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};
use std::sync::atomic::{AtomicBool, Ordering};

/// Most openings that a page lists.
const NEWS_MAX: i64 = 100;

/// Whether a chart may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Glass {
    /// It is not restricted.
    None,
    /// It is, and whoever asks has given a reason lately.
    Broken,
    /// It is: nothing of it may be shown.
    Whole,
}

/// Why and since when a chart is restricted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestrictionView {
    /// Since when.
    pub since: Timestamp,
    /// By whom.
    pub by: Option<String>,
    /// Why.
    pub why: String,
}

/// A restricted chart that somebody opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlassView {
    /// Which opening.
    pub id: i64,
    /// Which chart.
    pub chart: ChartId,
    /// Who.
    pub actor: String,
    /// When.
    pub at: Timestamp,
    /// Why, as they said.
    pub why: String,
}

/// Somebody opens a restricted chart.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Which.
    pub chart: ChartId,
    /// What came in: a sign-in or a token.
    pub session: String,
    /// Who.
    pub actor: String,
    /// Why.
    pub why: String,
    /// How long it stays open.
    pub open: SignedDuration,
}

/// Why a restriction is not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotRestricted {
    /// There is no such chart.
    #[error("there is no such chart")]
    NoChart,
    /// It is so already.
    #[error("this chart is so already; load the page again")]
    IsSo,
}

/// Whether any chart is restricted, for as long as a daemon runs: where none is, nobody asks the database for each chart.
/// Only the daemon writes to its database, and never takes this back.
pub(super) struct Restricts(AtomicBool);

impl Restricts {
    pub(super) fn read(conn: &Connection) -> Result<Restricts, StoreError> {
        let any = conn.prepare("select 1 from restriction limit 1").and_then(|mut any| any.exists([]));
        Ok(Restricts(AtomicBool::new(any.map_err(StoreError::sqlite("look for restricted charts"))?)))
    }

    pub(super) fn any(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

impl Store {
    /// Whether a chart may be shown to who came in by `session`.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn glass(&self, chart: ChartId, session: String) -> Result<Glass, StoreError> {
        if !self.restricts.any() {
            return Ok(Glass::None);
        }
        let now = micros(self.clock.now());
        self.read("look whether a chart is restricted", move |conn| {
            if !is_restricted(conn, chart)? {
                return Ok(Glass::None);
            }
            let is_open = conn
                .prepare_cached(
                    "select 1 from glass where session = ?2 and until_us > ?3
                       and chart_id = (select coalesce(merged_into, chart_id) from chart where chart_id = ?1)",
                )?
                .exists(params![chart.0, session, now])?;
            Ok(if is_open { Glass::Broken } else { Glass::Whole })
        })
        .await
    }

    /// Why a chart itself is restricted; `None` if it is not, or only by way of one that belongs to it.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn restriction(&self, chart: ChartId) -> Result<Option<RestrictionView>, StoreError> {
        self.read("look whether a chart is restricted", move |conn| {
            conn.prepare_cached("select since_us, made_by, why from restriction where chart_id = ?1")?
                .query_row(params![chart.0], |row| {
                    Ok(RestrictionView { since: timestamp(row.get(0)?), by: row.get(1)?, why: row.get(2)? })
                })
                .optional()
        })
        .await
    }

    /// Restricts a chart.
    ///
    /// # Errors
    /// There is none, or it is restricted, or the database failed; nothing is changed.
    pub async fn restrict(
        &self,
        chart: ChartId,
        why: String,
        actor: Option<String>,
    ) -> Result<(), Unchanged<NotRestricted>> {
        // Before it is on disk: whoever sees the row looks for it.
        self.restricts.0.store(true, Ordering::SeqCst);
        self.change(move |ledger| {
            let known = ledger
                .conn
                .prepare_cached("select 1 from chart where chart_id = ?1")?
                .exists(params![chart.0])?;
            if !known {
                return Err(Stop::Refused(NotRestricted::NoChart));
            }
            let added = ledger
                .conn
                .prepare_cached(
                    "insert into restriction (chart_id, since_us, made_by, why) values (?1, ?2, ?3, ?4)
                     on conflict (chart_id) do nothing",
                )?
                .execute(params![chart.0, ledger.now_us(), actor, why])?;
            if added == 0 {
                return Err(Stop::Refused(NotRestricted::IsSo));
            }
            let detail = format!("chart {chart} restricted: {why}");
            let audit = ledger.audit_step(ChartStep::Restricted, actor.as_deref(), &detail)?;
            Ok(ledger.note(chart, audit, ChartStep::Restricted, About::default())?)
        })
        .await
    }

    /// Takes the restriction of a chart away.
    ///
    /// # Errors
    /// It is not restricted, or the database failed; nothing is changed.
    pub async fn release(
        &self,
        chart: ChartId,
        why: String,
        actor: Option<String>,
    ) -> Result<(), Unchanged<NotRestricted>> {
        self.change(move |ledger| {
            let taken = ledger
                .conn
                .prepare_cached("delete from restriction where chart_id = ?1")?
                .execute(params![chart.0])?;
            if taken == 0 {
                return Err(Stop::Refused(NotRestricted::IsSo));
            }
            let detail = format!("chart {chart} restricted no more: {why}");
            let audit = ledger.audit_step(ChartStep::Released, actor.as_deref(), &detail)?;
            Ok(ledger.note(chart, audit, ChartStep::Released, About::default())?)
        })
        .await
    }

    /// Opens a restricted chart for a reason, which the audit log and the privacy office get.
    ///
    /// # Errors
    /// The database failed; nothing is changed, and nothing may be shown.
    pub async fn break_glass(&self, opening: Opening) -> Result<(), Unchanged<NotRestricted>> {
        self.change(move |ledger| {
            let Opening { chart, session, actor, why, open } = &opening;
            let until = ledger.now.checked_add(*open).map_or(i64::MAX, micros);
            ledger
                .conn
                .prepare_cached(
                    "insert into glass (chart_id, session, actor, why, at_us, until_us)
                     select coalesce(merged_into, chart_id), ?2, ?3, ?4, ?5, ?6 from chart where chart_id = ?1",
                )?
                .execute(params![chart.0, session, actor, why, ledger.now_us(), until])?;
            Ok(ledger.audit("break-glass", Some(actor), &format!("chart {chart} opened: {why}"))?)
        })
        .await
    }

    /// Restricted charts that were opened and that nobody of the privacy office has looked at, the oldest first; and how
    /// many there are.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn broken_glasses(&self) -> Result<(Vec<GlassView>, u64), StoreError> {
        self.read("list restricted charts that were opened", |conn| {
            let views = conn
                .prepare_cached(
                    "select glass_id, chart_id, actor, at_us, why from glass where looked_at_us is null
                     order by glass_id limit ?1",
                )?
                .query_map(params![NEWS_MAX], |row| {
                    Ok(GlassView {
                        id: row.get(0)?,
                        chart: ChartId(row.get(1)?),
                        actor: row.get(2)?,
                        at: timestamp(row.get(3)?),
                        why: row.get(4)?,
                    })
                })?
                .collect::<rusqlite::Result<_>>()?;
            let count = conn
                .prepare_cached("select count(*) from glass where looked_at_us is null")?
                .query_row([], |row| row.get(0))?;
            Ok((views, count))
        })
        .await
    }

    /// Somebody of the privacy office has looked at an opening.
    ///
    /// # Errors
    /// The database failed; nothing is changed.
    pub async fn look_at_glass(
        &self,
        id: i64,
        actor: Option<String>,
    ) -> Result<(), Unchanged<NotRestricted>> {
        self.change(move |ledger| {
            let looked = ledger
                .conn
                .prepare_cached(
                    "update glass set looked_at_us = ?2, looked_by = ?3 where glass_id = ?1 and looked_at_us is null",
                )?
                .execute(params![id, ledger.now_us(), actor])?;
            if looked > 0 {
                ledger.audit("break-glass", actor.as_deref(), &format!("opening {id} looked at"))?;
            }
            Ok(())
        })
        .await
    }
}

/// Whether a chart is restricted: itself, by a number that was merged into it, or as what stands in for such a chart.
pub(super) fn is_restricted(conn: &Connection, chart: ChartId) -> rusqlite::Result<bool> {
    conn.prepare_cached(
        "with root (id) as (select coalesce(merged_into, chart_id) from chart where chart_id = ?1),
              real (id) as (select id from root
                            union select temporary_for from chart join root on chart_id = root.id
                            where temporary_for is not null)
         select 1 from restriction
         where chart_id in (select id from real)
            or chart_id in (select chart_id from chart where merged_into in (select id from real)) limit 1",
    )?
    .exists(params![chart.0])
}
