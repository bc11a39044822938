//! A new request.

use super::super::change::{Ledger, Stop, Unchanged};
use super::super::{Store, micros, timestamp};
use super::lists::list_for;
use super::scene::{state, zone};
use crate::label::LabelKind;
use crate::tracking::request::{
    Asked, Channel, Holding, Known, Priority, RequestState, RequestStep, expires_at, refusal, warnings,
};
use crate::tracking::{ChartId, CustodianId, PullListId, RequestId, VolumeId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

/// Which volumes of a chart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Volumes {
    /// The last one.
    Newest(ChartId),
    /// All that are in use.
    All(ChartId),
    /// This one.
    One(VolumeId),
}

/// What somebody asks for.
#[derive(Debug, Clone)]
pub struct NewRequest {
    /// Which volumes.
    pub volumes: Volumes,
    /// To whom.
    pub to: CustodianId,
    /// By when.
    pub needed_at: Timestamp,
    /// How it came.
    pub channel: Channel,
    /// Who asks.
    pub requester: String,
    /// The same, if it is a custodian.
    pub requester_id: Option<CustodianId>,
    /// What for.
    pub purpose: String,
    /// What else is said.
    pub comment: String,
    /// How much it matters.
    pub priority: Priority,
    /// Drawn with the form: a second submit of it is recognised.
    pub form: Option<String>,
    /// Who is signed in.
    pub actor: Option<String>,
}

/// Requests that were taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// One for each volume.
    pub requests: Vec<RequestId>,
    /// What who asked should know.
    pub warnings: Vec<String>,
    /// This very form was sent before; nothing was added.
    pub is_repeated: bool,
}

/// Why a request was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// There is no such chart or volume, or none of it is in use.
    #[error("nothing of this chart is in use; locate it and look at its state")]
    NoVolume,
    /// The place does not exist or takes no charts.
    #[error("this place is not on file, or it is closed and takes no charts")]
    NoPlace,
    /// It makes no sense.
    #[error("{0}")]
    Refused(String),
}

impl Store {
    /// Takes a request: one for each volume that is asked for, or none.
    ///
    /// # Errors
    /// It is refused, and the reason says why; or the database failed. Nothing is changed.
    pub async fn ask(&self, new: NewRequest) -> Result<Taken, Unchanged<NotTaken>> {
        self.change(move |ledger| ask(ledger, &new)).await
    }
}

fn ask(ledger: &mut Ledger<'_>, new: &NewRequest) -> Result<Taken, Stop<NotTaken>> {
    if let Some(before) = sent_before(ledger.conn, new.form.as_deref())? {
        return Ok(Taken { requests: before, warnings: Vec::new(), is_repeated: true });
    }
    if !takes_charts(ledger.conn, new.to)? {
        return Err(Stop::Refused(NotTaken::NoPlace));
    }
    let volumes = volumes(ledger.conn, new.volumes)?;
    if volumes.is_empty() {
        return Err(Stop::Refused(NotTaken::NoVolume));
    }
    let zone = zone(ledger.memory);
    // Every request is pulled with the list of its place and day, however it came.
    let day = new.needed_at.to_zoned(zone.clone()).date();
    let list = list_for(ledger.conn, new.to, day, ledger.now_us())?;
    let asked = Asked { to: new.to, needed_at: new.needed_at };
    let (mut requests, mut told, mut refused) = (Vec::new(), Vec::new(), None);
    for (volume, holding) in volumes {
        let open = open(ledger.conn, volume, ledger.now)?;
        if let Some(why) = refusal(asked, holding, &open, ledger.now, &zone) {
            refused = refused.or(Some(why));
            continue;
        }
        for warning in warnings(asked, holding, &open, ledger.now) {
            if !told.contains(&warning) {
                told.push(warning);
            }
        }
        requests.push(insert(ledger.conn, new, volume, (list, None), ledger.now)?);
    }
    // Of several volumes some may be there already; of one, or of all, somebody has to be told.
    let Some(first) = requests.first() else {
        return Err(Stop::Refused(NotTaken::Refused(refused.unwrap_or_default())));
    };
    told.extend(refused.map(|why| format!("not every volume: {why}")));
    let detail = format!("request {first}: {} of {}", requests.len(), new.channel.as_str());
    ledger.audit("request", new.actor.as_deref(), &detail)?;
    Ok(Taken { requests, warnings: told, is_repeated: false })
}

fn sent_before(conn: &Connection, form: Option<&str>) -> rusqlite::Result<Option<Vec<RequestId>>> {
    let Some(form) = form else { return Ok(None) };
    let found: Vec<RequestId> = conn
        .prepare_cached("select request_id from request where form = ?1 order by request_id")?
        .query_map(params![form], |row| row.get(0).map(RequestId))?
        .collect::<rusqlite::Result<_>>()?;
    Ok(Some(found).filter(|found| !found.is_empty()))
}

fn takes_charts(conn: &Connection, custodian: CustodianId) -> rusqlite::Result<bool> {
    let open = conn
        .prepare_cached("select closed_at_us is null from custodian where custodian_id = ?1")?
        .query_row(params![custodian.0], |row| row.get(0))
        .optional()?;
    Ok(open.unwrap_or(false))
}

/// The volumes of a chart and of what was merged into it, wherever in that tree it is itself.
const OF_CHART: &str = "(chart_id = (select coalesce(merged_into, chart_id) from chart where chart_id = ?1)
    or chart_id in (select part.chart_id from chart asked
                    join chart part on part.merged_into = coalesce(asked.merged_into, asked.chart_id)
                    where asked.chart_id = ?1))";

/// The volumes that are meant, and who has each. The newest of a chart is its own; if none of those is in use, one of what
/// was merged into it.
pub(super) fn volumes(conn: &Connection, wanted: Volumes) -> rusqlite::Result<Vec<(VolumeId, Holding)>> {
    let merged = "(select merged_into is not null from chart where chart.chart_id = volume.chart_id)";
    let (which, id) = match wanted {
        Volumes::One(volume) => (
            "volume_id = (select coalesce(sheets_in, volume_id) from volume where volume_id = ?1)".to_owned(),
            volume.0,
        ),
        Volumes::All(chart) => (format!("{OF_CHART} order by {merged}, chart_id, number"), chart.0),
        Volumes::Newest(chart) => {
            (format!("{OF_CHART} order by {merged}, number desc, volume_id desc limit 1"), chart.0)
        }
    };
    conn.prepare_cached(&format!(
        "select volume_id, at_id, in_transit is not null, missing_since_us is not null from volume
         where state = 'active' and {which}"
    ))?
    .query_map(params![id], |row| {
        let holding =
            Holding { at: CustodianId(row.get(1)?), in_transit: row.get(2)?, is_missing: row.get(3)? };
        Ok((VolumeId(row.get(0)?), holding))
    })?
    .collect()
}

/// The open requests of a volume, in the order of its queue.
pub(super) fn open(conn: &Connection, volume: VolumeId, now: Timestamp) -> rusqlite::Result<Vec<Known>> {
    conn.prepare_cached(
        "select request_id, to_id, needed_at_us, state from request
         where volume_id = ?1 and closed_at_us is null and expires_at_us > ?2
         order by needed_at_us, priority desc, asked_at_us, request_id",
    )?
    .query_map(params![volume.0, micros(now)], |row| {
        Ok(Known {
            id: RequestId(row.get(0)?),
            to: CustodianId(row.get(1)?),
            needed_at: timestamp(row.get(2)?),
            state: state(row, 3)?,
        })
    })?
    .collect()
}

/// Writes a request and its first step.
pub(super) fn insert(
    conn: &Connection,
    new: &NewRequest,
    volume: VolumeId,
    (list, appointment): (PullListId, Option<i64>),
    now: Timestamp,
) -> rusqlite::Result<RequestId> {
    let id: i64 = conn
        .prepare_cached("select coalesce(max(request_id), 0) + 1 from request")?
        .query_row([], |row| row.get(0))?;
    let label = LabelKind::Request.own_key(id.unsigned_abs());
    conn.prepare_cached(
        "insert into request (request_id, label, volume_id, to_id, channel, requester, requester_id, purpose, comment, priority,
                              needed_at_us, asked_at_us, asked_by, expires_at_us, state, steps, appointment_id, pull_list_id,
                              form)
         values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 'requested', 1, ?15, ?16, ?17)",
    )?
    .execute(params![
        id,
        label,
        volume.0,
        new.to.0,
        new.channel.as_str(),
        new.requester,
        new.requester_id.map(|id| id.0),
        new.purpose,
        new.comment,
        new.priority.number(),
        micros(new.needed_at),
        micros(now),
        new.actor,
        micros(expires_at(new.channel, new.needed_at)),
        appointment,
        list.0,
        new.form,
    ])?;
    conn.prepare_cached(
        "insert into request_step (request_id, at_us, step, was, actor) values (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![
        id,
        micros(now),
        RequestStep::Asked.as_str(),
        RequestState::Requested.as_str(),
        new.actor
    ])?;
    Ok(RequestId(id))
}
