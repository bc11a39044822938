//! Labels that come with a list, and Outguide's own for who has none.

use crate::label::LabelKind;
use crate::store::known::label_target;
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashSet;

/// A kind of thing that gets a label of Outguide's own if a list brings none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    Custodian,
    Person,
}

impl Owner {
    /// The word under which its labels are stored.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Owner::Custodian => "custodian",
            Owner::Person => "person",
        }
    }

    /// The key of Outguide's own label.
    pub(super) fn own_key(self, id: i64) -> String {
        let kind = match self {
            Owner::Custodian => LabelKind::Custodian,
            Owner::Person => LabelKind::Person,
        };
        kind.own_key(id.unsigned_abs())
    }
}

/// Who of a kind has a label.
pub(super) fn labelled(conn: &Connection, owner: Owner) -> rusqlite::Result<HashSet<i64>> {
    conn.prepare_cached("select target_id from label where kind = ?1")?
        .query_map(params![owner.kind()], |row| row.get(0))?
        .collect()
}

/// Whose label a key is, by code.
pub(super) fn owner_code(conn: &Connection, owner: Owner, key: &str) -> rusqlite::Result<Option<String>> {
    let sql = match owner {
        Owner::Custodian => {
            "select code from label join custodian on custodian_id = target_id where label.kind = 'custodian' and key = ?1"
        }
        Owner::Person => {
            "select code from label join person on person_id = target_id where label.kind = 'person' and key = ?1"
        }
    };
    conn.prepare_cached(sql)?.query_row(params![key], |row| row.get(0)).optional()
}

/// Makes a label that is free, or the target's own, resolve to `target`; says how many labels are new.
pub(super) fn add_label(
    conn: &Connection,
    kind: &str,
    key: &str,
    target: i64,
    now_us: i64,
) -> rusqlite::Result<usize> {
    conn.prepare_cached(
        "insert into label (kind, key, target_id, created_at_us) values (?1, ?2, ?3, ?4) on conflict (kind, key) do nothing",
    )?
    .execute(params![kind, key, target, now_us])
}

/// A key of Outguide's own for the next volume: of its own number, or of one further on, where labels of a list were
/// numbered otherwise.
pub(super) fn free_own_key(conn: &Connection) -> rusqlite::Result<String> {
    let mut number: i64 = conn
        .prepare_cached("select coalesce(max(volume_id), 0) + 1 from volume")?
        .query_row([], |row| row.get(0))?;
    let mut step = 1;
    loop {
        let key = LabelKind::Volume.own_key(number.unsigned_abs());
        if label_target(conn, LabelKind::Volume.as_str(), &key)?.is_none() {
            return Ok(key);
        }
        number = number.saturating_add(step);
        step = step.saturating_mul(2);
    }
}

/// A label that nobody knew is known now.
pub(super) fn close_work_item(conn: &Connection, key: &str, now_us: i64) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "update work_item set closed_at_us = ?1, closed_why = 'the label came with an import'
         where kind = 'unknown-label' and key = ?2 and closed_at_us is null",
    )?
    .execute(params![now_us, key])?;
    Ok(())
}
