//! Seeded simulation: scanners, network clients, the intake, the store and its queue, sweeps, people and notices in a made-up
//! world whose clock, disk, power and mail server are all played from one number. Whatever goes wrong, the same number plays
//! it again, event by event.

mod check;
mod mail;
mod play;
mod scanner;
mod scans;
mod shop;

use crate::table::Table;
use std::collections::BTreeMap;
use std::ops::Range;
use std::panic::AssertUnwindSafe;
use std::sync::Mutex;

/// A lie that the checks must see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lie {
    None,
    /// What the power cut took is said to have been answered before it.
    GreenTooEarly,
    /// The mail server lost what it took.
    MailLost,
    /// A repeated notice comes under another Message-ID.
    OtherId,
}

/// What a seed came to.
#[derive(Debug, Default, Clone)]
pub(crate) struct Outcome {
    /// The same for the same seed.
    pub(crate) fingerprint: u64,
    /// What happened, in order.
    pub(crate) trace: Vec<String>,
    /// How often what was injected.
    pub(crate) injected: BTreeMap<&'static str, usize>,
    /// Scans that were answered green and looked for.
    pub(crate) answered: usize,
    pub(crate) notices: usize,
    pub(crate) lost: usize,
    pub(crate) doubled: usize,
    /// What is wrong, in words; nothing if all is well.
    pub(crate) wrong: Vec<String>,
}

/// Of so many seeds one is played a second time.
const REPLAYED: u64 = 25;
/// Seeds that each lie gets.
const LIES: u64 = 30;

/// Plays seeds on all processors and puts what came of them into the table.
pub(crate) fn run(seeds: Range<u64>, table: &mut Table) {
    let template = shop::Template::new();
    let all = Mutex::new(Sum::default());
    let next = std::sync::atomic::AtomicU64::new(seeds.start);
    std::thread::scope(|scope| {
        for _ in 0..crate::threads() {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    if seed >= seeds.end {
                        break;
                    }
                    let outcome = seed_of(&template, seed, Lie::None);
                    let again = seed.is_multiple_of(REPLAYED).then(|| seed_of(&template, seed, Lie::None));
                    all.lock().unwrap().add(seed, &outcome, again.as_ref());
                }
            });
        }
    });
    let sum = all.into_inner().unwrap();
    table.plays(&sum.line());
    for failure in sum.failures.iter().take(5) {
        table.expect(false, failure);
    }
    for (name, lie) in [
        ("control: green before the disk had it", Lie::GreenTooEarly),
        ("control: mail that is lost after it was taken", Lie::MailLost),
        ("control: a notice repeated as another message", Lie::OtherId),
    ] {
        let caught = (0..LIES).filter(|seed| !seed_of(&template, *seed, lie).wrong.is_empty()).count();
        table.is_caught(name, usize::try_from(LIES).unwrap(), caught, 0, 0);
    }
}

/// Plays one seed aloud.
pub(crate) fn replay(seed: u64, table: &mut Table) {
    let outcome = seed_of(&shop::Template::new(), seed, Lie::None);
    for line in &outcome.trace {
        table.plays(line);
    }
    table.plays(&format!("seed {seed}: fingerprint {:016x}", outcome.fingerprint));
    for wrong in &outcome.wrong {
        table.expect(false, &format!("seed {seed}: {wrong}"));
    }
}

fn seed_of(template: &shop::Template, seed: u64, lie: Lie) -> Outcome {
    let played = std::panic::catch_unwind(AssertUnwindSafe(|| play::seed(template, seed, lie)));
    played.unwrap_or_else(|panic| {
        let what = panic.downcast_ref::<String>().cloned();
        let what = what.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        let what = format!("panic: {}", what.unwrap_or_default());
        Outcome { wrong: vec![what], ..Outcome::default() }
    })
}

#[derive(Default)]
struct Sum {
    seeds: usize,
    replayed: usize,
    same: usize,
    answered: usize,
    notices: usize,
    lost: usize,
    doubled: usize,
    injected: BTreeMap<&'static str, usize>,
    failures: Vec<String>,
}

impl Sum {
    fn add(&mut self, seed: u64, outcome: &Outcome, again: Option<&Outcome>) {
        self.seeds += 1;
        self.answered += outcome.answered;
        self.notices += outcome.notices;
        self.lost += outcome.lost;
        self.doubled += outcome.doubled;
        for (what, count) in &outcome.injected {
            *self.injected.entry(what).or_default() += count;
        }
        if let Some(first) = outcome.wrong.first() {
            let more = outcome.wrong.len() - 1;
            self.failures.push(format!(
                "seed {seed}: {first} (and {more} more); tests/simulation seed {seed} plays it again"
            ));
        }
        if let Some(again) = again {
            self.replayed += 1;
            if again.fingerprint == outcome.fingerprint {
                self.same += 1;
            } else {
                let differs = outcome.trace.iter().zip(&again.trace).find(|(first, second)| first != second);
                self.failures.push(format!("seed {seed} did not replay exactly; first at {differs:?}"));
            }
        }
    }

    fn line(&self) -> String {
        let injected = self.injected.iter().map(|(what, count)| format!("{what} {count}"));
        format!(
            "{} seeds: {} scans answered, {} notices, {} lost, {} doubled; {} replayed, {} of them exactly\ninjected: {}",
            self.seeds,
            self.answered,
            self.notices,
            self.lost,
            self.doubled,
            self.replayed,
            self.same,
            injected.collect::<Vec<_>>().join(", ")
        )
    }
}
