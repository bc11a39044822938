//! One line of a list of custodians.

use super::labels::{Owner, add_label};
use super::{CustodianLine, Effect, Ended, Key, LineResult, Owned};
use crate::store::requests::unfillable::{self, Gone};
use crate::store::stations::find_custodian;
use crate::tracking::{CustodianId, Filed, FilingScheme};
use rusqlite::{Connection, OptionalExtension, named_params, params};

/// Adds or changes a custodian.
pub(super) fn custodian(
    conn: &Connection,
    owned: &mut Owned,
    line: &CustodianLine,
    now_us: i64,
) -> rusqlite::Result<LineResult> {
    let known = find_custodian(conn, &line.code)?.map(|id| id.0);
    let id = match known {
        Some(id) => id,
        None => next_id(conn)?,
    };
    let key = owned.key_for(conn, Owner::Custodian, line.label.as_deref(), id)?;
    if matches!(key, Key::Taken) {
        return Ok(Err(super::label_in_use("custodian", line.label.as_deref(), Owner::Custodian, id)));
    }
    let mut effect = match known {
        Some(id) => update(conn, CustodianId(id), line)?,
        None => insert(conn, id, line, now_us)?,
    };
    if known.is_some() && matches!(line.closed, Some(Ended::Since(_))) {
        let why = format!("{} was closed", line.code);
        unfillable::end(conn, Gone::Place(CustodianId(id)), &why, Some("outguide import"), now_us)?;
    }
    if let Some(room) = &line.room {
        let changed = conn
            .prepare_cached(
                "update custodian set room = nullif(?2, '') where custodian_id = ?1 and room is not nullif(?2, '')",
            )?
            .execute(params![id, room])?;
        effect = effect.max(Effect::changed(changed));
    }
    if let Key::Free(key) = key {
        effect = effect.max(Effect::changed(add_label(conn, Owner::Custodian.kind(), &key, id, now_us)?));
        owned.note(Owner::Custodian, id);
    }
    Ok(Ok(effect))
}

fn next_id(conn: &Connection) -> rusqlite::Result<i64> {
    conn.prepare_cached("select coalesce(max(custodian_id), 0) + 1 from custodian")?
        .query_row([], |row| row.get(0))
}

fn insert(conn: &Connection, id: i64, line: &CustodianLine, now_us: i64) -> rusqlite::Result<Effect> {
    let filing = line.filing.as_ref().map_or_else(|| "td-2-2".to_owned(), FilingScheme::to_string);
    let closed = match line.closed {
        Some(Ended::Since(at)) => Some(at.as_microsecond()),
        Some(Ended::No) | None => None,
    };
    conn.prepare_cached(
        "insert into custodian (custodian_id, code, name, kind, phone, filing_scheme, created_at_us, mail, due_rule, closed_at_us)
         values (:id, :code, :name, coalesce(:kind, 'other'), nullif(:phone, ''), :filing, :now, nullif(:mail, ''),
                 coalesce(:due, ''), :closed)",
    )?
    .execute(named_params! {
        ":id": id, ":code": line.code, ":name": line.name, ":kind": line.kind, ":phone": line.phone,
        ":filing": filing, ":now": now_us, ":mail": line.mail, ":due": line.due, ":closed": closed,
    })?;
    Ok(Effect::Added)
}

fn update(conn: &Connection, id: CustodianId, line: &CustodianLine) -> rusqlite::Result<Effect> {
    let changed = conn
        .prepare_cached(
            "update custodian set name = :name, kind = coalesce(:kind, kind),
               phone = iif(:phone is null, phone, nullif(:phone, '')),
               mail = iif(:mail is null, mail, nullif(:mail, '')), due_rule = coalesce(:due, due_rule)
             where custodian_id = :id
               and (name, kind, phone, mail, due_rule) is not
                   (:name, coalesce(:kind, kind), iif(:phone is null, phone, nullif(:phone, '')),
                    iif(:mail is null, mail, nullif(:mail, '')), coalesce(:due, due_rule))",
        )?
        .execute(named_params! {
            ":id": id.0, ":name": line.name, ":kind": line.kind, ":phone": line.phone, ":mail": line.mail,
            ":due": line.due,
        })?;
    let closed = close(conn, id, line.closed)?;
    let filed = match &line.filing {
        Some(scheme) => set_filing(conn, id, scheme)?,
        None => 0,
    };
    Ok(Effect::changed(changed + closed + filed))
}

fn close(conn: &Connection, id: CustodianId, closed: Option<Ended>) -> rusqlite::Result<usize> {
    match closed {
        None => Ok(0),
        Some(Ended::No) => conn
            .prepare_cached(
                "update custodian set closed_at_us = null where custodian_id = ?1 and closed_at_us is not null",
            )?
            .execute(params![id.0]),
        Some(Ended::Since(at)) => conn
            .prepare_cached("update custodian set closed_at_us = ?2 where custodian_id = ?1 and closed_at_us is null")?
            .execute(params![id.0, at.as_microsecond()]),
    }
}

/// Orders the shelves of a custodian anew if it had another order.
fn set_filing(conn: &Connection, id: CustodianId, scheme: &FilingScheme) -> rusqlite::Result<usize> {
    let changed = conn
        .prepare_cached(
            "update custodian set filing_scheme = ?2 where custodian_id = ?1 and filing_scheme <> ?2",
        )?
        .execute(params![id.0, scheme.to_string()])?;
    if changed == 0 {
        return Ok(0);
    }
    let keys: Vec<(i64, String)> = conn
        .prepare_cached(
            "select volume_id, mrn_key, number, patient.name, born, shelf.name
             from volume join chart using (chart_id) left join patient using (patient_id)
             left join shelved using (volume_id) left join custodian shelf on shelf.custodian_id = shelf_id
             where home_id = ?1",
        )?
        .query_map(params![id.0], |row| {
            let (mrn_key, name): (String, Option<String>) = (row.get(1)?, row.get(3)?);
            let (born, slot): (Option<String>, Option<String>) = (row.get(4)?, row.get(5)?);
            let filed = Filed {
                mrn_key: &mrn_key,
                name: name.as_deref(),
                born: born.and_then(|born| born.parse().ok()),
                slot: slot.as_deref(),
                volume: row.get(2)?,
            };
            Ok((row.get(0)?, scheme.sort_key(&filed)))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let mut update = conn.prepare_cached("update volume set filing_key = ?2 where volume_id = ?1")?;
    for (volume, key) in keys {
        update.execute(params![volume, key])?;
    }
    Ok(changed)
}

/// Takes a custodian from below another, unless that is where it shall be: of a tree that is changed as a whole, nothing may
/// be in the way.
pub(super) fn detach(conn: &Connection, code: &str, parent: &str) -> rusqlite::Result<Effect> {
    let changed = conn
        .prepare_cached(
            "update custodian set parent_id = null where code = ?1 and parent_id is not null
               and parent_id is not (select custodian_id from custodian where code = ?2)",
        )?
        .execute(params![code, parent])?;
    Ok(Effect::changed(changed))
}

/// Puts a custodian below another, or, without one, at the top.
pub(super) fn set_parent(conn: &Connection, code: &str, parent: &str) -> rusqlite::Result<LineResult> {
    let Some(child) = find_custodian(conn, code)? else {
        return Ok(Err(format!("custodian {code} is not on file")));
    };
    let above = find_custodian(conn, parent)?;
    if above.is_none() && !parent.is_empty() {
        return Ok(Err(format!("parent {parent} is not on file; add a line for it")));
    }
    let above = above.map(|id| id.0);
    let circular: bool = conn.query_row(
        "with recursive up (id) as (
           select :parent union select parent_id from custodian join up on custodian_id = id where parent_id is not null)
         select exists (select 1 from up where id = :child)",
        named_params! { ":parent": above, ":child": child.0 },
        |row| row.get(0),
    )?;
    if circular {
        return Ok(Err(format!("{parent} is part of {code}, so {code} cannot be part of {parent}")));
    }
    let changed = conn.execute(
        "update custodian set parent_id = :parent where custodian_id = :child and parent_id is not :parent",
        named_params! { ":parent": above, ":child": child.0 },
    )?;
    Ok(Ok(Effect::changed(changed)))
}

/// What a custodian on file is part of: the code, empty at the top; `None` if it is not on file.
pub(super) fn parent_code(conn: &Connection, code: &str) -> rusqlite::Result<Option<String>> {
    conn.prepare_cached(
        "select coalesce(parent.code, '') from custodian c left join custodian parent on parent.custodian_id = c.parent_id
         where c.code = ?1",
    )?
    .query_row(params![code], |row| row.get(0))
    .optional()
}
