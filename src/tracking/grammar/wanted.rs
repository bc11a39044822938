//! Slips and pull lists at a station, and who waits for a chart that is scanned.

use super::act::{Act, MovementKind};
use super::decide::{Decision, Moment, moved, read_before, stays, told};
use super::session::{Mode, Session};
use super::{Rules, Volume, alert};
use crate::tracking::request::{Doing, RequestState, Wanted, hold};
use crate::tracking::{CustodianId, PullListId, ReplyCode, RequestId, Verdict, VolumeId};

/// A request's slip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slip {
    /// Which request.
    pub id: RequestId,
    /// Where it stands.
    pub state: RequestState,
    /// What the place is called that wants the volume.
    pub to_name: String,
    /// Whether that place takes charts.
    pub is_open: bool,
    /// Who has the volume.
    pub at_name: String,
}

/// A pull list's own label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Which.
    pub id: PullListId,
    /// How far it is.
    pub progress: Progress,
}

/// An answer on a notice's slip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Which.
    pub code: ReplyCode,
    /// What is said by whom, of which chart.
    pub words: String,
    /// The chart was scanned elsewhere since it was asked for.
    pub is_over: bool,
}

/// How far a list is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows that are ticked.
    pub ticked: usize,
    /// Rows.
    pub of: usize,
    /// The next row on the walk.
    pub next: Option<NextRow>,
}

/// A row of a list that is to be pulled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextRow {
    /// Which volume.
    pub volume: VolumeId,
    /// Key of its newest label.
    pub label: String,
    /// The patient's number as the site writes it.
    pub mrn: String,
    /// 1 for the first volume.
    pub number: u32,
    /// Where to go for it.
    pub place: String,
}

/// What a station is doing, as far as it matters to those who wait.
pub fn doing(mode: Mode) -> Doing {
    match mode {
        Mode::Pull(list) => Doing::Pulling(list),
        Mode::Send(list) => Doing::Sending(list),
        Mode::Slip(request) => Doing::Slip(request),
        Mode::Rest
        | Mode::Whither
        | Mode::To(_)
        | Mode::CheckIn
        | Mode::Refile
        | Mode::Sighted(_)
        | Mode::Missing
        | Mode::Found
        | Mode::PrintLabel
        | Mode::Open => Doing::Else,
    }
}

/// Who waits for a volume that goes to, or is at, `to`.
pub(super) fn held(session: &Session, volume: &Volume, to: CustodianId) -> Option<String> {
    hold(&volume.wanted, doing(session.mode()), to)
}

pub(super) fn slip_scanned(session: &Session, slip: &Slip) -> Decision {
    if !slip.state.is_open() {
        let why = format!("this request is {}; throw the slip away", slip.state.title());
        return told(Verdict::Refused, why, Act::Nothing);
    }
    if session.mode() == Mode::Missing {
        let why = "noted: looked for in vain; the search for it is on the request's page";
        return told(Verdict::Ready, why, Act::NotFound(slip.id));
    }
    if !slip.is_open {
        let why = format!("{} is closed and takes no charts; ask who wants it", slip.to_name);
        return told(Verdict::Refused, why, Act::Nothing);
    }
    let why =
        format!("scan the chart of this slip: it goes to {}; it is with {}", slip.to_name, slip.at_name);
    told(Verdict::Ready, why, Act::Mode(Mode::Slip(slip.id)))
}

/// Evidence, never a movement.
pub(super) fn reply_scanned(reply: &Reply) -> Decision {
    if reply.is_over {
        let why = format!("{}; but it was scanned elsewhere since, nothing is left to do", reply.words);
        return told(Verdict::Refused, why, Act::Nothing);
    }
    told(Verdict::Ready, format!("noted: {}", reply.words), Act::Replied(reply.code))
}

pub(super) fn order_scanned(session: &Session, order: &Order) -> Decision {
    let far = order.progress.words();
    if session.mode() == Mode::Whither {
        let why = format!("charts of pull list {} that you scan now go to who wants them; {far}", order.id);
        return told(Verdict::Ready, why, Act::Mode(Mode::Send(order.id)));
    }
    let why = format!("pull list {}: scan each chart that you pulled; {far}", order.id);
    told(Verdict::Ready, why, Act::Mode(Mode::Pull(order.id)))
}

impl Progress {
    /// In words: how many are ticked, and where to go next. Never which chart: what a scan is told stands on screens that
    /// anybody walks past; the page of the station says it to who may know.
    pub fn words(&self) -> String {
        let (ticked, of) = (self.ticked, self.of);
        match &self.next {
            Some(next) => format!("{ticked} of {of}, next: {}", next.place),
            None if ticked == of => format!("{ticked} of {of}: done"),
            None => format!("{ticked} of {of}"),
        }
    }

    fn with_this(&self, was_ticked: bool) -> Progress {
        Progress { ticked: self.ticked + usize::from(!was_ticked), ..self.clone() }
    }
}

/// A chart while a list is pulled: it ticks its row and is now here; on the shelves of this very station it is confirmed.
pub(super) fn pulled(
    session: &Session,
    rules: &Rules,
    volume: &Volume,
    list: PullListId,
    moment: &Moment<'_>,
) -> Decision {
    let Some(row) = row(volume, list) else { return not_on_list(session, volume, list, moment) };
    let far = moment.progress.map(|progress| progress.with_this(row.state.is_ticked()).words());
    if row.state.is_ticked() {
        let far = far.unwrap_or_else(|| "its row".to_owned());
        let verdict = if moment.double_read { Verdict::DoubleRead } else { Verdict::AlreadyHere };
        return told(verdict, format!("ticked already: {far}"), Act::Nothing);
    }
    let here = rules.custodian;
    if volume.at == here && !volume.in_transit && !volume.is_missing {
        let act = stays(volume, MovementKind::Sighted, here);
        return Decision { verdict: Verdict::Sighted, why: far, act };
    }
    with_progress(moved(session, volume, here, moment), far)
}

/// A chart while a list or a slip is sent out: it goes to who wants it.
pub(super) fn sent(session: &Session, volume: &Volume, moment: &Moment<'_>) -> Decision {
    let row = match session.mode() {
        Mode::Slip(id) => volume.wanted.iter().find(|wanted| wanted.id == id),
        Mode::Send(list) => self::row(volume, list),
        _ => None,
    };
    let Some(row) = row else {
        if let Mode::Send(list) = session.mode() {
            return read_before(session, volume, volume.at, moment)
                .unwrap_or_else(|| not_on_list(session, volume, list, moment));
        }
        let why = "wrong chart: the slip is for another one; compare the number, nothing was moved";
        let alert = alert::of_refused(session, volume, moment);
        let why = alert.map_or_else(|| why.to_owned(), |alert| format!("{why}; {alert}"));
        return told(Verdict::Refused, why, Act::Nothing);
    };
    if moment.there.is_none_or(|there| there.id != row.to || !there.is_open) {
        let why = format!("{} takes no charts; ask who wants it", row.to_name);
        return told(Verdict::Refused, why, Act::Nothing);
    }
    let far = moment.progress.map(|progress| progress.with_this(row.state.is_ticked()).words());
    let far = match far {
        Some(far) => format!("to {}: {far}", row.to_name),
        None => format!("to {}", row.to_name),
    };
    with_progress(moved(session, volume, row.to, moment), Some(far))
}

/// How far the list is belongs to every scan of it.
fn with_progress(decision: Decision, far: Option<String>) -> Decision {
    match decision.verdict {
        Verdict::Moved => Decision { why: far, ..decision },
        _ => decision,
    }
}

fn row(volume: &Volume, list: PullListId) -> Option<&Wanted> {
    volume.wanted.iter().find(|wanted| wanted.list == Some(list))
}

fn not_on_list(session: &Session, volume: &Volume, list: PullListId, moment: &Moment<'_>) -> Decision {
    let why = match alert::of_refused(session, volume, moment) {
        Some(alert) => format!("wrong chart: not on pull list {list}, and nothing was moved, but {alert}"),
        None => {
            format!("wrong chart: nothing of it is open on pull list {list}; put it back, nothing was moved")
        }
    };
    told(Verdict::Refused, why, Act::Nothing)
}
