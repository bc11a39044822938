//! One line of a list of people.

use super::labels::{Owner, add_label};
use super::{Effect, Ended, Key, LineResult, Owned, PersonLine};
use rusqlite::{Connection, OptionalExtension, params};

/// Adds or changes a person with a badge.
pub(super) fn person(
    conn: &Connection,
    owned: &mut Owned,
    line: &PersonLine,
    now_us: i64,
) -> rusqlite::Result<LineResult> {
    let known: Option<i64> = conn
        .prepare_cached("select person_id from person where code = ?1")?
        .query_row(params![line.code], |row| row.get(0))
        .optional()?;
    let id = match known {
        Some(id) => id,
        None => conn
            .prepare_cached("select coalesce(max(person_id), 0) + 1 from person")?
            .query_row([], |row| row.get(0))?,
    };
    let key = owned.key_for(conn, Owner::Person, line.label.as_deref(), id)?;
    if matches!(key, Key::Taken) {
        return Ok(Err(super::label_in_use("person", line.label.as_deref(), Owner::Person, id)));
    }
    let mut effect = match known {
        Some(id) => update(conn, id, line)?,
        None => insert(conn, id, line, now_us)?,
    };
    if let Key::Free(key) = key {
        effect = effect.max(Effect::changed(add_label(conn, Owner::Person.kind(), &key, id, now_us)?));
        owned.note(Owner::Person, id);
    }
    Ok(Ok(effect))
}

fn insert(conn: &Connection, id: i64, line: &PersonLine, now_us: i64) -> rusqlite::Result<Effect> {
    let left = match line.left {
        Some(Ended::Since(at)) => Some(at.as_microsecond()),
        Some(Ended::No) | None => None,
    };
    conn.prepare_cached(
        "insert into person (person_id, code, name, created_at_us, left_at_us) values (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![id, line.code, line.name, now_us, left])?;
    Ok(Effect::Added)
}

fn update(conn: &Connection, id: i64, line: &PersonLine) -> rusqlite::Result<Effect> {
    let named = conn
        .prepare_cached("update person set name = ?2 where person_id = ?1 and name <> ?2")?
        .execute(params![id, line.name])?;
    let left = match line.left {
        None => 0,
        Some(Ended::No) => conn
            .prepare_cached(
                "update person set left_at_us = null where person_id = ?1 and left_at_us is not null",
            )?
            .execute(params![id])?,
        Some(Ended::Since(at)) => conn
            .prepare_cached("update person set left_at_us = ?2 where person_id = ?1 and left_at_us is null")?
            .execute(params![id, at.as_microsecond()])?,
    };
    Ok(Effect::changed(named + left))
}
