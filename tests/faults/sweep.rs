//! The n-th call fails, once or from then on: n = 1, 2, 3 … until a run is through without any having failed.

use crate::disk::{self, Disk, Op, Plan};
use crate::power::Tally;
use crate::room::{self, Checked, Delivery, Expected, Open, wait};
use crate::works::{Work, a_room, gone, volume};
use outguide::tracking::Sighting;
use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// No work makes so many calls: a sweep that gets here goes in a circle.
const CALLS_MAX: u64 = 20_000;
/// So many seconds the database is tried again before it counts as gone for good.
const SECONDS_MAX: usize = 30;

/// Which calls fail, and how.
const KINDS: [(Option<Op>, bool); 8] = [
    (Some(Op::Open), false),
    (Some(Op::Read), false),
    (Some(Op::Write), false),
    (Some(Op::Write), true),
    (Some(Op::Truncate), false),
    (Some(Op::Sync), false),
    (Some(Op::Name), false),
    (None, false),
];

/// Sweeps one of the works; every `stride`-th call.
pub(crate) fn work(work: Work, stride: u64) -> Tally {
    sweep(work.name, work.before, stride, &|dir, disk| {
        let is_done = (work.act)(dir);
        disk.mend_quietly();
        (work.after)(dir, is_done)
    })
}

/// Sweeps the daemon's own work: scans.
pub(crate) fn scans(stride: u64) -> Tally {
    sweep("scans", a_room, stride, &scanning)
}

/// `run` does something with the disk failing, mends the disk, does what was left undone, and looks.
fn sweep(
    name: &str,
    before: fn(&Path),
    stride: u64,
    run: &(dyn Fn(&Path, &Disk) -> Checked + Sync),
) -> Tally {
    let template = crate::scratch();
    let watch = disk::watch(template.path());
    before(template.path());
    drop(watch);
    let cases: Vec<_> = KINDS.iter().flat_map(|kind| [(kind, false), (kind, true)]).collect();
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut tally = Tally::default();
        while let Some(((op, full), for_ever)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            for nth in (1..CALLS_MAX).step_by(usize::try_from(stride).unwrap()) {
                let plan = Plan { op: *op, nth, for_ever: *for_ever, full: *full };
                let dir = crate::scratch();
                copy_all(template.path(), dir.path());
                let watch = disk::watch(dir.path());
                watch.0.fail(plan);
                let checked = run(dir.path(), &watch.0);
                if watch.0.mend() == 0 {
                    break;
                }
                tally.note(&checked, || format!("{name}, {plan:?}"));
            }
        }
        tally
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..crate::threads()).map(|_| scope.spawn(worker)).collect();
        let mut tally = Tally::default();
        workers.into_iter().for_each(|worker| tally.add(worker.join().unwrap()));
        tally
    })
}

fn copy_all(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// Scans, alone and many at once, and a change that is no scan; what was refused is sent again once the disk works.
fn scanning(dir: &Path, disk: &Disk) -> Checked {
    let clock = room::clock();
    let mut sent: Vec<Delivery> = Vec::new();
    let open = match Open::new(dir, &clock) {
        Ok(open) => open,
        Err(_) => {
            // The daemon says why and ends; systemd starts it again.
            disk.mend_quietly();
            match Open::new(dir, &clock) {
                Ok(open) => open,
                Err(error) => return gone(error),
            }
        }
    };
    for at_once in [1, 1, 1, 9, 1, 5] {
        clock.advance(Duration::from_secs(3));
        let first = sent.len();
        for count in first..first + at_once {
            sent.push(Delivery { scan: volume(&open, &clock, count), answer: None });
        }
        let answers = sent[first..].iter().map(|delivery| open.store.record(delivery.scan.clone()));
        let answers = wait(futures_util::future::join_all(answers.collect::<Vec<_>>()));
        for (delivery, answer) in sent[first..].iter_mut().zip(answers) {
            delivery.answer = answer.ok();
        }
    }
    let unknown = Sighting::Unknown { text: "X1".into() };
    sent.push(Delivery { scan: open.scan(&clock, 900, 1, unknown), answer: None });
    disk.mend_quietly();
    let mut checked = Checked::default();
    for delivery in &mut sent {
        for _ in 0..SECONDS_MAX {
            if delivery.answer.is_some() {
                break;
            }
            delivery.answer = wait(open.store.record(delivery.scan.clone())).ok();
            clock.advance(Duration::from_secs(1));
        }
        if delivery.answer.is_none() {
            checked.wrong.push(format!("the database did not come back: {:?}", open.store.health()));
        }
    }
    if open.store.health().red.is_some() {
        checked.wrong.push("it is red although it records".into());
    }
    open.close();
    let answered: Vec<usize> = (0..sent.len()).filter(|number| sent[*number].answer.is_some()).collect();
    let expected =
        Expected { sent: &sent, answered: &answered, standing: &HashMap::new(), redelivers_as_new: false };
    let wrong = checked.wrong;
    checked = room::check(dir, &room::clock(), &expected);
    checked.wrong.extend(wrong);
    checked
}
