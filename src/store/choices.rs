//! Custodians to choose from: by name, and without counting what they hold.

use super::read::named;
use super::views::Named;
use super::{Store, StoreError, known};
use crate::tracking::CustodianId;
use rusqlite::{OptionalExtension, params};

/// A custodian that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choosable {
    /// Which one.
    pub custodian: Named,
    /// file-area, clinic, …
    pub kind: String,
    /// The custodian that it is part of.
    pub parent: Option<String>,
    /// It takes no charts any more.
    pub is_closed: bool,
}

impl Store {
    /// All custodians by name, those that are closed among them.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn choosable(&self) -> Result<Vec<Choosable>, StoreError> {
        self.read("list custodians to choose from", |conn| {
            conn.prepare_cached(
                "select c.custodian_id, c.code, c.name, c.phone, c.kind, parent.name, c.closed_at_us is not null
                 from custodian c left join custodian parent on parent.custodian_id = c.parent_id
                 order by c.name, c.custodian_id",
            )?
            .query_map([], |row| {
                Ok(Choosable {
                    custodian: named(row, 0)?,
                    kind: row.get(4)?,
                    parent: row.get(5)?,
                    is_closed: row.get(6)?,
                })
            })?
            .collect()
        })
        .await
    }

    /// The custodians that are open, by name, if they are no more than `most`.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn few_custodians(&self, most: usize) -> Result<Option<Vec<Named>>, StoreError> {
        self.read("list the few custodians", move |conn| {
            let rows = i64::try_from(most).unwrap_or(i64::MAX).saturating_add(1);
            let mut few = conn
                .prepare_cached(
                    "select custodian_id, code, name, phone from custodian where closed_at_us is null limit ?1",
                )?
                .query_map(params![rows], |row| named(row, 0))?
                .collect::<rusqlite::Result<Vec<Named>>>()?;
            few.sort_by(|a, b| (&a.name, a.id.0).cmp(&(&b.name, b.id.0)));
            Ok((few.len() <= most).then_some(few))
        })
        .await
    }

    /// A custodian as it is mentioned, `None` if there is none of this number.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn custodian_named(&self, id: CustodianId) -> Result<Option<Named>, StoreError> {
        self.read("name a custodian", move |conn| {
            conn.prepare_cached(
                "select custodian_id, code, name, phone from custodian where custodian_id = ?1",
            )?
            .query_row(params![id.0], |row| named(row, 0))
            .optional()
        })
        .await
    }

    /// The same of a code.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn custodian_coded(&self, code: String) -> Result<Option<Named>, StoreError> {
        self.read("look a custodian up", move |conn| {
            conn.prepare_cached("select custodian_id, code, name, phone from custodian where code = ?1")?
                .query_row(params![code], |row| named(row, 0))
                .optional()
        })
        .await
    }

    /// The first place with shelves, where a new chart belongs unless its kind says otherwise.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn first_file_area(&self) -> Result<Option<Named>, StoreError> {
        self.read("look for a place with shelves", |conn| {
            conn.prepare_cached(
                "select custodian_id, code, name, phone from custodian where kind = 'file-area'
                 order by name, custodian_id limit 1",
            )?
            .query_row([], |row| named(row, 0))
            .optional()
        })
        .await
    }

    /// The custodian whose label this is.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn custodian_of_label(&self, key: String) -> Result<Option<CustodianId>, StoreError> {
        self.read("look a custodian's label up", move |conn| {
            Ok(known::label_target(conn, "custodian", &key)?.map(CustodianId))
        })
        .await
    }
}
