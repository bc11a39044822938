//! What a label stands for, and what matters about it when it is scanned.

use super::missing::search_codes;
use super::record::Memory;
use super::{notices, requests, timestamp};
use crate::label::LabelKind;
use crate::missing::case::Level;
use crate::tracking::grammar::{Attention, LastMove, Meaning, Person, Place, Role, Volume, WantedBack};
use crate::tracking::{ChartId, Command, CustodianId, DueRule, MovementNo, PersonId, Sighting, VolumeId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// What a sighting stands for, if it is on file. `to`: where a chart would go if it moved now, or the station's
/// own place.
pub(super) fn meaning(
    conn: &Connection,
    memory: &Memory,
    sighting: &Sighting,
    to: &Place,
    now: Timestamp,
) -> rusqlite::Result<Option<Meaning>> {
    let Sighting::Label { kind, key } = sighting else { return Ok(None) };
    Ok(match kind {
        LabelKind::Volume => {
            volume(conn, memory, key, to, now)?.map(|found| Meaning::Volume(Box::new(found)))
        }
        LabelKind::Custodian => match label_target(conn, "custodian", key)? {
            Some(id) => place(conn, memory, CustodianId(id))?.map(Meaning::Place),
            None => None,
        },
        LabelKind::Person => match label_target(conn, "person", key)? {
            Some(id) => person(conn, PersonId(id))?.map(Meaning::Person),
            None => None,
        },
        LabelKind::Request => match notices::reply(conn, key)? {
            Some(reply) => Some(reply),
            None => match requests::scene::meaning(conn, key)? {
                Some(meaning) => Some(meaning),
                None => search_codes::meaning(conn, key, now)?,
            },
        },
        LabelKind::Command => Command::from_key(key).map(Meaning::Command),
    })
}

/// A volume as the rules see it; by its newest label, which is one of its own.
pub(super) fn volume_again(
    conn: &Connection,
    memory: &Memory,
    id: VolumeId,
    here: &Place,
    now: Timestamp,
) -> rusqlite::Result<Option<Volume>> {
    let key: Option<String> = conn
        .prepare_cached("select label from volume where volume_id = ?1")?
        .query_row(params![id.0], |row| row.get(0))
        .optional()?;
    key.map_or(Ok(None), |key| volume(conn, memory, &key, here, now))
}

pub(super) fn label_target(conn: &Connection, kind: &str, key: &str) -> rusqlite::Result<Option<i64>> {
    conn.prepare_cached("select target_id from label where kind = ?1 and key = ?2")?
        .query_row(params![kind, key], |row| row.get(0))
        .optional()
}

/// A custodian as the rules see it.
pub(super) fn place(conn: &Connection, memory: &Memory, id: CustodianId) -> rusqlite::Result<Option<Place>> {
    conn.prepare_cached(
        "select c.name, c.kind, c.closed_at_us, iif(c.kind = 'shelf' and area.filing_scheme = 'free', area.custodian_id, null)
         from custodian c left join custodian area on area.custodian_id = c.parent_id where c.custodian_id = ?1",
    )?
        .query_row(params![id.0], |row| {
            let kind: String = row.get(1)?;
            Ok(Place {
                id,
                name: row.get(0)?,
                role: Role::of(&kind),
                is_box: kind == "box",
                is_open: row.get::<_, Option<i64>>(2)?.is_none(),
                has_checkpoint: memory.checkpoints.contains(&id),
                area: row.get::<_, Option<i64>>(3)?.map(CustodianId),
            })
        })
        .optional()
}

/// What a custodian is, and its own rule for when charts are due back.
pub(super) fn lending(conn: &Connection, id: CustodianId) -> rusqlite::Result<(Role, Option<DueRule>)> {
    conn.prepare_cached("select kind, due_rule from custodian where custodian_id = ?1")?.query_row(
        params![id.0],
        |row| {
            let (kind, rule): (String, String) = (row.get(0)?, row.get(1)?);
            let own = DueRule::parse(&rule).ok();
            // Nobody reads a chart in a box: it is not lent.
            Ok((Role::of(&kind), if kind == "box" { own.or(Some(DueRule::Never)) } else { own }))
        },
    )
}

fn person(conn: &Connection, id: PersonId) -> rusqlite::Result<Option<Person>> {
    conn.prepare_cached("select name, left_at_us from person where person_id = ?1")?
        .query_row(params![id.0], |row| {
            Ok(Person { id, name: row.get(0)?, is_active: row.get::<_, Option<i64>>(1)?.is_none() })
        })
        .optional()
}

/// How a person is called in journal and history.
pub(super) fn person_code(conn: &Connection, id: PersonId) -> rusqlite::Result<Option<String>> {
    conn.prepare_cached("select code from person where person_id = ?1")?
        .query_row(params![id.0], |row| row.get(0))
        .optional()
}

/// The last movement of a volume.
pub(super) fn last_move(conn: &Connection, volume: VolumeId) -> rusqlite::Result<Option<LastMove>> {
    let no: Option<Option<i64>> = conn
        .prepare_cached("select movement_no from volume where volume_id = ?1")?
        .query_row(params![volume.0], |row| row.get(0))
        .optional()?;
    Ok(no.flatten().map(|no| LastMove { no: MovementNo(no) }))
}

fn volume(
    conn: &Connection,
    memory: &Memory,
    key: &str,
    to: &Place,
    now: Timestamp,
) -> rusqlite::Result<Option<Volume>> {
    // Of millions of charts a scan finds any, and each page it reads may have to come from the disk: what few charts have
    // is looked up in indexes of those few, which memory keeps, and not in the chart's row and among all volumes.
    conn.prepare_cached(
        "select v.volume_id, v.chart_id, v.home_id, v.at_id, c.name, c.kind, v.since_us, v.in_transit, v.missing_since_us,
                v.state, v.movement_no, v.worn_at_us, v.due_at_us, coalesce(h.state, 'active'),
                (h.temporary_for is not null and h.merged_into is null)
                  or exists (select 1 from chart t where t.temporary_for = coalesce(h.merged_into, v.chart_id) and t.state = 'active'),
                iif(v.number = 1,
                  (select count(*) from volume o indexed by volume_further where o.chart_id = v.chart_id and o.number > 1
                     and o.at_id <> o.home_id and o.at_id <> v.at_id and o.at_id <> ?2 and o.state = 'active'),
                  (select count(*) from volume o where o.chart_id = v.chart_id
                     and o.at_id <> o.home_id and o.at_id <> v.at_id and o.at_id <> ?2 and o.state = 'active')),
                exists (select 1 from shelved where shelved.volume_id = v.volume_id),
                exists (select 1 from request r where r.volume_id = v.volume_id and r.closed_at_us is null), s.level, n.name
         from volume v join custodian c on c.custodian_id = v.at_id
         left join chart h indexed by chart_unusual on h.chart_id = v.chart_id
           and (h.state <> 'active' or h.temporary_for is not null or h.merged_into is not null)
         left join missing_case s on s.volume_id = v.volume_id and s.closed_at_us is null
         left join custodian n on n.custodian_id = s.needed_by_id
         where v.volume_id = (select coalesce(old.sheets_in, old.volume_id)
                              from label l join volume old on old.volume_id = l.target_id
                              where l.kind = 'volume' and l.key = ?1)",
    )?
    .query_row(params![key, to.id.0], |row| {
        let volume = found(row, memory, now)?;
        let is_wanted: bool = row.get(17)?;
        let zone = || requests::scene::zone(memory);
        let wanted =
            if is_wanted { requests::scene::queue(conn, volume.id, now, &zone())? } else { Vec::new() };
        let belongs_to = belongs_to(conn, volume.home, to)?;
        Ok(Volume { wanted, attention: Attention { belongs_to, ..volume.attention }, ..volume })
    })
    .optional()
}

/// A chart whose holder is only being asked for it comes to light without a word.
fn wanted_back(row: &Row<'_>) -> rusqlite::Result<Option<WantedBack>> {
    let level: Option<String> = row.get(18)?;
    let is_searched = level.as_deref().and_then(Level::parse).is_some_and(|level| level != Level::Suspected);
    let needed_by: Option<String> = row.get(19)?;
    Ok(is_searched.then_some(WantedBack { needed_by }))
}

/// The file room that a volume belongs to, if it is not the one that `to` is, or sorts for: a place that sorts does so for
/// whatever it is part of, and for everything in that. Of one that is part of nothing nobody knows, so nothing is said.
fn belongs_to(conn: &Connection, home: CustodianId, to: &Place) -> rusqlite::Result<Option<String>> {
    if to.role == Role::Holder || to.id == home {
        return Ok(None);
    }
    conn.prepare_cached(
        "with recursive
           around_to (id) as (select ?1 union
             select c.parent_id from custodian c join around_to on c.custodian_id = id where c.parent_id is not null),
           around_home (id) as (select ?2 union
             select c.parent_id from custodian c join around_home on c.custodian_id = id where c.parent_id is not null),
           room (id) as (select iif(?3, parent_id, custodian_id) from custodian where custodian_id = ?1)
         select name from custodian, room
         where custodian_id = ?2 and room.id is not null
           and ?2 not in (select id from around_to) and room.id not in (select id from around_home)",
    )?
    .query_row(params![to.id.0, home.0, to.role == Role::Sorting], |row| row.get(0))
    .optional()
}

fn found(row: &Row<'_>, memory: &Memory, now: Timestamp) -> rusqlite::Result<Volume> {
    let (home, at) = (CustodianId(row.get(2)?), CustodianId(row.get(3)?));
    let kind: String = row.get(5)?;
    let (state, chart_state): (String, String) = (row.get(9)?, row.get(13)?);
    let due: Option<i64> = row.get(12)?;
    Ok(Volume {
        id: VolumeId(row.get(0)?),
        chart: ChartId(row.get(1)?),
        home,
        at,
        at_name: row.get(4)?,
        at_role: Role::of(&kind),
        at_is_box: kind == "box",
        at_sends: memory.desks.contains(&at),
        since: row.get::<_, Option<i64>>(6)?.map(timestamp),
        in_transit: row.get::<_, Option<i64>>(7)?.is_some(),
        is_missing: row.get::<_, Option<i64>>(8)?.is_some(),
        has_shelf: row.get(16)?,
        is_active: state == "active",
        last: row.get::<_, Option<i64>>(10)?.map(MovementNo),
        has_case: row.get::<_, Option<String>>(18)?.is_some(),
        attention: Attention {
            wanted_back: wanted_back(row)?,
            temporary: row.get(14)?,
            others_elsewhere: row.get(15)?,
            merge_due: chart_state == "merge-due",
            belongs_to: None,
            label_worn: row.get::<_, Option<i64>>(11)?.is_some(),
            due_passed: due.is_some_and(|due| timestamp(due) < now),
        },
        wanted: Vec::new(),
    })
}
