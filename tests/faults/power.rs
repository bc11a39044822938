//! Power cuts: a day's tape is played to some point, what was not synced gets lost, and the store opens what is left.

use crate::crash::{FATES, Fate, Platter};
use crate::disk::{self, Event};
use crate::room::{self, Checked, Expected};
use crate::story::{Control, Story, Trouble, day};
use crate::works::Work;
use std::path::Path;

/// What so many crash states came to.
#[derive(Debug, Default, Clone)]
pub(crate) struct Tally {
    pub(crate) states: usize,
    /// States in which something was not synced: the others are no test.
    pub(crate) hot: usize,
    pub(crate) checks: usize,
    pub(crate) unsound: usize,
    pub(crate) lost: usize,
    pub(crate) altered: usize,
    pub(crate) doubled: usize,
    pub(crate) wrong: usize,
    /// The first that was not sound.
    pub(crate) first: Option<String>,
}

impl Tally {
    pub(crate) fn add(&mut self, other: Tally) {
        self.states += other.states;
        self.hot += other.hot;
        self.checks += other.checks;
        self.unsound += other.unsound;
        self.lost += other.lost;
        self.altered += other.altered;
        self.doubled += other.doubled;
        self.wrong += other.wrong;
        self.first = self.first.take().or(other.first);
    }

    pub(crate) fn note(&mut self, checked: &Checked, story: impl FnOnce() -> String) {
        self.states += 1;
        self.checks += checked.answered;
        self.lost += checked.lost.len();
        self.altered += checked.altered.len();
        self.doubled += checked.doubled;
        self.wrong += usize::from(!checked.wrong.is_empty());
        if !checked.is_sound() {
            self.unsound += 1;
            self.first.get_or_insert_with(|| format!("{}: {checked:?}", story()));
        }
    }
}

/// After how many events the power goes, and what becomes of that which was not synced.
type Point = (usize, Fate);

/// Right before and right after each sync and each answer, and anywhere.
fn points(tape: &[Event], begins: usize, states: usize, random: &mut fastrand::Rng) -> Vec<Point> {
    let mut points: Vec<usize> = (begins..tape.len())
        .filter(|at| {
            matches!(
                tape[*at],
                Event::Synced { .. } | Event::SyncFailed { .. } | Event::NamesSynced | Event::Answered { .. }
            )
        })
        .flat_map(|at| [at, at + 1])
        .collect();
    random.shuffle(&mut points);
    points.truncate(states / 2);
    points.extend(std::iter::repeat_with(|| random.usize(begins..=tape.len())).take(states - points.len()));
    points.sort_unstable();
    points.into_iter().map(|point| (point, FATES[random.usize(..FATES.len())])).collect()
}

/// Between any two events of which one is more than a write, in every way: few, and where the old becomes the new. What
/// exactly gets lost is up to chance: each way is tried so many times.
fn turns(tape: &[Event], begins: usize, chances: usize) -> Vec<Point> {
    let is_more = |at: usize| tape.get(at).is_some_and(|event| !matches!(event, Event::Wrote { .. }));
    (begins..=tape.len())
        .filter(|at| is_more(*at) || at.checked_sub(1).is_some_and(is_more))
        .flat_map(|at| std::iter::repeat_n(FATES, chances).flatten().map(move |fate| (at, fate)))
        .collect()
}

/// Plays a tape and stops it at these points, the earliest first; `check` looks at each state, given what had been
/// answered.
fn cut(
    tape: &[Event],
    points: &[Point],
    seed: u64,
    check: &mut dyn FnMut(&Path, &[usize]) -> Checked,
) -> Tally {
    let mut random = fastrand::Rng::with_seed(seed);
    let scratch = crate::scratch();
    let watch = disk::watch(scratch.path());
    let (mut platter, mut answered, mut played, mut tally) =
        (Platter::default(), Vec::new(), 0, Tally::default());
    for (point, fate) in points.iter().copied() {
        for event in &tape[played..point] {
            platter.follow(event, &mut random);
            if let Event::Answered { delivery } = event {
                answered.push(*delivery);
            }
        }
        played = point;
        tally.hot += usize::from(platter.is_hot());
        platter.crash(scratch.path(), fate, &mut random);
        watch.0.forget();
        let checked = check(scratch.path(), &answered);
        tally.note(&checked, || format!("seed {seed}, {fate:?} after event {point} of {}", tape.len()));
    }
    tally
}

/// Cuts the power during a story of scans.
pub(crate) fn scanning(
    story: &Story,
    tape: &[Event],
    states: usize,
    seed: u64,
    redelivers_as_new: bool,
) -> Tally {
    let points = points(tape, story.begins, states, &mut fastrand::Rng::with_seed(seed));
    cut(tape, &points, seed, &mut |dir, answered| {
        let expected = Expected { sent: &story.sent, answered, standing: &story.standing, redelivers_as_new };
        room::check(dir, &room::clock(), &expected)
    })
}

/// How much is done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) states: usize,
    /// Steps of each day; the longer, the more rows each state is searched for.
    pub(crate) steps: usize,
    /// States of each day.
    pub(crate) states_a_day: usize,
}

/// Days on several threads, each on disks of its own.
pub(crate) fn days(size: Size, trouble: Trouble, seed: u64) -> Tally {
    let days = size.states.div_ceil(size.states_a_day);
    let threads = crate::threads();
    let run = |thread: usize| {
        let mut tally = Tally::default();
        for number in (0..days).filter(|number| number % threads == thread) {
            let seed = seed + number as u64;
            let story = day(seed, size.steps, trouble);
            let states = size.states_a_day.min(size.states - number * size.states_a_day);
            tally.add(scanning(&story, &story.tape, states, seed, false));
        }
        tally
    };
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..threads).map(|thread| scope.spawn(move || run(thread))).collect();
        let mut tally = Tally::default();
        runs.into_iter().for_each(|run| tally.add(run.join().unwrap()));
        tally
    })
}

/// The same for a store that breaks a promise: each of them must be seen.
pub(crate) fn controls(steps: usize, states: usize) -> Vec<(&'static str, Tally)> {
    let story = day(1, steps, Trouble::None);
    let broken = |control: Control| scanning(&story, &control.of(&story.tape), states, 1, false);
    vec![
        ("control: synchronous normal", broken(Control::Normal)),
        ("control: synchronous off", broken(Control::Off)),
        ("control: answer before the commit", broken(Control::EarlyAnswer)),
        ("control: repeated deliveries not recognised", scanning(&story, &story.tape, states / 4, 1, true)),
    ]
}

/// How much is done of each work that is no scan.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AtWork {
    /// Crash states anywhere in it.
    pub(crate) states: usize,
    /// How often each way of losing what was not synced is tried at each turn.
    pub(crate) chances: usize,
}

/// Cuts the power during one of the works that are no scans: at every turn, and as often anywhere.
pub(crate) fn work(work: Work, size: AtWork, seed: u64) -> Tally {
    let dir = crate::scratch();
    let watch = disk::record(dir.path());
    (work.before)(dir.path());
    let begins = watch.0.now();
    assert!((work.act)(dir.path()), "{} fails without any fault", work.name);
    watch.0.answered(0);
    let tape = watch.0.tape();
    drop(watch);
    let threads = crate::threads();
    let mut all = points(&tape, begins, size.states, &mut fastrand::Rng::with_seed(seed));
    all.extend(turns(&tape, begins, size.chances));
    all.sort_by_key(|(point, _)| *point);
    let (tape, all) = (&tape, &all);
    let cut = move |thread: usize| {
        let points: Vec<Point> = all.iter().copied().skip(thread).step_by(threads).collect();
        cut(tape, &points, seed * 100 + thread as u64, &mut |dir, answered| {
            (work.after)(dir, !answered.is_empty())
        })
    };
    std::thread::scope(|scope| {
        let runs: Vec<_> = (0..threads).map(|thread| scope.spawn(move || cut(thread))).collect();
        let mut tally = Tally::default();
        runs.into_iter().for_each(|run| tally.add(run.join().unwrap()));
        tally
    })
}
