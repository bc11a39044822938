//! What was sent and has arrived, and what was sent and has not.

use super::views::Named;
use super::{Store, StoreError, micros, timestamp};
use crate::tracking::grammar::Sweep;
use crate::tracking::{ChartId, CustodianId, VolumeId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Most rows of the list of what has not arrived.
const ROWS_MAX: i64 = 500;

/// How many of the volumes that were sent to a place have arrived there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arrivals {
    /// Have been scanned there.
    pub arrived: u64,
    /// Were sent: those, and what is still on its way.
    pub expected: u64,
}

/// How many of the volumes of a room its sweep has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SweepCount {
    /// Were scanned since it began.
    pub seen: u64,
    /// Are on record there.
    pub on_record: u64,
}

/// A volume that was sent and has not been scanned since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnderWay {
    /// Which one.
    pub volume: VolumeId,
    /// The chart that it is part of.
    pub chart: ChartId,
    /// The patient's number as the site writes it.
    pub mrn: String,
    /// 1 for the first volume.
    pub number: u32,
    /// Key of its newest label.
    pub label: String,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// Who had it, and stays answerable.
    pub from: Named,
    /// Where to.
    pub to: Named,
    /// Who scanned it, if a badge or a sign-in told.
    pub by: Option<String>,
    /// At which station.
    pub station: Option<String>,
    /// The box that it is in.
    pub within: Option<String>,
}

/// What was sent and has not arrived, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnderWayList {
    /// How many there are.
    pub of: u64,
    /// The oldest of them.
    pub rows: Vec<UnderWay>,
}

impl Store {
    /// Volumes that were sent before a time and have not been scanned anywhere since, the oldest first.
    ///
    /// # Errors
    /// The database failed or is overloaded.
    pub async fn never_arrived(&self, sent_before: Timestamp) -> Result<UnderWayList, StoreError> {
        self.read("list what never arrived", move |conn| never_arrived(conn, sent_before)).await
    }
}

fn never_arrived(conn: &Connection, sent_before: Timestamp) -> rusqlite::Result<UnderWayList> {
    let before_us = micros(sent_before);
    let of: u64 = conn
        .prepare_cached("select count(*) from volume where in_transit is not null and since_us < ?1")?
        .query_row(params![before_us], |row| row.get(0))?;
    // Late movements after the dispatch are history only.
    let rows = conn
        .prepare_cached(
            "with recursive
               lost (volume_id, at_id, since_us, movement_no) as (
                 select volume_id, at_id, since_us, movement_no from volume
                 where in_transit is not null and since_us < ?1 and missing_since_us is null
                 order by since_us, volume_id limit ?2),
               walk (volume_id, movement_no, previous_no, late) as (
                 select lost.volume_id, m.movement_no, m.previous_no, m.late from lost join movement m using (movement_no)
                 union all
                 select walk.volume_id, walk.previous_no,
                        (select m.previous_no from any_movement m where m.movement_no = walk.previous_no),
                        (select m.late from any_movement m where m.movement_no = walk.previous_no)
                 from walk where walk.late = 1 and walk.previous_no is not null)
             select lost.volume_id, v.chart_id, c.mrn, v.number, v.label, lost.since_us,
                    f.custodian_id, f.code, f.name, f.phone, t.custodian_id, t.code, t.name, t.phone,
                    coalesce((select p.name from person p where p.code = m.operator), m.operator), s.name
             from lost join walk on walk.volume_id = lost.volume_id and walk.late = 0
             join any_movement m on m.movement_no = walk.movement_no
             join volume v on v.volume_id = lost.volume_id join chart c on c.chart_id = v.chart_id
             join custodian f on f.custodian_id = m.from_id join custodian t on t.custodian_id = lost.at_id
             left join station s on s.station_id = m.station_id
             order by lost.since_us, lost.volume_id",
        )?
        .query_map(params![before_us, ROWS_MAX], under_way)?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let boxed = boxed(conn, before_us)?;
    let of = of + u64::try_from(boxed.len()).unwrap_or(u64::MAX);
    let mut rows = [rows, boxed].concat();
    rows.sort_by_key(|row| (row.sent_at, row.volume));
    Ok(UnderWayList { of, rows })
}

/// Boxes that are on their way: the last that is known of them, unless somebody said on their page where they are.
const BOXES_UNDER_WAY: &str =
    "box_move b join custodian box on box.custodian_id = b.box_id and box.parent_id = b.to_id
    and b.in_transit is not null
    and b.box_move_id = (select max(n.box_move_id) from box_move n where n.box_id = b.box_id)";

/// What is in boxes that have not arrived.
fn boxed(conn: &Connection, before_us: i64) -> rusqlite::Result<Vec<UnderWay>> {
    let sql = format!(
        "select v.volume_id, v.chart_id, c.mrn, v.number, v.label, b.at_us,
                coalesce(f.custodian_id, box.custodian_id), coalesce(f.code, box.code), coalesce(f.name, box.name), f.phone,
                t.custodian_id, t.code, t.name, t.phone,
                coalesce((select p.name from person p where p.code = b.operator), b.operator), s.name, box.name
         from {BOXES_UNDER_WAY} join volume v on v.at_id = b.box_id and v.at_id <> v.home_id
         join chart c on c.chart_id = v.chart_id join custodian t on t.custodian_id = b.to_id
         left join custodian f on f.custodian_id = b.from_id
         join scan on scan.scan_no = b.scan_no join station s on s.station_id = scan.station_id
         where b.at_us < ?1 order by b.at_us, v.volume_id limit ?2"
    );
    conn.prepare_cached(&sql)?
        .query_map(params![before_us, ROWS_MAX], |row| {
            Ok(UnderWay { within: row.get(16)?, ..under_way(row)? })
        })?
        .collect()
}

fn under_way(row: &Row<'_>) -> rusqlite::Result<UnderWay> {
    let named = |at: usize| -> rusqlite::Result<Named> {
        Ok(Named {
            id: CustodianId(row.get(at)?),
            code: row.get(at + 1)?,
            name: row.get(at + 2)?,
            phone: row.get(at + 3)?,
        })
    };
    Ok(UnderWay {
        volume: VolumeId(row.get(0)?),
        chart: ChartId(row.get(1)?),
        mrn: row.get(2)?,
        number: row.get(3)?,
        label: row.get(4)?,
        sent_at: timestamp(row.get(5)?),
        from: named(6)?,
        to: named(10)?,
        by: row.get(14)?,
        station: row.get(15)?,
        within: None,
    })
}

/// How many of the volumes that were sent to a place have arrived there since a time: what arrived, and what is still on
/// its way, however long. One that was sent here and turned up elsewhere is not waited for any more.
pub(super) fn arrivals(
    conn: &Connection,
    custodian: CustodianId,
    since: Timestamp,
) -> rusqlite::Result<Arrivals> {
    let waited: u64 = conn
        .prepare_cached("select count(*) from volume where in_transit is not null and at_id = ?1")?
        .query_row(params![custodian.0], |row| row.get(0))?;
    // Each volume counts once, and not if its arrival was taken back.
    let arrived: u64 = conn
        .prepare_cached(
            "select count(distinct m.volume_id) from movement m join volume v using (volume_id)
             where m.to_id = ?1 and m.kind in ('received', 'unpacked') and m.recorded_at_us >= ?2 and m.late = 0
               and not (v.in_transit is not null and v.at_id = ?1)",
        )?
        .query_row(params![custodian.0, micros(since)], |row| row.get(0))?;
    // The same of what is in boxes; once they are opened, their charts are counted above.
    let boxed_waited: u64 = conn
        .prepare_cached(&format!(
            "select count(*) from {BOXES_UNDER_WAY} join volume v on v.at_id = b.box_id and v.at_id <> v.home_id
             where b.to_id = ?1"
        ))?
        .query_row(params![custodian.0], |row| row.get(0))?;
    let boxed_arrived: u64 = conn
        .prepare_cached(
            "select count(*) from custodian box join volume v on v.at_id = box.custodian_id and v.at_id <> v.home_id
             where box.kind = 'box' and box.parent_id = ?1
               and exists (select 1 from box_move b where b.box_id = box.custodian_id and b.to_id = ?1 and b.at_us >= ?2
                             and b.in_transit is null and b.box_move_id = (select max(n.box_move_id) from box_move n
                                                                           where n.box_id = b.box_id))",
        )?
        .query_row(params![custodian.0, micros(since)], |row| row.get(0))?;
    let arrived = arrived + boxed_arrived;
    Ok(Arrivals { arrived, expected: arrived + waited + boxed_waited })
}

/// How many of the volumes that are on record in a room were seen in its sweep; nothing of a file area's own shelves, which
/// nobody confirms in one go.
pub(super) fn sweep_count(conn: &Connection, sweep: Sweep) -> rusqlite::Result<Option<SweepCount>> {
    conn.prepare_cached(
        "select count(*) filter (where v.since_us >= ?2), count(*) from volume v
         where v.at_id = ?1 and v.at_id <> v.home_id and v.in_transit is null and v.state = 'active'
           and (select volumes_home from custodian where custodian_id = ?1) = 0",
    )?
    .query_row(params![sweep.custodian.0, micros(sweep.since)], |row| {
        Ok(SweepCount { seen: row.get(0)?, on_record: row.get(1)? })
    })
    .optional()
    .map(|count| count.filter(|count| count.on_record > 0))
}
