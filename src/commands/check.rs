//! `outguide check`: prints what is there, and what would stand in the way.

use super::{FOUND, say};
use anyhow::Result;
use outguide::config::{Config, Notices};
use outguide::mail::{Transport, templates};
use outguide::notice::{Takes, Templates, To};
use outguide::scanner::{self, Trouble};
use outguide::store::{self, Place};
use std::path::Path;
use std::process::ExitCode;

pub(super) fn check(file: &Path) -> Result<ExitCode> {
    let config = Config::load(file)?;
    let scanners: usize = config.stations.iter().map(|station| station.sources.len()).sum();
    say(&format!(
        "configuration  ok: {}; stations: {}; scanners: {scanners}; pages at http://{}/",
        file.display(),
        config.stations.len(),
        config.listen
    ));
    if let Some(advice) = config.advice() {
        say(&format!("configuration  LOOK: {advice}"));
    }
    let database = check_database(&config);
    let devices = check_devices(&config);
    let notices = check_notices(&config);
    Ok(if database && devices && notices { ExitCode::SUCCESS } else { ExitCode::from(FOUND) })
}

fn check_database(config: &Config) -> bool {
    let place = Place::new(&config.data_dir);
    let db = place.db();
    match store::glance(&place) {
        Ok(None) => {
            say(&format!("database       none yet: {} is made at the first start", db.display()));
            true
        }
        Ok(Some(seen)) => {
            let running =
                seen.held_by.as_ref().map_or(String::new(), |pid| format!(", in use by process {pid}"));
            say(&format!(
                "database       ok: {}, schema {}, {} volumes, {} movements{running}",
                db.display(),
                seen.schema_version,
                seen.volumes,
                seen.movements
            ));
            for step in config.notices.rules.ladder.steps() {
                if let To::Custodian(code) = &step.to
                    && !seen.custodians.contains(code)
                {
                    say(&format!(
                        "notices        step {}: custodian {code} is not on file; import it, or nobody gets this step",
                        step.name
                    ));
                }
            }
            for station in &config.stations {
                if !seen.custodians.contains(&station.custodian) {
                    say(&format!(
                        "station        {}: custodian {} is not on file; import it, or it is made with the station's title",
                        station.name, station.custodian
                    ));
                }
            }
            true
        }
        Err(error) => {
            let cause = std::error::Error::source(&error).map_or(String::new(), |cause| format!(": {cause}"));
            say(&format!("database       FAULT: {}: {error}{cause}", db.display()));
            false
        }
    }
}

/// What the ladder will do, in words, and whether the templates can be used.
fn check_notices(config: &Config) -> bool {
    let Notices { rules, templates: directory, mail, webhook, .. } = &config.notices;
    let steps = rules.ladder.words();
    if steps.is_empty() {
        say("notices        none: there is no [[notices.step]], so nobody is asked for an overdue chart");
    }
    for (number, step) in (1..).zip(&steps) {
        say(&format!("notices        step {number}, {step}"));
    }
    let way = match mail {
        None => "printed slips, no mail".to_owned(),
        Some((Transport::Smtp(smtp), sender)) => {
            format!("mail from {} by {} port {}", sender.from, smtp.server, smtp.port)
        }
        Some((Transport::File(directory), _)) => format!("files in {}", directory.display()),
        Some((Transport::Played(_), _)) => "played".to_owned(),
    };
    if !steps.is_empty() {
        say(&format!("notices        go out as {way}; slips for custodians without an address"));
    }
    if let Some(webhook) = webhook {
        // The path may hold a secret of the receiver.
        let (host, port) = (webhook.address.host(), webhook.address.port());
        let which = match rules.takes {
            Takes::Nothing | Takes::Steps => "of the steps that say so",
            Takes::WithoutMail => "of the steps that say so, and to custodians without a mail address",
            Takes::All => "all, no mail and no slips",
        };
        say(&format!("notices        are posted to {host} port {port}: {which}"));
    }
    let (_, problems) = templates::load(directory, &rules.ladder, &Templates::default());
    for problem in &problems {
        say(&format!("notices        FAULT: {problem}"));
    }
    problems.is_empty()
}

fn check_devices(config: &Config) -> bool {
    let mut sound = true;
    for source in config.stations.iter().flat_map(|station| &station.sources) {
        let device = &source.link;
        let seen = scanner::look(&source.link);
        let (good, words) = match seen {
            None => (true, "ok".to_owned()),
            Some(Trouble::Absent) => (true, "not plugged in (it is looked for all the time)".to_owned()),
            Some(Trouble::Busy { holder: Some(holder) }) if holder.starts_with("outguide ") => {
                (true, format!("in use by {holder}"))
            }
            Some(trouble) => (false, format!("FAULT: {}", scanner::advice(&source.link, &trouble))),
        };
        sound &= good;
        say(&format!("scanner        {}: {device} {words}", source.name));
    }
    sound
}
