//! What a station remembers between two scans.

use super::act::{Act, Sweep};
use super::{MovementNo, PersonId, Rules, VolumeId};
use crate::tracking::{CustodianId, PullListId, RequestId};
use jiff::Timestamp;
use std::time::Duration;

/// Most movements that a station remembers: more than anybody scans in one go and takes back.
const BATCH_MAX: usize = 1_000;

/// What the next chart is scanned for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// What the station does by itself.
    #[default]
    Rest,
    /// A place is to be scanned; charts go there.
    Whither,
    /// Charts go to this place.
    To(CustodianId),
    /// Charts come back to this desk.
    CheckIn,
    /// Charts go home.
    Refile,
    /// Charts are confirmed at this place.
    Sighted(CustodianId),
    /// The next chart is flagged missing.
    Missing,
    /// The next chart is told to be found.
    Found,
    /// The next chart gets a new label.
    PrintLabel,
    /// The next box is opened: its charts are here.
    Open,
    /// Charts of this list are pulled: each scan ticks its row.
    Pull(PullListId),
    /// Charts of this list go to whoever wants them.
    Send(PullListId),
    /// The chart of this request goes to whoever wants it; one chart.
    Slip(RequestId),
}

impl Mode {
    /// The word that programs read; that of the journal.
    pub fn as_str(self) -> &'static str {
        match self {
            Mode::Rest => "rest",
            Mode::Whither => "whither",
            Mode::To(_) => "to",
            Mode::CheckIn => "check-in",
            Mode::Refile => "refile",
            Mode::Sighted(_) => "sighted",
            Mode::Missing => "missing",
            Mode::Found => "found",
            Mode::PrintLabel => "print-label",
            Mode::Open => "open",
            Mode::Pull(_) => "pull",
            Mode::Send(_) => "send",
            Mode::Slip(_) => "slip",
        }
    }

    /// It is for one chart.
    fn is_for_one(self) -> bool {
        matches!(self, Mode::Missing | Mode::Found | Mode::PrintLabel | Mode::Open | Mode::Slip(_))
    }
}

/// A movement of the batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Batched {
    /// What moved.
    pub volume: VolumeId,
    /// The movement.
    pub movement: MovementNo,
    /// The volume's last movement as far as this batch knows: its own, or what took a later one of it back.
    pub tip: MovementNo,
    /// It was taken back.
    pub undone: bool,
}

/// A station between two scans.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Session {
    mode: Mode,
    /// What goes on after a command for one chart.
    before: Mode,
    /// What a command for one chart was about, until something else is scanned: reading it twice is not reading it for
    /// what comes after the command.
    one: Option<VolumeId>,
    /// The chart that was scanned just before, if that was understood: a shelf's label is about it.
    chart: Option<VolumeId>,
    operator: Option<PersonId>,
    batch: Vec<Batched>,
    /// Movements of the batch from before a box was moved or opened: they stand.
    fixed: usize,
    /// The room that is being confirmed.
    sweep: Option<Sweep>,
    /// Movements of the batch from before it: they confirm nothing.
    unswept: usize,
    /// The last scan that counted.
    last: Option<Timestamp>,
}

impl Session {
    /// A session of nothing but what a form tells: what its charts were scanned for.
    pub fn told(mode: Mode) -> Session {
        Session { mode, ..Session::default() }
    }

    /// What the next chart is scanned for, if it is scanned now.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Who scans.
    pub fn operator(&self) -> Option<PersonId> {
        self.operator
    }

    /// The movements of the batch, in order.
    pub fn batch(&self) -> &[Batched] {
        &self.batch
    }

    /// When the batch ends by waiting; nothing if there is none.
    pub fn ends_at(&self, rules: &Rules) -> Option<Timestamp> {
        let is_resting = self.mode == Mode::Rest && self.batch.is_empty();
        self.last.filter(|_| !is_resting)?.checked_add(rules.idle).ok()
    }

    /// When the badge must be scanned again.
    pub fn badge_until(&self, rules: &Rules) -> Option<Timestamp> {
        self.last.filter(|_| self.operator.is_some())?.checked_add(rules.badge_idle).ok()
    }

    /// How many movements of the batch stand.
    pub fn standing(&self) -> usize {
        self.batch.iter().filter(|step| !step.undone).count()
    }

    /// Forgets what has lapsed by `now`. A clock that was set back lets nothing lapse.
    pub fn settle(&mut self, rules: &Rules, now: Timestamp) {
        let Some(last) = self.last else { return };
        let silent = Duration::try_from(now.duration_since(last)).unwrap_or_default();
        if silent > rules.idle {
            self.end();
        }
        if silent > rules.badge_idle {
            self.operator = None;
        }
    }

    /// The chart that was scanned just before; nothing if anything came in between, also what could not be read.
    pub fn chart(&self) -> Option<VolumeId> {
        self.chart
    }

    /// The chart of the command for one chart that was scanned just before.
    pub fn one(&self) -> Option<VolumeId> {
        self.one
    }

    /// What a command for one chart goes back to.
    fn after_one(&self) -> Mode {
        if self.mode.is_for_one() { self.before } else { self.mode }
    }

    fn end(&mut self) {
        self.mode = Mode::Rest;
        self.one = None;
        self.chart = None;
        self.batch.clear();
        self.fixed = 0;
        self.sweep = None;
        self.unswept = 0;
    }

    /// The room that is being confirmed.
    pub fn sweep(&self) -> Option<Sweep> {
        self.sweep
    }

    /// How many movements of the sweep stand.
    pub fn confirmed(&self) -> usize {
        self.batch.iter().skip(self.unswept).filter(|step| !step.undone).count()
    }

    /// What UNDO would take back.
    pub fn to_undo(&self) -> Option<Batched> {
        self.loose().next()
    }

    /// What taking this volume back would undo: its last step of the batch.
    pub fn to_take_back(&self, volume: VolumeId) -> Option<Batched> {
        self.loose().find(|step| step.volume == volume)
    }

    /// What stands of the batch and could be taken back, the last first.
    pub fn loose(&self) -> impl Iterator<Item = Batched> {
        self.batch.iter().skip(self.fixed).rev().filter(|step| !step.undone).copied()
    }

    /// The place of a volume in the batch, counted from 1 without what was taken back, and how many there are.
    pub fn place_of(&self, volume: VolumeId) -> Option<(usize, usize)> {
        let standing = || self.batch.iter().filter(|step| !step.undone);
        let place = standing().position(|step| step.volume == volume)?;
        Some((place + 1, standing().count()))
    }

    fn batch_up(&mut self, volume: VolumeId, movement: Option<MovementNo>) {
        let Some(movement) = movement else { return };
        // A checkpoint that is never silent has a batch without end.
        if self.batch.len() >= BATCH_MAX {
            self.batch.remove(0);
            self.fixed = self.fixed.saturating_sub(1);
            self.unswept = self.unswept.saturating_sub(1);
        }
        self.batch.push(Batched { volume, movement, tip: movement, undone: false });
    }

    /// Does what a scan did at `now`; `movement` is what it added to history.
    pub fn apply(&mut self, rules: &Rules, act: &Act, movement: Option<MovementNo>, now: Timestamp) {
        match act {
            Act::Told(_) => return,
            Act::Unread | Act::Late { .. } => {
                self.chart = None;
                return;
            }
            _ => {}
        }
        self.settle(rules, now);
        self.last = self.last.max(Some(now));
        let one = match act {
            Act::Move { volume, .. } if self.mode.is_for_one() => Some(*volume),
            Act::Label(volume) => Some(*volume),
            Act::Nothing | Act::Searched(_) | Act::Seen(_) | Act::Replied(_) => self.one,
            _ => None,
        };
        let chart = match act {
            Act::Move { volume, .. } | Act::Seen(volume) | Act::Shelved { volume, .. } => Some(*volume),
            _ => None,
        };
        match act {
            Act::Unread
            | Act::Late { .. }
            | Act::Told(_)
            | Act::Nothing
            | Act::Searched(_)
            | Act::Seen(_)
            | Act::Replied(_)
            | Act::Shelved { .. } => {}
            Act::Label(_) => self.mode = self.after_one(),
            Act::Mode(mode) => {
                self.before = if self.mode.is_for_one() { self.after_one() } else { self.mode };
                self.mode = *mode;
                let before = self.sweep;
                self.sweep = match (mode, before) {
                    (Mode::Sighted(custodian), Some(sweep)) if sweep.custodian == *custodian => Some(sweep),
                    (Mode::Sighted(custodian), _) => Some(Sweep { custodian: *custodian, since: now }),
                    // A chart in between that is missing does not end the sweep.
                    (Mode::Missing | Mode::Found | Mode::PrintLabel | Mode::Open | Mode::Slip(_), sweep) => {
                        sweep
                    }
                    _ => None,
                };
                if self.sweep != before {
                    self.unswept = self.batch.len();
                }
            }
            Act::Operator(person) => self.operator = Some(*person),
            Act::Done(_) => self.end(),
            Act::Move { volume, .. } => {
                self.batch_up(*volume, movement);
                if self.mode.is_for_one() {
                    self.mode = self.after_one();
                }
            }
            Act::NotFound(_) => self.mode = self.after_one(),
            Act::BoxMoved { .. } => self.fixed = self.batch.len(),
            Act::BoxOpened { .. } => {
                self.fixed = self.batch.len();
                self.mode = self.after_one();
            }
            Act::Undo { volume, undoes } => {
                for step in self.batch.iter_mut().filter(|step| step.volume == *volume) {
                    step.undone |= step.movement == *undoes;
                    step.tip = movement.unwrap_or(step.tip);
                }
            }
        }
        self.one = one;
        self.chart = chart;
    }
}
