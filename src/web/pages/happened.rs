//! What happened to a chart, as one list of its page: movements, requests, appointments, changes.

use super::filters;
use super::station_title;
use super::times::{Times, When};
use crate::access::Permission;
use crate::store::{
    Booking, CaseHappened, CaseTold, ChartEvent, ChartStep, Happened, HappenedPage, Moment, MovementView,
    NoticeHappened, NoticeTold, RequestHappened, VolumeView,
};
use crate::tracking::grammar::MovementKind;
use crate::tracking::{ChartId, Entry, VolumeId};
use crate::web::{Site, door};
use askama::Template;
use askama::filters::HtmlSafe;

/// The section of the page.
#[derive(Template)]
#[template(path = "chart/happened.html", config = "src/web/askama.toml")]
pub(super) struct HappenedSection {
    chart: ChartId,
    is_newest: bool,
    has_volumes: bool,
    /// The chart itself stands in for another.
    is_temporary: bool,
    rows: Vec<Row>,
    next: Option<Moment>,
    may_request: bool,
    may_work: bool,
}

impl HtmlSafe for HappenedSection {}

struct Row {
    at: When,
    what: What,
}

enum What {
    Moved {
        volume: Option<u32>,
        movement: Box<MovementView>,
        scanned: When,
        recorded: When,
        station: Option<String>,
    },
    Changed(ChartEvent),
    Requested {
        what: RequestHappened,
        station: Option<String>,
    },
    Booked(Booking),
    Missed {
        volume: Option<u32>,
        what: CaseHappened,
    },
    Noticed {
        volume: Option<u32>,
        what: NoticeHappened,
    },
}

impl HappenedSection {
    pub(super) fn new(
        chart: ChartId,
        found: HappenedPage,
        (volumes, is_newest, is_temporary): (&[VolumeView], bool, bool),
        times: &Times,
        site: &Site,
    ) -> HappenedSection {
        let number = |volume: VolumeId| {
            let view = volumes.iter().find(|view| view.volume == volume).filter(|_| volumes.len() > 1)?;
            Some(view.number)
        };
        let title = |station: &Option<String>| station.as_deref().map(|name| station_title(site, name));
        let row = |(at, what)| Row {
            at: times.ahead(at),
            what: match what {
                Happened::Moved(volume, movement) => What::Moved {
                    volume: number(volume),
                    scanned: times.when(movement.scanned_at),
                    recorded: times.when(movement.recorded_at),
                    station: title(&movement.station),
                    movement: Box::new(movement),
                },
                Happened::Changed(event) => What::Changed(event),
                Happened::Requested(what) => What::Requested { station: title(&what.station), what },
                Happened::Booked(booking) => What::Booked(booking),
                Happened::Missed(what) => What::Missed { volume: number(what.volume), what },
                Happened::Noticed(what) => What::Noticed { volume: number(what.volume), what },
            },
        };
        HappenedSection {
            chart,
            is_newest,
            has_volumes: volumes.len() > 1,
            is_temporary,
            next: found.next,
            rows: found.entries.into_iter().map(row).collect(),
            may_request: door::may(Permission::Request),
            may_work: door::may(Permission::Work),
        }
    }

    /// What a change says, before and after the number of the other chart.
    fn told(&self, event: &ChartEvent) -> (String, &'static str) {
        let volume =
            event.volume.map_or_else(|| "the volume".to_owned(), |(_, number)| format!("volume {number}"));
        match event.step {
            ChartStep::Merged => ("merged with number".to_owned(), ""),
            ChartStep::MergeUndone => ("the merge with number".to_owned(), "was wrong, and undone"),
            ChartStep::Combined => (format!("{volume} came from number"), ""),
            ChartStep::SheetsMoved => (format!("sheets were put into {volume}, from number"), ""),
            ChartStep::VolumeBegun => (format!("{volume} begun"), ""),
            ChartStep::TemporaryMade if self.is_temporary => ("made to stand in for".to_owned(), ""),
            ChartStep::TemporaryMade => ("not found: a temporary chart was made,".to_owned(), ""),
            ChartStep::TemporaryPassedOn => ("stands in for".to_owned(), "since then"),
            ChartStep::United => ("united with the temporary chart".to_owned(), ""),
            ChartStep::LabelWorn => (format!("the label of {volume} is worn"), ""),
            ChartStep::LabelGood => (format!("the label of {volume} is good again"), ""),
            ChartStep::LabelReplaced => (format!("{volume} got another label"), ""),
            ChartStep::LabelAdded => (format!("a label that nobody knew was found on {volume}"), ""),
            ChartStep::Added => ("put on file".to_owned(), ""),
            ChartStep::HomeChanged => (format!("{volume} belongs elsewhere since then"), ""),
            ChartStep::Retired => (format!("{volume} retired"), ""),
            ChartStep::Reactivated => (format!("{volume} taken into use again"), ""),
            ChartStep::Destroyed => (format!("{volume} destroyed"), ""),
            ChartStep::PatientCorrected => ("name or date of birth corrected".to_owned(), ""),
            ChartStep::NumberCorrected => ("record number corrected".to_owned(), ""),
            ChartStep::Admitted => ("the patient is in a ward: nothing is due back".to_owned(), ""),
            ChartStep::Discharged => ("the patient was discharged: what is out is due back".to_owned(), ""),
            ChartStep::Restricted => ("restricted: opened with a reason only".to_owned(), ""),
            ChartStep::Released => ("restricted no more".to_owned(), ""),
        }
    }

    /// What a case came to, or where somebody looked.
    fn missed(&self, what: &CaseHappened) -> String {
        match &what.what {
            CaseTold::Level { level, why: Some(why) } => format!("{}: {why}", level.title()),
            CaseTold::Level { level, why: None } => level.title().to_owned(),
            CaseTold::Looked { place, how } => format!("looked at {place} ({}), not there", how.words()),
        }
    }

    /// What became of a notice.
    fn noticed(&self, what: &NoticeHappened) -> String {
        match &what.what {
            NoticeTold::Written => "written".to_owned(),
            NoticeTold::Ended { state, channel } => ended(state, channel).to_owned(),
            NoticeTold::Answered { answer, detail, actor } => {
                let by = actor.as_ref().map(|actor| format!(", by {actor}")).unwrap_or_default();
                format!("answered: {}{by}", answer.words(detail.as_deref()))
            }
        }
    }

    fn how(&self, movement: &MovementView) -> &'static str {
        match (movement.kind, movement.entry) {
            (MovementKind::Import, _) => "from a list",
            (MovementKind::Begun | MovementKind::Combined | MovementKind::Rehomed, _) => "told",
            (_, Entry::Scanned) => "scanned",
            (_, Entry::Keyed) => "typed",
        }
    }
}

/// How a notice left the queue.
fn ended(state: &str, channel: &str) -> &'static str {
    match (state, channel) {
        ("sent", "slip") => "printed",
        ("sent", "webhook") => "sent by webhook",
        ("sent", _) => "sent by mail",
        ("refused", _) => "refused",
        _ => "not needed any more",
    }
}
