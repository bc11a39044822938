//! The table at the end, and whether everything in it is as it must be.

use crate::log::Damaged;
use crate::power::Tally;
use crate::tamper::Found;
use std::process::ExitCode;

/// What was injected, and what came of it.
pub(crate) struct Table {
    started: std::time::Instant,
    failures: Vec<String>,
    notes: Vec<String>,
    checks: usize,
    states: usize,
    controls: (usize, usize),
}

#[expect(clippy::print_stdout, reason = "the table is what the program is for")]
fn say(line: &str) {
    println!("{line}");
}

impl Table {
    pub(crate) fn new() -> Table {
        say(&format!(
            "{:<48} {:>9} {:>9} {:>12} {:>6} {:>8} {:>8}",
            "", "injected", "survived", "row checks", "lost", "altered", "doubled"
        ));
        Table {
            started: std::time::Instant::now(),
            failures: Vec::new(),
            notes: Vec::new(),
            checks: 0,
            states: 0,
            controls: (0, 0),
        }
    }

    /// Faults after which everything must be there.
    pub(crate) fn survives(&mut self, name: &str, tally: &Tally) {
        let Tally { states: injected, checks, lost, altered, doubled, unsound, .. } = tally;
        let survived = injected - unsound;
        say(&format!(
            "{name:<48} {injected:>9} {survived:>9} {checks:>12} {lost:>6} {altered:>8} {doubled:>8}"
        ));
        self.checks += checks;
        self.states += injected;
        self.expect(*injected > 0, &format!("{name}: nothing was injected"));
        if let Some(first) = &tally.first {
            self.failures.push(format!("{name}: {unsound} of {injected} are not sound; the first: {first}"));
        }
    }

    /// A broken promise that has to be seen.
    pub(crate) fn is_caught(
        &mut self,
        name: &str,
        injected: usize,
        caught: usize,
        lost: usize,
        doubled: usize,
    ) {
        let seen = if caught > 0 { "caught" } else { "MISSED" };
        say(&format!("{name:<48} {injected:>9} {seen:>9} {caught:>12} {lost:>6} {:>8} {doubled:>8}", ""));
        self.controls.1 += 1;
        self.controls.0 += usize::from(caught > 0);
        self.expect(caught > 0, &format!("{name} was not caught: these checks cannot fail"));
    }

    /// What a simulation has to say.
    pub(crate) fn plays(&mut self, line: &str) {
        say(line);
    }

    /// Changes that are named, or change nothing.
    pub(crate) fn finds(&mut self, name: &str, found: &Found) {
        let Found { changes, named, harmless, silent, silent_lists, .. } = found;
        say(&format!("{name:<48} {changes:>9} {named:>9} {:>12} {:>6} {silent:>8} {:>8}", "", "", ""));
        let lists = if *silent_lists > 0 {
            format!("; {silent_lists} changed a name, number or label of the lists, which no chain covers")
        } else {
            String::new()
        };
        self.notes.push(format!("{name}: {named} named, {harmless} in bytes that say nothing{lists}"));
        if *silent > 0 {
            self.failures
                .push(format!("{name}: {silent} of {changes} are not found; the first: {:?}", found.first));
        }
    }

    /// Damaged logs: put right, told, or what a power cut leaves.
    pub(crate) fn tells(&mut self, name: &str, damaged: &Damaged) {
        let Damaged { changes, mended, told, harmless, as_by_power, verified, silent, .. } = damaged;
        let survived = mended + harmless;
        say(&format!("{name:<48} {changes:>9} {survived:>9} {:>12} {:>6} {silent:>8} {:>8}", "", "", ""));
        self.notes.push(format!(
            "{name}: {mended} put right, {told} told with what is lost, {harmless} harmless, {as_by_power} as a power cut leaves it; verify named {verified} before the start"
        ));
        if *silent > 0 {
            self.failures.push(format!(
                "{name}: {silent} of {changes} are not told; the first: {}",
                damaged.first.as_deref().unwrap_or_default()
            ));
        }
    }

    pub(crate) fn note(&mut self, note: &str) {
        self.notes.push(note.to_owned());
    }

    pub(crate) fn expect(&mut self, is_so: bool, what: &str) {
        if !is_so {
            self.failures.push(what.to_owned());
        }
    }

    /// Says how it went.
    pub(crate) fn end(self) -> ExitCode {
        for note in &self.notes {
            say(note);
        }
        let (caught, controls) = self.controls;
        say(&format!(
            "{} states, {} checks of answered rows, controls caught {caught} of {controls}, {:.0} s",
            self.states,
            self.checks,
            self.started.elapsed().as_secs_f64()
        ));
        for failure in &self.failures {
            say(&format!("FAILED: {failure}"));
        }
        if self.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}
