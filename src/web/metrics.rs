//! The daemon's figures as OpenMetrics text. The registry is made for each answer from what the parts report.
//!
//! Invariant: labels are names from the configuration; nothing of a chart or a patient becomes one.

use super::App;
use crate::scanner::{Gauge as SourceGauge, LineErrors, Presence, SourceHealth};
use crate::store::{FileRoomTotals, WriterHealth};
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

type Labels = [(&'static str, String); 1];

/// The figures now. What the database cannot count at the moment is left out.
///
/// # Errors
/// The text could not be written.
pub(super) async fn text(app: &App) -> Result<String, std::fmt::Error> {
    let mut registry = Registry::with_prefix("outguide");
    registry.register("build", "The program", Info::new([("version", env!("CARGO_PKG_VERSION"))]));
    writer(&mut registry, &app.store.health());
    match app.store.totals().await {
        Ok(totals) => file_room(&mut registry, totals),
        Err(error) => {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "metrics go without the database's counts"
            );
        }
    }
    backups(&mut registry, app);
    sources(&mut registry, app);
    stations(&mut registry, app);
    gauge(
        &mut registry,
        "live_streams",
        "Open streams of live events",
        count(app.changes.listeners() as u64),
    );
    let mut text = String::new();
    encode(&mut text, &registry)?;
    Ok(text)
}

fn writer(registry: &mut Registry, health: &WriterHealth) {
    counter(registry, "scans_recorded", "Scans recorded since start", health.recorded);
    counter(registry, "commits", "Transactions committed since start", health.commits);
    gauge(registry, "database_up", "1 while scans are recorded", i64::from(health.red.is_none()));
    let silent = ConstGauge::new(health.silent_for.as_secs_f64());
    registry.register("recorder_silent_seconds", "Time since the recorder's loop turned", silent);
}

fn file_room(registry: &mut Registry, totals: FileRoomTotals) {
    gauge(registry, "volumes", "Volumes on file", count(totals.volumes));
    gauge(registry, "volumes_away", "Volumes that are not where they belong", count(totals.away));
    gauge(registry, "work_items_open", "Open items of the work list", count(totals.work_items));
    counter(registry, "movements", "Movements ever", totals.movements);
}

fn backups(registry: &mut Registry, app: &App) {
    let (state, now) = (app.backups.state(), app.clock.now());
    if app.backups.plan().is_none() {
        return;
    }
    if let Some(backup) = &state.last_good {
        gauge(
            registry,
            "backup_age_seconds",
            "Age of the newest good backup",
            now.duration_since(backup.at).as_secs(),
        );
        gauge(registry, "backup_bytes", "Size of the newest good backup", count(backup.bytes));
    }
    gauge(registry, "backups", "Good backups", count(state.count as u64));
    gauge(
        registry,
        "backup_late",
        "1 while the newest good backup is older than it should be",
        i64::from(app.backups.is_late(now)),
    );
    gauge(
        registry,
        "backup_failed",
        "1 while the last try to make one has failed",
        i64::from(state.failed.is_some()),
    );
}

fn sources(registry: &mut Registry, app: &App) {
    let site = app.site();
    let mut counted = |name: &str, help: &str, figure: fn(&SourceHealth) -> u64| {
        let family = Family::<Labels, Counter>::default();
        for gauge in &site.gauges {
            family.get_or_create(&labels(gauge)).inc_by(figure(&gauge.read()));
        }
        registry.register(name, help, family);
    };
    counted("source_frames", "Good frames", |health| health.frames);
    counted("source_rejected", "Frames refused for their form", |health| health.rejected);
    counted("source_not_recorded", "Scans that did not get onto the disk", |health| health.not_recorded);
    counted("source_hang_ups", "Times the device went away", |health| health.hang_ups);
    counted("source_answers_dropped", "Answers the scanner did not take", |health| health.answers_dropped);
    counted(
        "source_line_errors",
        "Errors the serial driver counted since the scanner was plugged in",
        |health| health.line_errors.map_or(0, LineErrors::sum),
    );
    let up = Family::<Labels, Gauge>::default();
    for gauge in &site.gauges {
        let is_up = gauge.read().presence == Presence::Up;
        up.get_or_create(&labels(gauge)).set(i64::from(is_up));
    }
    registry.register("source_up", "1 while the scanner can deliver", up);
    let concerns = Family::<Labels, Gauge>::default();
    for gauge in &site.gauges {
        concerns.get_or_create(&labels(gauge)).set(count(gauge.read().concerns().len() as u64));
    }
    registry.register(
        "source_concerns",
        "Things that are not well with a scanner that is plugged in",
        concerns,
    );
}

fn stations(registry: &mut Registry, app: &App) {
    let lost = Family::<Labels, Gauge>::default();
    for station in &app.site().stations {
        let scans = app.intake.lost(&station.name).map_or(0, |lost| lost.count);
        lost.get_or_create(&[("station", station.name.clone())]).set(count(scans));
    }
    registry.register("station_not_recorded", "Scans in a row that are not on disk", lost);
}

fn labels(gauge: &SourceGauge) -> Labels {
    [("source", gauge.source.clone())]
}

fn counter(registry: &mut Registry, name: &str, help: &str, value: u64) {
    registry.register(name, help, ConstCounter::new(value));
}

fn gauge(registry: &mut Registry, name: &str, help: &str, value: i64) {
    registry.register(name, help, ConstGauge::new(value));
}

fn count(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
