//! The tasks of all scanners: started, replaced when the configuration changes, stopped. They have a runtime of their own:
//! pages, however many are asked for, stand in nobody's way between a scan and its answer.

use crate::changes::{Change, Changes};
use crate::clock::Clock;
use crate::config::Config;
use crate::intake::Intake;
use crate::scanner::{self, Gauge, Outlets, Plugs, Presence, Source};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Handle, Runtime};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How long a source may take to hand over its last scans.
const SOURCE_ENDS: Duration = Duration::from_secs(4);

pub(super) struct Sources {
    /// There until it is dropped.
    runtime: Option<Runtime>,
    on: Handle,
    outlets: Outlets,
    running: HashMap<String, Running>,
    order: Vec<String>,
}

struct Running {
    source: Source,
    gauge: Arc<Gauge>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Sources {
    pub(super) fn new(
        intake: Intake,
        changes: Changes,
        clock: Clock,
        in_flight_max: usize,
    ) -> std::io::Result<Sources> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("scanners")
            .enable_all()
            .build()?;
        let outlets = Outlets {
            record: Arc::new(move |reading| intake.take(reading)),
            changed: Arc::new(move || changes.announce(Change::Scanners)),
            clock,
            plugs: Plugs::listen(),
            in_flight_max,
        };
        let on = runtime.handle().clone();
        Ok(Sources { runtime: Some(runtime), on, outlets, running: HashMap::new(), order: Vec::new() })
    }

    /// Starts, replaces and stops tasks until they are those of `config`; what did not change is not disturbed.
    pub(super) async fn apply(&mut self, config: &Config) {
        let wanted: Vec<(String, Source)> = config
            .stations
            .iter()
            .flat_map(|station| station.sources.iter().map(|source| (station.name.clone(), source.clone())))
            .collect();
        self.order = wanted.iter().map(|(_, source)| source.name.clone()).collect();
        // First let go of devices, then open them: a device may have moved from one source to another.
        let stays = |name: &String, running: &Running| {
            wanted.iter().any(|(station, source)| {
                source.name == *name && *source == running.source && *station == running.gauge.station
            })
        };
        let ending: Vec<_> =
            self.running.extract_if(|name, running| !stays(name, running)).map(|(_, gone)| gone).collect();
        end(ending).await;
        for (station, source) in wanted {
            if !self.running.contains_key(&source.name) {
                let running = self.start(station, source);
                self.running.insert(running.source.name.clone(), running);
            }
        }
    }

    fn start(&self, station: String, source: Source) -> Running {
        let now = self.outlets.clock.now();
        let gauge = Arc::new(Gauge::new(&source, station, now));
        let stop = CancellationToken::new();
        let run =
            scanner::run(source.clone(), Arc::clone(&gauge), self.outlets.clone(), salt(), stop.clone());
        let task = self.on.spawn(run);
        Running { source, gauge, stop, task }
    }

    /// All gauges in the order of the configuration.
    pub(super) fn gauges(&self) -> Vec<Arc<Gauge>> {
        self.order
            .iter()
            .filter_map(|name| self.running.get(name))
            .map(|running| Arc::clone(&running.gauge))
            .collect()
    }

    /// How many sources are up, of how many.
    pub(super) fn up(&self) -> (usize, usize) {
        let up =
            self.running.values().filter(|running| running.gauge.read().presence == Presence::Up).count();
        (up, self.running.len())
    }

    /// A source whose loop has not turned for longer than `longest`, or whose task has ended.
    pub(super) fn silent_longer_than(&self, longest: Duration, now: Duration) -> Option<&str> {
        let hangs =
            |running: &&Running| running.task.is_finished() || running.gauge.silent_for(now) > longest;
        self.running.values().find(hangs).map(|running| running.source.name.as_str())
    }

    pub(super) async fn stop(mut self) {
        end(std::mem::take(&mut self.running).into_values().collect()).await;
    }
}

impl Drop for Sources {
    fn drop(&mut self) {
        // A device that drains for half a minute holds nobody up.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Stops tasks side by side and waits for them.
async fn end(ending: Vec<Running>) {
    ending.iter().for_each(|running| running.stop.cancel());
    for running in ending {
        let name = running.source.name;
        if tokio::time::timeout(SOURCE_ENDS, running.task).await.is_err() {
            tracing::warn!(source = name, "scanner did not let go of its device in time");
        }
    }
}

/// Sets the ids of this run of a source apart from those of any other.
fn salt() -> u64 {
    getrandom::u64().unwrap_or_else(|error| {
        tracing::warn!(%error, "no random numbers; scan ids are told apart by process and time");
        u64::from(std::process::id())
    })
}
