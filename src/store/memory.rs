//! What the writer keeps in memory between transactions.

use super::chain::Heads;
use crate::tracking::grammar::{Place, Rules, Session};
use crate::tracking::{Calendar, CustodianId, DoubleReads, DueRule, StationId};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// A station as the recorder needs it.
#[derive(Debug, Clone)]
pub(super) struct StationFacts {
    pub(super) rules: Rules,
    pub(super) here: Place,
    pub(super) double_read_window: Duration,
}

/// What the writer keeps in memory between transactions.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) heads: Heads,
    /// Each station between two scans. What a transaction that fails did to them is replayed from the journal.
    pub(super) sessions: HashMap<StationId, Session>,
    /// Stations whose sessions changed since they were shown.
    pub(super) touched: Vec<StationId>,
    pub(super) stations: Arc<HashMap<StationId, Arc<StationFacts>>>,
    /// Custodians that a checkpoint stands for, and those that a desk stands for.
    pub(super) checkpoints: Arc<HashSet<CustodianId>>,
    pub(super) desks: Arc<HashSet<CustodianId>>,
    /// When charts are due back; nothing is due before it is told.
    pub(super) due: Option<Arc<DueBack>>,
    pub(super) reads: DoubleReads,
    /// Labels wait to be printed or stuck on; `None`: nobody has looked yet.
    pub(super) labels_due: Option<bool>,
    /// What the site settles about missing charts.
    pub(super) missing: crate::missing::Rules,
}

impl Memory {
    /// A supervisor has to confirm finds.
    pub(super) fn confirms_finds(&self) -> bool {
        self.missing.confirms_finds
    }
}

/// What a roll-back takes back: all that follows from rows, but for the sessions, which are replayed.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    heads: Heads,
    stations: Arc<HashMap<StationId, Arc<StationFacts>>>,
    checkpoints: Arc<HashSet<CustodianId>>,
    desks: Arc<HashSet<CustodianId>>,
}

impl Memory {
    /// To be taken before anything is written that may be rolled back.
    pub(super) fn keep(&self) -> Kept {
        Kept {
            heads: self.heads,
            stations: Arc::clone(&self.stations),
            checkpoints: Arc::clone(&self.checkpoints),
            desks: Arc::clone(&self.desks),
        }
    }

    /// It was rolled back.
    pub(super) fn go_back(&mut self, kept: Kept) {
        let Kept { heads, stations, checkpoints, desks } = kept;
        self.heads = heads;
        self.stations = stations;
        self.checkpoints = checkpoints;
        self.desks = desks;
    }
}

/// The room's calendar, and the rule of holders that have none of their own.
#[derive(Debug)]
pub(super) struct DueBack {
    pub(super) calendar: Calendar,
    pub(super) rule: DueRule,
}
