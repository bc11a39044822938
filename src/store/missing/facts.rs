//! What is known of a chart that is looked for, gathered by indexes all the way: its last movements, those beside them
//! in history, and the shelves around the slots in question.

mod told;

use super::cases::CaseView;
use crate::missing::plan::{Clue, Companion, Facts, Slot, Who, misfiles};
use crate::store::mates::mates;
use crate::store::read::{VOLUME_COLUMNS, volume_view};
use crate::tracking::grammar::Role;
use crate::tracking::{CustodianId, Filed, FilingScheme, Palette, VolumeId};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};
use told::{asked_for, habits, looks, patient_visit};

/// Folders to each side of a slot that are looked at with it.
const NEIGHBOURS: i64 = 5;
/// Movements before and after the last one among which charts count as scanned beside it.
const BESIDE: i64 = 16;
/// Movements before and after the last one among which other destinations count.
const SAME_HOURS: i64 = 150;
/// Movements, the last ones, among which it is counted where charts go.
const LATELY: i64 = 2000;
/// Movements that are walked back to find who had it before.
const STEPS_BACK: usize = 12;
/// Most places of a kind.
const PLACES_MAX: i64 = 12;

/// Where the patient of a chart was or will be seen, or who asked for the chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VisitAt {
    /// Where.
    pub custodian: CustodianId,
    /// When.
    pub at: Timestamp,
}

/// The volume as it is on file.
struct OnFile {
    volume: VolumeId,
    chart: i64,
    patient: Option<i64>,
    number: String,
    volume_number: u32,
    home: CustodianId,
    filing_key: String,
    scheme: FilingScheme,
    at: CustodianId,
    movement: Option<i64>,
    since_us: Option<i64>,
    /// It has not moved since the case was discovered.
    is_current: bool,
}

/// Gathers what is known for the plan of a case.
pub(super) fn facts(conn: &Connection, case: &CaseView, visits: &[VisitAt]) -> rusqlite::Result<Facts> {
    let file = on_file(conn, case)?;
    let holders = holders(conn, &file)?;
    let holder = holders.first().cloned();
    let home = Slot {
        area: file.home,
        next: file.volume,
        words: file.scheme.shelf_words(&Filed::by_number(&file.number, file.volume_number)),
    };
    let offices = match &holder {
        Some(who) => custodians(conn, "parent_id = ?1 and kind <> 'box'", who.id.0)?,
        None => Vec::new(),
    };
    let looks = looks(conn, case, &home)?;
    Ok(Facts {
        seen: case.last_seen,
        days: file.since_us.map_or(0.0, |since| days(case.discovered_at.as_microsecond() - since)),
        neighbours: neighbours(conn, &file)?,
        offices,
        sorting: custodians(conn, "kind = 'sorting' and closed_at_us is null and custodian_id > ?1", 0)?,
        other_destinations: other_destinations(conn, &file)?,
        traffic: traffic(conn)?,
        misfiles: misfiled(conn, &file)?,
        companions: companions(conn, &file)?,
        other_volumes: other_volumes(conn, &file)?,
        other_numbers: other_numbers(conn, &file)?,
        habits: match &holder {
            Some(who) => habits(conn, who.id)?,
            None => Vec::new(),
        },
        mates: if !file.is_current {
            None
        } else {
            let sql = format!("select {VOLUME_COLUMNS} where volume.volume_id = ?1");
            let view = conn.prepare_cached(&sql)?.query_row(params![file.volume.0], volume_view)?;
            mates(conn, &view)?
        },
        holder,
        holder_before: holders.get(1).cloned(),
        home,
        visits: visits
            .iter()
            .chain(&asked_for(conn, &file)?)
            .map(|visit| patient_visit(conn, &file, visit))
            .collect::<rusqlite::Result<_>>()?,
        looks,
    })
}

/// Microseconds as days.
fn days(us: i64) -> f64 {
    const DAY_US: f64 = 86_400.0 * 1e6;
    SignedDuration::from_micros(us).as_secs_f64() * 1e6 / DAY_US
}

/// As the record was when the case was discovered: what was scanned since says nothing about how the chart got lost.
fn on_file(conn: &Connection, case: &CaseView) -> rusqlite::Result<OnFile> {
    conn.prepare_cached(
        "select v.volume_id, v.chart_id, h.patient_id, h.mrn_key, v.number, v.home_id, v.filing_key, c.filing_scheme,
                s.answerable_id, s.movement_no, (select m.scanned_at_us from any_movement m where m.movement_no = s.movement_no),
                v.movement_no is s.movement_no
         from missing_case s join volume v using (volume_id) join chart h using (chart_id)
         join custodian c on c.custodian_id = v.home_id
         where case_id = ?1",
    )?
    .query_row(params![case.id.0], |row| {
        let scheme: String = row.get(7)?;
        Ok(OnFile {
            volume: VolumeId(row.get(0)?),
            chart: row.get(1)?,
            patient: row.get(2)?,
            number: row.get(3)?,
            volume_number: row.get(4)?,
            home: CustodianId(row.get(5)?),
            filing_key: row.get(6)?,
            scheme: FilingScheme::parse(&scheme).unwrap_or(FilingScheme::Numeric),
            at: CustodianId(row.get(8)?),
            movement: row.get(9)?,
            since_us: row.get(10)?,
            is_current: row.get(11)?,
        })
    })
}

/// Who had the volume, the last one first, each once; file areas and sorting shelves are no holders.
fn holders(conn: &Connection, file: &OnFile) -> rusqlite::Result<Vec<Who>> {
    let mut found: Vec<Who> = Vec::new();
    let mut add = |id: i64| -> rusqlite::Result<()> {
        let (who, kind) = conn
            .prepare_cached("select custodian_id, name, kind from custodian where custodian_id = ?1")?
            .query_row(params![id], |row| {
                Ok((Who { id: CustodianId(row.get(0)?), name: row.get(1)? }, row.get::<_, String>(2)?))
            })?;
        if Role::of(&kind) == Role::Holder && !found.contains(&who) {
            found.push(who);
        }
        Ok(())
    };
    add(file.at.0)?;
    let mut next = file.movement;
    for _ in 0..STEPS_BACK {
        let Some(no) = next else { break };
        let step: Option<(i64, i64, Option<i64>)> = conn
            .prepare_cached("select to_id, from_id, previous_no from any_movement where movement_no = ?1")?
            .query_row(params![no], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let Some((to, from, previous)) = step else { break };
        add(to)?;
        add(from)?;
        next = previous;
    }
    Ok(found)
}

fn custodians(conn: &Connection, which: &'static str, value: i64) -> rusqlite::Result<Vec<Who>> {
    let sql = format!(
        "select custodian_id, name from custodian where {which} order by custodian_id limit {PLACES_MAX}"
    );
    conn.prepare_cached(&sql)?
        .query_map(params![value], |row| Ok(Who { id: CustodianId(row.get(0)?), name: row.get(1)? }))?
        .collect()
}

/// Other holders that the same station sent charts to in the same hours.
fn other_destinations(conn: &Connection, file: &OnFile) -> rusqlite::Result<Vec<Who>> {
    conn.prepare_cached(
        "select c.custodian_id, c.name from any_movement mine
         join any_movement m on m.movement_no between mine.movement_no - ?2 and mine.movement_no + ?2
         join custodian c on c.custodian_id = m.to_id
         where mine.movement_no = ?1 and m.station_id = mine.station_id and m.to_id <> mine.to_id
           and mine.kind in ('dispatched', 'charged-out', 'transferred')
           and m.kind in ('dispatched', 'charged-out', 'transferred') and m.to_id <> mine.from_id
         group by c.custodian_id order by min(abs(m.movement_no - mine.movement_no)) limit ?3",
    )?
    .query_map(params![file.movement, SAME_HOURS, PLACES_MAX], |row| {
        Ok(Who { id: CustodianId(row.get(0)?), name: row.get(1)? })
    })?
    .collect()
}

/// Where charts went lately, and what share of them.
fn traffic(conn: &Connection) -> rusqlite::Result<Vec<(Who, f64)>> {
    let mut statement = conn.prepare_cached(
        "select c.custodian_id, c.name, c.kind, count(*) * 1.0 / sum(count(*)) over () from movement m
         join custodian c on c.custodian_id = m.to_id
         where c.kind <> 'box' and m.movement_no > (select max(movement_no) from movement) - ?1
           and m.kind in ('received', 'dispatched', 'charged-out', 'transferred')
         group by c.custodian_id order by count(*) desc, c.custodian_id limit ?2",
    )?;
    let mut rows = statement.query(params![LATELY, PLACES_MAX])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let kind: String = row.get(2)?;
        if Role::of(&kind) == Role::Holder {
            found.push((Who { id: CustodianId(row.get(0)?), name: row.get(1)? }, row.get(3)?));
        }
    }
    Ok(found)
}

/// The folders around the slot, as they belong there.
fn neighbours(conn: &Connection, file: &OnFile) -> rusqlite::Result<Vec<VolumeId>> {
    let mut around = Vec::new();
    for sql in [
        "select volume_id from volume where home_id = ?1 and (filing_key, volume_id) > (?2, ?3)
         order by filing_key, volume_id limit ?4",
        "select volume_id from volume where home_id = ?1 and (filing_key, volume_id) < (?2, ?3)
         order by filing_key desc, volume_id desc limit ?4",
    ] {
        let mut statement = conn.prepare_cached(sql)?;
        let rows = statement
            .query_map(params![file.home.0, file.filing_key, file.volume.0, NEIGHBOURS], |row| {
                row.get(0).map(VolumeId)
            })?;
        for row in rows {
            around.push(row?);
        }
    }
    Ok(around)
}

/// The slot of a number on the shelves of an area; none if there is no section for it.
fn slot(conn: &Connection, file: &OnFile, number: &str, volume: u32) -> rusqlite::Result<Option<Slot>> {
    let filed = Filed::by_number(number, volume);
    let key = file.scheme.sort_key(&filed);
    let next: Option<(i64, String)> = conn
        .prepare_cached(
            "select volume_id, filing_key from volume where home_id = ?1 and filing_key >= ?2
             order by filing_key, volume_id limit 1",
        )?
        .query_row(params![file.home.0, key], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let before: Option<(i64, String)> = conn
        .prepare_cached(
            "select volume_id, filing_key from volume where home_id = ?1 and filing_key < ?2
             order by filing_key desc, volume_id desc limit 1",
        )?
        .query_row(params![file.home.0, key], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let section = |key: &str| key.split('-').next().unwrap_or_default().to_owned();
    let exists = |found: &Option<(i64, String)>| {
        found.as_ref().is_some_and(|(_, at)| !key.contains('-') || section(at) == section(&key))
    };
    let is_there = exists(&next) || exists(&before);
    let found = next.or(before).filter(|_| is_there);
    Ok(found.map(|(next, _)| Slot {
        area: file.home,
        next: VolumeId(next),
        words: file.scheme.shelf_words(&filed),
    }))
}

fn misfiled(conn: &Connection, file: &OnFile) -> rusqlite::Result<Vec<(Clue, Slot)>> {
    let mut found = Vec::new();
    for (clue, number) in misfiles(&file.scheme, &file.number, &Palette::default()) {
        if let Some(slot) = slot(conn, file, &number, file.volume_number)? {
            found.push((clue, slot));
        }
    }
    Ok(found)
}

const COMPANION: &str =
    "select v.volume_id, v.label, c.name, v.at_id = v.home_id, h.mrn_key, v.number, ?3, v.at_id
  from volume v join custodian c on c.custodian_id = v.at_id join chart h using (chart_id)";

fn companion(file: &OnFile, row: &rusqlite::Row<'_>) -> rusqlite::Result<Companion> {
    let volume = VolumeId(row.get(0)?);
    let (number, volume_number): (String, u32) = (row.get(4)?, row.get(5)?);
    let words = file.scheme.shelf_words(&Filed::by_number(&number, volume_number));
    let is_home: bool = row.get(3)?;
    Ok(Companion {
        volume,
        label: row.get(1)?,
        at: Who { id: CustodianId(row.get(7)?), name: row.get(2)? },
        slot: is_home.then_some(Slot { area: file.home, next: volume, words }),
        apart: row.get(6)?,
    })
}

/// Charts that were scanned at the same station just before and after it.
fn companions(conn: &Connection, file: &OnFile) -> rusqlite::Result<Vec<Companion>> {
    let beside: Vec<(i64, i64)> = conn
        .prepare_cached(
            "select m.volume_id, min(abs(m.movement_no - mine.movement_no)) from any_movement mine
             join any_movement m on m.movement_no between mine.movement_no - ?2 and mine.movement_no + ?2
             where mine.movement_no = ?1 and m.volume_id <> mine.volume_id and m.station_id = mine.station_id
               and m.to_id = mine.to_id
             group by m.volume_id",
        )?
        .query_map(params![file.movement, BESIDE], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let sql = format!("{COMPANION} where v.volume_id = ?1 and ?2 = ?2");
    beside
        .into_iter()
        .map(|(volume, apart)| {
            conn.prepare_cached(&sql)?.query_row(params![volume, 0, apart], |row| companion(file, row))
        })
        .collect()
}

fn other_volumes(conn: &Connection, file: &OnFile) -> rusqlite::Result<Vec<Companion>> {
    let sql = format!("{COMPANION} where v.chart_id = ?1 and v.volume_id <> ?2 limit {PLACES_MAX}");
    conn.prepare_cached(&sql)?
        .query_map(params![file.chart, file.volume.0, 1], |row| companion(file, row))?
        .collect()
}

/// Slots of the same patient's other numbers: retired ones, other charts, temporary charts.
fn other_numbers(conn: &Connection, file: &OnFile) -> rusqlite::Result<Vec<Slot>> {
    let numbers: Vec<String> = conn
        .prepare_cached(
            "select mrn_key from mrn where patient_id = ?1 and mrn_key <> ?3
             union select mrn_key from chart where temporary_for = ?2
             union select o.mrn_key from chart t join chart o on o.chart_id = t.temporary_for where t.chart_id = ?2
             limit ?4",
        )?
        .query_map(params![file.patient, file.chart, file.number, PLACES_MAX], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut found = Vec::new();
    for number in numbers {
        found.extend(slot(conn, file, &number, 1)?);
    }
    Ok(found)
}
