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
    /// Charts of this list are pulled: each scan ticks its row.
    Pull(PullListId),
    /// Charts of this list go to whoever wants them.
    Send(PullListId),
    /// The chart of this request goes to whoever wants it; one chart.
    Slip(RequestId),
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

/// What is done with a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ListMode {
    Pull(PullListId),
    Send(PullListId),
}

/// A station between two scans.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Session {
    mode: Mode,
    operator: Option<PersonId>,
    batch: Vec<Batched>,
    /// The room that is being confirmed.
    sweep: Option<Sweep>,
    /// The list that is worked on, under a command or slip for one chart too.
    list: Option<ListMode>,
    /// The last scan that counted.
    last: Option<Timestamp>,
}

impl Session {
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

    /// What a command for one chart goes back to.
    fn after_one(&self) -> Mode {
        match (self.list, self.sweep) {
            (Some(ListMode::Pull(list)), _) => Mode::Pull(list),
            (Some(ListMode::Send(list)), _) => Mode::Send(list),
            (None, Some(sweep)) => Mode::Sighted(sweep.custodian),
            (None, None) => Mode::Rest,
        }
    }

    fn end(&mut self) {
        self.mode = Mode::Rest;
        self.batch.clear();
        self.sweep = None;
        self.list = None;
    }

    /// The room that is being confirmed.
    pub fn sweep(&self) -> Option<Sweep> {
        self.sweep
    }

    /// What UNDO would take back.
    pub fn to_undo(&self) -> Option<Batched> {
        self.batch.iter().rev().find(|step| !step.undone).copied()
    }

    /// The place of a volume in the batch, counted from 1 without what was taken back, and how many there are.
    pub fn place_of(&self, volume: VolumeId) -> Option<(usize, usize)> {
        let standing = || self.batch.iter().filter(|step| !step.undone);
        let place = standing().position(|step| step.volume == volume)?;
        Some((place + 1, standing().count()))
    }

    /// Does what a scan did at `now`; `movement` is what it added to history.
    pub fn apply(&mut self, rules: &Rules, act: &Act, movement: Option<MovementNo>, now: Timestamp) {
        if matches!(act, Act::Unread | Act::Late { .. }) {
            return;
        }
        self.settle(rules, now);
        self.last = self.last.max(Some(now));
        match act {
            Act::Unread | Act::Late { .. } | Act::Nothing => {}
            Act::Mode(mode) => {
                self.mode = *mode;
                self.sweep = match (mode, self.sweep) {
                    (Mode::Sighted(custodian), Some(sweep)) if sweep.custodian == *custodian => Some(sweep),
                    (Mode::Sighted(custodian), _) => Some(Sweep { custodian: *custodian, since: now }),
                    // A chart in between that is missing does not end the sweep.
                    (Mode::Missing | Mode::Found | Mode::Slip(_), sweep) => sweep,
                    _ => None,
                };
                self.list = match (mode, self.list) {
                    (Mode::Pull(list), _) => Some(ListMode::Pull(*list)),
                    (Mode::Send(list), _) => Some(ListMode::Send(*list)),
                    (Mode::Missing | Mode::Found | Mode::Slip(_), list) => list,
                    _ => None,
                };
            }
            Act::Operator(person) => self.operator = Some(*person),
            Act::Done(_) => self.end(),
            Act::Move { volume, .. } => {
                if let Some(movement) = movement {
                    // A checkpoint that is never silent has a batch without end.
                    if self.batch.len() >= BATCH_MAX {
                        self.batch.remove(0);
                    }
                    self.batch.push(Batched { volume: *volume, movement, tip: movement, undone: false });
                }
                if matches!(self.mode, Mode::Missing | Mode::Found | Mode::Slip(_)) {
                    self.mode = self.after_one();
                }
            }
            Act::NotFound(_) => self.mode = self.after_one(),
            Act::Undo { volume, undoes } => {
                for step in self.batch.iter_mut().filter(|step| step.volume == *volume) {
                    step.undone |= step.movement == *undoes;
                    step.tip = movement.unwrap_or(step.tip);
                }
            }
        }
    }
}
