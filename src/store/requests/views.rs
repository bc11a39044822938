//! Requests as pages and programs see them.

use super::super::read::named;
use super::super::timestamp;
use super::super::views::Named;
use super::scene::state;
use crate::tracking::request::{Channel, Priority, RequestState, RequestStep};
use crate::tracking::{ChartId, Filed, FilingScheme, PullListId, RequestId, VolumeId};
use jiff::Timestamp;
use rusqlite::Row;

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestView {
    /// Which.
    pub id: RequestId,
    /// Key of its slip's bar code.
    pub label: String,
    /// The volume that is wanted.
    pub volume: VolumeId,
    /// Its chart.
    pub chart: ChartId,
    /// The patient's number as the site writes it.
    pub mrn: String,
    /// medical, dental, …
    pub record_type: String,
    /// 1 for the first volume.
    pub number: u32,
    /// Key of the volume's newest label.
    pub volume_label: String,
    /// Where the volume belongs.
    pub home: Named,
    /// Who has it.
    pub at: Named,
    /// On its way there.
    pub in_transit: bool,
    /// It is being missed.
    pub is_missing: bool,
    /// To whom it goes.
    pub to: Named,
    /// How it came.
    pub channel: Channel,
    /// Who asked.
    pub requester: String,
    /// The account or program that it came from.
    pub asked_by: Option<String>,
    /// What for.
    pub purpose: String,
    /// What else was said.
    pub comment: String,
    /// How much it matters.
    pub priority: Priority,
    /// By when.
    pub needed_at: Timestamp,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// When it is over by itself.
    pub expires_at: Timestamp,
    /// Where it stands.
    pub state: RequestState,
    /// How many steps it has taken: tells a stale form.
    pub steps: i64,
    /// The pull list that it is on.
    pub list: Option<PullListId>,
    /// Whoever asks has not opened its restricted chart: the number is not in it.
    pub is_closed: bool,
    /// Where it stands on the shelf of its home, without the number as it is written: for who may not see that.
    pub slot: String,
    /// Sorts as a walk along the shelves does: home, order on the shelf, volume.
    pub(super) filing_key: String,
}

/// A step of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestStepView {
    /// What happened.
    pub step: RequestStep,
    /// When.
    pub at: Timestamp,
    /// Why, if somebody said.
    pub why: Option<String>,
    /// Who did it.
    pub actor: Option<String>,
    /// The station whose scan it was.
    pub station: Option<String>,
}

impl RequestView {
    /// It is on its own shelf.
    pub fn is_home(&self) -> bool {
        self.home.id == self.at.id && !self.in_transit && !self.is_missing
    }

    /// Whoever asked has it.
    pub fn is_there(&self) -> bool {
        self.to.id == self.at.id && !self.in_transit && !self.is_missing
    }

    /// The place on a walk: shelves first, in their order, then who has the rest.
    pub fn walk_key(&self) -> (bool, i64, i64, &str, u32) {
        let is_away = !self.is_home();
        (is_away, if is_away { self.at.id.0 } else { 0 }, self.home.id.0, &self.filing_key, self.number)
    }
}

pub(super) const REQUEST_COLUMNS: &str = "
  r.request_id, r.label, v.volume_id, c.chart_id, c.mrn, c.record_type, v.number, v.label,
  home.custodian_id, home.code, home.name, home.phone, at.custodian_id, at.code, at.name, at.phone,
  receiver.custodian_id, receiver.code, receiver.name, receiver.phone,
  v.in_transit, v.missing_since_us, r.channel, r.requester, r.purpose, r.comment, r.priority, r.needed_at_us, r.asked_at_us,
  r.expires_at_us, r.state, r.steps, r.pull_list_id, v.filing_key, r.asked_by, home.filing_scheme, c.mrn_key
  from request r
  join volume v using (volume_id)
  join chart c using (chart_id)
  join custodian home on home.custodian_id = v.home_id
  join custodian at on at.custodian_id = v.at_id
  join custodian receiver on receiver.custodian_id = r.to_id";

/// The place of a folder in the order of its shelf: groups of digits in the order in which they are read; of a file that
/// goes by the whole number, or by name, the guide alone.
fn slot(scheme: &str, mrn_key: &str, number: u32) -> String {
    match FilingScheme::parse(scheme) {
        Ok(
            scheme @ (FilingScheme::TerminalDigit(_) | FilingScheme::MiddleDigit(_) | FilingScheme::Military),
        ) => scheme.shelf_words(&Filed::by_number(mrn_key, number)),
        Ok(scheme) => scheme.guide(mrn_key).unwrap_or_default(),
        Err(_) => String::new(),
    }
}

pub(super) fn request_view(row: &Row<'_>) -> rusqlite::Result<RequestView> {
    Ok(RequestView {
        id: RequestId(row.get(0)?),
        label: row.get(1)?,
        volume: VolumeId(row.get(2)?),
        chart: ChartId(row.get(3)?),
        mrn: row.get(4)?,
        record_type: row.get(5)?,
        number: row.get(6)?,
        volume_label: row.get(7)?,
        home: named(row, 8)?,
        at: named(row, 12)?,
        to: named(row, 16)?,
        in_transit: row.get::<_, Option<i64>>(20)?.is_some(),
        is_missing: row.get::<_, Option<i64>>(21)?.is_some(),
        channel: Channel::parse(&row.get::<_, String>(22)?).unwrap_or_default(),
        requester: row.get(23)?,
        purpose: row.get(24)?,
        comment: row.get(25)?,
        priority: Priority::of(row.get(26)?),
        needed_at: timestamp(row.get(27)?),
        asked_at: timestamp(row.get(28)?),
        expires_at: timestamp(row.get(29)?),
        state: state(row, 30)?,
        steps: row.get(31)?,
        list: row.get::<_, Option<i64>>(32)?.map(PullListId),
        filing_key: row.get(33)?,
        asked_by: row.get(34)?,
        is_closed: false,
        slot: slot(&row.get::<_, String>(35)?, &row.get::<_, String>(36)?, row.get(6)?),
    })
}
