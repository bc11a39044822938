//! `outguide simulate`: made-up file rooms in which charts get lost, in temporary directories.

use super::{runtime, say};
use crate::{cli, logging};
use anyhow::{Context, Result, ensure};
use outguide::demo::{Mix, mixes};
use outguide::simulate::{Report, Way, run};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The mixes that come with the program.
const BUILT_IN: &str = include_str!("../../config/simulate.toml");
/// Memory as a file system, where there is one: a simulated room need not outlive a power cut.
const SHARED_MEMORY: &str = "/dev/shm";

pub(super) fn simulate(args: &cli::Simulate, to: cli::Log, level: tracing::Level) -> Result<ExitCode> {
    logging::start(to, level.min(tracing::Level::WARN));
    let text = match &args.errors {
        Some(file) => std::fs::read_to_string(file).with_context(|| file.display().to_string())?,
        None => BUILT_IN.to_owned(),
    };
    let mut mixes = mixes(&text).context("the mixes of errors cannot be used")?;
    if let Some(name) = &args.mix {
        mixes.retain(|known, _| known == name);
        ensure!(
            !mixes.is_empty(),
            "there is no mix {name}; the file's [mix.NAME] tables say which there are"
        );
    }
    if !args.json {
        say(HEADER);
    }
    let runtime = runtime()?;
    for (name, mix) in mixes {
        let dir = Temporary::new()?;
        let report = runtime.block_on(run(&dir.0, args.seed, mix.rates, args.charts, args.days))?;
        say(&if args.json { json(&name, &mix, &report) } else { line(&name, &mix, &report) });
    }
    Ok(ExitCode::SUCCESS)
}

const HEADER: &str = "\
mix          lost  noticed  hours  false  searches   in the first 1/3/5 places, minutes of a search
             that  in time  to     cases             plan              last known        paper             random
             mattered       case   /1000/month";

fn line(name: &str, mix: &Mix, report: &Report) -> String {
    let way = |way| {
        let tally = report.ways.get(&way).cloned().unwrap_or_default();
        let share = |count| format!("{:.0}", tally.share(count) * 100.0);
        format!(
            "{:>3}/{:>3}/{:>3} {:>4.0}",
            share(tally.first),
            share(tally.third),
            share(tally.fifth),
            tally.minutes_each()
        )
    };
    let searches = report.ways.get(&Way::Plan).map_or(0, |plan| plan.searches);
    format!(
        "{:<12} {:>4} {:>6.0} % {:>6.1} {:>6.1} {:>9}   {}  {}  {}  {}",
        if mix.held_out { format!("{name}*") } else { name.to_owned() },
        report.mattered,
        report.noticed() * 100.0,
        report.median_hours(),
        report.false_per_month(),
        searches,
        way(Way::Plan),
        way(Way::LastKnown),
        way(Way::Paper),
        way(Way::Random)
    )
}

fn json(name: &str, mix: &Mix, report: &Report) -> String {
    serde_json::json!({ "mix": name, "held_out": mix.held_out, "errors": mix.rates, "report": report })
        .to_string()
}

/// A directory of our own that goes away.
struct Temporary(PathBuf);

impl Temporary {
    fn new() -> Result<Temporary> {
        let memory = Path::new(SHARED_MEMORY);
        let parent = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let dir = parent.join(format!("outguide-simulate-{}", std::process::id()));
        std::fs::create_dir(&dir).with_context(|| format!("{} cannot be made", dir.display()))?;
        Ok(Temporary(dir))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            super::say_error(&format!("{} could not be removed: {error}", self.0.display()));
        }
    }
}
