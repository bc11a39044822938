//! Reads the configuration again while everything runs; a bad one changes nothing.

use super::notices::Post;
use super::{Daemon, rules, site, systemd};
use crate::changes::Change;
use crate::config::Config;
use crate::intake::{NETWORK_SOURCE, Settings};
use crate::store::{Numbered, Station};
use std::sync::{Arc, PoisonError};

impl Daemon {
    /// Reads the configuration files again and puts in force what can change while running.
    pub(super) async fn reload(&mut self) {
        systemd::reloading();
        match Config::load(&self.config_file) {
            Ok(config) => self.put_in_force(config).await,
            Err(errors) => {
                for error in &errors.0 {
                    tracing::error!("{error}");
                }
                tracing::error!("the new configuration is bad: the old one stays in force");
            }
        }
        systemd::ready();
    }

    async fn put_in_force(&mut self, config: Config) {
        let numbered = match self.app.store.set_stations(stations(&config)).await {
            Ok(numbered) => numbered,
            Err(why) => {
                tracing::error!(%why, "the new stations could not be recorded: the old configuration stays in force");
                return;
            }
        };
        if let Err(why) = self.app.store.set_due_back(config.calendar.clone(), config.due) {
            tracing::error!(%why, "the new calendar is not in force");
        }
        if let Err(why) = self.app.store.set_missing_rules(config.missing).await {
            tracing::error!(%why, "what is settled about missing charts is not in force");
        }
        self.app.intake.set_settings(settings(&config, numbered));
        if let (Some(tls), Some(files)) = (&self.tls, &config.web.tls)
            && let Err(error) = tls.reload(&files.certificate, &files.key)
        {
            let cause = std::error::Error::source(&error).map(ToString::to_string);
            tracing::error!(%error, cause, "the new certificate is bad: the old one stays in force");
        }
        self.app.door.set_rules(rules(&config));
        self.app.backups.set_plan(config.backup.clone());
        self.sources.apply(&config).await;
        let last_good = self.post.lock().unwrap_or_else(PoisonError::into_inner).templates.clone();
        let (post, problems) = Post::new(self.app.store.clone(), &config, &last_good);
        *self.post.lock().unwrap_or_else(PoisonError::into_inner) = post;
        *self.app.site.write().unwrap_or_else(PoisonError::into_inner) =
            Arc::new(site(&config, &self.sources, problems));
        *self.gauges.write().unwrap_or_else(PoisonError::into_inner) = self.sources.gauges();
        for key in self.config.changes_needing_restart(&config) {
            tracing::warn!(key, "this setting takes effect at the next start");
        }
        self.config = config;
        self.app.changes.announce(Change::Configuration);
        tracing::info!("the configuration was read again and is in force");
    }
}

/// The stations as the store wants them; each may also take scans from network clients.
pub(super) fn stations(config: &Config) -> Vec<Station> {
    let describe = |station: &crate::config::Station| Station {
        name: station.name.clone(),
        title: station.title.clone(),
        custodian: station.custodian.clone(),
        kind: station.kind,
        idle: station.idle,
        badge_idle: station.badge_idle,
        prints: station.printer.is_some(),
        double_read_window: station.double_read,
        sources: station
            .sources
            .iter()
            .map(|source| source.name.clone())
            .chain([NETWORK_SOURCE.to_owned()])
            .collect(),
    };
    config.stations.iter().map(describe).collect()
}

/// What readings are read with.
pub(super) fn settings(config: &Config, numbered: Numbered) -> Settings {
    let station_of = config
        .stations
        .iter()
        .flat_map(|station| station.sources.iter().map(|source| (source.name.clone(), station.name.clone())));
    Settings { formats: config.formats.clone(), numbered, station_of: station_of.collect() }
}
