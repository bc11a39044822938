//! Pull lists: what is pulled for one place and day, and what each clinic wants for its appointments.

use super::super::change::{Stop, Unchanged};
use super::super::read::named;
use super::super::views::Named;
use super::super::{Store, StoreError, timestamp};
use super::views::{REQUEST_COLUMNS, RequestView, request_view};
use crate::label::LabelKind;
use crate::tracking::{CustodianId, PullListId};
use jiff::Timestamp;
use jiff::civil::Date;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Most lists that a page shows.
const LISTS_MAX: i64 = 300;

/// A pull list and how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullListView {
    /// Which.
    pub id: PullListId,
    /// Key of its bar code.
    pub label: String,
    /// For whom.
    pub to: Named,
    /// For which day, as the room counts days: YYYY-MM-DD.
    pub day: String,
    /// When it was printed last.
    pub printed_at: Option<Timestamp>,
    /// Rows that somebody still wants or has.
    pub rows: u64,
    /// Rows that are pulled, sent or delivered.
    pub ticked: u64,
    /// Rows that were looked for in vain, or cannot be had.
    pub not_found: u64,
    /// Rows that were cancelled.
    pub cancelled: u64,
    /// Rows that are new, moved or cancelled since it was printed.
    pub updates: u64,
}

/// A row of a pull list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRow {
    /// What is wanted.
    pub request: RequestView,
    /// When it was asked for, moved or cancelled last: what is newer than the paper is an update.
    pub changed_at: Timestamp,
    /// Why it was not found, cannot be had or was cancelled.
    pub why: Option<String>,
}

/// A pull list in the order of a walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullListPage {
    /// The list.
    pub view: PullListView,
    /// Its rows: shelves in their order, then what somebody has.
    pub rows: Vec<PullRow>,
}

/// What a clinic wants pulled for each appointment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantsView {
    /// Which clinic.
    pub clinic: Named,
    /// Record types, and whether all volumes of each.
    pub wants: Vec<(String, bool)>,
}

const LIST_COLUMNS: &str = "
  pull_list_id, l.label, c.custodian_id, c.code, c.name, c.phone, l.day, l.printed_at_us,
  (select count(*) from request r where r.pull_list_id = l.pull_list_id and r.state not in ('cancelled', 'expired')),
  (select count(*) from request r where r.pull_list_id = l.pull_list_id and r.state in ('pulled', 'sent', 'delivered')),
  (select count(*) from request r where r.pull_list_id = l.pull_list_id and r.state in ('not-found', 'not-fillable')),
  (select count(*) from request r where r.pull_list_id = l.pull_list_id and r.state in ('cancelled', 'expired')),
  (select count(*) from request r where r.pull_list_id = l.pull_list_id and exists (
     select 1 from request_step s where s.request_id = r.request_id and s.at_us > l.printed_at_us
       and s.step in ('asked', 'rescheduled', 'cancelled')))
  from pull_list l join custodian c using (custodian_id)";

impl Store {
    /// The pull lists of a day and of those after it, at most 300.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn pull_lists(&self, from: Date) -> Result<Vec<PullListView>, StoreError> {
        self.read("list pull lists", move |conn| {
            // The counts are for those that are shown, not for all to come.
            let sql = format!(
                "select {LIST_COLUMNS} where pull_list_id in (
                   select pull_list_id from pull_list soon join custodian whose using (custodian_id)
                   where soon.day >= ?1 order by soon.day, whose.name limit ?2)
                 order by l.day, c.name"
            );
            conn.prepare_cached(&sql)?.query_map(params![from.to_string(), LISTS_MAX], list_view)?.collect()
        })
        .await
    }

    /// A pull list with its rows; `None` if there is none.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn pull_list(&self, id: PullListId) -> Result<Option<PullListPage>, StoreError> {
        self.read("show a pull list", move |conn| {
            let sql = format!("select {LIST_COLUMNS} where l.pull_list_id = ?1");
            let view = conn.prepare_cached(&sql)?.query_row(params![id.0], list_view).optional()?;
            let Some(view) = view else { return Ok(None) };
            Ok(Some(PullListPage { view, rows: rows(conn, id)? }))
        })
        .await
    }

    /// Notes that a list is being printed; when it was printed before.
    ///
    /// # Errors
    /// There is no such list, or the database failed; nothing is changed.
    pub async fn print_pull_list(
        &self,
        id: PullListId,
        actor: Option<String>,
    ) -> Result<Option<Timestamp>, Unchanged<super::NotStepped>> {
        self.change(move |ledger| {
            let before: Option<Option<i64>> = ledger
                .conn
                .prepare_cached("select printed_at_us from pull_list where pull_list_id = ?1")?
                .query_row(params![id.0], |row| row.get(0))
                .optional()?;
            let Some(before) = before else { return Err(Stop::Refused(super::NotStepped::NoRequest)) };
            ledger
                .conn
                .prepare_cached("update pull_list set printed_at_us = ?2 where pull_list_id = ?1")?
                .execute(params![id.0, ledger.now_us()])?;
            ledger.audit("pull-list", actor.as_deref(), &format!("list {id} printed"))?;
            Ok(before.map(timestamp))
        })
        .await
    }

    /// What clinics want, those that said something.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn clinic_wants(&self) -> Result<Vec<WantsView>, StoreError> {
        self.read("list what clinics want", |conn| {
            let mut found: Vec<WantsView> = Vec::new();
            let mut statement = conn.prepare_cached(
                "select custodian_id, code, name, phone, record_type, volumes from clinic_wants
                 join custodian using (custodian_id) order by name, custodian_id, record_type",
            )?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let clinic = named(row, 0)?;
                let want = (row.get(4)?, row.get::<_, String>(5)? == "all");
                match found.last_mut().filter(|last| last.clinic.id == clinic.id) {
                    Some(last) => last.wants.push(want),
                    None => found.push(WantsView { clinic, wants: vec![want] }),
                }
            }
            Ok(found)
        })
        .await
    }

    /// Says what a clinic wants pulled for its appointments from now on; nothing: the newest volume of the medical record.
    ///
    /// # Errors
    /// There is no such clinic, or the database failed; nothing is changed.
    pub async fn set_clinic_wants(
        &self,
        clinic: CustodianId,
        wants: Vec<(String, bool)>,
        actor: Option<String>,
    ) -> Result<(), Unchanged<super::NotTaken>> {
        self.change(move |ledger| {
            let conn = ledger.conn;
            let known = conn
                .prepare_cached("select 1 from custodian where custodian_id = ?1")?
                .exists(params![clinic.0])?;
            if !known {
                return Err(Stop::Refused(super::NotTaken::NoPlace));
            }
            conn.prepare_cached("delete from clinic_wants where custodian_id = ?1")?.execute(params![clinic.0])?;
            for (record_type, all) in &wants {
                conn.prepare_cached(
                    "insert into clinic_wants (custodian_id, record_type, volumes) values (?1, ?2, ?3) on conflict do nothing",
                )?
                .execute(params![clinic.0, record_type, if *all { "all" } else { "newest" }])?;
            }
            let detail = format!("custodian {clinic} wants {} record types", wants.len());
            Ok(ledger.audit("clinic-wants", actor.as_deref(), &detail)?)
        })
        .await
    }
}

fn list_view(row: &Row<'_>) -> rusqlite::Result<PullListView> {
    Ok(PullListView {
        id: PullListId(row.get(0)?),
        label: row.get(1)?,
        to: named(row, 2)?,
        day: row.get(6)?,
        printed_at: row.get::<_, Option<i64>>(7)?.map(timestamp),
        rows: row.get(8)?,
        ticked: row.get(9)?,
        not_found: row.get(10)?,
        cancelled: row.get(11)?,
        updates: row.get(12)?,
    })
}

fn rows(conn: &Connection, id: PullListId) -> rusqlite::Result<Vec<PullRow>> {
    let sql = format!("select {REQUEST_COLUMNS} where r.pull_list_id = ?1");
    let mut requests: Vec<RequestView> = conn
        .prepare_cached(&sql)?
        .query_map(params![id.0], request_view)?
        .collect::<rusqlite::Result<_>>()?;
    requests.sort_by(|one, other| one.walk_key().cmp(&other.walk_key()).then(one.id.cmp(&other.id)));
    let mut last = conn.prepare_cached(
        "select max(at_us) filter (where step in ('asked', 'rescheduled', 'cancelled')),
                (select why from request_step w where w.request_id = ?1 and w.why is not null order by step_id desc limit 1)
         from request_step where request_id = ?1",
    )?;
    let row = |request: RequestView| {
        let (changed, why): (Option<i64>, Option<String>) =
            last.query_row(params![request.id.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let changed_at = changed.map_or(request.asked_at, timestamp);
        Ok(PullRow { changed_at, why, request })
    };
    requests.into_iter().map(row).collect()
}

/// The list of a place and day, made if there is none.
pub(super) fn list_for(
    conn: &Connection,
    custodian: CustodianId,
    day: Date,
    now_us: i64,
) -> rusqlite::Result<PullListId> {
    let day = day.to_string();
    let found = conn
        .prepare_cached("select pull_list_id from pull_list where custodian_id = ?1 and day = ?2")?
        .query_row(params![custodian.0, day], |row| row.get(0).map(PullListId))
        .optional()?;
    if let Some(found) = found {
        return Ok(found);
    }
    let id: i64 = conn
        .prepare_cached("select coalesce(max(pull_list_id), 0) + 1 from pull_list")?
        .query_row([], |row| row.get(0))?;
    conn.prepare_cached(
        "insert into pull_list (pull_list_id, label, custodian_id, day, made_at_us) values (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![id, LabelKind::own_list_key(id.unsigned_abs()), custodian.0, day, now_us])?;
    Ok(PullListId(id))
}

/// What a clinic wants pulled for each appointment.
pub(super) fn wants_of(conn: &Connection, clinic: CustodianId) -> rusqlite::Result<Vec<(String, bool)>> {
    let mut wants: Vec<(String, bool)> = conn
        .prepare_cached(
            "select record_type, volumes = 'all' from clinic_wants where custodian_id = ?1 order by record_type",
        )?
        .query_map(params![clinic.0], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    if wants.is_empty() {
        wants.push(("medical".to_owned(), false));
    }
    Ok(wants)
}

/// A day as stored.
pub(super) fn day_of(at: Timestamp, zone: &jiff::tz::TimeZone) -> Date {
    at.to_zoned(zone.clone()).date()
}
