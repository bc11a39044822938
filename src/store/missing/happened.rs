//! Cases in the list of all that happened to a chart, and places in words.

use crate::missing::case::Level;
use crate::missing::plan::{Place, Thoroughness};
use crate::store::happened::{Entry, Happened, Part};
use crate::tracking::{CaseId, VolumeId};
use rusqlite::{Connection, OptionalExtension, params};

/// Something that happened to a case of the chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseHappened {
    /// Which case.
    pub case: CaseId,
    /// Of which volume.
    pub volume: VolumeId,
    /// What.
    pub what: CaseTold,
    /// Who; none: evidence alone.
    pub actor: Option<String>,
}

/// What happened to a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseTold {
    /// It was opened, moved on, or ended.
    Level {
        /// What it is since then.
        level: Level,
        /// Why.
        why: Option<String>,
    },
    /// Somebody looked, and it was not there.
    Looked {
        /// Where, in words.
        place: String,
        /// How.
        how: Thoroughness,
    },
}

/// The levels that cases of a chart came to.
pub(in crate::store) fn levels(conn: &Connection, part: &Part) -> rusqlite::Result<Vec<Entry>> {
    let sql = "select s.at_us, s.step_id, m.case_id, m.volume_id, s.level, s.actor, s.why
         from chart c join volume v using (chart_id) join missing_case m using (volume_id) join missing_step s using (case_id)
         where (c.chart_id = ?1 or c.merged_into = ?1) and (s.at_us, s.step_id) < (?2, ?3)
         order by s.at_us desc, s.step_id desc limit ?4";
    part.read(conn, sql, |row| {
        let level: String = row.get(4)?;
        let level = Level::parse(&level).unwrap_or(Level::Searching);
        let told = CaseHappened {
            case: CaseId(row.get(2)?),
            volume: VolumeId(row.get(3)?),
            what: CaseTold::Level { level, why: row.get(6)? },
            actor: row.get(5)?,
        };
        Ok(Happened::Missed(told))
    })
}

/// Where somebody looked for a chart in vain.
pub(in crate::store) fn looks(conn: &Connection, part: &Part) -> rusqlite::Result<Vec<Entry>> {
    let sql = "select l.at_us, l.look_id, m.case_id, m.volume_id, l.place, l.how, l.looker
         from chart c join volume v using (chart_id) join missing_case m using (volume_id) join missing_look l using (case_id)
         where (c.chart_id = ?1 or c.merged_into = ?1) and (l.at_us, l.look_id) < (?2, ?3)
         order by l.at_us desc, l.look_id desc limit ?4";
    part.read(conn, sql, |row| {
        let (place, how): (String, String) = (row.get(4)?, row.get(5)?);
        let told = CaseHappened {
            case: CaseId(row.get(2)?),
            volume: VolumeId(row.get(3)?),
            what: CaseTold::Looked {
                place: place_words(conn, &place)?,
                how: Thoroughness::parse(&how).unwrap_or(Thoroughness::Glance),
            },
            actor: row.get(6)?,
        };
        Ok(Happened::Missed(told))
    })
}

/// A stored place as people call it. No number of a patient is in it: another folder is not named.
pub(in crate::store) fn place_words(conn: &Connection, place: &str) -> rusqlite::Result<String> {
    let name = |id: i64| -> rusqlite::Result<String> {
        let found: Option<String> = conn
            .prepare_cached("select name from custodian where custodian_id = ?1")?
            .query_row(params![id], |row| row.get(0))
            .optional()?;
        Ok(found.unwrap_or_else(|| "a place that is not on file any more".to_owned()))
    };
    Ok(match Place::parse(place) {
        Some(Place::Slot { area, .. }) => format!("the shelf of {}", name(area.0)?),
        Some(Place::Desk(id)) => format!("{}: desks, trays and shelves", name(id.0)?),
        Some(Place::Sorting(id)) => name(id.0)?,
        Some(Place::Bin(id)) => format!("the bin for {}", name(id.0)?),
        Some(Place::Beside(_)) => "inside and around another folder".to_owned(),
        None => "another place".to_owned(),
    })
}
