//! What labels are printed from: one volume, a part of a shelf, and the keys that are on file.

use super::read::{VOLUME_COLUMNS, volume_view};
use super::views::VolumeView;
use super::{Store, StoreError};
use crate::label::LabelKind;
use crate::tracking::{CustodianId, Filed, FilingScheme, Mrn, PersonId, VolumeId};
use rusqlite::{Connection, OptionalExtension, named_params};
use std::collections::HashMap;

/// The newest keys on file of those who are no volumes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LabelKeys {
    /// Of places and holders, by their ids.
    pub custodians: HashMap<i64, String>,
    /// Of badges, by the ids of people.
    pub people: HashMap<i64, String>,
    /// Every key of either, the old ones too, and whose it is.
    pub owners: HashMap<(LabelKind, String), i64>,
}

/// Somebody with a badge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonView {
    /// Which one.
    pub id: PersonId,
    /// What lists and the journal call them.
    pub code: String,
    /// What people call them.
    pub name: String,
}

impl Store {
    /// One volume; `None` if there is none.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn volume(&self, volume: VolumeId) -> Result<Option<VolumeView>, StoreError> {
        self.read("show a volume", move |conn| {
            let sql = format!("select {VOLUME_COLUMNS} where volume.volume_id = :volume");
            conn.prepare_cached(&sql)?
                .query_row(named_params! { ":volume": volume.0 }, volume_view)
                .optional()
        })
        .await
    }

    /// The volumes that belong on the shelves of a custodian, in shelf order, from one record number to another, both
    /// included; at most `rows`. `None` if there is no such custodian.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn shelf(
        &self,
        custodian: CustodianId,
        (from, to): (Option<Mrn>, Option<Mrn>),
        rows: usize,
    ) -> Result<Option<Vec<VolumeView>>, StoreError> {
        self.read("read a shelf", move |conn| shelf(conn, custodian, from.as_ref(), to.as_ref(), rows)).await
    }

    /// Everybody who works here, by code.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn people(&self) -> Result<Vec<PersonView>, StoreError> {
        self.read("list people", |conn| {
            conn.prepare_cached(
                "select person_id, code, name from person where left_at_us is null order by code",
            )?
            .query_map([], |row| {
                Ok(PersonView { id: PersonId(row.get(0)?), code: row.get(1)?, name: row.get(2)? })
            })?
            .collect()
        })
        .await
    }

    /// The newest label keys of custodians and people.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn label_keys(&self) -> Result<LabelKeys, StoreError> {
        self.read("list the labels of custodians", |conn| {
            let mut keys = LabelKeys::default();
            let mut statement = conn.prepare_cached(
                "select kind, target_id, key from label where kind in ('custodian', 'person') order by created_at_us, key",
            )?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let kind: String = row.get(0)?;
                let (of_kind, kind) = if kind == LabelKind::Person.as_str() {
                    (&mut keys.people, LabelKind::Person)
                } else {
                    (&mut keys.custodians, LabelKind::Custodian)
                };
                let (owner, key): (i64, String) = (row.get(1)?, row.get(2)?);
                of_kind.insert(owner, key.clone());
                keys.owners.insert((kind, key), owner);
            }
            Ok(keys)
        })
        .await
    }
}

fn shelf(
    conn: &Connection,
    custodian: CustodianId,
    from: Option<&Mrn>,
    to: Option<&Mrn>,
    rows: usize,
) -> rusqlite::Result<Option<Vec<VolumeView>>> {
    let scheme: Option<String> = conn
        .prepare_cached("select filing_scheme from custodian where custodian_id = :id")?
        .query_row(named_params! { ":id": custodian.0 }, |row| row.get(0))
        .optional()?;
    let Some(scheme) = scheme else { return Ok(None) };
    // An unknown scheme cannot be on file; a shelf of nothing is the safe answer to a damaged one.
    let Ok(scheme) = FilingScheme::parse(&scheme) else { return Ok(Some(Vec::new())) };
    let key = |mrn: Option<&Mrn>| mrn.map(|mrn| scheme.sort_key(&Filed::by_number(mrn.key(), 1)));
    let sql = format!(
        "select {VOLUME_COLUMNS} where volume.home_id = :id and volume.sheets_in is null and volume.filing_key >= coalesce(:from, '')
           and (:to is null or volume.filing_key <= :to)
         order by volume.filing_key, volume.number, volume.volume_id limit :rows"
    );
    let params = named_params! {
        ":id": custodian.0, ":from": key(from), ":to": key(to), ":rows": rows,
    };
    let volumes: rusqlite::Result<Vec<_>> =
        conn.prepare_cached(&sql)?.query_map(params, volume_view)?.collect();
    volumes.map(Some)
}
