//! `outguide check`: prints what is there, and what would stand in the way.

use super::{FOUND, say};
use anyhow::Result;
use outguide::config::Config;
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
    Ok(if database && devices { ExitCode::SUCCESS } else { ExitCode::from(FOUND) })
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
