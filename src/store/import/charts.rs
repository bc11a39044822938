//! One line of a list of charts.

use super::{ChartLine, Effect, LineResult, add_label, close_work_item};
use crate::store::chain::Heads;
use crate::store::history::{MovementRow, append_movement, update_whereabouts};
use crate::store::stations::find_custodian;
use crate::tracking::grammar::MovementKind;
use crate::tracking::{CustodianId, Filed, FilingScheme, VolumeId};
use rusqlite::{Connection, OptionalExtension, named_params};

/// What is on file of a volume that a line names.
struct Known {
    volume: VolumeId,
    label: String,
    home: CustodianId,
    moved: bool,
}

/// Adds or changes a chart and one of its volumes.
pub(super) fn chart(
    conn: &Connection,
    heads: &mut Heads,
    line: &ChartLine,
    now_us: i64,
) -> rusqlite::Result<LineResult> {
    let Some((home, filing)) = file_area(conn, &line.home)? else {
        return Ok(Err(format!("home {} is not on file; import custodians first", line.home)));
    };
    let at = match &line.at {
        Some(code) => match find_custodian(conn, code)? {
            Some(at) => Some(at),
            None => return Ok(Err(format!("location {code} is not on file; import custodians first"))),
        },
        None => None,
    };
    if let Some(owner) = label_owner(conn, line)? {
        return Ok(Err(owner));
    }
    let chart_id = chart_id(conn, line, now_us)?;
    let filing_key = filing.sort_key(&Filed::by_number(line.mrn.key(), line.volume));
    match known_volume(conn, chart_id, line.volume)? {
        None => {
            let volume = insert_volume(conn, chart_id, line, home, &filing_key, now_us)?;
            if let Some(at) = at.filter(|at| *at != home) {
                place(conn, heads, volume, home, at, now_us)?;
            }
            Ok(Ok(Effect::Added))
        }
        Some(known) => update_volume(conn, &known, line, home, &filing_key, now_us).map(Ok),
    }
}

fn file_area(conn: &Connection, code: &str) -> rusqlite::Result<Option<(CustodianId, FilingScheme)>> {
    conn.prepare_cached("select custodian_id, filing_scheme from custodian where code = :code")?
        .query_row(named_params! { ":code": code }, |row| {
            let scheme: String = row.get(1)?;
            let scheme = FilingScheme::parse(&scheme).unwrap_or(FilingScheme::Numeric);
            Ok((CustodianId(row.get(0)?), scheme))
        })
        .optional()
}

/// Says so if the label belongs to another volume than the line's.
fn label_owner(conn: &Connection, line: &ChartLine) -> rusqlite::Result<Option<String>> {
    let owner = conn
        .prepare_cached(
            "select chart.mrn_key, chart.record_type, volume.number
             from label join volume on volume_id = target_id join chart using (chart_id)
             where label.kind = 'volume' and key = :key",
        )?
        .query_row(named_params! { ":key": line.label }, |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, u32>(2)?))
        })
        .optional()?;
    Ok(owner
        .filter(|(key, kind, number)| {
            (key.as_str(), kind.as_str(), *number) != (line.mrn.key(), line.record_type.as_str(), line.volume)
        })
        .map(|_| {
            format!("label {} is on another chart already; every volume needs a label of its own", line.label)
        }))
}

fn chart_id(conn: &Connection, line: &ChartLine, now_us: i64) -> rusqlite::Result<i64> {
    let found = conn
        .prepare_cached("select chart_id from chart where mrn_key = :key and record_type = :type")?
        .query_row(named_params! { ":key": line.mrn.key(), ":type": line.record_type }, |row| row.get(0))
        .optional()?;
    if let Some(id) = found {
        return Ok(id);
    }
    conn.prepare_cached(
        "insert into chart (mrn, mrn_key, record_type, created_at_us) values (:mrn, :key, :type, :now)",
    )?
    .execute(named_params! {
        ":mrn": line.mrn.written(), ":key": line.mrn.key(), ":type": line.record_type, ":now": now_us,
    })?;
    Ok(conn.last_insert_rowid())
}

fn known_volume(conn: &Connection, chart_id: i64, number: u32) -> rusqlite::Result<Option<Known>> {
    conn.prepare_cached(
        "select volume_id, label, home_id, movement_no is not null from volume where chart_id = :chart and number = :number",
    )?
    .query_row(named_params! { ":chart": chart_id, ":number": number }, |row| {
        Ok(Known {
            volume: VolumeId(row.get(0)?),
            label: row.get(1)?,
            home: CustodianId(row.get(2)?),
            moved: row.get(3)?,
        })
    })
    .optional()
}

fn insert_volume(
    conn: &Connection,
    chart_id: i64,
    line: &ChartLine,
    home: CustodianId,
    filing_key: &str,
    now_us: i64,
) -> rusqlite::Result<VolumeId> {
    conn.prepare_cached(
        "insert into volume (chart_id, number, label, home_id, filing_key, at_id, created_at_us)
         values (:chart, :number, :label, :home, :filing, :home, :now)",
    )?
    .execute(named_params! {
        ":chart": chart_id, ":number": line.volume, ":label": line.label, ":home": home.0, ":filing": filing_key,
        ":now": now_us,
    })?;
    let volume = VolumeId(conn.last_insert_rowid());
    count_home(conn, home, 1)?;
    add_label(conn, "volume", &line.label, volume.0, now_us)?;
    close_work_item(conn, &line.label, now_us)?;
    Ok(volume)
}

fn update_volume(
    conn: &Connection,
    known: &Known,
    line: &ChartLine,
    home: CustodianId,
    filing_key: &str,
    now_us: i64,
) -> rusqlite::Result<Effect> {
    if known.label == line.label && known.home == home {
        return Ok(Effect::Unchanged);
    }
    if known.label != line.label {
        add_label(conn, "volume", &line.label, known.volume.0, now_us)?;
        close_work_item(conn, &line.label, now_us)?;
    }
    if known.home != home {
        count_home(conn, known.home, -1)?;
        count_home(conn, home, 1)?;
    }
    conn.prepare_cached(
        "update volume set label = :label, home_id = :home, filing_key = :filing,
                at_id = case when :moved then at_id else :home end where volume_id = :id",
    )?
    .execute(named_params! {
        ":label": line.label, ":home": home.0, ":filing": filing_key, ":moved": known.moved, ":id": known.volume.0,
    })?;
    Ok(Effect::Changed)
}

fn count_home(conn: &Connection, home: CustodianId, by: i64) -> rusqlite::Result<()> {
    conn.prepare_cached("update custodian set volumes_home = volumes_home + :by where custodian_id = :id")?
        .execute(named_params! { ":by": by, ":id": home.0 })?;
    Ok(())
}

/// Records that a list says who has a volume.
fn place(
    conn: &Connection,
    heads: &mut Heads,
    volume: VolumeId,
    home: CustodianId,
    at: CustodianId,
    now_us: i64,
) -> rusqlite::Result<()> {
    let row = MovementRow {
        volume,
        kind: MovementKind::Import,
        from: home,
        to: at,
        scanned_us: now_us,
        recorded_us: now_us,
        entry: "keyed",
        ..MovementRow::empty()
    };
    let no = append_movement(conn, &mut heads.movement, &row)?;
    update_whereabouts(conn, &row, no)
}
