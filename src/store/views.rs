//! What the store answers questions with, in words of the file room.

use super::arrivals::{Arrivals, SweepCount};
use super::patients::PatientView;
use crate::tracking::grammar::{Mode, MovementKind, Progress, Skip, StationKind, Sweep};
use crate::tracking::{
    ChartId, Confidence, CustodianId, Entry, Evidence, Mates, MovementNo, ScanNo, Verdict, VolumeId,
    WorkItemId, confidence,
};
use jiff::Timestamp;

/// A custodian as it is mentioned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Which one.
    pub id: CustodianId,
    /// Its code.
    pub code: String,
    /// What people call it.
    pub name: String,
    /// How to reach it.
    pub phone: Option<String>,
}

/// A volume and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumeView {
    /// Which one.
    pub volume: VolumeId,
    /// The chart that it is part of.
    pub chart: ChartId,
    /// The patient's number as the site writes it.
    pub mrn: String,
    /// medical, dental, …
    pub record_type: String,
    /// 1 for the first volume.
    pub number: u32,
    /// Key of its newest label.
    pub label: String,
    /// Where it belongs.
    pub home: Named,
    /// Who has it.
    pub at: Named,
    /// Since when; `None` if it never moved.
    pub since: Option<Timestamp>,
    /// The station of its last movement.
    pub station: Option<String>,
    /// It was sent there and has not been scanned there.
    pub in_transit: bool,
    /// When it should be back.
    pub due: Option<Timestamp>,
    /// Since when it is missing.
    pub missing_since: Option<Timestamp>,
    /// What its last movement was.
    pub last: Option<MovementKind>,
    /// What must have been left out before that.
    pub skip: Option<Skip>,
    /// How that was entered.
    pub entry: Entry,
    /// Who had it before.
    pub from: Option<String>,
    /// On which shelf of its home it stands, or stood before it left, where folders have no order.
    pub shelf: Option<String>,
    /// Where mail to who has it goes.
    pub at_mail: Option<String>,
    /// In which room who has it is found.
    pub at_room: Option<String>,
    /// Where the box is that it lies in, if it lies in one.
    pub within: Option<String>,
    /// How to reach them.
    pub within_phone: Option<String>,
    /// What became of the charts that went along with it; `None` in lists.
    pub mates: Option<Mates>,
}

impl VolumeView {
    /// It is where it belongs.
    pub fn is_home(&self) -> bool {
        self.home.id == self.at.id && !self.in_transit && self.missing_since.is_none()
    }

    /// The shelf to look on.
    pub fn stands_in(&self) -> Option<&str> {
        self.shelf.as_deref().filter(|_| self.at.id == self.home.id && !self.in_transit)
    }

    /// How sure that is at `now`, and why. `is_proven`: the station of its last movement stands for who has it.
    /// `is_long_under_way`: if it is on its way, it should have arrived.
    pub fn confidence(
        &self,
        now: Timestamp,
        is_proven: bool,
        is_long_under_way: bool,
    ) -> (Confidence, String) {
        let evidence = Evidence {
            kind: self.last,
            entry: self.entry,
            since: self.since,
            from: self.from.as_deref(),
            in_transit: self.in_transit,
            is_long_under_way,
            is_missing: self.missing_since.is_some(),
            skip: self.skip,
            mates: self.mates,
            is_proven,
        };
        confidence(&evidence, now)
    }
}

/// A chart with its volumes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartView {
    /// Which one.
    pub chart: ChartId,
    /// The patient's number as the site writes it.
    pub mrn: String,
    /// medical, dental, …
    pub record_type: String,
    /// Whose it is, if that is known.
    pub patient: Option<PatientView>,
    /// In order of their numbers.
    pub volumes: Vec<VolumeView>,
    /// The chart that it stands in for until they are united; at most one.
    pub stands_in_for: Vec<ChartMention>,
    /// Temporary charts that stand in for it.
    pub stand_ins: Vec<ChartMention>,
    /// Other charts of the patient.
    pub others: Vec<ChartMention>,
    /// Who needs it next.
    pub next_needed: Option<NextNeeded>,
}

/// A chart as another's page mentions it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChartMention {
    /// Which one.
    pub chart: ChartId,
    /// The patient's number as the site writes it.
    pub mrn: String,
    /// medical, dental, …
    pub record_type: String,
    /// Who has the volume of it that moved last.
    pub at: Option<String>,
}

/// Who needs a chart next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextNeeded {
    /// Who asked for it.
    pub by: Named,
    /// When it is needed there.
    pub at: Timestamp,
    /// How many others have asked for it as well.
    pub others: u64,
}

/// One movement of a volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovementView {
    /// Its place in history.
    pub no: MovementNo,
    /// What it was.
    pub kind: MovementKind,
    /// Who had it.
    pub from: String,
    /// Who got it.
    pub to: String,
    /// When it was scanned.
    pub scanned_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Scanned or typed.
    pub entry: Entry,
    /// Where it was scanned.
    pub station: Option<String>,
    /// Who scanned.
    pub operator: Option<String>,
    /// It was delivered late and changed only history.
    pub late: bool,
    /// It was sent, not received.
    pub in_transit: bool,
    /// What must have been left out before.
    pub skip: Option<Skip>,
}

/// A part of a volume's history, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryPage {
    /// The movements.
    pub movements: Vec<MovementView>,
    /// Where the next page starts, if there is one.
    pub next: Option<MovementNo>,
}

/// A custodian with what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustodianView {
    /// Which one.
    pub custodian: Named,
    /// file-area, clinic, …
    pub kind: String,
    /// The custodian that it is part of.
    pub parent: Option<String>,
    /// Volumes of others that are here.
    pub visiting: u64,
    /// Volumes that belong here and are here.
    pub at_home: u64,
    /// Volumes that belong here and are elsewhere.
    pub away: u64,
}

/// Volumes at a custodian, in shelf order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustodianPage {
    /// The custodian.
    pub view: CustodianView,
    /// The volumes.
    pub volumes: Vec<VolumeView>,
    /// Where the next page starts, if there is one.
    pub next: Option<super::Cursor>,
}

/// A scan as a station's page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardScan {
    /// Its place in the journal.
    pub no: ScanNo,
    /// When it was recorded.
    pub at: Timestamp,
    /// The word for it.
    pub verdict: Verdict,
    /// What the clerk was told beyond the word.
    pub why: Option<String>,
    /// The bytes as they came.
    pub frame: Vec<u8>,
    /// The volume, if its label was on file.
    pub volume: Option<BoardVolume>,
    /// The movement that it made.
    pub step: Option<BoardStep>,
    /// The sweep that it ended.
    pub swept: Option<Sweep>,
}

/// A movement as a board shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardStep {
    /// Who had the volume.
    pub from: String,
    /// Who has it now.
    pub to: String,
    /// What it was.
    pub kind: MovementKind,
    /// It is on its way.
    pub in_transit: bool,
    /// Who of the two is a person: who had it, who has it.
    pub are_people: (bool, bool),
}

/// What a person is called on a screen that anybody can walk past.
const SOMEBODY: &str = "a person";

impl BoardStep {
    /// Without the names of people.
    pub fn for_passers_by(self) -> BoardStep {
        let place = |name, is_person| if is_person { SOMEBODY.to_owned() } else { name };
        let (from, to) = (place(self.from, self.are_people.0), place(self.to, self.are_people.1));
        BoardStep { from, to, ..self }
    }
}

/// What a station does with the next chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionView {
    /// What it does by itself.
    pub kind: StationKind,
    /// What the next chart is scanned for.
    pub mode: Mode,
    /// The place of the mode, if it has one.
    pub place: Option<String>,
    /// That place is a person.
    pub is_person: bool,
    /// Who scans.
    pub operator: Option<String>,
    /// Their code.
    pub operator_code: Option<String>,
    /// Charts of the batch.
    pub batch: usize,
    /// Those of them that can be taken back, the last first; at most thirty.
    pub loose: Vec<BoardVolume>,
    /// How far the pull list is that is worked on.
    pub progress: Option<Progress>,
    /// How far the sweep is that goes on.
    pub sweep: Option<SweepCount>,
    /// When the batch ends by waiting.
    pub ends_at: Option<Timestamp>,
}

impl SessionView {
    /// Without the names of people.
    pub fn for_passers_by(self) -> SessionView {
        let place = if self.is_person { Some(SOMEBODY.to_owned()) } else { self.place };
        // Who scans there is nobody's business; that somebody does, is.
        SessionView { place, operator: None, operator_code: None, ..self }
    }
}

/// The volume of a scan on a board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardVolume {
    /// Which one.
    pub volume: VolumeId,
    /// The chart that it is part of.
    pub chart: ChartId,
    /// The patient's number.
    pub mrn: String,
    /// 1 for the first volume.
    pub number: u32,
    /// How many volumes the chart has.
    pub of: u32,
    /// Key of its label.
    pub label: String,
}

/// A station's page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoardView {
    /// The custodian that the station stands for.
    pub custodian: Named,
    /// Scans since `since`, by verdict.
    pub counts: Vec<(Verdict, u64)>,
    /// What was sent there, and how much of it has arrived since `since`.
    pub arrivals: Arrivals,
    /// What it does with the next chart.
    pub session: Option<SessionView>,
    /// The last scans, newest first.
    pub scans: Vec<BoardScan>,
}

/// Something that somebody has to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkItemView {
    /// Its number.
    pub id: WorkItemId,
    /// unknown-label, combine-folders.
    pub kind: String,
    /// The chart that it is about.
    pub chart: Option<ChartId>,
    /// The label as it was read; of other kinds, what tells the item from others.
    pub key: String,
    /// How often.
    pub times: u64,
    /// Where it was seen last; `None` if no station saw it.
    pub station: Option<String>,
    /// When first.
    pub opened_at: Timestamp,
    /// When last.
    pub seen_at: Timestamp,
}

/// The whole file room in four numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FileRoomTotals {
    /// Volumes on file.
    pub volumes: u64,
    /// Volumes that are not where they belong.
    pub away: u64,
    /// Open items of the work list.
    pub work_items: u64,
    /// Movements ever.
    pub movements: u64,
}
