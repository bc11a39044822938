//! Charts that get lost in made-up file rooms: how many are noticed in time, and how long searches take by the plan and by
//! other orders. Every mix of `config/simulate.toml`, twenty rooms each; 95 % intervals over the rooms.

use outguide::demo::{Mix, mixes};
use outguide::simulate::{CHARTS, DAYS, Report, Tally, Way, run as play};
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Rooms of each mix.
const SEEDS: u64 = 20;
/// Rooms that are played at once.
const THREADS: usize = 2;
/// Student's t for 95 % and 19 degrees of freedom.
const T: f64 = 2.093;

pub(crate) fn run() {
    let mixes = mixes(include_str!("../../config/simulate.toml")).unwrap();
    let jobs: Vec<(String, u64)> =
        mixes.keys().flat_map(|name| (1..=SEEDS).map(move |seed| (name.clone(), seed))).collect();
    let (jobs, reports) = (Mutex::new(jobs), Mutex::new(BTreeMap::<String, Vec<Report>>::new()));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let Some((name, seed)) = jobs.lock().unwrap().pop() else { return };
                    let report = room(&mixes[&name], seed);
                    reports.lock().unwrap().entry(name).or_default().push(report);
                }
            });
        }
    });
    let reports = reports.into_inner().unwrap();
    println!(
        "{CHARTS} charts, {DAYS} working days, {SEEDS} rooms of each mix; * mixes that nothing was chosen by"
    );
    noticed(&mixes, &reports);
    println!();
    searches(&mixes, &reports);
}

fn room(mix: &Mix, seed: u64) -> Report {
    let memory = std::path::Path::new("/dev/shm");
    let parent = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    let dir = tempfile::tempdir_in(parent).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(play(dir.path(), seed, mix.rates, CHARTS, DAYS)).unwrap()
}

fn named(name: &str, mix: &Mix) -> String {
    if mix.held_out { format!("{name}*") } else { name.to_owned() }
}

/// The mean of a figure over the rooms, and half the width of its interval.
fn mean(reports: &[Report], figure: impl Fn(&Report) -> f64) -> (f64, f64) {
    let all: Vec<f64> = reports.iter().map(figure).collect();
    let count = all.len() as f64;
    let mean = all.iter().sum::<f64>() / count;
    let spread = all.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (count - 1.0);
    (mean, T * (spread / count).sqrt())
}

fn noticed(mixes: &BTreeMap<String, Mix>, reports: &BTreeMap<String, Vec<Report>>) {
    println!(
        "| mix | lost charts that mattered | noticed before needed | before the pull | hours to case (median) | false cases /1,000/month | holders asked /1,000/month |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    let mut all = Vec::new();
    for (name, reports) in reports {
        let before = mean(reports, Report::noticed);
        let pull = mean(reports, |one| f64::from(one.noticed_before_pull) / f64::from(one.mattered.max(1)));
        let asked = mean(reports, |one| {
            f64::from(one.asked) * one.false_per_month() / f64::from(one.false_cases.max(1))
        });
        println!(
            "| {} | {:.0} | {:.0} ± {:.0} % | {:.0} ± {:.0} % | {:.0} | {:.1} | {:.1} |",
            named(name, &mixes[name]),
            mean(reports, |one| f64::from(one.mattered)).0,
            before.0 * 100.0,
            before.1 * 100.0,
            pull.0 * 100.0,
            pull.1 * 100.0,
            mean(reports, Report::median_hours).0,
            mean(reports, Report::false_per_month).0,
            asked.0,
        );
        all.push(before.0);
    }
    println!(
        "noticed before needed, averaged over the mixes: {:.0} %",
        all.iter().sum::<f64>() / all.len() as f64 * 100.0
    );
}

fn tally(report: &Report, way: Way) -> Tally {
    report.ways.get(&way).cloned().unwrap_or_default()
}

/// Lost charts and those that were searched for in vain together.
fn minutes_of_all(report: &Report, way: Way) -> f64 {
    let both = [&report.ways, &report.in_vain].map(|ways| ways.get(&way).cloned().unwrap_or_default());
    both.iter().map(|tally| tally.minutes).sum::<f64>()
        / f64::from(both.iter().map(|tally| tally.searches).sum::<u32>().max(1))
}

fn searches(mixes: &BTreeMap<String, Mix>, reports: &BTreeMap<String, Vec<Report>>) {
    println!(
        "| mix | searches | plan: in first 1 / 3 / 5 | last known | paper 1 / 3 / 5 | random 1 / 3 / 5 | minutes: plan | paper | random | ratio | ratio, all searches |"
    );
    println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    let mut sums = BTreeMap::<bool, Vec<[f64; 5]>>::new();
    for (name, reports) in reports {
        let shares = |way| {
            let share = |pick: fn(&Tally) -> u32| {
                mean(reports, |one| {
                    let tally = tally(one, way);
                    tally.share(pick(&tally))
                })
            };
            [share(|tally| tally.first), share(|tally| tally.third), share(|tally| tally.fifth)]
        };
        let minutes = |way| mean(reports, |one| tally(one, way).minutes_each());
        let of = |way| {
            let [one, three, five] = shares(way);
            format!(
                "{:.0} / {:.0} ± {:.0} / {:.0} %",
                one.0 * 100.0,
                three.0 * 100.0,
                three.1 * 100.0,
                five.0 * 100.0
            )
        };
        let (plan, paper, random) = (minutes(Way::Plan), minutes(Way::Paper), minutes(Way::Random));
        let all = mean(reports, |one| minutes_of_all(one, Way::Plan)).0
            / mean(reports, |one| minutes_of_all(one, Way::Paper)).0;
        println!(
            "| {} | {:.0} | {} | {:.0} % | {} | {} | {:.0} ± {:.0} | {:.0} ± {:.0} | {:.0} | {:.2} | {all:.2} |",
            named(name, &mixes[name]),
            mean(reports, |one| f64::from(tally(one, Way::Plan).searches)).0,
            of(Way::Plan),
            shares(Way::LastKnown)[0].0 * 100.0,
            of(Way::Paper),
            of(Way::Random),
            plan.0,
            plan.1,
            paper.0,
            paper.1,
            random.0,
            plan.0 / paper.0,
        );
        let row = [shares(Way::Plan)[1].0, shares(Way::LastKnown)[0].0, plan.0, paper.0, all];
        sums.entry(mixes[name].held_out).or_default().push(row);
    }
    for (held_out, rows) in sums {
        let mean = |at: usize| rows.iter().map(|row| row[at]).sum::<f64>() / rows.len() as f64;
        println!(
            "{}: the first three places hold the chart in {:.0} % of searches, the last known location in {:.0} %; minutes {:.0} against {:.0} by paper, {:.2}; worst mix {:.2}; with charts that were not lost {:.2}",
            if held_out { "mixes held out" } else { "mixes looked at" },
            mean(0) * 100.0,
            mean(1) * 100.0,
            mean(2),
            mean(3),
            mean(2) / mean(3),
            rows.iter().map(|row| row[2] / row[3]).fold(0.0, f64::max),
            mean(4),
        );
    }
}
