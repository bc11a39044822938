//! What a start does before scanners and pages: the database, the first account, and what looks again and again.

use super::{DaemonError, archive, backups, control, missing, notices, owed, quiet, stations};
use crate::clock::Clock;
use crate::config::Config;
use crate::secret;
use crate::store::{Numbered, Options, Place, Store, StoreThread, prepare_archive};
use crate::web::{self, App};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Opens the database and tells it what the configuration says about the room.
pub(super) async fn open(
    config: &Config,
    clock: &Clock,
) -> Result<(Store, StoreThread, Numbered), DaemonError> {
    let options = Options {
        place: Place::new(&config.data_dir),
        queue: config.limits.scan_queue,
        readers: config.limits.readers,
    };
    if config.archive_after.is_some() {
        prepare_archive(&options.place)?;
    }
    let (store, store_thread) = Store::open(&options, clock)?;
    tracing::info!(db = %options.place.db().display(), "database open");
    crate::backups::remove_broken_off(&options.place, config.backup.as_ref());
    store.set_due_back(config.calendar.clone(), config.due).map_err(DaemonError::Stations)?;
    store.set_missing_rules(config.missing).await.map_err(DaemonError::Stations)?;
    let numbered = store.set_stations(stations(config)).await.map_err(DaemonError::Stations)?;
    for code in &numbered.custodians_made {
        tracing::warn!(
            custodian = code,
            "custodian was not on file and has been made; import it to give it a name"
        );
    }
    Ok((store, store_thread, numbered))
}

/// Begins what backs the database up, and moves what is old out of it, until `stop`.
pub(super) fn keep_data(app: &App, config: &Config, stop: &CancellationToken) {
    let place = Place::new(&config.data_dir);
    if let Some(after) = config.archive_after {
        drop(tokio::spawn(archive::watch(app.clone(), place.clone(), after, stop.clone())));
    }
    drop(tokio::spawn(backups::watch(app.clone(), place, stop.clone())));
}

/// Begins what looks again and again for what is owed, until `stop`.
pub(super) fn look_after(
    app: &App,
    gauges: &control::Gauges,
    post: &notices::InForce,
    stop: &CancellationToken,
) {
    drop(tokio::spawn(web::print_wanted(app.clone(), stop.clone())));
    drop(tokio::spawn(owed::watch(app.clone(), stop.clone())));
    drop(tokio::spawn(quiet::watch(app.clone(), Arc::clone(gauges), stop.clone())));
    drop(tokio::spawn(notices::run(Arc::clone(post), stop.clone())));
    drop(tokio::spawn(missing::watch(app.clone(), stop.clone())));
}

/// While nobody has an account, a code in the log makes the first administrator: who reads the log has the machine.
pub(super) async fn offer_first_account(app: &App) -> Result<(), DaemonError> {
    if app.store.has_accounts().await? {
        return Ok(());
    }
    let code = secret::draw_code()?;
    app.door.set_first_code(secret::hash_of_code(&code));
    tracing::warn!("nobody has an account yet: the one-time code {code} makes the administrator, at /first");
    Ok(())
}
