//! `outguide import`: a list goes in, and what became of it is told.

use super::{Bar, FOUND, naming, say, say_error};
use crate::cli;
use anyhow::{Context, Result};
use outguide::clock::Clock;
use outguide::config::Config;
use outguide::import::{
    DateOrder, ImportError, ImportReport, Kind, List, Mapping, Outcome, Progress, Stage, Tolerance,
};
use outguide::store::{Importer, Place};
use std::path::Path;
use std::process::ExitCode;

/// Imports a list as the command line says.
pub(super) fn import(args: &cli::Import) -> Result<ExitCode> {
    let config = Config::load(&args.config.config)?;
    let list = list(args)?;
    let place = Place::new(&config.data_dir);
    let named = |error: anyhow::Error| naming(&place.db(), error);
    let now = Clock::system().now();
    let importer = Importer::open(&place, now, args.dry_run).map_err(|error| named(error.into()))?;
    let mut bar = Bar::new("importing");
    let report = list.import(importer, &mut |step| show(&mut bar, step));
    bar.end();
    let report = report.map_err(|error| named(error.into()))?;
    tell(&report, &args.file);
    let is_good = report.refused == 0 && report.outcome != Outcome::Stopped;
    Ok(if is_good { ExitCode::SUCCESS } else { ExitCode::from(FOUND) })
}

fn list(args: &cli::Import) -> Result<List> {
    let kind = match args.kind {
        cli::ImportKind::Charts => Kind::Charts,
        cli::ImportKind::Custodians => Kind::Custodians,
        cli::ImportKind::People => Kind::People,
        cli::ImportKind::Patients => Kind::Patients,
    };
    let mapping = args.map.as_deref().map(mapping).transpose()?.unwrap_or_default();
    let dates = args.dates.map(|order| match order {
        cli::Dates::Dmy => DateOrder::DayFirst,
        cli::Dates::Mdy => DateOrder::MonthFirst,
    });
    let tolerance = if args.keep_going { Tolerance::Any } else { Tolerance::Tenth };
    let encoding = args.encoding.clone();
    let own_labels = args.own_labels;
    Ok(List { mapping, dates, tolerance, encoding, own_labels, ..List::new(kind, &args.file) })
}

/// Pairs on the command line, or a file of them.
fn mapping(told: &str) -> Result<Mapping> {
    let is_file = !told.contains('=') || Path::new(told).is_file();
    let text = if is_file {
        std::fs::read_to_string(told).with_context(|| format!("the mapping {told} cannot be read"))?
    } else {
        told.to_owned()
    };
    Ok(Mapping::parse(&text).map_err(ImportError::Option)?)
}

fn show(bar: &mut Bar, step: Progress) {
    let said = match (step.stage, step.on_file) {
        (Stage::Reading, _) => format!("{} lines looked through", step.lines),
        (Stage::Taking, 0) => format!("{} lines taken", step.lines),
        (Stage::Taking, on_file) => format!("{} lines taken, {on_file} were on file", step.lines),
    };
    bar.show(step.done, step.of, &said);
}

fn tell(report: &ImportReport, file: &Path) {
    say_error(&format!("encoding: {}; columns are separated by {}", report.encoding, report.separator));
    for (column, field) in &report.read_as {
        say_error(&format!("column `{column}` is read as {field}"));
    }
    for column in &report.ignored_columns {
        say_error(&format!("column `{column}` is not used"));
    }
    for (line, reason) in &report.bad {
        say_error(&format!("{}:{line}: {reason}", file.display()));
    }
    let listed = u64::try_from(report.bad.len()).unwrap_or(u64::MAX);
    if report.refused > listed {
        say_error(&format!("{} bad lines in all", report.refused));
    }
    if report.outranked > 0 {
        let count = report.outranked;
        say_error(&format!("{count} lines name another location than a later scan; the scan counts"));
    }
    let ImportReport { lines, added, changed, unchanged, refused, .. } = report;
    let word = if *lines == 1 { "line" } else { "lines" };
    let counts =
        format!("{lines} {word}: {added} added, {changed} changed, {unchanged} unchanged, {refused} refused");
    match report.outcome {
        Outcome::Kept => say(&counts),
        Outcome::Undone => say(&format!("dry run, nothing kept: {counts}")),
        Outcome::Stopped => say(&format!(
            "stopped, nothing kept: {refused} of {lines} lines are bad, more than a tenth; correct the list or the \
             mapping, or take the good lines with --keep-going"
        )),
    }
}
