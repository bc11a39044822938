//! What is counted in a simulation.

use crate::demo::file_room::{Day, FileRoom};
use crate::missing::plan::Place;
use crate::tracking::VolumeId;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Days of a month in which a room works.
const MONTH: f64 = 21.0;

/// A way of searching.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// By Outguide's plan.
    Plan,
    /// Only where the record says.
    LastKnown,
    /// A paper procedure's fixed order.
    Paper,
    /// All places of both, in random order.
    Random,
}

/// What a way of searching came to.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
pub struct Tally {
    /// Searches.
    pub searches: u32,
    /// The chart was at the first place.
    pub first: u32,
    /// It was at one of the first three.
    pub third: u32,
    /// It was at one of the first five.
    pub fifth: u32,
    /// It was found within the time.
    pub found: u32,
    /// Minutes of all searches; one in vain counts with the whole time.
    pub minutes: f64,
}

impl Tally {
    pub(super) fn add(
        &mut self,
        room: &FileRoom,
        wanted: VolumeId,
        order: &[Place],
        found: bool,
        minutes: f64,
    ) {
        let at = order.iter().position(|place| room.is_at(*place, wanted));
        let is_within = |count| u32::from(at.is_some_and(|at| at < count));
        self.searches += 1;
        self.first += is_within(1);
        self.third += is_within(3);
        self.fifth += is_within(5);
        self.found += u32::from(found);
        self.minutes += minutes;
    }

    /// A count as a share of the searches.
    pub fn share(&self, count: u32) -> f64 {
        f64::from(count) / f64::from(self.searches.max(1))
    }

    /// Minutes of a search on average.
    pub fn minutes_each(&self) -> f64 {
        self.minutes / f64::from(self.searches.max(1))
    }
}

/// From the moment that a chart is not where the record says, until it is again.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Episode {
    pub(super) since: Timestamp,
    /// A case was opened.
    pub(super) case_at: Option<Timestamp>,
    /// Somebody went to pull it.
    pub(super) pulled_at: Option<Timestamp>,
    /// A patient was there and the chart was not.
    pub(super) needed_at: Option<Timestamp>,
}

impl Episode {
    pub(super) fn new(since: Timestamp) -> Episode {
        Episode { since, case_at: None, pulled_at: None, needed_at: None }
    }
}

/// What came of a simulation.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Report {
    /// Which room.
    pub seed: u64,
    /// Folders in it.
    pub charts: u32,
    /// Working days played.
    pub days: Day,
    /// Labels scanned.
    pub scans: u32,
    /// Times that a chart was not where the record says.
    pub lost: u32,
    /// Of these, those that somebody needed, or that had a case.
    pub mattered: u32,
    /// Of those, the ones with a case before a patient was there.
    pub noticed_before_needed: u32,
    /// … before anybody went to pull the chart.
    pub noticed_before_pull: u32,
    /// Hours from loss to case, for those that had one.
    pub hours_to_case: Vec<f64>,
    /// Cases.
    pub cases: u32,
    /// Cases of charts that were where the record says.
    pub false_cases: u32,
    /// Times that a holder was asked for a chart.
    pub asked: u32,
    /// What spoke for cases when they were opened.
    pub signs: BTreeMap<&'static str, u32>,
    /// The same of false cases.
    pub false_signs: BTreeMap<&'static str, u32>,
    /// Searches by what the record said.
    pub seen: BTreeMap<&'static str, u32>,
    /// The ways of searching, for charts that were not where the record says.
    pub ways: BTreeMap<Way, Tally>,
    /// The same for charts that were there, and were overlooked or asked for.
    pub in_vain: BTreeMap<Way, Tally>,
    /// Searches by the plan: what the record said, and where the chart was.
    pub spots: BTreeMap<String, Tally>,
}

impl Report {
    pub(super) fn new(seed: u64, charts: usize, days: Day) -> Report {
        Report {
            seed,
            charts: u32::try_from(charts).unwrap_or(u32::MAX),
            days,
            scans: 0,
            lost: 0,
            mattered: 0,
            noticed_before_needed: 0,
            noticed_before_pull: 0,
            hours_to_case: Vec::new(),
            cases: 0,
            false_cases: 0,
            asked: 0,
            signs: BTreeMap::new(),
            false_signs: BTreeMap::new(),
            seen: BTreeMap::new(),
            ways: BTreeMap::new(),
            in_vain: BTreeMap::new(),
            spots: BTreeMap::new(),
        }
    }

    pub(super) fn way(&mut self, way: Way, is_lost: bool) -> &mut Tally {
        let ways = if is_lost { &mut self.ways } else { &mut self.in_vain };
        ways.entry(way).or_default()
    }

    pub(super) fn ended(&mut self, episode: &Episode) {
        self.lost += 1;
        if episode.case_at.is_none() && episode.needed_at.is_none() {
            return;
        }
        self.mattered += 1;
        let is_before = |other: Option<Timestamp>| {
            episode.case_at.is_some_and(|case| other.is_none_or(|other| case < other))
        };
        self.noticed_before_needed += u32::from(is_before(episode.needed_at));
        self.noticed_before_pull += u32::from(is_before(episode.pulled_at) && is_before(episode.needed_at));
        if let Some(case) = episode.case_at {
            self.hours_to_case.push(case.duration_since(episode.since).as_secs_f64() / 3600.0);
        }
    }

    /// The share of lost charts that mattered which was noticed before a patient was there.
    pub fn noticed(&self) -> f64 {
        f64::from(self.noticed_before_needed) / f64::from(self.mattered.max(1))
    }

    /// False cases for 1,000 charts in a month.
    pub fn false_per_month(&self) -> f64 {
        f64::from(self.false_cases) / (f64::from(self.charts) / 1000.0) / (f64::from(self.days) / MONTH)
    }

    /// Hours from loss to case: the middle one.
    pub fn median_hours(&self) -> f64 {
        let mut hours = self.hours_to_case.clone();
        hours.sort_by(f64::total_cmp);
        hours.get(hours.len() / 2).copied().unwrap_or_default()
    }
}
