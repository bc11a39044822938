//! `backup`, `restore`, `drill` and `verify`.

use super::{Bar, FOUND, naming, say};
use crate::cli;
use anyhow::{Result, bail};
use outguide::backups::{self, Identities, Recipients, Scratch};
use outguide::clock::Clock;
use outguide::config::Config;
use outguide::store::{self, Place, VerifyReport};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

pub(super) fn verify(file: &Path) -> Result<ExitCode> {
    let config = Config::load(file)?;
    let mut bar = Bar::new("verifying");
    let place = Place::new(&config.data_dir);
    let report = store::verify(&place, &mut |what, row| bar.step(what, row))
        .map_err(|error| naming(&place.db(), error))?;
    bar.end();
    Ok(say_report(&report))
}

fn say_report(report: &VerifyReport) -> ExitCode {
    for finding in &report.findings {
        say(&format!("FOUND: {finding}"));
    }
    let seen = seen(report);
    if report.findings.is_empty() {
        say(&format!("ok: {seen}"));
        return ExitCode::SUCCESS;
    }
    say(&format!(
        "{} findings in {seen}; keep this database, restore the last good backup",
        report.findings.len()
    ));
    ExitCode::from(FOUND)
}

fn seen(report: &VerifyReport) -> String {
    if report.rows.is_empty() {
        return "an older version: the file is sound, and the copy says what the database says".to_owned();
    }
    let rows: Vec<_> = report.rows.iter().map(|(table, rows)| format!("{rows} {table} rows")).collect();
    format!("{}, whereabouts of {} volumes", rows.join(", "), report.volumes)
}

pub(super) fn backup(args: &cli::Backup) -> Result<ExitCode> {
    let config = Config::load(&args.config.config)?;
    let mut recipients = Recipients::default();
    for written in &args.recipients {
        if !recipients.add(written) {
            bail!("{written:?} is no public key; give one that begins with age1, as `age-keygen` prints it");
        }
    }
    let place = Place::new(&config.data_dir);
    let mut bar = Bar::new("backing up");
    let report = if recipients.is_empty() {
        store::backup(&place, &args.file, &mut |what, row| bar.step(what, row))?
    } else {
        if args.file.exists() {
            bail!(
                "{} exists already; choose another name, a backup never overwrites anything",
                args.file.display()
            );
        }
        // In the clear it lies beside the database for a moment, and nowhere else.
        let scratch = Scratch::beside(&place.dir, "backup")?;
        let copy = scratch.path().join("copy.db");
        let report = store::backup(&place, &copy, &mut |what, row| bar.step(what, row))?;
        backups::seal_copy(&copy, &args.file, &recipients)?;
        report
    };
    bar.end();
    let bytes = std::fs::metadata(&args.file).map_or(report.bytes, |metadata| metadata.len());
    let sealed = if recipients.is_empty() { "" } else { ", encrypted" };
    say(&format!("{}: {bytes} bytes, verified{sealed}", args.file.display()));
    Ok(say_report(&report.verified))
}

pub(super) fn restore(args: &cli::Restore) -> Result<ExitCode> {
    let config = Config::load(&args.config.config)?;
    let place = Place::new(&config.data_dir);
    let opened = Opened::new(&args.file, args.identity.as_deref(), &place)?;
    let mut bar = Bar::new("restoring");
    let now = Clock::system().now();
    let report = store::restore(&place, opened.file(), now, &mut |what, row| bar.step(what, row))
        .map_err(|error| naming(&place.db(), error))?;
    bar.end();
    if let Some(aside) = &report.moved_aside {
        say(&format!("the database that was there is now {}", aside.display()));
    }
    say(&format!("{}: restored, {} bytes, verified", report.file.display(), report.bytes));
    Ok(say_report(&report.verified))
}

pub(super) fn drill(args: &cli::Drill) -> Result<ExitCode> {
    let config = Config::load(&args.config.config)?;
    let clock = Clock::system();
    let (began, now) = (clock.elapsed(), clock.now());
    let file = match (&args.file, &config.backup) {
        (Some(file), _) => file.clone(),
        (None, None) => bail!("the configuration has no [backup]; name the backup: `outguide drill FILE`"),
        (None, Some(plan)) => match backups::newest(&plan.directory).0 {
            Some(backup) => backup.file,
            None => {
                say(&format!(
                    "FOUND: there is no good backup in {}; the page /backups and the log say why",
                    plan.directory.display()
                ));
                return Ok(ExitCode::from(FOUND));
            }
        },
    };
    let place = Place::new(&config.data_dir);
    let opened = Opened::new(&file, args.identity.as_deref(), &place)?;
    let scratch = Scratch::beside(&place.dir, "drill")?;
    let mut bar = Bar::new("restoring");
    let proven = store::drill(opened.file(), &scratch.path().join("restored"), now, &mut |what, row| {
        bar.step(what, row)
    });
    bar.end();
    let proven = match proven {
        Ok(proven) => proven,
        Err(error) => {
            let cause = std::error::Error::source(&error).map_or(String::new(), |cause| format!(": {cause}"));
            say(&format!("FOUND: {} is not a good backup: {error}{cause}", file.display()));
            return Ok(ExitCode::from(FOUND));
        }
    };
    let took = clock.elapsed().saturating_sub(began);
    let made = file.file_name().and_then(|name| backups::named_at(name.to_str()?));
    if let Some(made) = made {
        let hours = now.duration_since(made).as_hours();
        say(&format!("backup       {}, made {made}, {hours} hours ago", file.display()));
    } else {
        say(&format!("backup       {}", file.display()));
    }
    if let Some(newest) = proven.newest_scan {
        say(&format!("newest scan  {newest}; what was scanned later is not in it"));
    }
    for (table, no, hash) in &proven.heads {
        say(&format!("{table:<12} ends with row {no}, hash {}", hash.get(..16).unwrap_or(hash)));
    }
    let sealed = if opened.is_sealed() { "decrypted, " } else { "" };
    say(&format!(
        "{sealed}restored and verified in {:.1} s, {} bytes",
        took.as_secs_f64(),
        proven.restored.bytes
    ));
    Ok(say_report(&proven.restored.verified))
}

/// A backup that can be read: itself, or what is in it if it is sealed.
struct Opened {
    file: PathBuf,
    scratch: Option<Scratch>,
}

impl Opened {
    fn new(file: &Path, identity: Option<&Path>, place: &Place) -> Result<Opened> {
        if !backups::is_sealed(file) {
            return Ok(Opened { file: file.to_owned(), scratch: None });
        }
        let Some(identity) = identity else {
            bail!("{} is encrypted; give the identity that opens it: `--identity FILE`", file.display());
        };
        let identities = Identities::read(identity)?;
        let scratch = Scratch::beside(&place.dir, "opened")?;
        let opened = scratch.path().join("opened.db");
        backups::unseal_to(file, &opened, Some(&identities))?;
        Ok(Opened { file: opened, scratch: Some(scratch) })
    }

    fn file(&self) -> &Path {
        &self.file
    }

    fn is_sealed(&self) -> bool {
        self.scratch.is_some()
    }
}
